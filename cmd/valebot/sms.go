package main

import (
	"fmt"
	"io"
	"strings"

	"valebot/internal/gsm7"
	"valebot/internal/locale"
)

type smsCmd struct {
	Text string `arg:"" optional:"" name:"texto" help:"El texto; sin él se lee de la entrada."`
}

// Help shows two real uses.
func (smsCmd) Help() string {
	return `Ejemplos:
  valebot sms "Tu código de retiro es 482913"
  echo "Tu clave de retiro es 482913" | valebot sms --json`
}

// counted is what a text costs as an SMS.
type counted struct {
	Encoding   gsm7.Encoding      `json:"encoding"`    // GSM-7 or UCS-2
	Units      int                `json:"units"`       // septets, or UTF-16 code units
	PerSegment int                `json:"per_segment"` // 160 or 153, 70 or 67
	Segments   int                `json:"segments"`
	Offending  []offending        `json:"offending"`         // why it is not GSM-7
	Doubles    []offending        `json:"doubles,omitempty"` // GSM-7, but two septets each
	Plain      *plain             `json:"plain,omitempty"`   // the same with what is to be written instead
	Instead    []locale.Rewording `json:"instead,omitempty"` // better than without them
	Unsaved    bool               `json:"unsaved,omitempty"` // nothing plain stands for some character: Plain leaves it out
}

// offending is a character that costs more than one septet.
type offending struct {
	Character string `json:"character"`
	Position  int    `json:"position"` // in characters, from 1
	Code      string `json:"code"`     // as Unicode numbers it: U+00F3
	Kind      string `json:"kind"`     // what it is, in Spanish
	Write     string `json:"write"`    // what to write for it; "" to leave it out
}

type plain struct {
	Text     string `json:"text"`
	Segments int    `json:"segments"`
}

// Run counts the segments of a text. JSON: counted.
func (c *smsCmd) Run(e *env) error {
	text := c.Text
	if text == "" {
		all, err := io.ReadAll(io.LimitReader(e.in, maxInput))
		if err != nil {
			return fmt.Errorf("read text: %w", err)
		}
		text = strings.TrimSuffix(string(all), "\n")
	}
	out := count(text)
	return e.print(out, out.text())
}

func count(text string) counted {
	m := gsm7.Count(text)
	out := counted{Encoding: m.Encoding, Units: m.Units, PerSegment: m.PerSegment, Segments: m.Segments, Offending: []offending{}}
	for _, o := range m.Offending {
		out.Offending = append(out.Offending, offendingOf(o))
	}
	for _, o := range gsm7.Doubles(text) {
		out.Doubles = append(out.Doubles, offendingOf(o))
	}
	if len(out.Offending)+len(out.Doubles) == 0 {
		return out
	}
	better, left := reworded(text)
	out.Plain = &plain{better, gsm7.Count(better).Segments}
	out.Instead = locale.Reword(text)
	out.Unsaved = left
	return out
}

func (c counted) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %d/%d · %d SMS\n", c.Encoding, c.Units, c.PerSegment, c.Segments)
	for _, o := range c.Offending {
		fmt.Fprintf(&b, "  «%s» en la posición %d (%s, %s) obliga a UCS-2: %s\n", o.shown(), o.Position, o.Kind, o.Code, o.advice())
	}
	for _, o := range c.Doubles {
		fmt.Fprintf(&b, "  «%s» en la posición %d (%s, %s) cuesta por dos: %s\n", o.shown(), o.Position, o.Kind, o.Code, o.advice())
	}
	if c.Plain == nil {
		return b.String()
	}
	if c.Unsaved {
		b.WriteString("  hay caracteres que no se pueden escribir de otro modo: quítalos\n")
	}
	fmt.Fprintf(&b, "  antes %d SMS; escrito así, %d SMS:\n    %s\n", c.Segments, c.Plain.Segments, c.Plain.Text)
	for _, r := range c.Instead {
		fmt.Fprintf(&b, "  mejor dilo de otro modo: %s → %s\n", r.Word, orElse(strings.Join(r.Say, ", "), "(omítelo)"))
	}
	return b.String()
}
