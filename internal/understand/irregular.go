package understand

// irregular holds the stems of a verb that changes them. Nothing else of it is
// irregular in the short messages of people: the endings stay those of its class.
type irregular struct {
	stressed string // before the endings that leave the stress on the stem: quier-o, pued-es
	yo       string // first person, from which the wishes come: teng-o, teng-a
	past     string // strong preterite: quis-e, tuv-o; "" when it is regular
	future   string // querr-é, tendr-ía; "" when it is the infinitive
	gerund   string // "" when it is regular
	done     string // participle; "" when it is regular
}

// irregularVerbs lists the verbs of everyday money and messages, by infinitive.
func irregularVerbs() map[string]irregular {
	return map[string]irregular{
		"poder":    {stressed: "pued", yo: "pued", past: "pud", future: "podr", gerund: "pudiendo"},
		"querer":   {stressed: "quier", yo: "quier", past: "quis", future: "querr"},
		"tener":    {stressed: "tien", yo: "teng", past: "tuv", future: "tendr"},
		"hacer":    {stressed: "hac", yo: "hag", past: "hic", future: "har", done: "hecho"},
		"poner":    {stressed: "pon", yo: "pong", past: "pus", future: "pondr", done: "puesto"},
		"decir":    {stressed: "dic", yo: "dig", past: "dij", future: "dir", gerund: "diciendo", done: "dicho"},
		"traer":    {stressed: "tra", yo: "traig", past: "traj", gerund: "trayendo", done: "traido"},
		"venir":    {stressed: "vien", yo: "veng", past: "vin", future: "vendr", gerund: "viniendo"},
		"salir":    {stressed: "sal", yo: "salg", future: "saldr"},
		"saber":    {stressed: "sab", yo: "sep", past: "sup", future: "sabr"},
		"pedir":    {stressed: "pid", yo: "pid", gerund: "pidiendo"},
		"seguir":   {stressed: "sigu", yo: "sig", gerund: "siguiendo"},
		"volver":   {stressed: "vuelv", yo: "vuelv", done: "vuelto"},
		"perder":   {stressed: "pierd", yo: "pierd"},
		"contar":   {stressed: "cuent", yo: "cuent"},
		"mostrar":  {stressed: "muestr", yo: "muestr"},
		"cerrar":   {stressed: "cierr", yo: "cierr"},
		"mover":    {stressed: "muev", yo: "muev"},
		"entender": {stressed: "entiend", yo: "entiend"},
	}
}

// conjugate returns the forms of the verb; those of wishes alone with wish. The
// regular forms that people write by mistake ("sabo", "podo") are among them.
func (v irregular) conjugate(infinitive string, wish bool) []string {
	class := infinitive[len(infinitive)-2]
	out := conjugateRegular(infinitive, wish)
	theme, other := "e", "a"
	if class == 'a' {
		theme, other = "a", "e"
	}
	for _, tail := range [...]string{other, other + "s", other + "n"} {
		for _, pronoun := range enclitics {
			out = append(out, v.yo+tail+pronoun)
		}
	}
	for _, pronoun := range enclitics {
		out = append(out, v.stressed+theme+pronoun)
	}
	if wish {
		return out
	}
	out = append(out, v.yo+"o", v.stressed+theme+"s", v.stressed+theme+"n")
	if v.past != "" {
		for _, tail := range [...]string{"e", "iste", "o", "imos", "ieron", "eron"} {
			out = append(out, v.past+tail)
		}
	}
	if v.future != "" {
		for _, tail := range [...]string{"e", "a", "as", "an", "emos", "ia", "ian"} {
			out = append(out, v.future+tail)
		}
	}
	for _, form := range [...]string{v.gerund, v.done} {
		if form != "" {
			out = append(out, form)
		}
	}
	return out
}
