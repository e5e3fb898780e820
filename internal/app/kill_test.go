package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"valebot/internal/postgres"
)

// serverEnv makes the test binary be the program itself: it holds the
// configuration as JSON.
const serverEnv = "VALEBOT_APP_TEST_SERVER"

// killEnv asks for another number of conversations than CI has time for, such
// as VALEBOT_APP_TEST_KILL=1000.
const killEnv = "VALEBOT_APP_TEST_KILL"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(serverEnv); ok {
		if err := serveFor(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// bare is a Config whose secrets survive JSON.
type bare struct {
	Config
	Token, ATM, SPEI, Deposit string
}

func (c Config) bare() string {
	text, err := json.Marshal(bare{c, string(c.TwilioAuthToken), string(c.ATMSecret), string(c.SPEISecret), string(c.DepositSecret)})
	if err != nil {
		panic("configuration for another process: " + err.Error())
	}
	return string(text)
}

// serveFor is the program, until it is killed or its parent is gone.
func serveFor(text string) error {
	var b bare
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return err
	}
	cfg := b.Config
	cfg.TwilioAuthToken, cfg.ATMSecret, cfg.SPEISecret, cfg.DepositSecret = Secret(b.Token), Secret(b.ATM), Secret(b.SPEI), Secret(b.Deposit)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the parent does
		cancel()
	}()
	a, err := New(ctx, cfg, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer a.Close()
	fmt.Println(a.Addr())
	return a.Run(ctx)
}

// victim is the program in a process of its own.
type victim struct {
	t    *testing.T
	w    *world
	cfg  Config
	cmd  *exec.Cmd
	stop io.Closer
	log  *strings.Builder
}

func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.Command(os.Args[0])
	v.cmd.Env = append(os.Environ(), serverEnv+"="+v.cfg.bare())
	v.log = &strings.Builder{}
	v.cmd.Stdout, v.cmd.Stderr = v, v.log
	stdin, err := v.cmd.StdinPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	v.stop = stdin
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
}

// Write hears from the process where it listens: each life has another port.
func (v *victim) Write(line []byte) (int, error) {
	v.w.base.Store("http://" + strings.TrimSpace(string(line)))
	return len(line), nil
}

// kill ends the process as a power cut would and waits until it is gone.
func (v *victim) kill() {
	v.t.Helper()
	if err := v.cmd.Process.Kill(); err != nil {
		v.t.Fatalf("kill: %v\n%s", err, v.log)
	}
	_ = v.cmd.Wait() // says that it was killed
}

// end lets the process stop by itself.
func (v *victim) end() {
	v.t.Helper()
	_ = v.stop.Close()
	if err := v.cmd.Wait(); err != nil {
		v.t.Errorf("stop: %v\n%s", err, v.log)
	}
}

// couple is a distributor and the person whom she gives a vale.
type couple struct{ giver, taker string }

func couples(n int) []couple {
	all := make([]couple, n)
	for i := range all {
		all[i] = couple{fmt.Sprintf("+5266710%05d", i), fmt.Sprintf("+5266720%05d", i)}
	}
	return all
}

// TestKilledAtAnyMoment has many vales given and taken at once while the
// program, and its database with it, is killed again and again.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	n := 150
	if text := os.Getenv(killEnv); text != "" {
		n, _ = strconv.Atoi(text)
	}
	w := newWorld(t)
	w.delay = func() { time.Sleep(rand.N(20 * time.Millisecond)) }
	cfg := worldConfig(w, t.TempDir())
	cfg.Tuning.Lease, cfg.Tuning.Timeout, cfg.Tuning.LookAgain = 6*time.Second, 5*time.Second, 2*time.Second
	all := couples(n)
	settle(t, cfg, all)

	v := &victim{t: t, w: w, cfg: cfg}
	v.start()
	var story errgroup.Group
	for _, c := range all {
		story.Go(func() error { return w.give(c) })
		story.Go(func() error { return w.receive(c) })
	}
	through := make(chan error, 1)
	go func() { through <- story.Wait() }()
	kills := 0
	for ended := false; !ended; {
		select {
		case err := <-through:
			if err != nil {
				t.Errorf("%v\n%s", err, v.log)
			}
			ended = true
		case <-time.After(500*time.Millisecond + rand.N(2*time.Second)):
			if kills < 8+n/50 {
				kills++
				v.kill()
				v.start()
			}
		}
	}
	v.end()
	t.Logf("%d vales through %d kills, %d messages", n, kills, len(w.texts))
	w.eachOnce(t, all)
	audit(t, cfg, n)
}

// settle seeds the couples, before anything is killed.
func settle(t *testing.T, cfg Config, all []couple) {
	t.Helper()
	a, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var g errgroup.Group
	g.SetLimit(8)
	for _, c := range all {
		g.Go(func() error {
			_, err := a.Seed(t.Context(), &Town{
				Distributors: []Distributor{{Phone: c.giver, Name: "Distribuidora", Line: "20000", Terms: []int{8}, PIN: "4821"}},
				People:       []Person{{Phone: c.taker, Name: "Persona", Birth: "1990-03-05", Limit: "5000"}},
			}, false)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// turnOf is what a phone waits for and what it then writes.
type turnOf struct{ hears, says string }

// give plays the distributor.
func (w *world) give(c couple) error {
	w.write(c.giver, "VALE "+strings.TrimPrefix(c.taker, "+52")+" 3000 8")
	return w.play(c.giver, nil, []turnOf{
		{"Responde SI, NO o CAMBIAR", "si"}, {"Escribe tu NIP", "4821"}, {"Autorizado, folio", ""}, {"ya tiene los $3,000", ""},
	})
}

// receive plays the person, who types the code as soon as it comes.
func (w *world) receive(c couple) error {
	return w.play(c.taker, func(body string) {
		if strings.HasPrefix(body, "Tu clave de retiro es") {
			w.finish(digitsOf(body), "redeemed")
		}
	}, []turnOf{
		{"Responde SI, NO o INFO", "sí"}, {"confirma tu fecha de nacimiento", "05/03/1990"}, {"responde 1 para transferencia", "2"},
		{"Tu clave de retiro es", ""}, {"Tu primer pago es de", ""}, {"Ya tienes tu dinero", ""},
	})
}

// play answers what a phone hears until it has heard everything, in any order.
// It gives up when nobody in the world has heard anything for a while: how long
// one phone waits among a thousand is a matter of the machine.
func (w *world) play(phone string, also func(body string), turns []turnOf) error {
	open, heard := slices.Clone(turns), -1
	for len(open) > 0 {
		select {
		case m := <-w.phone(phone):
			i := slices.IndexFunc(open, func(t turnOf) bool { return strings.Contains(m.body, t.hears) })
			if i < 0 {
				continue // counted in the end
			}
			if also != nil {
				also(m.body)
			}
			says := open[i].says
			open = slices.Delete(open, i, i+1)
			if says != "" {
				w.write(phone, says)
			}
		case <-time.After(2 * patience):
			if all := w.heard(); all > heard {
				heard = all
				continue
			}
			return fmt.Errorf("%s waits for %q in vain", phone, open[0].hears)
		}
	}
	return nil
}

// heard counts all that was ever handed over.
func (w *world) heard() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.texts)
}

// eachOnce checks that every phone heard what it had to hear, and each message
// once: by the program's own id, and by what it says.
func (w *world) eachOnce(t *testing.T, all []couple) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	own, heard := map[string]int{}, map[string][]string{}
	for _, m := range w.texts {
		own[m.own]++
		heard[m.to] = append(heard[m.to], m.body)
	}
	for id, times := range own {
		if id == "" || times != 1 {
			t.Errorf("message %q was handed over %d times", id, times)
		}
	}
	for _, c := range all {
		if got := heard[c.giver]; len(got) != 4 {
			t.Errorf("%s heard %d messages, want 4: %q", c.giver, len(got), got)
		}
		if got := heard[c.taker]; len(got) != 6 {
			t.Errorf("%s heard %d messages, want 6: %q", c.taker, len(got), got)
		}
	}
	if w.asked != len(all) {
		t.Errorf("%d codes were issued for %d vales", w.asked, len(all))
	}
}

// audit reads the books and the queues once everything has stopped.
func audit(t *testing.T, cfg Config, n int) {
	t.Helper()
	err := WithStore(t.Context(), cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		report, err := s.Verify(t.Context())
		if err != nil {
			return err
		}
		if len(report.Differences) > 0 || report.Loans != n {
			t.Errorf("%d loans, differences: %v", report.Loans, report.Differences)
		}
		for sql, want := range map[string]int{
			"select count(*) from inbox where state <> 'handled'":                                                  0,
			"select count(*) from inbox where kind = 'message'":                                                    6 * n,
			"select count(*) from outbox where state <> 'accepted'":                                                0,
			"select count(*) from outbox":                                                                          10 * n,
			"select count(*) from loan where state = 'ACTIVE'":                                                     n,
			"select count(*) from disbursement":                                                                    n,
			"select count(*) from vale where state = 'CONVERTED'":                                                  n,
			"select count(*) from distributor where used_cents = 300000 and held_cents = 0":                        n,
			"select count(*) from (select entry_id from ledger_line group by entry_id having sum(cents) <> 0) bad": 0,
			"select count(*) from conversation where owner <> 'bot'":                                               0,
		} {
			rows, _ := s.Pool().Query(t.Context(), sql)
			if got, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); err != nil || got != want {
				t.Errorf("%s: %d (%v), want %d", sql, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
