package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

// Item is one act of a batch.
type Item struct {
	Cause string // which row asked for it
	Name  string
	With  map[string]any
}

// batchChunk is how many acts share a book, and so its round trips.
const batchChunk = 200

// ErrBatchRefused says that acts of a batch were refused, so that none was kept.
var ErrBatchRefused = errors.New("acts of the batch were refused")

// Batch runs acts in one transaction: all are kept, or none. Each sees what
// those before it did. tell is called once per act, in order, with its result or
// the refusal of the lender; after a refusal the rest still run, so that every
// problem is told, and the error is ErrBatchRefused. With dry nothing is kept.
// The transaction holds the head of the ledger: do not run it beside a service.
func (e *Engine) Batch(ctx context.Context, actor string, items []Item, dry bool, tell func(i int, r lending.Result, err error)) error {
	refused := false
	err := e.store.InTx(ctx, func(ctx context.Context, tx Tx) error {
		refused = false // where the transaction is run again
		for from := 0; from < len(items); from += batchChunk {
			chunk := items[from:min(from+batchChunk, len(items))]
			told := func(i int, r lending.Result, err error) {
				refused = refused || err != nil
				tell(from+i, r, err)
			}
			if err := e.chunk(ctx, tx, actor, chunk, told); err != nil {
				return err
			}
		}
		switch {
		case refused:
			return ErrBatchRefused
		case dry:
			return errRehearsed
		}
		return nil
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// chunk runs acts over one book and writes it.
func (e *Engine) chunk(ctx context.Context, tx Tx, actor string, items []Item, tell func(i int, r lending.Result, err error)) error {
	now, book, rules := e.cfg.Now(), lending.NewBook(), e.rules.Load()
	call := func(item Item) lending.Call {
		return lending.Call{
			Actor: actor, Cause: item.Cause, Now: now, Zone: mexico(), NewID: rules.NewID,
			Hash: rules.HashPIN, Verify: rules.VerifyPIN, With: item.With,
		}
	}
	if err := e.preload(ctx, tx, book, items, call); err != nil {
		return err
	}
	for i, item := range items {
		result, err := e.run(ctx, tx, book, item.Name, call(item))
		if err != nil && (fault.KindOf(err) == fault.Internal || fault.KindOf(err) == fault.Unavailable) {
			return fmt.Errorf("batch %s: %w", item.Cause, err)
		}
		tell(i, result, err)
	}
	return tx.WriteBook(ctx, book, now)
}

// preload runs all acts of a chunk and drops what they do, until nothing that
// they ask for is missing: a round trip for all of them instead of several for
// each. Secrets are neither hashed nor compared, which is slow on purpose.
func (e *Engine) preload(ctx context.Context, tx Tx, book *lending.Book, items []Item, call func(Item) lending.Call) error {
	for range maxRounds {
		overlay := book.Overlay()
		for _, item := range items {
			c := call(item)
			c.Hash = func(string) string { return "-" }
			c.Verify = func(string, string) bool { return true }
			_, _ = e.rules.Load().Actions.Run(overlay, item.Name, c) // refusals come again when it counts
		}
		missing := overlay.Missing()
		if len(missing) == 0 {
			return nil
		}
		for _, key := range missing {
			if key.Kind == lending.KindNextFolio { // a folio for each act that may ask for one
				missing = append(missing, slices.Repeat([]lending.Key{key}, len(items)-1)...)
			}
		}
		if err := tx.Fetch(ctx, book, missing); err != nil {
			return fmt.Errorf("load what a batch misses: %w", err)
		}
	}
	return nil // what is still missing, the acts load one by one
}
