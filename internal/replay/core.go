package replay

import (
	"maps"
	"time"

	"github.com/google/uuid"

	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/lending"
)

// call names one call of an action, so that a turn that is decided again gets
// the answer that it got before.
type call struct{ cause, actor, action, token string }

// Facts implements engine.Actions: what the case gives.
func (p *phone) Facts(*lending.Book, lending.About, string, uuid.UUID, time.Time, *time.Location) (flow.Facts, error) {
	return p.start.Facts, nil
}

// Run implements engine.Actions: what the case answers.
func (p *phone) Run(_ *lending.Book, name string, c lending.Call) (lending.Result, error) {
	id := call{c.Cause, c.Actor, name, c.Token}
	answer, again := p.given[id]
	if !again {
		answer = p.answers.Take(name, p.stage.lab.Vocabulary.Actions[name])
		p.given[id] = answer
	}
	if language, asked := transcript.Spoken(name); asked {
		p.language = language
	}
	if answer.Outcome == transcript.Later {
		return lending.Result{Deferred: true}, nil
	}
	return lending.Result{Outcome: answer.Outcome, Value: maps.Clone(answer.Result)}, nil
}

// Language implements engine.Actions.
func (p *phone) Language(*lending.Book, uuid.UUID) (string, error) { return p.language, nil }

// matter is the one thing of a kind that a case is about.
func matter(kind string) lending.About {
	if kind == "" {
		return lending.About{}
	}
	return lending.About{Kind: kind, ID: uuid.NewSHA1(uuid.Nil, []byte(kind)).String()}
}
