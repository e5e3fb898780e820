package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/postgres"
)

type correctionCmd struct {
	List     correctionListCmd `cmd:"" help:"Lista los ajustes que esperan autorización."`
	Forgive  forgiveCmd        `cmd:"" help:"Propone perdonar una parte de la deuda (quita)."`
	Goodwill goodwillCmd       `cmd:"" help:"Propone una bonificación por algo que salió mal."`
	Waive    waiveCmd          `cmd:"" help:"Propone condonar recargos."`
	WriteOff writeOffCmd       `cmd:"" name:"write-off" help:"Propone castigar un crédito: es una pérdida y se sigue cobrando."`
	Refund   refundCmd         `cmd:"" help:"Propone reembolsar un saldo a favor."`
	Use      useCreditCmd      `cmd:"" name:"use-credit" help:"Paga un crédito con el saldo a favor de su dueña."`
	Approve  approveCmd        `cmd:"" help:"Autoriza un ajuste que pidió otra persona."`
	Reject   rejectCmd         `cmd:"" help:"Rechaza o retira un ajuste."`
	Undo     undoCmd           `cmd:"" help:"Deshace una quita, una bonificación, una condonación o un reembolso."`
}

type correctionListCmd struct {
	All bool `name:"todos" help:"También los decididos."`
	dataFlags
}

// Help shows two real uses.
func (correctionListCmd) Help() string {
	return `Ejemplos:
  valebot correction list
  valebot correction list --todos --json`
}

// correctionLine is a correction for programs. Amounts are centavos.
type correctionLine struct {
	ID         string       `json:"id"`
	Folio      string       `json:"folio"`
	Kind       string       `json:"kind"`
	State      string       `json:"state"`
	Loan       string       `json:"loan,omitempty"`
	Amount     money.Amount `json:"amount_centavos"`
	Reason     string       `json:"reason"`
	ProposedBy string       `json:"proposed_by"`
	DecidedBy  string       `json:"decided_by,omitempty"`
	Proposed   time.Time    `json:"proposed_at"`
	Decided    time.Time    `json:"decided_at,omitzero"`
}

// Run lists corrections. JSON: a list of correctionLine.
func (c *correctionListCmd) Run(e *env) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		all, err := s.Corrections(e.ctx, !c.All)
		if err != nil {
			return err
		}
		list, text := []correctionLine{}, strings.Builder{}
		states := map[string]string{"PROPOSED": "por autorizar", "DONE": "hecho", "REJECTED": "rechazado", "UNDONE": "deshecho"}
		for _, x := range all {
			list = append(list, correctionLine{
				x.ID.String(), x.Folio, string(x.Kind), string(x.State), x.Loan, x.Amount, x.Reason, x.ProposedBy, x.DecidedBy, x.Proposed, x.Decided,
			})
			fmt.Fprintf(&text, "%s  %-12s %-13s %-8s %12s  %s: %s\n",
				x.Folio, x.Kind, states[string(x.State)], x.Loan, x.Amount, x.ProposedBy, x.Reason)
		}
		fmt.Fprintf(&text, "%d ajustes\n", len(all))
		return e.print(list, text.String())
	})
}

// onLoan is a correction of what a loan owes.
type onLoan struct {
	Loan   string `arg:"" name:"folio" help:"Folio o referencia del crédito."`
	Amount string `arg:"" name:"monto" help:"Pesos, como 487.50."`
	proof
	clerk
}

func (c onLoan) run(e *env, name string) error {
	amount, err := pesos(c.Amount)
	if err != nil {
		return err
	}
	return c.do(e, name, func(counter *app.Counter) (map[string]any, error) {
		panel, err := counter.Store.Loan(e.ctx, c.Loan)
		return c.on(map[string]any{"credito": panel.Loan.ID.String(), "monto": amount}), err
	})
}

type forgiveCmd struct{ onLoan }

// Help shows two real uses.
func (forgiveCmd) Help() string {
	return `Ejemplos:
  valebot correction forgive V-00017 800 --motivo "liquida hoy" --evidencia "convenio 31" --como luis
  valebot correction approve A-00003 --como eva`
}

// Run proposes a quita. JSON: the outcome, id, folio and state of the correction.
func (c *forgiveCmd) Run(e *env) error { return c.run(e, "loan.forgive") }

type goodwillCmd struct{ onLoan }

// Help shows two real uses.
func (goodwillCmd) Help() string {
	return `Ejemplos:
  valebot correction goodwill V-00017 60 --motivo "el cajero falló" --evidencia "queja Q-00003" --como luis
  valebot correction undo A-00004 --motivo "capturado dos veces" --como eva`
}

// Run proposes a goodwill credit. JSON: as correction forgive.
func (c *goodwillCmd) Run(e *env) error { return c.run(e, "loan.goodwill") }

type waiveCmd struct{ onLoan }

// Help shows two real uses.
func (waiveCmd) Help() string {
	return `Ejemplos:
  valebot correction waive V-00017 60 --motivo "día inhábil en su plaza" --evidencia "aviso del 16 de marzo" --como luis
  valebot correction list`
}

// Run proposes to waive late fees. JSON: as correction forgive.
func (c *waiveCmd) Run(e *env) error { return c.run(e, "loan.waive_late") }

type writeOffCmd struct {
	Loan string `arg:"" name:"folio" help:"Folio o referencia del crédito."`
	proof
	clerk
}

// Help shows two real uses.
func (writeOffCmd) Help() string {
	return `Ejemplos:
  valebot correction write-off V-00017 --motivo "180 días sin pago" --evidencia "acta del comité 4" --como luis
  valebot correction approve A-00005 --como eva`
}

// Run proposes a write-off. JSON: as correction forgive.
func (c *writeOffCmd) Run(e *env) error {
	return c.do(e, "loan.write_off", func(counter *app.Counter) (map[string]any, error) {
		panel, err := counter.Store.Loan(e.ctx, c.Loan)
		return c.on(map[string]any{"credito": panel.Loan.ID.String()}), err
	})
}

type refundCmd struct {
	Phone  string `arg:"" name:"teléfono" help:"De quien tiene el saldo a favor."`
	Amount string `arg:"" name:"monto" help:"Pesos, como 487.50."`
	proof
	clerk
}

// Help shows two real uses.
func (refundCmd) Help() string {
	return `Ejemplos:
  valebot correction refund 6671234567 112.50 --motivo "lo pidió" --evidencia "transferencia MBAN01…" --como luis
  valebot correction approve A-00006 --como eva`
}

// Run proposes a refund. JSON: as correction forgive.
func (c *refundCmd) Run(e *env) error {
	amount, err := pesos(c.Amount)
	if err != nil {
		return err
	}
	return c.do(e, "credit.refund", func(counter *app.Counter) (map[string]any, error) {
		phone, err := mexid.ParsePhone(c.Phone)
		if err != nil {
			return nil, err
		}
		p, err := counter.Store.PersonByPhone(e.ctx, string(phone))
		return c.on(map[string]any{"persona": p.ID.String(), "monto": amount}), err
	})
}

type useCreditCmd struct {
	Loan   string `arg:"" name:"folio" help:"Folio o referencia del crédito."`
	Amount string `arg:"" name:"monto" help:"Pesos, como 487.50; nunca más de lo que se debe."`
	clerk
}

// Help shows two real uses.
func (useCreditCmd) Help() string {
	return `Ejemplos:
  valebot correction use-credit V-00031 112.50 --como luis
  valebot correction use-credit V-00031 9999 --como luis --json`
}

// Run pays with a saldo a favor. JSON: the outcome, what was applied and what is left to pay.
func (c *useCreditCmd) Run(e *env) error {
	amount, err := pesos(c.Amount)
	if err != nil {
		return err
	}
	return c.do(e, "credit.apply", func(counter *app.Counter) (map[string]any, error) {
		panel, err := counter.Store.Loan(e.ctx, c.Loan)
		return map[string]any{
			"persona": panel.Loan.PersonID.String(), "credito": panel.Loan.ID.String(), "monto": amount, "pedido": "",
		}, err
	})
}

type approveCmd struct {
	Folio string `arg:"" name:"ajuste" help:"Folio del ajuste."`
	clerk
}

// Help shows two real uses.
func (approveCmd) Help() string {
	return `Ejemplos:
  valebot correction list
  valebot correction approve A-00003 --como eva`
}

// Run approves a correction of somebody else. JSON: the outcome.
func (c *approveCmd) Run(e *env) error {
	return c.do(e, "correction.approve", func(*app.Counter) (map[string]any, error) { return map[string]any{"ajuste": c.Folio}, nil })
}

// decision ends or undoes a correction, for a reason.
type decision struct {
	Folio  string `arg:"" name:"ajuste" help:"Folio del ajuste."`
	Reason string `name:"motivo" required:"" help:"Por qué."`
	clerk
}

func (c decision) run(e *env, name string) error {
	return c.do(e, name, func(*app.Counter) (map[string]any, error) {
		return map[string]any{"ajuste": c.Folio, "motivo": c.Reason}, nil
	})
}

type rejectCmd struct{ decision }

// Help shows two real uses.
func (rejectCmd) Help() string {
	return `Ejemplos:
  valebot correction reject A-00003 --motivo "falta el comprobante" --como eva
  valebot correction list --todos`
}

// Run rejects a correction. JSON: the outcome.
func (c *rejectCmd) Run(e *env) error { return c.run(e, "correction.reject") }

type undoCmd struct{ decision }

// Help shows two real uses.
func (undoCmd) Help() string {
	return `Ejemplos:
  valebot correction undo A-00004 --motivo "capturado dos veces" --como eva
  valebot ledger verify`
}

// Run undoes a correction. JSON: the outcome.
func (c *undoCmd) Run(e *env) error { return c.run(e, "correction.undo") }
