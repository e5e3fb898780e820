package twilio_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
)

func TestSinceReadsEveryPage(t *testing.T) {
	t.Parallel()
	p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"messages":[
		 {"sid":"SM1","account_sid":"` + account + `","from":"+526671234567","to":"+525511223344","body":"sí","direction":"inbound","status":"received","num_media":"0","date_created":"Mon, 31 Aug 2026 14:30:00 +0000"},
		 {"sid":"SM2","direction":"outbound-api","status":"delivered","error_code":null},
		 {"sid":"SM3","direction":"outbound-api","status":"undelivered","error_code":30005},
		 {"direction":"inbound"},7,{"sid":"SM9","direction":"outbound-api","status":"receiving"}],"next_page_uri":"/next?Page=1"}`
		if r.URL.Path == "/next" {
			body = `{"messages":[{"sid":"MM4","account_sid":"` + account + `","from":"whatsapp:+5216671234567","to":"whatsapp:+525511223344","body":"","direction":"inbound","num_media":"1","date_created":"mal"}],"next_page_uri":null}`
		}
		answer(200, body)(w, r)
	})
	got, err := p.client(t, nil).Since(t.Context(), received.Add(-time.Hour), received)
	if err != nil {
		t.Fatal(err)
	}
	wantIn := []message.Inbound{
		{ProviderID: "SM1", From: message.Address{Channel: message.SMS, Value: "+526671234567"}, To: message.Address{Channel: message.SMS, Value: "+525511223344"}, Kind: message.Text, Body: "sí", ReceivedAt: received.Add(-30*time.Minute + time.Second)},
		{ProviderID: "MM4", From: message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, To: message.Address{Channel: message.WhatsApp, Value: "+525511223344"}, Kind: message.Unsupported, ReceivedAt: received},
	}
	for i := range wantIn {
		wantIn[i].Provider, wantIn[i].Account = twilio.Provider, account
	}
	if diff := cmp.Diff(wantIn, got.Inbound, cmpopts.IgnoreFields(message.Inbound{}, "Raw")); diff != "" {
		t.Error(diff)
	}
	wantStatus := []message.Status{
		{Provider: twilio.Provider, ProviderID: "SM2", Rank: message.RankDelivered, At: received},
		{Provider: twilio.Provider, ProviderID: "SM3", Rank: message.RankFailed, Code: 30005, Class: message.BadNumber, At: received},
	}
	if diff := cmp.Diff(wantStatus, got.Statuses); diff != "" {
		t.Error(diff)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if q := p.calls[0].query; q.Get("DateSent>") != "2026-08-31T14:00:00Z" || q.Get("PageSize") != "1000" || len(p.calls) != 2 {
		t.Errorf("%d calls, first %v", len(p.calls), q)
	}
}

// A reading that broke in the middle is none: the mark must not move past it.
func TestSinceFailures(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{"down": answer(500, ""), "HTML": answer(200, "<html>"), "unauthorized": answer(401, `{"code":20003}`)} {
		if got, err := newProvider(t, h).client(t, nil).Since(t.Context(), received, received); err == nil || len(got.Inbound) != 0 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}
