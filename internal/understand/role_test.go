package understand_test

import "testing"

// answers checks a table of replies: "plain", "yes", "no" or "unclear", and after
// a blank why the reply is no plain answer.
func answers(t *testing.T, table map[string]string) {
	t.Helper()
	u := spanish(t)
	for text, want := range table {
		y := u.Read(text, monday()).YesNo()
		got := y.Answer.String()
		if y.Plain && got == "yes" {
			got = "plain"
		}
		if y.Why != "" {
			got += " " + y.Why
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestRoleYes holds a yes of its own.
func TestRoleYes(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"sí":            "plain",
		"si":            "plain",
		"sip":           "plain",
		"simón":         "plain",
		"claro":         "plain",
		"claro que sí":  "plain",
		"por supuesto":  "plain",
		"así es":        "plain",
		"correcto":      "plain",
		"exacto":        "plain",
		"efectivamente": "plain",
		"seguro que sí": "plain",
		"pues sí":       "plain",
		"obvio":         "plain",
		"afirmativo":    "plain",
		"cómo no":       "plain",
		"sin duda":      "plain",
	})
}

// TestRoleAssent holds agreement that is a yes of its own.
func TestRoleAssent(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"va":                     "plain",
		"va que va":              "plain",
		"ok":                     "plain",
		"okey":                   "plain",
		"dale":                   "plain",
		"sale":                   "plain",
		"órale":                  "plain",
		"sobres":                 "plain",
		"jalo":                   "plain",
		"de acuerdo":             "plain",
		"está bien":              "plain",
		"adelante":               "plain",
		"perfecto":               "plain",
		"listo":                  "plain",
		"👍":                      "plain",
		"👍\U0001f3fd":            "plain",
		"👍\U0001f3ff👍\U0001f3ff": "plain",
		"✅":                      "plain",
		"👌":                      "plain",
		"no hay problema":        "plain",
	})
}

// TestRoleAccept holds doing what is asked.
func TestRoleAccept(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"acepto":          "plain",
		"sí acepto":       "plain",
		"lo quiero":       "plain",
		"me interesa":     "plain",
		"confirmo":        "plain",
		"autorizo":        "plain",
		"hazlo":           "plain",
		"mándalo":         "plain",
		"deposítenmelo":   "plain",
		"quiero el vale":  "plain",
		"cuenten conmigo": "plain",
	})
}

// TestRoleMore holds fits after a yes and says nothing alone.
func TestRoleMore(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"sí, esa":              "plain",
		"sí, cuando gusten":    "plain",
		"sí ahorita mismo":     "plain",
		"sí, me urge":          "plain",
		"sí, lo antes posible": "plain",
		"esa":                  "unclear none",
		"cuando gusten":        "unclear none",
		"ahorita mismo":        "unclear none",
		"así está bien":        "unclear none",
	})
}

// TestRolePraise holds leans to yes and moves nothing.
func TestRolePraise(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"qué bien":          "yes praise",
		"genial":            "yes praise",
		"qué buena noticia": "yes praise",
		"excelente noticia": "yes praise",
		"sí qué bien":       "plain",
		"suena padre":       "yes praise",
	})
}

// TestRoleFiller holds courtesies change nothing.
func TestRoleFiller(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"hola sí":               "plain",
		"sí gracias":            "plain",
		"sí por favor señorita": "plain",
		"buenas tardes, sí":     "plain",
		"gracias":               "unclear none",
		"hola":                  "unclear none",
		"🙏":                     "unclear none",
	})
}

// TestRoleGrudge: alone, "bueno" leans to yes and moves nothing; beside another soft yes it makes that one doubtful.
func TestRoleGrudge(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"bueno":           "yes praise",
		"bueno va":        "unclear hedge",
		"ni modo":         "unclear none",
		"ni modo, acepto": "plain",
		"ya qué":          "unclear none",
		"pues bueno, sí":  "plain",
	})
}

// TestRoleHedge holds neither here nor there.
func TestRoleHedge(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"creo que sí":     "unclear hedge",
		"tal vez":         "unclear hedge",
		"a lo mejor sí":   "unclear hedge",
		"mmm":             "unclear hedge",
		"déjame pensarlo": "unclear hedge",
		"yo te aviso":     "unclear hedge",
		"al rato":         "unclear hedge",
		"igual y sí":      "unclear hedge",
		"supongo que sí":  "unclear hedge",
	})
}

// TestRoleIf holds a condition.
func TestRoleIf(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"sí pero mañana":                        "unclear condition",
		"sí, siempre y cuando bajen el interés": "unclear condition",
		"acepto si me esperan":                  "unclear condition",
		"va, cuando cobre":                      "unclear condition",
		"depende":                               "unclear none",
		"sí, a menos que cobren comisión":       "unclear condition",
		"solo si es hoy":                        "unclear none",
	})
}

// TestRoleReport holds somebody else's yes.
func TestRoleReport(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"dice que sí":           "unclear reported",
		"mi esposo dijo que sí": "unclear reported",
		"que diga que sí":       "unclear reported",
		"ella acepta":           "unclear none",
		"contesté que sí":       "unclear reported",
	})
}

// TestRoleLaugh holds nobody means it.
func TestRoleLaugh(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"jajaja sí":    "unclear laugh",
		"sí 😂":         "unclear laugh",
		"sí cómo no":   "unclear none",
		"es broma, sí": "unclear laugh",
		"va jajaja":    "unclear laugh",
	})
}

// TestRoleAsk holds a question.
func TestRoleAsk(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"¿sí?":                 "unclear question",
		"sí, ¿cuánto es?":      "unclear question",
		"va, por qué tanto":    "unclear question",
		"claro, cuánto cuesta": "unclear question",
		"en serio?":            "unclear none",
	})
}

// TestRoleDoubt holds neither yes nor no.
func TestRoleDoubt(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"no sé":       "unclear hedge",
		"no entiendo": "unclear hedge",
		"espérame":    "unclear hedge",
		"quién sabe":  "unclear hedge",
		"sí o no":     "unclear hedge",
		"no me llegó": "unclear hedge",
	})
}

// TestRoleNumber holds another amount or term.
func TestRoleNumber(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"sí, 2000":        "unclear number",
		"acepto 3 mil":    "unclear number",
		"va, 6 quincenas": "unclear number",
		"ok mil":          "unclear number",
	})
}

// TestRoleExtra holds a word that nobody taught.
func TestRoleExtra(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"sí tortillas":   "unclear extra",
		"acepto el reto": "unclear extra",
		"claro de luna":  "unclear extra",
		"va a llover":    "unclear extra",
	})
}

// TestRoleNo holds a refusal.
func TestRoleNo(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"no":           "no",
		"nel":          "no",
		"no gracias":   "no",
		"para nada":    "no",
		"todavía no":   "no",
		"mejor no":     "no",
		"ni loca":      "no",
		"negativo":     "no",
		"👎":            "no",
		"👎\U0001f3fd":  "no",
		"ninguno":      "no",
		"no por ahora": "no",
	})
}

// TestRoleDeny holds not wanting.
func TestRoleDeny(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"no quiero":       "no",
		"no me interesa":  "no",
		"no acepto":       "no",
		"ya no lo quiero": "no",
		"no autorizo":     "no",
		"no lo manden":    "no",
		"prefiero que no": "no",
	})
}

// TestRoleMixed holds both at once.
func TestRoleMixed(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"sí no":         "unclear none",
		"no pues sí":    "unclear mixed",
		"sí y no":       "unclear hedge",
		"no, sí acepto": "unclear mixed",
		"👍👎":            "unclear mixed",
	})
}

// TestRoleSuspect holds letters that are not what they seem.
func TestRoleSuspect(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"\u0455\u0456":                         "unclear none",
		"s\u200bi":                             "unclear none",
		"\uff41\uff43\uff45\uff50\uff54\uff4f": "unclear none",
	})
}

// TestRoleOtherTonguesAndPictures holds what sounds like an answer in another tongue, and pictures.
func TestRoleOtherTonguesAndPictures(t *testing.T) {
	t.Parallel()
	answers(t, map[string]string{
		"ja":    "unclear none",
		"maybe": "unclear none",
		"🔥":     "unclear none",
		"💯":     "plain",
		"😂":     "unclear none",
		"🤷":     "unclear hedge",
		"🙄":     "unclear hedge",
		"🎉":     "unclear none",
		"🔥🔥🔥":   "unclear none",
	})
}
