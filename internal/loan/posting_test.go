package loan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func bank() ledger.Account { return ledger.Account{Code: ledger.BankSTP} }

func of(code ledger.Code) ledger.Account { return ledger.Account{Code: code, Owner: "L-1"} }

// An instalment paid on its day: the interest is earned, the IVA is owed to
// the treasury, and nothing stays receivable of it.
func TestPostAPunctualPayment(t *testing.T) {
	t.Parallel()
	q := ana(t)
	before := loan.Replay(q.Terms, q.Rows, nil, day(t, "2026-03-14"))
	after := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-15", 487_50)}, day(t, "2026-03-15"))
	want := ledger.Net(
		ledger.Line{Account: bank(), Amount: 487_50},
		ledger.Line{Account: of(ledger.LoanCapital), Amount: -375_00},
		ledger.Line{Account: ledger.Account{Code: ledger.InterestIncome}, Amount: -96_98},
		ledger.Line{Account: ledger.Account{Code: ledger.IVADue}, Amount: -15_52},
	)
	if diff := cmp.Diff(want, loan.Post("L-1", "P-1", bank(), before, after)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The close of a day books what fell due and the late fee, without money.
func TestPostTheCloseOfADay(t *testing.T) {
	t.Parallel()
	q := ana(t)
	at := func(s string) loan.Position { return loan.Replay(q.Terms, q.Rows, nil, day(t, s)) }
	if got := loan.Post("L-1", "P-1", bank(), at("2026-03-10"), at("2026-03-14")); len(got) != 0 {
		t.Errorf("nothing happened, yet %v", got)
	}
	want := ledger.Net(
		ledger.Line{Account: of(ledger.LoanInterest), Amount: 96_98},
		ledger.Line{Account: of(ledger.IVAReceivable), Amount: 15_52 + 8_28},
		ledger.Line{Account: of(ledger.LoanMora), Amount: 51_72},
		ledger.Line{Account: ledger.Account{Code: ledger.InterestIncome}, Amount: -96_98},
		ledger.Line{Account: ledger.Account{Code: ledger.MoraIncome}, Amount: -51_72},
		ledger.Line{Account: ledger.Account{Code: ledger.IVADue}, Amount: -15_52 - 8_28},
	)
	if diff := cmp.Diff(want, loan.Post("L-1", "P-1", bank(), at("2026-03-14"), at("2026-03-19"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPostExcessAndItsReversal(t *testing.T) {
	t.Parallel()
	q := ana(t)
	before := loan.Replay(q.Terms, q.Rows, nil, day(t, "2026-03-10"))
	after := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-10", 4000_00)}, day(t, "2026-03-10"))
	lines := loan.Post("L-1", "P-1", bank(), before, after)
	var credit money.Amount
	for _, l := range lines {
		if l.Account == (ledger.Account{Code: ledger.SaldoAFavor, Owner: "P-1"}) {
			credit = l.Amount
		}
	}
	if credit != -100_00 {
		t.Errorf("saldo a favor moves by %s", credit)
	}
	undo := loan.Post("L-1", "P-1", bank(), after, before)
	if left := ledger.Net(append(lines, undo...)...); len(left) != 0 {
		t.Errorf("the reversal leaves %v", left)
	}
}

// Invariants 1 and 15 over random lives: payments arrive late and out of
// order, some are reversed, days are closed at any moment. After every step
// the entry balances, no account stands on a wrong side, and the accounts of
// the loan sum to what the schedule engine says is receivable.
func TestLedgerAgreesWithSchedule(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuote(t, anyProduct(t, base))
		var live []loan.Payment
		book := entry(t, nil, loan.Disburse("L-1", q.Terms.Principal, of(ledger.CodeOut)))
		today := q.Terms.Issued
		var shown loan.Position
		for _, p := range anyPayments(t, q) {
			today = today.AddDays(rapid.IntRange(0, 30).Draw(t, "days"))
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0: // only the day closes
			case 1:
				if len(live) > 0 {
					live = live[1:] // a payment is reversed
				}
			default:
				p.On = earlier(p.On, today)
				live = append(live, p)
			}
			now := loan.Replay(q.Terms, q.Rows, live, today)
			book = entry(t, book, loan.Post("L-1", "P-1", bank(), shown, now))
			shown = now
			checkBook(t, book, now)
		}
	})
}

func earlier(a, b quincena.Date) quincena.Date {
	if a.Before(b) {
		return a
	}
	return b
}

func entry(t tester, book []ledger.Entry, lines []ledger.Line) []ledger.Entry {
	t.Helper()
	if len(lines) == 0 {
		return book
	}
	e, err := ledger.NewEntry("e", time.Unix(1_800_000_000, 0), "c", "", lines...)
	if err != nil {
		t.Fatalf("lines %v: %v", lines, err)
	}
	return append(book, e)
}

func checkBook(t tester, book []ledger.Entry, p loan.Position) {
	balances := ledger.Balances(book)
	if err := ledger.Check(balances); err != nil {
		t.Fatal(err)
	}
	var owed money.Amount
	for _, code := range []ledger.Code{ledger.LoanCapital, ledger.LoanInterest, ledger.LoanMora, ledger.FeeReceivable, ledger.IVAReceivable} {
		owed += balances[of(code)]
	}
	if owed != p.Receivable() {
		t.Fatalf("the ledger shows %s, the schedule %s", owed, p.Receivable())
	}
	if p.Settled && owed != 0 {
		t.Fatalf("settled with %s", owed)
	}
	if p.AsOf.After(p.Rows[len(p.Rows)-1].Due) && owed != p.Outstanding {
		t.Fatalf("all is due: the ledger shows %s, the schedule %s", owed, p.Outstanding)
	}
	if balances[ledger.Account{Code: ledger.SaldoAFavor, Owner: "P-1"}] != -p.Credit {
		t.Fatalf("saldo a favor is not %s", p.Credit)
	}
}
