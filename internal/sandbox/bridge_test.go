package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"valebot/internal/message"
	"valebot/internal/rail"
)

func withGateway(c *Config) {
	c.Gateway = &GatewayConfig{Keys: rail.Keys{secret}, Channel: message.SMS}
}

// gate makes a signed call to the reference gateway.
func (v *village) gate(method, path, key, body string, keys rail.Keys) (int, map[string]any) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.web.URL+"/sandbox/gateway"+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if key != "" {
		r.Header.Set(rail.HeaderIdempotency, key)
	}
	keys.Sign(r, []byte(body), time.Now())
	res, err := v.web.Client().Do(r)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	var out map[string]any
	_ = json.Unmarshal(raw, &out)
	return res.StatusCode, out
}

const letter = `{"id":"m1","attempt":1,"channel":"sms","to":"+526671234567","text":"hola","lane":"reply"}`

func TestGatewayTakesAKeyOnce(t *testing.T) {
	t.Parallel()
	v := open(t, withGateway)
	status, first := v.gate(http.MethodPost, "/messages", "m1:1", letter, rail.Keys{secret})
	again, second := v.gate(http.MethodPost, "/messages", "m1:1", letter, rail.Keys{secret})
	other, _ := v.gate(http.MethodPost, "/messages", "m1:1", strings.Replace(letter, "hola", "adios", 1), rail.Keys{secret})
	if status != 202 || again != 200 || other != 409 || first["id"] == "" || first["id"] != second["id"] {
		t.Errorf("%d %v, %d %v, %d", status, first, again, second, other)
	}
	if got := v.messages(ana); len(got) != 1 || got[0].Body != "hola" {
		t.Errorf("Ana's phone: %+v", got)
	}
	for _, want := range []string{"sent", "delivered"} {
		if h := v.next(); h.Path != pathGateway || h.JSON["status"] != want || h.JSON["message"] != "m1" || h.JSON["id"] != first["id"] {
			t.Errorf("%s: %v", want, h.JSON)
		}
	}
	if status, out := v.gate(http.MethodGet, "/messages/m1:1", "", "", rail.Keys{secret}); status != 200 || out["id"] != first["id"] {
		t.Errorf("asked: %d %v", status, out)
	}
	if status, _ := v.gate(http.MethodGet, "/messages/m1:2", "", "", rail.Keys{secret}); status != 404 {
		t.Errorf("asked for what never came: %d", status)
	}
}

func TestGatewayRefuses(t *testing.T) {
	t.Parallel()
	v := open(t, withGateway)
	if status, _ := v.gate(http.MethodPost, "/messages", "m1:1", letter, rail.Keys{"otro-secreto-cualquiera"}); status != 403 {
		t.Errorf("unsigned: %d", status)
	}
	for body, want := range map[string]string{
		strings.Replace(letter, "sms", "whatsapp", 1):      "not_on_channel",
		strings.Replace(letter, "+526671234567", "ana", 1): "bad_number",
		strings.Replace(letter, "hola", "", 1):             "content",
	} {
		if status, out := v.gate(http.MethodPost, "/messages", "m1:1", body, rail.Keys{secret}); status != 422 || out["reason"] != want {
			t.Errorf("%s: %d %v", want, status, out)
		}
	}
	for what, want := range map[Mischief]int{Twilio500: 500, TwilioBusy: 429, TwilioOptOut: 422} {
		v.menu.Set(what, 1)
		if status, _ := v.gate(http.MethodPost, "/messages", "m9:1", letter, rail.Keys{secret}); status != want {
			t.Errorf("%s: %d", what, status)
		}
	}
	if status, _ := v.gate(http.MethodPost, "/messages", "", letter, rail.Keys{secret}); status != 400 {
		t.Errorf("without a key: %d", status)
	}
}

func TestPhoneWritesByGateway(t *testing.T) {
	t.Parallel()
	v := open(t, withGateway)
	v.Type(ana, Draft{Text: "hola", Channel: message.SMS})
	if h := v.next(); h.Path != pathGateway || h.JSON["text"] != "hola" || h.JSON["from"] != ana || h.JSON["event"] != "message" {
		t.Errorf("%v", h.JSON)
	}
	v.Type(ana, Draft{Media: "photo", Channel: message.SMS})
	file, _ := dig(v.next().JSON, "media", "id").(string)
	if status, _ := v.gate(http.MethodGet, "/media/"+file, "", "", rail.Keys{secret}); status != 200 {
		t.Errorf("file %q: %d", file, status)
	}
	v.Type(ana, Draft{Media: "location", Channel: message.SMS})
	if h := v.next(); dig(h.JSON, "place", "latitude") != 24.8091 {
		t.Errorf("%v", h.JSON)
	}
	v.Type(ana, Draft{Text: "hola", Channel: message.WhatsApp})
	if h := v.next(); h.Path != pathInbound {
		t.Errorf("WhatsApp went to %s", h.Path)
	}
}

// What is forged, cut, swollen or of another time reaches the server first, and
// the message itself after it, unharmed.
func TestWebhookMischief(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){"twilio": func(*Config) {}, "gateway": withGateway} {
		for _, what := range []Mischief{WebhookForged, WebhookCut, WebhookHuge} {
			v := open(t, change)
			v.menu.Set(what, 1)
			v.Type(ana, Draft{Text: "hola", Channel: message.SMS})
			first, second := <-v.heard, v.next()
			if first.Signed || first.Path != second.Path || second.JSON["text"] != "hola" && second.Form.Get("Body") != "hola" {
				t.Errorf("%s, %s: %+v then %+v", name, what, first, second)
			}
			v.quiet()
		}
	}
	v := open(t, withGateway)
	v.menu.Set(ClockJumps, 1)
	v.answers(func(h heard) int {
		if !h.Signed {
			return 403
		}
		return 200
	})
	v.Type(ana, Draft{Text: "hola", Channel: message.SMS})
	if first, second := <-v.heard, v.next(); first.Signed || second.JSON["text"] != "hola" {
		t.Errorf("late clock: %+v then %+v", first, second)
	}
}

func TestWebhookOrderMischief(t *testing.T) {
	t.Parallel()
	for what, want := range map[Mischief]string{WebhookReordered: "dos uno tres", WebhookReplayed: "uno dos uno tres"} {
		v := open(t)
		v.menu.Set(what, 1)
		var got []string
		for _, text := range []string{"uno", "dos", "tres"} {
			v.Type(ana, Draft{Text: text, Channel: message.SMS})
		}
		for range strings.Fields(want) {
			got = append(got, v.next().Form.Get("Body"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", what, got, want)
		}
		v.quiet()
	}
}

func TestStatusMischief(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.menu.Set(StatusEarly, 1)
	if _, _, err := v.rest(v.sms("hola")); err != nil {
		t.Fatal(err)
	}
	if got := v.next().Form.Get("MessageStatus") + v.next().Form.Get("MessageStatus"); got != "deliveredsent" {
		t.Errorf("early: %s", got)
	}
	v.next()
	v.menu.Set(StatusRevived, 1)
	if _, _, err := v.rest(v.sms("hola")); err != nil {
		t.Fatal(err)
	}
	var words []string
	for range 3 {
		words = append(words, v.next().Form.Get("MessageStatus"))
	}
	if strings.Join(words, " ") != "sent failed delivered" {
		t.Errorf("revived: %v", words)
	}
	v.menu.Set(StatusUnknown, 1)
	if _, _, err := v.rest(v.sms("hola")); err != nil {
		t.Fatal(err)
	}
	strangers := 0
	for range 3 {
		if strings.Contains(v.next().Query, "0190a0b0-0000-7000-8000-000000000000") {
			strangers++
		}
	}
	if strangers != 1 {
		t.Errorf("%d statuses of a stranger", strangers)
	}
}

func TestWeather(t *testing.T) {
	t.Parallel()
	menu := NewMenu()
	way := menu.Weather(http.DefaultTransport)
	for what, want := range map[Mischief]string{NetworkNoName: "no such host", NetworkExpired: "expired"} {
		menu.Set(what, 1)
		r, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1:1/", nil)
		res, err := way.RoundTrip(r)
		if err == nil {
			_ = res.Body.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
