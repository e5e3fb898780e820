package whatsapp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"valebot/internal/channel/channeltest"
	"valebot/internal/channel/whatsapp"
)

func TestHandshake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode, token, challenge string
		want                   int
	}{
		"as agreed":      {"subscribe", "palabra-acordada", "1158201444", 200},
		"another word":   {"subscribe", "otra", "1158201444", 403},
		"no word":        {"subscribe", "", "1158201444", 403},
		"another mode":   {"unsubscribe", "palabra-acordada", "1158201444", 403},
		"huge challenge": {"subscribe", "palabra-acordada", string(make([]byte, 300)), 403},
	} {
		q := url.Values{"hub.mode": {c.mode}, "hub.verify_token": {c.token}, "hub.challenge": {c.challenge}}
		w := channeltest.Serve(door(&channeltest.Shelf{}), httptest.NewRequest(http.MethodGet, "/webhooks/whatsapp?"+q.Encode(), nil))
		if w.Code != c.want || c.want == 200 && w.Body.String() != c.challenge || c.want != 200 && w.Body.Len() > 0 {
			t.Errorf("%s: %d %q", name, w.Code, w.Body)
		}
	}
	bare := door(&channeltest.Shelf{})
	bare.VerifyToken = ""
	if w := channeltest.Serve(bare, httptest.NewRequest(http.MethodGet, "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1", nil)); w.Code != 403 {
		t.Errorf("without a word of ours: %d", w.Code)
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	body := envelope(`"messages":[{"from":"5216671234567","id":"1","type":"text","text":{"body":"ñandú 🌮"}}]`)
	good := whatsapp.Sign(secret, []byte(body))
	for header, want := range map[string]int{
		good: 200, whatsapp.Sign("otro-secreto", []byte(body)): 200,
		whatsapp.Sign("tercero", []byte(body)): 403, "": 403, "sha256=": 403, "sha256=zz": 403, good[:20]: 403, "sha1=" + good[7:]: 403, good + "00": 403, good[7:]: 403,
	} {
		r := hook(body)
		r.Header.Set(whatsapp.HeaderSignature, header)
		if w := channeltest.Serve(door(&channeltest.Shelf{}), r); w.Code != want {
			t.Errorf("%q: %d, want %d", header, w.Code, want)
		}
	}
	nobody := door(&channeltest.Shelf{})
	nobody.Secrets = []string{""}
	r := hook(body)
	r.Header.Set(whatsapp.HeaderSignature, whatsapp.Sign("", []byte(body)))
	if w := channeltest.Serve(nobody, r); w.Code != 403 {
		t.Errorf("an empty secret signs: %d", w.Code)
	}
}

// A webhook of nothing but news about templates is stored in the registry, and
// asked for again when it could not be.
func TestTemplateNews(t *testing.T) {
	t.Parallel()
	body := `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"message_template_status_update","value":{"event":"DISABLED","message_template_name":"oferta","message_template_language":"es_MX"}}]}]}`
	store := &templates{}
	h := door(&channeltest.Shelf{})
	h.Registry = whatsapp.NewRegistry(store, func() time.Time { return received })
	var counted []string
	h.Count = func(_, outcome string) { counted = append(counted, outcome) }
	if w := channeltest.Serve(h, hook(body)); w.Code != 200 || len(store.all) != 1 || store.all[0].Status != "DISABLED" {
		t.Errorf("answered %d, stored %+v", w.Code, store.all)
	}
	store.err = errors.New("the database is away")
	if w := channeltest.Serve(h, hook(body)); w.Code != 503 {
		t.Errorf("answered %d", w.Code)
	}
	if w := channeltest.Serve(h, hook(envelope(`"statuses":[]`))); w.Code != 200 {
		t.Errorf("answered %d", w.Code)
	}
	if w := channeltest.Serve(h, hook(`{"object":"page"}`)); w.Code != 400 {
		t.Errorf("answered %d", w.Code)
	}
	if len(counted) != 4 || counted[0] != whatsapp.Stored || counted[1] != whatsapp.Unstored || counted[2] != whatsapp.Ignored || counted[3] != whatsapp.Malformed {
		t.Errorf("counted %v", counted)
	}
}
