package lending

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func valeUses() []use {
	one := flow.Fields{"vale": flow.Text}
	return []use{
		{"vale.quote", flow.ActionSpec{
			About:    AboutDistributor,
			With:     flow.Fields{"monto": flow.Amount, "quincenas": flow.Int, "persona": flow.Text},
			Outcomes: []string{"ok", "not_eligible", outcomeError},
			Result:   flow.Fields{"pago": flow.Amount, "total": flow.Amount},
		}, (*act).valeQuote},
		{"vale.authorize", flow.ActionSpec{
			About: AboutDistributor,
			With: flow.Fields{
				"distribuidora": flow.Text, "persona": flow.Text, "monto": flow.Amount,
				"quincenas": flow.Int, "nip": flow.PIN,
			},
			Outcomes: []string{"ok", "duplicate", "line_exceeded", "bad_pin", "pin_locked", outcomeError},
			Result:   flow.Fields{"folio": flow.Text, "disponible": flow.Amount},
		}, (*act).valeAuthorize},
		{"vale.accept", flow.ActionSpec{
			About: AboutVale, With: one,
			Outcomes: []string{"ok", "already_accepted", "in_review", "expired", "cancelled", outcomeError},
		}, (*act).valeAccept},
		{"vale.decline", flow.ActionSpec{
			About: AboutVale, With: one, Outcomes: []string{"ok", outcomeError},
		}, (*act).valeDecline},
		{"vale.release", flow.ActionSpec{
			About: AboutVale, With: one, Outcomes: []string{"ok", outcomeError},
		}, (*act).valeRelease},
		{"vale.cancel", flow.ActionSpec{With: one, Outcomes: []string{"ok"}}, (*act).valeCancel},
		{"vale.offered", flow.ActionSpec{With: one, Outcomes: []string{"ok"}}, (*act).valeOffered},
	}
}

// offer is what a distributor wants to authorise.
type offer struct {
	distributor Distributor
	person      Person
	amount      money.Amount
	terms       int // quincenas
}

// readOffer reads the inputs that quoting and authorising share.
func (a *act) readOffer() (offer, error) {
	d, err := a.distributorOfCaller()
	if err != nil {
		return offer{}, err
	}
	id, err := a.id("persona")
	if err != nil {
		return offer{}, err
	}
	p, err := a.b.Person(id)
	if err != nil {
		return offer{}, err
	}
	return offer{d, p, a.amount("monto"), a.int("quincenas")}, nil
}

// eligible refuses an offer that the lender does not make, apart from the
// limit of the line, which has an outcome of its own.
func (a *act) eligible(o offer) error {
	overdue, err := a.overdue(o.person.ID)
	if err != nil {
		return err
	}
	crowded, err := a.tooManyLive(o.person.ID)
	switch {
	case err != nil:
		return err
	case o.distributor.State != loan.DistributorActive:
		return fault.New(fault.Denied, "distributor_blocked", "Tu cuenta está en pausa.")
	case o.person.Blocked:
		return fault.New(fault.Denied, "person_blocked", "Esa persona no puede recibir vales por ahora.")
	case o.person.ID == o.distributor.PersonID:
		return fault.New(fault.Denied, "own_vale", "No puedes autorizarte un vale.")
	case a.prevale(o):
		return fault.New(fault.Limited, "prevale_limit", "El primer vale de esa persona no puede ser tan alto.")
	case overdue > 0:
		return fault.New(fault.Denied, "person_overdue", "Esa persona tiene pagos vencidos.")
	case crowded:
		return fault.New(fault.Limited, "too_many_live", "Esa persona ya tiene todos los vales que puede tener a la vez.")
	case o.amount > o.person.Limit:
		return fault.New(fault.Limited, "person_limit", "Ese monto pasa el tope de esa persona.")
	case !slices.Contains(o.distributor.Terms, o.terms):
		return fault.New(fault.Invalid, "terms_not_offered", "Ese plazo no está entre los tuyos.")
	}
	return nil
}

// tooManyLive reports whether a person has as many vales under way and unpaid
// loans as the product allows.
func (a *act) tooManyLive(person uuid.UUID) (bool, error) {
	most := a.product().MaxLive
	if most == 0 {
		return false, nil
	}
	loans, err := a.b.LoansOf(person)
	if err != nil {
		return false, err
	}
	vales, err := a.b.ValesOf(person)
	if err != nil {
		return false, err
	}
	live := 0
	for _, l := range loans {
		if l.State == loan.LoanActive || l.State == loan.LoanPendingDisbursement {
			live++
		}
	}
	for _, v := range vales {
		if !v.State.Terminal() {
			live++
		}
	}
	return live >= most, nil
}

// quote computes the terms of an offer as of today.
func (a *act) quote(o offer) (loan.Quote, error) {
	return loan.NewQuote(a.product(), o.amount, o.terms, a.today(), a.set.Calendar)
}

// product is the version of the product that holds today. Before the first one
// it is that which the settings name, so that the quote says when it begins.
func (a *act) product() loan.Product { return a.set.productOn(a.today()) }

func (s Settings) productOn(day quincena.Date) loan.Product {
	if p, err := s.Products.On(s.Product.ID, day); err == nil {
		return p
	}
	return s.Product
}

// valeQuote says what an offer would cost the beneficiary. Nothing is promised.
func (a *act) valeQuote() (Result, error) {
	o, err := a.readOffer()
	if err != nil {
		return Result{}, err
	}
	a.about(KindPerson, o.person.ID)
	q, err := a.quote(o)
	if err == nil {
		err = a.eligible(o)
	}
	switch fault.KindOf(err) {
	case fault.Denied, fault.Limited, fault.Invalid:
		a.note = fault.CodeOf(err)
		return say("not_eligible")
	}
	if err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"pago": q.Terms.Payment, "total": q.Terms.Total})
}

// valeAuthorize turns a distributor's word and NIP into a vale: terms frozen
// and hashed, line held, folio given, beneficiary told. Everything that it
// reads is read before the NIP is compared, because comparing is slow on
// purpose and a run that finds something missing starts again.
func (a *act) valeAuthorize() (Result, error) {
	o, err := a.readOffer()
	if err != nil {
		return Result{}, err
	}
	a.about(KindDistributor, o.distributor.ID)
	vales, err := a.b.ValesOf(o.person.ID)
	if err != nil {
		return Result{}, err
	}
	if err := a.b.reserved("V"); err != nil {
		return Result{}, err
	}
	refusal := a.eligible(o)
	if errors.Is(refusal, ErrMissing) {
		return Result{}, refusal
	}
	if a.text("distribuidora") != o.distributor.ID.String() {
		return Result{}, errNotYours
	}
	if outcome := a.checkPIN(&o.distributor); outcome != "" {
		return say(outcome)
	}
	if v, ok := sameVale(vales, o, a.Now.Add(-a.set.SameVale)); ok {
		a.about(KindVale, v.ID)
		return with("duplicate", authorised(v, o.distributor))
	}
	if refusal != nil {
		return Result{}, refusal
	}
	if o.amount > o.distributor.Available() {
		return lineExceeded(o.distributor)
	}
	return a.authorise(o)
}

// checkPIN compares the NIP and counts misses. It returns "" if the NIP is
// right. While locked even the right NIP is refused, and is not compared.
func (a *act) checkPIN(d *Distributor) string {
	if d.LockedUntil.After(a.Now) {
		return "pin_locked"
	}
	if a.Verify(d.PINHash, a.text("nip")) {
		d.PINFails = 0
		a.b.PutDistributor(*d)
		return ""
	}
	d.PINFails++
	outcome := "bad_pin"
	if d.PINFails >= a.set.PINMisses {
		d.PINFails, d.LockedUntil = 0, a.Now.Add(a.set.PINLock)
		outcome = "pin_locked"
	}
	a.b.PutDistributor(*d)
	return outcome
}

// sameVale finds a live vale that says the same and was authorised since the
// given instant: a repeated message, not a second vale.
func sameVale(vales []Vale, o offer, since time.Time) (Vale, bool) {
	for _, v := range vales {
		same := v.DistributorID == o.distributor.ID &&
			v.Quote.Terms.Asked() == o.amount && v.Quote.Terms.N == o.terms
		if same && v.AuthorisedAt.After(since) {
			return v, true
		}
	}
	return Vale{}, false
}

func authorised(v Vale, d Distributor) map[string]any {
	return map[string]any{"folio": v.Folio, "disponible": d.Available()}
}

func lineExceeded(d Distributor) (Result, error) {
	return with("line_exceeded", map[string]any{"folio": "", "disponible": d.Available()})
}

// authorise writes the vale of an offer that may be made.
func (a *act) authorise(o offer) (Result, error) {
	q, err := a.quote(o)
	if err != nil {
		return Result{}, err
	}
	if q.Terms.Principal > o.distributor.Available() {
		return lineExceeded(o.distributor) // the opening fee is lent too
	}
	folio, err := a.b.NextFolio("V")
	if err != nil {
		return Result{}, err
	}
	v := Vale{
		ID: a.NewID(), Folio: folio, DistributorID: o.distributor.ID, PersonID: o.person.ID,
		State: loan.ValeAuthorised, Quote: q, TermsHash: q.Terms.Hash(),
		Expires: a.Now.AddDate(0, 0, q.Terms.OfferDays), AuthorisedAt: a.Now,
		Reward: a.set.Programme.reward(o.distributor.Category),
	}
	a.b.AddVale(v)
	a.about(KindVale, v.ID)
	d, err := a.holdLine(o.distributor, q.Terms.Principal, v.Folio)
	if err != nil {
		return Result{}, err
	}
	a.tell(v.PersonID, EventValeAuthorized, v.ID, v.ID)
	return with("ok", authorised(v, d))
}

// valeOffered notes that the provider took the message with the offer. Any
// later state already implies it.
func (a *act) valeOffered() (Result, error) {
	v, err := a.valeNamed()
	if err != nil || v.State != loan.ValeAuthorised {
		return Result{Outcome: "ok"}, err
	}
	if v.State, err = v.State.Next(loan.ValeDoOffer); err != nil {
		return Result{}, err
	}
	a.b.PutVale(v)
	return say("ok")
}

// valeNamed reads the vale that the input names.
func (a *act) valeNamed() (Vale, error) {
	id, err := a.id("vale")
	if err != nil {
		return Vale{}, err
	}
	a.about(KindVale, id)
	v, err := a.b.Vale(id)
	if err != nil {
		return Vale{}, err
	}
	return v, a.entitled(v.PersonID)
}

// valeDecline closes an offer because the beneficiary does not want it.
func (a *act) valeDecline() (Result, error) {
	return a.closeOffer(loan.ValeDoDecline, EventValeDeclined)
}

// valeRelease closes an offer that nobody answered in time.
func (a *act) valeRelease() (Result, error) {
	return a.closeOffer(loan.ValeDoExpire, EventValeExpired)
}

// valeCancel closes an offer because the lender withdraws it. The beneficiary
// may be reading it and the distributor counts on it, so both are told.
func (a *act) valeCancel() (Result, error) {
	return a.closeOffer(loan.ValeDoCancel, EventValeCancelled)
}

// closeOffer ends a vale that was not accepted, gives the line back and tells
// who waits. Closing what is already closed without a loan changes nothing.
func (a *act) closeOffer(e loan.ValeEvent, event string) (Result, error) {
	v, err := a.valeNamed()
	if err != nil {
		return Result{}, err
	}
	if v.State.Terminal() && v.State != loan.ValeConverted {
		return say("ok")
	}
	if v.State, err = v.State.Next(e); err != nil {
		return Result{}, err
	}
	d, err := a.b.Distributor(v.DistributorID)
	if err != nil {
		return Result{}, err
	}
	a.b.PutVale(v)
	if err := a.releaseHold(d.ID, v.Quote.Terms.Principal, v.Folio); err != nil {
		return Result{}, err
	}
	if event == EventValeCancelled {
		a.tell(v.PersonID, event, v.ID, v.ID)
		event = EventValeWithdrawn
	}
	a.tell(d.PersonID, event, v.ID, v.ID)
	return say("ok")
}

// tell emits an event about a vale. The key makes it one event however often
// the action runs: of is what happened only once.
func (a *act) tell(person uuid.UUID, event string, vale, of uuid.UUID) {
	a.b.Emits = append(a.b.Emits, Emit{
		Key: event + ":" + of.String(), PersonID: person, Name: event,
		About: About{AboutVale, vale.String()},
	})
}
