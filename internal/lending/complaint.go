package lending

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
)

// Complaint is a complaint with its folio and its 48 hours.
type Complaint struct {
	ID         uuid.UUID
	Folio      string // Q-00003
	ContactKey string
	PersonID   uuid.UUID // uuid.Nil if unknown
	State      ComplaintState
	Opened     time.Time
	DueBy      time.Time
	Answered   time.Time // when a person last answered it; zero before
	Closed     time.Time // zero while it is not closed
	Resolution string    // what people answered, as it was sent; secret; "" before
}

// ComplaintState is where a complaint stands.
type ComplaintState string

// The states. An answered complaint may be opened again: only the person who
// complained says that it is resolved, or time does.
const (
	ComplaintOpen     ComplaintState = "OPEN"
	ComplaintAnswered ComplaintState = "ANSWERED"
	ComplaintClosed   ComplaintState = "CLOSED"
)

func complaintUses() []use {
	one := flow.Fields{"queja": flow.Text}
	done := []string{"ok", outcomeError}
	return []use{
		{"complaint.open", flow.ActionSpec{Outcomes: done, Result: flow.Fields{"folio": flow.Text}}, (*act).complaintOpen},
		{"complaint.answer", flow.ActionSpec{About: AboutComplaint, With: one, Outcomes: done}, (*act).complaintAnswer},
		{"complaint.resolve", flow.ActionSpec{
			With: flow.Fields{"queja": flow.Text, "resolucion": flow.Text}, Outcomes: []string{"ok", "closed"},
		}, (*act).complaintResolve},
		{"complaint.reopen", flow.ActionSpec{About: AboutComplaint, With: one, Outcomes: done}, complaintMove(reopened)},
		{"complaint.close", flow.ActionSpec{About: AboutComplaint, With: one, Outcomes: done}, complaintMove(closed)},
	}
}

// complaintOpen gives a complaint its folio and its 48 hours. Who complains
// again while a complaint is open hears the same folio, and its clock goes on.
func (a *act) complaintOpen() (Result, error) {
	if a.Contact == "" && a.Person == uuid.Nil {
		return Result{}, fault.New(fault.Invalid, "no_contact", "Esta acción necesita una conversación.")
	}
	q, open, err := a.openComplaint()
	if err != nil {
		return Result{}, err
	}
	if !open {
		if q, err = a.newComplaint(); err != nil {
			return Result{}, err
		}
	}
	a.about(KindComplaint, q.ID)
	return with("ok", map[string]any{"folio": q.Folio})
}

// openComplaint finds the complaint of the caller that is not closed.
func (a *act) openComplaint() (Complaint, bool, error) {
	if a.Person == uuid.Nil {
		return Complaint{}, false, nil
	}
	all, err := a.b.ComplaintsOf(a.Person)
	if err != nil || len(all) == 0 {
		return Complaint{}, false, err
	}
	return all[len(all)-1], true, nil
}

func (a *act) newComplaint() (Complaint, error) {
	folio, err := a.b.NextFolio("Q")
	if err != nil {
		return Complaint{}, err
	}
	q := Complaint{
		ID: a.NewID(), Folio: folio, ContactKey: a.Contact, PersonID: a.Person, State: ComplaintOpen,
		Opened: a.Now, DueBy: a.Now.Add(a.set.ComplaintTime),
	}
	a.b.AddComplaint(q)
	if q.PersonID != uuid.Nil {
		a.b.Emits = append(a.b.Emits, Emit{
			Key: EventComplaintOpened + ":" + q.ID.String(), PersonID: q.PersonID, Name: EventComplaintOpened,
			About: About{AboutComplaint, q.ID.String()},
		})
	}
	return q, nil
}

// complaintAnswer notes that a person has answered. The dialogue of the
// complaint hears of it where it did not ask for that itself.
func (a *act) complaintAnswer() (Result, error) {
	result, err := complaintMove(answered)(a)
	if err != nil || a.byFlow() {
		return result, err
	}
	id, err := a.id("queja")
	if err != nil {
		return Result{}, err
	}
	q, err := a.b.Complaint(id)
	if err == nil && q.Answered.Equal(a.Now) {
		a.tellAnswered(q)
	}
	return result, err
}

// complaintResolve keeps what a person answered and has the client asked whether
// that settles it. Answering again, after she said no, replaces the text. One
// that is closed stays as it is.
func (a *act) complaintResolve() (Result, error) {
	id, err := a.id("queja")
	if err != nil {
		return Result{}, err
	}
	a.about(KindComplaint, id)
	q, err := a.b.Complaint(id)
	switch {
	case err != nil:
		return Result{}, err
	case a.text("resolucion") == "":
		return Result{}, fault.New(fault.Invalid, "no_resolution", "Escribe qué se le respondió.")
	case q.State == ComplaintClosed:
		return say("closed")
	}
	q.State, q.Answered, q.Resolution = ComplaintAnswered, a.Now, clipNote(a.text("resolucion"))
	a.b.PutComplaint(q)
	a.tellAnswered(q)
	return say("ok")
}

// tellAnswered tells the dialogue of a complaint that people have answered.
func (a *act) tellAnswered(q Complaint) {
	if q.PersonID == uuid.Nil {
		return
	}
	a.b.Emits = append(a.b.Emits, Emit{
		Key:      EventComplaintAnswer + ":" + q.ID.String() + ":" + q.Answered.UTC().Format(time.RFC3339Nano),
		PersonID: q.PersonID, Name: EventComplaintAnswer, About: About{AboutComplaint, q.ID.String()},
	})
}

// complaintMove makes an action that moves the complaint that the input names.
func complaintMove(move func(*Complaint, time.Time)) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		id, err := a.id("queja")
		if err != nil {
			return Result{}, err
		}
		a.about(KindComplaint, id)
		q, err := a.b.Complaint(id)
		if err != nil {
			return Result{}, err
		}
		if err := a.entitled(q.PersonID); err != nil {
			return Result{}, err
		}
		was := q
		if move(&q, a.Now); q != was {
			a.b.PutComplaint(q)
		}
		return say("ok")
	}
}

// answered notes that a person has answered. Later answers of one that waits
// for its verdict change nothing.
func answered(q *Complaint, now time.Time) {
	if q.State == ComplaintOpen {
		q.State, q.Answered = ComplaintAnswered, now
	}
}

// reopened notes that the answer did not resolve it. The first deadline stays:
// it is the one that was promised.
func reopened(q *Complaint, _ time.Time) {
	if q.State == ComplaintAnswered {
		q.State = ComplaintOpen
	}
}

func closed(q *Complaint, now time.Time) {
	if q.State != ComplaintClosed {
		q.State, q.Closed = ComplaintClosed, now
	}
}

// Complaint reads a complaint by id.
func (b *Book) Complaint(id uuid.UUID) (Complaint, error) {
	return get[Complaint](b, Key{KindComplaint, id.String()})
}

// PutComplaint changes or adds a complaint.
func (b *Book) PutComplaint(c Complaint) { put(b, Key{KindComplaint, c.ID.String()}, c) }

// AddComplaint adds a complaint made in this transaction.
func (b *Book) AddComplaint(c Complaint) {
	b.PutComplaint(c)
	if c.PersonID != uuid.Nil {
		b.link(Key{KindComplaintsByPerson, c.PersonID.String()}, c.ID.String())
	}
}

// ComplaintsOf reads the complaints of a person that are not closed, oldest first.
func (b *Book) ComplaintsOf(person uuid.UUID) ([]Complaint, error) {
	return many[Complaint](b, Key{KindComplaintsByPerson, person.String()}, KindComplaint)
}

// complaint is what a person may know of her own complaint.
func (r *reader) complaint(id string) (map[string]any, error) {
	q, err := readByText(r.b.Complaint, id, KindComplaint)
	if err != nil {
		return nil, err
	}
	if err := r.entitled(q.PersonID); err != nil {
		return nil, err
	}
	return map[string]any{
		"id": q.ID.String(), "folio": q.Folio, "vence": q.DueBy, "condusef": r.set.CondusefPhone,
	}, nil
}
