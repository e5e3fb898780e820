package locale

import (
	"fmt"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode/utf8"
)

// pluralName is the filter that chooses between two texts by a number:
// {{.cliente.pagos_restantes | plural "queda # pago" "quedan # pagos"}}. The
// number stands where # does. Spanish and English both have one form for 1 and
// one for all else (Unicode CLDR, plural rules, integers below a million).
const pluralName = "plural"

func plural(one, many string, v any) (string, error) {
	n, ok := v.(int)
	if !ok {
		return "", fmt.Errorf("expected a whole number, not %T", v)
	}
	text := many
	if n == 1 {
		text = one
	}
	return strings.ReplaceAll(text, "#", strconv.Itoa(n)), nil
}

// plural reads the arguments of the filter: its name and two texts.
func (u Use) plural(args []parse.Node) (Use, bool) {
	name, ok := args[0].(*parse.IdentifierNode)
	one, isOne := args[1].(*parse.StringNode)
	many, isMany := args[2].(*parse.StringNode)
	if !ok || !isOne || !isMany || name.Ident != pluralName {
		return Use{}, false
	}
	u.Filter, u.one, u.many = pluralName, one.Text, many.Text
	return u, true
}

// longest is the longer of the two texts, with the longest number.
func (u Use) longest() string {
	one, many := strings.ReplaceAll(u.one, "#", "1"), strings.ReplaceAll(u.many, "#", countWidest)
	if utf8.RuneCountInString(one) > utf8.RuneCountInString(many) {
		return one
	}
	return many
}

// inEnglish writes the month of a date in English.
func inEnglish(format func(any) (string, error)) func(any) (string, error) {
	months := strings.NewReplacer("ene", "Jan", "feb", "Feb", "mar", "Mar", "abr", "Apr", "may", "May", "jun", "Jun",
		"jul", "Jul", "ago", "Aug", "sep", "Sep", "oct", "Oct", "nov", "Nov", "dic", "Dec")
	return func(v any) (string, error) {
		s, err := format(v)
		return months.Replace(s), err
	}
}
