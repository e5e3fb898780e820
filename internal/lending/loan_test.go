package lending_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

func (w *town) replan(l lending.Loan, plan string) lending.Result {
	w.t.Helper()
	return w.must(w.run("loan.restructure", map[string]any{
		"credito": l.ID.String(), "plan": plan,
	}, w.byAna(aboutLoan(l))))
}

func TestRestructureKeepsWhatIsOwed(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"partes", "mover"} {
		for _, on := range []string{"2026-03-10", "2026-03-15", "2026-03-20"} {
			t.Run(plan+" on "+on, func(t *testing.T) {
				t.Parallel()
				w := newTown(t)
				l := w.active()
				w.goTo(date(on))
				w.must(w.run("loan.close_day", map[string]any{"credito": l.ID.String()}))
				w.promise(l, w.today(), level)
				before, line := w.loan(l), w.line()
				if r := w.replan(l, plan); r.Outcome != "ok" {
					t.Fatalf("outcome %s", r.Outcome)
				}
				after := w.loan(l)
				if after.Position.Owed != before.Position.Owed {
					t.Errorf("owed %s, then %s", before.Position.Owed, after.Position.Owed)
				}
				if after.Quote.Terms.Origin != before.TermsHash || after.TermsHash == before.TermsHash {
					t.Errorf("hash %s from %s", after.TermsHash, after.Quote.Terms.Origin)
				}
				if p := only[lending.Promise](w, lending.KindPromise); p.State != loan.PromiseCancelled {
					t.Errorf("promise %s", p.State)
				}
				if diff := cmp.Diff(line, w.line()); diff != "" {
					t.Errorf("line:\n%s", diff)
				}
				checkBooks(t, w)
				if r := w.replan(l, plan); r.Outcome != "needs_approval" {
					t.Errorf("a second plan: %s", r.Outcome)
				}
			})
		}
	}
}

// A payment on the day of the new plan counts toward it, and what the earlier
// plan had received stays received.
func TestPaymentsAroundANewPlan(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-20"))
	w.must(w.pay(l, "before", money.Pesos(200), w.today()))
	owed := w.loan(l).Position.Owed
	w.replan(l, "partes")
	w.now = w.now.Add(1)
	w.must(w.pay(l, "after", money.Pesos(100), w.today()))
	w.must(w.pay(l, "old date", money.Pesos(50), date("2026-03-16")))
	if got := w.loan(l).Position.Owed; got != owed-money.Pesos(150) {
		t.Errorf("owed %s, before the plan %s", got, owed)
	}
	checkBooks(t, w)
	if _, err := w.run("payment.reverse", map[string]any{"source": "panel", "reference": "before", "reason": ""}); fault.CodeOf(err) != "payment_before_plan" {
		t.Errorf("reverse what the old plan counted: %v", err)
	}
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "after", "reason": ""}))
	if got := w.loan(l).Position.Owed; got != owed-money.Pesos(50) {
		t.Errorf("after the reversal %s", got)
	}
	w.must(w.pay(l, "all", money.Pesos(3900), w.today()))
	if got := w.loan(l); got.State != loan.LoanSettled || got.Released != money.Pesos(3000) {
		t.Errorf("loan %s, released %s", got.State, got.Released)
	}
	checkBooks(t, w)
}

func TestRestructureOutcomes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setUp func(w *town, l lending.Loan)
		plan  string
		want  string
	}{
		{"a punctual payer", func(*town, lending.Loan) {}, "partes", "ok"},
		{"a chronic one", func(w *town, _ lending.Loan) {
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Segment = "cronico" })
		}, "partes", "needs_approval"},
		{"too late", func(w *town, _ lending.Loan) { w.goTo(date("2026-04-10")) }, "mover", "needs_approval"},
		{"all paid", func(w *town, l lending.Loan) { w.must(w.pay(l, "1", money.Pesos(3900), w.today())) }, "mover", "needs_approval"},
		{"no such plan", func(*town, lending.Loan) {}, "persona", "error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			tt.setUp(w, l)
			if r := w.replan(l, tt.plan); r.Outcome != tt.want {
				t.Errorf("outcome %s, want %s", r.Outcome, tt.want)
			}
		})
	}
}

func TestTheDeskMayRestructureAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.replan(l, "mover")
	r := w.must(w.run("loan.restructure", map[string]any{"credito": l.ID.String(), "plan": "mover"}, func(c *lending.Call) {
		c.Actor = "agent:luis"
	}))
	if r.Outcome != "ok" {
		t.Errorf("outcome %s", r.Outcome)
	}
	checkBooks(t, w)
}

func (w *town) closeDay(l lending.Loan) string {
	w.t.Helper()
	return w.must(w.run("loan.close_day", map[string]any{"credito": l.ID.String()})).Outcome
}

func TestCloseDayByDayOrAllAtOnce(t *testing.T) {
	t.Parallel()
	daily, once := newTown(t), newTown(t)
	a, b := daily.active(), once.active()
	last := date("2026-05-20")
	for day := daily.today(); !day.After(last); day = day.AddDays(1) {
		daily.goTo(day)
		daily.closeDay(a)
		if got := daily.closeDay(a); got != "unchanged" {
			t.Fatalf("%s closed twice: %s", day, got)
		}
		checkBooks(t, daily)
	}
	once.goTo(last)
	once.closeDay(b)
	if diff := cmp.Diff(ledger.Balances(daily.entries), ledger.Balances(once.entries)); diff != "" {
		t.Errorf("balances (-daily +once):\n%s", diff)
	}
	if diff := cmp.Diff(daily.loan(a), once.loan(b)); diff != "" {
		t.Errorf("loan (-daily +once):\n%s", diff)
	}
	if got := daily.loan(a).Position; got.DaysLate == 0 || got.Overdue == 0 {
		t.Errorf("position %+v", got)
	}
}

func TestCloseDayAsksForEachReminderOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	mark := len(w.emits)
	days := []string{}
	for day := w.today(); !day.After(date("2026-03-28")); day = day.AddDays(1) {
		w.goTo(day)
		before := len(w.emits)
		w.closeDay(l)
		w.closeDay(l)
		if len(w.emits) > before {
			days = append(days, day.String())
		}
	}
	// The 15th is a sunday and the 16th a holiday, so that arrears count from
	// the 17th. While an instalment is late nobody is reminded of the next one.
	want := []string{"2026-03-12", "2026-03-15", "2026-03-18", "2026-03-24"}
	if diff := cmp.Diff(want, days); diff != "" {
		t.Errorf("reminders (-want +got):\n%s", diff)
	}
	for _, e := range w.emits[mark:] {
		if e.Name != "installment.due_soon" || e.About != aboutLoan(l) || e.PersonID != w.ana.ID {
			t.Errorf("emitted %+v", e)
		}
	}
}

// A night on which nobody looked costs no reminder, and none comes twice.
func TestCloseDayCatchesUpOnReminders(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	mark := len(w.emits)
	for _, day := range []string{"2026-03-14", "2026-03-19", "2026-03-20", "2026-04-02", "2026-04-03"} {
		w.goTo(date(day))
		w.closeDay(l)
	}
	if got := len(w.emits) - mark; got != 3 {
		t.Errorf("%d reminders, want 3: before, late, a week late", got)
	}
}

func TestCloseDayJudgesPromises(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-18"))
	w.promise(l, date("2026-03-20"), level)
	for _, tt := range []struct {
		day  string
		want loan.PromiseState
	}{{"2026-03-20", loan.PromiseOpen}, {"2026-03-21", loan.PromiseOpen}, {"2026-03-22", loan.PromiseBroken}} {
		w.goTo(date(tt.day))
		w.closeDay(l)
		if p := only[lending.Promise](w, lending.KindPromise); p.State != tt.want {
			t.Errorf("on %s: %s, want %s", tt.day, p.State, tt.want)
		}
	}
}

// A node whose clock is a day behind takes nothing back.
func TestTheBooksNeverGoBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-31"))
	w.closeDay(l)
	before := ledger.Balances(w.entries)
	w.goTo(date("2026-03-30"))
	if got := w.closeDay(l); got != "unchanged" {
		t.Errorf("closed: %s", got)
	}
	if diff := cmp.Diff(before, ledger.Balances(w.entries)); diff != "" {
		t.Errorf("balances:\n%s", diff)
	}
	w.must(w.pay(l, "1", level, w.today()))
	if got := w.loan(l).Position.AsOf; got != date("2026-03-31") {
		t.Errorf("as of %s", got)
	}
	checkBooks(t, w)
}

func TestCloseDayLeavesOtherLoansAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	_, l := w.accepted()
	if got := w.closeDay(l); got != "unchanged" {
		t.Errorf("pending: %s", got)
	}
}
