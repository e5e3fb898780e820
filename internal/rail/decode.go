package rail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Decode reads one JSON object. Members that it does not know are passed over,
// since issuers add them without notice. The error wraps ErrMalformed and never
// quotes the input, because a code in the wrong place must not reach a log.
func Decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("decode: %w", ErrMalformed)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("decode: %w: more than one value", ErrMalformed)
	}
	return nil
}

// maxReason is the longest reason that the desk shows, in letters.
const maxReason = 80

// Reason cleans an issuer's reason for the desk and the database: valid UTF-8
// without control characters, at most 80 letters.
func Reason(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if runes := []rune(clean); len(runes) > maxReason {
		return string(runes[:maxReason])
	}
	return clean
}
