package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/source"
)

func TestReport(t *testing.T) {
	t.Parallel()
	broken := &app.Broken{Problems: []source.Problem{{File: "f.yaml", Line: 1, Col: 2, Severity: source.Error, Code: "yaml", Text: "no"}}}
	taken := &net.OpError{Op: "listen", Net: "tcp", Addr: &net.TCPAddr{Port: 8090}, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	limit := fault.New(fault.Limited, "line_exceeded", "La línea no alcanza.").Because(errors.New("secret detail"))
	for name, c := range map[string]struct {
		err  error
		exit int
		want failure
	}{
		"fault":            {limit, 1, failure{Code: "line_exceeded", Text: "La línea no alcanza."}},
		"fault in a place": {fmt.Errorf("town.yaml: people[0]: %w", limit), 1, failure{Code: "line_exceeded", Text: "town.yaml: people[0]: La línea no alcanza."}},
		"misuse":           {misuse("fecha: %w", limit), 2, failure{Code: "line_exceeded", Text: "fecha: La línea no alcanza."}},
		"broken files":     {fmt.Errorf("load: %w", broken), 3, failure{Code: "broken_files", Text: "estos archivos tienen errores:\nf.yaml:1:2: error: no [yaml]", Problems: broken.Problems}},
		"port":             {fmt.Errorf("listen: %w", taken), 1, failure{Code: "address_in_use", Text: ":8090 ya está en uso; cierra lo que la usa, o elige otra: --addr :9080 (y en la demo --phones localhost:9090)"}},
		"no file":          {fmt.Errorf("read: %w", &fs.PathError{Op: "open", Path: "gente.yaml", Err: syscall.ENOENT}), 1, failure{Code: "no_such_file", Text: "no encuentro gente.yaml"}},
		"unknown":          {errors.New("broken pipe"), 1, failure{Code: "internal", Text: "broken pipe"}},
	} {
		var text, program bytes.Buffer
		if got := report(&text, false, c.err); got != c.exit {
			t.Errorf("%s: exit %d, want %d", name, got, c.exit)
		}
		if want := "valebot: " + c.want.Text + "\n"; text.String() != want {
			t.Errorf("%s: %q, want %q", name, text.String(), want)
		}
		report(&program, true, c.err)
		if diff := cmp.Diff(c.want, decoded[failure](t, program.String())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		exit int
	}{{nil, 0}, {context.Canceled, 0}, {fmt.Errorf("serve: %w", context.Canceled), 0}, {findings(), 3}} {
		var b bytes.Buffer
		if got := report(&b, false, c.err); got != c.exit || b.Len() > 0 {
			t.Errorf("%v: exit %d, printed %q", c.err, got, b.String())
		}
	}
}
