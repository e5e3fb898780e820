package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/casework"
	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
)

// signature is what opens the desk for somebody. It is given in the environment,
// where neither a list of processes nor the shell's history shows it.
type signature struct {
	Password string `name:"agent-password" env:"VALEBOT_AGENT_PASSWORD" hidden:""`
	Code     string `name:"agent-code" env:"VALEBOT_AGENT_CODE" hidden:""`
}

func (s signature) by(login string) app.Signature {
	return app.Signature{Login: login, Password: s.Password, Code: s.Code}
}

// clerk says who acts, and on which data.
type clerk struct {
	As string `name:"como" required:"" help:"Tu usuario de la mesa. La contraseña va en VALEBOT_AGENT_PASSWORD y el código del segundo factor en VALEBOT_AGENT_CODE."`
	signature
	dataFlags
}

// do runs an action in the clerk's name and prints what came of it.
func (c clerk) do(e *env, name string, with func(*app.Counter) (map[string]any, error)) error {
	return c.at(e, func(counter *app.Counter) error {
		inputs, err := with(counter)
		if err != nil {
			return err
		}
		result, err := counter.Act(e.ctx, name, inputs)
		if err != nil {
			return err
		}
		return e.print(acted(result), actedText(result))
	})
}

// at does something where the clerk has signed.
func (c clerk) at(e *env, do func(*app.Counter) error) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithCounter(e.ctx, cfg, c.by(c.As), slog.New(slog.DiscardHandler), do)
}

// acted is what an action led to, for programs: its outcome and its fields.
func acted(r lending.Result) map[string]any {
	out := map[string]any{"outcome": r.Outcome}
	for name, value := range r.Value {
		out[name] = value
	}
	return out
}

func actedText(r lending.Result) string {
	folio, _ := r.Value["folio"].(string)
	id, _ := r.Value["id"].(string)
	reason, _ := r.Value["motivo"].(string)
	switch r.Outcome {
	case "proposed":
		return fmt.Sprintf("%s queda propuesto; falta que otra persona lo autorice: valebot correction approve %s --como …\n", folio, folio)
	case "repeated":
		return "ya estaba hecho\n"
	case "unchanged":
		return "ya estaba así\n"
	case "unmatched":
		return fmt.Sprintf("guardado y por identificar (%s): %s\n", casework.Deposit{Reason: reason}.Why(), id)
	}
	return strings.TrimSpace("hecho "+folio) + "\n"
}

// proof is why a correction is right.
type proof struct {
	Reason   string `name:"motivo" required:"" help:"Por qué se hace."`
	Evidence string `name:"evidencia" required:"" help:"Dónde está la prueba: un documento, un ticket, una clave de rastreo."`
}

// on adds the proof to an action's inputs.
func (p proof) on(with map[string]any) map[string]any {
	with["motivo"], with["evidencia"], with["pedido"] = p.Reason, p.Evidence, ""
	return with
}

type paymentCmd struct {
	Suspense suspenseCmd `cmd:"" help:"Lista los depósitos por identificar y por devolver."`
	Post     postCmd     `cmd:"" help:"Registra un depósito."`
	Match    matchCmd    `cmd:"" help:"Propone a qué crédito va un depósito por identificar."`
	Return   returnCmd   `cmd:"" help:"Propone devolver un depósito por identificar."`
	Returned returnedCmd `cmd:"" help:"Anota que un depósito ya se devolvió."`
	Unapply  unapplyCmd  `cmd:"" help:"Propone quitar un pago de un crédito que no era el suyo."`
	Reverse  reverseCmd  `cmd:"" help:"Deshace un pago que rebotó."`
}

type suspenseCmd struct{ dataFlags }

// Help shows two real uses.
func (suspenseCmd) Help() string {
	return `Ejemplos:
  valebot payment suspense
  valebot payment suspense --json | jq '.[] | select(.reason == "ambiguous")'`
}

// suspended is a deposit in suspense for programs. Amounts are centavos.
type suspended struct {
	ID        string        `json:"id"`
	Source    string        `json:"source"`
	Reference string        `json:"reference"`
	Operated  string        `json:"operation_date,omitempty"`
	Amount    money.Amount  `json:"amount_centavos"`
	ValueDate quincena.Date `json:"value_date"`
	Received  time.Time     `json:"received_at"`
	State     string        `json:"state"`
	Reason    string        `json:"reason"`
}

// Run lists the deposits that nobody has placed. JSON: a list of suspended.
func (c *suspenseCmd) Run(e *env) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		all, err := s.Suspense(e.ctx)
		if err != nil {
			return err
		}
		list, text := []suspended{}, strings.Builder{}
		for _, p := range all {
			list = append(list, suspended{
				p.ID.String(), p.Source, p.Reference, p.Operated.String(), p.Amount, p.ValueDate, p.ReceivedAt, string(p.State), p.Reason,
			})
			fmt.Fprintf(&text, "%s  %s  %12s  %s %s  %s\n", p.ID, p.ValueDate, p.Amount, p.Source, p.Reference, p.Why())
		}
		fmt.Fprintf(&text, "%d depósitos por identificar o devolver\n", len(all))
		return e.print(list, text.String())
	})
}

type postCmd struct {
	Account   string `arg:"" name:"cuenta" help:"Referencia de pago o folio, como la escribió quien pagó."`
	Amount    string `arg:"" name:"monto" help:"Pesos, como 487.50."`
	Source    string `name:"origen" default:"panel" help:"Quién lo recibió."`
	Reference string `name:"referencia" required:"" help:"La suya, que no se repite."`
	Date      string `name:"fecha" required:"" help:"Día desde el que cuenta: 2026-03-15."`
	clerk
}

// Help shows two real uses.
func (postCmd) Help() string {
	return `Ejemplos:
  valebot payment post V-00017 487.50 --referencia T-991 --fecha 2026-03-15 --como luis
  valebot payment post 900000178 1000 --origen oxxo --referencia 88123 --fecha 2026-03-15 --como luis --json`
}

// Run posts a deposit. JSON: the outcome (ok, repeated, unmatched) and its fields.
func (c *postCmd) Run(e *env) error {
	amount, err := pesos(c.Amount)
	if err != nil {
		return err
	}
	on, err := day(c.Date)
	if err != nil {
		return err
	}
	return c.do(e, "payment.post", func(*app.Counter) (map[string]any, error) {
		return map[string]any{"source": c.Source, "reference": c.Reference, "account": c.Account, "amount": amount, "value_date": on}, nil
	})
}

// pesos reads an amount that a person typed.
func pesos(text string) (money.Amount, error) {
	amount, err := money.Parse(text)
	if err != nil {
		return 0, misuse("«%s» no es un monto en pesos", text)
	}
	return amount, nil
}

// day reads a date that a person typed; none is the zero date.
func day(text string) (quincena.Date, error) {
	if text == "" {
		return quincena.Date{}, nil
	}
	on, err := quincena.ParseDate(text)
	if err != nil {
		return on, misuse("«%s» no es una fecha; escribe año-mes-día, por ejemplo 2026-03-15", text)
	}
	return on, nil
}

type matchCmd struct {
	ID      string `arg:"" name:"depósito" help:"Identificador que da payment suspense."`
	Account string `arg:"" name:"cuenta" help:"Folio o referencia del crédito."`
	Date    string `name:"fecha" help:"Día desde el que cuenta, si no es el del depósito."`
	proof
	clerk
}

// Help shows two real uses.
func (matchCmd) Help() string {
	return `Ejemplos:
  valebot payment match 0195a1b2-… V-00017 --motivo "mandó su comprobante" --evidencia "chat del 15 de marzo" --como luis
  valebot correction approve A-00003 --como eva`
}

// Run proposes a match. JSON: the outcome, id, folio and state of the correction.
func (c *matchCmd) Run(e *env) error {
	on, err := day(c.Date)
	if err != nil {
		return err
	}
	return c.do(e, "payment.match", func(*app.Counter) (map[string]any, error) {
		return c.on(map[string]any{"pago": c.ID, "cuenta": c.Account, "fecha": on}), nil
	})
}

// onDeposit is a correction of one deposit.
type onDeposit struct {
	ID string `arg:"" name:"depósito" help:"Identificador del depósito."`
	proof
	clerk
}

func (c onDeposit) run(e *env, name string) error {
	return c.do(e, name, func(*app.Counter) (map[string]any, error) { return c.on(map[string]any{"pago": c.ID}), nil })
}

type returnCmd struct{ onDeposit }

// Help shows two real uses.
func (returnCmd) Help() string {
	return `Ejemplos:
  valebot payment return 0195a1b2-… --motivo "no es de nadie" --evidencia "oficio 12" --como luis
  valebot payment returned 0195a1b2-… --rastreo MBAN0126… --como eva`
}

// Run proposes to send a deposit back. JSON: as payment match.
func (c *returnCmd) Run(e *env) error { return c.run(e, "payment.return") }

type unapplyCmd struct{ onDeposit }

// Help shows two real uses.
func (unapplyCmd) Help() string {
	return `Ejemplos:
  valebot payment unapply 0195a1b2-… --motivo "era de su hermana" --evidencia "queja Q-00003" --como luis
  valebot payment suspense`
}

// Run proposes to take a payment off its loan. JSON: as payment match.
func (c *unapplyCmd) Run(e *env) error { return c.run(e, "payment.unapply") }

type returnedCmd struct {
	ID    string `arg:"" name:"depósito" help:"Identificador del depósito."`
	Trace string `name:"rastreo" required:"" help:"Clave de rastreo de la devolución."`
	clerk
}

// Help shows two real uses.
func (returnedCmd) Help() string {
	return `Ejemplos:
  valebot payment returned 0195a1b2-… --rastreo MBAN0126031500088 --como eva
  valebot payment suspense`
}

// Run notes that the money is back with its sender. JSON: the outcome.
func (c *returnedCmd) Run(e *env) error {
	return c.do(e, "payment.returned", func(*app.Counter) (map[string]any, error) {
		return map[string]any{"pago": c.ID, "rastreo": c.Trace}, nil
	})
}

type reverseCmd struct {
	ID     string `arg:"" name:"pago" help:"Identificador del pago."`
	Reason string `name:"motivo" required:"" help:"Por qué se deshace."`
	clerk
}

// Help shows two real uses.
func (reverseCmd) Help() string {
	return `Ejemplos:
  valebot payment reverse 0195a1b2-… --motivo "el banco lo devolvió" --como luis
  valebot ledger verify`
}

// Run takes a payment back. JSON: the outcome.
func (c *reverseCmd) Run(e *env) error {
	return c.do(e, "payment.bounce", func(*app.Counter) (map[string]any, error) {
		return map[string]any{"pago": c.ID, "motivo": c.Reason}, nil
	})
}
