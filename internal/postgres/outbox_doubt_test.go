package postgres

import (
	"strings"
	"testing"

	"valebot/internal/outbox"
)

// The database knows what was kept back for a doubt by the sender's own words. A
// word changed in one of the two places would keep such messages back for ever.
func TestKeptBackIsKnownByTheSendersWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var body string
	b.must(b.pool.QueryRow(t.Context(), `select prosrc from pg_proc where proname = 'release_proven'`).Scan(&body))
	if want := "reason = '" + outbox.Unproven + "'"; !strings.Contains(body, want) {
		t.Errorf("release_proven does not ask for %s:\n%s", want, body)
	}
}
