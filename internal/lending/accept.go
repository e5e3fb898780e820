package lending

import (
	"strings"
	"unicode"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/mexid"
)

// valeAccept turns an offer into a loan, once. Whatever arrives and however
// often, only a vale that still waits, in time, by a person who was recognised
// in this dialogue, moves anything.
func (a *act) valeAccept() (Result, error) {
	v, err := a.valeNamed()
	if err != nil {
		return Result{}, err
	}
	if outcome := a.acceptable(v); outcome != "" {
		return say(outcome)
	}
	if err := a.identified(v); err != nil {
		return Result{}, err
	}
	if v.Quote.Terms.Hash() != v.TermsHash {
		return Result{}, fault.New(fault.Conflict, "terms_changed", "Las condiciones del vale no son las que se ofrecieron.")
	}
	if err := walk(&v.State, loan.ValeDoAccept); err != nil {
		return Result{}, err
	}
	v.AcceptedAt, v.Evidence = a.Now, a.evidence(v.Evidence)
	switch why, err := a.suspicion(v); {
	case err != nil:
		return Result{}, err
	case why != "":
		return Result{Outcome: "in_review"}, a.hold(v, why)
	}
	return Result{Outcome: "ok"}, a.convert(v)
}

// convert writes the loan of an accepted vale, whose line is used from now on.
func (a *act) convert(v Vale) error {
	if err := walk(&v.State, loan.ValeDoConvert); err != nil {
		return err
	}
	l, err := a.newLoan(v)
	if err != nil {
		return err
	}
	v.LoanID = l.ID
	a.b.PutVale(v)
	return a.useLine(v.DistributorID, v.Quote.Terms.Principal, acceptedMemo(v))
}

// acceptable says why a vale can no longer be accepted, or "" if it can. Time
// is checked here too: a reply may come before the timer that closes the offer.
func (a *act) acceptable(v Vale) string {
	switch v.State {
	case loan.ValeConverted, loan.ValeAccepted:
		return "already_accepted"
	case loan.ValeInReview:
		return "in_review"
	case loan.ValeExpired, loan.ValeDeclined:
		return "expired"
	case loan.ValeCancelled, loan.ValeRejected:
		return "cancelled"
	}
	if !a.Now.Before(v.Expires) {
		return "expired"
	}
	return ""
}

// identified refuses an acceptance without a fresh identity check.
func (a *act) identified(v Vale) error {
	fresh := a.Now.Sub(v.Evidence.At) <= a.set.Identity
	if v.Evidence.Identity == "" || !fresh {
		return fault.New(fault.Denied, "identity_not_checked", "Falta confirmar la identidad.")
	}
	return nil
}

// evidence is what proves the acceptance. Digits of the reply are hidden: a yes
// has none, and where the last reply is the identity check they are secret.
func (a *act) evidence(checked Evidence) Evidence {
	return Evidence{
		Offer: a.Reply.OfferID, OfferHash: a.Reply.OfferHash,
		Question: a.Reply.QuestionID, QuestionHash: a.Reply.QuestionHash, Flow: a.Reply.Flow,
		Reply: a.Reply.ProviderID, ReplyText: hideDigits(a.Reply.Text),
		At: a.Now, Identity: checked.Identity,
	}
}

func hideDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '•'
		}
		return r
	}, text)
}

// newLoan writes the loan of an accepted vale. Its rows are those that the
// beneficiary saw: the first due date of the offer holds, whenever the money
// is in hand.
func (a *act) newLoan(v Vale) (Loan, error) {
	reference, err := paymentReference(v.Folio)
	if err != nil {
		return Loan{}, err
	}
	l := Loan{
		ID: a.NewID(), ValeID: v.ID, Folio: v.Folio, PersonID: v.PersonID, DistributorID: v.DistributorID,
		State: loan.LoanPendingDisbursement, Quote: v.Quote, TermsHash: v.TermsHash, Reference: reference, Reward: v.Reward,
	}
	l.Position = position(l, nil, a.today())
	a.b.AddLoan(l)
	for _, known := range []string{l.Reference, l.Folio} {
		a.b.LoadList(Key{KindLoanByReference, known}, []string{l.ID.String()})
	}
	return l, nil
}

// paymentReference makes the number that a borrower writes on a deposit: a 9,
// so that no leading zero gets lost, the folio's number in seven digits or
// more, and a Luhn digit, so that a mistyped reference is noticed instead of
// paying somebody else's loan.
func paymentReference(folio string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, folio)
	body := "9" + strings.Repeat("0", max(0, 7-len(digits))) + digits
	for check := '0'; check <= '9'; check++ {
		if digits != "" && mexid.Luhn(body+string(check)) {
			return body + string(check), nil
		}
	}
	return "", fault.New(fault.Invalid, "bad_folio", "El folio no tiene número.")
}
