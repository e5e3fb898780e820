package replay

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"valebot/internal/engine"
	"valebot/internal/flow/transcript"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/postgres"
)

// phone is a transcript.Driver on the engine: one person of one case.
type phone struct {
	stage    *Stage
	start    transcript.Start
	engine   *engine.Engine
	log      bytes.Buffer
	now      time.Time
	channel  message.Channel
	key      string
	address  string
	language string
	arrived  int // what has come through the door, for unique names

	answers transcript.Answers
	given   map[call]transcript.Answer

	seen         transcript.Seen
	conversation engine.Conversation // as last written
	letters      []engine.Letter     // written, not yet handed over
	question     map[string]string   // option → id of the button that was last shown for it
	fault        string
}

// drive sets the engine up with the core that the case plays.
func (p *phone) drive(log io.Writer) {
	lab := p.stage.lab
	p.engine = engine.New(witness{p.stage.store, p.note}, &engine.Rules{
		Flows: lab.Set, Messages: lab.Catalog, Understand: lab.Understand, Actions: p, NewID: engine.NewID,
		HashPIN: func(pin string) string { return pin }, VerifyPIN: func(encoded, pin string) bool { return encoded == pin },
	}, engine.Config{
		Group: 1, Tries: 1, Backoff: time.Minute, Now: func() time.Time { return p.now }, OnCommit: func(engine.Done) {},
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
}

// Begin implements transcript.Driver.
func (p *phone) Begin(name string, told map[string]any) error {
	m, ok := p.stage.lab.Set.Latest(name)
	if !ok {
		return fmt.Errorf("there is no flow %q without errors", name)
	}
	return p.arrive("desk", engine.BeginEvent, lending.Emit{Key: name, Name: name, About: matter(m.About()), Data: told})
}

// Write implements transcript.Driver.
func (p *phone) Write(text string, what message.Kind) error {
	return p.inbound(message.Inbound{Kind: what, Body: text})
}

// Tap implements transcript.Driver: it taps the button as it was last shown.
func (p *phone) Tap(id string) error {
	tap := id
	if tied, shown := p.question[id]; shown {
		tap = tied
	}
	return p.inbound(message.Inbound{Kind: message.Tap, Tap: tap})
}

func (p *phone) inbound(m message.Inbound) error {
	m.Provider, m.Account, m.ReceivedAt = "twilio", "", p.now
	m.ProviderID = fmt.Sprintf("SM%d-%d", p.stage.cases, p.arrived)
	m.From = message.Address{Channel: p.channel, Value: p.address}
	return p.arrive("twilio", engine.MessageEvent, m)
}

// Happen implements transcript.Driver.
func (p *phone) Happen(name string, data map[string]any) error {
	about := matter(p.stage.lab.Vocabulary.Events[name].About)
	return p.arrive("core", engine.CoreEvent, lending.Emit{Key: name, Name: name, About: about, Data: data})
}

// Release implements transcript.Driver.
func (p *phone) Release(how string) error {
	return p.arrive("desk", engine.DeskEvent, engine.Desk{Agent: "luis", Outcome: how})
}

// Answer implements transcript.Driver.
func (p *phone) Answer(action string, answers []transcript.Answer) { p.answers[action] = answers }

// arrive puts something through the one door and has it handled.
func (p *phone) arrive(source string, kind engine.EventKind, payload any) error {
	p.arrived++
	_, err := p.stage.store.Arrive(p.stage.ctx, []postgres.Arrival{{
		Key: p.key, Channel: p.channel, Address: p.address, Source: source,
		SourceID: fmt.Sprintf("%d-%d", p.stage.cases, p.arrived), Kind: kind, Payload: payload, ReceivedAt: p.now,
	}})
	if err != nil {
		return err
	}
	return p.drain()
}

// drain handles what is pending and hands over what was written.
func (p *phone) drain() error {
	if _, err := p.engine.Drain(p.stage.ctx); err != nil {
		return err
	}
	if p.fault != "" {
		return fmt.Errorf("the engine could not handle it (%s): %s", p.fault, strings.TrimSpace(p.log.String()))
	}
	return p.deliver()
}

// Advance implements transcript.Driver.
func (p *phone) Advance(by time.Duration) error {
	end := p.now.Add(by)
	for {
		due, ok, err := p.stage.store.NextTimer(p.stage.ctx)
		if err != nil {
			return err
		}
		if !ok || due.After(end) {
			p.now = end
			return nil
		}
		if due.After(p.now) {
			p.now = due
		}
		if _, err := p.stage.store.Fire(p.stage.ctx, p.now, maxBatch); err != nil {
			return err
		}
		if err := p.drain(); err != nil {
			return err
		}
	}
}

// maxBatch bounds the timers and messages of one step of a case.
const maxBatch = 100

// deliver hands what was written to a provider that takes everything, and reads
// the texts as they go out.
func (p *phone) deliver() error {
	texts := map[string]string{}
	for {
		taken, err := p.dispatch()
		if err != nil {
			return err
		}
		if len(taken) == 0 {
			break
		}
		for _, c := range taken {
			texts[c.ID.String()] = c.Body
		}
	}
	for _, letter := range p.letters {
		text, sent := texts[letter.ID.String()]
		s := transcript.Said{Key: letter.Key, Text: text, At: p.now}
		if !sent {
			s.Err = fmt.Errorf("it was written and never handed to the sender")
		}
		p.question = map[string]string{}
		for _, c := range letter.Content.Choices {
			_, option, _ := strings.Cut(c.ID, ":")
			p.question[option] = c.ID
			s.Choices = append(s.Choices, message.Choice{ID: option, Label: c.Label})
		}
		p.seen.Said = append(p.seen.Said, s)
	}
	p.letters = nil
	return nil
}

// dispatch takes messages from the outbox and settles them as accepted.
func (p *phone) dispatch() (taken []outbox.Candidate, err error) {
	ctx, store := p.stage.ctx, p.stage.store
	_, err = store.Dispatch(ctx, p.now, outbox.Heads(), maxBatch, time.Minute, func(found []outbox.Candidate) []outbox.Verdict {
		taken = found
		return verdicts(found, outbox.Sending)
	})
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	return taken, store.Settle(ctx, p.now, verdicts(taken, outbox.Accepted))
}

func verdicts(of []outbox.Candidate, state outbox.State) []outbox.Verdict {
	out := make([]outbox.Verdict, len(of))
	for i, c := range of {
		out[i] = outbox.Verdict{ID: c.ID, State: state, Attempt: 1}
		if state == outbox.Accepted {
			out[i].ProviderID = "SM" + c.ID.String()
		}
	}
	return out
}

// Seen implements transcript.Driver.
func (p *phone) Seen() (transcript.Seen, error) {
	p.seen.Step = step(p.conversation, p.stage.lab.Set.Idle().Name())
	return p.seen, nil
}
