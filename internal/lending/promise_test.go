package lending_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func (w *town) promise(l lending.Loan, on quincena.Date, amount money.Amount) lending.Result {
	w.t.Helper()
	return w.must(w.run("promise.create", map[string]any{
		"credito": l.ID.String(), "fecha": on, "monto": amount,
	}, w.byAna(aboutLoan(l))))
}

func (w *town) breakPromise(id string, l lending.Loan) lending.Result {
	w.t.Helper()
	return w.must(w.run("promise.break", map[string]any{"promesa": id}, w.byAna(aboutLoan(l))))
}

func TestPromiseOutcomes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		setUp  func(w *town, l lending.Loan)
		on     string
		amount money.Amount
		want   string
	}{
		{"a near date", nil, "2026-03-18", level, "ok"},
		{"today", nil, "2026-03-14", level, "ok"},
		{"the last day", nil, "2026-03-25", level, "ok"},
		{"too far", nil, "2026-03-26", level, "not_allowed"},
		{"in the past", nil, "2026-03-13", level, "not_allowed"},
		{"nothing", nil, "2026-03-18", 0, "not_allowed"},
		{"after two broken ones", func(w *town, _ lending.Loan) {
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Broken = 2 })
		}, "2026-03-18", level, "not_allowed"},
		{"once all is paid", func(w *town, l lending.Loan) { w.must(w.pay(l, "1", money.Pesos(3900), w.today())) }, "2026-03-18", level, "not_allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			w.goTo(date("2026-03-14"))
			if tt.setUp != nil {
				tt.setUp(w, l)
			}
			balances := ledger.Balances(w.entries)
			r := w.promise(l, date(tt.on), tt.amount)
			if r.Outcome != tt.want {
				t.Fatalf("outcome %s, want %s", r.Outcome, tt.want)
			}
			if tt.want == "ok" && r.Value["fecha"] != date(tt.on) {
				t.Errorf("result %+v", r)
			}
			if diff := cmp.Diff(balances, ledger.Balances(w.entries)); diff != "" {
				t.Errorf("a promise moved money:\n%s", diff)
			}
		})
	}
}

func TestPromiseOfAnothersLoanIsRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	r := w.must(w.run("promise.create", map[string]any{
		"credito": l.ID.String(), "fecha": w.today(), "monto": level,
	}, w.byMaria))
	if r.Outcome != "error" {
		t.Errorf("outcome %s", r.Outcome)
	}
}

func TestANewPromiseSupersedesTheOpenOne(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.promise(l, date("2026-03-10"), level)
	w.promise(l, date("2026-03-12"), level)
	states := map[loan.PromiseState]int{}
	for _, p := range all[lending.Promise](w) {
		states[p.State]++
	}
	if diff := cmp.Diff(map[loan.PromiseState]int{loan.PromiseOpen: 1, loan.PromiseSuperseded: 1}, states); diff != "" {
		t.Errorf("states:\n%s", diff)
	}
}

func TestAPromiseIsJudgedByMoneyReceived(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		paid   money.Amount
		want   loan.PromiseState
		broken int
	}{
		{"nothing came", 0, loan.PromiseBroken, 1},
		{"a part came", money.Pesos(100), loan.PromisePartlyKept, 0},
		{"all came", level, loan.PromiseKept, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			id := w.promise(l, date("2026-03-10"), level).Value["id"].(string)
			if tt.paid > 0 {
				w.must(w.pay(l, "1", tt.paid, w.today()))
			}
			if r := w.breakPromise(id, l); tt.paid < level && r.Outcome != "error" {
				t.Errorf("before its day: %s", r.Outcome)
			}
			w.goTo(date("2026-03-11"))
			for range 2 {
				if r := w.breakPromise(id, l); r.Outcome != "ok" {
					t.Errorf("after its day: %s", r.Outcome)
				}
			}
			if p := only[lending.Promise](w, lending.KindPromise); p.State != tt.want {
				t.Errorf("state %s, want %s", p.State, tt.want)
			}
			if p := w.person(anaPhone); p.Broken != tt.broken {
				t.Errorf("broken %d", p.Broken)
			}
		})
	}
}

func TestReminderFor(t *testing.T) {
	t.Parallel()
	due := date("2026-03-15")
	owing := lending.Position{NextN: 1, NextDue: due}
	late := func(days int) lending.Position { p := owing; p.DaysLate = days; return p }
	active := lending.Loan{State: loan.LoanActive}
	promised := func(on string, s loan.PromiseState) []lending.Promise {
		return []lending.Promise{{State: loan.PromiseSuperseded, Date: due}, {State: s, Date: date(on)}}
	}
	for _, tt := range []struct {
		name     string
		loan     lending.Loan
		at       lending.Position
		promises []lending.Promise
		today    string
		want     lending.Reminder
	}{
		{"four days before", active, owing, nil, "2026-03-11", lending.RemindNot},
		{"three days before", active, owing, nil, "2026-03-12", lending.RemindBefore},
		{"the day", active, owing, nil, "2026-03-15", lending.RemindOnDay},
		{"the day before", active, owing, nil, "2026-03-14", lending.RemindBefore},
		{"due and not yet enforceable", active, owing, nil, "2026-03-16", lending.RemindOnDay},
		{"a day late", active, late(1), nil, "2026-03-18", lending.RemindLate},
		{"three days late", active, late(3), nil, "2026-03-20", lending.RemindLate},
		{"a week late", active, late(7), nil, "2026-03-24", lending.RemindLater},
		{"a month late", active, late(30), nil, "2026-04-16", lending.RemindLater},
		{"promised for later", active, late(1), promised("2026-03-20", loan.PromiseOpen), "2026-03-18", lending.RemindNot},
		{"promised for today", active, late(1), promised("2026-03-18", loan.PromiseOpen), "2026-03-18", lending.RemindNot},
		{"promised for yesterday", active, late(1), promised("2026-03-17", loan.PromiseOpen), "2026-03-18", lending.RemindLate},
		{"promise broken", active, late(1), promised("2026-03-20", loan.PromiseBroken), "2026-03-18", lending.RemindLate},
		{"all paid", active, lending.Position{}, nil, "2026-03-15", lending.RemindNot},
		{"not in hand yet", lending.Loan{State: loan.LoanPendingDisbursement}, owing, nil, "2026-03-15", lending.RemindNot},
	} {
		if got := lending.ReminderFor(tt.loan, tt.at, tt.promises, date(tt.today)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
