package main

import (
	"valebot/internal/app"
)

type flowFourEyesCmd struct {
	Rule string `arg:"" optional:"" name:"regla" enum:"on,off,show" default:"show" help:"on: toda publicación espera a otra persona; off: ya no; show: dice cuál rige."`
	As   string `env:"USER" default:"" help:"Tu usuario de la mesa; queda en la bitácora. La contraseña va en VALEBOT_AGENT_PASSWORD y el código en VALEBOT_AGENT_CODE."`
	signature
	dataFlags
}

// Help shows two real uses.
func (flowFourEyesCmd) Help() string {
	return `Ejemplos:
  valebot flow four-eyes
  valebot flow four-eyes on --as rosa

Vale para todos y en todas partes: la terminal, la mesa y los otros nodos. Volver
a una versión que ya corrió (flow rollback) no espera.`
}

// eyes is the rule for programs.
type eyes struct {
	Required bool `json:"required"`
	Changed  bool `json:"changed"`
}

// Run shows or changes the rule. JSON: eyes.
func (c *flowFourEyesCmd) Run(e *env) error {
	if c.Rule != "show" && c.As == "" {
		return misuse("di quién lo cambia: --as nombre")
	}
	open := func(do func(*app.Publisher) error) error { return c.signed(e, c.by(c.As), do) }
	if c.Rule == "show" {
		open = func(do func(*app.Publisher) error) error { return c.publisher(e, do) }
	}
	return open(func(p *app.Publisher) (err error) {
		out := eyes{Required: c.Rule == "on"}
		if c.Rule == "show" {
			out.Required, err = p.FourEyes(e.ctx)
		} else {
			out.Changed, err = p.RequireFourEyes(e.ctx, out.Required, c.As)
		}
		if err != nil {
			return err
		}
		text := "quien publica no espera a nadie\n"
		if out.Required {
			text = "toda publicación espera a que otra persona la apruebe\n"
		}
		return e.print(out, text)
	})
}
