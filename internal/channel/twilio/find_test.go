package twilio_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// listed is one message of a list, created s seconds after the test's time.
func listed(sid, body string, s int, change map[string]any) map[string]any {
	m := map[string]any{
		"sid": sid, "body": body, "status": "delivered", "direction": "outbound-api", "error_code": nil, "messaging_service_sid": service,
		"date_created": received.Add(time.Duration(s) * time.Second).Format(time.RFC1123Z),
	}
	for k, v := range change {
		m[k] = v
	}
	return m
}

// list answers with pages of messages.
func list(t *testing.T, pages ...[]map[string]any) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if _, err := fmt.Sscan(r.URL.Query().Get("Page"), &n); err != nil {
			n = 0
		}
		next := any(nil)
		if n+1 < len(pages) {
			next = fmt.Sprintf("%s?Page=%d", r.URL.Path, n+1)
		}
		body, err := json.Marshal(map[string]any{"messages": pages[n], "next_page_uri": next, "page": n})
		if err != nil {
			t.Error(err)
		}
		answer(http.StatusOK, string(body))(w, r)
	}
}

func TestFindPicksWhatMayBeOurs(t *testing.T) {
	t.Parallel()
	body := text().Body
	p := newProvider(t, list(t, []map[string]any{
		listed("SM1", body, 9, nil),
		listed("SM2", "otro texto", 8, nil),
		listed("SM3", body, 7, map[string]any{"direction": "inbound"}),
		listed("SM4", body, 6, map[string]any{"messaging_service_sid": "MG1"}),
		listed("SM5", " "+body+"\n", 5, map[string]any{"status": "queued"}),
		listed("SM6", "Sent from your Twilio trial account - "+body, 4, map[string]any{"status": "accepted"}),
	}, []map[string]any{
		listed("SM7", body, 0, map[string]any{"status": "failed"}),
		listed("SM8", body, 0, map[string]any{"date_created": nil}),
		listed("SM9", body, -1, nil),
		listed("SM10", body, 1, nil), // out of order behind an older one: not looked at
	}, []map[string]any{listed("SM11", body, 1, nil)}))
	got, err := p.client(t, nil).Find(t.Context(), text(), received.Add(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	at := func(s int) time.Time { return received.Add(time.Duration(s) * time.Second) }
	want := []outbox.Sent{
		{ProviderID: "SM1", Rank: message.RankDelivered, CreatedAt: at(9)},
		{ProviderID: "SM5", Rank: message.RankQueued, CreatedAt: at(5)},
		{ProviderID: "SM6", Rank: message.RankAccepted, CreatedAt: at(4)},
		{ProviderID: "SM7", Rank: message.RankFailed, CreatedAt: at(0)},
		{ProviderID: "SM8", Rank: message.RankDelivered, CreatedAt: at(0)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(p.calls) != 2 {
		t.Errorf("%d pages were asked for, want 2", len(p.calls))
	}
	if first := p.calls[0]; first.method != http.MethodGet || first.user != account || first.query.Get("To") != "+526671234567" || first.query.Has("From") {
		t.Errorf("asked %+v", first)
	}
}

func TestFindAsksForOurNumber(t *testing.T) {
	t.Parallel()
	p := newProvider(t, list(t, nil))
	m := message.Outbound{From: "+525511223344", To: message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, Body: "hola"}
	got, err := p.client(t, nil).Find(t.Context(), m, received)
	if err != nil || len(got) != 0 {
		t.Fatalf("Find = %v, %v", got, err)
	}
	want := url.Values{"To": {"whatsapp:+5216671234567"}, "From": {"whatsapp:+525511223344"}, "PageSize": {"50"}}
	if diff := cmp.Diff(want, p.only(t).query); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFindOfATemplateMatchesAnyBody(t *testing.T) {
	t.Parallel()
	p := newProvider(t, list(t, []map[string]any{listed("SM1", "Hola Ana, tu vale…", 1, nil)}))
	m := text()
	m.To.Channel, m.Template, m.Body = message.WhatsApp, "HXvale", ""
	if got, err := p.client(t, nil).Find(t.Context(), m, received); err != nil || len(got) != 1 {
		t.Errorf("Find = %v, %v", got, err)
	}
}

func TestFindNeverLeavesTheApi(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"https://evil.example/x", "//evil.example/x", "x"} {
		p := newProvider(t, answer(http.StatusOK, fmt.Sprintf(`{"messages":[{"sid":"SM1","direction":"inbound"}],"next_page_uri":%q}`, next)))
		if _, err := p.client(t, nil).Find(t.Context(), text(), received); err != nil {
			t.Errorf("%s: %v", next, err)
		}
		p.only(t)
	}
}

func TestFindStopsAfterAFewPages(t *testing.T) {
	t.Parallel()
	p := newProvider(t, answer(http.StatusOK, `{"messages":[{"sid":"SM1","direction":"inbound"}],"next_page_uri":"/again"}`))
	if _, err := p.client(t, nil).Find(t.Context(), text(), received); err != nil {
		t.Fatal(err)
	}
	if len(p.calls) != 4 {
		t.Errorf("%d pages", len(p.calls))
	}
}

func TestFindFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		want   message.Class
	}{
		{429, `{"code":20429}`, message.Safe}, {401, `{"code":20003}`, message.Config}, {503, "<html>", message.Ambiguous}, {200, "<html>", message.Defer},
	} {
		p := newProvider(t, answer(c.status, c.body))
		if _, err := p.client(t, nil).Find(t.Context(), text(), received); message.ClassOf(err) != c.want || err == nil {
			t.Errorf("HTTP %d: %v", c.status, err)
		}
	}
	p := newProvider(t, answer(200, "{}"))
	if _, err := p.client(t, nil).Find(t.Context(), message.Outbound{From: service}, received); message.ClassOf(err) != message.Fatal {
		t.Errorf("without a recipient: %v", err)
	}
	p.Close()
	if _, err := p.client(t, func(c *twilio.Config) { c.HTTP = nil }).Find(t.Context(), text(), received); message.ClassOf(err) != message.Safe || err == nil {
		t.Errorf("closed: %v", err)
	}
}
