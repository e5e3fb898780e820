package postgres

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// hand is what a chat's row says about whose it is.
type hand struct {
	owner casework.Owner
	agent string
	epoch int
}

// TestHandsModel drives one chat by random agents with random pages, old and
// new, against a model of five lines: only the holder acts; nobody's chat goes to
// who saw its epoch; every change of hands raises the epoch by one.
func TestHandsModel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	rapid.Check(t, func(r *rapid.T) {
		now := readHand(b, id)
		for range rapid.IntRange(1, 8).Draw(r, "acts") {
			agent := rapid.SampledFrom([]string{"luis", "eva"}).Draw(r, "agent")
			act := b.act(id, agent, now.epoch-rapid.IntRange(0, 2).Draw(r, "age"))
			name := rapid.SampledFrom([]string{"claim", "reply", "note", "release"}).Draw(r, "act")
			want, code := now.after(name, act)
			err := perform(b, name, act)
			if (err != nil) != (code != "") || err != nil && fault.CodeOf(err) != code {
				r.Fatalf("%s by %s at %d on %+v: %v, want %q", name, agent, act.Epoch, now, err, code)
			}
			if now = readHand(b, id); now != want {
				r.Fatalf("%s by %s at %d: the chat is %+v, want %+v", name, agent, act.Epoch, now, want)
			}
		}
	})
	if n := count(b, `audit where action = 'desk.claim' and outcome = 'ok'`) + count(b, `audit where action = 'desk.release'`); n != readHand(b, id).epoch {
		t.Errorf("%d changes of hands in the audit and epoch %d", n, readHand(b, id).epoch)
	}
	if replies, letters := count(b, `audit where action = 'desk.reply'`), count(b, `outbox where author like 'agent:%'`); replies != letters {
		t.Errorf("%d replies in the audit and %d in the outbox", replies, letters)
	}
	if n := count(b, `outbox o join audit a on a.action = 'desk.reply' and a.actor = o.author and a.at = o.created_at where o.epoch = 0`); n != 0 {
		t.Errorf("%d replies carry the epoch from before their claim", n)
	}
}

// after is the model: the hand after an act, and the code of its refusal.
func (h hand) after(name string, act casework.Act) (hand, string) {
	held, hers := h.owner == casework.Agent, h.agent == act.Agent
	switch {
	case name == "note":
		return h, ""
	case held && hers && name == "release":
		return hand{casework.Queue, "", h.epoch + 1}, ""
	case held && hers:
		return h, ""
	case held:
		return h, "taken"
	case name == "release" || act.Epoch != h.epoch:
		return h, "stale"
	}
	return hand{casework.Agent, act.Agent, h.epoch + 1}, ""
}

func perform(b bench, name string, act casework.Act) error {
	switch name {
	case "claim":
		return b.Claim(b.Context(), act)
	case "reply":
		return b.Reply(b.Context(), act, "hola")
	case "note":
		return b.Annotate(b.Context(), act, "ojo")
	case "release":
		return b.Release(b.Context(), act)
	}
	return fmt.Errorf("no act %s", name)
}

func readHand(b bench, id uuid.UUID) (h hand) {
	b.must(b.pool.QueryRow(b.Context(), `select owner, agent, epoch from conversation where id = $1`, id).Scan(&h.owner, &h.agent, &h.epoch))
	return h
}

func count(b bench, from string) (n int) {
	b.must(b.pool.QueryRow(b.Context(), `select count(*)::int from `+from).Scan(&n))
	return n
}
