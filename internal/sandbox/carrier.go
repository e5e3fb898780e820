package sandbox

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"valebot/internal/gsm7"
	"valebot/internal/message"
)

// Text is a message that the server handed to the Twilio stand-in.
type Text struct {
	SID      string
	To, From string // with the channel prefix, as on the wire
	Service  string // Messaging Service, if that was given
	Body     string // rendered, if it came as a template
	Choices  []message.Choice
	Content  string // template's SID
	Callback string // where its statuses go; "" for nowhere
	Via      via    // which stand-in took it
	Opaque   string // what its statuses repeat, where that is no callback
	Attempt  int    // of the hand-over, with viaGateway
	Validity int    // seconds; 0 is the default
	Segments int
	At       time.Time
	Status   string // as its last callback said, "queued" before
	Code     int    // error code of the last callback
}

// via names the stand-in that took a message.
type via int

const (
	viaTwilio via = iota
	viaCloud
	viaGateway
)

// carrier is the Messages resource of Twilio's REST API, version 2010-04-01.
type carrier struct {
	account, token string
	templates      map[string]string
	now            func() time.Time
	menu           *Menu
	sleep          func(time.Duration) bool
	take           func(Text)                   // accepts a message
	find           func(to, from string) []Text // newest first
	lost           func(Text)                   // accepted and never delivered
}

func (c *carrier) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", c.guard(c.create))
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages.json", c.guard(c.list))
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", c.guard(func(w http.ResponseWriter, r *http.Request) {
		serveSample(w, r.PathValue("media"))
	}))
	return mux
}

// guard checks the credentials. A key's secret is not told apart from the auth
// token: the user name only has to look like an account or a key.
func (c *carrier) guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		named := user == c.account || strings.HasPrefix(user, "SK")
		if !ok || !named || subtle.ConstantTimeCompare([]byte(password), []byte(c.token)) != 1 {
			refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
			return
		}
		if r.PathValue("account") != c.account {
			refuse(w, http.StatusNotFound, 20404, "The requested resource was not found")
			return
		}
		next(w, r)
	}
}

// create is POST Messages.json.
func (c *carrier) create(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	form, bad := url.ParseQuery(string(body))
	if err != nil || bad != nil {
		refuse(w, http.StatusBadRequest, 20001, "Bad request")
		return
	}
	if misbehave(w, r, c.menu, c.sleep, twilioDialect) {
		return
	}
	text, code, problem := c.read(form)
	if code != 0 {
		refuse(w, http.StatusBadRequest, code, problem)
		return
	}
	if c.menu.take(TwilioLoses) {
		c.lost(text)
	} else {
		c.take(text)
	}
	finish(w, c.menu, func() { answerJSON(w, http.StatusCreated, c.resource(text)) })
}

// twilioDialect is how Twilio says what the menu asks for.
func twilioDialect(w http.ResponseWriter, what Mischief) {
	switch what {
	case Twilio500:
		refuse(w, http.StatusInternalServerError, 20500, "Internal Server Error")
	case TwilioBusy:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
	case TwilioOptOut:
		refuse(w, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	}
}

// read checks the form as Twilio does. Code is Twilio's error, 0 if it is fine.
func (c *carrier) read(form url.Values) (t Text, code int, problem string) {
	t = Text{
		SID: sid("SM"), To: form.Get("To"), From: form.Get("From"), Service: form.Get("MessagingServiceSid"),
		Body: form.Get("Body"), Content: form.Get("ContentSid"), Callback: form.Get("StatusCallback"),
		At: c.now(), Status: "queued", Segments: 1,
	}
	if t.Content != "" {
		var ok bool
		if t.Body, t.Choices, ok = c.render(t.Content, form.Get("ContentVariables")); !ok {
			return t, 21656, "The ContentVariables Parameter is invalid"
		}
	}
	if v := form.Get("ValidityPeriod"); v != "" {
		seconds, err := strconv.Atoi(v)
		if err != nil || seconds < 1 || seconds > 36000 {
			return t, 21619, "ValidityPeriod must be between 1 and 36000"
		}
		t.Validity = seconds
	}
	if !strings.HasPrefix(t.To, "whatsapp:") {
		t.Segments = gsm7.Count(t.Body).Segments
	}
	return t, t.check(), "Bad request"
}

// check returns Twilio's code for what cannot be sent.
func (t Text) check() int {
	switch {
	case t.To == "":
		return 21604
	case !plausible(t.To):
		return 21211
	case t.From == "" && t.Service == "":
		return 21603
	case t.From != "" && strings.HasPrefix(t.From, "whatsapp:") != strings.HasPrefix(t.To, "whatsapp:"):
		return 63007
	case t.Body == "":
		return 21602
	case len([]rune(t.Body)) > 1600:
		return 21617
	}
	return 0
}

// plausible is all that the stand-in asks of an address: E.164, or a WhatsApp
// user id, which has letters.
func plausible(to string) bool {
	number, whatsapp := strings.CutPrefix(to, "whatsapp:")
	digits, plus := strings.CutPrefix(number, "+")
	if !plus {
		return whatsapp && number != ""
	}
	_, err := strconv.ParseUint(digits, 10, 64)
	return err == nil && len(digits) >= 8 && len(digits) <= 15
}

// ButtonTemplate returns the SID of the stand-in's content template for a number
// of choices, 1 to 10: variable 1 is the body, 2 and 3 are label and id of the
// first choice, and so on. Up to three are shown as buttons, more as a list.
func ButtonTemplate(choices int) string { return fmt.Sprintf("HX%032d", choices) }

// maxChoices is WhatsApp's limit for the rows of a list.
const maxChoices = 10

// render fills a template. ok is false if its variables are no JSON object.
// Templates that nobody described are shown by their SID and variables.
func (c *carrier) render(content, variables string) (body string, choices []message.Choice, ok bool) {
	values := map[string]string{}
	if variables != "" && json.Unmarshal([]byte(variables), &values) != nil {
		return "", nil, false
	}
	for n := 1; n <= maxChoices; n++ {
		if content == ButtonTemplate(n) {
			for i := range n {
				label, id := values[strconv.Itoa(2*i+2)], values[strconv.Itoa(2*i+3)]
				choices = append(choices, message.Choice{ID: id, Label: label})
			}
			return values["1"], choices, true
		}
	}
	text, described := c.templates[content]
	if !described {
		return "[plantilla " + content + "] " + variables, nil, true
	}
	for name, value := range values {
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	return text, nil, true
}

// list is GET Messages.json with To, From, DateSent> and PageSize.
func (c *carrier) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil || size < 1 || size > 1000 {
		size = 50
	}
	messages := []resource{}
	for _, t := range c.find(query.Get("To"), query.Get("From")) {
		if len(messages) < size {
			messages = append(messages, c.resource(t))
		}
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"messages": messages, "page": 0, "page_size": size, "start": 0, "end": max(0, len(messages)-1),
		"next_page_uri": nil, "previous_page_uri": nil, "uri": r.URL.RequestURI(), "first_page_uri": r.URL.RequestURI(),
	})
}

// resource is a Message as Twilio's API shows it.
type resource struct {
	SID          string            `json:"sid"`
	Account      string            `json:"account_sid"`
	Version      string            `json:"api_version"`
	To           string            `json:"to"`
	From         *string           `json:"from"`
	Service      *string           `json:"messaging_service_sid"`
	Body         string            `json:"body"`
	Status       string            `json:"status"`
	Direction    string            `json:"direction"`
	Segments     string            `json:"num_segments"`
	Media        string            `json:"num_media"`
	Price        *string           `json:"price"`
	PriceUnit    string            `json:"price_unit"`
	ErrorCode    *int              `json:"error_code"`
	ErrorMessage *string           `json:"error_message"`
	Created      string            `json:"date_created"`
	Updated      string            `json:"date_updated"`
	Sent         *string           `json:"date_sent"`
	URI          string            `json:"uri"`
	Parts        map[string]string `json:"subresource_uris"`
}

func (c *carrier) resource(t Text) resource {
	at := t.At.UTC().Format(time.RFC1123Z)
	base := "/2010-04-01/Accounts/" + c.account + "/Messages/" + t.SID
	m := resource{
		SID: t.SID, Account: c.account, Version: "2010-04-01", To: t.To, From: optional(t.From), Service: optional(t.Service),
		Body: t.Body, Status: t.Status, Direction: "outbound-api", Segments: strconv.Itoa(t.Segments), Media: "0", PriceUnit: "USD",
		Created: at, Updated: at, URI: base + ".json", Parts: map[string]string{"media": base + "/Media.json"},
	}
	if t.Code != 0 {
		m.ErrorCode = &t.Code
	}
	return m
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// refuse answers an error as Twilio does.
func refuse(w http.ResponseWriter, status, code int, text string) {
	answerJSON(w, status, map[string]any{
		"code": code, "message": text, "status": status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the other side may have left
}

// sid makes an id of Twilio's form.
func sid(prefix string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return prefix + hex.EncodeToString(b[:])
}

// recent keeps the latest messages for lists, whatever phone they went to.
type recent struct {
	texts []Text
	size  int
}

func (r *recent) add(t Text) {
	r.texts = append(r.texts, t)
	if len(r.texts) > 2*r.size {
		r.texts = slices.Clone(r.texts[len(r.texts)-r.size:])
	}
}

// find returns matches, newest first.
func (r *recent) find(to, from string) []Text {
	var found []Text
	for _, t := range slices.Backward(r.texts) {
		if (to == "" || t.To == to) && (from == "" || t.From == from) {
			found = append(found, t)
		}
	}
	return found
}

func (r *recent) mark(sid, status string, code int) {
	for i := len(r.texts) - 1; i >= 0; i-- {
		if r.texts[i].SID == sid {
			r.texts[i].Status, r.texts[i].Code = status, code
			return
		}
	}
}
