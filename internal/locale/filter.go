package locale

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"valebot/internal/gsm7"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// filter turns a value into the words that people read. Widest is the longest
// text that it gives in an SMS, in the alphabet of SMS: the linter counts it.
type filter struct {
	widest string
	format func(v any) (string, error)
}

// Widths of the values that are cut in an SMS so that one segment always holds
// the message. A name that is longer loses its last words first.
const (
	nameWidth = 14
	bankWidth = 14
	linkWidth = 14
)

// filters are all that templates may use. The table is built per call rather
// than kept in a variable that somebody could change.
func filters() map[string]filter {
	return map[string]filter{
		"pesos":      {"$99,999.99", pesos},
		"fecha":      {"30-sep", day},
		"fechahora":  {"30-sep 23:59", moment},
		"nombre":     {strings.Repeat("N", nameWidth), text},
		"banco":      {strings.Repeat("B", 10), bank},
		"ultimos4":   {"9999", last4},
		"lista":      {"4, 6, 8, 12", list},
		"clave":      {"482915637710", text},
		"folio":      {"V-000000", text},
		"palabra":    {"AMIGA-7WMWMW", text},
		"periodo":    {"quincena", text},
		"rastreo":    {"MBAN01002603020001", text},
		"referencia": {"9001123456", text},
		"clabe":      {"646180157000000004", text},
		"liga":       {strings.Repeat("l", linkWidth), text},
	}
}

// Filters returns the names of the filters that templates may use, sorted by
// use in the guide.
func Filters() []string {
	return []string{"pesos", "fecha", "fechahora", "nombre", "banco", "ultimos4", "lista", "clave", "folio", "palabra", "periodo", "rastreo", "referencia", "clabe", "liga", pluralName}
}

// plainWidest is the longest text of a value without a filter, by what it is.
const plainWidest = "999.9%"

// countWidest is the longest number of quincenas or payments.
const countWidest = "24"

func funcs(sms bool, lang string) template.FuncMap {
	out := template.FuncMap{pluralName: plural}
	for name, f := range filters() {
		out[name] = f.format
		if sms && name == "nombre" {
			out[name] = shortened(f.format, nameWidth)
		}
		if sms && name == "banco" {
			out[name] = shortened(f.format, bankWidth)
		}
	}
	if lang != Language {
		out["fecha"], out["fechahora"] = inEnglish(day), inEnglish(moment)
		out["periodo"] = periodInEnglish
	}
	return out
}

// periodInEnglish is how often somebody earns, as the core names it.
func periodInEnglish(v any) (string, error) {
	s, err := text(v)
	switch s {
	case "semana":
		return "week", err
	case "quincena":
		return "fortnight", err
	case "mes":
		return "month", err
	}
	return s, err
}

// shortened keeps as many whole words as fit in width characters.
func shortened(format func(any) (string, error), width int) func(any) (string, error) {
	return func(v any) (string, error) {
		s, err := format(v)
		if err != nil {
			return "", err
		}
		return clip(plainSMS(s), width), nil
	}
}

// plainSMS folds a text and leaves out what the alphabet of SMS has no letter
// for: one emoji in a name would double what its message costs.
func plainSMS(s string) string {
	s = gsm7.Fold(s)
	bad := gsm7.Count(s).Offending
	if len(bad) == 0 {
		return s
	}
	runes := []rune(s)
	for i := len(bad) - 1; i >= 0; i-- {
		runes = append(runes[:bad[i].Pos], runes[bad[i].Pos+1:]...)
	}
	return strings.TrimSpace(string(runes))
}

func clip(s string, width int) string {
	for utf8.RuneCountInString(s) > width {
		cut := strings.LastIndexByte(s, ' ')
		if cut < 0 {
			return string([]rune(s)[:width])
		}
		s = s[:cut]
	}
	return s
}

var errEmpty = errors.New("the value is empty")

func pesos(v any) (string, error) {
	a, ok := v.(money.Amount)
	if !ok {
		return "", fmt.Errorf("expected an amount, not %T", v)
	}
	return a.String(), nil
}

func day(v any) (string, error) {
	switch d := v.(type) {
	case quincena.Date:
		if d.IsZero() {
			return "", errEmpty
		}
		return d.Short(), nil
	case time.Time:
		if d.IsZero() {
			return "", errEmpty
		}
		return quincena.On(d, d.Location()).Short(), nil
	default:
		return "", fmt.Errorf("expected a date, not %T", v)
	}
}

func moment(v any) (string, error) {
	t, ok := v.(time.Time)
	if !ok {
		return "", fmt.Errorf("expected a moment, not %T", v)
	}
	if t.IsZero() {
		return "", errEmpty
	}
	return quincena.On(t, t.Location()).Short() + t.Format(" 15:04"), nil
}

func text(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("expected a text, not %T", v)
	}
	if s == "" {
		return "", errEmpty
	}
	return s, nil
}

// bank takes the name itself or what bank.lookup gives.
func bank(v any) (string, error) {
	if m, ok := v.(map[string]any); ok {
		v = m["nombre"]
	}
	return text(v)
}

func last4(v any) (string, error) {
	s, err := text(v)
	if err != nil {
		return "", err
	}
	return s[max(0, len(s)-4):], nil
}

func list(v any) (string, error) {
	ns, ok := v.([]int)
	if !ok {
		return "", fmt.Errorf("expected a list of numbers, not %T", v)
	}
	if len(ns) == 0 {
		return "", errEmpty
	}
	parts := make([]string, len(ns))
	for i, n := range ns {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ", "), nil
}
