package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
)

// Every pair of states of every machine, in the database and in Go.
func TestTheTriggerRefusesWhatGoRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, m := range machines() {
		t.Run(m.name, func(t *testing.T) {
			b.must(b.inTx(func(ctx context.Context, tx pgx.Tx) error {
				if err := probe(ctx, tx, m); err != nil {
					return err
				}
				for from := range statesOf(m) {
					for to := range statesOf(m) {
						allowed, err := tried(ctx, tx, from, to)
						if err != nil {
							return err
						}
						if want := from == to || walkable(m, from, to); allowed != want {
							t.Errorf("from %s to %s: the database says %v, Go %v", from, to, allowed, want)
						}
					}
				}
				return nil
			}))
		})
	}
}

// probe makes a table with the trigger of a machine, one row per state.
func probe(ctx context.Context, tx pgx.Tx, m machine) error {
	for _, sql := range []string{
		`drop table if exists probe`,
		`create table probe (at text primary key, state text not null)`,
		`create trigger probe_transition before insert or update on probe for each row execute function check_transition('` + m.name + `')`,
		`alter table probe disable trigger user`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	for state := range statesOf(m) {
		if _, err := tx.Exec(ctx, `insert into probe values ($1, $1)`, state); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `alter table probe enable trigger user`)
	return err
}

// tried reports whether the database lets a row go from one state to another.
func tried(ctx context.Context, tx pgx.Tx, from, to string) (bool, error) {
	inner, err := tx.Begin(ctx)
	if err != nil {
		return false, err
	}
	_, refused := inner.Exec(ctx, `update probe set state = $2 where at = $1`, from, to)
	return refused == nil, inner.Rollback(ctx)
}

// walkable walks the rows of the machine from state to state, without the
// program's own closure.
func walkable(m machine, from, to string) bool {
	at := map[string]bool{from: true}
	for range m.rows {
		for _, row := range m.rows {
			if at[row.Source] {
				if row.Destination == to {
					return true
				}
				at[row.Destination] = true
			}
		}
	}
	return false
}

func TestEveryMachineGuardsItsTable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	want := []string{
		"correction correction", "corte corte", "disbursement disbursement", "distributor distributor", "loan loan", "payment payment",
		"promise promise", "relacion relacion", "relacion_deposit payment", "vale vale", "withdrawal_code code",
	}
	for event, bit := range map[string]int{"insert": 4, "update": 16} {
		rows, err := b.pool.Query(t.Context(), `
select c.relname || ' ' || encode(tg.tgargs, 'escape') from pg_trigger tg
join pg_class c on c.oid = tg.tgrelid join pg_proc p on p.oid = tg.tgfoid
where p.proname in ('check_transition', 'check_starts') and tg.tgtype & $1 <> 0 order by 1`, bit)
		b.must(err)
		got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			var s string
			err := row.Scan(&s)
			return strings.TrimSuffix(s, `\000`), err
		})
		b.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("triggers on %s (-want +got):\n%s", event, diff)
		}
	}
	guarded := map[string]bool{}
	for _, trigger := range want {
		_, name, _ := strings.Cut(trigger, " ")
		guarded[name] = true
	}
	if len(machines()) != len(guarded) {
		t.Errorf("%d machines, of which triggers guard %d", len(machines()), len(guarded))
	}
}

// Payments are checked by the statement: one that may not start where it does
// keeps all of its statement out.
func TestAPaymentStartsWhereItMay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	settle(b)
	again := func(states string) string {
		return `insert into payment (id, loan_id, person_id, source, reference, cents, value_date, received_at, state, allocations, excess_cents)
select gen_random_uuid(), p.loan_id, p.person_id, 'x', s, p.cents, p.value_date, p.received_at, s, '[]', 0
from unnest('` + states + `'::text[]) as s cross join (select * from payment where state = 'POSTED' limit 1) p`
	}
	for _, states := range []string{"{POSTED,NONSENSE}", "{NONSENSE}", "{NONSENSE,POSTED,REVERSED}", `{""}`} {
		if err := b.exec(again(states)); err == nil || !strings.Contains(err.Error(), "payment may not go from") {
			t.Errorf("payments that start in %s: %v", states, err)
		}
	}
	if got := b.count(`payment where source = 'x'`); got != 0 {
		t.Errorf("%d payments got in", got)
	}
	b.must(b.exec(again("{POSTED}")))
	if err := b.exec(`update payment set state = 'RECEIVED' where source = 'x'`); err == nil || !strings.Contains(err.Error(), "payment may not go from") {
		t.Errorf("a payment that goes back: %v", err)
	}
}

func TestAForbiddenTransitionIsAConflict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	err := b.write(func(book *lending.Book) error {
		x, err := book.Disbursement(w.disbursement.ID)
		x.State = loan.DisbursementSending
		book.PutDisbursement(x)
		return err
	})
	if fault.CodeOf(err) != "bad_transition" || fault.KindOf(err) != fault.Conflict {
		t.Errorf("write = %v, want bad_transition", err)
	}
	err = b.write(func(book *lending.Book) error {
		p := w.promise
		p.ID, p.State = newID(), "HALF_KEPT"
		book.PutPromise(p)
		return nil
	})
	if fault.CodeOf(err) != "bad_transition" {
		t.Errorf("a state that does not exist: %v", err)
	}
}

// Several steps of a machine in one transaction are one write.
func TestSeveralStepsInOneTransaction(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newTown(b)
	w.disbursement.State = loan.DisbursementSending
	b.must(b.write(func(book *lending.Book) error {
		w.put(book)
		return nil
	}))
	b.must(b.write(func(book *lending.Book) error {
		x, err := book.Disbursement(w.disbursement.ID)
		x.State = loan.DisbursementReturned // accepted, settled and returned meanwhile
		book.PutDisbursement(x)
		return err
	}))
}

func TestSeedingIsExact(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	count := func() (n int) {
		b.must(b.pool.QueryRow(t.Context(), "select count(*) from transition").Scan(&n))
		return n
	}
	before := count()
	if before == 0 {
		t.Fatal("no transitions")
	}
	b.must(b.exec("insert into transition values ('vale', 'EXPIRED', 'ACCEPTED'), ('dragon', '', 'ASLEEP')"))
	b.must(b.exec("delete from transition where machine = 'loan'"))
	for range 2 {
		b.must(b.inTx(seedTransitions))
		if got := count(); got != before {
			t.Errorf("%d rows after seeding, want %d", got, before)
		}
	}
	var wrong int
	b.must(b.pool.QueryRow(t.Context(), "select count(*) from transition where machine = 'dragon' or from_state = 'EXPIRED' and machine = 'vale'").Scan(&wrong))
	if wrong != 0 {
		t.Errorf("%d rows that Go does not have", wrong)
	}
}
