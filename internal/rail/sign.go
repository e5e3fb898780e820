package rail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of the protocol.
const (
	HeaderTimestamp   = "X-Valebot-Timestamp" // seconds since 1970, decimal
	HeaderSignature   = "X-Valebot-Signature" // v1=<hex>, several separated by commas
	HeaderIdempotency = "Idempotency-Key"
)

// Tolerance is how far the clocks of both sides may stand apart. Within it a
// recorded request could be played again, which is why every action behind a
// signed event is idempotent.
const Tolerance = 5 * time.Minute

// ErrUnsigned says that a request carries no signature of ours. It does not say
// which part was wrong, since the sender may be guessing.
var ErrUnsigned = errors.New("signature not valid")

// minSecret is the least length of a shared secret in bytes: below 128 bits a
// recorded signature can be searched through.
const minSecret = 16

// Keys are the secrets shared with one issuer. The first signs; all verify, so
// that a secret can be replaced without a moment of refusal.
type Keys []string

// ParseKeys reads secrets separated by commas, newest first. Each must have at
// least 16 bytes.
func ParseKeys(list string) (Keys, error) {
	var keys Keys
	for part := range strings.SplitSeq(list, ",") {
		secret := strings.TrimSpace(part)
		if secret == "" {
			continue
		}
		if len(secret) < minSecret {
			return nil, fmt.Errorf("parse secrets: each needs %d characters or more", minSecret)
		}
		keys = append(keys, secret)
	}
	if len(keys) == 0 {
		return nil, errors.New("parse secrets: none given")
	}
	return keys, nil
}

// String hides the secrets.
func (k Keys) String() string { return "***" }

// GoString hides the secrets from %#v.
func (k Keys) GoString() string { return "rail.Keys(***)" }

// LogValue hides the secrets from structured logs.
func (k Keys) LogValue() slog.Value { return slog.StringValue("***") }

// Sign puts timestamp and signature on a request with the given body. Now is
// the time of the wall: a business clock that was moved would be refused.
func (k Keys) Sign(r *http.Request, body []byte, now time.Time) {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set(HeaderTimestamp, timestamp)
	if len(k) > 0 {
		r.Header.Set(HeaderSignature, "v1="+hex.EncodeToString(digest(k[0], timestamp, r, body)))
	}
}

// Verify checks a request that came in with the given body. It returns nil or
// ErrUnsigned. Every signature is held against every secret in constant time.
func (k Keys) Verify(r *http.Request, body []byte, now time.Time) error {
	timestamp := r.Header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return ErrUnsigned
	}
	matched := false
	for _, given := range signatures(r) {
		for _, secret := range k {
			matched = hmac.Equal(given, digest(secret, timestamp, r, body)) || matched
		}
	}
	if !matched {
		return ErrUnsigned
	}
	return nil
}

// maxSignatures bounds the work that one unsigned request can ask for.
const maxSignatures = 4

// signatures reads the v1 signatures of a request. Other versions are passed
// over, so that a later one can be sent beside v1.
func signatures(r *http.Request) [][]byte {
	var found [][]byte
	for part := range strings.SplitSeq(r.Header.Get(HeaderSignature), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(part), "v1=")
		sum, err := hex.DecodeString(text)
		if ok && err == nil && len(sum) == sha256.Size && len(found) < maxSignatures {
			found = append(found, sum)
		}
	}
	return found
}

// digest is HMAC-SHA256 over timestamp.method.path.body.
func digest(secret, timestamp string, r *http.Request, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "." + r.Method + "." + target(r) + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// target is the path as it stands on the request line, query included. On the
// server it comes from RequestURI, which a router that strips a prefix leaves
// alone.
func target(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}
