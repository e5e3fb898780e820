package transcript_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"valebot/internal/flow/transcript"
)

func TestReadFolder(t *testing.T) {
	t.Parallel()
	whole := "== caso uno\n"
	fsys := fstest.MapFS{
		"b.chat": {Data: []byte("esto no es una plática\n")}, "a/z.chat": {Data: []byte(whole)}, "a/nota.txt": {Data: []byte("otra cosa")},
	}
	cases, problems, err := transcript.ReadFolder(fsys, "mis-pruebas")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.File != "mis-pruebas/a/z.chat" && p.File != "mis-pruebas/b.chat" {
			t.Errorf("a problem is in %q", p.File)
		}
	}
	if len(problems) == 0 {
		t.Errorf("%d cases and no problem", len(cases))
	}
}

func TestReadFolderThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if _, _, err := transcript.ReadFolder(gone{}, ""); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

type gone struct{}

// Open implements fs.FS.
func (gone) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}
