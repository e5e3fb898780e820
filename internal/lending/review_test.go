package lending_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// careful is a town whose product has vales reviewed.
func careful(t failer, over money.Amount, burst int) *town {
	w := newTown(t)
	p := product(t)
	p.ReviewOver, p.Burst = over, burst
	w.catalog = lending.Actions(lending.Settings{Product: p})
	return w
}

// offered is a vale of so many pesos that Ana has been recognised for.
func (w *town) offered(pesos int64) lending.Vale {
	w.t.Helper()
	w.now = w.now.Add(11 * time.Minute)
	r := w.must(w.offerWith(pesos, 4, pin))
	if r.Outcome != "ok" {
		w.t.Fatalf("authorise: %s", r.Outcome)
	}
	i := slices.IndexFunc(all[lending.Vale](w), func(v lending.Vale) bool { return v.Folio == r.Value["folio"] })
	v := all[lending.Vale](w)[i]
	w.verify(v, anaBirth)
	return v
}

// decides runs clear or reject as somebody at the desk.
func (w *town) decides(who, name string, v lending.Vale) (lending.Result, error) {
	return w.run("vale."+name, map[string]any{"vale": v.ID.String(), "motivo": "hablé con ella"}, func(c *lending.Call) {
		c.Actor, c.Person, c.About = who, lending.Call{}.Person, lending.About{}
	})
}

func (w *town) vale(v lending.Vale) lending.Vale { return at[lending.Vale](w, lending.KindVale, v.ID) }

// heard lists the events since a number of them, by name and who hears them.
func (w *town) heard(since int) string {
	var names []string
	for _, e := range w.emits[since:] {
		name := e.Name + " to María"
		if e.PersonID == w.ana.ID {
			name = e.Name + " to Ana"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func TestLargeValeWaitsForTwo(t *testing.T) {
	t.Parallel()
	w := careful(t, money.Pesos(2000), 0)
	v := w.offered(3000)
	since := len(w.emits)
	for i := range 2 {
		if r := w.onVale("vale.accept", v); r.Outcome != "in_review" {
			t.Fatalf("yes %d: %s", i, r.Outcome)
		}
	}
	got := w.vale(v)
	if got.State != loan.ValeInReview || got.Review.Why != lending.ReviewAmount || got.AcceptedAt.IsZero() || got.Evidence.ReplyText != "sí" {
		t.Fatalf("%s, %+v", got.State, got.Review)
	}
	if d := w.line(); d.Held != money.Pesos(3000) || d.Used != 0 || len(all[lending.Loan](w)) != 0 {
		t.Errorf("held %s, used %s, %d loans", d.Held, d.Used, len(all[lending.Loan](w)))
	}
	for _, step := range []struct{ who, outcome, code string }{
		{"flow:aceptacion_vale", "", "not_yours"},
		{"rail:stp", "", "review_needs_person"},
		{"agent:luis", "proposed", ""},
		{"agent:luis", "", "review_same_person"},
		{"cli:luis", "", "review_same_person"},
		{"agent:eva", "ok", ""},
		{"agent:eva", "repeated", ""},
	} {
		r, err := w.decides(step.who, "clear", v)
		if r.Outcome != step.outcome || step.code != "" && fault.CodeOf(err) != step.code {
			t.Errorf("%s: %q, %v; want %q %q", step.who, r.Outcome, err, step.outcome, step.code)
		}
	}
	got = w.vale(v)
	if got.State != loan.ValeConverted || got.Review.First != "luis" || got.Review.DecidedBy != "eva" || got.Evidence.Identity != "birth_date_match" {
		t.Errorf("%s, %+v, %q", got.State, got.Review, got.Evidence.Identity)
	}
	if d := w.line(); d.Held != 0 || d.Used != money.Pesos(3000) {
		t.Errorf("held %s, used %s", d.Held, d.Used)
	}
	if diff := cmp.Diff("vale.in_review to María, vale.cleared to Ana", w.heard(since)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if r := w.onVale("payout.cardless", v); !r.Deferred {
		t.Errorf("she cannot be paid: %+v", r)
	}
}

func TestRejectedReviewFreesTheLine(t *testing.T) {
	t.Parallel()
	w := careful(t, money.Pesos(2000), 0)
	v := w.offered(3000)
	since := len(w.emits)
	w.onVale("vale.accept", v)
	for _, want := range []string{"ok", "repeated"} {
		if r, err := w.decides("agent:luis", "reject", v); err != nil || r.Outcome != want {
			t.Fatalf("reject: %q, %v", r.Outcome, err)
		}
	}
	if got := w.vale(v); got.State != loan.ValeRejected || got.Review.DecidedBy != "luis" || got.Review.Note != "hablé con ella" {
		t.Errorf("%s, %+v", got.State, got.Review)
	}
	if d := w.line(); d.Held != 0 || d.Used != 0 {
		t.Errorf("held %s, used %s", d.Held, d.Used)
	}
	if diff := cmp.Diff("vale.in_review to María, vale.rejected to Ana, vale.refused to María", w.heard(since)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if r := w.onVale("vale.accept", v); r.Outcome != "cancelled" {
		t.Errorf("a yes to a rejected vale: %s", r.Outcome)
	}
	if _, err := w.decides("agent:eva", "clear", v); fault.CodeOf(err) != "not_in_review" {
		t.Errorf("clear a rejected vale: %v", err)
	}
}

// The third vale that one person accepts in two days waits for one person; days
// later another one does not.
func TestBurstOfValesWaits(t *testing.T) {
	t.Parallel()
	w := careful(t, 0, 2)
	for i, want := range []string{"ok", "ok", "in_review", "in_review"} {
		if r := w.onVale("vale.accept", w.offered(500+100*int64(i))); r.Outcome != want {
			t.Fatalf("vale %d: %s, want %s", i+1, r.Outcome, want)
		}
	}
	for _, v := range all[lending.Vale](w) {
		if v.State != loan.ValeInReview {
			continue
		}
		if v.Review.Why != lending.ReviewBurst {
			t.Errorf("%s waits for %s", v.Folio, v.Review.Why)
		}
		if r, err := w.decides("cli:luis", "clear", v); err != nil || r.Outcome != "ok" {
			t.Errorf("clear %s: %q, %v", v.Folio, r.Outcome, err)
		}
	}
}

// Her loan would be late on the day it begins: nobody clears a review after the
// first payment was due. A review that began because of the amount takes two
// even when the product asks for fewer by then.
func TestReviewThatTookTooLong(t *testing.T) {
	t.Parallel()
	w := careful(t, money.Pesos(2000), 0)
	v := w.offered(3000)
	w.onVale("vale.accept", v)
	w.catalog = lending.Actions(lending.Settings{Product: product(t)})
	first := v.Quote.Rows[0].Due
	w.now = time.Date(first.Year, first.Month, first.Day, 18, 0, 0, 0, time.UTC)
	if r, err := w.decides("agent:luis", "clear", v); err != nil || r.Outcome != "proposed" {
		t.Fatalf("on the day of the first payment: %q, %v", r.Outcome, err)
	}
	w.now = w.now.AddDate(0, 0, 1)
	before := w.snapshot()
	if _, err := w.decides("agent:eva", "clear", v); fault.CodeOf(err) != "review_too_late" {
		t.Errorf("a day later: %v", err)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("a refused decision changed something:\n%s", diff)
	}
	if r, err := w.decides("agent:eva", "reject", v); err != nil || r.Outcome != "ok" {
		t.Errorf("reject: %q, %v", r.Outcome, err)
	}
}

// Somebody who could not be recognised said yes: a person makes sure, and the
// evidence says who did.
func TestUnrecognisedYesWaits(t *testing.T) {
	t.Parallel()
	w := careful(t, money.Pesos(12000), 0)
	v := w.authorise()
	if _, err := w.run("vale.review", map[string]any{"vale": v.ID.String()}, func(c *lending.Call) { c.Actor = "agent:luis" }); fault.CodeOf(err) == "" && w.vale(v).State == loan.ValeInReview {
		t.Error("a vale that nobody accepted is in review")
	}
	for range 2 {
		w.verify(v, anaBirth.AddDays(1))
	}
	if r := w.onVale("vale.review", v); r.Outcome != "ok" {
		t.Fatalf("review: %s", r.Outcome)
	}
	before := w.snapshot()
	if r := w.onVale("vale.review", v); r.Outcome != "ok" {
		t.Fatalf("again: %s", r.Outcome)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("reviewing again changed something:\n%s", diff)
	}
	for _, name := range []string{"vale.decline", "vale.release", "payout.cardless"} {
		if r := w.onVale(name, v); r.Outcome != "error" {
			t.Errorf("%s in review: %+v", name, r)
		}
	}
	if _, err := w.run("vale.cancel", map[string]any{"vale": v.ID.String()}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("cancel in review: %v", err)
	}
	if r, err := w.decides("agent:eva", "clear", v); err != nil || r.Outcome != "ok" {
		t.Fatalf("clear: %q, %v", r.Outcome, err)
	}
	if got := w.vale(v); got.Evidence.Identity != "agent:eva" || got.Review.Why != lending.ReviewIdentity {
		t.Errorf("%q, %+v", got.Evidence.Identity, got.Review)
	}
}

func TestReviewWantsAReason(t *testing.T) {
	t.Parallel()
	w := careful(t, money.Pesos(2000), 0)
	v := w.offered(3000)
	w.onVale("vale.accept", v)
	for _, name := range []string{"vale.clear", "vale.reject"} {
		for _, reason := range []string{"", "  x ", strings.Repeat("a", 501)} {
			_, err := w.run(name, map[string]any{"vale": v.ID.String(), "motivo": reason}, func(c *lending.Call) { c.Actor = "agent:luis" })
			if fault.CodeOf(err) != "review_without_reason" {
				t.Errorf("%s for %.5q: %v", name, reason, err)
			}
		}
	}
	if w.vale(v).State != loan.ValeInReview {
		t.Error("something was decided")
	}
}

// Whatever is accepted, reviewed, decided, closed or asked to be paid, in any
// order and twice: the line of María is limit = available + held + used, what is
// held is what waits, and no vale in review or rejected has a loan.
func TestReviewsKeepTheLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{town: careful(rt, money.Pesos(2000), 3), rt: rt}
		decide := func(rt *rapid.T) {
			v := s.someVale(rt)
			actor := rapid.SampledFrom([]string{"agent:luis", "agent:eva", "cli:luis", "flow:x"}).Draw(rt, "who")
			name := rapid.SampledFrom([]string{"vale.clear", "vale.clear", "vale.reject"}).Draw(rt, "what")
			s.twice(rt, name, map[string]any{"vale": v.ID.String(), "motivo": "revisado"}, func(c *lending.Call) { c.Actor = actor })
		}
		review := func(rt *rapid.T) {
			v := s.someVale(rt)
			s.twice(rt, "vale.review", map[string]any{"vale": v.ID.String()}, s.byAna(aboutVale(v)))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"authorise": s.authorise, "authorise more": s.authorise, "accept": s.accept, "accept more": s.accept, "close": s.closeOffer,
			"review": review, "decide": decide, "decide more": decide, "pay out": s.payOut, "wait": s.wait,
			"": func(rt *rapid.T) { s.check(rt); checkReviews(rt, s.town) },
		})
	})
}

func checkReviews(rt *rapid.T, w *town) {
	var held money.Amount
	for _, v := range all[lending.Vale](w) {
		switch v.State {
		case loan.ValeAuthorised, loan.ValeOffered, loan.ValeInReview:
			held += v.Quote.Terms.Principal
		}
		inReview, rejected := v.State == loan.ValeInReview, v.State == loan.ValeRejected
		if (inReview || rejected) && (v.LoanID != lending.Vale{}.LoanID || v.Review.Why == "" || v.AcceptedAt.IsZero()) {
			rt.Fatalf("%s %s: loan %s, review %+v", v.Folio, v.State, v.LoanID, v.Review)
		}
		if v.State == loan.ValeConverted && v.Quote.Terms.Principal > money.Pesos(2000) && (v.Review.First == "" || v.Review.First == v.Review.DecidedBy) {
			rt.Fatalf("%s was lent by one person: %+v", v.Folio, v.Review)
		}
	}
	if d := w.line(); d.Held != held || d.Available() < 0 {
		rt.Fatalf("held %s, vales hold %s: %s", d.Held, held, fmt.Sprint(d.Available()))
	}
}
