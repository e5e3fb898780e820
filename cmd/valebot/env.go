package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// env is what commands share.
type env struct {
	ctx  context.Context
	out  io.Writer
	in   io.Reader
	log  *slog.Logger
	json bool
}

// print writes JSON for programs or text for people.
func (e *env) print(value any, text string) error {
	if !e.json {
		_, err := io.WriteString(e.out, text)
		return err
	}
	return writeJSON(e.out, value)
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// maxInput bounds what is read from standard input, in bytes.
const maxInput = 16 << 20

// readFile reads a file that a user named; - is standard input.
func (e *env) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(e.in, maxInput))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return text, nil
}

// isTerminal reports whether a person is at the other end of a reader or writer.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colour reports whether output may be coloured: on terminals, and never where
// NO_COLOR is set (no-color.org).
func (e *env) colour() bool { return isTerminal(e.out) && os.Getenv("NO_COLOR") == "" }

// orEmpty makes JSON say [] where there is nothing.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
