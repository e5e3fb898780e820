package desk

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/quincena"
	"valebot/internal/statement"
)

// overseeing lets through who may look at everybody's money: supervisors, who
// also decide, and auditors.
func overseeing(do func(w http.ResponseWriter, r *http.Request, v visit) error) func(w http.ResponseWriter, r *http.Request, v visit) error {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		if !v.Role.Leads() && v.Role != casework.RoleAuditor {
			return fault.New(fault.Denied, "not_leading", "Eso lo ve una persona que supervisa.")
		}
		return do(w, r, v)
	}
}

type fundsView struct {
	frame
	casework.Funds
	Deposits    []depositRow
	Corrections []correctionRow
	Vales       []reviewRow
	Error       string
	Notice      string
}

// depositRow has a request of its own, so that its form sent twice asks once.
type depositRow struct {
	casework.Deposit
	frame
	Request uuid.UUID
	Typed   typed // what a form that was refused said
}

type correctionRow struct {
	casework.Correction
	frame
	What string
	Mine bool // asked for by who looks, who may only withdraw it
}

type reviewRow struct {
	casework.Reviewed
	frame
	Mine bool // accepted by who looks, and waits for somebody else
}

// HasChat reports whether there is a chat to look at.
func (v reviewRow) HasChat() bool { return v.Case != uuid.Nil }

// typed is what somebody wrote into the form of one row.
type typed struct{ Row, Account, Reason, Evidence string }

func typedIn(r *http.Request) typed {
	read := func(name string) string { return strings.ToValidUTF8(r.PostForm.Get(name), "") }
	return typed{r.PathValue("id"), read("cuenta"), read("motivo"), read("evidencia")}
}

func (d *Desk) funds(w http.ResponseWriter, r *http.Request, v visit) error {
	return d.showFunds(w, r, v, http.StatusOK, fundsView{Notice: fundNotices()[r.FormValue("hecho")]}, typed{})
}

func (d *Desk) showFunds(w http.ResponseWriter, r *http.Request, v visit, status int, view fundsView, draft typed) error {
	found, err := d.cfg.Store.Funds(r.Context(), v.Agent, v.now)
	if err != nil {
		return err
	}
	view.frame, view.Funds = d.frame(v, "Dinero"), found
	view.Menu = "dinero"
	for _, p := range found.Deposits {
		row := depositRow{Deposit: p, frame: view.frame, Request: uuid.New()}
		if draft.Row == p.ID.String() {
			row.Typed = draft
		}
		view.Deposits = append(view.Deposits, row)
	}
	for _, c := range found.Corrections {
		view.Corrections = append(view.Corrections, correctionRow{c, view.frame, correctionName(c.Kind), c.ProposedBy == v.Agent})
	}
	for _, x := range found.Vales {
		view.Vales = append(view.Vales, reviewRow{x, view.frame, x.First == v.Agent})
	}
	return d.pages.show(w, status, "funds", view)
}

// fundNotices are what the page says after an act, by the outcome that leads to it.
func fundNotices() map[string]string {
	return map[string]string{
		"ok":       "Hecho.",
		"proposed": "Pedido. Falta que otra persona lo autorice.",
		"repeated": "Eso ya estaba hecho.",
	}
}

// settleFunds leads on after an act. What was refused for a reason that people
// understand is said on the page, with what was typed.
func (d *Desk) settleFunds(w http.ResponseWriter, r *http.Request, v visit, name string, with map[string]any) error {
	result, err := d.cfg.Deeds.Act(r.Context(), "agent:"+v.Agent, "desk:"+uuid.NewString(), name, with)
	switch kind := fault.KindOf(err); {
	case err == nil:
		d.cfg.Wake()
		d.Ring()
		http.Redirect(w, r, "/mesa/dinero?hecho="+result.Outcome, http.StatusSeeOther)
		return nil
	case kind == fault.Internal || kind == fault.Unavailable:
		return err
	default:
		return d.showFunds(w, r, v, statusOf(kind), fundsView{Error: fault.TextOf(err)}, typedIn(r))
	}
}

// deposit places a deposit, asks for it to be sent back, or notes that it was.
func (d *Desk) deposit(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := rowOfMoney(r)
	if err != nil {
		return err
	}
	form := typedIn(r)
	with := map[string]any{"pago": id}
	name := map[string]string{"cotejar": "payment.match", "devolver": "payment.return", "devuelto": "payment.returned"}[r.PathValue("que")]
	switch name {
	case "":
		return fault.New(fault.NotFound, "no_such_deed", "Eso no se puede hacer aquí.")
	case "payment.returned":
		with["rastreo"] = form.Account
		return d.settleFunds(w, r, v, name, with)
	case "payment.match":
		with["cuenta"], with["fecha"] = form.Account, quincena.Date{}
		if raw := strings.TrimSpace(r.PostForm.Get("fecha")); raw != "" {
			if with["fecha"], err = quincena.ParseDate(raw); err != nil {
				return d.showFunds(w, r, v, http.StatusUnprocessableEntity, fundsView{Error: "Revisa la fecha."}, form)
			}
		}
	}
	with["pedido"], with["motivo"], with["evidencia"] = word(r.PostForm.Get("pedido")), form.Reason, form.Evidence
	return d.settleFunds(w, r, v, name, with)
}

// correction approves or refuses what somebody else asked for.
func (d *Desk) correction(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := rowOfMoney(r)
	if err != nil {
		return err
	}
	with := map[string]any{"ajuste": id}
	switch r.PathValue("que") {
	case "autorizar":
		return d.settleFunds(w, r, v, "correction.approve", with)
	case "rechazar":
		reason, err := casework.Text(r.PostForm.Get("motivo"), casework.MaxReason)
		if err != nil {
			return d.showFunds(w, r, v, http.StatusUnprocessableEntity, fundsView{Error: "Escribe por qué se rechaza."}, typed{})
		}
		with["motivo"] = reason
		return d.settleFunds(w, r, v, "correction.reject", with)
	}
	return fault.New(fault.NotFound, "no_such_deed", "Eso no se puede hacer aquí.")
}

// review accepts or rejects a vale that waits for a person.
func (d *Desk) review(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := rowOfMoney(r)
	if err != nil {
		return err
	}
	name := map[string]string{"aceptar": "vale.clear", "rechazar": "vale.reject"}[r.PathValue("que")]
	if name == "" {
		return fault.New(fault.NotFound, "no_such_deed", "Eso no se puede hacer aquí.")
	}
	return d.settleFunds(w, r, v, name, map[string]any{"vale": id, "motivo": typedIn(r).Reason})
}

// rowOfMoney is the id of what a form is about.
func rowOfMoney(r *http.Request) (string, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return "", fault.New(fault.NotFound, "no_such_row", "Eso ya no está.")
	}
	return id.String(), nil
}

// relacion is the statement of a distributor as a PDF to be kept or printed.
// Clients' names are in it: reading it leaves an audit row.
func (d *Desk) relacion(w http.ResponseWriter, r *http.Request, v visit) error {
	s, err := d.cfg.Store.Statement(r.Context(), "agent:"+v.Agent, word(r.PathValue("reference")), v.now)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if err := statement.PDF(&body, s); err != nil {
		return fmt.Errorf("draw statement: %w", err)
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="`+s.Relacion.Folio+`.pdf"`)
	_, _ = body.WriteTo(w) // a browser that left is no error
	return nil
}

// correctionName is what people call a kind of correction.
func correctionName(kind lending.CorrectionKind) string {
	switch kind {
	case lending.CorrectMatch:
		return "Poner un depósito en un crédito"
	case lending.CorrectReturn:
		return "Devolver un depósito"
	case lending.CorrectUnapply:
		return "Quitar un pago de un crédito"
	case lending.CorrectQuita:
		return "Perdonar una parte (quita)"
	case lending.CorrectGoodwill:
		return "Bonificación"
	case lending.CorrectWaive:
		return "Condonar recargos"
	case lending.CorrectWriteOff:
		return "Castigar el crédito"
	case lending.CorrectRefund:
		return "Reembolsar saldo a favor"
	}
	return string(kind)
}
