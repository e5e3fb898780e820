package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"valebot/internal/lending"
)

// prefetch lists what nearly every turn needs, so that one round is the rule.
func prefetch(convs []Conversation) []lending.Key {
	var keys []lending.Key
	add := func(kind lending.Kind, id string) { keys = append(keys, lending.Key{Kind: kind, ID: id}) }
	for _, c := range convs {
		if len(c.Key) > 4 && c.Key[:4] == "tel:" {
			add(lending.KindPersonByPhone, c.Key[4:])
		}
		add(lending.KindContact, c.Key)
		if c.PersonID != uuid.Nil {
			add(lending.KindPerson, c.PersonID.String())
			add(lending.KindDistributorByPerson, c.PersonID.String())
			add(lending.KindLoansByPerson, c.PersonID.String())
		}
		for _, d := range c.Dialogues {
			keys = append(keys, aboutKeys(d.About)...)
		}
		for _, ev := range c.Events {
			if ev.Core != nil {
				keys = append(keys, aboutKeys(ev.Core.About)...)
			}
		}
	}
	return unique(keys)
}

func aboutKeys(about lending.About) []lending.Key {
	switch about.Kind {
	case "vale":
		return []lending.Key{{Kind: lending.KindVale, ID: about.ID}, {Kind: lending.KindDisbursementsByVale, ID: about.ID}}
	case "pago":
		return []lending.Key{{Kind: lending.KindLoan, ID: about.ID}, {Kind: lending.KindPromisesByLoan, ID: about.ID}}
	case "distribuidora":
		return []lending.Key{{Kind: lending.KindDistributor, ID: about.ID}}
	}
	return nil
}

func unique(keys []lending.Key) []lending.Key {
	seen := make(map[lending.Key]struct{}, len(keys))
	out := keys[:0]
	for _, key := range keys {
		if _, dup := seen[key]; !dup {
			seen[key] = struct{}{}
			out = append(out, key)
		}
	}
	return out
}

// fetchAll loads what the turns of a group miss, with how many of them miss it:
// each that asks for a folio needs one of its own.
func fetchAll(ctx context.Context, tx Tx, book *lending.Book, missing map[lending.Key]int) error {
	if len(missing) == 0 {
		return nil
	}
	keys := make([]lending.Key, 0, len(missing))
	for key, askers := range missing {
		keys = append(keys, key)
		if key.Kind == lending.KindNextFolio {
			keys = append(keys, slices.Repeat([]lending.Key{key}, askers-1)...)
		}
	}
	if err := tx.Fetch(ctx, book, keys); err != nil {
		return fmt.Errorf("load what turns miss: %w", err)
	}
	return nil
}
