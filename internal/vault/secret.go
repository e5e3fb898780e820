package vault

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	saltSize = 16
	hashSize = 32
)

// cost is what one argon2id hash takes.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// pinCost takes about 5 ms. Four digits have ten thousand values, so no cost
// that a busy server can pay would protect them from someone who holds the
// hashes; the pepper, which is not in the database, and the lock after three
// misses do. The cost only slows a thief of both.
func pinCost() cost { return cost{memory: 8 << 10, passes: 1, threads: 1} }

// passwordCost is OWASP's second argon2id choice of its Password Storage Cheat
// Sheet: m=19456 (19 MiB), t=2, p=1.
func passwordCost() cost { return cost{memory: 19 << 10, passes: 2, threads: 1} }

// HashPIN hashes a PIN: argon2id over its HMAC with the pepper. The text names
// the parameters and the pepper's version, and fits a text column. It panics if
// the source of randomness ends, which crypto/rand's never does.
func (v *Vault) HashPIN(pin string) string {
	id := v.pepper.PrimaryID
	return v.hash(pinCost(), id, v.peppered(id, pin))
}

// VerifyPIN reports whether the PIN is the one that was hashed. It takes the
// same time for a wrong PIN and for none stored.
func (v *Vault) VerifyPIN(encoded, pin string) bool {
	h, ok := parse(encoded)
	if _, known := v.pepper.PRFs[h.pepper]; !ok || !known {
		h = hashed{cost: pinCost(), pepper: v.pepper.PrimaryID, salt: make([]byte, saltSize)}
	}
	return h.matches(v.peppered(h.pepper, pin))
}

// HashPassword hashes a password of the desk with argon2id. It panics as
// HashPIN does.
func (v *Vault) HashPassword(password string) string {
	return v.hash(passwordCost(), 0, []byte(password))
}

// VerifyPassword reports whether the password is the one that was hashed. It
// takes the same time for a wrong password and for none stored, so that nobody
// learns from it which names exist.
func (v *Vault) VerifyPassword(encoded, password string) bool {
	h, ok := parse(encoded)
	if !ok || h.pepper != 0 {
		h = hashed{cost: passwordCost(), salt: make([]byte, saltSize)}
	}
	return h.matches([]byte(password))
}

func (v *Vault) peppered(id uint32, pin string) []byte {
	sum, err := v.pepper.PRFs[id].ComputePRF([]byte(pin), 32)
	if err != nil {
		panic("vault: HMAC-SHA256 refused 32 bytes: " + err.Error())
	}
	return sum
}

// hashed is a parsed hash. An empty sum matches nothing.
type hashed struct {
	cost
	pepper uint32 // 0: no pepper
	salt   []byte
	sum    []byte
}

func (v *Vault) hash(c cost, pepper uint32, secret []byte) string {
	h := hashed{cost: c, pepper: pepper, salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(v.random, h.salt); err != nil {
		panic("vault: no randomness for a salt: " + err.Error())
	}
	h.sum = h.compute(secret)
	return h.String()
}

func (h hashed) compute(secret []byte) []byte {
	return argon2.IDKey(secret, h.salt, h.passes, h.memory, h.threads, hashSize)
}

func (h hashed) matches(secret []byte) bool {
	return subtle.ConstantTimeCompare(h.compute(secret), h.sum) == 1
}

// String writes the PHC string format.
func (h hashed) String() string {
	keyID := ""
	if h.pepper != 0 {
		keyID = fmt.Sprintf(",keyid=%d", h.pepper)
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d%s$%s$%s", argon2.Version,
		h.memory, h.passes, h.threads, keyID, b64.EncodeToString(h.salt), b64.EncodeToString(h.sum))
}

// parse reads what String writes and nothing else. Costs are bounded, so that a
// damaged row cannot make a server spend its memory.
func parse(encoded string) (hashed, bool) {
	part := strings.Split(encoded, "$")
	if len(part) != 6 {
		return hashed{}, false
	}
	var h hashed
	params, keyID, hasKey := strings.Cut(part[3], ",keyid=")
	if _, err := fmt.Sscanf(params, "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.threads); err != nil {
		return hashed{}, false
	}
	if _, err := fmt.Sscanf(keyID, "%d", &h.pepper); hasKey && err != nil {
		return hashed{}, false
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(part[4])
	h.sum, err2 = base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || !h.sane() || h.String() != encoded {
		return hashed{}, false
	}
	return h, true
}

func (h hashed) sane() bool {
	return h.memory >= 8 && h.memory <= 256<<10 && h.passes >= 1 && h.passes <= 16 &&
		h.threads >= 1 && h.threads <= 4 && len(h.salt) == saltSize && len(h.sum) == hashSize
}
