package lending

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// An application is a Request of kind RequestApplication: a person asks how
// much she may get. People at the desk decide; the dialogue asks for what is
// missing and tells what was decided.

// RequestApplication is the kind of request by which a person asks how much a
// vale of hers may be.
const RequestApplication RequestKind = "alta"

// applicationDays are the business days within which an application that is
// complete is answered.
const applicationDays = 2

// Decision is what people decided about an application. The words are those
// that flows compare.
type Decision string

// The decisions.
const (
	Undecided Decision = ""
	Approved  Decision = "aprobada"
	Countered Decision = "contraoferta" // less than was asked for
	Rejected  Decision = "rechazada"
)

func applicationUses() []use {
	done := []string{"ok", outcomeError}
	one := flow.Fields{"solicitud": flow.Text}
	decided := []string{"ok", "not_found"}
	return []use{
		{"application.check", flow.ActionSpec{
			Outcomes: []string{"eligible", "overdue", "blocked", "open", outcomeError},
		}, (*act).applicationCheck},
		{"application.start", flow.ActionSpec{With: flow.Fields{"monto": flow.Amount}, Outcomes: done}, (*act).applicationStart},
		{"application.income", flow.ActionSpec{
			About: AboutRequest, With: flow.Fields{"solicitud": flow.Text, "monto": flow.Amount, "cada": flow.Option}, Outcomes: done,
		}, (*act).applicationIncome},
		{"application.debts", flow.ActionSpec{
			About: AboutRequest, With: flow.Fields{"solicitud": flow.Text, "monto": flow.Amount}, Outcomes: done,
		}, (*act).applicationDebts},
		{"application.submit", flow.ActionSpec{About: AboutRequest, With: one, Outcomes: done}, (*act).applicationSubmit},
		{"application.accept", flow.ActionSpec{About: AboutRequest, With: one, Outcomes: done}, (*act).applicationAccept},
		{"application.resume", flow.ActionSpec{Outcomes: done, Result: flow.Fields{"folio": flow.Text}}, (*act).applicationResume},
		{"application.status", flow.ActionSpec{
			Outcomes: done, Result: flow.Fields{"folio": flow.Text, "fecha": flow.Date},
		}, (*act).applicationStatus},
		{"application.approve", flow.ActionSpec{
			With: flow.Fields{"persona": flow.Text, "tope": flow.Amount}, Outcomes: decided,
		}, (*act).applicationApprove},
		{"application.counter", flow.ActionSpec{
			With: flow.Fields{"persona": flow.Text, "monto": flow.Amount}, Outcomes: decided,
		}, (*act).applicationCounter},
		{"application.reject", flow.ActionSpec{
			With: flow.Fields{"persona": flow.Text, "motivo": flow.Option, "desde": flow.Date}, Outcomes: decided,
		}, (*act).applicationReject},
	}
}

// openApplication finds the application of a person that is not closed.
func (a *act) openApplication(person uuid.UUID) (Request, bool, error) {
	if person == uuid.Nil {
		return Request{}, false, fault.New(fault.Invalid, "no_contact", "Esta acción necesita una conversación.")
	}
	all, err := a.b.RequestsOf(person)
	for _, r := range all {
		if r.Kind == RequestApplication {
			a.about(KindRequest, r.ID)
			return r, true, err
		}
	}
	return Request{}, false, err
}

// applicationCheck says whether an application makes sense, before anything is
// asked for.
func (a *act) applicationCheck() (Result, error) {
	_, open, err := a.openApplication(a.Person)
	if err != nil {
		return Result{}, err
	}
	p, err := a.b.Person(a.Person)
	if err != nil {
		return Result{}, err
	}
	overdue, err := a.overdue(p.ID)
	switch {
	case err != nil:
		return Result{}, err
	case open:
		return say("open")
	case p.Blocked:
		return say("blocked")
	case overdue > 0:
		return say("overdue")
	}
	return say("eligible")
}

// applicationStart opens an application and starts its dialogue.
func (a *act) applicationStart() (Result, error) {
	if a.amount("monto") <= 0 {
		return Result{}, fault.New(fault.Invalid, "amount_not_positive", "El monto debe ser mayor que cero.")
	}
	r, err := a.request(RequestApplication, "")
	if err != nil {
		return Result{}, err
	}
	r.Amount = a.amount("monto")
	a.b.PutRequest(r)
	a.tellRequest(EventApplicationStarted, r, r.ID.String())
	return say("ok")
}

// tellRequest emits an event to the dialogue of a request.
func (a *act) tellRequest(event string, r Request, key string) {
	a.b.Emits = append(a.b.Emits, Emit{
		Key: event + ":" + key, PersonID: r.PersonID, Name: event, About: About{AboutRequest, r.ID.String()},
	})
}

// applicationSubmit starts the term: everything that was asked for is there.
func (a *act) applicationSubmit() (Result, error) {
	r, err := a.requestNamed()
	if err != nil {
		return Result{}, err
	}
	r.DueBy = businessDays(a.Now, applicationDays, a.set)
	a.b.PutRequest(r)
	return say("ok")
}

// applicationAccept takes a counter-offer.
func (a *act) applicationAccept() (Result, error) {
	r, err := a.requestNamed()
	if err != nil {
		return Result{}, err
	}
	if r.Decision == Approved {
		return say("ok")
	}
	if r.Decision != Countered {
		return Result{}, fault.New(fault.Conflict, "no_counter_offer", "No hay una contraoferta que aceptar.")
	}
	r.Decision = Approved
	a.b.PutRequest(r)
	return Result{Outcome: "ok"}, a.setLimit(r.PersonID, r.Amount)
}

func (a *act) setLimit(person uuid.UUID, limit money.Amount) error {
	p, err := a.b.Person(person)
	if err != nil {
		return err
	}
	p.Limit = limit
	a.b.PutPerson(p)
	return nil
}

// errNoApplication is the answer to who asks about an application that is not there.
var errNoApplication = fault.New(fault.NotFound, "no_application", "No hay una solicitud abierta.")

// applicationResume goes on with an application that was left half done.
func (a *act) applicationResume() (Result, error) {
	r, open, err := a.openApplication(a.Person)
	if err != nil || !open {
		return Result{}, orNone(err)
	}
	a.tellRequest(EventApplicationResumed, r, r.ID.String()+":"+a.Now.UTC().Format(time.RFC3339Nano))
	return with("ok", map[string]any{"folio": r.Folio})
}

// applicationStatus answers how an application is going.
func (a *act) applicationStatus() (Result, error) {
	r, open, err := a.openApplication(a.Person)
	if err != nil || !open {
		return Result{}, orNone(err)
	}
	return with("ok", map[string]any{"folio": r.Folio, "fecha": quincena.On(r.DueBy, a.set.Zone)})
}

func orNone(err error) error {
	if err == nil {
		return errNoApplication
	}
	return err
}

// applicationApprove lets a person get vales up to an amount.
func (a *act) applicationApprove() (Result, error) {
	return a.decide(func(r *Request) error {
		r.Decision, r.Amount = Approved, a.amount("tope")
		if err := a.within(*r); err != nil {
			return err
		}
		return a.setLimit(r.PersonID, r.Amount)
	})
}

// applicationCounter offers less than was asked for.
func (a *act) applicationCounter() (Result, error) {
	return a.decide(func(r *Request) error {
		asked := r.Amount
		r.Decision, r.Amount, r.Reason = Countered, a.amount("monto"), ""
		if c := a.set.capacity(*r, a.today()); c.known && asked > c.most {
			r.Reason = reasonIncome
		}
		return a.within(*r)
	})
}

// applicationReject says no, why, and from when she may ask again. A no
// without a reason and a date is refused.
func (a *act) applicationReject() (Result, error) {
	return a.decide(func(r *Request) error {
		switch a.text("motivo") {
		case reasonIncome, "documentos", "historial":
		default:
			return fault.New(fault.Invalid, "no_such_reason", "El motivo debe ser ingresos, documentos o historial.")
		}
		if !a.date("desde").After(a.today()) {
			return fault.New(fault.Invalid, "retry_not_ahead", "La fecha para volver a pedirlo debe ser después de hoy.")
		}
		r.Decision, r.Reason, r.RetryOn = Rejected, a.text("motivo"), a.date("desde")
		return nil
	})
}

// decide writes what a person at the desk decided and tells the dialogue.
func (a *act) decide(set func(*Request) error) (Result, error) {
	person, err := a.id("persona")
	if err != nil {
		return Result{}, err
	}
	r, open, err := a.openApplication(person)
	if err != nil || !open {
		a.about(KindPerson, person)
		return Result{Outcome: "not_found"}, err
	}
	if err := set(&r); err != nil {
		return Result{}, err
	}
	a.note = string(r.Decision)
	a.b.PutRequest(r)
	a.tellRequest(EventApplicationDecided, r, r.ID.String()+":"+string(r.Decision))
	return say("ok")
}
