package lending

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Request is something that a person asks of the lender and that people see
// to, with its folio and its term. A person has at most one open request of a
// kind.
type Request struct {
	ID         uuid.UUID
	Folio      string // S-00003
	Kind       RequestKind
	ContactKey string
	PersonID   uuid.UUID
	Note       string // in her words; secret
	Opened     time.Time
	DueBy      time.Time
	Closed     time.Time // zero while it is open

	// Of an application only.
	Decision Decision
	Reason   string        // of a rejection: ingresos, documentos or historial
	Amount   money.Amount  // asked for, then granted or offered, centavos
	RetryOn  quincena.Date // after a rejection
	Income   Income        // what she says that she earns
	Debts    money.Amount  // what she says that she pays elsewhere a month, centavos
}

// RequestKind says what is asked. The words are those that flows use.
type RequestKind string

// The kinds of request.
const (
	RequestReceipt RequestKind = "comprobante" // look for a payment by its receipt
	RequestFraud   RequestKind = "fraude"      // somebody speaks in our name
	RequestARCO    RequestKind = "arco"        // access, correction, deletion of or objection to personal data
	RequestOpinion RequestKind = "opinion"     // how we do, from 1 to 5, with what people said of it
	RequestRenewal RequestKind = "renovacion"  // wants to hear of the next vale
	RequestPlan    RequestKind = "plan"        // said yes to a new plan; its evidence
)

// term is by when people must have answered a request.
func (k RequestKind) term(now time.Time, s Settings) (time.Time, bool) {
	switch k {
	case RequestReceipt, RequestFraud, RequestPlan:
		return now.Add(24 * time.Hour), true
	case RequestARCO:
		return businessDays(now, arcoDays, s), true
	case RequestApplication:
		return now.AddDate(0, 0, 15), true // to send what is missing
	case RequestOpinion:
		return now.AddDate(0, 0, 7), true
	case RequestRenewal:
		return now.AddDate(0, 3, 0), true
	}
	return time.Time{}, false
}

// arcoDays are the business days within which a request about personal data
// must be answered: Ley Federal de Protección de Datos Personales en Posesión
// de los Particulares, article 31.
const arcoDays = 20

// businessDays is the end of the n-th business day after a day.
func businessDays(now time.Time, n int, s Settings) time.Time {
	day := quincena.On(now, s.Zone)
	for n > 0 {
		if day = day.AddDays(1); s.Calendar.IsBusinessDay(day) {
			n--
		}
	}
	return day.At(18, 0, s.Zone)
}

func requestUses() []use {
	done := []string{"ok", outcomeError}
	folio := flow.Fields{"folio": flow.Text}
	one := flow.Fields{"solicitud": flow.Text}
	return []use{
		{"request.open", flow.ActionSpec{
			With: flow.Fields{"tipo": flow.Option, "nota": flow.Text}, Outcomes: done,
			Result: flow.Fields{"id": flow.Text, "folio": flow.Text, "vence": flow.Date},
		}, (*act).requestOpen},
		{"request.note", flow.ActionSpec{With: flow.Fields{"solicitud": flow.Text, "nota": flow.Text}, Outcomes: done}, (*act).requestNote},
		{"request.close", flow.ActionSpec{With: one, Outcomes: done}, (*act).requestClose},
		{"fraud.report", flow.ActionSpec{Outcomes: done, Result: folio}, (*act).fraudReport},
		{"arco.request", flow.ActionSpec{Outcomes: done, Result: folio}, (*act).arcoRequest},
	}
}

func (a *act) requestOpen() (Result, error) {
	r, err := a.request(RequestKind(a.text("tipo")), a.text("nota"))
	if err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"id": r.ID.String(), "folio": r.Folio, "vence": quincena.On(r.DueBy, a.set.Zone)})
}

// fraudReport notes that somebody speaks in our name.
func (a *act) fraudReport() (Result, error) {
	r, err := a.request(RequestFraud, "")
	if err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"folio": r.Folio})
}

// arcoRequest opens a request about personal data and starts its dialogue.
func (a *act) arcoRequest() (Result, error) {
	r, err := a.request(RequestARCO, "")
	if err != nil {
		return Result{}, err
	}
	a.b.Emits = append(a.b.Emits, Emit{
		Key: EventARCORequested + ":" + r.ID.String(), PersonID: r.PersonID, Name: EventARCORequested,
		About: About{AboutRequest, r.ID.String()},
	})
	return with("ok", map[string]any{"folio": r.Folio})
}

// request opens a request, or returns the one of its kind that is open, with
// what is said now added to what was said before.
func (a *act) request(kind RequestKind, note string) (Request, error) {
	due, ok := kind.term(a.Now, a.set)
	switch {
	case !ok:
		return Request{}, fault.New(fault.Invalid, "no_such_request", "Ese tipo de solicitud no existe.")
	case a.Person == uuid.Nil:
		return Request{}, fault.New(fault.Invalid, "no_contact", "Esta acción necesita una conversación.")
	}
	all, err := a.b.RequestsOf(a.Person)
	if err != nil {
		return Request{}, err
	}
	for _, r := range all {
		if r.Kind == kind {
			a.about(KindRequest, r.ID)
			return r, a.addNote(r, note)
		}
	}
	folio, err := a.b.NextFolio("S")
	if err != nil {
		return Request{}, err
	}
	r := Request{
		ID: a.NewID(), Folio: folio, Kind: kind, ContactKey: a.Contact, PersonID: a.Person,
		Note: clipNote(note), Opened: a.Now, DueBy: due,
	}
	a.b.AddRequest(r)
	a.about(KindRequest, r.ID)
	return r, nil
}

// noteMost is the most that is kept of what people say of a request, in bytes.
const noteMost = 2000

func clipNote(note string) string {
	return strings.ToValidUTF8(note[:min(len(note), noteMost)], "")
}

// addNote adds a line to a request, once.
func (a *act) addNote(r Request, note string) error {
	if note == "" || strings.Contains(r.Note, note) {
		return nil
	}
	r.Note = clipNote(strings.TrimPrefix(r.Note+"\n"+note, "\n"))
	a.b.PutRequest(r)
	return nil
}

func (a *act) requestNamed() (Request, error) {
	id, err := a.id("solicitud")
	if err != nil {
		return Request{}, err
	}
	a.about(KindRequest, id)
	r, err := a.b.Request(id)
	if err != nil {
		return Request{}, err
	}
	return r, a.entitled(r.PersonID)
}

func (a *act) requestNote() (Result, error) {
	r, err := a.requestNamed()
	if err != nil {
		return Result{}, err
	}
	return Result{Outcome: "ok"}, a.addNote(r, a.text("nota"))
}

func (a *act) requestClose() (Result, error) {
	r, err := a.requestNamed()
	if err != nil {
		return Result{}, err
	}
	if r.Closed.IsZero() {
		r.Closed = a.Now
		a.b.PutRequest(r)
	}
	return say("ok")
}

// Request reads a request by id.
func (b *Book) Request(id uuid.UUID) (Request, error) {
	return get[Request](b, Key{KindRequest, id.String()})
}

// PutRequest changes a request.
func (b *Book) PutRequest(r Request) { put(b, Key{KindRequest, r.ID.String()}, r) }

// AddRequest adds a request made in this transaction.
func (b *Book) AddRequest(r Request) {
	b.PutRequest(r)
	b.link(Key{KindRequestsByPerson, r.PersonID.String()}, r.ID.String())
}

// RequestsOf reads the open requests of a person, oldest first.
func (b *Book) RequestsOf(person uuid.UUID) ([]Request, error) {
	return many[Request](b, Key{KindRequestsByPerson, person.String()}, KindRequest)
}

// request is what a person may know of her own request.
func (r *reader) request(id string) (map[string]any, error) {
	q, err := readByText(r.b.Request, id, KindRequest)
	if err != nil {
		return nil, err
	}
	if err := r.entitled(q.PersonID); err != nil {
		return nil, err
	}
	c := r.set.capacity(q, r.today)
	return map[string]any{
		"id": q.ID.String(), "folio": q.Folio, "tipo": string(q.Kind), "vence": quincena.On(q.DueBy, r.set.Zone),
		"decision": string(q.Decision), "motivo": q.Reason, "monto": q.Amount, "desde": q.RetryOn,
		"ingreso": q.Income.Amount, "cada": string(q.Income.Per), "pago_tope": c.payment, "alcanza": c.most,
		"pide_deudas": r.set.productOn(r.today).Capacity.Debts,
	}, nil
}
