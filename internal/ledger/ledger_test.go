package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/money"
)

func noon() time.Time { return time.Date(2026, 3, 2, 18, 0, 0, 123456789, time.UTC) }

func account(code ledger.Code, owner string) ledger.Account {
	return ledger.Account{Code: code, Owner: owner}
}

func TestNewEntryRefuses(t *testing.T) {
	t.Parallel()
	capital, out := account(ledger.LoanCapital, "L-1"), account(ledger.DisbursementOut, "L-1")
	pair := ledger.Move(3000_00, out, capital)
	for _, c := range []struct {
		name, id, cause string
		at              time.Time
		lines           []ledger.Line
		want            string
	}{
		{"no id", "", "e", noon(), pair, "entry_without_id"},
		{"no cause", "1", "", noon(), pair, "entry_without_id"},
		{"no time", "1", "e", time.Time{}, pair, "entry_without_id"},
		{"no lines", "1", "e", noon(), nil, "entry_empty"},
		{"one line", "1", "e", noon(), pair[:1], "entry_unbalanced"},
		{"a centavo off", "1", "e", noon(), []ledger.Line{{Account: capital, Amount: 100}, {Account: out, Amount: -99}}, "entry_unbalanced"},
		{"a zero line", "1", "e", noon(), append(ledger.Move(5, out, capital), ledger.Line{Account: out}), "entry_bad_line"},
		{"unknown account", "1", "e", noon(), ledger.Move(5, account("petty_cash", ""), capital), "entry_bad_line"},
		{"beyond the bound", "1", "e", noon(), ledger.Move(money.Max+1, out, capital), "entry_bad_line"},
	} {
		if _, err := ledger.NewEntry(c.id, c.at, c.cause, "", c.lines...); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestEntryKeepsItsOwnLinesAndStoredTime(t *testing.T) {
	t.Parallel()
	lines := ledger.GrantLine("D-1", 20000_00)
	e, err := ledger.NewEntry("1", noon(), "e", "línea", lines...)
	if err != nil {
		t.Fatal(err)
	}
	lines[0].Amount = 1
	if e.Lines[0].Amount != 20000_00 {
		t.Error("the entry shares its lines with the caller")
	}
	if e.At.Nanosecond() != 123456000 {
		t.Errorf("the time keeps %d ns, which the database would lose", e.At.Nanosecond())
	}
}

func TestReverseCancelsOut(t *testing.T) {
	t.Parallel()
	e, _ := ledger.NewEntry("1", noon(), "e", "dispersión", ledger.Move(3000_00, account(ledger.DisbursementOut, "L-1"), account(ledger.LoanCapital, "L-1"))...)
	r, err := ledger.Reverse(e, "2", noon(), "f")
	if err != nil {
		t.Fatal(err)
	}
	if got := ledger.Balances([]ledger.Entry{e, r}); len(got) != 0 {
		t.Errorf("something is left: %v", got)
	}
	if r.Reverses != "1" || r.ID != "2" || r.Cause != "f" || r.Memo != "reversa: dispersión" {
		t.Errorf("the reversal is %+v", r)
	}
}

// A reversal is not reversed: the entry is made again.
func TestAReversalIsNotReversed(t *testing.T) {
	t.Parallel()
	e, _ := ledger.NewEntry("1", noon(), "e", "dispersión", ledger.Move(3000_00, account(ledger.DisbursementOut, "L-1"), account(ledger.LoanCapital, "L-1"))...)
	r, err := ledger.Reverse(e, "2", noon(), "f")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ledger.Reverse(r, "3", noon(), "g"); fault.CodeOf(err) != "entry_is_reversal" || fault.TextOf(err) == "" || again.ID != "" {
		t.Errorf("reversing a reversal gives %+v, %v", again, err)
	}
}

func TestCheckFindsBalancesOnTheWrongSide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		lines []ledger.Line
		want  string
	}{
		{"a grant", ledger.GrantLine("D-1", 100), "internal"}, // CodeOf(nil)
		{"a hold without a line", ledger.HoldLine("D-1", 100), "balance_wrong_side"},
		{"a use without a hold", append(ledger.GrantLine("D-1", 100), ledger.UseLine("D-1", 100)...), "balance_wrong_side"},
		{"a payment beyond the debt", ledger.Move(100, account(ledger.LoanCapital, "L-1"), account(ledger.BankSTP, "")), "balance_wrong_side"},
		{"an excess in favour", ledger.Move(100, account(ledger.SaldoAFavor, "P-1"), account(ledger.BankSTP, "")), "internal"},
		{"an excess paid twice", ledger.Move(100, account(ledger.BankSTP, ""), account(ledger.SaldoAFavor, "P-1")), "balance_wrong_side"},
	} {
		err := ledger.Check(ledger.Balances([]ledger.Entry{{Lines: c.lines}}))
		if (err == nil) != (c.want == "internal") || fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestEveryAccountOfTheChartHasASide(t *testing.T) {
	t.Parallel()
	seen := map[ledger.Code]bool{}
	for _, code := range ledger.Chart() {
		if code.Side() == ledger.Unknown || seen[code] {
			t.Errorf("%s has no side or comes twice", code)
		}
		seen[code] = true
	}
	if len(seen) != 24 {
		t.Errorf("the chart has %d accounts", len(seen))
	}
	if ledger.Code("").Side() != ledger.Unknown {
		t.Error("no code is in the chart")
	}
}

func TestNetMergesAndOrders(t *testing.T) {
	t.Parallel()
	a, b := account(ledger.LoanCapital, "L-1"), account(ledger.BankSTP, "")
	got := ledger.Net(append(append(ledger.Move(5, a, b), ledger.Move(7, a, b)...), ledger.Move(3, account(ledger.LineHold, "D"), account(ledger.LineHold, "D"))...)...)
	want := []ledger.Line{{Account: b, Amount: 12}, {Account: a, Amount: -12}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Any sequence of line movements that Check lets through keeps
// limit = available + held + used, all of them at least zero, against a model
// of three plain numbers.
func TestLineMovementsKeepTheTriple(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var book []ledger.Entry
		var model ledger.LineState
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			amount := money.Amount(rapid.Int64Range(1, 500).Draw(t, "amount"))
			lines, next := drawMovement(t, model, amount)
			lawful := next.Available >= 0 && next.Held >= 0 && next.Used >= 0
			e, err := ledger.NewEntry("e", noon(), "c", "", lines...)
			if err != nil {
				t.Fatal(err)
			}
			after := ledger.Balances(append(book, e))
			if got := ledger.Check(after) == nil; got != lawful {
				t.Fatalf("Check allows = %v for %+v", got, next)
			}
			if !lawful {
				continue
			}
			book, model = append(book, e), next
			if got := ledger.LineOf(after, "D-1"); got != model || got.Limit != got.Available+got.Held+got.Used {
				t.Fatalf("line %+v, want %+v", got, model)
			}
		}
	})
}

func drawMovement(t *rapid.T, s ledger.LineState, amount money.Amount) ([]ledger.Line, ledger.LineState) {
	switch rapid.IntRange(0, 4).Draw(t, "movement") {
	case 0:
		s.Limit, s.Available = s.Limit+amount, s.Available+amount
		return ledger.GrantLine("D-1", amount), s
	case 1:
		s.Available, s.Held = s.Available-amount, s.Held+amount
		return ledger.HoldLine("D-1", amount), s
	case 2:
		s.Held, s.Available = s.Held-amount, s.Available+amount
		return ledger.ReleaseHold("D-1", amount), s
	case 3:
		s.Held, s.Used = s.Held-amount, s.Used+amount
		return ledger.UseLine("D-1", amount), s
	default:
		s.Used, s.Available = s.Used-amount, s.Available+amount
		return ledger.RestoreLine("D-1", amount), s
	}
}

// Whatever NewEntry accepts sums to zero, and a book of such entries does too.
func TestAcceptedEntriesSumToZero(t *testing.T) {
	t.Parallel()
	chart := ledger.Chart()
	rapid.Check(t, func(t *rapid.T) {
		var lines []ledger.Line
		var sum money.Amount
		for range rapid.IntRange(0, 6).Draw(t, "lines") {
			l := ledger.Line{
				Account: account(rapid.SampledFrom(chart).Draw(t, "code"), rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "owner")),
				Amount:  money.Amount(rapid.Int64Range(-3, 3).Draw(t, "amount")),
			}
			lines, sum = append(lines, l), sum+l.Amount
		}
		e, err := ledger.NewEntry("1", noon(), "c", "", lines...)
		if err == nil && sum != 0 {
			t.Fatalf("lines that sum to %d are accepted", sum)
		}
		var total money.Amount
		for _, balance := range ledger.Balances([]ledger.Entry{e}) {
			total += balance
		}
		if total != 0 {
			t.Fatalf("balances sum to %d", total)
		}
	})
}
