package twilio

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"valebot/internal/channel"
	"valebot/internal/message"
)

// Defaults of a Client.
const (
	DefaultAPI     = "https://api.twilio.com"
	DefaultTimeout = 10 * time.Second
)

// maxValidity is the longest ValidityPeriod that Twilio takes, in seconds.
const maxValidity = 36000

// Config is what a Client needs.
type Config struct {
	API     string // base URL; empty is DefaultAPI. A stand-in elsewhere
	Account string // AccountSid, AC…
	Key     string // user name of the REST API: an API key SK…; empty is Account
	Secret  string // secret of the key, or the auth token of the account
	// Secrets are others that may stand in Secret's place while it is being
	// changed: the one that Twilio takes is found out by a refused call, and kept.
	Secrets   []string
	StatusURL string // public URL of the status webhook, without query; empty asks for no callbacks
	// Templates maps our names of templates to Content templates (HX…). A message
	// whose template is not in it goes out as its body, which WhatsApp takes while
	// the person's window is open and refuses with 63016 (message.Switch) after.
	Templates map[string]string
	// Buttons maps a number of choices to the Content template (HX…) that shows
	// them on WhatsApp: variable 1 is the body, 2 and 3 are label and id of the
	// first choice, 4 and 5 of the second, and so on. Without an entry the labels
	// stand below the body as text, with numbers.
	Buttons map[int]string
	Timeout time.Duration // of one call; 0 is DefaultTimeout
	// HTTP sends the requests; nil is a client of our own with many warm
	// connections. Redirects are never followed.
	HTTP *http.Client
}

// Client hands messages to Twilio's REST API. It is safe for concurrent use.
type Client struct {
	messages  string // URL of the Messages resource
	host      *url.URL
	logins    []string     // Authorization headers, one for each secret
	login     atomic.Int32 // which of them Twilio took last
	statusURL string
	templates map[string]string
	buttons   map[int]string
	calls     *channel.Caller
	transport http.RoundTripper // nil is each call's own
}

// NewClient checks the configuration and reports all of its problems at once.
func NewClient(c Config) (*Client, error) {
	api, err := url.Parse(cmp.Or(c.API, DefaultAPI))
	var problems []error
	if err != nil || api.Host == "" || (api.Scheme != "https" && api.Scheme != "http") {
		problems = append(problems, errors.New("twilio API: want http(s)://host"))
	}
	if !strings.HasPrefix(c.Account, "AC") {
		problems = append(problems, errors.New("twilio account: want an AccountSid (AC…)"))
	}
	if c.Secret == "" {
		problems = append(problems, errors.New("twilio secret: want the auth token or the secret of an API key"))
	}
	if u, err := url.Parse(c.StatusURL); err != nil || c.StatusURL != "" && (u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
		problems = append(problems, errors.New("twilio status URL: want a whole URL without query"))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	made := &Client{
		messages:  strings.TrimRight(api.String(), "/") + "/2010-04-01/Accounts/" + url.PathEscape(c.Account) + "/Messages.json",
		host:      api,
		statusURL: c.StatusURL,
		templates: c.Templates,
		buttons:   c.Buttons,
		calls:     channel.NewCaller(c.HTTP, cmp.Or(c.Timeout, DefaultTimeout)),
	}
	for _, secret := range append([]string{c.Secret}, c.Secrets...) {
		made.logins = append(made.logins, "Basic "+base64.StdEncoding.EncodeToString([]byte(cmp.Or(c.Key, c.Account)+":"+secret)))
	}
	if c.HTTP != nil {
		made.transport = c.HTTP.Transport
	}
	return made, nil
}

// reply is what is read of the Message resource and of an error.
type reply struct {
	SID         string `json:"sid"`
	Status      any    `json:"status"` // a word in a message, a number in an error
	Code        int    `json:"code"`
	ErrorCode   *int   `json:"error_code"`
	Body        string `json:"body"`
	Direction   string `json:"direction"`
	DateCreated string `json:"date_created"`
	Service     string `json:"messaging_service_sid"`
}

// Send implements outbox.Sender. It returns the message's SID, or a
// *message.SendError whose class says whether Twilio may have the message.
// message.Safe is only said where that is impossible: Twilio answered 429, or no
// connection was made.
func (c *Client) Send(ctx context.Context, m message.Outbound) (string, error) {
	form, err := c.form(m)
	if err != nil {
		return "", &message.SendError{Class: message.Fatal, Err: err}
	}
	answer, err := c.do(ctx, http.MethodPost, c.messages, form)
	if err != nil {
		return "", err
	}
	var r reply
	bad, status := json.Unmarshal(answer.Body, &r), answer.Status
	if !answer.OK() {
		return "", refusal(status, r.Code, channel.RetryAfter(answer.Header))
	}
	if bad != nil || r.SID == "" {
		return "", &message.SendError{Class: message.Ambiguous, HTTP: status, Err: errors.New("read answer: no message in it")}
	}
	if rank := rankOf(word(r.Status)); rank == message.RankFailed && r.ErrorCode != nil {
		return r.SID, &message.SendError{Class: ClassOfCode(*r.ErrorCode), Hold: rulings[*r.ErrorCode].hold, Code: *r.ErrorCode, HTTP: status, Err: describe(status, *r.ErrorCode)}
	}
	return r.SID, nil
}

func word(v any) string {
	s, _ := v.(string) // a number is the status of an error, which has no rank
	return s
}

// do makes one call. Its errors are already classed. A call that Twilio refused
// to know us for was not processed, so it is made again with each other secret;
// the first that is taken is used from then on.
func (c *Client) do(ctx context.Context, method, link string, form url.Values) (channel.Answer, error) {
	known, body := c.login.Load(), form.Encode()
	answer, err := c.once(ctx, method, link, body, c.logins[known])
	for n := range c.logins {
		if err != nil || answer.Status != http.StatusUnauthorized {
			break
		}
		if other := int32(n); other != known {
			answer, err = c.once(ctx, method, link, body, c.logins[other])
			if err == nil && answer.Status != http.StatusUnauthorized {
				c.login.Store(other)
			}
		}
	}
	return answer, err
}

func (c *Client) once(ctx context.Context, method, link, body, login string) (channel.Answer, error) {
	header := http.Header{"Accept": {"application/json"}, "Authorization": {login}}
	if method == http.MethodPost {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return c.calls.Do(ctx, method, link, body, header)
}
