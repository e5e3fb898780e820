package life

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/clockwork"
	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
	"valebot/internal/vault"
)

// order is one action that somebody asks for.
type order struct {
	name    string
	with    map[string]any
	actor   string // "cli" if empty
	product int    // whose rules it runs by; new vales are of that product

	// Set for what happens within a conversation.
	person uuid.UUID
	about  lending.About
	reply  lending.Reply
}

// node is one process of the lender: its own connections, by a wire of its own.
type node struct {
	store   *postgres.Store
	wire    *wire
	engines []*engine.Engine // by product
	rules   []*engine.Rules
	now     func() time.Time
}

func newNode(ctx context.Context, url string, keys *vault.Vault, ids *ids, catalogs []lending.Catalog, now func() time.Time) (*node, error) {
	w, err := lay(url)
	if err != nil {
		return nil, err
	}
	n := &node{wire: w, now: now}
	if n.store, err = postgres.Open(ctx, w.url, keys, ids.next); err != nil {
		w.close()
		return nil, err
	}
	n.store.UseJobs(noteCalls)
	for _, c := range catalogs {
		r := &engine.Rules{
			Actions: c, NewID: ids.next,
			HashPIN:   func(pin string) string { return "hash of " + pin },
			VerifyPIN: func(encoded, pin string) bool { return encoded == "hash of "+pin },
		}
		n.rules = append(n.rules, r)
		n.engines = append(n.engines, engine.New(n.store, r, engine.Config{Now: now, Log: slog.New(slog.DiscardHandler), OnCommit: func(engine.Done) {}}))
	}
	return n, nil
}

func (n *node) close() {
	n.store.Close()
	n.wire.close()
}

// callTable holds the calls to rails that transactions asked for, so that asking
// twice shows.
const callTable = `create table life_call (disbursement uuid not null, op text not null)`

func noteCalls(ctx context.Context, tx pgx.Tx, calls []lending.RailCall) error {
	for _, c := range calls {
		if _, err := tx.Exec(ctx, `insert into life_call (disbursement, op) values ($1, $2)`, c.Disbursement, c.Op); err != nil {
			return fmt.Errorf("note rail call: %w", err)
		}
	}
	return nil
}

// run runs an order once. cause names it in the audit.
func (n *node) run(ctx context.Context, o order, cause string) (lending.Result, error) {
	if o.actor == "" {
		o.actor = "cli"
	}
	if o.person == uuid.Nil {
		return n.engines[o.product].Act(ctx, o.actor, cause, o.name, o.with)
	}
	return n.say(ctx, o, cause)
}

// staleTries and maxRounds bound a transaction as the engine does.
const staleTries, maxRounds = 64, 50

// say runs an order of a person in conversation, as a turn would.
func (n *node) say(ctx context.Context, o order, cause string) (result lending.Result, err error) {
	rules := n.rules[o.product]
	call := lending.Call{
		Actor: o.actor, Cause: cause, Person: o.person, About: o.about, Token: cause, Reply: o.reply, Now: n.now(), Zone: quincena.Central(),
		NewID: rules.NewID, Hash: rules.HashPIN, Verify: rules.VerifyPIN, With: o.with,
	}
	for range staleTries {
		err = n.store.InTx(ctx, func(ctx context.Context, tx engine.Tx) error {
			book := lending.NewBook()
			for range maxRounds {
				overlay := book.Overlay()
				result, err = rules.Actions.Run(overlay, o.name, call)
				switch {
				case err == nil:
					book.Merge(overlay)
					return tx.WriteBook(ctx, book, call.Now)
				case !errors.Is(err, lending.ErrMissing):
					return err
				}
				if err := tx.Fetch(ctx, book, overlay.Missing()); err != nil {
					return err
				}
			}
			return fmt.Errorf("%s asks for data without end", o.name)
		})
		if fault.CodeOf(err) != "stale" {
			break
		}
	}
	return result, err
}

// Sizes of a close and of a corte, small so that even a small town needs many.
const closeBatch, closeWorkers, cutBatch = 7, 2, 3

func (n *node) closeDay(ctx context.Context, day quincena.Date) (clockwork.DayProgress, error) {
	act := func(ctx context.Context, actor, cause, name string, with map[string]any) error {
		_, err := n.engines[0].Act(ctx, actor, cause, name, with)
		return err
	}
	return clockwork.DayClose{
		Store: postgres.NewDayCloser(n.store), Act: act, Now: n.now, Log: slog.New(slog.DiscardHandler), Batch: closeBatch, Workers: closeWorkers,
	}.Run(ctx, day)
}

func (n *node) cut(ctx context.Context, day quincena.Date) error {
	c := clockwork.Cutter{Store: n.store, Act: n.engines[0].ActMany, Batch: cutBatch, Actor: "clockwork"}
	if _, err := c.Late(ctx, day); err != nil {
		return err
	}
	_, err := c.Run(ctx, day)
	return err
}

// ids makes UUIDv7 out of a seed and the product's clock.
type ids struct {
	mu   sync.Mutex
	dice *rand.Rand
	now  func() time.Time
}

func (s *ids) next() uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(s.now().UnixMilli())<<16|s.dice.Uint64()&0xfff|0x7000)
	binary.BigEndian.PutUint64(id[8:], s.dice.Uint64()&(1<<62-1)|1<<63)
	return id
}
