package main

import "valebot/internal/app"

type distributorApplyCmd struct {
	Branch string `name:"sucursal" required:"" help:"De qué sucursal es."`
	Terms  []int  `name:"plazos" required:"" help:"Los que puede ofrecer, como 4,8,12."`
	verdict
}

// Help shows two real uses.
func (distributorApplyCmd) Help() string {
	return `Ejemplos:
  valebot distributor apply 6671234567 --sucursal norte --plazos 4,8,12 --motivo "expediente 31" --como luis < nip.txt
  valebot distributor activate 6671234567 8000 --categoria plata --motivo "comité 4" --como luis

Su NIP va en VALEBOT_NIP o en la primera línea de la entrada, nunca en la línea de comandos.`
}

// Run notes an application. JSON: the outcome, ok or unchanged, and the id.
func (c *distributorApplyCmd) Run(e *env) error {
	pin, err := e.newPIN()
	if err != nil {
		return err
	}
	with := map[string]any{"sucursal": c.Branch, "plazos": c.Terms, "nip": pin}
	return c.lead(e, "distributor.apply", func(counter *app.Counter, phone string) error {
		p, err := counter.Store.PersonByPhone(e.ctx, phone)
		with["persona"] = p.ID.String()
		return err
	}, with)
}

// granted is an amount for a distributor.
type granted struct {
	Phone  string `arg:"" name:"teléfono" help:"De la distribuidora."`
	Amount string `arg:"" name:"línea" help:"Pesos, como 8000."`
	Reason string `name:"motivo" aliases:"reason" required:"" help:"Por qué; queda en la bitácora."`
	clerk
}

func (c granted) run(e *env, name string, with map[string]any) error {
	amount, err := pesos(c.Amount)
	if err != nil {
		return err
	}
	with["linea"] = amount
	return verdict{c.Reason, onDistributor{c.Phone, c.clerk}}.run(e, name, with)
}

type distributorActivateCmd struct {
	Category string `name:"categoria" required:"" help:"Una de flows/distribuidoras.yaml."`
	granted
}

// Help shows two real uses.
func (distributorActivateCmd) Help() string {
	return `Ejemplos:
  valebot distributor activate 6671234567 8000 --categoria plata --motivo "comité 4" --como luis
  valebot distributor show 6671234567 --como luis`
}

// Run activates an applicant. JSON: the outcome, ok or unchanged.
func (c *distributorActivateCmd) Run(e *env) error {
	return c.run(e, "distributor.activate", map[string]any{"categoria": c.Category})
}

type distributorLineCmd struct{ granted }

// Help shows two real uses.
func (distributorLineCmd) Help() string {
	return `Ejemplos:
  valebot distributor line 6670000001 25000 --motivo "tres cortes puntuales" --como luis
  valebot distributor line 6670000001 10000 --motivo "lo pidió ella" --como luis --json

No baja de lo que ya está usado y apartado.`
}

// Run changes a line. JSON: the outcome, ok or unchanged.
func (c *distributorLineCmd) Run(e *env) error {
	return c.run(e, "distributor.set_line", map[string]any{})
}

// moved is a word for a distributor.
type moved struct {
	Phone  string `arg:"" name:"teléfono" help:"De la distribuidora."`
	Where  string `arg:"" name:"cuál" help:"La nueva."`
	Reason string `name:"motivo" aliases:"reason" required:"" help:"Por qué; queda en la bitácora."`
	clerk
}

func (c moved) run(e *env, name, input string) error {
	return verdict{c.Reason, onDistributor{c.Phone, c.clerk}}.run(e, name, map[string]any{input: c.Where})
}

type distributorCategoryCmd struct{ moved }

// Help shows two real uses.
func (distributorCategoryCmd) Help() string {
	return `Ejemplos:
  valebot distributor category 6670000001 oro --motivo "un año puntual" --como luis
  valebot distributor category 6670000001 cobre --motivo "dos cortes tarde" --como luis --json`
}

// Run changes a category. JSON: the outcome, ok or unchanged.
func (c *distributorCategoryCmd) Run(e *env) error {
	return c.run(e, "distributor.set_category", "categoria")
}

type distributorBranchCmd struct{ moved }

// Help shows two real uses.
func (distributorBranchCmd) Help() string {
	return `Ejemplos:
  valebot distributor branch 6670000001 norte --motivo "se mudó" --como luis
  valebot distributor branch 6670000001 matriz --motivo "se cerró la sucursal" --como luis --json`
}

// Run changes a branch. JSON: the outcome, ok or unchanged.
func (c *distributorBranchCmd) Run(e *env) error {
	return c.run(e, "distributor.set_branch", "sucursal")
}

type distributorPINCmd struct{ verdict }

// Help shows two real uses.
func (distributorPINCmd) Help() string {
	return `Ejemplos:
  valebot distributor pin 6670000001 --motivo "lo olvidó; mostró su INE" --como luis < nip.txt
  valebot distributor pin 6670000001 --motivo "lo vio su vecina" --como luis --json

El NIP va en VALEBOT_NIP o en la primera línea de la entrada, nunca en la línea de comandos.`
}

// Run gives a new NIP. JSON: the outcome.
func (c *distributorPINCmd) Run(e *env) error {
	pin, err := e.newPIN()
	if err != nil {
		return err
	}
	return c.run(e, "distributor.set_pin", map[string]any{"nip": pin})
}

type distributorPointsCmd struct {
	Phone  string `arg:"" name:"teléfono" help:"De la distribuidora."`
	Points int    `arg:"" name:"puntos" help:"Cuántos se canjean."`
	Had    int    `name:"tenia" required:"" help:"Los que tiene, como los da distributor show: si ya son otros, no se canjea nada."`
	Reason string `name:"motivo" aliases:"reason" required:"" help:"Por qué; queda en la bitácora."`
	clerk
}

// Help shows two real uses.
func (distributorPointsCmd) Help() string {
	return `Ejemplos:
  valebot distributor show 6670000001 --como luis
  valebot distributor points 6670000001 40 --tenia 120 --motivo "licuadora, vale 88" --como luis`
}

// Run redeems points. JSON: the outcome.
func (c *distributorPointsCmd) Run(e *env) error {
	v := verdict{c.Reason, onDistributor{c.Phone, c.clerk}}
	return v.run(e, "distributor.redeem_points", map[string]any{"puntos": c.Points, "tenia": c.Had})
}

type distributorBlockCmd struct{ verdict }

// Help shows two real uses.
func (distributorBlockCmd) Help() string {
	return `Ejemplos:
  valebot distributor block 6670000001 --motivo "queja Q-00003" --como luis
  valebot distributor block 6670000001 --motivo "perdió su teléfono" --como luis --json

Aunque pague, solo una persona la abre.`
}

// Run blocks a distributor. JSON: the outcome, ok or unchanged.
func (c *distributorBlockCmd) Run(e *env) error {
	return c.run(e, "distributor.block", map[string]any{})
}

type distributorUnblockCmd struct{ verdict }

// Help shows two real uses.
func (distributorUnblockCmd) Help() string {
	return `Ejemplos:
  valebot distributor show 6670000001 --como luis
  valebot distributor unblock 6670000001 --motivo "convenio 12" --como luis`
}

// Run opens a distributor's line. JSON: the outcome, ok or unchanged.
func (c *distributorUnblockCmd) Run(e *env) error {
	return c.run(e, "distributor.unblock", map[string]any{})
}

type distributorCloseCmd struct{ verdict }

// Help shows two real uses.
func (distributorCloseCmd) Help() string {
	return `Ejemplos:
  valebot distributor close 6670000001 --motivo "ya no quiere" --como luis
  valebot distributor list --estado cerrada --como luis`
}

// Run closes an account. JSON: the outcome, ok or unchanged.
func (c *distributorCloseCmd) Run(e *env) error {
	return c.run(e, "distributor.close", map[string]any{})
}
