// Package vault keeps secret fields secret: it encrypts what the database
// holds, finds it again by keyed hash, and hashes PINs and passwords.
//
// Whoever holds only the database learns neither a field nor a PIN: the keys
// live in a file of the data directory or in the configuration, never beside
// the data. Callers may not assume that the same text encrypts to the same
// bytes, nor that a sealed field opens at another place: table, column and id
// are bound to it. Losing the keys loses the fields; the keys belong in the
// backup, apart from the database.
package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// fingerprintSize is the length of a keyed hash in bytes: collisions are out of
// reach at 2^64 rows, and an index entry stays short.
const fingerprintSize = 16

// keys are the three keysets, each for one purpose: a key that serves two
// purposes cannot be rotated for one of them.
type keys struct {
	Fields json.RawMessage `json:"fields"` // AEAD; rotates freely, old keys still open
	Index  json.RawMessage `json:"index"`  // keyed hashes; a new key asks for new indexes
	Pepper json.RawMessage `json:"pepper"` // of PINs; old keys still verify
}

// Vault seals, opens and hashes. It is safe for concurrent use. It prints as
// "vault", so that no log line holds a key.
type Vault struct {
	fields tink.AEAD
	index  *prf.Set
	pepper *prf.Set
	random io.Reader
}

// Parse makes a vault of a keyset document: JSON as in the keyset file, or the
// base64 of it, which fits better in an environment variable. Salts of PINs and
// passwords are read from random, crypto/rand.Reader in production.
func Parse(document string, random io.Reader) (*Vault, error) {
	raw := []byte(strings.TrimSpace(document))
	if !bytes.HasPrefix(raw, []byte("{")) {
		decoded, err := base64.StdEncoding.DecodeString(string(raw))
		if err != nil {
			// The error of the decoder would quote a byte of the key.
			return nil, fmt.Errorf("parse keyset: neither JSON nor base64")
		}
		raw = decoded
	}
	var k keys
	if err := json.Unmarshal(raw, &k); err != nil {
		return nil, fmt.Errorf("parse keyset: not a keyset document")
	}
	return build(k, random)
}

// Ephemeral makes a vault with fresh keys that are kept nowhere: what it seals
// is lost with it. It is for tests and for trying things out.
func Ephemeral(random io.Reader) (*Vault, error) {
	k, err := generate()
	if err != nil {
		return nil, err
	}
	return build(k, random)
}

func build(k keys, random io.Reader) (*Vault, error) {
	fields, err := handleOf("fields", k.Fields)
	if err != nil {
		return nil, err
	}
	v := &Vault{random: random}
	if v.fields, err = aead.New(fields); err != nil {
		return nil, fmt.Errorf("use keyset fields: %w", err)
	}
	if v.index, err = hashSet("index", k.Index); err != nil {
		return nil, err
	}
	if v.pepper, err = hashSet("pepper", k.Pepper); err != nil {
		return nil, err
	}
	return v, nil
}

func hashSet(name string, raw json.RawMessage) (*prf.Set, error) {
	handle, err := handleOf(name, raw)
	if err != nil {
		return nil, err
	}
	set, err := prf.NewPRFSet(handle)
	if err != nil {
		return nil, fmt.Errorf("use keyset %s: %w", name, err)
	}
	return set, nil
}

func handleOf(name string, raw json.RawMessage) (*keyset.Handle, error) {
	if len(raw) == 0 {
		return nil, fmt.Errorf("read keyset %s: it is missing", name)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("read keyset %s: %w", name, err)
	}
	return handle, nil
}

// Place names where a sealed field lives. It is bound to the ciphertext, so
// that a value copied to another row or column does not open there.
func Place(table, column, id string) string { return table + "." + column + ":" + id }

// Seal encrypts a field for its Place. The result carries the version of the
// key in its first five bytes.
func (v *Vault) Seal(plain []byte, place string) ([]byte, error) {
	sealed, err := v.fields.Encrypt(plain, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal field: %w", err)
	}
	return sealed, nil
}

// Open decrypts a field that was sealed for the same Place, with the current or
// an older key. The error names the place and never the content.
func (v *Vault) Open(sealed []byte, place string) ([]byte, error) {
	plain, err := v.fields.Decrypt(sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", place, err)
	}
	return plain, nil
}

// Fingerprint is a keyed hash of 16 bytes by which an encrypted value is found
// again. Kind keeps equal texts of different meaning apart.
func (v *Vault) Fingerprint(kind, text string) []byte {
	// The length in front keeps ("ab","c") and ("a","bc") apart.
	input := fmt.Appendf(nil, "%d:%s%s", len(kind), kind, text)
	sum, err := v.index.ComputePrimaryPRF(input, fingerprintSize)
	if err != nil {
		panic("vault: HMAC-SHA256 refused 16 bytes: " + err.Error())
	}
	return sum
}

// String hides the keys.
func (v *Vault) String() string { return "vault" }

// LogValue hides the keys in structured logs.
func (v *Vault) LogValue() slog.Value { return slog.StringValue("vault") }
