package main

import (
	_ "embed" // for the explanations
	"strings"

	"valebot/internal/flow"
)

type explainCmd struct {
	Code string `arg:"" optional:"" name:"código" help:"Código del revisor; sin él se listan todos."`
}

// Help shows two real uses.
func (explainCmd) Help() string {
	return `Ejemplos:
  valebot explain
  valebot explain sms-length`
}

// explained is a code of the linter for programs.
type explained struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// ofProducts explains every code of products, which say themselves what is
// allowed.
const ofProducts = `Un archivo de flows/products/ tiene un valor que no se puede usar. El mensaje dice la clave y lo que se admite;
la tabla «Productos» de flows/README.md explica cada clave. Mientras haya un error no se publica ni arranca nada.
  antes:   late: {fee: 60, annual: 90%, grace_days: 1}
  después: late: {annual: 90%, grace_days: 1}     # un solo tipo de moratorio`

// ofProgramme explains the codes of what distributors earn that name a key.
const ofProgramme = `flows/distribuidoras.yaml tiene un valor que no se puede usar. El código dice la clave (programme-points-each es
points: each) y el mensaje lo que se admite: un número entero, un monto en pesos o un porcentaje de 0% a 100%.
Mal: early_days: tres
Bien: early_days: 3`

// ofFiles explains the codes of prices, products and what distributors earn, one
// section for each.
//
//go:embed explain.md
var ofFiles string

// fileCodes are the codes of ofFiles in their order.
func fileCodes() []string {
	var out []string
	for line := range strings.Lines(ofFiles) {
		if code, ok := strings.CutPrefix(line, "## "); ok {
			out = append(out, strings.TrimSpace(code))
		}
	}
	return out
}

// explanation finds what a code of any of our linters means.
func explanation(code string) (string, bool) {
	if text, ok := flow.Explain(code); ok {
		return text, true
	}
	if _, rest, ok := strings.Cut("\n"+ofFiles, "\n## "+code+"\n"); ok {
		text, _, _ := strings.Cut(rest, "\n## ")
		return strings.TrimSpace(text), true
	}
	switch {
	case strings.HasPrefix(code, "product-"):
		return ofProducts, true
	case strings.HasPrefix(code, "programme-"):
		return ofProgramme, true
	}
	return "", false
}

// Run explains a code of the linter, or lists them all. JSON: explained, or a
// list of codes.
func (c *explainCmd) Run(e *env) error {
	codes := append(flow.Codes(), fileCodes()...)
	if c.Code == "" {
		return e.print(codes, strings.Join(codes, "\n")+"\n")
	}
	text, ok := explanation(c.Code)
	if !ok {
		return misuse("%s", unknown("no hay código", c.Code, codes))
	}
	return e.print(explained{c.Code, text}, text+"\n")
}
