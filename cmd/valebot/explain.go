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

// Run explains a code of the linter, or lists them all. JSON: explained, or a
// list of codes.
func (c *explainCmd) Run(e *env) error {
	codes := flow.Codes()
	if c.Code == "" {
		return e.print(codes, strings.Join(codes, "\n")+"\n")
	}
	text, ok := flow.Explain(c.Code)
	if !ok {
		return misuse("%s", unknown("no hay código", c.Code, codes))
	}
	return e.print(explained{c.Code, text}, text+"\n")
}
