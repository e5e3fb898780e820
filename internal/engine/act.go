package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

// Act runs an action outside of any turn: for rails, the desk, integrators and
// the command line. actor says who ("agent:luis", "rail:atm"), cause which
// request. An outcome that the action names is a result, not an error.
func (e *Engine) Act(ctx context.Context, actor, cause, name string, with map[string]any) (lending.Result, error) {
	result, done, err := e.outside(ctx, actor, cause, name, with, nil)
	if err == nil {
		e.cfg.OnCommit(done)
	}
	return result, err
}

// errRehearsed rolls a rehearsal back.
var errRehearsed = errors.New("rehearsed")

// Rehearse runs an action like Act and keeps nothing of it.
func (e *Engine) Rehearse(ctx context.Context, actor, cause, name string, with map[string]any) (lending.Result, error) {
	result, _, err := e.outside(ctx, actor, cause, name, with, errRehearsed)
	if errors.Is(err, errRehearsed) {
		err = nil
	}
	return result, err
}

// outside runs an action in a transaction of its own, again while somebody else
// changes what it read. end, if not nil, ends the transaction without a commit.
func (e *Engine) outside(ctx context.Context, actor, cause, name string, with map[string]any, end error) (result lending.Result, done Done, err error) {
	for range staleTries {
		err = e.store.InTx(ctx, func(ctx context.Context, tx Tx) error {
			now, book, rules := e.cfg.Now(), lending.NewBook(), e.rules.Load()
			call := lending.Call{
				Actor: actor, Cause: cause, Now: now, Zone: mexico(), NewID: rules.NewID,
				Hash: rules.HashPIN, Verify: rules.VerifyPIN, With: with,
			}
			var runErr error
			if result, runErr = e.run(ctx, tx, book, name, call); runErr != nil {
				return runErr
			}
			done = tally(nil, book)
			if err := tx.WriteBook(ctx, book, now); err != nil {
				return err
			}
			return end
		})
		if fault.CodeOf(err) != "stale" {
			break
		}
	}
	if err != nil {
		if end == nil {
			e.noteRefusal(ctx, actor, cause, name, with, err)
		}
		return result, Done{}, fmt.Errorf("act %s: %w", name, err)
	}
	return result, done, nil
}

// noteRefusal leaves a trace of what the lender refused. A refusal changes
// nothing else, so it has a transaction of its own.
func (e *Engine) noteRefusal(ctx context.Context, actor, cause, name string, with map[string]any, err error) {
	kind := fault.KindOf(err)
	if kind == fault.Internal || kind == fault.Unavailable || fault.CodeOf(err) == "stale" {
		return // it failed, and was not refused
	}
	noted := e.store.InTx(ctx, func(ctx context.Context, tx Tx) error {
		book := lending.NewBook()
		book.Audits = append(book.Audits, lending.Refusal(actor, cause, name, with, err))
		return tx.WriteBook(ctx, book, e.cfg.Now())
	})
	if noted != nil {
		e.cfg.Log.ErrorContext(ctx, "note refusal", "action", name, "code", fault.CodeOf(err), "err", noted)
	}
}

// staleTries is how often an act is run again because somebody else changed
// what it read. Each loss means that another one won.
const staleTries = 64

// run runs an action until its book holds all that it asks for. Each try is on
// an overlay, so that a try which stopped half-way leaves nothing.
func (e *Engine) run(ctx context.Context, tx Tx, book *lending.Book, name string, call lending.Call) (lending.Result, error) {
	for range maxRounds {
		overlay := book.Overlay()
		result, err := e.rules.Load().Actions.Run(overlay, name, call)
		if err == nil {
			book.Merge(overlay)
			return result, nil
		}
		missing := overlay.Missing()
		if !errors.Is(err, lending.ErrMissing) || len(missing) == 0 {
			return lending.Result{}, err
		}
		if err := tx.Fetch(ctx, book, missing); err != nil {
			return lending.Result{}, fmt.Errorf("load what %s misses: %w", name, err)
		}
	}
	return lending.Result{}, fault.Newf(fault.Internal, "too_many_rounds", "la acción %s pide datos sin fin", name)
}

// ActMany runs an action once per set of inputs, all in one transaction: what
// they read is loaded together, and what they decide is written together. They
// must not depend on each other. The first refusal ends all.
func (e *Engine) ActMany(ctx context.Context, actor, cause, name string, with []map[string]any) (results []lending.Result, err error) {
	var done Done
	for range staleTries {
		err = e.store.InTx(ctx, func(ctx context.Context, tx Tx) error {
			now, book, rules := e.cfg.Now(), lending.NewBook(), e.rules.Load()
			calls := make([]lending.Call, len(with))
			for i, w := range with {
				calls[i] = lending.Call{
					Actor: actor, Cause: cause, Now: now, Zone: mexico(), NewID: rules.NewID,
					Hash: rules.HashPIN, Verify: rules.VerifyPIN, With: w,
				}
			}
			var runErr error
			if results, runErr = e.runMany(ctx, tx, book, name, calls); runErr != nil {
				return runErr
			}
			done = tally(nil, book)
			return tx.WriteBook(ctx, book, now)
		})
		if fault.CodeOf(err) != "stale" {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("act %s: %w", name, err)
	}
	e.cfg.OnCommit(done)
	return results, nil
}

// runMany runs an action for each call until the book holds all that they ask
// for, loading for all of them at a time.
func (e *Engine) runMany(ctx context.Context, tx Tx, book *lending.Book, name string, calls []lending.Call) ([]lending.Result, error) {
	results, ran := make([]lending.Result, len(calls)), make([]bool, len(calls))
	for range maxRounds {
		var missing []lending.Key
		for i, call := range calls {
			if ran[i] {
				continue
			}
			overlay := book.Overlay()
			result, err := e.rules.Load().Actions.Run(overlay, name, call)
			switch {
			case err == nil:
				book.Merge(overlay)
				results[i], ran[i] = result, true
			case errors.Is(err, lending.ErrMissing):
				missing = append(missing, overlay.Missing()...)
			default:
				return nil, err
			}
		}
		if len(missing) == 0 {
			return results, nil
		}
		slices.SortFunc(missing, func(a, b lending.Key) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
		})
		if err := tx.Fetch(ctx, book, slices.Compact(missing)); err != nil {
			return nil, fmt.Errorf("load what %s misses: %w", name, err)
		}
	}
	return nil, fault.Newf(fault.Internal, "too_many_rounds", "la acción %s pide datos sin fin", name)
}

func mexico() *time.Location { return zoneOf("") }

// NewID makes keys for production: UUIDv7, which sort by time.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
