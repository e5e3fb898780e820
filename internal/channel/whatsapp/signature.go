package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// HeaderSignature carries "sha256=" and the HMAC of the raw body in hexadecimal.
const HeaderSignature = "X-Hub-Signature-256"

// Sign returns the header that Meta would send for a body: for tests, stand-ins
// and trying a webhook by hand.
func Sign(secret string, body []byte) string {
	return "sha256=" + hex.EncodeToString(digest(secret, body))
}

// signed reports whether the header is the signature of exactly these bytes by
// one of the app secrets: two while one is being changed. Every secret is held
// against it, in constant time.
func signed(secrets []string, header string, body []byte) bool {
	text, ok := strings.CutPrefix(header, "sha256=")
	given, err := hex.DecodeString(text)
	if !ok || err != nil || len(given) != sha256.Size {
		return false
	}
	matched := false
	for _, secret := range secrets {
		matched = secret != "" && hmac.Equal(given, digest(secret, body)) || matched
	}
	return matched
}

func digest(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
