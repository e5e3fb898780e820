package flow_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	goccy "github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/locales"
)

// A second YAML parser reads the shipped files and the templates of new ones as
// the loader does: what editors, other tools and our program see is the same.
func TestFilesMeanTheSameToASecondParser(t *testing.T) {
	t.Parallel()
	n := 0
	for root, fsys := range map[string]fs.FS{"flows": flows.FS, "locales": locales.FS} {
		err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
				return err
			}
			data, err := fs.ReadFile(fsys, path)
			if err != nil {
				return err
			}
			n++
			sameMeaning(t, root+"/"+path, data)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 15 {
		t.Errorf("only %d files were compared", n)
	}
	for _, template := range flow.Templates() {
		draft, err := flow.New(template.Key, "mi_flujo", "Un título")
		if err != nil {
			t.Fatal(err)
		}
		sameMeaning(t, template.Key, []byte(draft.Flow))
		sameMeaning(t, template.Key+" messages", []byte(draft.Messages))
	}
}

func sameMeaning(t *testing.T, name string, data []byte) {
	t.Helper()
	var ours, other any
	if err := yaml.Unmarshal(data, &ours); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if err := goccy.Unmarshal(data, &other); err != nil {
		t.Errorf("%s, second parser: %v", name, err)
	}
	if diff := cmp.Diff(plain(ours), plain(other)); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

// plain makes numbers and keys of both parsers alike.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plain(x)
		}
		return out
	case map[any]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[asText(k)] = plain(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plain(x)
		}
		return out
	case uint64:
		return int(v)
	case time.Time: // a plain date; the loader reads the text
		return v.Format("2006-01-02")
	case int64:
		return int(v)
	}
	return v
}

func asText(k any) string {
	data, err := yaml.Marshal(k)
	if err != nil {
		return ""
	}
	return strings.Trim(strings.TrimSpace(string(data)), "\"'")
}
