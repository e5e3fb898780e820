package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"valebot/internal/message"
)

// Defaults of a Client.
const (
	DefaultAPI     = "https://api.twilio.com"
	DefaultTimeout = 10 * time.Second
)

const (
	maxAnswer   = 4 << 20          // bytes of a REST answer that are read; a page of messages has some 100 KiB
	maxRetry    = 10 * time.Minute // of a Retry-After that is believed
	maxValidity = 36000            // seconds, the longest ValidityPeriod that Twilio takes
)

// Config is what a Client needs.
type Config struct {
	API       string // base URL; empty is DefaultAPI. A stand-in elsewhere
	Account   string // AccountSid, AC…
	Key       string // user name of the REST API: an API key SK…; empty is Account
	Secret    string // secret of the key, or the auth token of the account
	StatusURL string // public URL of the status webhook, without query; empty asks for no callbacks
	// Templates maps our names of templates to Content templates (HX…). A message
	// whose template is not in it goes out as its body, which WhatsApp takes while
	// the person's window is open and refuses with 63016 (message.Switch) after.
	Templates map[string]string
	// Buttons maps a number of choices to the Content template (HX…) that shows
	// them on WhatsApp: variable 1 is the body, 2 and 3 are label and id of the
	// first choice, 4 and 5 of the second, and so on. Without an entry the labels
	// stand below the body as text.
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
	user, key string
	statusURL string
	templates map[string]string
	buttons   map[int]string
	timeout   time.Duration
	http      *http.Client
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
	return &Client{
		messages:  strings.TrimRight(api.String(), "/") + "/2010-04-01/Accounts/" + url.PathEscape(c.Account) + "/Messages.json",
		host:      api,
		user:      cmp.Or(c.Key, c.Account),
		key:       c.Secret,
		statusURL: c.StatusURL,
		templates: c.Templates,
		buttons:   c.Buttons,
		timeout:   cmp.Or(c.Timeout, DefaultTimeout),
		http:      courier(c.HTTP),
	}, nil
}

// courier returns a copy of the client that follows no redirect, so that neither
// credentials nor a POST ever go to another place.
func courier(given *http.Client) *http.Client {
	c := http.Client{Transport: transport()}
	if given != nil {
		c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// transport keeps as many connections warm as a fast sender uses at once; the
// default of two a host would open a connection for nearly every message.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          1024,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second,
	}
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
	status, header, body, err := c.do(ctx, http.MethodPost, c.messages, form)
	if err != nil {
		return "", err
	}
	var r reply
	bad := json.Unmarshal(body, &r)
	if status < 200 || status > 299 {
		return "", refusal(status, r.Code, retryAfter(header))
	}
	if bad != nil || r.SID == "" {
		return "", &message.SendError{Class: message.Ambiguous, HTTP: status, Err: errors.New("read answer: no message in it")}
	}
	if rank := rankOf(word(r.Status)); rank == message.RankFailed && r.ErrorCode != nil {
		return r.SID, &message.SendError{Class: ClassOfCode(*r.ErrorCode), Code: *r.ErrorCode, HTTP: status, Err: describe(status, *r.ErrorCode)}
	}
	return r.SID, nil
}

func word(v any) string {
	s, _ := v.(string) // a number is the status of an error, which has no rank
	return s
}

// do makes one call. Its errors are already classed.
func (c *Client) do(ctx context.Context, method, link string, form url.Values) (int, http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, method, link, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, nil, &message.SendError{Class: message.Config, Err: errors.New("build request: bad URL")}
	}
	req.SetBasicAuth(c.user, c.key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "valebot")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, lost(err, connected.Load())
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode < 300 {
		return 0, nil, nil, &message.SendError{Class: message.Ambiguous, HTTP: res.StatusCode, Err: fmt.Errorf("read answer: %w", err)}
	}
	return res.StatusCode, res.Header, body, nil
}

// lost classes a call without an answer. The URL, which http.Client puts into its
// errors, holds addresses and is dropped.
func lost(err error, connected bool) *message.SendError {
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if !connected {
		return &message.SendError{Class: message.Safe, Err: fmt.Errorf("connect: %w", err)}
	}
	return &message.SendError{Class: message.Ambiguous, Err: fmt.Errorf("wait for answer: %w", err)}
}

// retryAfter reads the header in its form of seconds; the other form, a date, is
// not used by Twilio.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds <= 0 {
		return 0
	}
	return min(time.Duration(min(seconds, int(maxRetry/time.Second)))*time.Second, maxRetry)
}
