package lending_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/money"
)

// story is a random story of one distributor and one beneficiary. Its commands
// come in any order, also where they make no sense, and what comes from outside
// comes twice.
type story struct {
	*town
	rt       *rapid.T
	payments int
}

// TestAnyStoryKeepsTheBooks runs random commands, duplicates and reordered rail
// news among them, and checks the invariants of money after each.
func TestAnyStoryKeepsTheBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{town: newTown(rt), rt: rt}
		change(s.town, lending.KindPerson, s.ana.ID, func(p *lending.Person) { p.Limit = money.Pesos(15000) })
		rt.Repeat(map[string]func(*rapid.T){
			"authorise": s.authorise, "close": s.closeOffer, "accept": s.accept, "pay out": s.payOut,
			"rail": s.railNews, "rail again": s.railNews, "pay": s.payment, "reverse": s.reverse,
			"promise": s.promised, "judge": s.judged, "replan": s.replanned, "wait": s.wait, "day": s.dayClose,
			"stray": s.stray, "correct": s.correct, "correct more": s.correct, "decide": s.decide, "decide more": s.decide,
			"undo": s.undo, "sent back": s.sentBack, "use credit": s.useCredit, "overpay": s.overpay, "refund": s.refund,
			"raise line": s.raiseLine, "lend": s.lend, "lend more": s.lend, "pay more": s.payment, "late": s.late,
			"": s.check,
		})
	})
}

func (s *story) authorise(rt *rapid.T) {
	pesos := rapid.SampledFrom([]int64{500, 1000, 3000, 7000, 15000}).Draw(rt, "pesos")
	terms := rapid.SampledFrom([]int{4, 8, 5}).Draw(rt, "terms")
	nip := rapid.SampledFrom([]string{pin, pin, pin, "0000"}).Draw(rt, "nip")
	if _, err := s.offerWith(pesos, terms, nip); err != nil {
		rt.Fatalf("authorise: %v", err)
	}
}

// lend goes the usual way from the vale to the money in hand, so that stories
// are about loans too and not only about offers.
func (s *story) lend(rt *rapid.T) {
	s.now = s.now.Add(11 * time.Minute)
	r, err := s.offerWith(rapid.SampledFrom([]int64{1000, 3000, 15000}).Draw(rt, "pesos"), 4, pin)
	if err != nil || r.Outcome != "ok" {
		rt.Skip("no line for it")
	}
	for _, v := range all[lending.Vale](s.town) {
		if v.Folio != r.Value["folio"] {
			continue
		}
		s.verify(v, anaBirth)
		s.onVale("vale.accept", v)
		news := []string{"code_issued", "code_redeemed"}
		d := lending.Disbursement{}
		if rapid.Bool().Draw(rt, "spei") {
			d, news = s.spei(v), []string{"transfer_accepted", "transfer_settled"}
		} else {
			d = s.cardless(v)
		}
		for _, event := range news[:rapid.IntRange(1, 2).Draw(rt, "news")] {
			s.rail(event, d.ID)
		}
	}
}

// late lets instalments fall due, and people miss them.
func (s *story) late(rt *rapid.T) {
	s.now = s.now.AddDate(0, 0, rapid.IntRange(10, 40).Draw(rt, "days"))
}

// someVale draws a vale in any state.
func (s *story) someVale(rt *rapid.T) lending.Vale {
	vales := all[lending.Vale](s.town)
	if len(vales) == 0 {
		rt.Skip("no vale yet")
	}
	return rapid.SampledFrom(vales).Draw(rt, "vale")
}

func (s *story) someLoan(rt *rapid.T) lending.Loan {
	loans := all[lending.Loan](s.town)
	if len(loans) == 0 {
		rt.Skip("no loan yet")
	}
	return rapid.SampledFrom(loans).Draw(rt, "loan")
}

// twice runs a command and then again: the second time must change nothing.
func (s *story) twice(rt *rapid.T, name string, with map[string]any, who func(*lending.Call)) lending.Result {
	r, err := s.run(name, with, who)
	if fault.KindOf(err) == fault.Internal && err != nil {
		rt.Fatalf("%s: %v", name, err)
	}
	before := s.snapshot()
	if _, err := s.run(name, with, who); err != nil && fault.KindOf(err) == fault.Internal {
		rt.Fatalf("%s again: %v", name, err)
	}
	if diff := cmp.Diff(before, s.snapshot()); diff != "" {
		rt.Fatalf("%s again changed something:\n%s", name, diff)
	}
	return r
}

func (s *story) closeOffer(rt *rapid.T) {
	v := s.someVale(rt)
	name := rapid.SampledFrom([]string{"vale.decline", "vale.release", "vale.cancel", "vale.offered"}).Draw(rt, "how")
	s.twice(rt, name, map[string]any{"vale": v.ID.String()}, s.byAna(aboutVale(v)))
}

func (s *story) accept(rt *rapid.T) {
	v := s.someVale(rt)
	if rapid.IntRange(0, 4).Draw(rt, "verified") > 0 {
		s.verify(v, anaBirth)
	}
	r := s.twice(rt, "vale.accept", map[string]any{"vale": v.ID.String()}, s.byAna(aboutVale(v)))
	late := v.State.Terminal() || !s.now.Before(v.Expires)
	if r.Outcome == "ok" && late {
		rt.Fatalf("accepted in state %s at %s, expires %s", v.State, s.now, v.Expires)
	}
}

func (s *story) payOut(rt *rapid.T) {
	v := s.someVale(rt)
	name, with := "payout.cardless", map[string]any{"vale": v.ID.String()}
	if rapid.Bool().Draw(rt, "spei") {
		name, with["clabe"] = "payout.spei", clabe
	}
	s.twice(rt, name, with, s.byAna(aboutVale(v)))
}

func (s *story) railNews(rt *rapid.T) {
	attempts := all[lending.Disbursement](s.town)
	if len(attempts) == 0 {
		rt.Skip("no attempt yet")
	}
	d := rapid.SampledFrom(attempts).Draw(rt, "attempt")
	event := rapid.SampledFrom([]string{
		"code_issued", "code_issued", "code_redeemed", "code_redeemed", "code_expired", "code_rejected", "code_cancelled", "code_blocked",
		"transfer_accepted", "transfer_settled", "transfer_settled", "transfer_rejected", "transfer_returned", "unknown",
	}).Draw(rt, "event")
	s.rail(event, d.ID)
	before := s.snapshot()
	if got := s.rail(event, d.ID); got == "ok" {
		rt.Fatalf("%s again: ok", event)
	}
	if diff := cmp.Diff(before, s.snapshot()); diff != "" {
		rt.Fatalf("%s again changed something:\n%s", event, diff)
	}
}

func (s *story) payment(rt *rapid.T) {
	l := s.someLoan(rt)
	s.payments++
	s.twice(rt, "payment.post", map[string]any{
		"source":    rapid.SampledFrom([]string{"panel", "stp"}).Draw(rt, "source"),
		"reference": fmt.Sprint(s.payments), "account": l.Folio,
		"amount":     money.Amount(rapid.Int64Range(-1, 200000).Draw(rt, "centavos")),
		"value_date": s.today().AddDays(-rapid.IntRange(-1, 20).Draw(rt, "days ago")),
	}, func(*lending.Call) {})
}

func (s *story) reverse(rt *rapid.T) {
	payments := all[lending.Payment](s.town)
	if len(payments) == 0 {
		rt.Skip("nothing paid yet")
	}
	p := rapid.SampledFrom(payments).Draw(rt, "payment")
	s.twice(rt, "payment.reverse", map[string]any{
		"source": p.Source, "reference": p.Reference, "reason": "rebotó",
	}, func(*lending.Call) {})
}

// noMoney runs a command that may not move money.
func (s *story) noMoney(rt *rapid.T, run func()) {
	entries, lines := len(s.entries), all[lending.Distributor](s.town)
	loans := all[lending.Loan](s.town)
	run()
	if diff := cmp.Diff(lines, all[lending.Distributor](s.town)); diff != "" || len(s.entries) != entries {
		rt.Fatalf("moved money: %d entries, %s", len(s.entries)-entries, diff)
	}
	if diff := cmp.Diff(loans, all[lending.Loan](s.town)); diff != "" {
		rt.Fatalf("changed a loan:\n%s", diff)
	}
}

func (s *story) promised(rt *rapid.T) {
	l := s.someLoan(rt)
	s.noMoney(rt, func() {
		s.promise(l, s.today().AddDays(rapid.IntRange(-1, 12).Draw(rt, "in days")), level)
	})
}

func (s *story) judged(rt *rapid.T) {
	promises := all[lending.Promise](s.town)
	if len(promises) == 0 {
		rt.Skip("nothing promised yet")
	}
	p := rapid.SampledFrom(promises).Draw(rt, "promise")
	s.noMoney(rt, func() { s.breakPromise(p.ID.String(), lending.Loan{ID: p.LoanID}) })
}

func (s *story) replanned(rt *rapid.T) {
	l := s.someLoan(rt)
	s.town.closeDay(l)
	before := s.town.loan(l).Position.Owed
	actor := rapid.SampledFrom([]string{"flow:recordatorio_pago", "agent:luis"}).Draw(rt, "actor")
	_, err := s.run("loan.restructure", map[string]any{
		"credito": l.ID.String(), "plan": rapid.SampledFrom([]string{"partes", "mover"}).Draw(rt, "plan"),
	}, s.byAna(aboutLoan(l)), func(c *lending.Call) { c.Actor = actor })
	if err != nil && fault.KindOf(err) == fault.Internal {
		rt.Fatalf("replan: %v", err)
	}
	if after := s.town.loan(l).Position.Owed; after != before {
		rt.Fatalf("a new plan turned %s owed into %s", before, after)
	}
	s.now = s.now.Add(time.Second)
}

func (s *story) wait(rt *rapid.T) {
	s.now = s.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(rt, "hours")) * time.Hour)
}

func (s *story) dayClose(rt *rapid.T) {
	l := s.someLoan(rt)
	s.town.closeDay(l)
	before := s.snapshot()
	s.town.closeDay(l)
	if diff := cmp.Diff(before, s.snapshot()); diff != "" {
		rt.Fatalf("closing the day again changed something:\n%s", diff)
	}
}

func (s *story) raiseLine(rt *rapid.T) {
	_, err := s.run("distributor.upsert", map[string]any{
		"telefono": mariaPhone, "nombre": "Maria Lopez", "nacimiento": anaBirth, "nip": pin,
		"linea": money.Pesos(rapid.Int64Range(10, 60).Draw(rt, "thousands") * 1000), "plazos": []int{4, 6, 8, 12},
	})
	if err != nil && fault.CodeOf(err) != "line_in_use" {
		rt.Fatalf("line: %v", err)
	}
}

// check holds what must be true after every command.
func (s *story) check(rt *rapid.T) {
	checkBooks(rt, s.town)
	checkUnique(rt, s.town)
	checkCorrections(rt, s.town)
	for _, l := range all[lending.Loan](s.town) {
		checkPayout(rt, s.town, l)
		checkAllocations(rt, s.town, l)
	}
	for _, v := range all[lending.Vale](s.town) {
		if v.TermsHash != v.Quote.Terms.Hash() || !v.Quote.Intact() {
			rt.Fatalf("vale %s: terms changed", v.Folio)
		}
	}
	for _, a := range s.audits {
		if a.Actor == "" || a.Cause == "" || a.Outcome == "" {
			rt.Fatalf("incomplete audit %+v", a)
		}
	}
}

// Payments that arrive in another order, with the same value dates, leave the
// same balances; taking them all back leaves what was before.
func TestPaymentsInAnyOrderLeaveTheSameBooks(t *testing.T) {
	t.Parallel()
	type deposit struct {
		amount money.Amount
		day    int
	}
	rapid.Check(t, func(rt *rapid.T) {
		deposits := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) deposit {
			return deposit{
				money.Amount(rapid.Int64Range(1, 150000).Draw(rt, "centavos")),
				rapid.IntRange(0, 40).Draw(rt, "day"),
			}
		}), 1, 6).Draw(rt, "deposits")
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range deposits {
				if !yield(i) {
					return
				}
			}
		})).Draw(rt, "order")
		post := func(order []int) (*town, lending.Loan) {
			w := newTown(rt)
			l := w.active()
			start := w.today()
			w.goTo(start.AddDays(45))
			w.closeDay(l)
			for _, i := range order {
				w.must(w.pay(l, fmt.Sprint(i), deposits[i].amount, start.AddDays(deposits[i].day)))
			}
			return w, w.loan(l)
		}
		inOrder := make([]int, len(order))
		for i := range inOrder {
			inOrder[i] = i
		}
		one, a := post(inOrder)
		two, b := post(order)
		if diff := cmp.Diff(ledger.Balances(one.entries), ledger.Balances(two.entries)); diff != "" {
			rt.Fatalf("balances:\n%s", diff)
		}
		if diff := cmp.Diff(a.Position, b.Position); diff != "" {
			rt.Fatalf("position:\n%s", diff)
		}
		undone(rt, two, b, len(deposits))
	})
}

// undone reverses every payment and compares with a loan that got none.
func undone(rt *rapid.T, w *town, l lending.Loan, payments int) {
	for i := range payments {
		w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": fmt.Sprint(i), "reason": ""}))
	}
	fresh := newTown(rt)
	same := fresh.active()
	fresh.now = w.now
	fresh.closeDay(same)
	if diff := cmp.Diff(ledger.Balances(fresh.entries), ledger.Balances(w.entries)); diff != "" {
		rt.Fatalf("after taking all back:\n%s", diff)
	}
	if diff := cmp.Diff(fresh.loan(same), w.loan(l)); diff != "" {
		rt.Fatalf("loan after taking all back:\n%s", diff)
	}
}
