package message_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/message"
)

// cloud is what WhatsApp shows.
var cloud = message.Abilities{Buttons: 3, Button: 20, Rows: 10, Row: 24, Caption: 1024}

func choices(labels ...string) []message.Choice {
	var out []message.Choice
	for i, l := range labels {
		out = append(out, message.Choice{ID: fmt.Sprintf("q:%d", i+1), Label: l})
	}
	return out
}

func TestFit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 21)
	for name, c := range map[string]struct {
		abilities message.Abilities
		in        message.Outbound
		body      string
		kept      int
		list      bool
	}{
		"no choices":           {cloud, message.Outbound{Body: "hola"}, "hola", 0, false},
		"buttons":              {cloud, message.Outbound{Body: "¿Aceptas?", Choices: choices("Sí", "No")}, "¿Aceptas?", 2, false},
		"four are a list":      {cloud, message.Outbound{Body: "¿Cuál?", Choices: choices("4", "6", "8", "12")}, "¿Cuál?", 4, true},
		"a long label: a list": {cloud, message.Outbound{Body: "¿Cuál?", Choices: choices(long, "No")}, "¿Cuál?", 2, true},
		"label too long":       {cloud, message.Outbound{Body: "¿Cuál?", Choices: choices(long+long, "No")}, "¿Cuál?\n\n1. " + long + long + "\n2. No", 0, false},
		"eleven":               {cloud, message.Outbound{Body: "?", Choices: choices(strings.Split("abcdefghijk", "")...)}, "?\n\n1. a\n2. b\n3. c\n4. d\n5. e\n6. f\n7. g\n8. h\n9. i\n10. j\n11. k", 0, false},
		"labels alike":         {cloud, message.Outbound{Body: "?", Choices: choices("Sí", "Sí")}, "?\n\n1. Sí\n2. Sí", 0, false},
		"empty label":          {cloud, message.Outbound{Body: "?", Choices: choices("")}, "?\n\n1. ", 0, false},
		"body too long":        {message.Abilities{Buttons: 3, Caption: 3}, message.Outbound{Body: "hola", Choices: choices("Sí")}, "hola\n\n1. Sí", 0, false},
		"plain text":           {message.Abilities{}, message.Outbound{Body: "¿Aceptas?", Choices: choices("Sí", "No")}, "¿Aceptas?\n\n1. Sí\n2. No", 0, false},
		"no body":              {cloud, message.Outbound{Choices: choices("Sí")}, "\n1. Sí", 0, false},
	} {
		got := c.abilities.Fit(c.in)
		if got.Body != c.body || len(got.Choices) != c.kept || c.abilities.AsList(got) != c.list {
			t.Errorf("%s: %q with %d choices, list %t; want %q with %d, %t", name, got.Body, len(got.Choices), c.abilities.AsList(got), c.body, c.kept, c.list)
		}
	}
}

// Whatever the channel, every label reaches the person, whole, and fitting again
// changes nothing.
func TestFitLosesNoChoice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		a := message.Abilities{
			Buttons: rapid.IntRange(0, 3).Draw(r, "buttons"), Button: rapid.IntRange(0, 20).Draw(r, "button"),
			Rows: rapid.IntRange(0, 10).Draw(r, "rows"), Row: rapid.IntRange(0, 24).Draw(r, "row"), Caption: rapid.IntRange(0, 40).Draw(r, "caption"),
		}
		m := message.Outbound{Body: rapid.StringN(0, 60, -1).Draw(r, "body"), Choices: choices(rapid.SliceOfN(rapid.StringN(1, 30, -1), 0, 12).Draw(r, "labels")...)}
		got := a.Fit(m)
		for _, c := range m.Choices {
			tapped := len(got.Choices) == len(m.Choices)
			if !tapped && !strings.Contains(got.Body, ". "+c.Label) {
				r.Fatalf("%q is neither tapped nor told in %q", c.Label, got.Body)
			}
		}
		for _, c := range got.Choices {
			limit := a.Button
			if a.AsList(got) {
				limit = a.Row
			}
			if limit > 0 && utf8.RuneCountInString(c.Label) > limit {
				r.Fatalf("label %q is too long for %+v", c.Label, a)
			}
		}
		if diff := cmp.Diff(got, a.Fit(got)); diff != "" {
			r.Fatal(diff)
		}
	})
}
