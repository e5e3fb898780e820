package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/source"
)

// The exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2 // wrong use or wrong configuration
	exitFindings = 3 // what was checked has errors
)

// coded is an error with an exit code of its own.
type coded struct {
	error
	code int
}

// Unwrap returns the error itself.
func (c coded) Unwrap() error { return c.error }

// misuse is an error of whoever typed the command.
func misuse(format string, args ...any) error { return coded{fmt.Errorf(format, args...), exitUsage} }

var errFindings = errors.New("what was checked has errors")

// findings ends a command that has printed what it found wrong.
func findings() error { return coded{errFindings, exitFindings} }

// failure is what programs read on standard error when --json is given.
type failure struct {
	Code     string           `json:"code"` // stable: a fault's code, "usage", "broken_files", "internal"…
	Text     string           `json:"text"` // Spanish where the program knows what happened
	Problems []source.Problem `json:"problems,omitempty"`
}

// report prints what went wrong, for people or for programs, and returns the
// exit code.
func report(stderr io.Writer, asJSON bool, err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return exitDone
	}
	code := exitCode(err)
	if errors.Is(err, errFindings) {
		return code
	}
	told := failureOf(err)
	if asJSON {
		_ = writeJSON(stderr, told) // the exit code says the rest
		return code
	}
	fmt.Fprintln(stderr, "valebot:", told.Text)
	return code
}

func exitCode(err error) int {
	var (
		own     coded
		usage   *kong.ParseError
		address *pgconn.ParseConfigError
		files   *app.Broken
	)
	switch {
	case errors.As(err, &own):
		return own.code
	case errors.As(err, &usage), errors.As(err, &address):
		return exitUsage
	case errors.As(err, &files):
		return exitFindings
	}
	return exitFailed
}

// failureOf says in Spanish what happened, as far as the error tells.
func failureOf(err error) failure {
	var (
		usage   *kong.ParseError
		files   *app.Broken
		refused *pgconn.ConnectError
		address *pgconn.ParseConfigError
		missing *fs.PathError
		own     coded
	)
	switch {
	case errors.As(err, &usage):
		return failure{Code: "usage", Text: usageText(usage)}
	case errors.As(err, &files):
		return failure{Code: "broken_files", Text: "estos archivos tienen errores:\n" + files.Error(), Problems: files.Problems}
	case errors.As(err, &address):
		return failure{Code: "database_url", Text: "VALEBOT_DATABASE_URL no se entiende; escribe postgres://usuario:clave@servidor:5432/base"}
	case errors.As(err, &refused):
		return failure{Code: "database_unavailable", Text: "la base de datos no contesta; revisa VALEBOT_DATABASE_URL y que acepte conexiones de esta máquina"}
	case errors.Is(err, syscall.EADDRINUSE):
		return failure{Code: "address_in_use", Text: takenText(err)}
	case fault.KindOf(err) != fault.Internal:
		return failure{Code: fault.CodeOf(err), Text: faultText(err)}
	case errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist):
		return failure{Code: "no_such_file", Text: "no encuentro " + missing.Path}
	case errors.As(err, &own) && own.code == exitUsage:
		return failure{Code: "usage", Text: err.Error()}
	}
	return failure{Code: fault.CodeOf(err), Text: err.Error()}
}

// faultText is the text of the fault in err, with the places that were wrapped
// around it and without its cause, which only logs may show.
func faultText(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err.Error()
	}
	return strings.Replace(err.Error(), f.Error(), f.Text, 1)
}

// takenText says which address is taken and how to take another.
func takenText(err error) string {
	where := "la dirección"
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		where = op.Addr.String()
	}
	return where + " ya está en uso; cierra lo que la usa, o elige otra: --addr :9080 (y en la demo --phones localhost:9090)"
}
