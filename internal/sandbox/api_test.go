package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/message"
	"valebot/internal/rail"
)

// listener reads a stream of events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (v *village) follow(path string) *listener {
	v.t.Helper()
	ctx, cancel := context.WithCancel(v.t.Context())
	v.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.web.URL+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	res, err := v.web.Client().Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { res.Body.Close() })
	return &listener{v.t, bufio.NewScanner(res.Body)}
}

// next returns the kind and the data of the next event.
func (l *listener) next() (kind string, data map[string]any) {
	l.t.Helper()
	for l.lines.Scan() {
		if name, ok := strings.CutPrefix(l.lines.Text(), "event: "); ok {
			kind = name
		}
		if text, ok := strings.CutPrefix(l.lines.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(text), &data); err != nil {
				l.t.Fatal(err)
			}
			return kind, data
		}
	}
	l.t.Fatal("stream ended")
	return "", nil
}

func TestTerminalChat(t *testing.T) {
	t.Parallel()
	v := open(t)
	path := "/demo/api/phones/%2B526671234567"
	events := v.follow(path + "/events?since=0")
	var sent Message
	if code := v.call(http.MethodPost, path+"/messages", Draft{Text: "hola"}, &sent); code != 202 || sent.Status != "delivered" {
		t.Fatalf("typed: %d %+v", code, sent)
	}
	v.Type(maria, Draft{Text: "otra"}) // another phone is not heard here
	if _, _, err := v.rest(v.sms("Hola, Ana", "StatusCallback", "")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 4 {
		kind, data := events.next()
		got = append(got, kind+" "+data["body"].(string)+" "+data["status"].(string))
	}
	want := []string{"message hola sending", "status hola delivered", "message Hola, Ana sent", "status Hola, Ana delivered"}
	for _, line := range want {
		if !strings.Contains(strings.Join(got, "\n"), line) {
			t.Errorf("did not hear %q in %q", line, got)
		}
	}
}

func TestListenerCatchesUpOrStartsAgain(t *testing.T) {
	t.Parallel()
	v := open(t)
	for range 3 {
		v.feed.publish("clock", "", map[string]int{"n": 1})
	}
	if kind, _ := v.follow("/demo/api/events?since=1").next(); kind != "clock" {
		t.Errorf("heard %s", kind)
	}
	for range maxEvents {
		v.feed.publish("clock", "", map[string]int{"n": 2})
	}
	for _, since := range []string{"1", "99999999"} {
		if kind, _ := v.follow("/demo/api/events?since=" + since).next(); kind != "reset" {
			t.Errorf("since %s heard %s", since, kind)
		}
	}
	if _, _, fresh := v.feed.since(v.feed.last() - maxEvents); !fresh {
		t.Error("the oldest kept event is not heard")
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	v := open(t, func(c *Config) { c.Story = storyOf{{Seq: 4, Kind: "step", Text: "oferta"}} })
	v.Type(maria, Draft{Text: "VALE"})
	v.next()
	v.issue(300000)
	var got state
	if v.call(http.MethodGet, "/demo/api/state", nil, &got) != 200 {
		t.Fatal("no state")
	}
	if got.Seq == 0 || got.Clock.Text != "lunes 2 de marzo de 2026, 10:00" || got.Clock.Next != "15 de marzo" {
		t.Errorf("clock %+v", got.Clock)
	}
	if len(got.Phones) != 2 || got.Phones[0].Prefill != "VALE 6671234567 3000 8" || len(got.Phones[0].Messages) != 1 || got.Phones[1].Messages == nil {
		t.Errorf("phones %+v", got.Phones)
	}
	if len(got.Codes) != 1 || !strings.HasPrefix(got.Codes[0].Digits, "••••") || len(got.Story) != 1 || len(got.Menu) == 0 {
		t.Errorf("codes %+v, story %+v", got.Codes, got.Story)
	}
	if v.told.Load() != 4 {
		t.Errorf("news begin after %d", v.told.Load())
	}
}

// storyOf is a story that does not go on.
type storyOf []Line

func (s storyOf) Since(_ context.Context, seq int64, limit int) ([]Line, error) {
	if s == nil {
		return nil, errors.New("away")
	}
	var lines []Line
	for _, l := range s {
		if l.Seq > seq && len(lines) < limit {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

func TestStoryIsToldOnce(t *testing.T) {
	t.Parallel()
	v := open(t, func(c *Config) { c.Story = storyOf{{Seq: 1, Text: "uno"}, {Seq: 2, Text: "dos"}} })
	v.tell()
	v.tell()
	if got := v.feed.last(); got != 2 {
		t.Errorf("%d events", got)
	}
	broken := open(t, func(c *Config) { c.Story = storyOf(nil) })
	broken.tell()
	if got := broken.recall(t.Context()); got == nil || len(got) != 0 {
		t.Errorf("recalled %v", got)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	v := open(t)
	for _, c := range []struct{ advance, want string }{
		{"3h", "lunes 2 de marzo de 2026, 13:00"},
		{"1d", "martes 3 de marzo de 2026, 13:00"},
		{"quincena", "domingo 15 de marzo de 2026, 10:00"},
		{"quincena", "martes 31 de marzo de 2026, 10:00"},
		{"90m", "martes 31 de marzo de 2026, 11:30"},
		{"2026-04-01T00:00:00-06:00", "miércoles 1 de abril de 2026, 00:00"},
	} {
		var got face
		if code := v.call(http.MethodPost, "/demo/api/clock", advance{c.advance}, &got); code != 200 || got.Text != c.want {
			t.Errorf("%s: %d %q", c.advance, code, got.Text)
		}
	}
	before := v.clock.Now()
	for _, bad := range []string{"", "-3h", "0h", "9999h", "500d", "d", "mañana", "2020-01-01T00:00:00Z"} {
		if code := v.call(http.MethodPost, "/demo/api/clock", advance{bad}, nil); code != 400 {
			t.Errorf("%q answered %d", bad, code)
		}
	}
	v.clock.err = errors.New("busy")
	if code := v.call(http.MethodPost, "/demo/api/clock", advance{"3h"}, nil); code != 500 || !v.clock.Now().Equal(before) {
		t.Errorf("broken clock answered %d", code)
	}
}

func TestDaysKeepTheHourAcrossSummerTime(t *testing.T) {
	t.Parallel()
	tijuana, err := time.LoadLocation("America/Tijuana")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 7, 10, 0, 0, 0, tijuana)
	to, err := leap("1d", now.UTC(), tijuana)
	if err != nil || to.Format("15:04") != "10:00" || to.Sub(now) != 23*time.Hour {
		t.Errorf("leap to %v, %v", to, err)
	}
}

func TestPaymentIsASignedCall(t *testing.T) {
	t.Parallel()
	v := open(t)
	var got receipt
	if code := v.call(http.MethodPost, "/demo/api/payments", payment{Account: " V-00017", Amount: "$487.50"}, &got); code != 200 || got.Status != 200 || got.ValueDate.String() != "2026-03-02" {
		t.Fatalf("paid: %d %+v", code, got)
	}
	h := v.next()
	want := map[string]any{"source": "panel", "reference": got.Reference, "account_reference": "V-00017", "amount_centavos": 48750.0, "value_date": "2026-03-02"}
	if diff := cmp.Diff(want, h.JSON); diff != "" || h.Path != "/webhooks/payments" {
		t.Error(h.Path, diff)
	}
	again := payment{Account: "V-00017", Amount: "487.50", Reference: got.Reference, Source: "oxxo", ValueDate: "2026-03-01"}
	v.answers(func(heard) int { return 409 })
	if v.call(http.MethodPost, "/demo/api/payments", again, &got) != 200 || got.Status != 409 || len(got.Answer) == 0 {
		t.Errorf("conflict: %+v", got)
	}
	if h := v.next(); h.JSON["reference"] != again.Reference || h.JSON["source"] != "oxxo" || h.JSON["value_date"] != "2026-03-01" {
		t.Errorf("again %v", h.JSON)
	}
	for _, bad := range []payment{{Amount: ""}, {Amount: "mil"}, {Amount: "1", ValueDate: "ayer"}} {
		if code := v.call(http.MethodPost, "/demo/api/payments", bad, nil); code != 400 {
			t.Errorf("%+v answered %d", bad, code)
		}
	}
	v.server.Close()
	if code := v.call(http.MethodPost, "/demo/api/payments", again, nil); code != 502 {
		t.Errorf("server away: %d", code)
	}
}

func TestPageAPIRefuses(t *testing.T) {
	t.Parallel()
	v := open(t)
	for path, c := range map[string]struct {
		in   any
		code int
	}{
		"/demo/api/phones/667/messages":             {Draft{Text: "x"}, 400},
		"/demo/api/phones/%2B526671234567/messages": {Draft{Text: "x", Channel: "fax"}, 400},
		"/demo/api/phones/%2B526670000001/messages": {Draft{Text: strings.Repeat("x", maxTyped+1)}, 413},
		"/demo/api/phones/%2B526671234567/channel":  {channelChoice{"fax"}, 400},
		"/demo/api/atm/withdrawals":                 {withdrawal{"123"}, 422},
		"/demo/api/bank/transfers/x":                {transferMove{"settled"}, 409},
		"/demo/api/faults":                          {mishap{"diluvio", 1}, 400},
		"/demo/api/clock":                           {map[string]string{"adelanta": "3h"}, 400},
	} {
		var out map[string]string
		if code := v.call(http.MethodPost, path, c.in, &out); code != c.code || out["error"] == "" {
			t.Errorf("%s answered %d %v", path, code, out)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.web.URL+"/demo/api/clock", strings.NewReader("advance=3h"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if code := v.do(r, nil); code != 415 {
		t.Errorf("form answered %d", code)
	}
	r = r.Clone(t.Context())
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if code := v.do(r, nil); code != 403 {
		t.Errorf("foreign page answered %d", code)
	}
	v.quiet()
}

func TestChannelSwitchAndFaultMenu(t *testing.T) {
	t.Parallel()
	v := open(t)
	if v.call(http.MethodPost, "/demo/api/phones/%2B5216671234567/channel", channelChoice{message.WhatsApp}, nil) != 200 {
		t.Error("not switched")
	}
	if m := v.Type(ana, Draft{Text: "hola"}); m.Channel != message.WhatsApp || m.SMS != nil {
		t.Errorf("typed on %s", m.Channel)
	}
	var on map[Mischief]int
	if v.call(http.MethodPost, "/demo/api/faults", mishap{Twilio500, -1}, &on) != 200 || on[Twilio500] != -1 {
		t.Errorf("menu %v", on)
	}
	for range 3 {
		if !v.menu.take(Twilio500) {
			t.Error("ended by itself")
		}
	}
	on = nil
	if v.call(http.MethodPost, "/demo/api/faults", mishap{Twilio500, 0}, &on) != 200 || len(on) != 0 {
		t.Errorf("menu %v", on)
	}
	v.menu.Set(Twilio500, 2)
	for i := range 3 {
		if took := v.menu.take(Twilio500); took != (i < 2) {
			t.Errorf("time %d: %t", i+1, took)
		}
	}
}

// A browser asks for an icon by itself: that must not show as an error in its
// console.
func TestPageAnswersForItsIcon(t *testing.T) {
	t.Parallel()
	mux, w := http.NewServeMux(), httptest.NewRecorder()
	(&Sandbox{}).page(mux)
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/favicon.ico", nil))
	if w.Code != http.StatusNoContent {
		t.Errorf("HTTP %d", w.Code)
	}
}

func TestPageIsSelfContained(t *testing.T) {
	t.Parallel()
	v := open(t, func(c *Config) { c.Doors = []Link{{"<b>", "x", "javascript:alert(1)"}} })
	for _, path := range []string{"/demo", "/demo/", "/demo/assets/page.js", "/demo/assets/phone.js", "/demo/assets/page.css"} {
		res, err := v.web.Client().Get(v.web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body := new(strings.Builder)
		if _, err := bufio.NewReader(res.Body).WriteTo(body); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Content-Security-Policy"), "script-src 'self'") {
			t.Errorf("%s answered %d, %v", path, res.StatusCode, res.Header)
		}
		for _, bad := range []string{"http://", "https://", "innerHTML", "style=", "onclick=\"", "<b></b>", "javascript:alert"} {
			if strings.Contains(body.String(), bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
	}
	if res, err := v.web.Client().Get(v.web.URL + "/demo/nada"); err != nil || res.StatusCode != 404 {
		t.Errorf("unknown page: %v %v", res, err)
	}
}

func TestPhonesRememberAsMuchAsTheyMay(t *testing.T) {
	t.Parallel()
	town := newTown([]Person{{Phone: ana, Name: "Ana"}})
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for i := range maxMessages + 50 {
		town.add(Message{ID: sid("SM"), Phone: ana, At: start.Add(time.Duration(i) * time.Second)})
	}
	if n := len(town.views(1)[0].Messages); n != maxMessages {
		t.Errorf("remembers %d", n)
	}
	for i := range maxPhones + 10 {
		town.add(Message{Phone: "+52" + sid("")[:10], At: start.Add(time.Duration(i) * time.Hour)})
	}
	if len(town.phones) != maxPhones || len(town.order) != maxPhones || town.phones[ana] == nil {
		t.Errorf("remembers %d phones", len(town.phones))
	}
}

func TestStatusesOnlyGoForward(t *testing.T) {
	t.Parallel()
	town := newTown([]Person{{Phone: ana}})
	town.add(Message{ID: "a", Phone: ana, Status: "sent"})
	for _, c := range []struct {
		status string
		moved  bool
	}{{"delivered", true}, {"sent", false}, {"failed", false}, {"read", true}, {"delivered", false}} {
		if _, moved := town.mark(ana, "a", c.status, 0); moved != c.moved {
			t.Errorf("%s moved: %t", c.status, moved)
		}
	}
	if _, moved := town.mark(maria, "a", "read", 0); moved {
		t.Error("nobody's message moved")
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Config{})
	for _, want := range []string{"public URL", "Twilio account", "auth token", "number", "clock", "logger"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	s, err := New(Config{PublicURL: "http://x/", TwilioAccount: account, TwilioToken: token, Sender: ours, Clock: &handClock{}, Log: slog.New(slog.DiscardHandler), ATMKeys: rail.Keys{secret}})
	if err != nil || s.PublicURL != "http://x" || s.Zone == nil || s.HTTP == nil || len(s.Retry) == 0 {
		t.Fatalf("defaults: %v", err)
	}
	s.Close()
}
