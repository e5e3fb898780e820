package main

import (
	"strings"

	"valebot/internal/fault"
	"valebot/internal/mexid"
)

type checkCmd struct {
	Kind  string `arg:"" name:"tipo" enum:"curp,rfc,clabe,phone" help:"curp, rfc, clabe o phone."`
	Value string `arg:"" name:"valor" help:"Lo que se revisa."`
}

// Help shows two real uses.
func (checkCmd) Help() string {
	return `Ejemplos:
  valebot check clabe 032180000118359719
  valebot check phone "044 667 123 4567" --json

Termina con 3 si no es válido.`
}

// checked is what checking an identifier showed.
type checked struct {
	Kind  string `json:"kind"` // curp, rfc, clabe or phone
	Valid bool   `json:"valid"`
	Value string `json:"value,omitempty"` // in its canonical form
	Note  string `json:"note,omitempty"`  // the bank of a CLABE
	Code  string `json:"code,omitempty"`  // why it is not valid, for programs
	Error string `json:"error,omitempty"` // and for people
}

// Run checks an identifier. A wrong one ends with exit code 3. JSON: checked.
func (c *checkCmd) Run(e *env) error {
	value, note, err := c.parse()
	if err != nil {
		out := checked{Kind: c.Kind, Code: fault.CodeOf(err), Error: fault.TextOf(err)}
		if err := e.print(out, out.Error+"\n"); err != nil {
			return err
		}
		return findings()
	}
	return e.print(checked{Kind: c.Kind, Valid: true, Value: value, Note: note}, strings.TrimSpace(value+"  "+note)+"\n")
}

// parse returns the canonical form of the value and what else it tells.
func (c *checkCmd) parse() (value, note string, err error) {
	switch c.Kind {
	case "curp":
		v, err := mexid.ParseCURP(c.Value)
		return string(v), "", err
	case "rfc":
		v, err := mexid.ParseRFC(c.Value)
		return string(v), "", err
	case "clabe":
		v, err := mexid.ParseCLABE(c.Value)
		if err != nil {
			return "", "", err
		}
		return string(v), v.Bank(), nil
	}
	v, err := mexid.ParsePhone(c.Value)
	return string(v), "", err
}
