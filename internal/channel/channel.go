// Package channel holds what the adapters of all providers have in common: one
// HTTP call whose error says whether the provider may have the message, and the
// careful fetching of files that people sent.
//
// It knows no provider. A call is made exactly once; nothing here retries. No
// error holds an address, a body, a token or a URL, since all of them reach logs.
package channel

import (
	"context"
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
	"unicode/utf8"

	"valebot/internal/message"
)

const (
	maxAnswer = 4 << 20          // bytes of an answer that are read; a page of messages has some 100 KiB
	maxRetry  = 10 * time.Minute // of a Retry-After that is believed
)

// Caller makes calls to one provider. It is safe for concurrent use.
type Caller struct {
	http    *http.Client
	timeout time.Duration
}

// NewCaller returns a Caller whose calls take at most timeout. given may be nil
// for a client with many warm connections. Redirects are never followed, so that
// neither credentials nor a POST ever go to another place.
func NewCaller(given *http.Client, timeout time.Duration) *Caller {
	c := http.Client{Transport: transport()}
	if given != nil {
		c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Caller{&c, timeout}
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

// Answer is an answer that was read whole, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most 4 MiB
}

// OK reports whether the status is one of success.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Do makes one call. Its error is a *message.SendError: Safe if no connection was
// made, so that the provider cannot have the request, and Ambiguous otherwise.
func (c *Caller) Do(ctx context.Context, method, link, body string, header http.Header) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, method, link, strings.NewReader(body))
	if err != nil {
		return Answer{}, &message.SendError{Class: message.Config, Err: errors.New("build request: bad URL")}
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "valebot")
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, lost(err, connected.Load())
	}
	defer res.Body.Close()
	read, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode < 300 {
		return Answer{}, &message.SendError{Class: message.Ambiguous, HTTP: res.StatusCode, Err: fmt.Errorf("read answer: %w", err)}
	}
	return Answer{res.StatusCode, res.Header, read}, nil
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

// RetryAfter reads the header in its form of seconds, at most ten minutes; 0 if
// there is none. The other form, a date, is not used by any provider here.
func RetryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds <= 0 {
		return 0
	}
	return min(time.Duration(min(seconds, int(maxRetry/time.Second)))*time.Second, maxRetry)
}

// Clean makes a text storable: valid UTF-8, no NUL (PostgreSQL refuses both), and
// at most limit characters.
func Clean(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit])
}
