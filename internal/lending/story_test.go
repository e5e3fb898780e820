package lending_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// moved lists what entries since a mark moved, in words a bookkeeper reads.
func (w *town) moved(since int) []string {
	var lines []string
	for _, e := range w.entries[since:] {
		for _, l := range e.Lines {
			lines = append(lines, fmt.Sprintf("%s: %s %s", said(e.Memo), l.Account.Code, l.Amount))
		}
	}
	return lines
}

// TestTheStory is the whole way of a vale: authorised, accepted, withdrawn at an
// ATM and paid back in eight quincenas, each step with its bookings and events.
func TestTheStory(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	step := func(name string, do func(), entries, events []string) {
		t.Helper()
		e, m := len(w.entries), len(w.emits)
		do()
		if diff := cmp.Diff(entries, w.moved(e)); diff != "" {
			t.Errorf("%s: bookings (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(events, w.names(m)); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", name, diff)
		}
		checkBooks(t, w)
	}
	var v lending.Vale
	var d lending.Disbursement
	step("authorise", func() { v = w.authorise() }, []string{
		"línea apartada V-00001: line_available -$3,000.00", "línea apartada V-00001: line_hold $3,000",
	}, []string{"vale.authorized"})
	step("accept", func() { w.verify(v, anaBirth); w.onVale("vale.accept", v) }, []string{
		"línea usada V-00001: line_hold -$3,000.00", "línea usada V-00001: line_used $3,000",
	}, []string{})
	step("ask for a code", func() { d = w.cardless(v) }, nil, []string{})
	step("code issued", func() { w.rail("code_issued", d.ID) }, []string{
		"dinero en camino V-00001: cash_provider -$3,000.00", "dinero en camino V-00001: code_out $3,000",
	}, []string{"payout.answered=ok"})
	step("withdrawn", func() { w.rail("code_redeemed", d.ID) }, []string{
		"dinero entregado V-00001: code_out -$3,000.00", "dinero entregado V-00001: loan_capital $3,000",
	}, []string{"payout.settled", "vale.activated", "vale.delivered"})
	l := only[lending.Loan](w, lending.KindLoan)
	w.goTo(date("2026-03-15"))
	step("first payment", func() { w.must(w.pay(l, "1", level, w.today())) }, []string{
		"pagos V-00001: cash_provider $487.50", "pagos V-00001: interest_income -$96.98",
		"pagos V-00001: iva_due -$15.52", "pagos V-00001: loan_capital -$375.00",
		"línea repuesta V-00001: line_available $375", "línea repuesta V-00001: line_used -$375.00",
	}, []string{"payment.received"})
	for n, row := range l.Quote.Rows[1:] {
		w.goTo(row.Due)
		w.must(w.pay(l, fmt.Sprint(n+2), row.Total(), w.today()))
	}
	l = w.loan(l)
	if l.State != loan.LoanSettled || l.Position.Owed != 0 || w.line().Available() != money.Pesos(20000) {
		t.Errorf("at the end: loan %s owes %s, line has %s", l.State, l.Position.Owed, w.line().Available())
	}
	if ana := w.person(anaPhone); ana.PaidCount != 8 || ana.Segment != "puntual" {
		t.Errorf("history %d, %s", ana.PaidCount, ana.Segment)
	}
	if got := ledger.Balances(w.entries)[ledger.Account{Code: ledger.CashProvider}]; got != money.Pesos(900) {
		t.Errorf("the lender earned %s, IVA included", got)
	}
}

// otherProduct is the vale with prices that it does not have by default, so
// that every component of a debt is met.
func otherProduct(t failer, method string) loan.Product {
	t.Helper()
	text, err := os.ReadFile("../../flows/products/vale.yaml")
	if err != nil {
		t.Fatalf("read product: %v", err)
	}
	changed := strings.NewReplacer(
		"method: flat ", "method: "+method+" ", "opening: 0%", "opening: 5%", "insurance: 0}", "insurance: 100}",
		"included: true", "included: false",
	).Replace(string(text))
	p, err := loan.ParseProduct([]byte(changed))
	if err != nil {
		t.Fatalf("parse product: %v", err)
	}
	return p
}

// Whatever a product charges, payments, plans, closed days and reversals leave
// ledger and schedule in step.
func TestEveryProductKeepsTheBooks(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"flat", "level", "equal_principal"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				w := newTown(rt)
				w.catalog = lending.Actions(lending.Settings{Product: otherProduct(rt, method)})
				l := w.active()
				for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
					w.now = w.now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(rt, "days"))
					w.pass(rt, l, i)
					checkBooks(rt, w)
					checkAllocations(rt, w, w.loan(l))
				}
			})
		})
	}
}

// pass is one thing that happens to a loan.
func (w *town) pass(rt *rapid.T, l lending.Loan, i int) {
	switch rapid.IntRange(0, 4).Draw(rt, "what") {
	case 0:
		w.closeDay(l)
	case 1:
		w.replan(l, rapid.SampledFrom([]string{"partes", "mover"}).Draw(rt, "plan"))
		w.now = w.now.Add(time.Second)
	case 2:
		_, _ = w.run("payment.reverse", map[string]any{"source": "panel", "reference": fmt.Sprint(i - 1), "reason": ""})
	default:
		w.must(w.pay(l, fmt.Sprint(i), money.Amount(rapid.Int64Range(1, 120000).Draw(rt, "centavos")), w.today()))
	}
}

// Two people at once: each one's dialogue moves only her own.
func TestTwoBeneficiariesShareALine(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana := w.ana
	l := w.active()
	w.must(w.run("person.upsert", map[string]any{
		"telefono": "+526679999999", "nombre": "Eva Luna", "nacimiento": anaBirth, "tope": money.Pesos(20000),
	}))
	w.ana = w.person("+526679999999")
	if r := w.must(w.offerWith(17000, 8, pin)); r.Outcome != "error" {
		t.Errorf("above the product: %s", r.Outcome)
	}
	if r := w.must(w.offerWith(15000, 8, pin)); r.Outcome != "ok" || r.Value["disponible"] != money.Pesos(2000) {
		t.Errorf("Eva's vale: %+v", r)
	}
	if r := w.must(w.offerWith(2100, 8, pin)); r.Outcome != "line_exceeded" || r.Value["disponible"] != money.Pesos(2000) {
		t.Errorf("one too many: %+v", r)
	}
	if got := w.mustFacts(lending.About{}, w.ana.ID)["cliente"]["saldo"]; got != money.Amount(0) {
		t.Errorf("Eva owes %v", got)
	}
	if got := w.mustFacts(aboutLoan(l), ana.ID)["cliente"]["saldo"]; got != money.Pesos(3900) {
		t.Errorf("Ana owes %v", got)
	}
	checkBooks(t, w)
}

func TestSettingsTakeTheirDefaults(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.catalog = lending.Actions(lending.Settings{
		Product: product(t), LinkBase: "x.mx", NewLimit: money.Pesos(1000), PINMisses: 1, PINLock: time.Minute, BirthMisses: 1,
	})
	r := w.must(w.run("person.create", map[string]any{"telefono": "6678888888", "nombre": "Luz Paz"}, w.byMaria))
	if r.Value["tope"] != money.Pesos(1000) {
		t.Errorf("limit %v", r.Value["tope"])
	}
	if r := w.must(w.offerWith(3000, 8, "1111")); r.Outcome != "pin_locked" {
		t.Errorf("first miss: %s", r.Outcome)
	}
	w.now = w.now.Add(time.Minute)
	v := w.authorise()
	if got := w.verify(v, date("1991-01-01")); got != "locked" {
		t.Errorf("first birth date: %s", got)
	}
	if link := w.mustFacts(aboutVale(v), w.ana.ID)["vale"]["liga"].(string); !strings.HasPrefix(link, "x.mx/") {
		t.Errorf("link %s", link)
	}
}

// said is a memo without the seal of an acceptance, which is a hash.
func said(memo string) string {
	before, _, _ := strings.Cut(memo, " aceptación ")
	return before
}
