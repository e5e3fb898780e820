package casework

import (
	"bytes"
	"testing"
	"time"
)

// TestCodeStep: RFC 6238, appendix B, SHA-1, the last six digits.
func TestCodeStep(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for _, tt := range []struct {
		at   int64
		code string
	}{
		{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
	} {
		for name, shift := range map[string]int64{"now": 0, "30 s late": 30, "30 s early": -30} {
			step, ok := CodeStep(secret, tt.code, time.Unix(tt.at+shift, 0))
			if !ok || step != tt.at/30 {
				t.Errorf("%s at %d, %s: %d %v", tt.code, tt.at, name, step, ok)
			}
		}
		if _, ok := CodeStep(secret, tt.code, time.Unix(tt.at+90, 0)); ok {
			t.Errorf("%s is good a minute and a half later", tt.code)
		}
	}
	if step, ok := CodeStep(secret, " 287 082 ", time.Unix(59, 0)); !ok || step != 1 {
		t.Error("a code in groups is not read")
	}
	for _, code := range []string{"", "28708", "2870822", "287083", "28708a"} {
		if _, ok := CodeStep(secret, code, time.Unix(59, 0)); ok {
			t.Errorf("%q opens", code)
		}
	}
	for _, secret := range []string{"", "no base32!"} {
		if _, ok := CodeStep(secret, "287082", time.Unix(59, 0)); ok {
			t.Errorf("secret %q opens", secret)
		}
	}
}

func TestRecoveryHash(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(RecoveryHash("ABCD EFGH"), RecoveryHash(" abcd-efgh ")) {
		t.Error("how a code is written matters")
	}
	if bytes.Equal(RecoveryHash("ABCD EFGH"), RecoveryHash("ABCD EFGI")) {
		t.Error("two codes are one")
	}
}
