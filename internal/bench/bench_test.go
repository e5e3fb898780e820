package bench

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/postgres/pgtest"
)

func TestBothBenchmarksRunToTheEnd(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t, nil, nil)
	for what, measure := range map[string]func(Options) (Report, error){
		"turn":   func(o Options) (Report, error) { return Turn(t.Context(), o) },
		"accept": func(o Options) (Report, error) { return Accept(t.Context(), o) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var told []string
			r, err := measure(Options{DatabaseURL: url, Length: time.Second, Clients: 4, Progress: func(text string) { told = append(told, text) }})
			if err != nil {
				t.Fatal(err)
			}
			if r.What != what || r.Clients != 4 || r.Pgbench <= 0 || r.Ratio <= 0 || r.Saturated.Count == 0 || r.Tenth.Count == 0 || len(r.Rounds) != rounds {
				t.Errorf("incomplete: %+v", r)
			}
			if r.Saturated.Failed+r.Tenth.Failed > 0 {
				t.Errorf("failed: %+v", r)
			}
			if len(told) == 0 {
				t.Error("no progress was told")
			}
		})
	}
}

func TestNoServerIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := Turn(t.Context(), Options{DatabaseURL: "postgres://127.0.0.1:1/none?connect_timeout=1"}); err == nil {
		t.Error("measured without a database")
	}
}

func TestParseTPS(t *testing.T) {
	t.Parallel()
	const printed = `pgbench (15.13 (Debian 15.13-0+deb12u1))
transaction type: <builtin: simple update>
scaling factor: 10
query mode: prepared
number of clients: 16
number of transactions actually processed: 33412
latency average = 2.391 ms
initial connection time = 31.203 ms
tps = 6693.470812 (without initial connection time)
`
	for _, test := range []struct {
		name, text string
		want       float64
		wrong      bool
	}{
		{"as printed", printed, 6693.470812, false},
		{"nothing done", "tps = 0.000000 (without initial connection time)\n", 0, true},
		{"another version", "tps = 12 (including connections establishing)\n", 0, true},
		{"nothing", "", 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseTPS(test.text)
			if got != test.want || (err != nil) != test.wrong {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestParseTicks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		busy, idle float64
	}{
		{"a machine", "cpu  100 5 50 800 20 1 2 3 40 7\ncpu0 1 1 1 1\n", 161, 820},
		{"an old kernel", "cpu 10 0 5 80\n", 15, 80},
		{"nonsense", "cpu x y\n", 0, 0},
		{"nothing", "", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if busy, idle := parseTicks(test.text); busy != test.busy || idle != test.idle {
				t.Errorf("got %v busy, %v idle", busy, idle)
			}
		})
	}
}

func TestTallyFigure(t *testing.T) {
	t.Parallel()
	var hundred tally
	for i := range 100 {
		hundred.add(time.Duration(100-i)*time.Millisecond, nil)
	}
	hundred.add(time.Hour, errors.New("lost"))
	for _, test := range []struct {
		name  string
		tally *tally
		want  Figure
	}{
		{"nothing", &tally{}, Figure{}},
		{"one", &tally{took: []time.Duration{time.Second}}, Figure{Count: 1, Rate: 0.5, P50: time.Second, P99: time.Second, Worst: time.Second}},
		{"a hundred and a failure", &hundred, Figure{
			Count: 100, Failed: 1, Rate: 50, P50: 50 * time.Millisecond, P99: 99 * time.Millisecond, Worst: 100 * time.Millisecond,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.tally.figure(2*time.Second)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOptionsComplete(t *testing.T) {
	t.Parallel()
	o := Options{}.complete()
	if o.Length != 10*time.Second || o.Clients != 256 || o.Progress == nil {
		t.Errorf("got %+v", o)
	}
	if o := (Options{Length: time.Second, Clients: 3}).complete(); o.Length != time.Second || o.Clients != 3 {
		t.Errorf("changed what was given: %+v", o)
	}
}

func TestTroubleIsTheLastProblem(t *testing.T) {
	t.Parallel()
	r := &rig{}
	if r.trouble() == nil {
		t.Error("no trouble at all, though nothing was done")
	}
	lost := errors.New("lost")
	r.problem.Store(&lost)
	if !errors.Is(r.trouble(), lost) {
		t.Errorf("got %v", r.trouble())
	}
}

func TestGaugeCommandNamesWhatItMeasures(t *testing.T) {
	t.Parallel()
	if got, want := (gauge{}).command(), "pgbench -N -M prepared -c 16 -j 2 -s 10"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReportTakesTheMedianOfItsRounds(t *testing.T) {
	t.Parallel()
	var r Report
	for _, round := range []Round{{Pgbench: 1000, Rate: 900}, {Pgbench: 2000, Rate: 200}, {Pgbench: 3000, Rate: 1500}} {
		r.add(round, Load{Busy: round.Pgbench / 100, Ours: 5})
	}
	if r.Ratio != 0.5 || r.Pgbench != 2000 || r.Load != (Load{Busy: 20, Ours: 5}) || len(r.Rounds) != 3 {
		t.Errorf("got %+v", r)
	}
}
