package lending

import (
	"github.com/google/uuid"

	"valebot/internal/flow"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// What follows for a distributor from where her clients' loans stand: what of
// her relación is covered, what she has earned, and whether she is blocked.

func relacionUses() []use {
	one := flow.Fields{"relacion": flow.Text}
	return []use{
		{"relacion.expire", flow.ActionSpec{With: one, Outcomes: []string{"ok", "unchanged"}}, (*act).relacionExpire},
		{"relacion.pay", flow.ActionSpec{
			With: flow.Fields{
				"source": flow.Text, "reference": flow.Text, "account": flow.Text, "amount": flow.Amount, "value_date": flow.Date,
			},
			Outcomes: []string{"ok", "repeated"},
			Result:   flow.Fields{"id": flow.Text, "folio": flow.Text, "falta": flow.Amount, "a_favor": flow.Amount},
		}, (*act).relacionPay},
		{"relacion.reverse", flow.ActionSpec{
			With:     flow.Fields{"source": flow.Text, "reference": flow.Text, "reason": flow.Text},
			Outcomes: []string{"ok", "repeated"},
		}, (*act).relacionReverse},
	}
}

// follow brings the distributor's side up to where a loan stands now: her
// commission and points, and the cover of the relación that lists it. It
// changes l, which the caller writes.
func (a *act) follow(l *Loan, at loan.Position) error {
	if err := a.reward(l, at); err != nil {
		return err
	}
	settled := l.Listing.settled(l.TermsHash, at, l.State == loan.LoanActive || l.State == loan.LoanSettled)
	if l.Listing.Relacion == uuid.Nil || settled == l.Listing.Settled {
		return nil
	}
	r, err := a.b.Relacion(l.Listing.Relacion)
	if err != nil {
		return err
	}
	r.Covered += settled - l.Listing.Settled
	l.Listing.Settled = settled
	return a.standing(r)
}

// reward books the change of what a distributor has earned on a loan.
func (a *act) reward(l *Loan, at loan.Position) error {
	commission, points := l.Reward.Earned(at)
	more, extra := commission-l.Commission, points-l.Points
	if more == 0 && extra == 0 {
		return nil
	}
	d, err := a.b.Distributor(l.DistributorID)
	if err != nil {
		return err
	}
	l.Commission, l.Points = commission, points
	d.Commission += more
	d.Points += extra
	a.b.PutDistributor(d)
	return a.post("comisión "+l.Folio, ledger.Move(more,
		ledger.Account{Code: ledger.DistributorCommissionDue, Owner: d.ID.String()}, ledger.Account{Code: ledger.CommissionExpense})...)
}

// standing writes a relación whose cover changed or whose day is over, with
// what that means for the distributor: late ones count toward a block and cost
// points, once; a paid one frees her, since whatever she owed stands in it.
func (a *act) standing(r Relacion) error {
	was := r.State
	if err := r.stand(a.today()); err != nil {
		return err
	}
	d, err := a.b.Distributor(r.DistributorID)
	if err != nil {
		return err
	}
	old := d
	d.Owes = r.State != loan.RelacionPaid
	switch {
	case r.State == loan.RelacionOverdue && !r.Late:
		r.Late = true
		d.Points -= int(a.set.Programme.PointsLost.Of(money.Amount(max(d.Points, 0))))
		if r.Streak+1 >= a.set.Programme.BlockAfter && d.State == loan.DistributorActive {
			d.Arrears = true
			err = walk(&d.State, loan.DistributorDoBlock)
		}
	case r.State == loan.RelacionPaid && was != loan.RelacionPaid && d.State == loan.DistributorBlocked && d.Arrears:
		d.Arrears = false
		err = walk(&d.State, loan.DistributorDoUnblock)
	}
	if err != nil {
		return err
	}
	if old.State != d.State || old.Points != d.Points || old.Owes != d.Owes {
		a.b.PutDistributor(d)
	}
	a.b.PutRelacion(r)
	return nil
}

// relacionExpire notes that the date of a relación has passed.
func (a *act) relacionExpire() (Result, error) {
	r, err := readByText(a.b.Relacion, a.text("relacion"), KindRelacion)
	if err != nil {
		return Result{}, err
	}
	a.about(KindRelacion, r.ID)
	open := r.State == loan.RelacionGenerated || r.State == loan.RelacionPartial
	if !open || !a.today().After(r.Enforceable) {
		return say("unchanged")
	}
	return Result{Outcome: "ok"}, a.standing(r)
}
