package life

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/mexid"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/migrations"
)

// Some lenders that are always the same, and one that nobody has seen before.
// A finding tells its seed, which `valebot bench life --seed` runs again.
func TestRandomLendersKeepTheirBooks(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{2, 3, 7, rand.Uint64()} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			url := pgtest.Open(t, migrations.FS, postgres.Migrate)
			r, err := Run(t.Context(), Options{URL: url, Seed: seed, Acts: 90, CheckEvery: 30})
			if err != nil {
				t.Fatal(err)
			}
			if r.Acts < 90 || r.Checks < 3 || r.Seed != seed || len(r.Outcomes) < 10 {
				t.Errorf("too little happened: %+v", r)
			}
		})
	}
}

// started is a lender that has done some business.
func started(t *testing.T, acts int) *business {
	t.Helper()
	b, err := open(t.Context(), Options{URL: pgtest.Open(t, migrations.FS, postgres.Migrate), Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	for b.Report.Acts < acts {
		if err := b.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 { // there must be a loan to break
		if len(b.loans) > 0 {
			break
		}
		if err := b.lend(t.Context()); err != nil && err != errNothing {
			t.Fatal(err)
		}
	}
	if err := b.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever is changed behind the program's back is found by the check that is
// for it; a check that cannot fail would say nothing.
func TestTheChecksFind(t *testing.T) {
	t.Parallel()
	b := started(t, 80)
	for _, tt := range []struct{ name, do, undo, want string }{
		{"a hold that nobody has", `update distributor set held_cents = held_cents + 100 where id = (select min(id::text)::uuid from distributor)`,
			`update distributor set held_cents = held_cents - 100 where id = (select min(id::text)::uuid from distributor)`, "a line holds"},
		{"an attempt that was sent twice", `insert into life_call select disbursement, op from life_call where op in ('issue', 'transfer') limit 1`,
			`delete from life_call c using life_call d where c.disbursement = d.disbursement and c.op = d.op and c.ctid > d.ctid and c.op in ('issue', 'transfer')`,
			"a rail is asked"},
		{"a relación that she does not owe", `update distributor set owes = not owes where id = (select min(id::text)::uuid from distributor)`,
			`update distributor set owes = not owes where id = (select min(id::text)::uuid from distributor)`, "latest relación"},
		{"a record that holds nobody", `update person set holds = holds + 1 where id = (select min(id::text)::uuid from person)`,
			`update person set holds = holds - 1 where id = (select min(id::text)::uuid from person)`, "is merged into"},
	} {
		if _, err := b.conn.Exec(t.Context(), tt.do); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if err := b.check(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if _, err := b.conn.Exec(t.Context(), tt.undo); err != nil {
			t.Fatalf("undo %s: %v", tt.name, err)
		}
		if err := b.check(t.Context()); err != nil {
			t.Fatalf("after undoing %s: %v", tt.name, err)
		}
	}
	for name, count := range map[string]func(by int){
		"of cash": func(by int) { b.cash += 1 }, "acts left a trace": func(by int) { b.done += by }, "acceptances are sealed": func(by int) { b.accepted += by },
	} {
		cash := b.cash
		count(1)
		if err := b.check(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("counted one too many %s: %v", name, err)
		}
		if b.cash = cash; name != "of cash" {
			count(-1)
		}
	}
}

// A finding names the seed, the act and what came before it.
func TestAFindingTellsHowToSeeItAgain(t *testing.T) {
	t.Parallel()
	b := started(t, 20)
	b.cash++
	text := b.broken(t.Context(), b.check(t.Context())).Error()
	for _, want := range []string{"seed 11", fmt.Sprintf("act %d", b.Report.Acts), "of cash", fmt.Sprintf("  %d ", b.Report.Acts)} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.broken(over, context.Canceled); err != nil {
		t.Errorf("a run that was called off found %v", err)
	}
}

// A connection that is cut before a piece leaves nothing; one that is cut after
// it leaves a commit of which nobody heard. Both look the same to the program.
func TestTheWireIsCutWhereItIsTold(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t, nil, nil)
	sure, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer sure.Close(context.WithoutCancel(t.Context()))
	if _, err := sure.Exec(t.Context(), "create table kept (n integer primary key)"); err != nil {
		t.Fatal(err)
	}
	w, err := lay(url)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for n, after := range []bool{false, true} {
		conn, err := pgx.Connect(t.Context(), w.url)
		if err != nil {
			t.Fatal(err)
		}
		w.arm(1, after)
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("insert into kept values (%d)", n)); err == nil {
			t.Errorf("after %v: the cut was not felt", after)
		}
		_ = conn.Close(t.Context()) // it is broken already
		if kept := rowKept(t, sure, n); kept != after {
			t.Errorf("after %v: kept %v", after, kept)
		}
	}
	if w.cuts != 2 {
		t.Errorf("%d cuts, want 2", w.cuts)
	}
}

// rowKept reports whether a row is there, once no other session is at work.
func rowKept(t *testing.T, conn *pgx.Conn, n int) (kept bool) {
	t.Helper()
	const others = `select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`
	for busy := 1; busy > 0; {
		if err := conn.QueryRow(t.Context(), others).Scan(&busy); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.QueryRow(t.Context(), "select exists (select from kept where n = $1)", n).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// The same seed and the same moments make the same ids, which sort by time.
func TestIDsAreRepeatable(t *testing.T) {
	t.Parallel()
	now := opening
	make3 := func() (all [3]uuid.UUID) {
		now = opening
		s := &ids{dice: rand.New(rand.NewPCG(1, 6)), now: func() time.Time { return now }}
		for i := range all {
			all[i] = s.next()
			now = now.Add(time.Millisecond)
		}
		return all
	}
	one, two := make3(), make3()
	if one != two {
		t.Errorf("%v, then %v", one, two)
	}
	for i, id := range one {
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 || i > 0 && id.String() <= one[i-1].String() {
			t.Errorf("id %d is %s, version %d", i, id, id.Version())
		}
	}
}

func TestCLABEsOfLoansAreValid(t *testing.T) {
	t.Parallel()
	for folio, want := range map[string]string{"V-00441": "64618012340000441", "V-123456": "64618012340123456"} {
		got, err := mexid.ParseCLABE(clabe(folio))
		if err != nil || string(got[:17]) != want {
			t.Errorf("%s: %s (%v), want %s and a check digit", folio, clabe(folio), err, want)
		}
	}
}
