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

func asked(own map[string]any) map[string]any {
	with := map[string]any{"motivo": "así se acordó", "evidencia": "acta 12", "pedido": ""}
	for name, value := range own {
		with[name] = value
	}
	return with
}

// two asks for a correction as Luis and has Eva approve it.
func (w *town) two(name string, own map[string]any) string {
	w.t.Helper()
	r := w.must(w.run(name, asked(own), by("agent:luis")))
	if r.Outcome != "proposed" {
		w.t.Fatalf("%s: %s", name, r.Outcome)
	}
	w.must(w.run("correction.approve", map[string]any{"ajuste": r.Value["folio"]}, by("agent:eva")))
	return r.Value["folio"].(string)
}

func (w *town) receive(own map[string]any) (lending.Result, error) {
	w.t.Helper()
	with := map[string]any{
		"source": "stp", "reference": "R1", "operation_date": w.today(), "account": "", "clabe": "", "phone": "",
		"amount": level, "value_date": w.today(),
	}
	for name, value := range own {
		with[name] = value
	}
	return w.run("payment.receive", with)
}

func balance(w *town, code ledger.Code, owner string) money.Amount {
	return ledger.Balances(w.entries)[ledger.Account{Code: code, Owner: owner}]
}

func TestADepositFindsItsLoanByItsHints(t *testing.T) {
	t.Parallel()
	const prefix = "6461801234"
	for _, tt := range []struct {
		name string
		own  func(w *town, l lending.Loan) map[string]any
		want string // motivo; "" if it was posted
	}{
		{"reference", func(_ *town, l lending.Loan) map[string]any { return map[string]any{"account": l.Reference} }, ""},
		{"folio in lower case", func(_ *town, _ lending.Loan) map[string]any { return map[string]any{"account": "v-00001"} }, ""},
		{"CLABE", func(_ *town, _ lending.Loan) map[string]any {
			return map[string]any{"clabe": clabeOf(prefix + "0000001")}
		}, ""},
		{"CLABE with a wrong digit", func(_ *town, _ lending.Loan) map[string]any {
			return map[string]any{"clabe": wrongDigit(clabeOf(prefix + "0000001"))}
		}, "no_such_loan"},
		{"somebody else's CLABE", func(_ *town, _ lending.Loan) map[string]any { return map[string]any{"clabe": clabe} }, "no_such_loan"},
		{"phone", func(*town, lending.Loan) map[string]any { return map[string]any{"phone": anaPhone} }, ""},
		{"phone of a stranger", func(*town, lending.Loan) map[string]any { return map[string]any{"phone": "+526679999999"} }, "no_such_loan"},
		{"nothing", func(*town, lending.Loan) map[string]any { return nil }, "no_such_loan"},
		{"unknown reference", func(*town, lending.Loan) map[string]any { return map[string]any{"account": "900000027"} }, "no_such_loan"},
		{"before the money", func(w *town, l lending.Loan) map[string]any {
			return map[string]any{"account": l.Folio, "value_date": w.today().AddDays(-1)}
		}, "payment_before_loan"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			w.catalog = lending.Actions(lending.Settings{Product: product(t), DepositCLABE: prefix})
			l := w.active()
			r := w.must(w.receive(tt.own(w, l)))
			p := only[lending.Payment](w, lending.KindPayment)
			if r.Value["motivo"] != tt.want || (r.Outcome == "unmatched") != (tt.want != "") || p.Parked != tt.want {
				t.Errorf("got %+v, parked %q; want %q", r, p.Parked, tt.want)
			}
			if again := w.must(w.receive(tt.own(w, l))); again.Outcome != "repeated" || again.Value["id"] != r.Value["id"] {
				t.Errorf("told again: %+v", again)
			}
			other := tt.own(w, l)
			if other == nil {
				other = map[string]any{}
			}
			other["amount"] = level + 1
			if _, err := w.receive(other); fault.CodeOf(err) != "payment_key_reused" {
				t.Errorf("other amount: %v", err)
			}
			checkBooks(t, w)
		})
	}
}

func wrongDigit(clabe string) string {
	last := clabe[len(clabe)-1]
	return clabe[:len(clabe)-1] + string('0'+(last-'0'+1)%10)
}

// clabeOf adds the check digit: weights 3, 7, 1.
func clabeOf(digits string) string {
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * []int{3, 7, 1}[i%3] % 10
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// What she is told to pay to is what her deposit is found by; the configuration
// goes before the product.
func TestPayersAreToldTheirCLABE(t *testing.T) {
	t.Parallel()
	p := product(t)
	p.Deposit = "6461801234"
	for name, tt := range map[string]struct {
		set  lending.Settings
		want string
	}{
		"of the product":           {lending.Settings{Product: p}, clabeOf("6461801234" + "0000001")},
		"of the configuration":     {lending.Settings{Product: p, DepositCLABE: "6461801570"}, clabeOf("6461801570" + "0000001")},
		"the same for all":         {lending.Settings{Product: p, DepositCLABE: "646180157000000004"}, "646180157000000004"},
		"nowhere, only references": {lending.Settings{Product: product(t)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			w.catalog = lending.Actions(tt.set)
			l := w.active()
			f := w.mustFacts(aboutLoan(l), w.ana.ID)
			if f["cliente"]["clabe"] != tt.want || f["pago"]["clabe"] != tt.want || f["cliente"]["referencia"] != l.Reference {
				t.Fatalf("told %v and %v, want %s", f["cliente"]["clabe"], f["pago"]["clabe"], tt.want)
			}
			r := w.must(w.receive(map[string]any{"clabe": tt.want, "account": "", "phone": ""}))
			if own := len(tt.want) == 18 && tt.want[10:17] == "0000001"; (r.Outcome == "ok") != own {
				t.Errorf("a deposit to it: %s", r.Outcome)
			}
		})
	}
}

// Two loans of one phone, or a reference and a CLABE that disagree, are nobody's
// to guess.
func TestAmbiguousHintsAreNotGuessed(t *testing.T) {
	t.Parallel()
	const prefix = "6461801234"
	w := newTown(t)
	w.catalog = lending.Actions(lending.Settings{Product: product(t), DepositCLABE: prefix})
	one, two := w.active(), w.active()
	for i, own := range []map[string]any{
		{"phone": anaPhone},
		{"account": one.Reference, "clabe": clabeOf(prefix + two.Folio[2:3] + "0" + two.Folio[2:])},
	} {
		own["reference"] = string(rune('a' + i))
		if r := w.must(w.receive(own)); r.Value["motivo"] != "ambiguous" {
			t.Errorf("%v: %+v", own, r)
		}
	}
	// A phone is no contradiction: people pay for each other.
	if r := w.must(w.receive(map[string]any{"account": one.Reference, "phone": mariaPhone})); r.Outcome != "ok" || r.Value["folio"] != one.Folio {
		t.Errorf("paid by somebody else: %+v", r)
	}
}

// The same clave de rastreo on another operation date is another deposit.
func TestAClaveRastreoIsUniquePerOperationDate(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	first := w.today()
	w.goTo(date("2026-03-05"))
	for _, tt := range []struct {
		on   any
		want string
	}{{first, "ok"}, {first, "repeated"}, {w.today(), "ok"}, {w.today(), "repeated"}} {
		if r := w.must(w.receive(map[string]any{"account": l.Folio, "operation_date": tt.on})); r.Outcome != tt.want {
			t.Errorf("%v: %s, want %s", tt.on, r.Outcome, tt.want)
		}
	}
	if got := w.loan(l).Position.Owed; got != money.Pesos(3900)-2*level {
		t.Errorf("owed %s", got)
	}
}

func TestSuspenseToALoanAndBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	fresh := ledger.Balances(w.entries)
	r := w.must(w.receive(map[string]any{"account": "900000027"}))
	p := r.Value["id"].(string)
	if got := balance(w, ledger.UnmatchedIn, p); got != -level {
		t.Fatalf("in suspense %s", got)
	}
	w.goTo(date("2026-03-20")) // the deposit counts for its own day
	match := asked(map[string]any{"pago": p, "cuenta": l.Folio, "fecha": date("2026-03-02")})
	asked1 := w.must(w.run("payment.match", match, by("agent:luis")))
	for _, actor := range []string{"agent:luis", "cli:luis", "flow:x", "rail:spei"} {
		before := w.snapshot()
		if _, err := w.run("correction.approve", map[string]any{"ajuste": asked1.Value["folio"]}, by(actor)); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s approved: %v", actor, err)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", actor, diff)
		}
	}
	w.must(w.run("correction.approve", map[string]any{"ajuste": asked1.Value["folio"]}, by("agent:eva")))
	if got := w.loan(l); got.Position.Owed != money.Pesos(3900)-level || got.Position.DaysLate != 0 {
		t.Errorf("matched: %+v", got.Position)
	}
	checkBooks(t, w)

	w.two("payment.unapply", map[string]any{"pago": p})
	free := lending.Payment{}
	for _, one := range all[lending.Payment](w) {
		if one.State == loan.PaymentUnmatched {
			free = one
		}
	}
	if free.Reference != "R1 (2)" || free.Amount != level || free.Parked != "unapplied" {
		t.Fatalf("taken off: %+v", free)
	}
	checkBooks(t, w)

	w.two("payment.return", map[string]any{"pago": free.ID.String()})
	sent := map[string]any{"pago": free.ID.String(), "rastreo": "DEV77"}
	for _, want := range []string{"ok", "repeated"} {
		if r := w.must(w.run("payment.returned", sent, by("agent:eva"))); r.Outcome != want {
			t.Errorf("returned: %s, want %s", r.Outcome, want)
		}
	}
	w.closeDay(l)
	w.now = opening
	checkBooks(t, w)
	balances := ledger.Balances(w.entries)
	if balances[ledger.Account{Code: ledger.BankSTP}] != fresh[ledger.Account{Code: ledger.BankSTP}] || balance(w, ledger.UnmatchedIn, free.ID.String()) != 0 {
		t.Errorf("after sending it back: %v", balances)
	}
}

func TestForgivingIsNoIncomeAndNoCredit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, action string
		amount       money.Amount
		owed         money.Amount // of $3,960 after the first late fee
		loss         money.Amount
	}{
		{"late fees", "loan.waive_late", 6000, 390000, 0},
		{"part of a late fee", "loan.waive_late", 2500, 393500, 0},
		// The plan pays the late instalment first: 60 of fee, 112.50 of interest, then capital.
		{"quita", "loan.forgive", 45000, 351000, 45000 - 6000 - 11250},
		{"goodwill", "loan.goodwill", 10000, 386000, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			w.goTo(date("2026-03-20"))
			w.closeDay(l)
			before, bank := ledger.Balances(w.entries), balance(w, ledger.BankSTP, "")
			r := w.must(w.run(tt.action, asked(map[string]any{"credito": l.ID.String(), "monto": tt.amount}), by("agent:luis")))
			if r.Outcome != "ok" {
				t.Fatalf("outcome %s", r.Outcome)
			}
			if got := w.loan(l).Position.Owed; got != tt.owed {
				t.Errorf("owed %s, want %s", got, tt.owed)
			}
			if got := balance(w, ledger.WriteOffExpense, ""); got != tt.loss {
				t.Errorf("loss %s, want %s", got, tt.loss)
			}
			if balance(w, ledger.BankSTP, "") != bank || balance(w, ledger.SaldoAFavor, w.ana.ID.String()) != 0 {
				t.Error("forgiving moved money")
			}
			checkBooks(t, w)
			w.must(w.run("correction.undo", map[string]any{"ajuste": r.Value["folio"], "motivo": "error"}, by("agent:eva")))
			if diff := cmp.Diff(before, ledger.Balances(w.entries)); diff != "" {
				t.Errorf("undone (-before +after):\n%s", diff)
			}
		})
	}
}

func TestOnePersonMayForgiveLittle(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	waive := func(amount money.Amount) string {
		r := w.must(w.run("loan.goodwill", asked(map[string]any{"credito": l.ID.String(), "monto": amount}), by("agent:luis")))
		return r.Outcome
	}
	for _, tt := range []struct {
		amount money.Amount
		want   string
	}{{money.Pesos(300), "ok"}, {money.Pesos(201), "proposed"}, {money.Pesos(200), "ok"}, {1, "proposed"}, {money.Pesos(501), "proposed"}} {
		if got := waive(tt.amount); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.amount, got, tt.want)
		}
	}
	w.now = w.now.AddDate(0, 0, 31)
	if got := waive(money.Pesos(500)); got != "ok" {
		t.Errorf("a month later: %s", got)
	}
}

func TestCorrectionRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	id := l.ID.String()
	for _, tt := range []struct {
		code, action string
		own          map[string]any
	}{
		{"correction_too_large", "loan.forgive", map[string]any{"credito": id, "monto": money.Pesos(3901)}},
		{"correction_too_large", "loan.waive_late", map[string]any{"credito": id, "monto": money.Amount(1)}},
		{"correction_not_positive", "loan.forgive", map[string]any{"credito": id, "monto": money.Amount(0)}},
		{"correction_without_reason", "loan.forgive", map[string]any{"credito": id, "monto": money.Pesos(1), "motivo": " "}},
		{"correction_without_evidence", "loan.forgive", map[string]any{"credito": id, "monto": money.Pesos(1), "evidencia": ""}},
		{"credit_short", "credit.refund", map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(1)}},
		{"bad_id", "loan.write_off", map[string]any{"credito": "V-00001"}},
		{"no_such_payment", "payment.return", map[string]any{"pago": w.newID().String()}},
	} {
		before := w.snapshot()
		_, err := w.run(tt.action, asked(tt.own), by("agent:luis"))
		if fault.CodeOf(err) != tt.code {
			t.Errorf("%s %v: %v, want %s", tt.action, tt.own, err, tt.code)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", tt.code, diff)
		}
	}
}

// Asking twice with the same key is asking once.
func TestACorrectionIsAskedForOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	with := asked(map[string]any{"credito": l.ID.String(), "monto": money.Pesos(100), "pedido": w.newID().String()})
	for _, want := range []string{"ok", "repeated"} {
		if r := w.must(w.run("loan.goodwill", with, by("agent:luis"))); r.Outcome != want {
			t.Errorf("%s, want %s", r.Outcome, want)
		}
	}
	with["monto"] = money.Pesos(101)
	if _, err := w.run("loan.goodwill", with, by("agent:luis")); fault.CodeOf(err) != "request_reused" {
		t.Errorf("another amount: %v", err)
	}
	if got := w.loan(l).Position.Owed; got != money.Pesos(3800) {
		t.Errorf("owed %s", got)
	}
}

func TestWrittenOffIsStillOwedAndCollected(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-04-20"))
	w.closeDay(l)
	w.two("loan.write_off", map[string]any{"credito": l.ID.String()})
	loss := balance(w, ledger.WriteOffExpense, "")
	got := w.loan(l)
	if got.State != loan.LoanWrittenOff || loss != money.Pesos(3000)+3*11250+3*6000 || got.Position.Owed != money.Pesos(3900)+3*6000 {
		t.Fatalf("loan %s owes %s, loss %s", got.State, got.Position.Owed, loss)
	}
	checkBooks(t, w)

	w.goTo(date("2026-06-20"))
	w.must(w.pay(l, "1", money.Pesos(1000), w.today()))
	if got := balance(w, ledger.WriteOffExpense, ""); got != loss-money.Pesos(1000) {
		t.Errorf("loss %s after recovering $1,000 of %s", got, loss)
	}
	checkBooks(t, w)
	w.must(w.pay(l, "2", w.loan(l).Position.Owed+money.Pesos(5), w.today()))
	if got := w.loan(l); got.State != loan.LoanRecovered || got.Position.Owed != 0 {
		t.Errorf("loan %s owes %s", got.State, got.Position.Owed)
	}
	if d := w.line(); d.Used != 0 {
		t.Errorf("the line still has %s in use", d.Used)
	}
	checkBooks(t, w)
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "2", "reason": "rebotó"}))
	if got := w.loan(l); got.State != loan.LoanWrittenOff {
		t.Errorf("after the reversal: %s", got.State)
	}
	checkBooks(t, w)
}

func TestSaldoAFavorIsUsedAndRefundedOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.must(w.pay(l, "1", money.Pesos(4500), w.today()))
	other := w.active()
	apply := map[string]any{
		"persona": w.ana.ID.String(), "credito": other.ID.String(), "monto": money.Pesos(250), "pedido": w.newID().String(),
	}
	for _, want := range []string{"ok", "repeated"} {
		r := w.must(w.run("credit.apply", apply, w.byAna(aboutLoan(other))))
		if r.Outcome != want || r.Value["aplicado"] != money.Pesos(250) {
			t.Errorf("%+v, want %s", r, want)
		}
	}
	if got := w.loan(other).Position.Owed; got != money.Pesos(3650) {
		t.Errorf("owed %s", got)
	}
	folio := w.two("credit.refund", map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(300)})
	if got := balance(w, ledger.SaldoAFavor, w.ana.ID.String()); got != -money.Pesos(50) {
		t.Errorf("credit left %s", got)
	}
	checkBooks(t, w)
	before := w.snapshot()
	if _, err := w.run("payment.reverse", map[string]any{"source": "panel", "reference": "1", "reason": "rebotó"}); fault.CodeOf(err) != "credit_spent" {
		t.Errorf("taking back what is spent: %v", err)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("refused, and changed something:\n%s", diff)
	}
	w.must(w.run("correction.undo", map[string]any{"ajuste": folio, "motivo": "la transferencia volvió"}, by("agent:eva")))
	if got := balance(w, ledger.SaldoAFavor, w.ana.ID.String()); got != -money.Pesos(350) {
		t.Errorf("credit after the refund came back %s", got)
	}
	checkBooks(t, w)
}

// What is forgiven keeps no promise and is no payment that somebody looks for.
func TestForgivingKeepsNoPromise(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-18"))
	w.promise(l, date("2026-03-20"), money.Pesos(100))
	w.must(w.run("loan.goodwill", asked(map[string]any{"credito": l.ID.String(), "monto": money.Pesos(100)}), by("agent:luis")))
	if p := only[lending.Promise](w, lending.KindPromise); p.State != loan.PromiseOpen {
		t.Errorf("promise %s", p.State)
	}
	r := w.must(w.run("payment.find", map[string]any{"credito": l.ID.String(), "desde": w.today()}, w.byAna(aboutLoan(l))))
	if r.Outcome != "not_found" {
		t.Errorf("«ya pagué»: %s", r.Outcome)
	}
}
