package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"valebot/internal/message"
	"valebot/internal/sandbox"
)

// street is the whole demo with its menu of faults, over HTTP as a visitor has it.
type street struct {
	t    *testing.T
	demo *Demo
	base string
}

func newStreet(t *testing.T, change func(*Config)) *street {
	t.Helper()
	cfg := Config{
		Addr: "127.0.0.1:0", DataDir: t.TempDir(), DatabaseURL: emptyDatabase(t), PublicURL: worldPublic, Group: 128, Senders: 16,
		Tuning: Tuning{Unpaced: true, Lease: 3 * patience, Timeout: 2 * patience, LookAgain: 500 * time.Millisecond, Sweep: 100 * time.Millisecond, Recheck: time.Second},
	}
	change(&cfg)
	d, err := NewDemo(t.Context(), cfg, "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended // a server that is closed says so; only what it did counts
		d.Close()
	})
	return &street{t, d, strings.TrimSuffix(d.Page(), "/demo")}
}

// call talks with the page's API.
func (s *street) call(method, path string, in, out any) {
	s.t.Helper()
	body, _ := json.Marshal(in)
	r, _ := http.NewRequestWithContext(s.t.Context(), method, s.base+"/demo/api/"+path, strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		s.t.Fatalf("%s: HTTP %d %s %v", path, res.StatusCode, raw, err)
	}
	if out != nil && json.Unmarshal(raw, out) != nil {
		s.t.Fatalf("%s: %s", path, raw)
	}
}

// shown is what a phone got so far.
func (s *street) shown(phone string) []sandbox.Message {
	s.t.Helper()
	var state struct {
		Phones []struct {
			Phone    string
			Messages []sandbox.Message
		}
	}
	s.call(http.MethodGet, "state", nil, &state)
	for _, p := range state.Phones {
		if p.Phone == phone {
			var got []sandbox.Message
			for _, m := range p.Messages {
				if !m.Mine {
					got = append(got, m)
				}
			}
			return got
		}
	}
	return nil
}

func (s *street) number(sql string, args ...any) (n int) {
	s.t.Helper()
	if err := s.demo.App.store.Pool().QueryRow(s.t.Context(), sql, args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// until waits for a condition of the database.
func (s *street) until(what, sql string, want int) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got := s.number(sql)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: %d, want %d of %s", what, got, want, sql)
		}
	}
}

// One fault after the other, on each way out: in the end each question has
// exactly one answer on the phone, and nothing is open. Slow and silent
// providers, broken answers, lost statuses, forged and repeated webhooks.
func TestEveryFaultLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	type course struct {
		what  sandbox.Mischief
		times int
	}
	faults := []course{
		{sandbox.TwilioHTML, 1}, {sandbox.TwilioJSON, 1}, {sandbox.TwilioCut, 1}, {sandbox.Twilio500, 1}, {sandbox.TwilioBusy, 3},
		{sandbox.NetworkNoName, 2}, {sandbox.NetworkExpired, 2}, {sandbox.TwilioHang, 1},
		{sandbox.WebhookTwice, 1}, {sandbox.WebhookForged, 1}, {sandbox.WebhookCut, 1}, {sandbox.WebhookHuge, 1}, {sandbox.WebhookReplayed, 1}, {sandbox.WebhookReordered, 1},
		{sandbox.ClockJumps, 1}, {sandbox.StatusTwice, 1}, {sandbox.StatusDisordered, 1}, {sandbox.StatusLost, 1}, {sandbox.StatusEarly, 1}, {sandbox.StatusUnknown, 1}, {sandbox.StatusRevived, 1},
	}
	for name, way := range map[string]struct {
		channel message.Channel
		change  func(*Config)
	}{
		"twilio":   {message.SMS, func(*Config) {}},
		"whatsapp": {message.WhatsApp, func(*Config) {}},
		"gateway":  {message.SMS, func(c *Config) { c.GatewayChannel = "sms" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, func(c *Config) {
				way.change(c)
				c.Tuning.Timeout, c.Tuning.Lease = 4*time.Second, 6*time.Second // a provider that hangs is given up after it
			})
			asked := 0
			say := func() {
				asked++
				s.call(http.MethodPost, "phones/"+ana+"/messages", sandbox.Draft{Text: "saldo", Channel: way.channel}, nil)
			}
			for _, f := range faults {
				s.call(http.MethodPost, "faults", map[string]any{"name": f.what, "times": f.times}, nil)
				say()
				if f.what == sandbox.WebhookReordered || f.what == sandbox.WebhookReplayed {
					say() // which lets the one that was kept go
				}
				what := fmt.Sprintf("%s %s", name, f.what)
				s.until(what, "select count(*)::int from inbox where kind = 'message' and state = 'handled'", asked)
				s.until(what, "select count(*)::int from outbox where state = 'accepted'", asked)
				if got := len(s.shown(ana)); got != asked {
					t.Fatalf("%s: %d answers to %d questions", what, got, asked)
				}
				s.call(http.MethodPost, "faults", map[string]any{"name": f.what, "times": 0}, nil)
			}
			s.until(name, "select count(*)::int from outbox where state not in ('accepted')", 0)
		})
	}
}

// What ends a message is told apart from what delays it.
func TestFaultsThatEndAMessage(t *testing.T) {
	t.Parallel()
	s := newStreet(t, func(*Config) {})
	for _, c := range []struct {
		what    sandbox.Mischief
		channel message.Channel
		phone   string
		want    string // state of its answer
	}{
		{sandbox.TwilioLoses, message.SMS, ana, "accepted"}, // it said so, and nobody can know better
		{sandbox.TwilioWindow, message.WhatsApp, beto, "failed"},
		{sandbox.TwilioOptOut, message.SMS, maria, "failed"},
	} {
		s.call(http.MethodPost, "faults", map[string]any{"name": c.what, "times": 1}, nil)
		s.call(http.MethodPost, "phones/"+c.phone+"/messages", sandbox.Draft{Text: "saldo", Channel: c.channel}, nil)
		sql := fmt.Sprintf(`select count(*)::int from outbox o join conversation c on c.id = o.conversation_id
			where c.key = 'tel:%s' and o.channel = '%s' and o.state = '%s' and o.attempt = 1`, c.phone, c.channel, c.want)
		s.until(string(c.what), sql, 1)
		// An SMS that goes in place of a WhatsApp is written later than that has
		// failed; it must not meet the next fault.
		s.until(string(c.what), "select count(*)::int from outbox where state in ('queued', 'sending', 'unknown') or state = 'failed' and backup = 2", 0)
	}
	if got := len(s.shown(ana)); got != 0 {
		t.Errorf("a message that the provider lost was shown %d times", got)
	}
	if n := s.number("select count(*)::int from contact where opted_out_at is not null"); n != 1 {
		t.Errorf("%d people opted out, want the one", n)
	}
}
