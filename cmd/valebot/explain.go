package main

import (
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

// Run explains a code of the linter, or lists them all. JSON: explained, or a
// list of codes.
func (c *explainCmd) Run(e *env) error {
	codes := flow.Codes()
	if c.Code == "" {
		return e.print(codes, strings.Join(codes, "\n")+"\n")
	}
	text, ok := flow.Explain(c.Code)
	if strings.HasPrefix(c.Code, "product-") {
		text, ok = ofProducts, true
	}
	if !ok {
		return misuse("%s", unknown("no hay código", c.Code, codes))
	}
	return e.print(explained{c.Code, text}, text+"\n")
}
