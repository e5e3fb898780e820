package lending_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func (w *town) quotePlan(l lending.Loan, plan string) lending.Result {
	w.t.Helper()
	return w.must(w.run("plan.quote", map[string]any{"credito": l.ID.String(), "plan": plan}, w.byAna(aboutLoan(l))))
}

func (w *town) agreePlan(l lending.Loan, plan string, mark any) lending.Result {
	w.t.Helper()
	return w.must(w.run("plan.agree", map[string]any{
		"credito": l.ID.String(), "plan": plan, "huella": mark,
	}, w.byAna(aboutLoan(l)), func(c *lending.Call) { c.Reply.QuestionID, c.Reply.QuestionHash = "q-7", "f00d" }))
}

// What is shown is what is then in force: the same amounts on the same dates,
// and the same total.
func TestThePlanShownIsThePlanMade(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"partes", "mover"} {
		for _, on := range []string{"2026-03-10", "2026-03-15", "2026-03-20"} {
			t.Run(plan+" on "+on, func(t *testing.T) {
				t.Parallel()
				w := newTown(t)
				l := w.active()
				w.goTo(date(on))
				w.must(w.run("loan.close_day", map[string]any{"credito": l.ID.String()}))
				before := w.loan(l)
				shown := w.quotePlan(l, plan)
				if shown.Outcome != "offer" || w.loan(l).TermsHash != before.TermsHash {
					t.Fatalf("outcome %s; a quote must change nothing", shown.Outcome)
				}
				if r := w.agreePlan(l, plan, shown.Value["huella"]); r.Outcome != "ok" {
					t.Fatalf("agreed: %s", r.Outcome)
				}
				if again := w.quotePlan(l, plan); again.Outcome != "agreed" {
					t.Errorf("asked again after a yes: %s", again.Outcome)
				}
				if r := w.replan(l, plan); r.Outcome != "ok" {
					t.Fatalf("restructured: %s", r.Outcome)
				}
				checkShown(t, w, w.loan(l), plan, shown.Value)
				checkBooks(t, w)
			})
		}
	}
}

func checkShown(t *testing.T, w *town, l lending.Loan, plan string, shown map[string]any) {
	t.Helper()
	rows := l.Quote.Rows
	other := rows[len(rows)-1]
	if plan == "partes" {
		other = rows[1]
	}
	want := map[string]any{
		"monto": rows[0].Total(), "fecha": rows[0].Due, "otro": other.Total(), "otra_fecha": other.Due,
		"pagos": len(rows), "antes": l.Position.Owed, "total": l.Position.Owed, "huella": l.Quote.Terms.Schedule,
	}
	for name, value := range want {
		if shown[name] != value {
			t.Errorf("%s: shown %v, in force %v", name, shown[name], value)
		}
	}
	r := only[lending.Request](w, lending.KindRequest)
	if r.Closed.IsZero() || r.Kind != lending.RequestPlan || !strings.Contains(r.Note, "«sí» a q-7") ||
		!strings.HasSuffix(r.Note, l.Quote.Terms.Schedule) {
		t.Errorf("evidence %+v", r)
	}
}

// A yes to figures that are not those of now is no yes.
func TestAYesToAnotherPlanIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-17"))
	shown := w.quotePlan(l, "partes").Value["huella"]
	w.must(w.pay(l, "1", money.Pesos(100), w.today()))
	if r := w.agreePlan(l, "partes", shown); r.Outcome != "changed" {
		t.Errorf("after a payment: %s", r.Outcome)
	}
	shown = w.quotePlan(l, "partes").Value["huella"]
	if r := w.agreePlan(l, "mover", shown); r.Outcome != "changed" {
		t.Errorf("to the other plan: %s", r.Outcome)
	}
	w.goTo(date("2026-03-18"))
	if r := w.agreePlan(l, "partes", shown); r.Outcome != "changed" {
		t.Errorf("a day later, when the first half falls due another day: %s", r.Outcome)
	}
	if r := w.agreePlan(l, "partes", ""); r.Outcome != "changed" {
		t.Errorf("to nothing: %s", r.Outcome)
	}
	if n := len(all[lending.Request](w)); n != 0 {
		t.Errorf("%d agreements kept", n)
	}
}

func TestPlansThatPeopleDecide(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setUp func(w *town, l lending.Loan)
		plan  string
		want  string
	}{
		{"a chronic one", func(w *town, _ lending.Loan) {
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Segment = "cronico" })
		}, "partes", "needs_approval"},
		{"too late", func(w *town, _ lending.Loan) { w.goTo(date("2026-04-10")) }, "mover", "needs_approval"},
		{"all paid", func(w *town, l lending.Loan) { w.must(w.pay(l, "1", money.Pesos(3900), w.today())) }, "mover", "needs_approval"},
		{"a second time", func(w *town, l lending.Loan) { w.replan(l, "mover") }, "mover", "needs_approval"},
		{"no such plan", func(*town, lending.Loan) {}, "gratis", "error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			tt.setUp(w, l)
			if r := w.quotePlan(l, tt.plan); r.Outcome != tt.want {
				t.Errorf("quote %s, want %s", r.Outcome, tt.want)
			}
			if r := w.agreePlan(l, tt.plan, "x"); r.Outcome != tt.want {
				t.Errorf("agree %s, want %s", r.Outcome, tt.want)
			}
		})
	}
}

func TestAPlanOfSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	for _, action := range []string{"plan.quote", "plan.agree"} {
		with := map[string]any{"credito": l.ID.String(), "plan": "mover"}
		if action == "plan.agree" {
			with["huella"] = "x"
		}
		r, err := w.run(action, with, w.byAna(aboutLoan(l)), func(c *lending.Call) { c.Person = w.newID() })
		if r.Outcome != "error" || r.Value != nil || (err != nil && fault.CodeOf(err) != "not_yours") {
			t.Errorf("%s: %v, %v", action, r, err)
		}
	}
}

// Whatever the day and whatever was paid: an offer never changes the total,
// and what is agreed to at once can be put in force at once.
func TestAnOfferHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(t)
		l := w.active()
		w.goTo(date("2026-03-05").AddDays(rapid.IntRange(0, 30).Draw(rt, "days")))
		if paid := rapid.Int64Range(0, 3899).Draw(rt, "paid"); paid > 0 {
			w.must(w.pay(l, "1", money.Pesos(paid), w.today()))
		}
		plan := rapid.SampledFrom([]string{"partes", "mover"}).Draw(rt, "plan")
		r := w.quotePlan(l, plan)
		if r.Outcome != "offer" {
			return
		}
		if r.Value["antes"] != r.Value["total"] || r.Value["fecha"].(quincena.Date).IsZero() {
			rt.Fatalf("offer %v", r.Value)
		}
		if got := w.agreePlan(l, plan, r.Value["huella"]); got.Outcome != "ok" {
			rt.Fatalf("agree %s", got.Outcome)
		}
		if got := w.replan(l, plan); got.Outcome != "ok" {
			rt.Fatalf("restructure %s", got.Outcome)
		}
	})
}

// What a borrower speaks of who cannot pay is what falls due first.
func TestNextPayment(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	later, closed := l, l
	later.ID, later.Position.NextDue = w.newID(), l.Position.NextDue.AddDays(15)
	closed.ID, closed.State, closed.Position.NextDue = w.newID(), loan.LoanSettled, l.Position.NextDue.AddDays(-15)
	for _, tt := range []struct {
		name  string
		loans []lending.Loan
		want  lending.About
	}{
		{"nothing", nil, lending.About{}},
		{"only what is paid", []lending.Loan{closed}, lending.About{}},
		{"the first of two", []lending.Loan{closed, later, l}, aboutLoan(l)},
	} {
		b, ids := lending.NewBook(), []string{}
		for _, each := range tt.loans {
			b.Load(lending.Key{Kind: lending.KindLoan, ID: each.ID.String()}, each, 1)
			ids = append(ids, each.ID.String())
		}
		b.LoadList(lending.Key{Kind: lending.KindLoansByPerson, ID: w.ana.ID.String()}, ids)
		if got, err := b.NextPayment(w.ana.ID); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
	if _, err := lending.NewBook().NextPayment(w.ana.ID); !errors.Is(err, lending.ErrMissing) {
		t.Errorf("nothing loaded: %v", err)
	}
}
