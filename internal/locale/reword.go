package locale

import "strings"

// Rewording is a word that cannot be written rightly in the alphabet of SMS, and
// what can be said instead within it.
type Rewording struct {
	Word string   `json:"word"` // as the text has it, in lower case
	Say  []string `json:"say"`
}

// rewordings are the words of the trade that carry á, í, ó or ú, with others
// that do not. Dropping the accent would look careless; saying it otherwise
// costs nothing.
func rewordings() map[string][]string {
	return map[string][]string{
		"autorizó": {"ha autorizado"}, "código": {"clave"}, "códigos": {"claves"}, "depósito": {"transferencia"}, "depósitos": {"transferencias"},
		"línea": {"saldo disponible"}, "razón": {"motivo"}, "dígitos": {"cifras"}, "dígito": {"cifra"}, "día": {"fecha"}, "días": {"fechas"},
		"más": {"otra vez", "también"}, "está": {"sigue", "se encuentra"}, "cuánto": {"elige"}, "cuándo": {"¿para qué fecha?"},
		"número": {"celular"}, "números": {"cifras"}, "aquí": {""},
	}
}

// Reword returns what to say instead of the words of a text that the alphabet of
// SMS cannot write, in the order of the text and each once. An empty string in
// Say means that the word is best left out.
func Reword(text string) []Rewording {
	known := rewordings()
	var out []Rewording
	for _, word := range words(text) {
		say, ok := known[strings.ToLower(word)]
		if !ok {
			continue
		}
		delete(known, strings.ToLower(word))
		out = append(out, Rewording{Word: strings.ToLower(word), Say: say})
	}
	return out
}
