package whatsapp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"valebot/internal/channel"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// Defaults of a Client.
const (
	DefaultAPI      = "https://graph.facebook.com/v24.0"
	DefaultLanguage = "es_MX"
	DefaultTimeout  = 10 * time.Second
)

// Config is what a Client needs.
type Config struct {
	API       string // base URL with the version; empty is DefaultAPI. A stand-in elsewhere
	PhoneID   string // id of our number at Meta, digits; not the number itself
	AccountID string // id of the WhatsApp Business Account, digits; "" leaves the templates unsynchronised
	Token     string // of a system user
	// Templates maps our names of templates to Meta's where they differ.
	Templates map[string]string
	Language  string // of the templates; empty is DefaultLanguage
	Timeout   time.Duration
	HTTP      *http.Client // nil is a client of our own with many warm connections
	// Registry knows the templates' states; nil sends every template and lets Meta refuse.
	Registry *Registry
}

// Client hands messages to the Cloud API. It is safe for concurrent use.
type Client struct {
	Config
	calls *channel.Caller
}

// NewClient checks the configuration and reports all of its problems at once.
func NewClient(c Config) (*Client, error) {
	c.API = strings.TrimRight(cmp.Or(c.API, DefaultAPI), "/")
	c.Language = cmp.Or(c.Language, DefaultLanguage)
	var problems []error
	if u, err := url.Parse(c.API); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" {
		problems = append(problems, errors.New("whatsapp API: want http(s)://host/version"))
	}
	if !onlyDigits(c.PhoneID) {
		problems = append(problems, errors.New("whatsapp phone number id: want digits"))
	}
	if c.AccountID != "" && !onlyDigits(c.AccountID) {
		problems = append(problems, errors.New("whatsapp business account id: want digits"))
	}
	if c.Token == "" {
		problems = append(problems, errors.New("whatsapp token: want the token of a system user"))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return &Client{c, channel.NewCaller(c.HTTP, cmp.Or(c.Timeout, DefaultTimeout))}, nil
}

// reply is what is read of an answer.
type reply struct {
	Messages []struct {
		ID string `json:"id"`
	} `json:"messages"`
	Error *struct {
		Code int `json:"code"`
	} `json:"error"`
}

// Send implements outbox.Sender. It returns the message's wamid, or a
// *message.SendError whose class says whether Meta may have the message.
func (c *Client) Send(ctx context.Context, m message.Outbound) (string, error) {
	body, err := c.body(m)
	if err != nil {
		return "", err
	}
	answer, err := c.do(ctx, http.MethodPost, c.API+"/"+c.PhoneID+"/messages", body)
	if err != nil {
		return "", err
	}
	var r reply
	bad := json.Unmarshal(answer.Body, &r)
	if !answer.OK() || r.Error != nil {
		return "", c.refused(m, answer, r)
	}
	if bad != nil || len(r.Messages) == 0 || r.Messages[0].ID == "" {
		return "", &message.SendError{Class: message.Ambiguous, HTTP: answer.Status, Err: errors.New("read answer: no message in it")}
	}
	return r.Messages[0].ID, nil
}

// refused turns a refusal into an error, and remembers a template that is no
// good, so that it is not tried on the next person.
func (c *Client) refused(m message.Outbound, answer channel.Answer, r reply) error {
	code := 0
	if r.Error != nil {
		code = r.Error.Code
	}
	if c.Registry != nil && m.Template != "" && templateFault(code) {
		c.Registry.suspect(c.templateName(m.Template), c.Language)
	}
	return refusal(answer.Status, code, r.Error != nil, channel.RetryAfter(answer.Header))
}

func (c *Client) do(ctx context.Context, method, link, body string) (channel.Answer, error) {
	header := http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + c.Token}}
	if method == http.MethodPost {
		header.Set("Content-Type", "application/json")
	}
	return c.calls.Do(ctx, method, link, body, header)
}

var errNoList = errors.New("the Cloud API has no list of messages")

// Find implements outbox.Sender. The Cloud API cannot be asked what it has: only
// a status tells, and statuses settle their messages by themselves. By the time
// that Find is asked none has come. What a person waits for is then best sent
// again, so nothing is found; a reminder or a campaign is best left alone, so the
// question fails and the message stays unknown until it is of no use.
func (c *Client) Find(_ context.Context, m message.Outbound, _ time.Time) ([]outbox.Sent, error) {
	if m.Lane >= message.LaneReminder {
		return nil, &message.SendError{Class: message.Defer, Err: errNoList}
	}
	return nil, nil
}

// templateName returns Meta's name of one of our templates.
func (c *Client) templateName(ours string) string { return cmp.Or(c.Templates[ours], ours) }
