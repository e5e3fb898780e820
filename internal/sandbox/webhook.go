package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Twilio signs with
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// twilioSignature is X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and,
// in the order of their names, each field's name and distinct sorted values.
func twilioSignature(token, link string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = io.WriteString(mac, link)
	for _, name := range sortedKeys(form) {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			_, _ = io.WriteString(mac, name+value)
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// postForm delivers one signed webhook and returns the server's status. The
// signature is over link; the bytes go to via, which leads to the same server.
func postForm(ctx context.Context, client *http.Client, token, link, via string, form url.Values) (int, error) {
	r, err := formRequest(ctx, token, link, via, form)
	if err != nil {
		return 0, err
	}
	return send(client, r)
}

func formRequest(ctx context.Context, token, link, via string, form url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, via, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("User-Agent", "TwilioProxy/1.1")
	r.Header.Set("X-Twilio-Signature", twilioSignature(token, link, form))
	r.Header.Set("I-Twilio-Idempotency-Token", sid(""))
	return r, nil
}

// send makes a request and reads its answer to the end, so that the connection
// is used again.
func send(client *http.Client, r *http.Request) (int, error) {
	res, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	return res.StatusCode, err
}

// via is where a link of the server is really reached from here.
func (s *Sandbox) via(link string) string {
	rest, ours := strings.CutPrefix(link, s.PublicURL)
	if s.DeliverURL == "" || !ours {
		return link
	}
	return s.DeliverURL + rest
}

// webhook makes a fresh request of one webhook, signed at the moment it is made.
type webhook func() (*http.Request, error)

// twilioHook is a webhook of Twilio's.
func (s *Sandbox) twilioHook(link string, form url.Values) webhook {
	return func() (*http.Request, error) { return formRequest(s.ctx, s.TwilioToken, link, s.via(link), form) }
}

// deliver delivers a webhook once and reports whether the server said 2xx.
func (s *Sandbox) deliver(hook webhook) bool {
	r, err := hook()
	if err != nil {
		return false
	}
	return s.attempt(r.URL.Path, func() (int, error) { return send(s.HTTP, r) })
}

// postTwilio delivers a webhook of Twilio's once.
func (s *Sandbox) postTwilio(link string, form url.Values) bool {
	return s.deliver(s.twilioHook(link, form))
}

// attempt makes one delivery, when there is room, and reports whether the server
// said 2xx. Only the path is logged: queries hold ids and bodies hold secrets.
func (s *Sandbox) attempt(link string, post func() (int, error)) bool {
	select {
	case s.posts <- struct{}{}:
	case <-s.ctx.Done():
		return false
	}
	status, err := post()
	<-s.posts
	if err == nil && status >= 200 && status < 300 {
		return true
	}
	s.Log.Debug("webhook not taken", "path", pathOf(link), "status", status, "error", err != nil)
	return false
}

// persist repeats a delivery until the server takes it or patience ends.
func (s *Sandbox) persist(deliver func() bool) bool {
	for _, wait := range s.Retry {
		if deliver() {
			return true
		}
		if !s.sleep(wait) {
			return false
		}
	}
	return deliver()
}

func pathOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Path
}
