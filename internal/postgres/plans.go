package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/loan"
)

// mostPlans bounds the plans that are kept, of some 2 KB each. Loans of the same
// days share theirs.
const mostPlans = 8192

// plans keeps quotes by the hash of their terms, which covers their rows, so that
// each is read and decoded once: a plan of two kilobytes is most of what reading
// a loan or a vale costs. It is safe for concurrent use; its zero value is empty.
type plans struct {
	mu     sync.RWMutex
	quotes map[string]loan.Quote
}

// find returns the quote of a hash. Its rows are the caller's own.
func (p *plans) find(hash string) (loan.Quote, bool) {
	p.mu.RLock()
	quote, ok := p.quotes[hash]
	p.mu.RUnlock()
	quote.Rows = slices.Clone(quote.Rows)
	return quote, ok
}

// keep adds quotes that are what their hash says.
func (p *plans) keep(fresh map[string]loan.Quote) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quotes == nil || len(p.quotes)+len(fresh) > mostPlans {
		p.quotes = make(map[string]loan.Quote, len(fresh))
	}
	for hash, quote := range fresh {
		quote.Rows = slices.Clone(quote.Rows)
		p.quotes[hash] = quote
	}
}

// names reports whether a quote is the one that a hash stands for.
func names(hash string, quote loan.Quote) bool { return quote.Intact() && quote.Terms.Hash() == hash }

// withoutPlans changes the query of an aggregate so that it reads no plan.
func withoutPlans(query string) string {
	return strings.Replace(query, " quote,", " null::jsonb,", 1)
}

// plan is where a row of an answer lacks its quote.
type plan struct {
	id   uuid.UUID // of the loan or vale
	hash string
	give func(loan.Quote) error
}

// lacking lists the rows of answers that were read without their plans.
func lacking(answers []*answer) (all []plan) {
	for _, one := range answers {
		for i := range one.all {
			at := &one.all[i]
			switch value := at.value.(type) {
			case lending.Loan:
				all = append(all, plan{value.ID, value.TermsHash, func(q loan.Quote) error {
					value.Quote = q
					at.value = value
					return nil
				}})
			case lending.Vale:
				all = append(all, plan{value.ID, value.TermsHash, func(q loan.Quote) (err error) {
					at.value, err = withQuote(value, q)
					return err
				}})
			}
		}
	}
	return all
}

const readPlans = `
select id, terms_hash, quote from loan where id = any($1::uuid[])
union all
select id, terms_hash, quote from vale where id = any($1::uuid[])`

// fill gives every loan and vale its plan, from memory where it is known. A row
// whose plan is not what its hash says keeps the one that it holds, for
// verification to find, and teaches nobody else.
func (p *plans) fill(ctx context.Context, tx pgx.Tx, answers []*answer) error {
	var missing []plan
	one := map[string]uuid.UUID{} // per hash, so that a plan comes once
	for _, at := range lacking(answers) {
		if quote, ok := p.find(at.hash); ok {
			if err := at.give(quote); err != nil {
				return err
			}
			continue
		}
		missing = append(missing, at)
		one[at.hash] = at.id
	}
	if len(missing) == 0 {
		return nil
	}
	fresh, odd, err := readPlansOf(ctx, tx, slices.Collect(maps.Values(one)))
	if err != nil {
		return err
	}
	p.keep(fresh)
	return p.rest(ctx, tx, missing, fresh, odd)
}

// rest gives what was read, and reads again where a hash did not name its plan.
func (p *plans) rest(ctx context.Context, tx pgx.Tx, missing []plan, fresh map[string]loan.Quote, odd map[uuid.UUID]loan.Quote) error {
	var again []uuid.UUID
	for _, at := range missing {
		if _, ok := fresh[at.hash]; !ok {
			again = append(again, at.id)
		}
	}
	if len(again) > len(odd) {
		more, others, err := readPlansOf(ctx, tx, again)
		if err != nil {
			return err
		}
		maps.Copy(fresh, more)
		odd = others
	}
	for _, at := range missing {
		quote, ok := fresh[at.hash]
		if !ok {
			quote = odd[at.id]
		}
		quote.Rows = slices.Clone(quote.Rows)
		if err := at.give(quote); err != nil {
			return err
		}
	}
	return nil
}

// readPlansOf reads the plans of loans and vales: those that their hashes name,
// by hash, and the others by id.
func readPlansOf(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) (fresh map[string]loan.Quote, odd map[uuid.UUID]loan.Quote, err error) {
	rows, err := tx.Query(ctx, readPlans, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read plans: %w", err)
	}
	fresh, odd = map[string]loan.Quote{}, map[uuid.UUID]loan.Quote{}
	var id uuid.UUID
	var hash string
	var quote loan.Quote
	_, err = pgx.ForEachRow(rows, []any{&id, &hash, &quote}, func() error {
		if names(hash, quote) {
			fresh[hash] = quote
		} else {
			odd[id] = quote
		}
		quote = loan.Quote{}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read plans: %w", err)
	}
	return fresh, odd, nil
}
