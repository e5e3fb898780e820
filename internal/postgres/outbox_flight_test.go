package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/outbox"
)

// age lets the time of all senders run out.
func (b bench) age() {
	b.Helper()
	b.must(b.exec(`update outbox_flight set lease_until = now() - interval '1 second'`))
}

func (b bench) lost(limit int) []outbox.Candidate {
	b.Helper()
	got, err := b.Lost(b.Context(), b.now, time.Now(), limit, lease)
	b.must(err)
	return got
}

// Marking a message as being sent must stay a heap-only update: an index that
// knows a column of it would be written twice more for every message.
func TestNoIndexKnowsWhatMarkingChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rows, _ := b.pool.Query(t.Context(), `select distinct i.relname || ' ' || a.attname
		from pg_index x join pg_class i on i.oid = x.indexrelid
		join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = x.indexrelid and d.refclassid = 'pg_class'::regclass and d.refobjid = x.indrelid
		join pg_attribute a on a.attrelid = x.indrelid and a.attnum = d.refobjsubid
		where x.indrelid = 'outbox'::regclass and a.attname in ('state', 'attempt', 'sending_at', 'flight', 'reason', 'error_code', 'finds', 'stopped')`)
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	b.must(err)
	if len(known) > 0 {
		t.Errorf("these indexes know a column that changes when a message is handed over: %v", known)
	}
	var filled int
	b.must(b.pool.QueryRow(t.Context(), `select coalesce((select option_value::int from pg_options_to_table(reloptions) where option_name = 'fillfactor'), 100)
		from pg_class where oid = 'outbox'::regclass`).Scan(&filled))
	if filled > 60 {
		t.Errorf("pages are filled to %d %%: there is no room for the next version of a row", filled)
	}
}

// Nor may marking change when a message was to go, which an index knows, whatever
// the verdict says.
func TestMarkingLeavesTheTimeAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.letter(b.talk(1), "hola")
	b.post(l)
	_, err := b.Dispatch(t.Context(), b.now.Add(time.Second), outbox.Heads(), 1, lease, func(cs []outbox.Candidate) []outbox.Verdict {
		return []outbox.Verdict{{ID: cs[0].ID, State: outbox.Sending, Attempt: 1, NotBefore: b.now.Add(time.Second)}}
	})
	b.must(err)
	if n := b.count("outbox where state = 'sending' and not_before = created_at"); n != 1 {
		t.Error("the time that it was to go at changed")
	}
}

// The generated columns follow the state through all of its changes.
func TestWhatIndexesGoBy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, state := range outbox.States() {
		l := b.letter(b.talk(i), string(state))
		b.post(l)
		b.must(b.exec(`update outbox set state = $2, ready = $3, flight = case when $2 = 'sending' then id end, sending_at = $4,
			settled_at = case when $2 in ('queued', 'sending', 'unknown') then null else $4::timestamptz end where id = $1`, l.ID, string(state), state != outbox.Queued, b.now))
		var parked, givenUp bool
		b.must(b.pool.QueryRow(t.Context(), `select parked, given_up from outbox where id = $1`, l.ID).Scan(&parked, &givenUp))
		lost := state == outbox.Failed || state == outbox.Expired || state == outbox.Suppressed
		if parked != (state == outbox.Queued) || givenUp != lost {
			t.Errorf("%s: parked %t, given up %t", state, parked, givenUp)
		}
	}
	for _, sql := range []string{
		`update outbox set state = 'sending', flight = null, settled_at = null, lease_until = null`,
		`update outbox set state = 'sending', flight = id, settled_at = null, lease_until = now()`,
	} {
		if b.exec(sql) == nil {
			t.Errorf("nobody would ever look for it: %s", sql)
		}
	}
}

// Whatever is being sent, one row says until when, and it is all that is left of
// a sender that died.
func TestAFlightHoldsItsMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range 5 {
		b.post(b.letter(b.talk(i), "hola"))
	}
	sent := b.send(b.now)
	b.accept(sent[:2]...)
	if got := b.lost(10); len(got) != 0 {
		t.Fatalf("lost while they are held: %v", bodiesOf(got))
	}
	b.age()
	first := b.lost(2) // as many as are asked for; the others are due all the same
	rest := b.lost(10)
	if len(first) != 2 || len(rest) != 1 {
		t.Fatalf("%d and then %d of three were found", len(first), len(rest))
	}
	for _, c := range append(first, rest...) {
		if !c.Stopped || b.standing(c.ID).State != "unknown" {
			t.Errorf("%+v", c)
		}
	}
	if n := b.count("outbox_flight"); n != 0 {
		t.Errorf("%d flights are left", n)
	}
	if got := b.standing(sent[0].ID); got.State != "accepted" {
		t.Errorf("what was settled: %+v", got)
	}
}

// A message that was put back and taken again belongs to the second flight; when
// the first one's time runs out, nobody takes it for lost.
func TestAnOldFlightLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.letter(b.talk(1), "hola")
	b.post(l)
	b.send(b.now)
	b.must(b.Settle(t.Context(), b.now, []outbox.Verdict{{ID: l.ID, State: outbox.Queued, NotBefore: b.now}}))
	b.age()
	if again := b.send(b.now); len(again) != 1 {
		t.Fatalf("taken again: %v", bodiesOf(again))
	}
	if got := b.lost(10); len(got) != 0 {
		t.Errorf("lost with the first flight: %v", bodiesOf(got))
	}
	if diff := cmp.Diff("sending", b.standing(l.ID).State); diff != "" {
		t.Error(diff)
	}
	if n := b.count("outbox_flight"); n != 1 {
		t.Errorf("%d flights, want the second", n)
	}
}

// The sweep waits for whoever is settling a message, and leaves alone what was
// settled; a settlement that fails leaves a message that is then found.
func TestTheSweepWaitsForASettlement(t *testing.T) {
	t.Parallel()
	for name, commit := range map[string]bool{"committed": true, "failed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			l := b.letter(b.talk(1), "hola")
			b.post(l)
			b.send(b.now)
			b.age()
			tx, err := b.pool.Begin(t.Context())
			b.must(err)
			_, err = tx.Exec(t.Context(), `update outbox set state = 'accepted', flight = null, settled_at = $2 where id = $1`, l.ID, b.now)
			b.must(err)
			found := make(chan []outbox.Candidate, 1)
			go func() {
				got, _ := b.Lost(t.Context(), b.now, time.Now(), 10, lease) // an error is an empty answer, which the test below refuses
				found <- got
			}()
			b.waitsForALock()
			want := []uuid.UUID{}
			if commit {
				b.must(tx.Commit(t.Context()))
			} else {
				b.must(tx.Rollback(t.Context()))
				want = append(want, l.ID)
			}
			ids := []uuid.UUID{}
			for _, c := range <-found {
				ids = append(ids, c.ID)
			}
			if diff := cmp.Diff(want, ids); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// waitsForALock returns once somebody waits for a lock in this database.
func (b bench) waitsForALock() {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var waits bool
		b.must(b.pool.QueryRow(b.Context(), `select exists (select from pg_locks l join pg_stat_activity a using (pid)
			where not l.granted and a.datname = current_database())`).Scan(&waits))
		if waits {
			return
		}
		if time.Now().After(deadline) {
			b.Fatal("nobody waits")
		}
	}
}
