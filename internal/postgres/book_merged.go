package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

// ofPerson finds what is a person's, records that were merged into hers included.
const ofPerson = `person_id in (select p.id from person p where p.id = any($1::uuid[]) or p.merged_into = any($1::uuid[]))`

// merges reports whether a list of a person's holds what is in the name of
// records merged into hers. Money in favour does not: it stays in the name in
// which the ledger has it.
func merges(kind lending.Kind) bool {
	switch kind {
	case lending.KindValesByPerson, lending.KindLoansByPerson, lending.KindComplaintsByPerson, lending.KindRequestsByPerson:
		return true
	}
	return false
}

// queueMerged asks, before anything else of a batch, which records were merged
// into the persons that it is about: from the record to the kept one. The map is
// filled when the batch is read.
func queueMerged(batch *pgx.Batch, groups map[lending.Kind][]string) map[string]string {
	kept := map[string]string{}
	var persons []string
	for kind, group := range groups {
		if merges(kind) {
			persons = append(persons, group...)
		}
	}
	if len(persons) == 0 {
		return kept
	}
	batch.Queue(`select id::text, merged_into::text from person where merged_into = any($1::uuid[])`, ids(persons)...).Query(func(rows pgx.Rows) error {
		var id, into string
		_, err := pgx.ForEachRow(rows, []any{&id, &into}, func() error {
			kept[id] = into
			return nil
		})
		if err != nil {
			return fmt.Errorf("fetch merged persons: %w", err)
		}
		return nil
	})
	return kept
}
