// Package replay runs written conversations against the whole engine on
// PostgreSQL: every line goes through the inbox, a turn in a transaction and the
// outbox, and what the next line meets is read back from there. Only the lending
// core is played by the case, as in memory.
//
// Callers may not assume that cases may run at the same time on one Stage, nor
// that a Stage leaves anything in its database.
package replay

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/google/uuid"

	"valebot/internal/engine"
	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/postgres"
	"valebot/internal/postgres/scratch"
	"valebot/internal/vault"
)

// Stage is where cases run, one after the other.
type Stage struct {
	ctx   context.Context //nolint:containedctx // a Driver's calls have none: a case knows nothing of I/O
	store *postgres.Store
	lab   *transcript.Lab
	cases int
	undo  []func() error
}

// NewStage returns a stage on a database with the newest schema that holds
// nothing which anybody wants to keep, with the flows and
// texts of a lab. It ends with ctx.
func NewStage(ctx context.Context, url string, lab *transcript.Lab) (*Stage, error) {
	v, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	store, err := postgres.Open(ctx, url, v, engine.NewID)
	if err != nil {
		return nil, err
	}
	return &Stage{ctx: ctx, store: store, lab: lab}, nil
}

// Close gives the connections back, and deletes what Open made.
func (s *Stage) Close() error {
	s.store.Close()
	return unwind(s.undo)
}

// Lab returns the lab with the stage under it.
func (s *Stage) Lab() *transcript.Lab {
	lab := *s.lab
	lab.Open = s.open
	return &lab
}

// open forgets the case before and meets the person of the next one.
func (s *Stage) open(start transcript.Start) (transcript.Driver, error) {
	if err := scratch.Clear(s.ctx, s.store); err != nil {
		return nil, err
	}
	s.cases++
	p := &phone{stage: s, start: start, now: start.At, channel: start.Channel, language: start.Language, answers: transcript.Answers{}, given: map[call]transcript.Answer{}}
	p.seen.Visited = map[transcript.Visit]int{}
	p.address = s.number(start.Person)
	p.key = message.Address{Channel: start.Channel, Value: p.address}.Key()
	if start.Person != "" {
		p.key = start.Person
	}
	who := scratch.Contact{Key: p.key, Person: uuid.New(), Channel: start.Channel, Address: p.address}
	if err := scratch.Meet(s.ctx, s.store, who, start.At); err != nil {
		return nil, err
	}
	// Cases play what is said to people who agreed to promotions: without, the
	// sender and the database let none out.
	agreed := lending.Consent{Contact: p.key, Purpose: lending.MarketingPurpose, Granted: true, Evidence: "caso", Actor: "ensayo"}
	if err := s.store.Consented(s.ctx, agreed, start.At); err != nil {
		return nil, err
	}
	p.drive(&p.log)
	return p, nil
}

// number returns a telephone of Mexico City, whose clocks are those of the cases
// in memory. Nobody in particular is in arm a of every test.
func (s *Stage) number(person string) string {
	for n := s.cases * 10_000; ; n++ {
		phone := fmt.Sprintf("+5255%08d", n%100_000_000)
		if person != "" || s.plain("tel:"+phone) {
			return phone
		}
	}
}

func (s *Stage) plain(key string) bool {
	for _, test := range s.lab.Set.Tests() {
		if flow.ArmOf(key, test) != "a" {
			return false
		}
	}
	return true
}
