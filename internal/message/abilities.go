package message

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Abilities says what a way out can show. The zero value shows plain text of any
// length and nothing else. Lengths are in characters; 0 means no limit.
type Abilities struct {
	Buttons int // choices that can be tapped as buttons
	Button  int // of the label of a button
	Rows    int // choices that can be tapped as rows of a list
	Row     int // of the label of a row
	Caption int // of a body that goes with choices
}

// Fit returns the message as it can be shown. Choices that cannot be tapped, or
// whose labels would be cut, are spelled out below the body with numbers, so
// that a person can always answer. Fit of a fitted message changes nothing.
func (a Abilities) Fit(m Outbound) Outbound {
	if len(m.Choices) == 0 || a.tappable(m) {
		return m
	}
	m.Body, m.Choices = spelled(m.Body, m.Choices), nil
	return m
}

// AsList reports whether choices that Fit left are to be shown as a list rather
// than as buttons.
func (a Abilities) AsList(m Outbound) bool {
	return len(m.Choices) > 0 && !fits(m.Choices, a.Buttons, a.Button)
}

func (a Abilities) tappable(m Outbound) bool {
	if a.Caption > 0 && utf8.RuneCountInString(m.Body) > a.Caption || m.Body == "" {
		return false
	}
	return fits(m.Choices, a.Buttons, a.Button) || fits(m.Choices, a.Rows, a.Row)
}

// fits reports whether choices can be shown by so many controls with labels of
// that length. Providers refuse empty labels and two that are alike.
func fits(choices []Choice, count, label int) bool {
	seen := map[string]bool{}
	for _, c := range choices {
		if c.Label == "" || c.ID == "" || seen[c.Label] || label > 0 && utf8.RuneCountInString(c.Label) > label {
			return false
		}
		seen[c.Label] = true
	}
	return len(choices) <= count
}

func spelled(body string, choices []Choice) string {
	var b strings.Builder
	b.WriteString(body)
	if body != "" {
		b.WriteByte('\n')
	}
	for i, c := range choices {
		b.WriteString("\n" + strconv.Itoa(i+1) + ". " + c.Label)
	}
	return b.String()
}
