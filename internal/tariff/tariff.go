// Package tariff reads what providers ask for a message: prices by channel,
// category and day.
//
// A price is a whole number of micropesos (a ten-thousandth of a centavo), since
// providers quote parts of a centavo and a million messages must add up exactly.
// It says nothing of what was billed: what a message cost is frozen when its
// provider takes it. Callers may not assume that there is a price for each day.
package tariff

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

// Micropesos is an amount in millionths of a peso: centavos with four decimals.
// In JSON and SQL it is the integer.
type Micropesos int64

// Peso is one peso in micropesos.
const Peso Micropesos = 1_000_000

// maxPrice is the most that a message may cost; more is a slip of the decimal point.
const maxPrice = 100 * Peso

// decimals are how many digits of a peso a Micropesos holds.
const decimals = 6

// ErrPrice is what ParsePrice returns for what is no price.
var ErrPrice = errors.New("no es un precio en pesos de 0 a 100, con seis decimales a lo más")

// ParsePrice reads pesos with up to six decimals, "0.85" or "0.008500", from 0
// to 100. More decimals are refused, since rounding a contract would be guessing.
func ParsePrice(s string) (Micropesos, error) {
	whole, part, dotted := strings.Cut(s, ".")
	if !digits(whole) || len(whole) > 3 || dotted && (!digits(part) || len(part) > decimals) {
		return 0, ErrPrice
	}
	n, err := strconv.ParseInt(whole+(part + strings.Repeat("0", decimals))[:decimals], 10, 64)
	if err != nil || Micropesos(n) > maxPrice {
		return 0, ErrPrice
	}
	return Micropesos(n), nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// String writes pesos with at least four decimals: "$0.8500", "-$12.345678".
func (m Micropesos) String() string {
	sign, n := "", uint64(m)
	if m < 0 {
		sign, n = "-", -n
	}
	part := fmt.Sprintf("%06d", n%uint64(Peso))
	if rest, ok := strings.CutSuffix(part, "00"); ok {
		part = rest
	}
	return fmt.Sprintf("%s$%d.%s", sign, n/uint64(Peso), part)
}

// Category is what a provider prices by.
type Category string

// The categories: SMS is billed by segment; WhatsApp by message, by the category
// of its template, or as service where it needs none (Meta, "Pricing on the
// WhatsApp Business Platform").
const (
	Segment        Category = "segment"
	Service        Category = "service"
	Utility        Category = "utility"
	Authentication Category = "authentication"
	Marketing      Category = "marketing"
)

// categories lists what a channel is priced by; nil for one that is not priced.
func categories(ch message.Channel) []Category {
	switch ch {
	case message.SMS:
		return []Category{Segment}
	case message.WhatsApp:
		return []Category{Service, Utility, Authentication, Marketing}
	}
	return nil
}

// Price is what one segment or message costs from a day on, until the next price
// of the same channel and category.
type Price struct {
	Channel  message.Channel
	Category Category
	From     quincena.Date // local to the lender: central Mexico
	Each     Micropesos
	Example  bool // a stand-in for the contract's price
}
