package ledger_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/money"
)

// harness is a book with a model beside it: plain maps of what each command
// should have done. After every random step all invariants are checked.
type harness struct {
	entries []ledger.Entry
	hashes  [][]byte
	line    map[string]ledger.LineState
	capital map[string]money.Amount
	bank    money.Amount
}

func newHarness() *harness {
	return &harness{line: map[string]ledger.LineState{}, capital: map[string]money.Amount{}}
}

// try posts an entry if Check allows the balances that it leads to.
func (h *harness) try(t *rapid.T, lines ...ledger.Line) bool {
	id := fmt.Sprintf("e%03d", len(h.entries))
	e, err := ledger.NewEntry(id, noon().Add(time.Duration(len(h.entries))*time.Second), "cause-"+id, "prueba", lines...)
	if err != nil {
		t.Fatal(err)
	}
	return h.add(e)
}

func (h *harness) add(e ledger.Entry) bool {
	if ledger.Check(ledger.Balances(append(h.entries[:len(h.entries):len(h.entries)], e))) != nil {
		return false
	}
	var prev []byte
	if n := len(h.hashes); n > 0 {
		prev = h.hashes[n-1]
	}
	h.entries, h.hashes = append(h.entries, e), append(h.hashes, ledger.Hash(prev, e))
	return true
}

// step runs one random command against the book and the model.
func (h *harness) step(t *rapid.T) {
	who := rapid.SampledFrom([]string{"D-1", "D-2"}).Draw(t, "who")
	amount := money.Amount(rapid.Int64Range(1, 1000).Draw(t, "amount"))
	s := h.line[who]
	loanAccount := account(ledger.LoanCapital, who)
	switch rapid.IntRange(0, 5).Draw(t, "command") {
	case 0:
		h.expect(t, true, h.try(t, ledger.GrantLine(who, amount)...))
		s.Limit, s.Available = s.Limit+amount, s.Available+amount
	case 1:
		if h.expect(t, s.Available >= amount, h.try(t, ledger.HoldLine(who, amount)...)) {
			s.Available, s.Held = s.Available-amount, s.Held+amount
		}
	case 2:
		if h.expect(t, s.Held >= amount, h.try(t, ledger.ReleaseHold(who, amount)...)) {
			s.Available, s.Held = s.Available+amount, s.Held-amount
		}
	case 3: // the money goes out: line and books in one entry
		lines := append(ledger.UseLine(who, amount), ledger.Move(amount, account(ledger.BankSTP, ""), loanAccount)...)
		if h.expect(t, s.Held >= amount, h.try(t, lines...)) {
			s.Held, s.Used = s.Held-amount, s.Used+amount
			h.capital[who] += amount
			h.bank -= amount
		}
	case 4: // capital comes back and the line with it
		lines := append(ledger.RestoreLine(who, amount), ledger.Move(amount, loanAccount, account(ledger.BankSTP, ""))...)
		if h.expect(t, s.Used >= amount, h.try(t, lines...)) {
			s.Used, s.Available = s.Used-amount, s.Available+amount
			h.capital[who] -= amount
			h.bank += amount
		}
	default:
		h.rejectGarbage(t, who, amount)
	}
	h.line[who] = s
}

// rejectGarbage checks that what is not an entry changes nothing.
func (h *harness) rejectGarbage(t *rapid.T, who string, amount money.Amount) {
	lines := ledger.HoldLine(who, amount)
	lines[0].Amount++
	if _, err := ledger.NewEntry("x", noon(), "c", "", lines...); err == nil {
		t.Fatal("an unbalanced entry is accepted")
	}
}

func (h *harness) expect(t *rapid.T, want, got bool) bool {
	if want != got {
		t.Fatalf("the ledger allows = %v, the model = %v", got, want)
	}
	return got
}

func (h *harness) check(t *rapid.T) {
	balances := ledger.Balances(h.entries)
	var sum money.Amount
	for _, b := range balances {
		sum += b
	}
	if sum != 0 {
		t.Fatalf("the book sums to %s", sum)
	}
	for who, want := range h.line {
		if got := ledger.LineOf(balances, who); got != want || got.Limit != got.Available+got.Held+got.Used {
			t.Fatalf("%s has %+v, want %+v", who, got, want)
		}
		if got := balances[account(ledger.LoanCapital, who)]; got != h.capital[who] {
			t.Fatalf("%s owes %s, want %s", who, got, h.capital[who])
		}
	}
	if got := balances[account(ledger.BankSTP, "")]; got != h.bank {
		t.Fatalf("the bank holds %s, want %s", got, h.bank)
	}
	if err := ledger.VerifyChain(nil, h.entries, h.hashes); err != nil {
		t.Fatal(err)
	}
}

func TestRandomCommandsKeepTheBook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := newHarness()
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			h.step(t)
			h.check(t)
		}
		h.unwind(t)
	})
}

// unwind reverses everything from the last entry to the first. Each step is
// lawful, because it goes back through lawful balances, and nothing is left.
func (h *harness) unwind(t *rapid.T) {
	for i := len(h.entries) - 1; i >= 0; i-- {
		r, err := ledger.Reverse(h.entries[i], "r-"+h.entries[i].ID, noon(), "unwind")
		if err != nil {
			t.Fatal(err)
		}
		if !h.add(r) {
			t.Fatalf("entry %s cannot be reversed", h.entries[i].ID)
		}
	}
	if left := ledger.Balances(h.entries); len(left) != 0 {
		t.Fatalf("reversing everything leaves %v", left)
	}
	if err := ledger.VerifyChain(nil, h.entries, h.hashes); err != nil {
		t.Fatal(err)
	}
}

// An entry that went through JSON, as exports do, still verifies.
func TestEntrySurvivesJSON(t *testing.T) {
	t.Parallel()
	e := sample()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back ledger.Entry
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := ledger.VerifyChain(nil, []ledger.Entry{back}, [][]byte{ledger.Hash(nil, e)}); err != nil {
		t.Error(err)
	}
}

func TestLineOfAStranger(t *testing.T) {
	t.Parallel()
	if got := ledger.LineOf(nil, "D-9"); got != (ledger.LineState{}) {
		t.Errorf("a distributor without a line has %+v", got)
	}
}

func ExampleNewEntry() {
	e, err := ledger.NewEntry("1", time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC), "vale-17", "vale V-00017",
		ledger.HoldLine("D-1", money.Pesos(3000))...)
	fmt.Println(e.Lines, err)
	_, err = ledger.NewEntry("2", e.At, "vale-17", "", e.Lines[0])
	fmt.Println(err)
	// Output:
	// [{{line_hold D-1} $3,000} {{line_available D-1} -$3,000.00}] <nil>
	// entry_unbalanced: El asiento no cuadra.
}
