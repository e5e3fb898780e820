package whatsapp_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/channel/channeltest"
	"valebot/internal/channel/whatsapp"
	"valebot/internal/fault"
	"valebot/internal/message"
)

const taken = `{"messages":[{"id":"wamid.9"}]}`

// templates is a store of templates in memory.
type templates struct {
	mu  sync.Mutex
	all []channel.Template
	err error
}

func (s *templates) SaveTemplates(_ context.Context, _ time.Time, changed []channel.Template, all bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all {
		s.all = nil
	}
	s.all = append(s.all, changed...)
	return s.err
}

func (s *templates) Templates(context.Context) ([]channel.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all, s.err
}

func registry(t *testing.T, known ...channel.Template) *whatsapp.Registry {
	t.Helper()
	r := whatsapp.NewRegistry(&templates{all: known}, func() time.Time { return received })
	if err := r.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// send hands a message to a provider that takes it, and returns the request.
func send(t *testing.T, m message.Outbound, change ...func(*whatsapp.Config)) (map[string]any, error) {
	t.Helper()
	p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: 200, Body: taken}))
	change = append(change, func(c *whatsapp.Config) { c.HTTP = &http.Client{Transport: p.Way(t)} })
	if _, err := client(t, p.URL, change...).Send(t.Context(), m); err != nil {
		if n := len(p.Requests()); n != 0 {
			t.Errorf("%d requests before %v", n, err)
		}
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(p.Only(t).Body), &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func to(value string) message.Outbound {
	return message.Outbound{
		ID: uuid.MustParse("0190a0b0-1111-7222-8333-444455556666"), Attempt: 1, To: message.Address{Channel: message.WhatsApp, Value: value}, Body: "¿Aceptas?",
	}
}

// The exact request for each sort of message.
func TestExactRequests(t *testing.T) {
	t.Parallel()
	const frame = `"messaging_product":"whatsapp","recipient_type":"individual","biz_opaque_callback_data":"0190a0b0-1111-7222-8333-444455556666:1"`
	oferta := channel.Template{Name: "oferta_2026", Language: "es_MX", Status: "APPROVED", Category: "UTILITY", Buttons: 2}
	codigo := channel.Template{Name: "codigo", Language: "es_MX", Status: "APPROVED", Category: "AUTHENTICATION"}
	for name, c := range map[string]struct {
		change func(*message.Outbound)
		want   string
	}{
		"text": {func(*message.Outbound) {}, `"to":"5216671234567","type":"text","text":{"preview_url":false,"body":"¿Aceptas?"}`},
		"to a user id": {
			func(m *message.Outbound) { m.To.Value = "MX.1349" },
			`"recipient":"MX.1349","type":"text","text":{"preview_url":false,"body":"¿Aceptas?"}`,
		},
		"buttons": {
			func(m *message.Outbound) {
				m.Choices = []message.Choice{{ID: "q:si", Label: "Sí"}, {ID: "q:no", Label: "No"}}
			},
			`"to":"5216671234567","type":"interactive","interactive":{"type":"button","body":{"text":"¿Aceptas?"},"action":{"buttons":[
			  {"type":"reply","reply":{"id":"q:si","title":"Sí"}},{"type":"reply","reply":{"id":"q:no","title":"No"}}]}}`,
		},
		"list": {
			func(m *message.Outbound) {
				m.Choices = []message.Choice{{ID: "q:4", Label: "4 quincenas"}, {ID: "q:6", Label: "6"}, {ID: "q:8", Label: "8"}, {ID: "q:12", Label: "12"}}
			},
			`"to":"5216671234567","type":"interactive","interactive":{"type":"list","body":{"text":"¿Aceptas?"},"action":{"button":"Ver opciones","sections":[{"rows":[
			  {"id":"q:4","title":"4 quincenas"},{"id":"q:6","title":"6"},{"id":"q:8","title":"8"},{"id":"q:12","title":"12"}]}]}}`,
		},
		"too many for a list": {
			func(m *message.Outbound) {
				for _, l := range strings.Split("abcdefghijk", "") {
					m.Choices = append(m.Choices, message.Choice{ID: l, Label: l})
				}
			},
			`"to":"5216671234567","type":"text","text":{"preview_url":false,"body":"¿Aceptas?\n\n1. a\n2. b\n3. c\n4. d\n5. e\n6. f\n7. g\n8. h\n9. i\n10. j\n11. k"}`,
		},
		"picture": {
			func(m *message.Outbound) {
				m.File = &message.File{Kind: message.Photo, Link: "https://bot.example/a.jpg"}
			},
			`"to":"5216671234567","type":"image","image":{"link":"https://bot.example/a.jpg","caption":"¿Aceptas?"}`,
		},
		"document": {
			func(m *message.Outbound) {
				m.File = &message.File{Kind: message.Document, Link: "https://bot.example/a.pdf", Name: "contrato.pdf"}
			},
			`"to":"5216671234567","type":"document","document":{"link":"https://bot.example/a.pdf","caption":"¿Aceptas?","filename":"contrato.pdf"}`,
		},
		"template, variables in order and tidy, buttons with our ids": {
			func(m *message.Outbound) {
				m.Template, m.Variables = "vale_oferta_v1", map[string]string{"2": "$3,000\n\tpesos", "10": "z", "1": "María"}
				m.Choices = []message.Choice{{ID: "q:si", Label: "Sí"}, {ID: "q:no", Label: "No"}, {ID: "q:info", Label: "Info"}}
			},
			`"to":"5216671234567","type":"template","template":{"name":"oferta_2026","language":{"code":"es_MX"},"components":[
			  {"type":"body","parameters":[{"type":"text","text":"María"},{"type":"text","text":"$3,000 pesos"},{"type":"text","text":"z"}]},
			  {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"q:si"}]},
			  {"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"q:no"}]}]}`,
		},
		"template of a code": {
			func(m *message.Outbound) { m.Template, m.Variables = "codigo", map[string]string{"1": "482913"} },
			`"to":"5216671234567","type":"template","template":{"name":"codigo","language":{"code":"es_MX"},"components":[
			  {"type":"body","parameters":[{"type":"text","text":"482913"}]},{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"482913"}]}]}`,
		},
		"template that nobody knows yet": {
			func(m *message.Outbound) { m.Template = "nueva" },
			`"to":"5216671234567","type":"template","template":{"name":"nueva","language":{"code":"es_MX"}}`,
		},
	} {
		m := to("+5216671234567")
		c.change(&m)
		got, err := send(t, m, func(cfg *whatsapp.Config) {
			cfg.Templates, cfg.Registry = map[string]string{"vale_oferta_v1": "oferta_2026"}, registry(t, oferta, codigo)
		})
		var want map[string]any
		if e := json.Unmarshal([]byte("{"+frame+","+c.want+"}"), &want); e != nil || err != nil {
			t.Fatalf("%s: %v %v", name, e, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatIsNeverAsked(t *testing.T) {
	t.Parallel()
	paused := channel.Template{Name: "pausada", Language: "es_MX", Status: "PAUSED"}
	for name, c := range map[string]struct {
		change func(*message.Outbound)
		want   message.Class
	}{
		"an SMS":    {func(m *message.Outbound) { m.To.Channel = message.SMS }, message.Fatal},
		"to nobody": {func(m *message.Outbound) { m.To.Value = "" }, message.Fatal},
		"nothing":   {func(m *message.Outbound) { m.Body = "" }, message.Fatal},
		"a voice":   {func(m *message.Outbound) { m.File = &message.File{Kind: message.Voice, Link: "https://x.example/a"} }, message.Fatal},
		"a long caption": {func(m *message.Outbound) {
			m.Body, m.File = strings.Repeat("a", 1025), &message.File{Kind: message.Photo, Link: "https://x.example/a"}
		}, message.Fatal},
		"a paused template": {func(m *message.Outbound) { m.Template = "pausada" }, message.Switch},
	} {
		m := to("+5216671234567")
		c.change(&m)
		_, err := send(t, m, func(cfg *whatsapp.Config) { cfg.Registry = registry(t, paused) })
		if err == nil || message.ClassOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// Each decision of the table, as an answer to a send.
func TestDecisions(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]struct {
		status int
		class  message.Class
		hold   message.Hold
	}{
		0: {401, message.Config, message.HoldSender}, 190: {401, message.Config, message.HoldSender}, 10: {403, message.Config, message.HoldSender}, 200: {403, message.Config, message.HoldSender},
		4: {400, message.Safe, message.HoldSender}, 80007: {400, message.Safe, message.HoldSender}, 130429: {429, message.Safe, message.HoldSender},
		131056: {429, message.Safe, message.HoldPair}, 131048: {400, message.Defer, message.HoldSender}, 131049: {400, message.Fatal, message.HoldNobody},
		131050: {400, message.Fatal, message.HoldNobody}, 131047: {400, message.Switch, message.HoldNobody}, 470: {400, message.Switch, message.HoldNobody},
		131026: {400, message.Switch, message.HoldNobody}, 130472: {400, message.Switch, message.HoldNobody}, 131000: {500, message.Ambiguous, message.HoldNobody},
		131016: {503, message.Ambiguous, message.HoldNobody}, 131053: {400, message.Defer, message.HoldNobody}, 131031: {403, message.Config, message.HoldSender},
		368: {403, message.Config, message.HoldSender}, 131042: {400, message.Config, message.HoldSender}, 130497: {403, message.Config, message.HoldSender},
		132000: {400, message.Fatal, message.HoldNobody}, 132015: {400, message.Fatal, message.HoldNobody}, 131051: {400, message.Fatal, message.HoldNobody},
		131057: {500, message.Ambiguous, message.HoldNobody}, 131062: {400, message.Switch, message.HoldNobody}, 137000: {400, message.Changed, message.HoldNobody},
		100: {400, message.Fatal, message.HoldNobody}, 999999: {400, message.Defer, message.HoldNobody},
	} {
		body, _ := json.Marshal(map[string]any{"error": map[string]any{"code": code, "message": "to 5216671234567: ¿Aceptas?"}})
		p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: want.status, Body: string(body)}))
		_, err := client(t, p.URL).Send(t.Context(), to("+5216671234567"))
		var e *message.SendError
		if !errors.As(err, &e) || e.Class != want.class || e.Hold != want.hold || e.Code != code || strings.Contains(err.Error(), "Aceptas") {
			t.Errorf("%d: %+v (%v), want %s %q", code, e, err, want.class, want.hold)
		}
		if want.hold == message.HoldPair && e.RetryAfter < 6*time.Second {
			t.Errorf("%d: waits %s", code, e.RetryAfter)
		}
	}
}

// A template that Meta refused is not tried on the next person, until Meta says
// that it is well again.
func TestRefusedTemplateIsHeldBack(t *testing.T) {
	t.Parallel()
	p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: 400, Body: `{"error":{"code":132015}}`}))
	r := registry(t, channel.Template{Name: "oferta", Language: "es_MX", Status: "APPROVED", Buttons: 2})
	c := client(t, p.URL, func(cfg *whatsapp.Config) { cfg.Registry = r })
	m := to("+5216671234567")
	m.Template = "oferta"
	first := message.ClassOf(errOf(c.Send(t.Context(), m)))
	second := message.ClassOf(errOf(c.Send(t.Context(), m)))
	if first != message.Fatal || second != message.Switch || len(p.Requests()) != 1 {
		t.Errorf("first %s, second %s, %d requests", first, second, len(p.Requests()))
	}
	if err := r.Apply(t.Context(), []whatsapp.Change{{Name: "oferta", Language: "es_MX", Quality: "YELLOW"}, {Name: "oferta", Language: "es_MX", Status: "APPROVED"}}); err != nil {
		t.Fatal(err)
	}
	_ = errOf(c.Send(t.Context(), m))
	if len(p.Requests()) != 2 {
		t.Error("an approved template is still held back")
	}
}

func errOf(_ string, err error) error { return err }

func TestSyncReadsEveryPage(t *testing.T) {
	t.Parallel()
	p := channeltest.NewProvider(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"data":[{"name":"oferta","language":"es_MX","status":"approved","category":"UTILITY","quality_score":{"score":"GREEN"},"id":"1",
		  "components":[{"type":"BODY","text":"Hola {{1}}"},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Sí"},{"type":"URL"},{"type":"QUICK_REPLY","text":"No"}]}]}],
		  "paging":{"cursors":{"after":"c1"},"next":"https://otro.example/robar?access_token=s3cr3t"}}`
		if r.URL.Query().Get("after") == "c1" {
			body = `{"data":[{"name":"aviso","language":"es_MX","status":"PAUSED","category":"MARKETING"}],"paging":{"cursors":{"after":"c2"}}}`
		}
		channeltest.Say(channeltest.Answer{Status: 200, Body: body})(w, r)
	})
	store := &templates{all: []channel.Template{{Name: "vieja", Language: "es_MX"}}}
	r := whatsapp.NewRegistry(store, func() time.Time { return received })
	c := client(t, p.URL, func(cfg *whatsapp.Config) { cfg.HTTP = &http.Client{Transport: p.Way(t)} })
	if n, err := r.Sync(t.Context(), c); n != 2 || err != nil {
		t.Fatalf("%d templates, %v", n, err)
	}
	want := []channel.Template{
		{Name: "oferta", Language: "es_MX", Status: "APPROVED", Category: "UTILITY", Quality: "GREEN", Buttons: 2, Body: "Hola {{1}}"},
		{Name: "aviso", Language: "es_MX", Status: "PAUSED", Category: "MARKETING", Quality: "UNKNOWN"},
	}
	if diff := cmp.Diff(want, store.all); diff != "" {
		t.Error(diff)
	}
}

func TestSyncFailures(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]channeltest.Answer{
		"token":   {Status: 401, Body: `{"error":{"code":190}}`},
		"no JSON": {Status: 200, Body: "<html>"},
		"down":    {Status: 500},
	} {
		p := channeltest.NewProvider(t, channeltest.Say(answer))
		store := &templates{all: []channel.Template{{Name: "vieja", Language: "es_MX"}}}
		if _, err := whatsapp.NewRegistry(store, time.Now).Sync(t.Context(), client(t, p.URL)); err == nil || len(store.all) != 1 {
			t.Errorf("%s: %v, %d kept", name, err, len(store.all))
		}
	}
	c := client(t, "http://127.0.0.1:1", func(cfg *whatsapp.Config) { cfg.AccountID = "" })
	if _, err := registry(t).Sync(t.Context(), c); message.ClassOf(errors.Unwrap(err)) != message.Config {
		t.Errorf("without an account: %v", err)
	}
}

// The Cloud API has no list: what a person waits for goes again, a reminder does not.
func TestFind(t *testing.T) {
	t.Parallel()
	c := client(t, "http://127.0.0.1:1")
	for lane, wantErr := range map[message.Lane]bool{message.LaneCode: false, message.LaneReply: false, message.LaneNotice: false, message.LaneReminder: true, message.LaneCampaign: true} {
		m := to("+5216671234567")
		m.Lane = lane
		if sent, err := c.Find(t.Context(), m, received); len(sent) != 0 || (err != nil) != wantErr {
			t.Errorf("%s: %v, %v", lane, sent, err)
		}
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of "hello"
	for name, c := range map[string]struct {
		where, kind, code string
	}{
		"a picture":         {`{"url":"BASE/files/1","sha256":"` + sum + `"}`, "image/jpeg", ""},
		"damaged":           {`{"url":"BASE/files/1","sha256":"00"}`, "image/jpeg", "media_damaged"},
		"of another host":   {`{"url":"https://169.254.169.254/latest"}`, "image/jpeg", "media_host"},
		"of another type":   {`{"url":"BASE/files/1"}`, "text/html", "media_type"},
		"no address":        {`{}`, "", "-"},
		"gone":              {"404", "", "media_gone"},
		"address says gone": {`{"url":"BASE/gone"}`, "", "media_gone"},
	} {
		p := channeltest.NewProvider(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/v24.0/901" && c.where == "404", r.URL.Path == "/gone":
				w.WriteHeader(404)
			case r.URL.Path == "/v24.0/901":
				_, _ = w.Write([]byte(strings.ReplaceAll(c.where, "BASE", "http://"+r.Host)))
			default:
				w.Header().Set("Content-Type", c.kind)
				_, _ = w.Write([]byte("hello"))
			}
		})
		file, err := client(t, p.URL).Fetch(t.Context(), message.Media{ID: "901"})
		switch {
		case c.code == "" && (err != nil || string(file.Content) != "hello" || file.ContentType != "image/jpeg"):
			t.Errorf("%s: %+v %v", name, file, err)
		case c.code == "-" && err == nil, len(c.code) > 1 && fault.CodeOf(err) != c.code:
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		for _, r := range p.Requests() {
			if r.Header.Get("Authorization") != "Bearer s3cr3t" {
				t.Errorf("%s: %s without the token", name, r.Path)
			}
		}
	}
}

func TestConfigurationProblems(t *testing.T) {
	t.Parallel()
	_, err := whatsapp.NewClient(whatsapp.Config{API: "graph.facebook.com", PhoneID: "+52", AccountID: "abc"})
	for _, part := range []string{"API", "phone number id", "account id", "token"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not in %v", part, err)
		}
	}
}
