package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"valebot/internal/fault"
)

// Bundle is everything that is needed to compile flows again: the text of each
// file by its path, "flows/…" or "locales/…".
type Bundle map[string]string

// maxBundle bounds the files of a bundle, in bytes.
const maxBundle = 32 << 20

// BundleOf reads all files that flows are compiled from.
func BundleOf(files Files) (Bundle, error) {
	b, size := Bundle{}, 0
	for _, part := range []struct {
		name string
		fsys fs.FS
	}{{"flows", files.Flows}, {"locales", files.Locales}} {
		err := fs.WalkDir(part.fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !bundled(name) {
				return err
			}
			text, err := fs.ReadFile(part.fsys, name)
			size += len(text)
			b[part.name+"/"+name] = string(text)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", part.name, err)
		}
	}
	if size > maxBundle {
		return nil, fault.Newf(fault.Invalid, "too_large", "los archivos de flujos suman %d bytes; caben %d", size, maxBundle)
	}
	return b, nil
}

// bundled reports whether a file says something to the program, not to people.
func bundled(name string) bool {
	switch path.Ext(name) {
	case ".yaml":
		return true
	}
	return false
}

// Hash names the bundle by its content: hex SHA-256.
func (b Bundle) Hash() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(b)) {
		fmt.Fprintf(sum, "%s %d\n%s\n", name, len(b[name]), b[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// files gives the bundle to whatever reads folders.
func (b Bundle) files() Files {
	flows, locales := fstest.MapFS{}, fstest.MapFS{}
	for name, text := range b {
		if rest, ok := strings.CutPrefix(name, "flows/"); ok {
			flows[rest] = &fstest.MapFile{Data: []byte(text)}
		} else if rest, ok := strings.CutPrefix(name, "locales/"); ok {
			locales[rest] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return Files{Flows: flows, Locales: locales}
}

// flowText returns the file of a flow.
func (b Bundle) flowText(name string) (string, bool) {
	text, ok := b[flowPath(name)]
	return text, ok
}

func flowPath(name string) string { return "flows/" + name + ".flow.yaml" }

// with returns the bundle with some files in place of its own.
func (b Bundle) with(files Bundle) Bundle {
	out := maps.Clone(b)
	maps.Copy(out, files)
	return out
}

// part returns the files below a folder.
func (b Bundle) part(prefix string) Bundle {
	out := Bundle{}
	for name, text := range b {
		if strings.HasPrefix(name, prefix) {
			out[name] = text
		}
	}
	return out
}

// pack writes the bundle for keeping.
func (b Bundle) pack() ([]byte, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	if err := json.NewEncoder(zip).Encode(b); err != nil {
		return nil, fmt.Errorf("pack files: %w", err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("pack files: %w", err)
	}
	return out.Bytes(), nil
}

// unpack reads what pack wrote, and refuses what is not the bundle of that hash.
func unpack(packed []byte, hash string) (Bundle, error) {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack files: %w", err)
	}
	var b Bundle
	if err := json.NewDecoder(io.LimitReader(zip, 2*maxBundle)).Decode(&b); err != nil {
		return nil, fmt.Errorf("unpack files: %w", err)
	}
	if got := b.Hash(); got != hash {
		return nil, fmt.Errorf("unpack files: they are %.12s, not %.12s", got, hash)
	}
	return b, nil
}
