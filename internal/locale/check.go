package locale

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"valebot/internal/gsm7"
	"valebot/internal/source"
)

// Limits of WhatsApp's interactive messages (Cloud API, interactive objects).
const (
	maxButtons   = 3
	buttonWidth  = 20
	maxRows      = 10
	rowWidth     = 24
	maxBodyChars = 1024
)

// check looks at each message alone; what depends on the flows that say it is
// checked with the flows.
func (c *Catalog) check() []source.Problem {
	var ps []source.Problem
	for _, m := range c.all() {
		ps = append(ps, m.checkVariants(c.spanish())...)
		ps = append(ps, m.checkChoices()...)
		if !c.spanish() {
			continue // the words below are Spanish
		}
		for _, v := range m.variants() {
			ps = append(ps, v.checkWords()...)
		}
	}
	return ps
}

func (c *Catalog) spanish() bool { return c.lang == Language }

func (m *Message) checkVariants(spanish bool) []source.Problem {
	var ps []source.Problem
	if m.SMS == nil {
		ps = append(ps, m.Problem("missing-variant", "it has no text for SMS (sms)"))
	} else {
		ps = append(ps, m.SMS.checkSMS(spanish)...)
	}
	if m.WhatsApp == nil {
		ps = append(ps, m.Problem("missing-variant", "it has no text for WhatsApp (wa)"))
	} else if n := utf8.RuneCountInString(m.WhatsApp.Text); n > maxBodyChars {
		ps = append(ps, m.WhatsApp.Problem("wa-length", fmt.Sprintf("%d characters; WhatsApp allows %d", n, maxBodyChars)))
	}
	return ps
}

// checkSMS proves that the text costs one segment even with the longest values.
func (v *Variant) checkSMS(spanish bool) []source.Problem {
	if v.broken {
		return nil
	}
	widest := v.Widest()
	got := gsm7.Count(widest)
	if got.Encoding != gsm7.GSM7 {
		bad := got.Offending[0]
		p := v.Problem("sms-alphabet", fmt.Sprintf("«%c» is not in the alphabet of SMS, so one SMS would hold 70 characters and not 160", bad.Rune))
		p.Suggestion = "say it in other words"
		return []source.Problem{p}
	}
	if got.Segments > 1 {
		return []source.Problem{v.Problem("sms-length", fmt.Sprintf("%d characters with the longest values; one SMS holds 160 (would cost %d)", got.Units, got.Segments))}
	}
	if !spanish {
		return nil
	}
	return v.checkAccents()
}

// Widest returns the SMS text with the longest value in each place.
func (v *Variant) Widest() string {
	all := filters()
	out := v.Text
	for i, u := range v.Uses {
		width := plainWidest
		if f, ok := all[u.Filter]; ok {
			width = f.widest
		} else if u.Filter == pluralName {
			width = u.longest()
		} else if last := u.Path[len(u.Path)-1]; last == "quincenas" || strings.HasPrefix(last, "pagos") {
			width = countWidest
		}
		out = strings.Replace(out, v.literal(i), width, 1)
	}
	return out
}

// literal finds the i-th {{…}} that is still in the text as written.
func (v *Variant) literal(i int) string {
	rest := v.Text
	for ; ; i-- {
		from := strings.Index(rest, "{{")
		to := strings.Index(rest, "}}")
		if from < 0 || to < from {
			return "{{"
		}
		if i == 0 {
			return rest[from : to+2]
		}
		rest = rest[to+2:]
	}
}

// unaccented are words that lose their accent when somebody makes a text fit
// the alphabet of SMS, which makes it look careless. They are reworded instead.
func unaccented() map[string]string {
	return map[string]string{
		"dia": "día", "dias": "días", "codigo": "código", "codigos": "códigos", "deposito": "depósito", "linea": "línea",
		"razon": "razón", "digitos": "dígitos", "digito": "dígito", "aqui": "aquí", "asi": "así", "numero": "número",
		"numeros": "números", "telefono": "teléfono", "credito": "crédito", "prestamo": "préstamo", "adios": "adiós",
		"autorizo": "autorizó", "informacion": "información", "atencion": "atención", "operacion": "operación",
		"segun": "según", "ultimo": "último", "ultimos": "últimos", "ultima": "última", "proximo": "próximo", "proxima": "próxima",
		"tambien": "también", "despues": "después", "ademas": "además", "todavia": "todavía", "facil": "fácil",
		"rapido": "rápido", "minimo": "mínimo", "maximo": "máximo", "pagina": "página", "sabado": "sábado", "miercoles": "miércoles",
		"cancelacion": "cancelación", "direccion": "dirección", "podras": "podrás", "recibiras": "recibirás",
		"manana": "mañana", "ano": "año", "anos": "años", "estan": "están",
		"jovenes": "jóvenes", "situacion": "situación", "aprobacion": "aprobación", "transaccion": "transacción", "devolvio": "devolvió",
		"vencio": "venció", "cancelo": "canceló",
	}
}

func (v *Variant) checkAccents() []source.Problem {
	known := unaccented()
	for _, w := range words(v.Text) {
		if right := known[w]; right != "" {
			p := v.Problem("sms-spelling", fmt.Sprintf("«%s» is missing its accent (%s)", w, right))
			p.Severity, p.Suggestion = source.Warning, "reword it so that it is right within the GSM alphabet"
			return []source.Problem{p}
		}
	}
	return nil
}

func (m *Message) checkChoices() []source.Problem {
	asButtons := !m.list || len(m.Choices) <= maxButtons && m.widestLabel() <= buttonWidth
	kind, code, width, most := "button", "wa-button", buttonWidth, maxButtons
	if !asButtons {
		kind, code, width, most = "row", "wa-list", rowWidth, maxRows
	}
	field := "botones"
	if m.list {
		field = "opciones"
	}
	if len(m.Choices) > most {
		return []source.Problem{m.Problem(code, fmt.Sprintf("%d answers; WhatsApp allows %d %ss", len(m.Choices), most, kind))}
	}
	var ps []source.Problem
	for i, c := range m.Choices {
		n := utf8.RuneCountInString(c.Label)
		if n > 0 && n <= width {
			continue
		}
		ps = append(ps, m.file.At(m.labels[i], code,
			fmt.Sprintf("%s.%s.%s: %s has %d characters; WhatsApp allows %d", m.Key, field, c.ID, kind, n, width)))
	}
	return ps
}

func (m *Message) widestLabel() int {
	widest := 0
	for _, c := range m.Choices {
		widest = max(widest, utf8.RuneCountInString(c.Label))
	}
	return widest
}

// jargon are words of the trade that borrowers do not use, with what to say
// instead.
func jargon() [][2]string {
	return [][2]string{
		{"amortización", "pago"}, {"amortizacion", "pago"}, {"amortizar", "pagar"}, {"devengar", "generar"}, {"devengado", "generado"},
		{"cartera", "pagos"}, {"mora", "atraso"}, {"moratorio", "por atraso"}, {"moratorios", "por atraso"}, {"liquidar", "pagar todo"},
		{"liquidación", "pago total"}, {"acreditado", "cliente"}, {"acreditada", "clienta"}, {"dispersión", "envío"}, {"dispersion", "transferencia"},
		{"gestoría", "ayuda"}, {"gestoria", "ayuda"}, {"gestor", "asesor"}, {"a la brevedad", "una fecha"}, {"favor de", "el verbo solo"},
	}
}

// threats are words that collection rules and our own manners forbid.
func threats() []string {
	return []string{
		"evita cargos", "demanda", "demandar", "embargo", "embargar", "abogado", "abogados", "juicio", "judicial", "cárcel", "carcel",
		"buró de crédito", "buro de credito", "último aviso", "ultimo aviso", "urgente", "inmediatamente", "consecuencias", "legal", "deudor", "deudora", "moroso", "morosa",
	}
}

// checkWords looks for jargon and for words that frighten.
func (v *Variant) checkWords() []source.Problem {
	text := " " + strings.Join(words(v.Text), " ") + " "
	var ps []source.Problem
	for _, j := range jargon() {
		if strings.Contains(text, " "+j[0]+" ") {
			p := v.Problem("jargon", fmt.Sprintf("«%s» is a word of the trade", j[0]))
			p.Severity, p.Suggestion = source.Warning, "say «"+j[1]+"»"
			ps = append(ps, p)
		}
	}
	for _, t := range threats() {
		if strings.Contains(text, " "+t+" ") {
			p := v.Problem("tone", fmt.Sprintf("«%s» frightens or sounds like a threat", t))
			p.Severity, p.Suggestion = source.Warning, "say what happened and offer a way out"
			ps = append(ps, p)
			break
		}
	}
	if shouted := shouting(v.Text); shouted != "" {
		p := v.Problem("tone", fmt.Sprintf("«%s» shouts", shouted))
		p.Severity, p.Suggestion = source.Warning, "capitals are for the word to answer, one at a time"
		ps = append(ps, p)
	}
	return ps
}

// words returns the text's words in small letters, variables left out.
func words(text string) []string {
	for {
		from := strings.Index(text, "{{")
		to := strings.Index(text, "}}")
		if from < 0 || to < from {
			break
		}
		text = text[:from] + " " + text[to+2:]
	}
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
}

// shouting returns the first three words in a row that are all capitals.
func shouting(text string) string {
	fields := strings.Fields(text)
	for i := 0; i+3 <= len(fields); i++ {
		if !slices.ContainsFunc(fields[i:i+3], func(w string) bool { return !capitals(w) }) {
			return strings.Join(fields[i:i+3], " ")
		}
	}
	return ""
}

func capitals(word string) bool {
	letters := 0
	for _, r := range word {
		if unicode.IsLower(r) || r == '{' || r == ',' || r == ':' {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters > 1
}
