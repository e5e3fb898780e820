// Package evaluate measures internal/understand on lines of JSON, as the
// command line does: it labels texts, and it compares labels with gold ones.
// It holds no grammar of its own, and callers may not assume that its label of a
// text is what a flow would do with it.
package evaluate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"valebot/internal/understand"
)

// Kinds lists what Run can label, in the order that help shows.
func Kinds() []string {
	return []string{"yes_no", "intent", "amount", "int", "date", "option", "term", "phone", "clabe"}
}

// ErrKind is what Run and Report wrap for a kind that is not in Kinds.
var ErrKind = errors.New("unknown kind of reading")

// Settings are the flags of a run.
type Settings struct {
	Now     time.Time // the moment that dates are relative to where a line has no reference
	Zone    *time.Location
	Options int    // how many options a menu has; 0 reads any ordinal
	State   string // where the person lives, as a CURP writes it; "" when unknown
}

// ErrLines is what Run and Evaluate wrap when some lines could not be read. The
// others were.
var ErrLines = errors.New("lines could not be read")

// Line is one input: a text and, for evaluation, what it means.
type Line struct {
	Text      *string         `json:"text"`
	Reference string          `json:"reference,omitempty"` // RFC 3339 or without a zone
	Options   int             `json:"options,omitempty"`
	Label     string          `json:"label,omitempty"`
	NotLabel  string          `json:"not_label,omitempty"`
	Accept    []string        `json:"accept,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	Amount    json.RawMessage `json:"amount,omitempty"`
	Count     int             `json:"count,omitempty"`
	Alt       []string        `json:"alt,omitempty"`
}

// Answer is one output. Only the fields of the kind are written.
type Answer map[string]any

// maxLine bounds one line of input, in bytes. A longer one is told and passed over.
const maxLine = 4 << 20

var errLong = fmt.Errorf("line of more than %d bytes", maxLine)

// Run labels every line of in and writes one line of JSON for each to out, in
// order. A line that cannot be read gets {"line": n, "error": why} and stops
// nothing; the error that is returned then wraps ErrLines and names the first.
func Run(u *understand.Understander, kind string, s Settings, in io.Reader, out io.Writer) error {
	label, err := labeller(kind)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return each(in, s, func(l Line, now time.Time) error {
		return enc.Encode(label(reading(u, s, l, now), optionsOf(s, l)))
	}, func(n int, why error) error {
		return enc.Encode(Answer{"line": n, "error": why.Error()})
	})
}

// each decodes the lines of in; blank ones are skipped, bad ones told.
func each(in io.Reader, s Settings, do func(Line, time.Time) error, bad func(n int, why error) error) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	broken, first := 0, error(nil)
	for n := 1; ; n++ {
		raw, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, errLong) {
			return fmt.Errorf("read input: %w", err)
		}
		text := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
		if err == nil && len(text) == 0 {
			continue
		}
		var l Line
		now := s.Now
		if err == nil {
			l, now, err = decode(text, s)
		}
		if err == nil {
			err = do(l, now)
		} else {
			if first == nil {
				first = fmt.Errorf("line %d: %w", n, err)
			}
			broken++
			err = bad(n, err)
		}
		if err != nil {
			return err
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d %w, the first is %w", broken, ErrLines, first)
	}
	return nil
}

// nextLine returns a line without its end, errLong for one past maxLine, and
// io.EOF after the last.
func nextLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, errLong
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		}
		return line, err
	}
}

// decode reads one line: an object with a text, and a reference that is a moment.
func decode(data []byte, s Settings) (Line, time.Time, error) {
	var l Line
	if err := json.Unmarshal(data, &l); err != nil {
		return l, s.Now, err
	}
	if l.Text == nil {
		return l, s.Now, errors.New(`no "text"`)
	}
	if l.Reference == "" {
		return l, s.Now, nil
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, l.Reference, zone(s)); err == nil {
			return l, t, nil
		}
	}
	return l, s.Now, fmt.Errorf("reference %q is no moment", l.Reference)
}

func reading(u *understand.Understander, s Settings, l Line, now time.Time) understand.Reading {
	return u.Read(*l.Text, understand.Context{Now: now, Zone: s.Zone, State: s.State})
}

func zone(s Settings) *time.Location {
	if s.Zone != nil {
		return s.Zone
	}
	return time.UTC
}

func optionsOf(s Settings, l Line) int {
	if l.Options > 0 {
		return l.Options
	}
	return s.Options
}

type labelFunc func(r understand.Reading, options int) Answer

func labeller(kind string) (labelFunc, error) {
	label, ok := map[string]labelFunc{
		"yes_no": labelYesNo, "intent": labelIntent, "amount": labelAmount, "int": labelInt,
		"date": labelDate, "option": labelOption, "term": labelTerm, "phone": labelPhone, "clabe": labelCLABE,
	}[kind]
	if !ok {
		return nil, fmt.Errorf("label %q: %w", kind, ErrKind)
	}
	return label, nil
}

func labelYesNo(r understand.Reading, _ int) Answer {
	y := r.YesNo()
	label := y.Answer.String()
	if y.Answer == understand.Unclear {
		label = "other"
	}
	return Answer{"text": r.Text(), "label": label, "plain": y.Plain, "why": y.Why}
}

// outOfScope is the label of a text that holds no intent.
const outOfScope = "out_of_scope"

func labelIntent(r understand.Reading, _ int) Answer {
	intents := r.Intents()
	names := make([]string, 0, len(intents))
	for _, i := range intents {
		names = append(names, i.Name)
	}
	label := outOfScope
	if len(names) > 0 {
		label = names[0]
	}
	return Answer{"text": r.Text(), "label": label, "all": names}
}

func labelAmount(r understand.Reading, _ int) Answer {
	m, ok := r.Money()
	if !ok {
		return Answer{"text": r.Text(), "amount": nil, "currency": nil}
	}
	a := Answer{"text": r.Text(), "amount": json.Number(decimal(m.Centavos, 100)), "currency": nil}
	if m.Currency != "" {
		a["currency"] = m.Currency
	}
	return a
}

// decimal writes n/den without losing digits where den is a power of ten, and
// with fifteen significant digits otherwise.
func decimal(n, den int64) string {
	return strconv.FormatFloat(float64(n)/float64(den), 'g', 15, 64)
}

func labelInt(r understand.Reading, _ int) Answer {
	n, ok := r.Number()
	if !ok {
		return Answer{"text": r.Text(), "value": nil}
	}
	return Answer{"text": r.Text(), "value": json.Number(decimal(n.Num, n.Den))}
}

func labelDate(r understand.Reading, _ int) Answer {
	d, ok := r.Date()
	if !ok {
		return Answer{"text": r.Text(), "value": nil}
	}
	return Answer{"text": r.Text(), "value": d.String()}
}

// anyOption stands for a menu of unknown length.
const anyOption = 999

func labelOption(r understand.Reading, options int) Answer {
	if options == 0 {
		options = anyOption
	}
	n, ok := r.Choice(options)
	if !ok && options == anyOption {
		n, ok = r.Ordinal()
	}
	if !ok {
		return Answer{"text": r.Text(), "value": nil}
	}
	return Answer{"text": r.Text(), "value": n}
}

func labelTerm(r understand.Reading, _ int) Answer {
	t, ok := r.Term()
	if !ok {
		return Answer{"text": r.Text(), "count": nil, "unit": nil}
	}
	return Answer{"text": r.Text(), "count": t.Count, "unit": t.Unit.String()}
}

func labelPhone(r understand.Reading, _ int) Answer {
	p, ok := r.Phone()
	if !ok {
		return Answer{"text": r.Text(), "value": nil}
	}
	return Answer{"text": r.Text(), "value": string(p)}
}

func labelCLABE(r understand.Reading, _ int) Answer {
	c, valid, ok := r.CLABE()
	if !ok {
		return Answer{"text": r.Text(), "value": nil, "valid": false}
	}
	return Answer{"text": r.Text(), "value": string(c), "valid": valid}
}
