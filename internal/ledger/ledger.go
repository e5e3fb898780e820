// Package ledger is double entry: accounts, balanced entries, reversal and the
// chain of hashes that shows that no entry was changed.
//
// An entry is made by NewEntry or Reverse and then never changes; a mistake is
// corrected by another entry. Callers may not assume that an entry is lawful
// against the balances that exist: they add it to the balances and ask Check,
// in the transaction that writes it. Amounts are centavos, debit positive and
// credit negative. Nothing here reads a clock or a store.
package ledger

import (
	"cmp"
	"slices"
	"time"

	"valebot/internal/fault"
	"valebot/internal/money"
)

// Line moves an amount on one account: above zero a debit, below zero a
// credit, in centavos.
type Line struct {
	Account Account      `json:"account"`
	Amount  money.Amount `json:"amount"`
}

// Entry is one balanced movement. At is in UTC with whole microseconds, which
// is what the database keeps, so that the hash survives it. Reverses is the id
// of the entry that this one undoes, or empty.
type Entry struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Cause    string    `json:"cause"` // id of the event that caused it
	Memo     string    `json:"memo"`  // for people, without personal data
	Reverses string    `json:"reverses,omitempty"`
	Lines    []Line    `json:"lines"`
}

// The refusals. All are bugs of the caller, never a person's mistake.
var (
	errNoID       = fault.New(fault.Invalid, "entry_without_id", "El asiento no tiene identificador, fecha o causa.")
	errEmpty      = fault.New(fault.Invalid, "entry_empty", "El asiento no tiene movimientos.")
	errUnbalanced = fault.New(fault.Invalid, "entry_unbalanced", "El asiento no cuadra.")
	errBadLine    = fault.New(fault.Invalid, "entry_bad_line", "El asiento tiene un movimiento en ceros, fuera de rango o en una cuenta que no existe.")
	errReversal   = fault.New(fault.Conflict, "entry_is_reversal", "Ese asiento ya es una reversa; registra de nuevo el movimiento.")
	errSide       = fault.New(fault.Limited, "balance_wrong_side", "El movimiento dejaría una cuenta con un saldo que no puede tener.")
)

// NewEntry makes an entry out of lines that sum to zero. It refuses no id, time
// or cause (entry_without_id), no lines (entry_empty), a line of zero or beyond
// ±money.Max or on a code outside the chart (entry_bad_line), and lines that do
// not sum to zero (entry_unbalanced). Lines on the same account stay apart.
func NewEntry(id string, at time.Time, cause, memo string, lines ...Line) (Entry, error) {
	if id == "" || at.IsZero() || cause == "" {
		return Entry{}, errNoID
	}
	if len(lines) == 0 {
		return Entry{}, errEmpty
	}
	var sum money.Amount
	for _, l := range lines {
		if l.Amount == 0 || l.Amount > money.Max || l.Amount < -money.Max || l.Account.Code.Side() == Unknown {
			return Entry{}, errBadLine
		}
		next, err := sum.Add(l.Amount)
		if err != nil {
			return Entry{}, errUnbalanced.Because(err)
		}
		sum = next
	}
	if sum != 0 {
		return Entry{}, errUnbalanced
	}
	return Entry{ID: id, At: stored(at), Cause: cause, Memo: memo, Lines: slices.Clone(lines)}, nil
}

// stored is the instant as the database gives it back.
func stored(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

// Reverse returns the entry that undoes e: the same lines with the opposite
// sign, under an id, time and cause of its own. What undoes an entry is not
// undone itself (entry_is_reversal): the first entry is made again, so that the
// history says what happened.
func Reverse(e Entry, id string, at time.Time, cause string) (Entry, error) {
	if e.Reverses != "" {
		return Entry{}, errReversal
	}
	lines := make([]Line, len(e.Lines))
	for i, l := range e.Lines {
		lines[i] = Line{l.Account, -l.Amount}
	}
	r, err := NewEntry(id, at, cause, "reversa: "+e.Memo, lines...)
	r.Reverses = e.ID
	return r, err
}

// Balances adds up the entries per account, zero balances left out. Lines are
// within ±money.Max, so that ninety thousand on one account cannot overflow.
func Balances(entries []Entry) map[Account]money.Amount {
	sums := make(map[Account]money.Amount)
	for _, e := range entries {
		for _, l := range e.Lines {
			sums[l.Account] += l.Amount
			if sums[l.Account] == 0 {
				delete(sums, l.Account)
			}
		}
	}
	return sums
}

// Check refuses balances that stand on a side where their account may not
// (balance_wrong_side). It is what keeps a line from being used twice.
func Check(balances map[Account]money.Amount) error {
	for account, balance := range balances {
		if !account.Code.Side().allows(balance) {
			return errSide.Because(wrongSide{account, balance})
		}
	}
	return nil
}

// wrongSide is the detail that the log sees.
type wrongSide struct {
	account Account
	balance money.Amount
}

func (w wrongSide) Error() string {
	return string(w.account.Code) + " of " + w.account.Owner + " would be " + w.balance.String()
}

// Net merges the lines per account, drops those that cancel out and orders the
// rest by code and owner, so that builders may be put together freely.
func Net(lines ...Line) []Line {
	sums := Balances([]Entry{{Lines: lines}})
	out := make([]Line, 0, len(sums))
	for account, amount := range sums {
		out = append(out, Line{account, amount})
	}
	slices.SortFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Account.Code, b.Account.Code), cmp.Compare(a.Account.Owner, b.Account.Owner))
	})
	return out
}

// Move returns the two lines that take an amount from one account to another:
// to is debited, from is credited.
func Move(amount money.Amount, from, to Account) []Line {
	return []Line{{to, amount}, {from, -amount}}
}
