package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// meta is Meta's Cloud API and the WhatsApp of everybody's phones, written from
// the documents alone.
type meta struct {
	t    *testing.T
	web  *httptest.Server
	town *town

	mu     sync.Mutex
	news   chan waMessage
	next   int
	refuse int // error code of the next answers; 0 for none
}

// waMessage is one message that reached a phone.
type waMessage struct {
	ID, To, Type, Body, Opaque string
	Taps                       []string // ids
}

const (
	metaPhone  = "105550000000001"
	metaToken  = "token-de-meta-0001"
	metaSecret = "secreto-de-la-app-0001"
	anaWA      = "5216671234567"
)

func newMeta(t *testing.T) *meta {
	t.Helper()
	m := &meta{t: t, news: make(chan waMessage, 100)}
	m.web = httptest.NewServer(http.HandlerFunc(m.take))
	t.Cleanup(m.web.Close)
	return m
}

// use points the program at this world.
func (m *meta) use(c *Config) {
	c.WhatsAppPhoneID, c.WhatsAppToken, c.WhatsAppSecret, c.WhatsAppVerify = metaPhone, metaToken, metaSecret, "palabra-acordada"
	c.WhatsAppAPIURL = m.web.URL + "/v24.0"
}

// open starts the program in this world.
func (m *meta) open() *town {
	m.t.Helper()
	m.town = newTown(m.t, m.use)
	return m.town
}

func (m *meta) take(w http.ResponseWriter, r *http.Request) {
	var in struct {
		To     string `json:"to"`
		Type   string `json:"type"`
		Opaque string `json:"biz_opaque_callback_data"`
		Text   struct {
			Body string `json:"body"`
		} `json:"text"`
		Interactive struct {
			Body struct {
				Text string `json:"text"`
			} `json:"body"`
			Action struct {
				Buttons []struct {
					Reply struct {
						ID string `json:"id"`
					} `json:"reply"`
				} `json:"buttons"`
			} `json:"action"`
		} `json:"interactive"`
	}
	if r.URL.Path != "/v24.0/"+metaPhone+"/messages" || r.Header.Get("Authorization") != "Bearer "+metaToken || json.NewDecoder(r.Body).Decode(&in) != nil {
		m.t.Errorf("%s %s", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse != 0 {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":{"code":%d}}`, m.refuse)
		return
	}
	m.next++
	out := waMessage{ID: fmt.Sprint("wamid.", m.next), To: in.To, Type: in.Type, Body: in.Text.Body + in.Interactive.Body.Text, Opaque: in.Opaque}
	for _, b := range in.Interactive.Action.Buttons {
		out.Taps = append(out.Taps, b.Reply.ID)
	}
	m.news <- out
	_, _ = fmt.Fprintf(w, `{"messages":[{"id":%q}]}`, out.ID)
}

// post delivers a webhook and returns the status.
func (m *meta) post(value, secret string) int {
	body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"525550000000","phone_number_id":%q},%s}}]}]}`, metaPhone, value)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, m.town.url(whatsAppPath), strings.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// says has Ana send a content, and checks that it was stored.
func (m *meta) says(id, content string) {
	m.t.Helper()
	value := fmt.Sprintf(`"contacts":[{"wa_id":%[1]q,"profile":{"name":"Ana"}}],"messages":[{"from":%[1]q,"id":%[2]q,"timestamp":"%[3]d",%[4]s}]`, anaWA, id, m.town.app.clock.Now().Unix(), content)
	if status := m.post(value, metaSecret); status != 200 {
		m.t.Fatalf("%s: HTTP %d", id, status)
	}
}

func (m *meta) writes(id, text string) {
	m.t.Helper()
	m.says(id, fmt.Sprintf(`"type":"text","text":{"body":%q}`, text))
}

// hears waits for the next message to anybody and checks a part of it.
func (m *meta) hears(part string) waMessage {
	m.t.Helper()
	select {
	case got := <-m.news:
		if !strings.Contains(got.Body, part) || got.To != anaWA {
			m.t.Fatalf("%s hears %q, want %q", got.To, got.Body, part)
		}
		return got
	case <-time.After(patience):
		m.t.Fatalf("nobody hears %q", part)
		return waMessage{}
	}
}

func (m *meta) status(of waMessage, word string, more string) int {
	return m.post(fmt.Sprintf(`"statuses":[{"id":%q,"status":%q,"timestamp":"1772467200","recipient_id":%q,"biz_opaque_callback_data":%q%s}]`, of.ID, word, anaWA, of.Opaque, more), metaSecret)
}

// A vale that was offered by SMS is accepted by WhatsApp over Meta's own API,
// with buttons; what comes twice, out of order or forged changes nothing.
func TestTheWholeWayByMetasAPI(t *testing.T) {
	t.Parallel()
	m := newMeta(t)
	v := m.open()
	v.authorise(ana, "3000")
	m.writes("in.1", "sí")
	m.hears("fecha de nacimiento")
	m.writes("in.2", "05/03/1990")
	question := m.hears("")
	if question.Type != "interactive" || len(question.Taps) != 2 {
		t.Fatalf("the question has no buttons: %+v", question)
	}
	for _, word := range []string{"read", "sent", "delivered", "read"} {
		if status := m.status(question, word, ""); status != 200 {
			t.Errorf("%s: HTTP %d", word, status)
		}
	}
	tap := fmt.Sprintf(`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":%q,"title":"Cajero"}},"context":{"id":%q}`, question.Taps[1], question.ID)
	m.says("in.3", `"type":"reaction","reaction":{"message_id":"`+question.ID+`","emoji":"👍"}`)
	m.says("in.4", tap)
	m.says("in.4", tap)
	said := m.hears("").Body + m.hears("").Body
	if !strings.Contains(said, "clave") {
		t.Errorf("no code in %q", said)
	}
	v.quiet()
	if n := len(m.news); n != 0 {
		t.Errorf("%d more messages: %+v", n, <-m.news)
	}
	v.wants(map[string]int64{
		"select count(*) from inbox where source = 'whatsapp'":                                       4,
		"select count(*) from inbox where source = 'whatsapp' and heard = 'aside'":                   1,
		"select count(*) from outbox where channel = 'whatsapp' and state = 'accepted'":              4,
		"select count(*) from outbox where provider_id = '" + question.ID + "' and rank = 7":         1,
		"select count(*) from outbox where channel = 'whatsapp' and address <> '+5216671234567'":     0,
		"select count(*) from conversation where key = 'tel:+526671234567' and channel = 'whatsapp'": 1,
	})
}

func TestForgedAndForeignMetaWebhooks(t *testing.T) {
	t.Parallel()
	m := newMeta(t)
	v := m.open()
	value := `"messages":[{"from":"` + anaWA + `","id":"in.1","type":"text","text":{"body":"hola"}}]`
	if status := m.post(value, "otro-secreto"); status != 403 {
		t.Errorf("forged: HTTP %d", status)
	}
	status, body := v.get(whatsAppPath + "?hub.mode=subscribe&hub.verify_token=palabra-acordada&hub.challenge=42")
	if status != 200 || body != "42" {
		t.Errorf("handshake: %d %q", status, body)
	}
	v.wants(map[string]int64{"select count(*) from inbox": 0})
}

// Somebody else may hold the phone behind a new number: she proves who she is
// first, at either of them.
func TestNumberChangeAsksForProof(t *testing.T) {
	t.Parallel()
	m := newMeta(t)
	v := m.open()
	m.says("in.1", `"type":"system","system":{"type":"user_changed_number","wa_id":"5216679999999"}`)
	v.quiet()
	v.wants(map[string]int64{"select count(*) from contact where doubt in ('moved', 'new')": 2, "select count(*) from outbox": 0})
	m.writes("in.2", "saldo")
	m.hears("fecha de nacimiento")
}

// A message that Meta says it has failed, after it took it, is no success.
func TestFailureAfterMetaTookIt(t *testing.T) {
	t.Parallel()
	m := newMeta(t)
	v := m.open()
	m.writes("in.1", "saldo")
	got := m.hears("No debes nada")
	if status := m.status(got, "failed", `,"errors":[{"code":131026,"title":"Message undeliverable"}]`); status != 200 {
		t.Errorf("HTTP %d", status)
	}
	v.wants(map[string]int64{"select count(*) from outbox where state = 'failed' and error_code = 131026": 1})
	if status := m.status(got, "delivered", ""); status != 200 { // it did arrive after all
		t.Errorf("HTTP %d", status)
	}
	v.wants(map[string]int64{"select count(*) from outbox where state = 'accepted' and rank = 6": 1})
}
