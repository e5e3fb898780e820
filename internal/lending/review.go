package lending

import (
	"strings"
	"time"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/quincena"
)

// Review is why a vale waits for a person before money moves, and how that
// ended. While it waits the hold on the line stays.
type Review struct {
	Why       ReviewReason `json:"why,omitempty"`
	Since     time.Time    `json:"since,omitzero"`
	First     string       `json:"first,omitempty"` // who cleared it first where two must
	DecidedBy string       `json:"decided_by,omitempty"`
	Decided   time.Time    `json:"decided,omitzero"` // zero while it waits
	Note      string       `json:"note,omitempty"`   // why, in the words of who decided
}

// ReviewReason says why a vale is reviewed. The words are those that operators
// read.
type ReviewReason string

// The reasons.
const (
	ReviewAmount   ReviewReason = "monto"     // above what the product lends without a person
	ReviewBurst    ReviewReason = "rafaga"    // too many vales of one person within a day
	ReviewIdentity ReviewReason = "identidad" // she could not be recognised by what she answered
)

func reviewUses() []use {
	decide := flow.Fields{"vale": flow.Text, "motivo": flow.Text}
	return []use{
		{"vale.review", flow.ActionSpec{
			About: AboutVale, With: flow.Fields{"vale": flow.Text}, Outcomes: []string{"ok", outcomeError},
		}, (*act).valeReview},
		{"vale.clear", flow.ActionSpec{With: decide, Outcomes: []string{"ok", "proposed", "repeated"}}, (*act).valeClear},
		{"vale.reject", flow.ActionSpec{With: decide, Outcomes: []string{"ok", "repeated"}}, (*act).valeReject},
	}
}

// suspicion says why an accepted vale needs a person, or "" if it does not. The
// lender's care of today counts, whatever held when the vale was authorised: it
// is no term of the contract.
func (a *act) suspicion(v Vale) (ReviewReason, error) {
	p := a.product()
	if p.ReviewOver > 0 && v.Quote.Terms.Principal > p.ReviewOver {
		return ReviewAmount, nil
	}
	if p.Burst == 0 {
		return "", nil
	}
	n, err := a.acceptedLately(v)
	if n >= p.Burst {
		return ReviewBurst, err
	}
	return "", err
}

// acceptedLately counts the other vales of the same person, and so of the same
// phone, that she accepted today or yesterday.
func (a *act) acceptedLately(v Vale) (int, error) {
	vales, err := a.b.ValesOf(v.PersonID)
	if err != nil {
		return 0, err
	}
	loans, err := a.b.LoansOf(v.PersonID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, other := range vales {
		if other.ID != v.ID && other.State == loan.ValeInReview {
			n++
		}
	}
	for _, l := range loans {
		if l.State == loan.LoanPendingDisbursement || l.State == loan.LoanActive && a.recent(l.Active) {
			n++
		}
	}
	return n, nil
}

func (a *act) recent(day quincena.Date) bool { return day.After(a.today().AddDays(-2)) }

// hold puts a vale that its beneficiary wants in review. Its distributor is told
// by an event; the beneficiary's own dialogue tells her.
func (a *act) hold(v Vale, why ReviewReason) error {
	if err := walk(&v.State, loan.ValeDoReview); err != nil {
		return err
	}
	d, err := a.b.Distributor(v.DistributorID)
	if err != nil {
		return err
	}
	v.Review = Review{Why: why, Since: a.Now}
	a.b.PutVale(v)
	a.note = string(why)
	a.tell(d.PersonID, EventValeInReview, v.ID, v.ID)
	return nil
}

// valeReview is for a dialogue in which somebody said yes and could not be
// recognised: her yes is kept, and a person decides.
func (a *act) valeReview() (Result, error) {
	v, err := a.valeNamed()
	switch {
	case err != nil:
		return Result{}, err
	case v.State == loan.ValeInReview:
		return say("ok")
	case !a.byFlow():
		return Result{}, fault.New(fault.Denied, "review_without_yes", "Un vale se manda a revisión cuando su beneficiaria dijo que sí.")
	case !a.Now.Before(v.Expires):
		return Result{}, fault.New(fault.Conflict, "vale_expired", "Ese vale ya venció.")
	}
	if err := walk(&v.State, loan.ValeDoAccept); err != nil {
		return Result{}, err
	}
	v.AcceptedAt, v.Evidence = a.Now, a.evidence(Evidence{})
	if err := a.hold(v, ReviewIdentity); err != nil {
		return Result{}, err
	}
	return say("ok")
}

// reviewed reads a vale that a person decides about, and why she does.
func (a *act) reviewed() (v Vale, err error) {
	if v, err = a.valeNamed(); err != nil {
		return v, err
	}
	if !strings.HasPrefix(a.Actor, "agent:") && !strings.HasPrefix(a.Actor, "cli:") {
		return v, fault.New(fault.Denied, "review_needs_person", "Un vale en revisión lo decide una persona.")
	}
	if reason := strings.TrimSpace(a.text("motivo")); len(reason) < 3 || len(reason) > 500 {
		return v, fault.New(fault.Invalid, "review_without_reason", "Escribe por qué lo decides así.")
	}
	return v, nil
}

// valeClear ends a review well: the vale becomes the loan that its beneficiary
// accepted. An amount above what the product lends without a person takes two.
func (a *act) valeClear() (Result, error) {
	v, err := a.reviewed()
	if err != nil {
		return Result{}, err
	}
	me, large := who(a.Actor), a.large(v)
	switch {
	case v.State == loan.ValeConverted && !v.Review.Decided.IsZero():
		return say("repeated")
	case v.State != loan.ValeInReview:
		return Result{}, fault.New(fault.Conflict, "not_in_review", "Ese vale no está en revisión.")
	case a.today().After(v.Quote.Rows[0].Due):
		return Result{}, fault.New(fault.Conflict, "review_too_late", "Ya pasó la fecha de su primer pago: recházalo y que se lo autoricen de nuevo.")
	case large && v.Review.First == "":
		v.Review.First, v.Review.Note = me, strings.TrimSpace(a.text("motivo"))
		a.b.PutVale(v)
		return say("proposed")
	case large && v.Review.First == me:
		return Result{}, fault.New(fault.Denied, "review_same_person", "Por su monto lo acepta también otra persona.")
	}
	if err := walk(&v.State, loan.ValeDoClear); err != nil {
		return Result{}, err
	}
	v.Review = v.Review.decided(a, me)
	if v.Evidence.Identity == "" {
		v.Evidence.Identity = a.Actor // who made sure of it
	}
	if err := a.convert(v); err != nil {
		return Result{}, err
	}
	a.tell(v.PersonID, EventValeCleared, v.ID, v.ID)
	return say("ok")
}

// large reports whether a vale's principal takes two people: it did when it was
// accepted, or it does by the product of today.
func (a *act) large(v Vale) bool {
	over := a.product().ReviewOver
	return v.Review.Why == ReviewAmount || over > 0 && v.Quote.Terms.Principal > over
}

// decided closes a review.
func (r Review) decided(a *act, who string) Review {
	r.DecidedBy, r.Decided, r.Note = who, a.Now, strings.TrimSpace(a.text("motivo"))
	return r
}

// valeReject ends a review badly: nothing was lent, the line is free again, and
// both are told.
func (a *act) valeReject() (Result, error) {
	v, err := a.reviewed()
	switch {
	case err != nil:
		return Result{}, err
	case v.State == loan.ValeRejected:
		return say("repeated")
	}
	if err := walk(&v.State, loan.ValeDoReject); err != nil {
		return Result{}, err
	}
	d, err := a.b.Distributor(v.DistributorID)
	if err != nil {
		return Result{}, err
	}
	v.Review = v.Review.decided(a, who(a.Actor))
	a.b.PutVale(v)
	if err := a.releaseHold(d.ID, v.Quote.Terms.Principal, v.Folio); err != nil {
		return Result{}, err
	}
	a.tell(v.PersonID, EventValeRejected, v.ID, v.ID)
	a.tell(d.PersonID, EventValeRefused, v.ID, v.ID)
	return say("ok")
}
