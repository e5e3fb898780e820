package lending_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// checkRelaciones: every relación is what was sealed, its total is the sum of
// its rows, its cover is what of them is no longer owed; the books agree with
// what distributors have earned; and every centavo of a deposit is in a loan
// or in the saldo a favor.
func checkRelaciones(t failer, w *town) {
	t.Helper()
	latest := map[uuid.UUID]lending.Relacion{}
	for _, r := range all[lending.Relacion](w) {
		if !r.Intact(w.rowsOf(r)) {
			t.Fatalf("relación %s is not what was sealed", r.Folio)
		}
		if r.Due.After(latest[r.DistributorID].Due) {
			latest[r.DistributorID] = r
		}
		if (r.State == loan.RelacionPaid) != (r.Covered == r.Total) && r.State != loan.RelacionCarried {
			t.Fatalf("relación %s in %s covers %s of %s", r.Folio, r.State, r.Covered, r.Total)
		}
	}
	for _, r := range latest {
		if want := coverOf(w, r); r.Covered != want {
			t.Fatalf("relación %s covers %s, by the loans %s", r.Folio, r.Covered, want)
		}
	}
	balances := ledger.Balances(w.entries)
	for _, d := range all[lending.Distributor](w) {
		var earned, used money.Amount
		points := 0
		for _, l := range all[lending.Loan](w) {
			if l.DistributorID == d.ID {
				commission, _ := l.Reward.Earned(positionOf(w, l))
				if commission != l.Commission {
					t.Fatalf("loan %s has earned %s, booked %s", l.Folio, commission, l.Commission)
				}
				earned, points = earned+l.Commission, points+l.Points
			}
		}
		for _, dep := range all[lending.Deposit](w) {
			if dep.DistributorID == d.ID && dep.Source == lending.SourceCommission && dep.State == loan.PaymentPosted {
				used += dep.Amount
			}
		}
		due := -balances[ledger.Account{Code: ledger.DistributorCommissionDue, Owner: d.ID.String()}]
		if d.Commission != earned-used || due != d.Commission {
			t.Fatalf("commission %s, earned %s, used %s, in the books %s", d.Commission, earned, used, due)
		}
	}
	for _, dep := range all[lending.Deposit](w) {
		checkDeposit(t, w, dep)
	}
}

func positionOf(w *town, l lending.Loan) loan.Position {
	var payments []loan.Payment
	for _, p := range all[lending.Payment](w) {
		if p.LoanID == l.ID && p.State == loan.PaymentPosted {
			payments = append(payments, loan.Payment{ID: p.Source + "|" + p.Reference, On: p.ValueDate, Amount: p.Amount})
		}
	}
	return loan.Replay(l.Quote.Terms, l.Quote.Rows, payments, l.Position.AsOf)
}

// coverOf adds up what is no longer owed of a relación's rows, from the loans
// alone.
func coverOf(w *town, r lending.Relacion) money.Amount {
	var covered money.Amount
	for _, row := range w.rowsOf(r) {
		at := positionOf(w, at[lending.Loan](w, lending.KindLoan, row.Loan))
		i := slices.IndexFunc(at.Rows, func(s loan.Standing) bool { return s.N == row.N })
		s := at.Rows[i]
		newer := s.Owed[loan.Mora] + s.Owed[loan.MoraIVA] + s.Paid[loan.Mora] + s.Paid[loan.MoraIVA] - row.Surcharge
		covered += row.Total - max(0, min(row.Total, s.Owed.Total()-newer))
	}
	return covered
}

func checkDeposit(t failer, w *town, dep lending.Deposit) {
	t.Helper()
	var parts money.Amount
	for _, p := range all[lending.Payment](w) {
		for _, folio := range dep.Folios {
			if p.Source == dep.Source && p.Reference == dep.Reference+"/"+folio {
				parts += p.Amount
				if p.State != dep.State {
					t.Fatalf("deposit %s is %s, its part %s", dep.Reference, dep.State, p.State)
				}
			}
		}
	}
	if parts+dep.Excess != dep.Amount {
		t.Fatalf("deposit of %s: %s in loans, %s in favour", dep.Amount, parts, dep.Excess)
	}
}

// TestAnyYearOfCortesKeepsTheBooks runs random cortes, deposits, reversals,
// direct payments and day closes, and holds relaciones, loans, commissions and
// ledger together after each: a closed relación never changes, what it lists is
// what the loans owe, and commission follows the payments it was earned with.
func TestAnyYearOfCortesKeepsTheBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := &guild{story: &story{town: newGuild(rt), rt: rt}, rows: map[uuid.UUID][]lending.Row{}}
		g.lend(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"cut": g.cutNext, "cut again": g.cutNext, "deposit": g.depositSome, "deposit more": g.depositSome, "take back": g.takeBack,
			"lend": g.lend, "pay": g.payment, "reverse": g.reverse, "day": g.dayClose, "wait": g.someDays, "": g.sound,
		})
	})
}

type guild struct {
	*story
	deposits int
	rows     map[uuid.UUID][]lending.Row // of each relación, when it was made
}

func (g *guild) cutNext(*rapid.T) {
	on := g.today()
	if c, ok := latestCorte(g.town); ok {
		on = nextCut(on, c)
	} else if on.Day < 10 {
		on = on.AddDays(10 - on.Day)
	} else if on.Day < 26 && on.Day > 15 {
		on = on.AddDays(26 - on.Day)
	}
	if r, ok := g.cut(on); ok {
		g.rows[r.ID] = g.rowsOf(r)
	}
}

func latestCorte(w *town) (last lending.Corte, ok bool) {
	for _, c := range all[lending.Corte](w) {
		if c.Seq > last.Seq {
			last, ok = c, true
		}
	}
	return last, ok
}

// nextCut is the day on which the corte after c may be cut, or today if that
// has passed.
func nextCut(today quincena.Date, c lending.Corte) quincena.Date {
	next := quincena.Next(c.To, quincena.Pair{}).AddDays(-5)
	if next.Before(today) {
		return today
	}
	return next
}

func (g *guild) depositSome(rt *rapid.T) {
	all := all[lending.Relacion](g.town)
	if len(all) == 0 {
		rt.Skip("no relación yet")
	}
	r := rapid.SampledFrom(all).Draw(rt, "relación")
	g.deposits++
	amount := money.Amount(rapid.Int64Range(1, 300_000).Draw(rt, "centavos"))
	if rapid.Bool().Draw(rt, "all of it") {
		amount = max(r.Uncovered(), 1)
	}
	source := rapid.SampledFrom([]string{"stp", "panel", lending.SourceCommission}).Draw(rt, "source")
	_, err := g.run("relacion.pay", map[string]any{
		"source": source, "reference": fmt.Sprint("D", g.deposits), "account": r.Reference, "amount": amount,
		"value_date": g.today().AddDays(-rapid.IntRange(0, 5).Draw(rt, "days ago")),
	})
	if err != nil && fault.CodeOf(err) != "commission_short" {
		rt.Fatalf("deposit: %v", err)
	}
}

func (g *guild) takeBack(rt *rapid.T) {
	all := all[lending.Deposit](g.town)
	if len(all) == 0 {
		rt.Skip("no deposit yet")
	}
	d := rapid.SampledFrom(all).Draw(rt, "deposit")
	_, err := g.run("relacion.reverse", map[string]any{"source": d.Source, "reference": d.Reference, "reason": ""})
	if err != nil {
		rt.Fatalf("take back: %v", err)
	}
}

// reverse undoes a payment of a borrower; parts of a deposit go back with it.
func (g *guild) reverse(rt *rapid.T) {
	var direct []lending.Payment
	for _, p := range all[lending.Payment](g.town) {
		if p.Source == "panel" && p.Reference[0] != 'D' {
			direct = append(direct, p)
		}
	}
	if len(direct) == 0 {
		rt.Skip("no payment yet")
	}
	p := rapid.SampledFrom(direct).Draw(rt, "payment")
	_, err := g.run("payment.reverse", map[string]any{"source": p.Source, "reference": p.Reference, "reason": ""})
	var refusal *fault.Fault
	if err != nil && !errors.As(err, &refusal) {
		rt.Fatalf("reverse: %v", err)
	}
}

func (g *guild) someDays(rt *rapid.T) {
	g.now = g.now.AddDate(0, 0, rapid.IntRange(1, 9).Draw(rt, "days"))
	for _, r := range all[lending.Relacion](g.town) {
		g.expire(r)
	}
}

func (g *guild) sound(rt *rapid.T) {
	for id, rows := range g.rows {
		if diff := cmp.Diff(rows, at[lending.RelacionRows](g.town, lending.KindRelacionRows, id).Rows); diff != "" {
			rt.Fatalf("a relación was changed:\n%s", diff)
		}
	}
	checkRelaciones(rt, g.town)
	for _, d := range all[lending.Distributor](g.town) {
		checkLine(rt, g.town, d)
	}
}
