package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func ephemeral(t testing.TB) *Vault {
	t.Helper()
	v, err := Ephemeral(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSealOpensOnlyAtItsPlace(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	place := Place("disbursement", "account", "a1")
	sealed, err := v.Seal([]byte("012180015544332211"), place)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("0121800")) {
		t.Error("the sealed field shows its content")
	}
	plain, err := v.Open(sealed, place)
	if err != nil || string(plain) != "012180015544332211" {
		t.Errorf("Open = %q, %v", plain, err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another row":    func() ([]byte, error) { return v.Open(sealed, Place("disbursement", "account", "a2")) },
		"another column": func() ([]byte, error) { return v.Open(sealed, Place("disbursement", "token", "a1")) },
		"another table":  func() ([]byte, error) { return v.Open(sealed, Place("loan", "account", "a1")) },
		"a flipped bit":  func() ([]byte, error) { return v.Open(flipped, place) },
		"cut short":      func() ([]byte, error) { return v.Open(sealed[:3], place) },
		"nothing":        func() ([]byte, error) { return v.Open(nil, place) },
		"other keys":     func() ([]byte, error) { return ephemeral(t).Open(sealed, place) },
	} {
		if plain, err := open(); err == nil {
			t.Errorf("%s opened as %q", name, plain)
		}
	}
}

func TestSealNeverRepeats(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	one, err1 := v.Seal([]byte("4821"), "x")
	two, err2 := v.Seal([]byte("4821"), "x")
	if err1 != nil || err2 != nil || bytes.Equal(one, two) {
		t.Errorf("equal texts seal to equal bytes (%v, %v)", err1, err2)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	base := v.Fingerprint("phone", "+526671234567")
	if len(base) != fingerprintSize || !bytes.Equal(base, v.Fingerprint("phone", "+526671234567")) {
		t.Errorf("a fingerprint must be %d stable bytes, got %x", fingerprintSize, base)
	}
	for name, other := range map[string][]byte{
		"other text":      v.Fingerprint("phone", "+526671234568"),
		"other kind":      v.Fingerprint("fax", "+526671234567"),
		"shifted border":  v.Fingerprint("phone+", "526671234567"),
		"other keys":      ephemeral(t).Fingerprint("phone", "+526671234567"),
		"empty, no panic": v.Fingerprint("", ""),
	} {
		if bytes.Equal(base, other) {
			t.Errorf("%s: same fingerprint", name)
		}
	}
}

func TestLoadMakesTheKeysetOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	vaults := make([]*Vault, 8)
	var group sync.WaitGroup
	for i := range vaults {
		group.Go(func() {
			v, err := Load(dir, rand.Reader)
			if err != nil {
				t.Error(err)
			}
			vaults[i] = v
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	sealed, err := vaults[0].Seal([]byte("hola"), "p")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vaults {
		if plain, err := v.Open(sealed, "p"); err != nil || string(plain) != "hola" {
			t.Errorf("vault %d started with other keys: %v", i, err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files left: %v, %v", files, err)
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600", info.Mode(), err)
	}
}

func TestLoadRefusals(t *testing.T) {
	t.Parallel()
	whole := func(t *testing.T) []byte {
		dir := t.TempDir()
		if _, err := Load(dir, rand.Reader); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, FileName))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	tests := []struct {
		name string
		text func(t *testing.T) []byte
		mode os.FileMode
		want string
	}{
		{"readable by others", whole, 0o644, "chmod 600"},
		{"empty", func(*testing.T) []byte { return nil }, 0o600, "not a keyset"},
		{"no keysets", func(*testing.T) []byte { return []byte("{}") }, 0o600, "missing"},
		{"cut", func(t *testing.T) []byte { return whole(t)[:100] }, 0o600, "not a keyset"},
		{"without pepper", func(t *testing.T) []byte {
			return bytes.Replace(whole(t), []byte(`"pepper"`), []byte(`"salt"`), 1)
		}, 0o600, "pepper"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, FileName)
			text := tt.text(t)
			if err := os.WriteFile(path, text, tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Load(dir, rand.Reader)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load = %v, want %q", err, tt.want)
			}
			after, readErr := os.ReadFile(path)
			if readErr != nil || !bytes.Equal(after, text) {
				t.Errorf("Load changed a file that it refused: %v", readErr)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "nowhere"), rand.Reader); err == nil {
		t.Error("Load in a directory that is not there succeeded")
	}
}

func TestRotateKeepsOldFieldsReadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old, err := Load(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	before, err := old.Seal([]byte("antes"), "p")
	if err != nil {
		t.Fatal(err)
	}
	pin := old.HashPIN("4821")
	if err := Rotate(dir); err != nil {
		t.Fatal(err)
	}
	fresh, err := Load(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := fresh.Open(before, "p"); err != nil || string(plain) != "antes" {
		t.Errorf("what the old key sealed = %q, %v", plain, err)
	}
	after, err := fresh.Seal([]byte("después"), "p")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before[:5], after[:5]) {
		t.Error("the new key does not seal")
	}
	if _, err := old.Open(after, "p"); err == nil {
		t.Error("the old keyset opened what the new key sealed")
	}
	if !fresh.VerifyPIN(pin, "4821") || !bytes.Equal(old.Fingerprint("k", "x"), fresh.Fingerprint("k", "x")) {
		t.Error("rotating the field key changed PINs or fingerprints")
	}
	if err := Rotate(t.TempDir()); err == nil {
		t.Error("Rotate without a keyset succeeded")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := Load(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := file.Seal([]byte("hola"), "p")
	if err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string]string{
		"json":   string(raw),
		"base64": base64.StdEncoding.EncodeToString(raw) + "\n",
	} {
		v, err := Parse(document, rand.Reader)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if plain, err := v.Open(sealed, "p"); err != nil || string(plain) != "hola" {
			t.Errorf("%s: Open = %q, %v", name, plain, err)
		}
	}
	for _, bad := range []string{"", "{", "%%%", "aG9sYQ==", `{"fields":{},"index":{},"pepper":{}}`} {
		_, err := Parse(bad, rand.Reader)
		if err == nil {
			t.Errorf("Parse(%q) succeeded", bad)
		}
	}
}

func TestNothingPrintsKeys(t *testing.T) {
	t.Parallel()
	v := ephemeral(t)
	for _, verb := range []string{"%v", "%+v", "%s"} {
		if got := fmt.Sprintf(verb, v); got != "vault" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	if got := v.LogValue().String(); got != "vault" {
		t.Errorf("LogValue = %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"fields":{},"index":{},"pepper":{}}`)
	f.Add("aG9sYQ==")
	f.Fuzz(func(t *testing.T, document string) {
		if v, err := Parse(document, rand.Reader); err == nil && v.fields == nil {
			t.Error("a vault without a key")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	v := ephemeral(b)
	plain := []byte("012180015544332211")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal(plain, "disbursement.account:0190"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFingerprint(b *testing.B) {
	v := ephemeral(b)
	for b.Loop() {
		v.Fingerprint("phone", "+526671234567")
	}
}
