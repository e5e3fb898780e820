package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func named(name string) map[string]any {
	return map[string]any{"telefono": ana, "nombre": name, "nacimiento": quincena.Date{}, "tope": money.Pesos(5000)}
}

// Everybody changes the same person at once: each has a turn, and each leaves a
// line of who did it.
func TestActsTakeTurns(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := one[int](l, `select count(*) from audit`)
	const writers = 8
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			r, err := l.Act(t.Context(), "test", fmt.Sprintf("at-once-%d", i), "person.upsert", named(fmt.Sprintf("Ana %d", i)))
			if err != nil || r.Outcome != "changed" {
				t.Errorf("act %d: %+v, %v", i, r, err)
			}
		})
	}
	wg.Wait()
	check(t, one[int](l, `select count(*) from audit`)-before, writers)
	check(t, one[int](l, `select count(*) from person where phone = $1`, ana), 1)
}

// stale is a store whose transactions lose a race so many times.
type stale struct {
	engine.Store
	losses *int
}

func (s stale) InTx(ctx context.Context, do func(context.Context, engine.Tx) error) error {
	return s.Store.InTx(ctx, func(ctx context.Context, tx engine.Tx) error {
		if err := do(ctx, tx); err != nil {
			return err
		}
		if *s.losses > 0 {
			*s.losses--
			return fault.New(fault.Conflict, "stale", "Alguien más lo cambió.")
		}
		return nil
	})
}

func TestActGivesUpInTheEnd(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, test := range []struct {
		losses int
		fault  string
	}{{0, ""}, {5, ""}, {1000, "stale"}} {
		told := 0
		e := engine.New(stale{l.store, &test.losses}, l.rules, engine.Config{Now: l.clock, OnCommit: func(engine.Done) { told++ }})
		_, err := e.Act(t.Context(), "test", "x", "person.upsert", named("Ana"))
		if test.fault == "" && (err != nil || told != 1) || test.fault != "" && (fault.CodeOf(err) != test.fault || told != 0) {
			t.Errorf("after %d losses: %v, told %d times", test.losses, err, told)
		}
	}
}

// What an act says to people comes through the one door, once.
func TestActEmitsOnce(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	vale := one[string](l, `select id::text from vale`)
	for range 2 {
		if _, err := l.Act(t.Context(), "agent:luis", "x", "vale.cancel", map[string]any{"vale": vale}); err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
	}
	check(t, one[int](l, `select count(*) from inbox i join conversation c on c.id = i.conversation_id
		where c.key = $1 and i.state = 'pending'`, "tel:"+ana), 1)
	l.drain()
	check(t, len(l.deliver(ana)), 1)
	check(t, one[string](l, `select state from vale`), "CANCELLED")
}

// An action that nobody declared, and one that lacks an input, change nothing.
func TestActRefusesNonsense(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := one[int](l, `select count(*) from audit`)
	for name, with := range map[string]map[string]any{"no.such": nil, "person.upsert": {"nombre": "Ana"}, "vale.cancel": {"vale": "x"}} {
		if r, err := l.Act(t.Context(), "test", "x", name, with); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	check(t, one[int](l, `select count(*) from audit`)-before, 1) // the last one is an action that the lender refused
	check(t, l.calls, []lending.RailCall(nil))
}

// What the lender refuses changes nothing and leaves a trace: who asked for
// what, and the code of the refusal.
func TestARefusalLeavesATrace(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := one[int](l, `select count(*) from ledger_entry`)
	with := map[string]any{
		"source": "oxxo", "reference": "T-1", "account": "V-00001", "amount": money.Pesos(10),
		"value_date": quincena.Date{Year: 2999, Month: 1, Day: 1},
	}
	if _, err := l.Act(t.Context(), "rail:deposit", "webhook", "payment.post", with); fault.CodeOf(err) != "payment_in_future" {
		t.Fatalf("got %v", err)
	}
	check(t, one[string](l, `select actor || ' ' || action || ' ' || outcome || ' ' || detail from audit where outcome = 'refused'`),
		"rail:deposit payment.post refused payment_in_future source=oxxo reference=T-1 amount=$10")
	if _, err := l.Rehearse(t.Context(), "cli", "dry run", "payment.post", with); fault.CodeOf(err) != "payment_in_future" {
		t.Fatalf("rehearsed: %v", err)
	}
	check(t, one[int](l, `select count(*) from audit where outcome = 'refused'`), 1)
	check(t, one[int](l, `select count(*) from ledger_entry`), before)
}
