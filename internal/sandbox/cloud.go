package sandbox

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"valebot/internal/message"
)

// pathCloud is the server's webhook for Meta.
const pathCloud = "/webhooks/whatsapp"

// CloudConfig is our account at the stand-in of Meta's WhatsApp Cloud API.
type CloudConfig struct {
	PhoneID, AccountID string            // digits
	Token              string            // authenticates calls
	AppSecret          string            // signs webhooks
	Templates          map[string]string // text of approved templates by name, with {{1}}, {{2}}…
}

// byCloud reports whether a channel goes by the stand-in of Meta's API.
func (s *Sandbox) byCloud(c message.Channel) bool { return s.Cloud != nil && c == message.WhatsApp }

// wamid makes a message id of Meta's form.
func wamid() string {
	return "wamid." + base64.StdEncoding.EncodeToString([]byte(sid("HBg")))
}

// cloud is the stand-in of the Graph API: messages, templates and media.
func (s *Sandbox) cloud() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{phone}/messages", s.cloudGuard(s.cloudTake))
	mux.HandleFunc("GET /{account}/message_templates", s.cloudGuard(s.cloudTemplates))
	mux.HandleFunc("GET /{media}", s.cloudGuard(s.cloudMedia))
	mux.HandleFunc("GET /files/0/{name}", s.cloudGuard(func(w http.ResponseWriter, r *http.Request) { serveSample(w, r.PathValue("name")) }))
	return mux
}

func (s *Sandbox) cloudGuard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		given := []byte(r.Header.Get("Authorization"))
		if subtle.ConstantTimeCompare(given, []byte("Bearer "+s.Cloud.Token)) != 1 {
			refuseCloud(w, http.StatusUnauthorized, 190)
			return
		}
		next(w, r)
	}
}

// refuseCloud answers an error as Meta does.
func refuseCloud(w http.ResponseWriter, status, code int) {
	answerJSON(w, status, map[string]any{"error": map[string]any{
		"message": "(#" + strconv.Itoa(code) + ") " + http.StatusText(status), "type": "OAuthException", "code": code, "fbtrace_id": sid("A"),
	}})
}

// cloudRequest is a message as the server hands it over.
type cloudRequest struct {
	Product   string `json:"messaging_product"`
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Type      string `json:"type"`
	Opaque    string `json:"biz_opaque_callback_data"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Interactive struct {
		Type string `json:"type"`
		Body struct {
			Text string `json:"text"`
		} `json:"body"`
		Action struct {
			Buttons []struct {
				Reply cloudChoice `json:"reply"`
			} `json:"buttons"`
			Sections []struct {
				Rows []cloudChoice `json:"rows"`
			} `json:"sections"`
		} `json:"action"`
	} `json:"interactive"`
	Template struct {
		Name       string `json:"name"`
		Components []struct {
			Type       string `json:"type"`
			Parameters []struct {
				Text string `json:"text"`
			} `json:"parameters"`
		} `json:"components"`
	} `json:"template"`
	Image    cloudFile `json:"image"`
	Document cloudFile `json:"document"`
}

type cloudChoice struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type cloudFile struct {
	Link    string `json:"link"`
	Caption string `json:"caption"`
}

// cloudTake is POST /{phone}/messages.
func (s *Sandbox) cloudTake(w http.ResponseWriter, r *http.Request) {
	var in cloudRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil || json.Unmarshal(body, &in) != nil || r.PathValue("phone") != s.Cloud.PhoneID {
		refuseCloud(w, http.StatusBadRequest, 100)
		return
	}
	if misbehave(w, r, s.menu, s.sleep, cloudDialect) {
		return
	}
	t, code := s.cloudText(in)
	if code != 0 {
		refuseCloud(w, http.StatusBadRequest, code)
		return
	}
	if !s.menu.take(TwilioLoses) {
		s.show(t)
		s.early(t)
		s.run(func() { s.live(t, s.status) })
	}
	finish(w, s.menu, func() {
		answerJSON(w, http.StatusOK, map[string]any{
			"messaging_product": "whatsapp", "contacts": []map[string]any{{"input": in.To + in.Recipient, "wa_id": strings.TrimPrefix(waID(t.To), "+")}},
			"messages": []map[string]any{{"id": t.SID, "message_status": "accepted"}},
		})
	})
}

// cloudText checks a message as Meta does. code is Meta's error, 0 if it is fine.
func (s *Sandbox) cloudText(in cloudRequest) (t Text, code int) {
	to := in.Recipient
	if in.To != "" {
		to = "+" + strings.TrimPrefix(in.To, "+")
	}
	t = Text{
		SID: wamid(), To: "whatsapp:" + to, From: "whatsapp:" + s.Sender, At: s.Clock.Now(), Status: "queued", Segments: 1, Via: viaCloud, Opaque: in.Opaque,
	}
	limit := 1024
	switch in.Type {
	case "text":
		t.Body, limit = in.Text.Body, 4096
	case "interactive":
		t.Body, t.Choices, code = in.choices()
	case "template":
		t.Body, t.Content, code = s.cloudTemplate(in)
	case "image":
		t.Body = strings.TrimSpace("[foto] " + in.Image.Caption)
	case "document":
		t.Body = strings.TrimSpace("[documento] " + in.Document.Caption)
	default:
		return t, 131051
	}
	switch {
	case code != 0:
		return t, code
	case in.Product != "whatsapp" || !plausible(t.To):
		return t, 131009
	case t.Body == "" || utf8.RuneCountInString(t.Body) > limit:
		return t, 131009
	}
	return t, 0
}

// choices reads buttons or the rows of a list, with Meta's limits.
func (in cloudRequest) choices() (body string, choices []message.Choice, code int) {
	var given []cloudChoice
	most, longest := 3, 20
	for _, b := range in.Interactive.Action.Buttons {
		given = append(given, b.Reply)
	}
	if in.Interactive.Type == "list" {
		most, longest = 10, 24
		for _, section := range in.Interactive.Action.Sections {
			given = append(given, section.Rows...)
		}
	}
	for _, c := range given {
		if c.ID == "" || c.Title == "" || utf8.RuneCountInString(c.Title) > longest {
			return "", nil, 131009
		}
		choices = append(choices, message.Choice{ID: c.ID, Label: c.Title})
	}
	if len(choices) == 0 || len(choices) > most {
		return "", nil, 131009
	}
	return in.Interactive.Body.Text, choices, 0
}

func (s *Sandbox) cloudTemplate(in cloudRequest) (body, name string, code int) {
	name = in.Template.Name
	body, known := s.Cloud.Templates[name]
	if !known {
		body = "[plantilla " + name + "]"
	}
	for _, part := range in.Template.Components {
		if part.Type != "body" {
			continue
		}
		for i, p := range part.Parameters {
			if p.Text == "" || strings.ContainsAny(p.Text, "\n\t") {
				return "", name, 132000
			}
			if mark := "{{" + strconv.Itoa(i+1) + "}}"; known {
				body = strings.ReplaceAll(body, mark, p.Text)
			} else {
				body += " " + p.Text
			}
		}
	}
	if strings.Contains(body, "{{") {
		return "", name, 132000
	}
	return body, name, 0
}

func (s *Sandbox) cloudTemplates(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("account") != s.Cloud.AccountID {
		refuseCloud(w, http.StatusBadRequest, 100)
		return
	}
	all := []map[string]any{}
	for _, name := range sortedKeys(s.Cloud.Templates) {
		all = append(all, map[string]any{
			"name": name, "language": "es_MX", "status": "APPROVED", "category": "UTILITY", "quality_score": map[string]any{"score": "GREEN"},
			"components": []map[string]any{{"type": "BODY", "text": s.Cloud.Templates[name]}},
		})
	}
	answerJSON(w, http.StatusOK, map[string]any{"data": all, "paging": map[string]any{"cursors": map[string]any{"before": "a", "after": "b"}}})
}

func (s *Sandbox) cloudMedia(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("media")
	for media, kind := range mediaTypes {
		if strings.Contains(name, media) {
			sum := sha256.Sum256(sample(kind))
			answerJSON(w, http.StatusOK, map[string]any{
				"id": name, "url": s.Base + "/whatsapp/files/0/" + name, "mime_type": kind, "sha256": hex.EncodeToString(sum[:]), "messaging_product": "whatsapp",
			})
			return
		}
	}
	refuseCloud(w, http.StatusBadRequest, 100)
}

// waID is how WhatsApp still writes Mexican mobiles.
func waID(number string) string {
	number = canonical(number)
	if ten, mexican := strings.CutPrefix(number, "+52"); mexican && len(ten) == 10 {
		return "+521" + ten
	}
	return number
}

// cloudInbound is the webhook of a phone's message.
func (s *Sandbox) cloudInbound(m Message, d Draft) []byte {
	wa := strings.TrimPrefix(waID(m.Phone), "+")
	out := map[string]any{"from": wa, "id": m.ID, "timestamp": strconv.FormatInt(m.At.Unix(), 10), "type": "text", "text": map[string]any{"body": m.Body}}
	kind, file := mediaTypes[d.Media]
	switch {
	case d.Tap != "":
		delete(out, "text")
		answer := map[string]any{"type": "button_reply", "button_reply": map[string]any{"id": d.Tap, "title": d.Label}}
		if asked, ok := s.phones.find(m.Phone, d.RepliesA); ok && len(asked.Choices) > 3 {
			answer = map[string]any{"type": "list_reply", "list_reply": map[string]any{"id": d.Tap, "title": d.Label}}
		}
		out["type"], out["interactive"] = "interactive", answer
		out["context"] = map[string]any{"from": strings.TrimPrefix(s.Sender, "+"), "id": d.RepliesA}
	case file:
		delete(out, "text")
		name := map[string]string{"photo": "image", "voice": "audio"}[d.Media]
		sum := sha256.Sum256(sample(kind))
		out["type"], out[name] = name, map[string]any{"id": "9" + d.Media, "mime_type": kind, "sha256": base64.StdEncoding.EncodeToString(sum[:]), "caption": m.Body}
	case d.Media == "location":
		delete(out, "text")
		out["type"], out["location"] = "location", map[string]any{"latitude": 24.8091, "longitude": -107.3940}
	}
	return s.cloudEvent(map[string]any{
		"contacts": []map[string]any{{"profile": map[string]any{"name": s.phones.nameOf(m.Phone)}, "wa_id": wa}}, "messages": []any{out},
	})
}

// cloudStatus delivers a status webhook.
func (s *Sandbox) cloudStatus(t Text, status string, code int) {
	if status == "undelivered" {
		status = "failed"
	}
	out := map[string]any{
		"id": t.SID, "status": status, "timestamp": strconv.FormatInt(s.Clock.Now().Unix(), 10),
		"recipient_id": strings.TrimPrefix(waID(t.To), "+"), "pricing": map[string]any{"billable": true, "category": "utility"},
	}
	if t.Opaque != "" {
		out["biz_opaque_callback_data"] = t.Opaque
	}
	if code != 0 {
		out["errors"] = []map[string]any{{"code": code, "title": "error"}}
	}
	hook := s.cloudHook(s.cloudEvent(map[string]any{"statuses": []any{out}}))
	s.persist(func() bool { return s.deliver(hook) })
}

func (s *Sandbox) cloudEvent(value map[string]any) []byte {
	value["messaging_product"] = "whatsapp"
	value["metadata"] = map[string]any{"display_phone_number": strings.TrimPrefix(s.Sender, "+"), "phone_number_id": s.Cloud.PhoneID}
	body, err := json.Marshal(map[string]any{
		"object": "whatsapp_business_account",
		"entry":  []any{map[string]any{"id": s.Cloud.AccountID, "changes": []any{map[string]any{"field": "messages", "value": value}}}},
	})
	if err != nil {
		panic("sandbox: event cannot be encoded: " + err.Error()) // our own types only
	}
	return body
}

// cloudHook is a webhook of Meta's with that body.
func (s *Sandbox) cloudHook(body []byte) webhook {
	return func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.via(s.PublicURL+pathCloud), bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, []byte(s.Cloud.AppSecret))
		mac.Write(body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		return r, nil
	}
}

// cloudDialect is how Meta says what the menu asks for.
func cloudDialect(w http.ResponseWriter, what Mischief) {
	switch what {
	case Twilio500:
		refuseCloud(w, http.StatusInternalServerError, 131000)
	case TwilioBusy:
		w.Header().Set("Retry-After", "1")
		refuseCloud(w, http.StatusTooManyRequests, 130429)
	case TwilioOptOut:
		refuseCloud(w, http.StatusBadRequest, 131050)
	}
}
