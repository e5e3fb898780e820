package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

func TestPIN(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	encoded := v.HashPIN("4821")
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=8192,t=1,p=1,keyid=") {
		t.Errorf("HashPIN = %q: the parameters must be in it", encoded)
	}
	if encoded == v.HashPIN("4821") {
		t.Error("two hashes of one PIN are equal: no salt")
	}
	tests := []struct {
		name, encoded, pin string
		want               bool
	}{
		{"right", encoded, "4821", true},
		{"wrong", encoded, "4822", false},
		{"empty", encoded, "", false},
		{"longer", encoded, "48210", false},
		{"no hash stored", "", "4821", false},
		{"password hash", v.HashPassword("4821"), "4821", false},
		{"other pepper", ephemeral(t).HashPIN("4821"), "4821", false},
		{"sum removed", encoded[:strings.LastIndex(encoded, "$")+1], "4821", false},
		{"more memory than allowed", strings.Replace(encoded, "m=8192", "m=4194304", 1), "4821", false},
		{"cost changed", strings.Replace(encoded, "t=1", "t=2", 1), "4821", false},
		{"trailing text", encoded + "=", "4821", false},
	}
	for _, tt := range tests {
		if got := v.VerifyPIN(tt.encoded, tt.pin); got != tt.want {
			t.Errorf("%s: VerifyPIN = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestPINNeedsThePepper(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	h, ok := parse(v.HashPIN("4821"))
	if !ok {
		t.Fatal("HashPIN does not parse")
	}
	bare := argon2.IDKey([]byte("4821"), h.salt, h.passes, h.memory, h.threads, hashSize)
	if bytes.Equal(bare, h.sum) {
		t.Error("the hash can be tried without the pepper")
	}
}

func TestSaltComesFromTheGivenSource(t *testing.T) {
	t.Parallel()
	v, err := Ephemeral(bytes.NewReader(bytes.Repeat([]byte{7}, 16)))
	if err != nil {
		t.Fatal(err)
	}
	if got := v.HashPIN("4821"); !strings.Contains(got, "$BwcHBwcHBwcHBwcHBwcHBw$") {
		t.Errorf("HashPIN = %q: another salt", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a hash without randomness was made")
		}
	}()
	v.HashPIN("4821")
}

func TestPassword(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	encoded := v.HashPassword("correcto caballo")
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("HashPassword = %q", encoded)
	}
	tests := []struct {
		name, encoded, password string
		want                    bool
	}{
		{"right", encoded, "correcto caballo", true},
		{"wrong", encoded, "correcto caballa", false},
		{"none stored", "", "correcto caballo", false},
		{"PIN hash", v.HashPIN("correcto caballo"), "correcto caballo", false},
	}
	for _, tt := range tests {
		if got := v.VerifyPassword(tt.encoded, tt.password); got != tt.want {
			t.Errorf("%s: VerifyPassword = %v, want %v", tt.name, got, tt.want)
		}
	}
	if other := ephemeral(t); !other.VerifyPassword(encoded, "correcto caballo") {
		t.Error("a password hash must outlive the keyset")
	}
}

// The vector was made by the reference implementation, phc-winner-argon2
// (its test.c): argon2id, v=19, t=2, m=256 KiB, p=1.
func TestArgon2idReferenceVector(t *testing.T) {
	t.Parallel()
	sum := argon2.IDKey([]byte("password"), []byte("somesalt"), 2, 256, 1, 32)
	const want = "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"
	if got := hex.EncodeToString(sum); got != want {
		t.Errorf("argon2id = %s, want %s", got, want)
	}
}

func FuzzVerify(f *testing.F) {
	v, err := Ephemeral(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(v.HashPIN("4821"))
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, encoded string) {
		if h, ok := parse(encoded); ok && (h.memory > 256<<10 || h.String() != encoded) {
			t.Errorf("parse(%q) = %+v", encoded, h)
		}
	})
}

func BenchmarkHashPIN(b *testing.B) {
	v := ephemeral(b)
	for b.Loop() {
		v.HashPIN("4821")
	}
}
