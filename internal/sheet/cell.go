package sheet

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Date reads a day: 2026-03-15, 15/03/2026, 15-mar-2026, or what XLSX keeps, the
// number of days since its epoch. ok is false for anything else: two-digit years
// and months before days are not guessed.
func (c Cell) Date() (d quincena.Date, ok bool) {
	text := strings.ToLower(c.Text)
	if d, err := quincena.ParseDate(text); err == nil {
		return d, true
	}
	for i, month := range [...]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"} {
		text = strings.Replace(text, "-"+month+"-", "/"+strconv.Itoa(i+1)+"/", 1)
	}
	for _, form := range []string{"2/1/2006", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(form, text); err == nil {
			return quincena.On(t, time.UTC), true
		}
	}
	if days, err := strconv.ParseFloat(text, 64); err == nil && c.serial && days >= 1 && days < 110000 {
		epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		if c.since1904 {
			epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return quincena.On(epoch.AddDate(0, 0, int(days)), time.UTC), true
	}
	return quincena.Date{}, false
}

// Amount reads pesos as people write them. A number of XLSX may carry the dust
// of its binary form (487.49999999999994), which is not what anybody wrote; three
// decimals are, and are refused.
func (c Cell) Amount() (money.Amount, bool) {
	text := c.Text
	if exact, err := decimal.NewFromString(text); err == nil && c.serial && len(text) < 40 && exact.Exponent() > -40 && exact.Exponent() < 20 {
		if near := exact.Round(2); near.Sub(exact).Abs().LessThan(decimal.New(1, -6)) {
			text = near.StringFixed(2)
		}
	}
	amount, err := money.Parse(text)
	return amount, err == nil
}

// Int reads a whole number.
func (c Cell) Int() (int, bool) {
	n, err := strconv.Atoi(strings.TrimSuffix(c.Text, ".0"))
	return n, err == nil
}
