package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
)

// node is a part of a plan as EXPLAIN prints it.
type node struct {
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Loops    float64 `json:"Actual Loops"`
	Plans    []node
}

// read is how many rows of a table a plan looked at.
func (n node) read(table string) (rows float64) {
	if n.Relation == table {
		rows = (n.Rows + n.Removed) * max(1, n.Loops)
	}
	for _, p := range n.Plans {
		rows += p.read(table)
	}
	return rows
}

// plan runs a statement, given as its parameters' types and its text, by the plan
// that is kept for all parameters.
func (b bench) plan(statement, args string) node {
	b.Helper()
	var raw []byte
	b.must(b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		for _, sql := range []string{`set local plan_cache_mode = force_generic_plan`, `prepare planned ` + statement} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		if err := tx.QueryRow(ctx, `explain (analyze, format json) execute planned `+args).Scan(&raw); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `deallocate planned`)
		return err
	}))
	var plans []struct{ Plan node }
	b.must(json.Unmarshal(raw, &plans))
	return plans[0].Plan
}

// Taking up a few messages reads a few, however many wait, before anybody told the
// planner how many there are: a queue fills faster than statistics are made.
func TestDispatchReadsWhatItTakes(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]string{
		"never analysed":             ``,
		"analysed when it was empty": `analyze outbox`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.must(b.exec(`alter table outbox set (autovacuum_enabled = off)`))
			b.must(b.exec(tell))
			const waiting, taken = 2000, 10
			var letters []engine.Letter
			for i := range waiting {
				letters = append(letters, b.letter(b.talk(i), "hola"))
			}
			b.post(letters...)
			plan := b.plan(`(timestamptz, int, text[], smallint[], float8) as `+dispatchSQL,
				fmt.Sprintf(`('%s', %d, '{sms,whatsapp}', '{2,2}', 60)`, b.now.Add(time.Second).Format(time.RFC3339), taken))
			if got := plan.read("outbox"); got > 8*taken || plan.Rows != taken {
				t.Errorf("read %.0f rows to take up %.0f of %d, want %d", got, plan.Rows, waiting, taken)
			}
		})
	}
}

// Every message asks for the consents of its contact: they are found by their key,
// at all phones of somebody who was merged too.
func TestConsentsAreFoundByKey(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.must(b.exec(`insert into consent_entry (id, contact_key, channel, purpose, granted, at, source, actor, evidence)
		select gen_random_uuid(), 'tel:+52667' || lpad(n::text, 7, '0'), '', 'service', true, now(), 'message', 'bot', 'SM1' from generate_series(1, 3000) n`))
	b.must(b.exec(`insert into contact_alias (key, other) values ('tel:+526670000001', 'tel:+526670000002')`))
	for _, tell := range []string{``, `analyze consent`} {
		b.must(b.exec(tell))
		var body string
		b.must(b.pool.QueryRow(t.Context(), `select prosrc from pg_proc where proname = 'consents'`).Scan(&body))
		body = strings.NewReplacer("consents.key", "$1", "on_channel", "$2", "for_purpose", "$3").Replace(body)
		if got := b.plan(`(text, text, text) as `+body, `('tel:+526670000001', 'sms', 'service')`).read("consent"); got != 2 {
			t.Errorf("%q: read %.0f consents, want those of the two phones", tell, got)
		}
	}
}
