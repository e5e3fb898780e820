package flow

import (
	"regexp"
	"strings"

	"github.com/expr-lang/expr/types"
)

var (
	unknownName = regexp.MustCompile(`^unknown (name|field) (\S+)`)
	pathBefore  = regexp.MustCompile(`([a-z_]+)\.$`)
)

// hint says how to mend an expression, where the error tells enough.
func (s *scope) hint(text string, err *exprError) string {
	switch {
	case strings.Contains(err.text, "float64"):
		return "write whole pesos"
	case strings.Contains(err.text, `token Operator("=")`):
		return "to compare write =="
	case strings.Contains(err.text, "mismatched types") && strings.Contains(err.text, "string"):
		return "numbers stand without quotes, and texts within them"
	}
	m := unknownName.FindStringSubmatch(err.text)
	if m == nil {
		return ""
	}
	names := s.names
	if m[1] == "field" {
		before := []rune(text)
		path := pathBefore.FindStringSubmatch(string(before[:min(len(before), max(0, err.offset))]))
		if path == nil {
			return ""
		}
		names, _ = s.names[path[1]].(types.Map)
	}
	return didYouMean(m[2], keysOf(names))
}

// answerWord suggests a kind of answer for one that does not exist, which Spanish
// speakers may have written in Spanish.
func answerWord(word string) string {
	kind, ok := map[string]string{
		"foto": "photo", "texto": "text", "monto": "amount", "fecha": "date", "nacimiento": "birthdate", "telefono": "phone", "celular": "phone",
		"si_no": "yes_no", "sino": "yes_no", "numero": "int", "entero": "int", "opcion": "option", "nip": "pin", "nombre": "name", "plazo": "term",
	}[fold(word)]
	if !ok {
		return didYouMean(word, kinds())
	}
	return `did you mean "` + kind + `"?`
}
