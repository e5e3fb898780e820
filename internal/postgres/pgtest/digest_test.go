package pgtest

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

func one(context.Context, string) error { return nil }
func two(context.Context, string) error { return nil }

func TestDigestTellsTemplatesApart(t *testing.T) {
	t.Parallel()
	files := func(pairs ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
		}
		return m
	}
	seen := map[string]string{}
	for name, tt := range map[string]struct {
		files fs.FS
		apply func(context.Context, string) error
	}{
		"none":             {nil, one},
		"another function": {nil, two},
		"one file":         {files("1.sql", "a"), one},
		"other content":    {files("1.sql", "b"), one},
		"other name":       {files("2.sql", "a"), one},
		"two files":        {files("1.sql", "a", "2.sql", ""), one},
		"below":            {files("x/1.sql", "a"), one},
		"shifted border":   {files("1.sql", "", "2.sql", "a"), one},
	} {
		got, err := digest(tt.files, tt.apply)
		if err != nil {
			t.Fatal(err)
		}
		again, err := digest(tt.files, tt.apply)
		if err != nil || again != got {
			t.Errorf("%s: digest changed from %s to %s, %v", name, got, again, err)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q share a template", name, other)
		}
		seen[got] = name
	}
}

type brokenFS struct{ err error }

func (b brokenFS) Open(string) (fs.File, error) { return nil, b.err }

func TestUnreadableMigrations(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	if _, err := digest(brokenFS{broken}, one); !errors.Is(err, broken) {
		t.Errorf("error = %v", err)
	}
}

func TestReplaceDatabase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ server, want string }{
		{"postgres://u:p@h:5433/old?sslmode=disable", "postgres://u:p@h:5433/new?sslmode=disable"},
		{"postgresql://u@/old?host=%2Frun", "postgresql://u@/new?host=%2Frun"},
		{"postgres://h", "postgres://h/new"},
		{"host=h dbname=old", ""},
		{"mysql://h/old", ""},
		{"postgres://%zz", ""},
	} {
		got, err := replaceDatabase(tt.server, "new")
		if (err != nil) != (tt.want == "") || (err == nil && got != tt.want) {
			t.Errorf("replaceDatabase(%q) = %q, %v; want %q", tt.server, got, err, tt.want)
		}
	}
}

func TestCancelledContextFindsNoServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := findServer(ctx); err == nil {
		t.Error("want an error")
	}
}
