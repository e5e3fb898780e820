package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/money"
)

// Invariant: whatever an entry says of whom, its lines read back one by one, in
// their order, as they were written, and the chain over them holds.
func TestLinesReadBackAsWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	owner := rapid.OneOf(rapid.Just(""), rapid.Just("NULL"), rapid.Just(`a,"b"\{}`), rapid.Just("ñandú's"), rapid.StringMatching(`[ -~]{1,40}`))
	rapid.Check(t, func(r *rapid.T) {
		var entries []ledger.Entry
		want := map[string][]ledger.Line{}
		for range rapid.IntRange(1, 4).Draw(r, "entries") {
			var lines []ledger.Line
			for range rapid.IntRange(1, 5).Draw(r, "moves") {
				codes := rapid.SampledFrom(ledger.Chart())
				amount := money.Amount(rapid.Int64Range(1, int64(money.Max)/8).Draw(r, "amount"))
				lines = append(lines, ledger.Move(amount,
					ledger.Account{Code: codes.Draw(r, "from"), Owner: owner.Draw(r, "owner")},
					ledger.Account{Code: codes.Draw(r, "to"), Owner: owner.Draw(r, "owner")})...)
			}
			e, err := ledger.NewEntry(newID().String(), b.now, "c", "m", lines...)
			if err != nil {
				r.Fatal(err)
			}
			entries, want[e.ID] = append(entries, e), e.Lines
		}
		if err := b.write(func(book *lending.Book) error { book.Entries = entries; return nil }); err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, b.linesOf(entries)); diff != "" {
			r.Fatalf("lines (-written +read):\n%s", diff)
		}
	})
	report, err := b.Verify(t.Context())
	b.must(err)
	for _, d := range report.Differences {
		if d.Check == "chain" || d.Check == "balance" {
			t.Errorf("%+v", d)
		}
	}
}

// linesOf reads the lines of entries through the view.
func (b bench) linesOf(entries []ledger.Entry) map[string][]ledger.Line {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	rows, err := b.pool.Query(b.Context(), "select entry_id, account, owner, cents from ledger_line where entry_id = any($1::uuid[]) order by entry_id, n", ids)
	b.must(err)
	all := map[string][]ledger.Line{}
	var id uuid.UUID
	var line ledger.Line
	_, err = pgx.ForEachRow(rows, []any{&id, &line.Account.Code, &line.Account.Owner, &line.Amount}, func() error {
		all[id.String()] = append(all[id.String()], line)
		return nil
	})
	b.must(err)
	return all
}

// An owner that would be read back as two is refused before it is written.
func TestAnOwnerWithASeparatorIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e, err := ledger.NewEntry(newID().String(), b.now, "c", "m", ledger.GrantLine("d\x1fe", 1)...)
	b.must(err)
	err = b.write(func(book *lending.Book) error { book.Entries = []ledger.Entry{e}; return nil })
	if err == nil || !strings.Contains(err.Error(), "separator") {
		t.Errorf("write = %v", err)
	}
}

// What is owed on loans that do not exist is reported wherever their ids lie in
// the order, also beyond those that do, and costs no sound loan a difference.
func TestVerifyFindsOwnerlessDebts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	strangers := []string{"", "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff", w.loan.ID.String() + "x", "ñandú", "~~~"}
	b.must(b.write(func(book *lending.Book) error {
		for _, owner := range strangers {
			e, err := ledger.NewEntry(newID().String(), b.now, "c", "m", ledger.Move(7, ledger.Account{Code: ledger.BankSTP}, ledger.Account{Code: ledger.LoanCapital, Owner: owner})...)
			if err != nil {
				return err
			}
			book.Entries = append(book.Entries, e)
		}
		return nil
	}))
	r, err := b.Verify(t.Context())
	b.must(err)
	found := map[string]money.Amount{}
	for _, d := range r.Differences {
		found[d.Where] = d.Ledger - d.Row
	}
	want := map[string]money.Amount{}
	for _, owner := range strangers {
		want[owner] = 7
	}
	if diff := cmp.Diff(want, found); diff != "" || r.Loans != 1 {
		t.Errorf("%d loans; differences (-want +got):\n%s", r.Loans, diff)
	}
}

// More loans, and more strangers among them, than are read at a time.
func TestBookedLoansWalksTheCursorOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.must(b.write(func(book *lending.Book) error {
		var lines []ledger.Line
		for range 2*verifyPage + 7 {
			lines = append(lines, ledger.Move(1, ledger.Account{Code: ledger.BankSTP}, ledger.Account{Code: ledger.LoanCapital, Owner: newID().String()})...)
		}
		e, err := ledger.NewEntry(newID().String(), b.now, "c", "m", ledger.Net(lines...)...)
		book.Entries = []ledger.Entry{e}
		return err
	}))
	b.must(b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, booked); err != nil {
			return err
		}
		book, last, seen := &bookedLoans{}, "", 0
		count := func(owner string, _ money.Amount) {
			if owner <= last {
				t.Errorf("%s after %s", owner, last)
			}
			last, seen = owner, seen+1
		}
		if err := book.upTo(ctx, tx, "0", count); err != nil {
			return err
		}
		if err := book.upTo(ctx, tx, afterAll, count); err != nil {
			return err
		}
		if seen != 2*verifyPage+7 {
			t.Errorf("saw %d owners", seen)
		}
		return book.upTo(ctx, tx, afterAll, count)
	}))
}
