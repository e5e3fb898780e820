package lending

import (
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Facts gathers what a dialogue of a person may know: always of herself
// ("cliente"), and of what the dialogue is about where it concerns her. It
// returns ErrMissing until the Book holds enough, and a Denied fault for what
// belongs to somebody else. Contact is the key of the conversation, "" outside
// of one; person is uuid.Nil while nobody knows who writes; now is read once
// per turn; zone is the person's.
//
// Where somebody said that the number is not hers, "cliente" is nobody: her
// debts are not told to whoever holds the phone. While a contact is in doubt the
// same holds for what is about nothing but the person.
//
// Facts show the Book as it is, with what earlier actions of the same
// transaction did, with one exception: "promesas_rotas" leaves out a promise
// that this transaction found broken, since the flow that found it counts it.
func (c Catalog) Facts(b *Book, about About, contact string, person uuid.UUID, now time.Time, zone *time.Location) (flow.Facts, error) {
	r := &reader{b: b, set: c.settings, person: person, self: person, zone: zone, today: quincena.On(now, c.settings.Zone)}
	facts := flow.Facts{}
	if err := r.forgetIfWrong(contact, about); err != nil {
		return nil, err
	}
	self, err := r.client(about)
	if err != nil {
		return nil, err
	}
	facts["cliente"] = self
	switch about.Kind {
	case AboutVale:
		facts["vale"], err = r.vale(about.ID)
	case AboutDistributor:
		facts["distribuidora"], err = r.distributor(about.ID)
	case AboutPayment:
		facts["pago"], err = r.payment(about.ID)
	case AboutComplaint:
		facts["queja"], err = r.complaint(about.ID)
	case AboutRequest:
		facts["solicitud"], err = r.request(about.ID)
	}
	if err != nil {
		return nil, err
	}
	return facts, nil
}

// reader reads facts for one person on one day.
type reader struct {
	b      *Book
	set    Settings
	person uuid.UUID // who is entitled
	self   uuid.UUID // whom "cliente" tells about; uuid.Nil for nobody
	zone   *time.Location
	today  quincena.Date
}

// forgetIfWrong makes "cliente" nobody on a number that is not hers, or may not be.
func (r *reader) forgetIfWrong(contact string, about About) error {
	if contact == "" {
		return nil
	}
	c, err := r.b.Contact(contact)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if !c.WrongNumber.IsZero() || c.InDoubt() && about == (About{}) {
		r.self = uuid.Nil
	}
	return err
}

// client is what a person may know of herself. Nobody in particular has the
// same fields, so that messages need not ask who is reading.
func (r *reader) client(about About) (map[string]any, error) {
	if r.self == uuid.Nil {
		return clientFields(Person{Segment: segmentOfNobody}, false, Distributor{State: loan.DistributorClosed}, standing{}), nil
	}
	p, err := r.b.Person(r.self)
	if err != nil {
		return nil, err
	}
	d, isDistributor, err := r.b.DistributorOf(r.self)
	if err != nil {
		return nil, err
	}
	loans, err := r.b.LoansOf(r.self)
	if err != nil {
		return nil, err
	}
	st, err := r.standing(p, loans, about)
	if err != nil {
		return nil, err
	}
	p.Broken = brokenBefore(r.b, p)
	if !isDistributor {
		d.State = loan.DistributorClosed
	}
	return clientFields(p, true, d, st), nil
}

// brokenBefore is how many promises a person had broken when the transaction
// began.
func brokenBefore(b *Book, p Person) int {
	if old, ok := b.find(Key{KindPerson, p.ID.String()}).Old.(Person); ok {
		return old.Broken
	}
	return p.Broken
}

func clientFields(p Person, known bool, d Distributor, s standing) map[string]any {
	return map[string]any{
		"nombre": p.Name, "saldo": s.owed, "para_terminar": s.payoff, "ahorro_hoy": s.owed - s.payoff, "proximo_monto": s.nextAmount, "proxima_fecha": s.nextDue,
		"segmento": p.Segment, "pagos_hechos": p.PaidCount, "promesas_rotas": p.Broken,
		"puede_reestructurar": s.mayReplan, "pagos_restantes": s.left,
		"es_distribuidora": d.State != loan.DistributorClosed, "debe_relacion": d.State != loan.DistributorClosed && d.Owes, "conocida": known, "liga": s.link,
		"referencia": s.reference, "clabe": s.clabe,
		"estado": mexid.Phone(p.Phone).State(), // decides what regional words mean
	}
}

// standing is where a person stands over all her loans. What is left and
// whether a new plan is possible are of the loan that the dialogue is about,
// where it is about one.
type standing struct {
	owed, nextAmount money.Amount
	payoff           money.Amount // what would settle all today
	nextDue          quincena.Date
	left             int
	mayReplan        bool
	link             string // of the papers of the loan that falls due next
	reference, clabe string // by which that loan is paid
}

func (r *reader) standing(p Person, loans []Loan, about About) (standing, error) {
	s := standing{}
	payments, err := paymentsOf(r.b, loans)
	if err != nil {
		return s, err
	}
	for i, l := range loans {
		at := position(l, payments[i], r.today)
		s.owed += at.Owed
		s.payoff += l.Payoff(payments[i], r.today)
		if at.NextN > 0 && l.State == loan.LoanActive && (s.nextDue.IsZero() || at.NextDue.Before(s.nextDue)) {
			s.nextDue, s.nextAmount, s.link = at.NextDue, at.NextAmount, r.set.link(l.ValeID)
			s.reference, s.clabe = l.Reference, r.set.payIn(l, r.today)
		}
		if about.Kind != AboutPayment || about.ID == l.ID.String() {
			s.left += at.Left
			s.mayReplan = s.mayReplan || r.set.mayReplan(l, at, p)
		}
	}
	return s, nil
}

// vale is what the beneficiary and the distributor of a vale may know of it.
func (r *reader) vale(id string) (map[string]any, error) {
	v, err := readByText(r.b.Vale, id, KindVale)
	if err != nil {
		return nil, err
	}
	d, err := r.b.Distributor(v.DistributorID)
	if err != nil {
		return nil, err
	}
	if r.person != d.PersonID {
		if err := r.entitled(v.PersonID); err != nil {
			return nil, err
		}
	}
	giver, err := r.b.Person(d.PersonID)
	if err != nil {
		return nil, err
	}
	taker, err := r.b.Person(v.PersonID)
	if err != nil {
		return nil, err
	}
	attempts, err := r.attempts(v)
	if err != nil {
		return nil, err
	}
	t := v.Quote.Terms
	once, daily := v.Quote.LateCost()
	return map[string]any{
		"id": v.ID.String(), "folio": v.Folio, "persona": v.PersonID.String(), "persona_nombre": taker.Name,
		"distribuidora": giver.Name, "monto": t.Asked(), "quincenas": t.N, "pago": t.Payment,
		"total": t.Total, "cat": t.CAT.String(), "mora": once, "mora_diaria": daily, "primer_pago": t.First,
		"expira": quincena.On(v.Expires, r.zone), "liga": r.set.link(v.ID),
		"estado": strings.ToLower(string(v.State)), "entrega": payoutStatus(attempts),
	}, nil
}

// attempts reads what was tried to pay a vale out. Before it is accepted there
// is nothing, which need not be looked up.
func (r *reader) attempts(v Vale) ([]Disbursement, error) {
	if v.State != loan.ValeConverted {
		return nil, nil
	}
	return r.b.DisbursementsOf(v.ID)
}

// payoutStatus is the Spanish word that flows compare for where the money is,
// by the last attempt.
func payoutStatus(attempts []Disbursement) string {
	if len(attempts) == 0 {
		return "pendiente"
	}
	switch last := attempts[len(attempts)-1]; {
	case last.State == loan.DisbursementSettled:
		return "entregada"
	case last.State == loan.DisbursementRejected:
		return "pendiente"
	case last.State == loan.DisbursementReturned, last.State == loan.DisbursementCancelled && last.Rail == RailSPEI:
		return "devuelta"
	case last.State == loan.DisbursementCancelled:
		return "vencida"
	}
	return "en_curso"
}

// distributor is what a distributor may know of her own line.
func (r *reader) distributor(id string) (map[string]any, error) {
	d, err := readByText(r.b.Distributor, id, KindDistributor)
	if err != nil {
		return nil, err
	}
	if d.PersonID != r.person {
		return nil, errNotYours
	}
	p, err := r.b.Person(d.PersonID)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": d.ID.String(), "estatus": distributorStatus(d.State), "disponible": d.Available(),
		"limite": d.Limit, "plazos": slices.Clone(d.Terms), "nombre": p.Name,
	}, nil
}

// distributorStatus is the Spanish word that flows compare.
func distributorStatus(s loan.DistributorState) string {
	switch s {
	case loan.DistributorActive:
		return "activa"
	case loan.DistributorBlocked:
		return "bloqueada"
	case loan.DistributorApplicant:
		return "solicitante"
	}
	return "cerrada"
}

// payment is what a borrower may know of what she has to pay next: what is
// overdue where something is, or else the next instalment.
func (r *reader) payment(id string) (map[string]any, error) {
	l, err := readByText(r.b.Loan, id, KindLoan)
	if err != nil {
		return nil, err
	}
	if err := r.entitled(l.PersonID); err != nil {
		return nil, err
	}
	payments, err := r.b.PaymentsOf(l.ID)
	if err != nil {
		return nil, err
	}
	at := position(l, payments, r.today)
	return map[string]any{
		"credito": l.ID.String(), "folio": l.Folio, "monto": max(at.Overdue, at.NextAmount), "vence": at.NextDue,
		"dias_atraso": at.DaysLate, "pagado": nothingDue(at), "referencia": l.Reference,
		"liga": r.set.link(l.ValeID), "clabe": r.set.payIn(l, r.today),
	}, nil
}

// nothingDue reports whether nothing falls due within the span of the first
// reminder.
func nothingDue(p Position) bool {
	return p.NextN == 0 || (p.DaysLate == 0 && p.AsOf.DaysUntil(p.NextDue) > remindBefore)
}

// entitled refuses a person who asks for what is somebody else's.
func (r *reader) entitled(owner uuid.UUID) error {
	hers, err := r.b.belongs(owner, r.person)
	if err == nil && !hers {
		return errNotYours
	}
	return err
}

// errNotYours is what anybody gets who asks for another's facts.
var errNotYours = fault.New(fault.Denied, "not_yours", "Ese registro es de otra persona.")

// readByText reads an entity by its id as text.
func readByText[T any](read func(uuid.UUID) (T, error), text string, kind Kind) (T, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		var zero T
		return zero, fault.Newf(fault.NotFound, "no_such_"+string(kind), "No existe ese registro (%s).", kind).Because(err)
	}
	return read(id)
}

// linkAlphabet has no letters that are mistaken for digits when read aloud.
var linkAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// link is the short link of a vale's papers. It ends in random bits of the id,
// so that knowing one link tells nothing of another.
func (s Settings) link(id uuid.UUID) string {
	return s.LinkBase + "/" + linkAlphabet.EncodeToString(id[11:])
}
