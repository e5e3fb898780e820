package casework

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// period is how long a code of the second factor lasts (RFC 6238); the one
// before and the one after count too, for telephones whose clock is off.
const period = 30

// CodeStep finds the time step whose code somebody typed; ok is false if it is none
// of a secret at this real time. Whoever accepts it must see that no step is
// used twice.
func CodeStep(secret, code string, wall time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	if secret == "" || len(code) != 6 {
		return 0, false
	}
	now := wall.Unix() / period
	for _, s := range []int64{now, now - 1, now + 1} {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(s*period, 0), totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// RecoveryHash is how a recovery code is kept. Codes are long and random, so
// that a fast hash is enough.
func RecoveryHash(code string) []byte {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(code)))
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}
