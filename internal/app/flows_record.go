package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
)

// Record writes the last real conversation of a phone (E.164) as a case of a
// .chat file, with nothing of the person in it: what the bot said stands by its
// key, facts are invented, and of her own words every figure and every answer to
// a secret question is replaced. Names that she wrote stay: somebody reads the
// case before it is kept. reader is written down.
func (p *Publisher) Record(ctx context.Context, phone, name, reader string) (string, error) {
	now, err := p.inForce(ctx)
	if err != nil {
		return "", err
	}
	if now.bundle.Hash() == (Bundle{}).Hash() {
		return "", errNeverPublished
	}
	r, err := p.store.RecordDialogue(ctx, "tel:"+phone, name, now.book.Flows.Idle().Name(), cmp.Or(p.by, reader), p.now())
	if err != nil {
		return "", err
	}
	s := scribe{recording: r, vocabulary: now.book.Actions.Vocabulary(), now: p.now()}
	s.machine, _ = now.book.Flows.Latest(r.Flow)
	return s.write(), nil
}

// scribe writes a recording as a case.
type scribe struct {
	recording  postgres.Recording
	vocabulary flow.Vocabulary
	machine    *flow.Machine // in force; nil if the flow was retired
	now        time.Time
	b          strings.Builder
	clock      time.Time // up to where the case has come
}

func (s *scribe) printf(format string, args ...any) { fmt.Fprintf(&s.b, format, args...) }

func (s *scribe) write() string {
	r := s.recording
	s.printf("== Grabada de una plática real (%s v%d)\nflow: %s\nchannel: %s\n", r.Flow, r.Version, r.Flow, r.Channel)
	s.given()
	s.stubs()
	for i, t := range r.Turns {
		if i == 0 {
			s.clock = t.At
		}
		s.turn(t)
	}
	return s.b.String()
}

// given writes invented facts, of the kind that the flow is about.
func (s *scribe) given() {
	if s.machine == nil {
		return
	}
	sample := transcript.Sample(s.vocabulary, s.now)
	s.printf("given:\n")
	for _, fact := range s.vocabulary.About[s.machine.About()] {
		s.printf("  %s: %s\n", fact, s.record(s.vocabulary.Facts[fact], sample[fact]))
	}
}

func (s *scribe) record(fields flow.Fields, values map[string]any) string {
	parts := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name+": "+written(values[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// written writes a value as cases do.
func written(v any) string {
	switch v := v.(type) {
	case money.Amount:
		return fmt.Sprintf("%d.%02d", int64(v)/100, int64(v)%100)
	case quincena.Date:
		return v.String()
	case time.Time:
		return v.In(Zone()).Format("2006-01-02 15:04")
	case []int:
		return strings.ReplaceAll(fmt.Sprint(v), " ", ", ")
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// stubs writes what the core answered, in order, with invented results.
func (s *scribe) stubs() {
	var asked []string
	for _, t := range s.recording.Turns {
		if outcome, ok := strings.CutPrefix(t.Event, "outcome:"); ok && len(asked) > 0 {
			action := asked[0]
			asked = asked[1:]
			s.printf("core: %s -> %s%s\n", action, outcome, s.invented(s.vocabulary.Actions[action].Result))
		}
		for _, e := range t.Effects {
			if action, ok := strings.CutPrefix(e, "act "); ok {
				asked = append(asked, action)
			}
		}
	}
}

// invented is a result with a value in each field; "" if it has none.
func (s *scribe) invented(fields flow.Fields) string {
	if len(fields) == 0 {
		return ""
	}
	sample := transcript.Sample(flow.Vocabulary{Facts: map[string]flow.Fields{"x": fields}}, s.now)
	return " " + s.record(fields, sample["x"])
}

func (s *scribe) turn(t postgres.RecordedTurn) {
	kind, name, _ := strings.Cut(t.Event, ":")
	switch flow.EventKind(kind) {
	case flow.Started:
		if name != "" {
			s.printf("event: %s%s\n", name, s.invented(s.vocabulary.Events[name].Data))
		}
	case flow.Replied:
		s.pass(t.At)
		s.reply(t)
	case flow.Elapsed:
		s.pass(t.At)
	case flow.Happened:
		s.pass(t.At)
		s.printf("event: %s%s\n", name, s.invented(s.vocabulary.Events[name].Data))
	case flow.Released:
		s.pass(t.At)
		s.printf("desk: %s\n", name)
	}
	for _, e := range t.Effects {
		s.effect(e)
	}
}

// pass moves the case's clock to a moment, in whole minutes.
func (s *scribe) pass(to time.Time) {
	if minutes := int(to.Sub(s.clock) / time.Minute); minutes > 0 {
		s.printf("clock: +%dm\n", minutes)
		s.clock = s.clock.Add(time.Duration(minutes) * time.Minute)
	}
}

func (s *scribe) effect(e string) {
	verb, rest, _ := strings.Cut(e, " ")
	switch verb {
	case "say":
		s.printf("bot: @%s\n", rest)
	case "handoff":
		s.printf("human: %s\n", rest)
	case "end":
		s.printf("end: %s\n", rest)
	}
}

func (s *scribe) reply(t postgres.RecordedTurn) {
	switch {
	case t.Reply == nil:
		s.printf("user: %s\n", s.instead(t))
	case t.Reply.Tap != "":
		_, option, _ := strings.Cut(t.Reply.Tap, ":")
		s.printf("tap: %s\n", cmp.Or(option, t.Reply.Tap))
	case t.Reply.Kind != message.Text:
		s.printf("user: %s\n", unspoken(t.Reply.Kind))
	default:
		s.printf("user: %s\n", redacted(t.Reply.Body))
	}
}

// instead is what stands for a secret answer: one of its kind that anybody may
// read, understood or not as the real one was.
func (s *scribe) instead(t postgres.RecordedTurn) string {
	if t.Heard == "" {
		return "(algo que no se entendió)"
	}
	samples := map[string]string{"date": "05/03/1990", "clabe": "032180000118359719", "pin": "4821", "phone": "6671234567"}
	if s.machine != nil {
		info, _ := s.machine.Info(t.FromStep)
		for _, kind := range info.Expects {
			if text, ok := samples[kind]; ok {
				return text
			}
		}
	}
	return "(respuesta secreta)"
}

func unspoken(kind message.Kind) string {
	switch kind {
	case message.Photo:
		return "[foto]"
	case message.Voice:
		return "[voz]"
	case message.Document:
		return "[documento]"
	case message.Location:
		return "[ubicación]"
	}
	return "[sticker]"
}

// longFigures are figures that may be somebody's: phones, CLABEs, cards, codes.
// Amounts and numbers of quincenas are shorter and stay.
var longFigures = regexp.MustCompile(`\S+@\S+|https?://\S+|\b[0-9]{10}\b|[0-9]+(?:[ .\-/][0-9]+){2,}|[0-9]{6,}`)

// redacted hides what may be somebody's in a reply, and keeps its kind.
func redacted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return longFigures.ReplaceAllStringFunc(text, func(found string) string {
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, found)
		switch {
		case strings.ContainsAny(found, "@:"):
			return "#"
		case len(digits) == 10:
			return "6671234567"
		case len(digits) == 18:
			return "032180000118359719"
		}
		return strings.Repeat("0", len(digits))
	})
}
