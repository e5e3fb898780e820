package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// FileName is the keyset document in the data directory, readable by its owner only.
const FileName = "keyset.json"

// Load reads the keyset of a data directory, and makes it on first start. Of
// several processes that start at once, one makes it and the others read that
// one. A file that other users may read is refused. Random is as in Parse.
func Load(dir string, random io.Reader) (*Vault, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, err
		}
	}
	k, err := read(path)
	if err != nil {
		return nil, err
	}
	return build(k, random)
}

// Rotate adds a new key for fields to the keyset of a data directory and makes
// it the one that seals. What older keys sealed still opens. Processes that
// run go on with the keys that they loaded, so restart them all before anything
// sealed by the new key must be read by them.
func Rotate(dir string) error {
	path := filepath.Join(dir, FileName)
	k, err := read(path)
	if err != nil {
		return err
	}
	handle, err := handleOf("fields", k.Fields)
	if err != nil {
		return err
	}
	if k.Fields, err = withNewKey(handle); err != nil {
		return err
	}
	temp, err := writeBeside(path, k)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("replace keyset: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func withNewKey(handle *keyset.Handle) (json.RawMessage, error) {
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("promote key: %w", err)
	}
	next, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("close keyset: %w", err)
	}
	return marshal(next)
}

func generate() (keys, error) {
	var k keys
	for _, one := range []struct {
		to       *json.RawMessage
		template *tinkpb.KeyTemplate
	}{
		{&k.Fields, aead.AES256GCMKeyTemplate()},
		{&k.Index, prf.HMACSHA256PRFKeyTemplate()},
		{&k.Pepper, prf.HMACSHA256PRFKeyTemplate()},
	} {
		handle, err := keyset.NewHandle(one.template)
		if err != nil {
			return keys{}, fmt.Errorf("make key: %w", err)
		}
		if *one.to, err = marshal(handle); err != nil {
			return keys{}, err
		}
	}
	return k, nil
}

// marshal writes a keyset in the clear: its protection is the file's mode, or
// the secret store that the configuration comes from.
func marshal(handle *keyset.Handle) (json.RawMessage, error) {
	var buffer bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&buffer)); err != nil {
		return nil, fmt.Errorf("write keyset: %w", err)
	}
	return buffer.Bytes(), nil
}

// create makes the file whole or not at all, and never over another one: a
// second keyset would make everything sealed with the first unreadable.
func create(path string) error {
	k, err := generate()
	if err != nil {
		return err
	}
	temp, err := writeBeside(path, k)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("place keyset: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// writeBeside writes and syncs a temporary file of mode 0600 in the directory of path.
func writeBeside(path string, k keys) (string, error) {
	raw, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return "", fmt.Errorf("encode keyset: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".keyset-*")
	if err != nil {
		return "", fmt.Errorf("write keyset: %w", err)
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("write keyset: %w", err), os.Remove(file.Name()))
	}
	return file.Name(), nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	return nil
}

func read(path string) (keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return keys{}, fmt.Errorf("read keyset: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return keys{}, fmt.Errorf("read keyset: other users may read %s (mode %04o): chmod 600 it", path, mode)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return keys{}, fmt.Errorf("read keyset: %w", err)
	}
	var k keys
	if err := json.Unmarshal(raw, &k); err != nil {
		return keys{}, fmt.Errorf("read keyset %s: not a keyset document", path)
	}
	return k, nil
}
