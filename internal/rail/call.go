package rail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Verdict is what an issuer's answer means, whatever was asked.
type Verdict string

// The verdicts.
const (
	Taken    Verdict = "taken"    // 202: it will be done; an event tells the rest
	Done     Verdict = "done"     // 200, 201: the body says how it stands
	Already  Verdict = "already"  // 409: it was there before; the body may say how it stands
	Rejected Verdict = "rejected" // 422: it will not be done; the body says why
)

// Reply is an answer that was read whole.
type Reply struct {
	Verdict Verdict
	Body    []byte // at most MaxBody bytes; may hold a secret, so it is never logged
}

// Caller makes signed calls to one issuer. It does not retry: what an
// unanswered call did is for the caller's look-up to find out.
type Caller struct {
	base string
	keys Keys
	http *http.Client
	now  func() time.Time
}

// NewCaller returns a Caller for the issuer at base, an absolute http or https
// URL without a query. The client's timeout bounds each call; its redirects are
// not followed, because a signature holds for one address. Now is the wall's time.
func NewCaller(base string, keys Keys, client *http.Client, now func() time.Time) (*Caller, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("parse issuer address: not an absolute http or https URL without a query")
	}
	if len(keys) == 0 {
		return nil, errors.New("issuer needs a shared secret")
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Caller{base: strings.TrimRight(base, "/"), keys: keys, http: &own, now: now}, nil
}

// Submit asks the issuer to do something once, under a key of ours.
func (c *Caller) Submit(ctx context.Context, path, key string, in any) (Reply, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return Reply{}, fmt.Errorf("encode request: %w", err)
	}
	return c.call(ctx, http.MethodPost, path, key, body)
}

// Lookup asks how something stands. It changes nothing and may be repeated.
func (c *Caller) Lookup(ctx context.Context, path string) (Reply, error) {
	return c.call(ctx, http.MethodGet, path, "", nil)
}

// Withdraw asks the issuer to undo something. Already means that it is too late.
func (c *Caller) Withdraw(ctx context.Context, path, key string) (Reply, error) {
	return c.call(ctx, http.MethodDelete, path, key, nil)
}

func (c *Caller) call(ctx context.Context, method, path, key string, body []byte) (Reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return Reply{}, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set(HeaderIdempotency, key)
	}
	c.keys.Sign(r, body, c.now())
	res, err := c.http.Do(r)
	if err != nil {
		return Reply{}, fmt.Errorf("call issuer: %w: %w", ErrUnknown, withoutURL(err))
	}
	defer res.Body.Close()
	return read(res)
}

func read(res *http.Response) (Reply, error) {
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	if err != nil || len(body) > MaxBody {
		return Reply{}, fmt.Errorf("read answer: %w: HTTP %d", ErrUnknown, res.StatusCode)
	}
	verdict, err := verdictOf(res)
	return Reply{Verdict: verdict, Body: body}, err
}

// verdictOf sorts the answer by status. A body is never quoted: it may hold a code.
func verdictOf(res *http.Response) (Verdict, error) {
	switch res.StatusCode {
	case http.StatusOK, http.StatusCreated:
		return Done, nil
	case http.StatusAccepted:
		return Taken, nil
	case http.StatusConflict:
		return Already, nil
	case http.StatusUnprocessableEntity:
		return Rejected, nil
	case http.StatusTooManyRequests:
		return "", fmt.Errorf("%w: HTTP 429", ErrBusy)
	case http.StatusNotFound:
		if res.Request != nil && res.Request.Method == http.MethodPost {
			return "", fmt.Errorf("%w: HTTP 404", ErrRefused)
		}
		return "", ErrAbsent
	case http.StatusRequestTimeout:
		return "", fmt.Errorf("%w: HTTP 408", ErrUnknown)
	}
	if res.StatusCode >= 300 && res.StatusCode < 500 {
		return "", fmt.Errorf("%w: HTTP %d", ErrRefused, res.StatusCode)
	}
	return "", fmt.Errorf("%w: HTTP %d", ErrUnknown, res.StatusCode)
}

// withoutURL drops the address from the client's error, since a path holds an
// id and an address may hold a password.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
