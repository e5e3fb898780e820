package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/message"
)

// The first is the example of Twilio's documentation; the sums were checked with
// openssl dgst -sha1 -hmac.
func TestTwilioSignature(t *testing.T) {
	t.Parallel()
	form := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	link := "https://mycompany.com/myapp.php?foo=1&bar=2"
	if got := twilioSignature("12345", link, form); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Errorf("signed %s", got)
	}
	twice := url.Values{"A": {"2", "1", "2"}}
	once := url.Values{"A": {"1", "2"}}
	if twilioSignature("k", link, twice) != twilioSignature("k", link, once) {
		t.Error("repeated values are not folded")
	}
}

func TestMessageReachesItsPhoneAndTellsItsStatuses(t *testing.T) {
	t.Parallel()
	v := open(t)
	res, out, err := v.rest(v.sms("Hola"))
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatal(res, err)
	}
	want := map[string]any{
		"status": "queued", "to": ana, "from": ours, "body": "Hola", "num_segments": "1", "direction": "outbound-api",
		"account_sid": account, "error_code": nil, "date_created": "Mon, 02 Mar 2026 16:00:00 +0000",
	}
	for key, value := range want {
		if out[key] != value {
			t.Errorf("%s = %v, want %v", key, out[key], value)
		}
	}
	id, _ := out["sid"].(string)
	for _, status := range []string{"sent", "delivered"} {
		h := v.next()
		if h.Query != "a=1&m=m1" || h.Form.Get("MessageSid") != id || h.Form.Get("MessageStatus") != status {
			t.Errorf("heard %+v, want %s", h, status)
		}
	}
	got := v.messages(ana)
	if len(got) != 1 || got[0].ID != id || got[0].Status != "delivered" || got[0].SMS.Units != 4 || got[0].SMS.Per != 160 {
		t.Errorf("phone shows %+v", got)
	}
	v.quiet()
}

func TestWhatsAppButtonsAndTemplates(t *testing.T) {
	t.Parallel()
	v := open(t)
	wa := func(more ...string) {
		form := v.sms("", append([]string{"To", "whatsapp:+5216671234567", "From", "whatsapp:" + ours, "StatusCallback", ""}, more...)...)
		if res, out, err := v.rest(form); err != nil || res.StatusCode != 201 {
			t.Fatal(out, err)
		}
	}
	wa("ContentSid", ButtonTemplate(2), "ContentVariables", `{"1":"¿Lo aceptas?","2":"Sí","3":"q:si","4":"No","5":"q:no"}`)
	wa("ContentSid", "HXrecordatorio", "ContentVariables", `{"1":"Ana","2":"$487.50"}`)
	wa("ContentSid", "HXotra", "ContentVariables", `{"1":"x"}`)
	got := v.messages(ana)
	if len(got) != 3 {
		t.Fatalf("phone shows %d", len(got))
	}
	if diff := cmp.Diff([]message.Choice{{ID: "q:si", Label: "Sí"}, {ID: "q:no", Label: "No"}}, got[0].Choices); diff != "" || got[0].Body != "¿Lo aceptas?" || got[0].SMS != nil {
		t.Errorf("%+v %s", got[0], diff)
	}
	if got[1].Body != "Hola Ana, te toca $487.50." || !strings.Contains(got[2].Body, "HXotra") {
		t.Errorf("templates %q %q", got[1].Body, got[2].Body)
	}
}

func TestTwilioRefusesWhatTwilioRefuses(t *testing.T) {
	t.Parallel()
	v := open(t)
	for code, form := range map[float64]url.Values{
		21604: v.sms("x", "To", ""),
		21211: v.sms("x", "To", "667"),
		21603: v.sms("x", "From", ""),
		21602: v.sms(""),
		21617: v.sms(strings.Repeat("x", 1601)),
		21619: v.sms("x", "ValidityPeriod", "0"),
		21656: v.sms("x", "ContentSid", "HXrecordatorio", "ContentVariables", "{"),
		63007: v.sms("x", "To", "whatsapp:"+ana),
	} {
		res, out, err := v.rest(form)
		if err != nil || res.StatusCode != 400 || out["code"] != code {
			t.Errorf("%v: answered %v %v", code, out, err)
		}
	}
	v.quiet()
}

func TestTwilioChecksWhoAsks(t *testing.T) {
	t.Parallel()
	v := open(t)
	for name, c := range map[string]struct {
		user, password, account string
		status                  int
	}{
		"account":       {account, token, account, 200},
		"key":           {"SK1", token, account, 200},
		"wrong token":   {account, "x", account, 401},
		"stranger":      {"luis", token, account, 401},
		"other account": {account, token, "AC2", 404},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.web.URL+"/sandbox/twilio/2010-04-01/Accounts/"+c.account+"/Messages.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(c.user, c.password)
		if got := v.do(r, nil); got != c.status {
			t.Errorf("%s answered %d", name, got)
		}
	}
}

func TestListFindsWhatWasTaken(t *testing.T) {
	t.Parallel()
	v := open(t)
	for _, body := range []string{"uno", "dos", "tres"} {
		if _, _, err := v.rest(v.sms(body, "StatusCallback", "")); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := v.rest(v.sms("otra", "To", maria, "StatusCallback", "")); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		v.web.URL+"/sandbox/twilio/2010-04-01/Accounts/"+account+"/Messages.json?PageSize=2&To="+url.QueryEscape(ana)+"&From="+url.QueryEscape(ours), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(account, token)
	var page struct{ Messages []struct{ Body string } }
	if v.do(r, &page) != 200 || len(page.Messages) != 2 || page.Messages[0].Body != "tres" || page.Messages[1].Body != "dos" {
		t.Errorf("listed %+v", page)
	}
}

func TestTwilioFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what     Mischief
		status   int     // 0: no answer that can be read
		code     float64 // Twilio's
		arrives  bool
		statuses string
	}{
		{Twilio500, 500, 20500, false, ""},
		{TwilioBusy, 429, 20429, false, ""},
		{TwilioOptOut, 400, 21610, false, ""},
		{TwilioHTML, 0, 0, true, "sent delivered"},
		{TwilioCut, 0, 0, true, "sent delivered"},
		{TwilioLoses, 201, 0, false, ""},
		{TwilioUnreached, 201, 0, true, "sent undelivered30003"},
		{StatusTwice, 201, 0, true, "sent sent delivered delivered"},
		{StatusDisordered, 201, 0, true, "delivered sent"},
		{StatusLost, 201, 0, true, ""},
	} {
		t.Run(string(c.what), func(t *testing.T) {
			t.Parallel()
			v := open(t)
			v.menu.Set(c.what, 1)
			res, out, err := v.rest(v.sms("Hola"))
			if (c.status == 0) != (err != nil) || err == nil && res.StatusCode != c.status {
				t.Fatalf("answered %v %v %v", res, out, err)
			}
			if code, _ := out["code"].(float64); code != c.code {
				t.Errorf("code %v", out["code"])
			}
			for want := range strings.FieldsSeq(c.statuses) {
				if h := v.next(); h.Form.Get("MessageStatus")+h.Form.Get("ErrorCode") != want {
					t.Errorf("heard %v, want %s", h.Form, want)
				}
			}
			if arrived := len(v.messages(ana)) == 1; arrived != c.arrives {
				t.Errorf("arrived: %t", arrived)
			}
			if len(v.menu.State()) != 0 {
				t.Errorf("still on the menu: %v", v.menu.State())
			}
			v.quiet()
		})
	}
}

func TestWhatsAppWindowFault(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.menu.Set(TwilioWindow, 1)
	form := v.sms("x", "To", "whatsapp:"+ana, "From", "whatsapp:"+ours)
	if _, _, err := v.rest(form); err != nil {
		t.Fatal(err)
	}
	if h := v.next(); h.Form.Get("MessageStatus") != "failed" || h.Form.Get("ErrorCode") != "63016" {
		t.Errorf("heard %+v", h)
	}
	v.quiet()
}

func TestTypingBecomesASignedWebhook(t *testing.T) {
	t.Parallel()
	v := open(t)
	m := v.Type(maria, Draft{Text: "VALE 6671234567 3000 8"})
	h := v.next()
	if m.Status != "delivered" || h.Path != "/webhooks/twilio/inbound" || h.Form.Get("Body") != m.Body ||
		h.Form.Get("From") != maria || h.Form.Get("To") != ours || h.Form.Get("MessageSid") != m.ID || h.Form.Get("AccountSid") != account {
		t.Errorf("typed %+v, heard %+v", m, h.Form)
	}
	if _, sent := h.Form["FromCity"]; !sent {
		t.Error("Twilio sends empty geo fields too")
	}
	v.quiet()
}

func TestWhatsAppIsAddressedAsWhatsAppDoes(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.Type(ana, Draft{Text: "hola", Channel: message.WhatsApp})
	h := v.next()
	want := map[string]string{"From": "whatsapp:+5216671234567", "To": "whatsapp:" + ours, "WaId": "5216671234567", "ProfileName": "Ana Ruiz", "MessageType": "text"}
	for key, value := range want {
		if h.Form.Get(key) != value {
			t.Errorf("%s = %q, want %q", key, h.Form.Get(key), value)
		}
	}
	v.quiet()
}

func TestTaps(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.phones.add(Message{ID: "SMlist", Phone: ana, Choices: make([]message.Choice, 5)})
	v.Type(ana, Draft{Channel: message.WhatsApp, Tap: "q:si", Label: "Sí", RepliesA: "SMb"})
	h := v.next()
	if h.Form.Get("ButtonPayload") != "q:si" || h.Form.Get("ButtonText") != "Sí" || h.Form.Get("MessageType") != "button" ||
		h.Form.Get("Body") != "Sí" || h.Form.Get("OriginalRepliedMessageSid") != "SMb" {
		t.Errorf("button: %+v", h.Form)
	}
	v.Type(ana, Draft{Channel: message.WhatsApp, Tap: "q:4", Label: "4 quincenas", RepliesA: "SMlist"})
	h = v.next()
	if h.Form.Get("ListId") != "q:4" || h.Form.Get("ListTitle") != "4 quincenas" || h.Form.Get("MessageType") != "interactive" {
		t.Errorf("row: %+v", h.Form)
	}
	v.quiet()
}

func TestMedia(t *testing.T) {
	t.Parallel()
	v := open(t)
	for media, want := range map[string]string{"photo": "image/jpeg", "voice": "audio/ogg", "location": ""} {
		v.Type(ana, Draft{Media: media, Channel: message.WhatsApp})
		h := v.next()
		if h.Form.Get("MediaContentType0") != want || (want == "") != (h.Form.Get("Latitude") != "") {
			t.Errorf("%s: %+v", media, h.Form)
		}
	}
	v.quiet()
}

func TestWebhookIsDeliveredAgainUntilTaken(t *testing.T) {
	t.Parallel()
	v := open(t)
	tries := 0
	v.answers(func(heard) int {
		if tries++; tries < 3 {
			return 503
		}
		return 200
	})
	m := v.Type(ana, Draft{Text: "si"})
	if m.Status != "sending" {
		t.Errorf("status %s", m.Status)
	}
	for range 3 {
		if h := v.next(); h.Form.Get("MessageSid") != m.ID {
			t.Errorf("delivered %s", h.Form.Get("MessageSid"))
		}
	}
	v.until(func() bool { return v.messages(ana)[0].Status == "delivered" })
	v.quiet()
}

func TestWebhookIsGivenUp(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.answers(func(heard) int { return 500 })
	v.Type(ana, Draft{Text: "si"})
	for range 1 + len(v.Retry) + 1 { // the first, those after each wait, and the last
		v.next()
	}
	v.until(func() bool { return v.messages(ana)[0].Status == "failed" })
	v.quiet()
}

func TestWebhookTwice(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.menu.Set(WebhookTwice, 1)
	m := v.Type(ana, Draft{Text: "si"})
	for range 2 {
		if h := v.next(); h.Form.Get("MessageSid") != m.ID {
			t.Errorf("delivered %s", h.Form.Get("MessageSid"))
		}
	}
	v.quiet()
}

func TestSignatureHoldsForThePublicAddress(t *testing.T) {
	t.Parallel()
	v := open(t, func(c *Config) { c.DeliverURL, c.PublicURL = c.PublicURL, "https://vales.example/entrada" })
	v.Type(ana, Draft{Text: "si"})
	h := <-v.heard // its path is the delivery's, its signature the public one
	if h.Path != "/webhooks/twilio/inbound" || !h.Signed {
		t.Errorf("heard %+v", h)
	}
	v.quiet()
}
