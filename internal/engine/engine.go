// Package engine takes one event at a time through a conversation and commits
// what it led to: state, money, messages, timers and the step log, all in one
// transaction.
//
// Work is done in groups: the store hands over many conversations with their
// pending events, locked; their turns are decided in memory; everything is
// written at once. Decisions are pure, so whatever a turn finds missing is
// loaded and the turn is simply run again. A conversation that fails is
// isolated: it is retried alone with backoff and in the end handed to the desk
// with its fault code, and never holds up another one.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/pace"
	"valebot/internal/understand"
)

// Store is what the engine needs of the database.
type Store interface {
	// InTx runs do in one transaction, and again from the start if the database
	// could not serialise it. do must be repeatable.
	InTx(ctx context.Context, do func(ctx context.Context, tx Tx) error) error
}

// Tx is one transaction of the engine.
type Tx interface {
	// Claim locks up to limit conversations that have events due at now, and
	// reads them with their pending events and open dialogues. Conversations
	// locked by others are skipped. A non-nil only claims just that one.
	Claim(ctx context.Context, now time.Time, limit int, only uuid.UUID) ([]Conversation, error)
	// Fetch loads what a book is missing. A folio that is asked for several times
	// reserves as many, or more.
	Fetch(ctx context.Context, book *lending.Book, keys []lending.Key) error
	// Write stores what conversations led to.
	Write(ctx context.Context, changes []Change, at time.Time) error
	// WriteBook stores the changed entities, ledger entries, emitted events,
	// audits and rail calls of a book. fault.Conflict with code "stale" means
	// that somebody else changed one of them meanwhile.
	WriteBook(ctx context.Context, book *lending.Book, at time.Time) error
}

// Rules are what the engine decides by. They do no I/O and keep no state.
type Rules struct {
	Flows      *flow.Set
	Messages   *locale.Catalog
	Older      map[Pin]*locale.Catalog // what other versions of flows say, where it is not Messages
	Stopped    flow.Stopped            // arms of tests of wordings that nobody hears any more
	Understand *understand.Understander
	Actions    Actions
	NewID      func() uuid.UUID // UUIDv7
	HashPIN    func(pin string) string
	VerifyPIN  func(encoded, pin string) bool
	Accounts   []string // our accounts at the providers; empty = any
	Metrics    *Metrics
}

// Actions are what flows know of the lending core and may ask of it. It is
// lending.Catalog, but where a rehearsal answers in its place.
type Actions interface {
	// Facts are what is known to a dialogue about something, with a contact.
	// lending.ErrMissing means that the book must be filled first.
	Facts(b *lending.Book, about lending.About, contact string, person uuid.UUID, now time.Time, zone *time.Location) (flow.Facts, error)
	// Language is the one in which a person is written to; "" is Spanish.
	Language(b *lending.Book, person uuid.UUID) (string, error)
	// Run runs an action over a book; see lending.Catalog.Run.
	Run(b *lending.Book, name string, call lending.Call) (lending.Result, error)
}

// Done says what a committed group led to, so that others can be woken.
type Done struct {
	Events  int
	Letters int
	Timers  int
	Emits   int
	Calls   int

	queued  []string    // desk queues that chats were put in
	unclear [][2]string // flow and step of replies not understood
}

// Config is how an engine works.
type Config struct {
	Group    int           // conversations per transaction, 1 to 512
	Tries    int           // of an event, before a person gets it
	Backoff  time.Duration // after the first failure; doubles each time
	Now      func() time.Time
	Log      *slog.Logger
	OnCommit func(Done)
	// Refresh, if not nil, is called when a dialogue runs a version of a flow
	// that Rules lack: another node may have published it a moment ago.
	Refresh func(ctx context.Context) error
}

// Engine drives conversations.
type Engine struct {
	store Store
	rules atomic.Pointer[Rules]
	cfg   Config
	wake  chan struct{}
}

// New returns an engine. It does nothing until Run.
func New(store Store, rules *Rules, cfg Config) *Engine {
	e := &Engine{store: store, cfg: cfg, wake: make(chan struct{}, 1)}
	e.Use(rules)
	return e
}

// Wake tells the engine that there may be events. It never blocks.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. Besides being woken it looks every sweep, for what
// another node left behind or what is due for another try. Where many events
// come, it lets them gather between groups.
func (e *Engine) Run(ctx context.Context, sweep time.Duration) error {
	ticker := time.NewTicker(sweep)
	defer ticker.Stop()
	for {
		n, err := e.Group(ctx)
		if err != nil && ctx.Err() == nil {
			e.cfg.Log.ErrorContext(ctx, "handle events", "err", err)
		}
		if n > 0 && err == nil {
			if !rest(ctx, pace.Rest(n)) {
				return nil
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.wake:
		case <-ticker.C:
		}
	}
}

// rest waits and reports whether ctx still goes on.
func rest(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Drain handles groups until nothing is due, and returns how many events.
func (e *Engine) Drain(ctx context.Context) (int, error) {
	total := 0
	for ctx.Err() == nil {
		n, err := e.Group(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
	return total, nil
}

// groupTries is how often a whole group is tried again because somebody else
// changed what it read, before its conversations are tried one by one.
const groupTries = 2

// Group handles one group of conversations and returns how many events it
// settled. If the group cannot be committed, each conversation is tried alone.
func (e *Engine) Group(ctx context.Context) (int, error) {
	var claimed []uuid.UUID
	verify := remember(e.rules.Load().VerifyPIN)
	done, err := e.persist(ctx, groupTries, pick{limit: e.cfg.Group, verify: verify}, &claimed)
	if err == nil {
		e.committed(done)
		return done.Events, nil
	}
	if len(claimed) == 0 || ctx.Err() != nil {
		return 0, fmt.Errorf("claim events: %w", err)
	}
	total := 0
	for _, id := range claimed {
		n, err := e.alone(ctx, id, verify)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// alone handles one conversation; a failure is noted on its first event.
func (e *Engine) alone(ctx context.Context, id uuid.UUID, verify verifier) (int, error) {
	var claimed []uuid.UUID
	done, err := e.persist(ctx, staleTries, pick{limit: 1, only: id, verify: verify}, &claimed)
	if err != nil && ctx.Err() == nil && fault.KindOf(err) != fault.Unavailable {
		// What came before the event that fails must not wait for it.
		done, err = e.persist(ctx, staleTries, pick{limit: 1, only: id, first: true, verify: verify}, &claimed)
	}
	if err == nil {
		e.committed(done)
		return done.Events, nil
	}
	if ctx.Err() != nil || fault.KindOf(err) == fault.Unavailable {
		return 0, fmt.Errorf("handle conversation: %w", err)
	}
	return 1, e.store.InTx(ctx, func(ctx context.Context, tx Tx) error {
		now := e.cfg.Now()
		convs, claimErr := tx.Claim(ctx, now, 1, id)
		if claimErr != nil || len(convs) == 0 {
			return claimErr
		}
		return tx.Write(ctx, []Change{e.failed(convs[0], err, now)}, now)
	})
}

// pick says what to take: up to limit conversations, or only one; and of each
// all its events or just the first.
type pick struct {
	limit  int
	only   uuid.UUID
	first  bool
	verify verifier
}

// verifier compares a PIN with one on file.
type verifier func(encoded, pin string) bool

// remember returns a verifier that compares each pair once. Comparing is slow on
// purpose, and a turn is run again whenever it finds something missing or
// changed: without it a group of authorisations would be held up by its own
// retries. It is for one group and forgotten with it.
func remember(verify verifier) verifier {
	type pair struct{ encoded, pin string }
	known := map[pair]bool{}
	return func(encoded, pin string) bool {
		asked := pair{encoded, pin}
		same, ok := known[asked]
		if !ok {
			same = verify(encoded, pin)
			known[asked] = same
		}
		return same
	}
}

// persist attempts a group, again while somebody else changes what it read.
func (e *Engine) persist(ctx context.Context, tries int, p pick, claimed *[]uuid.UUID) (Done, error) {
	done, err := e.attempt(ctx, p, claimed)
	for try := 0; try < tries && fault.CodeOf(err) == "stale"; try++ {
		done, err = e.attempt(ctx, p, claimed)
	}
	return done, err
}

// attempt claims, decides and writes one group.
func (e *Engine) attempt(ctx context.Context, p pick, claimed *[]uuid.UUID) (Done, error) {
	var done Done
	err := e.store.InTx(ctx, func(ctx context.Context, tx Tx) error {
		now := e.cfg.Now()
		convs, err := tx.Claim(ctx, now, p.limit, p.only)
		if err != nil || len(convs) == 0 {
			done = Done{}
			return err
		}
		*claimed = ids(convs)
		if p.first {
			convs[0].Events = convs[0].Events[:1]
		}
		book := lending.NewBook()
		if err := tx.Fetch(ctx, book, prefetch(convs)); err != nil {
			return fmt.Errorf("load facts: %w", err)
		}
		changes, err := e.decide(ctx, tx, book, convs, now, p.verify)
		if err != nil {
			return err
		}
		done = tally(changes, book)
		if err := tx.WriteBook(ctx, book, now); err != nil {
			return fmt.Errorf("write book: %w", err)
		}
		return tx.Write(ctx, changes, now)
	})
	return done, err
}

// maxRounds bounds how often a turn may find that something is not loaded.
const maxRounds = 12

// decide runs all conversations of a group, loading what turns find missing and
// running those again.
func (e *Engine) decide(ctx context.Context, tx Tx, book *lending.Book, convs []Conversation, now time.Time, verify verifier) ([]Change, error) {
	changes := make([]Change, 0, len(convs))
	refreshed := e.cfg.Refresh == nil
	for round := 0; len(convs) > 0; round++ {
		var again []Conversation
		missing := map[lending.Key]int{}
		for _, c := range convs {
			change, err := e.one(book, c, now, verify, missing)
			if errors.Is(err, lending.ErrMissing) && round < maxRounds {
				again = append(again, c)
				continue
			}
			if !refreshed && fault.CodeOf(err) == noSuchFlow {
				refreshed = true
				if err := e.cfg.Refresh(ctx); err != nil {
					return nil, fmt.Errorf("read newer flows: %w", err)
				}
				again = append(again, c)
				continue
			}
			if err != nil && len(c.Events) > 1 {
				c.Events = c.Events[:1] // what came before the event that fails must not wait for it
				again = append(again, c)
				continue
			}
			if err != nil {
				change = e.failed(c, err, now)
			}
			changes = append(changes, change)
		}
		if err := fetchAll(ctx, tx, book, missing); err != nil {
			return nil, err
		}
		convs = again
	}
	return changes, nil
}

// one runs a conversation on an overlay, which is merged only if all went well.
func (e *Engine) one(
	book *lending.Book, c Conversation, now time.Time, verify verifier, missing map[lending.Key]int,
) (change Change, err error) {
	overlay := book.Overlay()
	defer func() {
		if p := recover(); p != nil {
			err = fault.Newf(fault.Internal, "panic", "el turno falló: %v", p)
		}
	}()
	rules := *e.rules.Load()
	rules.VerifyPIN = verify
	change, err = rules.converse(overlay, c, now)
	if err != nil {
		for _, key := range overlay.Missing() {
			missing[key]++
		}
		return Change{}, err
	}
	book.Merge(overlay)
	return change, nil
}

// failed puts off the first pending event of a conversation that could not be
// handled; after the last try the event is dead and a person gets the chat.
func (e *Engine) failed(c Conversation, err error, now time.Time) Change {
	ev := c.Events[0]
	h := Handled{ID: ev.ID, Fault: fault.CodeOf(err), Attempt: ev.Attempts + 1}
	e.cfg.Log.Error("conversation failed", "conversation", c.ID, "event", ev.ID, "try", h.Attempt, "err", err)
	if h.Attempt < e.cfg.Tries {
		h.Retry = now.Add(e.cfg.Backoff << (h.Attempt - 1))
		return Change{Conversation: c, Handled: []Handled{h}}
	}
	h.Dead = true
	if c.Owner == Bot {
		c.Owner, c.Queue, c.Reason, c.Priority, c.QueuedAt = Queue, "fallas", "falla interna: "+h.Fault, 2, now
	}
	return Change{Conversation: c, Handled: []Handled{h}, Queued: "fallas"}
}

func (e *Engine) committed(done Done) {
	if done.Events > 0 {
		e.rules.Load().Metrics.count(done)
		e.cfg.OnCommit(done)
	}
}

func ids(convs []Conversation) []uuid.UUID {
	out := make([]uuid.UUID, len(convs))
	for i, c := range convs {
		out[i] = c.ID
	}
	return out
}

func tally(changes []Change, book *lending.Book) Done {
	done := Done{Emits: len(book.Emits), Calls: len(book.Calls)}
	for _, c := range changes {
		done.Events += len(c.Handled)
		done.Letters += len(c.Letters)
		done.Timers += len(c.Timers)
		if c.Queued != "" {
			done.queued = append(done.queued, c.Queued)
		}
		for _, s := range c.Steps {
			if s.Kind == string(flow.Replied) && s.Heard == "" {
				done.unclear = append(done.unclear, [2]string{s.Flow, s.From})
			}
		}
	}
	return done
}
