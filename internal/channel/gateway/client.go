package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/rail"
)

// DefaultTimeout is how long one call may take.
const DefaultTimeout = 10 * time.Second

// MaxText is the longest text that goes out, in characters.
const MaxText = 4096

// Config is what a Client needs.
type Config struct {
	URL       string    // base URL of the gateway, without query
	Keys      rail.Keys // the first signs; all verify
	Sender    string    // our sender there, if the gateway has several
	Abilities message.Abilities
	Timeout   time.Duration    // of one call; 0 is DefaultTimeout
	HTTP      *http.Client     // nil is a client of our own with many warm connections
	Now       func() time.Time // the wall's time: signatures hold for five minutes
}

// Client hands messages to a gateway. It is safe for concurrent use.
type Client struct {
	Config
	base  *url.URL
	calls *channel.Caller
}

// NewClient checks the configuration and reports all of its problems at once.
func NewClient(c Config) (*Client, error) {
	c.URL = strings.TrimRight(c.URL, "/")
	base, err := url.Parse(c.URL)
	var problems []error
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || base.RawQuery != "" || base.Fragment != "" {
		problems = append(problems, errors.New("gateway URL: want http(s)://host/path without query"))
	}
	if len(c.Keys) == 0 || c.Keys[0] == "" {
		problems = append(problems, errors.New("gateway secret: want one"))
	}
	if c.Now == nil {
		problems = append(problems, errors.New("gateway clock: want one"))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	return &Client{c, base, channel.NewCaller(c.HTTP, c.Timeout)}, nil
}

// wireChoice is a choice on the wire, wireFile a file.
type (
	wireChoice struct {
		ID    string `json:"id"`
		Label string `json:"label"`
	}
	wireFile struct {
		Kind string `json:"kind"`
		Link string `json:"link"`
		Name string `json:"name,omitempty"`
	}
)

// wireMessage is a message as it is handed over.
type wireMessage struct {
	ID        string            `json:"id"`
	Attempt   int               `json:"attempt"`
	Channel   string            `json:"channel"`
	From      string            `json:"from,omitempty"`
	To        string            `json:"to"`
	Text      string            `json:"text"`
	Choices   []wireChoice      `json:"choices,omitempty"`
	Template  string            `json:"template,omitempty"`
	Variables map[string]string `json:"variables,omitempty"`
	File      *wireFile         `json:"file,omitempty"`
	Lane      string            `json:"lane"`
	ExpiresIn int               `json:"expires_in,omitempty"`
}

// reply is an answer of the gateway.
type reply struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// Send implements outbox.Sender. It returns the gateway's id of the message, or a
// *message.SendError whose class says whether the gateway may have it.
func (c *Client) Send(ctx context.Context, m message.Outbound) (string, error) {
	body, err := c.body(m)
	if err != nil {
		return "", &message.SendError{Class: message.Fatal, Err: err}
	}
	answer, err := c.do(ctx, http.MethodPost, "/messages", body, Key(m.ID, m.Attempt))
	if err != nil {
		return "", err
	}
	var r reply
	bad := json.Unmarshal(answer.Body, &r)
	if !answer.OK() {
		return "", refusal(answer, r.Reason)
	}
	if bad != nil || r.ID == "" {
		return "", &message.SendError{Class: message.Ambiguous, HTTP: answer.Status, Err: errors.New("read answer: no id in it")}
	}
	return r.ID, nil
}

func (c *Client) body(m message.Outbound) (string, error) {
	if m.ID == uuid.Nil || m.To.Value == "" {
		return "", errors.New("build message: id or recipient is missing")
	}
	if m.To.Channel != message.SMS && m.Template == "" {
		m = c.Abilities.Fit(m)
	}
	if n := utf8.RuneCountInString(m.Body); n > MaxText || n == 0 && m.File == nil && m.Template == "" {
		return "", errors.New("build message: the text is empty or too long")
	}
	w := wireMessage{
		ID: m.ID.String(), Attempt: m.Attempt, Channel: string(m.To.Channel), From: c.Sender, To: m.To.Value, Text: m.Body,
		Template: m.Template, Variables: m.Variables, Lane: m.Lane.String(), ExpiresIn: int(m.Validity / time.Second),
	}
	if m.To.Channel != message.SMS {
		for _, choice := range m.Choices {
			w.Choices = append(w.Choices, wireChoice(choice))
		}
	}
	if m.File != nil {
		w.File = &wireFile{string(m.File.Kind), m.File.Link, m.File.Name}
	}
	packed, err := json.Marshal(w)
	if err != nil {
		return "", errors.New("encode message")
	}
	return string(packed), nil
}

// do makes one signed call. Its errors are already classed.
func (c *Client) do(ctx context.Context, method, path, body, key string) (channel.Answer, error) {
	r, err := http.NewRequest(method, c.URL+path, http.NoBody)
	if err != nil {
		return channel.Answer{}, &message.SendError{Class: message.Config, Err: errors.New("build request: bad URL")}
	}
	r.Header.Set("Accept", "application/json")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set(rail.HeaderIdempotency, key)
	}
	c.Keys.Sign(r, []byte(body), c.Now())
	return c.calls.Do(ctx, method, r.URL.String(), body, r.Header)
}

// refusal turns an answer other than success into an error. Only 422 says
// something of the message; anything else is about the call.
func refusal(a channel.Answer, reason string) *message.SendError {
	r := judge(reason)
	e := &message.SendError{HTTP: a.Status, RetryAfter: channel.RetryAfter(a.Header), Err: fmt.Errorf("gateway answered %d", a.Status)}
	switch {
	case a.Status == http.StatusTooManyRequests:
		e.Class, e.Hold = message.Safe, message.HoldSender
		if reason == "too_fast_pair" {
			e.Hold = message.HoldPair
		}
	case a.Status == http.StatusUnprocessableEntity:
		e.Class, e.Hold, e.Code = r.class, r.hold, r.code
		e.Err = fmt.Errorf("gateway answered %d: reason %d", a.Status, r.code)
	case a.Status >= 500 || a.Status == http.StatusRequestTimeout:
		e.Class = message.Ambiguous
	case a.Status == http.StatusConflict || a.Status == http.StatusBadRequest || a.Status == http.StatusRequestEntityTooLarge:
		e.Class = message.Fatal // the key with another content, or a body that it cannot read
	default:
		e.Class, e.Hold = message.Config, message.HoldSender // the wrong place or the wrong secret
	}
	return e
}

// Find implements outbox.Sender: it asks for the key of the last hand-over, so
// that there is no doubt about which message it is.
func (c *Client) Find(ctx context.Context, m message.Outbound, since time.Time) ([]outbox.Sent, error) {
	answer, err := c.do(ctx, http.MethodGet, "/messages/"+Key(m.ID, m.Attempt), "", "")
	if err != nil {
		return nil, err
	}
	var r reply
	bad := json.Unmarshal(answer.Body, &r)
	switch {
	case answer.Status == http.StatusNotFound:
		return nil, nil
	case !answer.OK():
		return nil, refusal(answer, r.Reason)
	case bad != nil || r.ID == "":
		return nil, &message.SendError{Class: message.Defer, HTTP: answer.Status, Err: errors.New("read answer: no id in it")}
	}
	return []outbox.Sent{{ProviderID: r.ID, Rank: rankOf(r.Status), CreatedAt: since}}, nil
}

// Fetch gets a file that a person sent: GET {url}/media/{id}, signed. Errors as
// those of channel.Fetcher.
func (c *Client) Fetch(ctx context.Context, m message.Media) (channel.File, error) {
	f := &channel.Fetcher{
		Hosts: []string{strings.ToLower(c.base.Host)}, Trusted: []string{strings.ToLower(c.base.Host)}, Local: true, // an operator named this host
		Authorize: func(r *http.Request) { c.Keys.Sign(r, nil, c.Now()) },
	}
	if c.HTTP != nil {
		f.HTTP = c.HTTP.Transport
	}
	return f.Fetch(ctx, c.URL+"/media/"+url.PathEscape(m.ID))
}

func rankOf(status string) message.Rank {
	switch status {
	case "accepted":
		return message.RankAccepted
	case "queued":
		return message.RankQueued
	case "sent":
		return message.RankSent
	case "delivered":
		return message.RankDelivered
	case "read":
		return message.RankRead
	case "failed":
		return message.RankFailed
	}
	return message.RankNone
}
