package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signatures are HMAC-SHA1; nothing else is offered
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Verifier checks X-Twilio-Signature. It builds the URL that Twilio signed from
// the configured public URL and never from the Host header, which is whatever a
// proxy or an attacker made of it.
type Verifier struct {
	bases     []string
	fragments []string
	tokens    []string
}

// NewVerifier takes the public URL under which Twilio reaches the webhooks
// (scheme, host, optional port, and the path prefix that a proxy strips), the connection overrides that
// the webhooks carry as a fragment in Twilio's console ("rc=5&rp=all", or ""),
// and the auth tokens that may sign: two while one is being rotated.
func NewVerifier(publicURL, overrides string, tokens ...string) (*Verifier, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, errors.New("parse public URL: it is no URL")
	}
	if u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("public URL %q: want http(s)://host, without query or fragment", u.Redacted())
	}
	if len(tokens) == 0 || slices.Contains(tokens, "") {
		return nil, errors.New("no auth token, or an empty one")
	}
	base := strings.TrimRight(publicURL, "/")
	v := &Verifier{bases: []string{base}, fragments: []string{""}, tokens: slices.Clone(tokens)}
	if origin := strings.TrimSuffix(base, strings.TrimRight(u.EscapedPath(), "/")); origin != base {
		v.bases = append(v.bases, origin) // the proxy left the prefix in the path
	}
	if overrides != "" {
		// Whether the fragment takes part in the signature is documented nowhere.
		v.fragments = append(v.fragments, "#"+strings.TrimPrefix(overrides, "#"))
	}
	return v, nil
}

// Verify reports whether signature is Twilio's for a form posted to the path and
// query that the server received ("/webhooks/twilio/inbound?x=1").
func (v *Verifier) Verify(pathAndQuery string, form url.Values, signature string) bool {
	given := []byte(signature)
	params := flatten(form)
	for _, candidate := range v.candidates(pathAndQuery) {
		for _, token := range v.tokens {
			if hmac.Equal(given, []byte(mac(token, candidate+params))) {
				return true
			}
		}
	}
	return false
}

// VerifyBody is Verify for a body that is no form: its SHA-256 stands in the
// query as bodySHA256, in hexadecimal, and only the URL is signed.
func (v *Verifier) VerifyBody(pathAndQuery string, body []byte, signature string) bool {
	_, query, _ := strings.Cut(pathAndQuery, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(body)
	want := hex.EncodeToString(sum[:])
	return hmac.Equal([]byte(strings.ToLower(values.Get("bodySHA256"))), []byte(want)) && v.Verify(pathAndQuery, nil, signature)
}

// Sign returns the signature that Twilio would send for a form posted to a whole
// URL: for tests, for stand-ins and for trying a webhook by hand.
func Sign(token, wholeURL string, form url.Values) string {
	return mac(token, wholeURL+flatten(form))
}

func mac(token, text string) string {
	h := hmac.New(sha1.New, []byte(token))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// flatten joins keys in byte order, each with its distinct values sorted.
func flatten(form url.Values) string {
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		values := slices.Clone(form[k])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			b.WriteString(k)
			b.WriteString(value)
		}
	}
	return b.String()
}

// candidates lists the spellings of the URL that Twilio may have signed. Its
// parts disagree on whether a port belongs to it and on escaping apostrophes.
func (v *Verifier) candidates(pathAndQuery string) []string {
	var out []string
	for _, base := range v.bases {
		for _, u := range ports(base + pathAndQuery) {
			for _, spelling := range apostrophes(u) {
				for _, fragment := range v.fragments {
					out = append(out, spelling+fragment)
				}
			}
		}
	}
	return out
}

// ports returns the URL as it is, without its port, and with a standard port
// where it has none. Everything else, such as credentials and the case of the
// host, stays byte for byte.
func ports(whole string) []string {
	scheme, rest, _ := strings.Cut(whole, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	host := authority[strings.LastIndex(authority, "@")+1:]
	if colon := strings.LastIndex(host, ":"); colon >= 0 && onlyDigits(host[colon+1:]) {
		bare := strings.TrimSuffix(authority, host[colon:])
		return []string{whole, scheme + "://" + bare + tail}
	}
	port := ":443"
	if scheme == "http" {
		port = ":80"
	}
	return []string{whole, scheme + "://" + authority + port + tail}
}

func apostrophes(u string) []string {
	out := []string{u}
	if strings.Contains(u, "'") {
		out = append(out, strings.ReplaceAll(u, "'", "%27"))
	}
	if strings.Contains(u, "%27") {
		out = append(out, strings.ReplaceAll(u, "%27", "'"))
	}
	return out
}
