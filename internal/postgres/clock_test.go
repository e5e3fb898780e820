package postgres

import (
	"testing"
	"time"

	"valebot/internal/quincena"
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

func TestDueLoans(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	due := quincena.Date{Year: 2026, Month: 3, Day: 15}
	b.must(b.exec(`update loan set next_due = $1::date, reminded_on = null`, due.String()))
	list := func(today quincena.Date) int {
		b.Helper()
		got, err := b.DueLoans(t.Context(), today, today.AddDays(3), 10)
		b.must(err)
		return len(got)
	}
	for days, want := range map[int]int{-4: 0, -3: 1, 0: 1, 40: 1} {
		if n := list(due.AddDays(days)); n != want {
			t.Errorf("%d days from its due date it is listed %d times, want %d", days, n, want)
		}
	}
	b.must(b.Reminded(t.Context(), []string{w.loan.ID.String()}, due))
	if today, tomorrow := list(due), list(due.AddDays(1)); today != 0 || tomorrow != 1 {
		t.Errorf("after it was looked at it is listed %d times today and %d tomorrow", today, tomorrow)
	}
}
