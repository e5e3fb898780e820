package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"valebot/internal/message"
)

// withCloud gives the village WhatsApp by Meta's API.
func withCloud(c *Config) {
	c.Cloud = &CloudConfig{PhoneID: "105", AccountID: "205", Token: token, AppSecret: secret, Templates: map[string]string{"recordatorio": "Hola {{1}}, te toca {{2}}."}}
}

// graph makes a call to the stand-in as the server would.
func (v *village) graph(method, path, body string) (int, map[string]any) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.web.URL+"/sandbox/whatsapp"+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
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

const hello = `{"messaging_product":"whatsapp","to":"5216671234567","type":"text","text":{"body":"hola"},"biz_opaque_callback_data":"m1:1"}`

// dig walks into JSON by keys, taking the first of each list.
func dig(v any, path ...string) any {
	for _, key := range path {
		if list, ok := v.([]any); ok {
			if len(list) == 0 {
				return nil
			}
			v = list[0]
		}
		m, _ := v.(map[string]any)
		v = m[key]
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	return v
}

func TestCloudTakesAndTells(t *testing.T) {
	t.Parallel()
	v := open(t, withCloud)
	status, out := v.graph(http.MethodPost, "/105/messages", hello)
	id, _ := dig(out, "messages", "id").(string)
	if status != 200 || !strings.HasPrefix(id, "wamid.") {
		t.Fatalf("HTTP %d %v", status, out)
	}
	if got := v.messages(ana); len(got) != 1 || got[0].Body != "hola" || got[0].Channel != message.WhatsApp {
		t.Errorf("Ana's phone: %+v", got)
	}
	for _, want := range []string{"sent", "delivered", "read"} {
		h := v.next()
		s := dig(h.JSON, "entry", "changes", "value", "statuses")
		if h.Path != pathCloud || dig(s, "status") != want || dig(s, "biz_opaque_callback_data") != "m1:1" || dig(s, "id") != id {
			t.Errorf("%s: %v", want, h.JSON)
		}
	}
}

func TestCloudRefuses(t *testing.T) {
	t.Parallel()
	v := open(t, withCloud)
	long := strings.Repeat("x", 21)
	for body, code := range map[string]float64{
		`{`: 100,
		`{"messaging_product":"whatsapp","to":"5216671234567","type":"holograma"}`:                                                                                                                          131051,
		`{"messaging_product":"whatsapp","to":"52","type":"text","text":{"body":"hola"}}`:                                                                                                                   131009,
		`{"messaging_product":"whatsapp","to":"5216671234567","type":"text","text":{"body":""}}`:                                                                                                            131009,
		`{"messaging_product":"whatsapp","to":"5216671234567","type":"text","text":{"body":"` + strings.Repeat("x", 4097) + `"}}`:                                                                           131009,
		`{"messaging_product":"whatsapp","to":"5216671234567","type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[{"reply":{"id":"a","title":"` + long + `"}}]}}}`: 131009,
		`{"messaging_product":"whatsapp","to":"5216671234567","type":"template","template":{"name":"recordatorio","components":[{"type":"body","parameters":[{"text":"Ana"}]}]}}`:                           132000,
	} {
		if status, out := v.graph(http.MethodPost, "/105/messages", body); status != 400 || dig(out, "error", "code") != code {
			t.Errorf("%.80s: HTTP %d %v, want %v", body, status, out, code)
		}
	}
	if status, _ := v.graph(http.MethodPost, "/999/messages", hello); status != 400 {
		t.Errorf("another number: HTTP %d", status)
	}
	if got := v.messages(ana); len(got) != 0 {
		t.Errorf("shown %+v", got)
	}
}

func TestCloudTemplatesAndButtons(t *testing.T) {
	t.Parallel()
	v := open(t, withCloud)
	v.graph(http.MethodPost, "/105/messages", `{"messaging_product":"whatsapp","to":"5216671234567","type":"template","template":{"name":"recordatorio","components":[{"type":"body","parameters":[{"text":"Ana"},{"text":"$487"}]}]}}`)
	v.graph(http.MethodPost, "/105/messages", `{"messaging_product":"whatsapp","recipient":"MX.77","type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[{"reply":{"id":"q:si","title":"Sí"}}]}}}`)
	if got := v.messages(ana); len(got) != 1 || got[0].Body != "Hola Ana, te toca $487." {
		t.Errorf("%+v", got)
	}
	if got := v.messages("MX.77"); len(got) != 1 || len(got[0].Choices) != 1 || got[0].Choices[0].ID != "q:si" {
		t.Errorf("%+v", got)
	}
	status, out := v.graph(http.MethodGet, "/205/message_templates", "")
	if status != 200 || dig(out, "data", "name") != "recordatorio" || dig(out, "data", "status") != "APPROVED" {
		t.Errorf("HTTP %d %v", status, out)
	}
}

func TestPhoneWritesByCloud(t *testing.T) {
	t.Parallel()
	v := open(t, withCloud, func(c *Config) { c.Base = "http://aqui.test/sandbox" })
	v.Type(ana, Draft{Text: "hola", Channel: message.WhatsApp})
	h := v.next()
	m := dig(h.JSON, "entry", "changes", "value", "messages")
	if h.Path != pathCloud || dig(m, "text", "body") != "hola" || dig(m, "from") != "5216671234567" {
		t.Errorf("%v", h.JSON)
	}
	v.Type(ana, Draft{Tap: "q:si", Label: "Sí", RepliesA: "wamid.Q", Channel: message.WhatsApp})
	m = dig(v.next().JSON, "entry", "changes", "value", "messages")
	if dig(m, "interactive", "button_reply", "id") != "q:si" || dig(m, "context", "id") != "wamid.Q" {
		t.Errorf("%v", m)
	}
	v.Type(ana, Draft{Media: "photo", Channel: message.WhatsApp})
	m = dig(v.next().JSON, "entry", "changes", "value", "messages")
	id, _ := dig(m, "image", "id").(string)
	status, where := v.graph(http.MethodGet, "/"+id, "")
	if link, _ := where["url"].(string); status != 200 || !strings.HasPrefix(link, "http://aqui.test/sandbox/whatsapp/files/0/") {
		t.Errorf("HTTP %d %v", status, where)
	}
	v.Type(ana, Draft{Media: "location", Channel: message.WhatsApp})
	if m = dig(v.next().JSON, "entry", "changes", "value", "messages"); dig(m, "location", "latitude") != 24.8091 {
		t.Errorf("%v", m)
	}
	v.Type(ana, Draft{Text: "hola", Channel: message.SMS})
	if h := v.next(); h.Path != pathInbound {
		t.Errorf("SMS went to %s", h.Path)
	}
}

func TestCloudMischief(t *testing.T) {
	t.Parallel()
	v := open(t, withCloud)
	for what, want := range map[Mischief]float64{Twilio500: 131000, TwilioBusy: 130429, TwilioOptOut: 131050} {
		v.menu.Set(what, 1)
		if status, out := v.graph(http.MethodPost, "/105/messages", hello); status < 400 || dig(out, "error", "code") != want {
			t.Errorf("%s: HTTP %d %v", what, status, out)
		}
	}
	v.menu.Set(TwilioWindow, 1)
	v.graph(http.MethodPost, "/105/messages", hello)
	if s := dig(v.next().JSON, "entry", "changes", "value", "statuses"); dig(s, "status") != "failed" || dig(s, "errors", "code") != 131047.0 {
		t.Errorf("%v", s)
	}
	v.menu.Set(TwilioUnreached, 1)
	v.graph(http.MethodPost, "/105/messages", hello)
	if s := dig(v.next().JSON, "entry", "changes", "value", "statuses"); dig(s, "errors", "code") != 131026.0 {
		t.Errorf("%v", s)
	}
	v.menu.Set(TwilioJSON, 1)
	if status, out := v.graph(http.MethodPost, "/105/messages", hello); status != 201 || out != nil {
		t.Errorf("HTTP %d %v", status, out)
	}
}
