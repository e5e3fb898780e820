package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/money"
)

func TestAnUnbalancedEntryIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tests := map[string]ledger.Entry{
		"one line":        {Lines: []ledger.Line{{Account: ledger.Account{Code: ledger.BankSTP}, Amount: 1}}},
		"a centavo short": {Lines: ledger.Net(append(ledger.GrantLine("d", 100), ledger.Line{Account: ledger.Account{Code: ledger.BankSTP}, Amount: 1})...)},
		"no lines":        {},
	}
	for name, e := range tests {
		e.ID, e.At, e.Cause = newID().String(), b.now, "c"
		err := b.write(func(book *lending.Book) error {
			book.Entries = []ledger.Entry{e}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "ledger_entry_balanced") {
			t.Errorf("%s: write = %v", name, err)
		}
	}
	// Nothing joins a balanced entry later.
	w := settle(b)
	for _, sql := range []string{
		"insert into ledger_line select entry_id, 99, account, owner, 1 from ledger_line limit 1",
		"update ledger_entry set cents = cents || 5::bigint || -5::bigint, accounts = accounts || accounts[1:2], owners = owners || owners[1:2]",
	} {
		if err := b.exec(sql); err == nil {
			t.Errorf("a line was added to an entry by %s", sql)
		}
	}
	r, err := b.Verify(t.Context())
	if err != nil || len(r.Differences) != 0 {
		t.Errorf("Verify of %s = %+v, %v", w.loan.Folio, r, err)
	}
}

func TestEntriesNeedCanonicalIDs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good, err := ledger.NewEntry(newID().String(), b.now, "c", "m", ledger.GrantLine("d", 1)...)
	b.must(err)
	for _, change := range []func(*ledger.Entry){
		func(e *ledger.Entry) { e.ID = "entry-1" },
		func(e *ledger.Entry) { e.ID = strings.ToUpper(e.ID) },
		func(e *ledger.Entry) { e.Reverses = "entry-0" },
		func(e *ledger.Entry) { e.Reverses = newID().String() }, // of an entry that does not exist
	} {
		e := good
		change(&e)
		err := b.write(func(book *lending.Book) error {
			book.Entries = []ledger.Entry{e}
			return nil
		})
		if err == nil {
			t.Errorf("entry %q that reverses %q was written", e.ID, e.Reverses)
		}
	}
}

func TestVerifyOfASoundLedger(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, err := b.Verify(t.Context())
	if diff := cmp.Diff(Report{}, r); diff != "" || err != nil {
		t.Errorf("an empty ledger (-want +got):\n%s %v", diff, err)
	}
	w := settle(b)
	first := w.entries(b)[0]
	grant, err := ledger.NewEntry(newID().String(), b.now.Add(time.Nanosecond), "c", "más línea", first.Lines...)
	b.must(err)
	undo, err := ledger.Reverse(grant, newID().String(), b.now, "c2")
	b.must(err)
	b.must(b.write(func(book *lending.Book) error {
		book.Entries = []ledger.Entry{grant, undo}
		return nil
	}))
	r, err = b.Verify(t.Context())
	if diff := cmp.Diff(Report{Entries: 8, Distributors: 1, Loans: 1, Deposits: 3}, r); diff != "" || err != nil {
		t.Errorf("a sound ledger (-want +got):\n%s %v", diff, err)
	}
}

// Each kind of damage is found, and only it.
func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		want      []Difference // Where is not compared where it is an id
	}{
		{"memo changed", "update ledger_entry set memo = 'otro' where seq = (select min(seq) + 1 from ledger_entry)",
			[]Difference{{Check: "chain", Where: "asiento 2"}}},
		{"amount moved between owners", "update ledger_entry set owners[array_position(accounts, 'code_out')] = 'x' where 'code_out' = any(accounts)",
			[]Difference{{Check: "chain", Where: "asiento 4"}}},
		{"one amount changed", "update ledger_entry set cents[array_position(accounts, 'code_out')] = cents[array_position(accounts, 'code_out')] + 50 where 'code_out' = any(accounts)",
			[]Difference{{Check: "chain", Where: "asiento 4"}, {Check: "balance", Where: "asiento 4", Ledger: 50}}},
		{"last entry removed", "delete from ledger_entry where seq = (select max(seq) from ledger_entry)",
			[]Difference{{Check: "chain", Where: "último"}, {Check: "suspense", Where: "depósito stp RASTREO1", Ledger: 0, Row: 300_00}, {Check: "credit", Ledger: 0, Row: 50_00}, {Check: "credit", Ledger: 0, Row: 12_50}}},
		{"line of credit edited", "update distributor set limit_cents = limit_cents + 100",
			[]Difference{{Check: "line", Ledger: 20000_00, Row: 20001_00}, {Check: "line", Ledger: 17000_00, Row: 17001_00}}},
		{"commission edited", "update distributor set commission_cents = commission_cents + 1",
			[]Difference{{Check: "commission", Ledger: 12_34, Row: 12_35}}},
		{"relación edited", "update relacion set total_cents = total_cents + 1",
			[]Difference{{Check: "relacion", Where: "R-00005", Row: 487_51}}},
		{"row of a relación edited", `update relacion_rows set rows = jsonb_set(rows, '{0,client}', '"Otra"')`,
			[]Difference{{Check: "relacion", Where: "R-00005", Row: 487_50}}},
		{"debt edited", "update loan set owed_cents = owed_cents - 41250",
			[]Difference{{Check: "position", Where: "V-00017", Ledger: 3400_00, Row: 2987_50}}},
		{"payment removed", "delete from payment where state = 'POSTED'",
			[]Difference{{Check: "owed", Where: "V-00017", Ledger: 2625_00, Row: 3000_00}, {Check: "position", Where: "V-00017", Ledger: 3900_00, Row: 3400_00}, {Check: "credit", Ledger: 12_50}}},
		{"deposit in suspense removed", "delete from payment where state = 'UNMATCHED'",
			[]Difference{{Check: "suspense", Ledger: 300_00}}},
		{"deposit in suspense marked as sent back", "update payment set state = 'RETURNED' where state = 'UNMATCHED'",
			[]Difference{{Check: "suspense", Where: "depósito stp RASTREO1", Ledger: 300_00}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			settle(b)
			for _, table := range []string{"ledger_entry", "relacion", "relacion_rows"} {
				b.must(b.exec("alter table " + table + " disable trigger user"))
			}
			b.must(b.exec("alter table ledger_entry drop constraint ledger_entry_balanced"))
			for _, sql := range strings.Split(tt.sql, ";") {
				b.must(b.exec(sql))
			}
			r, err := b.Verify(t.Context())
			b.must(err)
			got := make([]Difference, len(r.Differences))
			for i, d := range r.Differences {
				if d.Text == "" {
					t.Errorf("a difference without words: %+v", d)
				}
				if _, err := uuid.Parse(d.Where); err == nil {
					d.Where = ""
				}
				d.Text = ""
				got[i] = d
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDifferencesSpeakInPesos(t *testing.T) {
	t.Parallel()
	var r Report
	r.compare("owed", "V-00017", "lo que se debe", 3412_50, money.Pesos(3000))
	r.compare("owed", "V-00018", "lo que se debe", 1, 1)
	want := "En los asientos, lo que se debe es $3,412.50; en el registro, $3,000."
	if len(r.Differences) != 1 || r.Differences[0].Text != want {
		t.Errorf("differences = %+v", r.Differences)
	}
}
