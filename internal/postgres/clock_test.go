package postgres

import (
	"testing"
	"time"
)

func TestExpiredVales(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	ids := func(now time.Time, limit int) int {
		b.Helper()
		got, err := b.ExpiredVales(t.Context(), now, limit)
		b.must(err)
		return len(got)
	}
	if n := ids(w.vale.Expires.AddDate(1, 0, 0), 10); n != 0 {
		t.Errorf("%d vales that were answered are listed", n)
	}
	b.must(b.exec(`alter table vale disable trigger user`))
	b.must(b.exec(`update vale set state = 'OFFERED', loan_id = null`))
	for _, test := range []struct {
		now  time.Time
		want int
	}{{w.vale.Expires.Add(-time.Second), 0}, {w.vale.Expires, 1}, {w.vale.Expires.AddDate(0, 1, 0), 1}} {
		if n := ids(test.now, 10); n != test.want {
			t.Errorf("at %s: %d vales, want %d", test.now, n, test.want)
		}
	}
}
