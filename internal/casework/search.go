package casework

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"valebot/internal/mexid"
	"valebot/internal/money"
)

// Query is what somebody looks for, told apart by how it is written. At most one
// field is set; the zero value looks for nothing.
type Query struct {
	Phone  string       // E.164
	Tail   string       // the last digits of a phone, 4 to 9
	Folio  string       // V-00017, Q-…, S-… or R-…
	Amount money.Amount // centavos
	Words  []string     // of a name, lower case and without accents; at most five
}

// Empty reports a query that looks for nothing.
func (q Query) Empty() bool {
	return q.Phone == "" && q.Tail == "" && q.Folio == "" && q.Amount == 0 && len(q.Words) == 0
}

// Kind names the query for the audit, which must not repeat what was looked for.
func (q Query) Kind() string {
	switch {
	case q.Phone != "", q.Tail != "":
		return "teléfono"
	case q.Folio != "":
		return "folio"
	case q.Amount != 0:
		return "monto"
	}
	return "nombre"
}

var (
	folioForm = regexp.MustCompile(`^([VvQqSsRr])-? ?([0-9]{1,9})$`)
	tailForm  = regexp.MustCompile(`^[0-9]{4,9}$`)
)

// maxQuery is the longest that is looked for, in bytes.
const maxQuery = 100

// ParseQuery reads what was typed into the search box: a phone, its last digits,
// a folio, an amount after a $, or parts of a name.
func ParseQuery(raw string) Query {
	text := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(raw[:min(len(raw), maxQuery)], ""), "\x00", ""))
	if m := folioForm.FindStringSubmatch(text); m != nil {
		digits := m[2]
		if len(digits) < 5 {
			digits = strings.Repeat("0", 5-len(digits)) + digits
		}
		return Query{Folio: strings.ToUpper(m[1]) + "-" + digits}
	}
	if strings.HasPrefix(text, "$") {
		if m, err := money.Parse(text); err == nil && m > 0 {
			return Query{Amount: m}
		}
		return Query{}
	}
	if digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(text); digits != "" && strings.Trim(digits, "+0123456789") == "" {
		if phone, err := mexid.ParsePhone(digits); err == nil {
			return Query{Phone: string(phone)}
		}
		if tailForm.MatchString(digits) {
			return Query{Tail: digits}
		}
		return Query{}
	}
	return Query{Words: wordsOf(text)}
}

// maxWords bounds how many parts of a name count.
const maxWords = 5

// wordsOf are the words of a name that are long enough to find somebody by.
func wordsOf(text string) []string {
	var out []string
	for _, w := range strings.Fields(plain.Replace(strings.ToLower(text))) {
		if w = strings.Trim(w, "%_\\.,;:*"); utf8.RuneCountInString(w) >= 2 && len(out) < maxWords {
			out = append(out, strings.NewReplacer("%", "", "_", "", `\`, "").Replace(w))
		}
	}
	return out
}

// plain takes the accents that people leave out. The database does the same to names.
var plain = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")

// Hit is one thing that was found.
type Hit struct {
	What  string    // what it is: Persona, Vale, Queja …
	Title string    // "Ana Ruiz", "V-00017"
	Note  string    // what tells it from others
	Case  uuid.UUID // its chat; uuid.Nil if there is none
	Link  string    // page of its own; "" if its chat is the place
}
