package bench

import (
	"testing"
	"time"

	"valebot/internal/postgres/pgtest"
	"valebot/internal/quincena"
)

// A small portfolio goes through the whole benchmark: every loan is closed, and
// the books agree afterwards.
func TestCloseBenchmark(t *testing.T) {
	t.Parallel()
	r, err := Close(t.Context(), Options{DatabaseURL: pgtest.Open(t, nil, nil)}, 30)
	if err != nil {
		t.Fatal(err)
	}
	if r.Loans != 30 || !r.Checked || !r.Sound || r.Rows < 30*3 || r.Ratio <= 0 || r.PeakMB <= 0 || r.Took <= 0 || r.Copy <= 0 {
		t.Errorf("incomplete or unsound: %+v", r)
	}
}

func TestCloseNeedsAServer(t *testing.T) {
	t.Parallel()
	if _, err := Close(t.Context(), Options{DatabaseURL: "postgres://127.0.0.1:1/none?connect_timeout=1"}, 1); err == nil {
		t.Error("measured without a database")
	}
	if _, err := Pay(t.Context(), Options{DatabaseURL: "postgres://127.0.0.1:1/none?connect_timeout=1", Length: time.Second}); err == nil {
		t.Error("measured without a database")
	}
}

func TestTheHeaviestDay(t *testing.T) {
	t.Parallel()
	for today, want := range map[quincena.Date]quincena.Date{
		{Year: 2026, Month: 9, Day: 15}: {Year: 2026, Month: 9, Day: 15},
		{Year: 2026, Month: 9, Day: 29}: {Year: 2026, Month: 9, Day: 15},
		{Year: 2026, Month: 9, Day: 30}: {Year: 2026, Month: 9, Day: 30},
		{Year: 2028, Month: 3, Day: 14}: {Year: 2028, Month: 2, Day: 29},
		{Year: 2027, Month: 1, Day: 1}:  {Year: 2026, Month: 12, Day: 31},
	} {
		if got := heaviest(today); got != want {
			t.Errorf("up to %s: %s, want %s", today, got, want)
		}
	}
}
