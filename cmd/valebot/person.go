package main

import (
	"valebot/internal/app"
	"valebot/internal/mexid"
)

type personCmd struct {
	Merge   personMergeCmd   `cmd:"" help:"Une el registro de otro teléfono al de este: son la misma persona."`
	Unmerge personUnmergeCmd `cmd:"" help:"Los separa otra vez, tal como estaban."`
}

// pair is two phones of one person, and why.
type pair struct {
	Kept   string `arg:"" name:"teléfono" help:"De la persona que se queda."`
	Other  string `arg:"" name:"otro" help:"Su otro teléfono."`
	Reason string `name:"motivo" aliases:"reason" required:"" help:"Por qué; queda en la bitácora."`
	clerk
}

func (c pair) run(e *env, name string, with map[string]any) error {
	return c.do(e, name, func(counter *app.Counter) (map[string]any, error) {
		phone, err := mexid.ParsePhone(c.Kept)
		if err != nil {
			return nil, err
		}
		p, err := counter.Store.PersonByPhone(e.ctx, string(phone))
		with["persona"], with["telefono"], with["motivo"] = p.ID.String(), c.Other, c.Reason
		return with, err
	})
}

type personMergeCmd struct {
	Evidence string `name:"evidencia" required:"" help:"Cómo consta que es la misma: INE, llamada, carta."`
	pair
}

// Help shows two real uses.
func (personMergeCmd) Help() string {
	return `Ejemplos:
  valebot person merge 6671234567 6679876543 --motivo "cambió de número" --evidencia "INE en sucursal" --como eva
  valebot person unmerge 6671234567 6679876543 --motivo "eran hermanas" --como eva

Sus vales, créditos, quejas y pláticas se ven juntos en el primero; nada se reescribe. No une a quien nació otro día,
a una distribuidora con su propia clienta, ni dos deudas sin fecha de nacimiento en ambos registros.
Un saldo a favor sigue a nombre del registro en que se abonó.`
}

// Run merges two records. JSON: the outcome, ok or unchanged.
func (c *personMergeCmd) Run(e *env) error {
	return c.run(e, "person.merge", map[string]any{"evidencia": c.Evidence})
}

type personUnmergeCmd struct{ pair }

// Help shows two real uses.
func (personUnmergeCmd) Help() string {
	return `Ejemplos:
  valebot person unmerge 6671234567 6679876543 --motivo "eran hermanas" --como eva
  valebot person unmerge 6671234567 6679876543 --motivo "se capturó mal" --como eva --json`
}

// Run parts two records. JSON: the outcome, ok or unchanged.
func (c *personUnmergeCmd) Run(e *env) error {
	return c.run(e, "person.unmerge", map[string]any{})
}
