package evaluate_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"valebot/internal/understand/evaluate"
)

// A line of a megabyte is read like any other; one past the bound is told in its
// place, and what follows it is read.
func TestLongLines(t *testing.T) {
	t.Parallel()
	line := func(size int) string { return `{"text":"` + strings.Repeat("a", size) + `"}` }
	for name, tt := range map[string]struct {
		in    string
		lines int
		fails bool
	}{
		"a megabyte":             {line(1<<20) + "\n{\"text\":\"si\"}\n", 2, false},
		"past the bound":         {line(5<<20) + "\n{\"text\":\"si\"}\n", 2, true},
		"past the bound, at end": {"{\"text\":\"si\"}\n" + line(5<<20), 2, true},
		"no end of line":         {`{"text":"si"}`, 1, false},
		"nothing":                {"", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := evaluate.Run(spanish(t), "yes_no", evaluate.Settings{}, strings.NewReader(tt.in), &out)
			if errors.Is(err, evaluate.ErrLines) != tt.fails {
				t.Errorf("error %v, want one: %v", err, tt.fails)
			}
			if got := strings.Count(out.String(), "\n"); got != tt.lines {
				t.Errorf("%d lines came out, want %d", got, tt.lines)
			}
			if tt.fails && !strings.Contains(out.String(), `"error"`) {
				t.Error("the bad line is not told")
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBrokenInput(t *testing.T) {
	t.Parallel()
	err := evaluate.Run(spanish(t), "yes_no", evaluate.Settings{}, broken{}, io.Discard)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}
