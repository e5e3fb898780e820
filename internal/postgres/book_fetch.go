package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

// relacionStock is how many folios are reserved at once for relaciones, which are
// made by the hundred. Of the other series an asker gets one: people notice gaps.
// What a transaction does not use is lost, which folios allow.
const relacionStock = 256

// lookup says how to find entities, by id or otherwise.
type lookup struct {
	of   shelf
	rest string // of the query, with $1 and on
	args func(ids []string) []any
	// asked returns the ids of the look-up that a row answers; nil for a read by id.
	asked func(value any) []string
}

// answer is what a look-up of one kind found.
type answer struct {
	lookup
	kind lending.Kind
	ids  []string
	all  []found
}

// fetch tells the Book all that the keys ask for, in one round trip: one
// set-based query per kind, pipelined; and a second one for plans that nobody
// has read yet. What does not exist is told as well. It takes no locks: a row
// that somebody changes before writeBook makes that fail.
func fetch(ctx context.Context, tx pgx.Tx, s *Store, b *lending.Book, keys []lending.Key) error {
	batch, groups := &pgx.Batch{}, byKind(keys)
	kept := queueMerged(batch, groups)
	var answers []*answer
	for kind, ids := range groups {
		if kind == lending.KindNextFolio {
			queueFolios(batch, b, ids)
			continue
		}
		l, ok := lookupOf(kind)
		if !ok {
			return fmt.Errorf("fetch: unknown kind %q", kind)
		}
		one := &answer{lookup: l, kind: kind, ids: ids}
		answers = append(answers, one)
		batch.Queue(withoutPlans(l.of.selecting(l.rest)), l.args(ids)...).Query(func(rows pgx.Rows) (err error) {
			if one.all, err = l.of.read(s.vault, rows); err != nil {
				return fmt.Errorf("fetch %s: %w", kind, err)
			}
			return nil
		})
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if err := s.plans.fill(ctx, tx, answers); err != nil {
		return err
	}
	for _, one := range answers {
		one.tell(b, one.kind, one.ids, one.all, kept)
	}
	return nil
}

func byKind(keys []lending.Key) map[lending.Kind][]string {
	groups := map[lending.Kind][]string{}
	for _, key := range keys {
		groups[key.Kind] = append(groups[key.Kind], key.ID)
	}
	return groups
}

// tell puts rows into the Book, and what was asked for and is not there.
func (l lookup) tell(b *lending.Book, kind lending.Kind, ids []string, all []found, kept map[string]string) {
	lists := map[string][]string{}
	for _, one := range all {
		b.Load(one.key, one.value, one.rev)
		if l.asked == nil {
			continue
		}
		for _, id := range l.asked(one.value) {
			lists[id] = append(lists[id], one.key.ID)
			if into, ok := kept[id]; ok && merges(kind) {
				lists[into] = append(lists[into], one.key.ID)
			}
		}
	}
	for _, id := range ids {
		if l.asked == nil {
			// Load keeps what is there, so this only tells of the absent.
			b.Load(lending.Key{Kind: kind, ID: id}, nil, 0)
			continue
		}
		b.LoadList(lending.Key{Kind: kind, ID: id}, lists[id])
	}
}

// queueFolios reserves folios: a stock for each series, and as many as it is
// named if that is more.
func queueFolios(batch *pgx.Batch, b *lending.Book, series []string) {
	askers := map[string]int{}
	for _, one := range series {
		askers[one]++
	}
	for one, n := range askers {
		sequence, ok := map[string]string{"V": "folio_v", "Q": "folio_q", "S": "folio_s", "R": "folio_r", "A": "folio_a"}[one]
		if !ok {
			b.LoadList(lending.Key{Kind: lending.KindNextFolio, ID: one}, nil)
			continue
		}
		if one == "R" {
			n = max(n, relacionStock)
		}
		const query = "select nextval($1::regclass) from generate_series(1, $2)"
		batch.Queue(query, sequence, n).Query(func(rows pgx.Rows) error {
			numbers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if err != nil {
				return fmt.Errorf("reserve folios: %w", err)
			}
			slices.Sort(numbers)
			folios := make([]string, len(numbers))
			for i, n := range numbers {
				folios[i] = fmt.Sprintf("%s-%05d", one, n)
			}
			b.LoadList(lending.Key{Kind: lending.KindNextFolio, ID: one}, folios)
			return nil
		})
	}
}

func lookupOf(kind lending.Kind) (lookup, bool) {
	if of, ok := shelfOf(kind); ok {
		if !of.keyIsUUID() {
			return lookup{of, "where key = any($1::text[])", texts, nil}, true
		}
		return lookup{of, "where id = any($1::uuid[])", ids, nil}, true
	}
	return otherLookup(kind)
}

// otherLookup is how entities are found other than by id. The order of a list
// is part of the Book's contract.
func otherLookup(kind lending.Kind) (lookup, bool) {
	switch kind {
	case lending.KindPersonByPhone:
		return lookup{persons(), "where phone = any($1::text[])", texts,
			by(func(p lending.Person) []string { return []string{p.Phone} })}, true
	case lending.KindDistributorByPerson:
		return lookup{distributors(), "where person_id = any($1::uuid[])", ids,
			by(func(d lending.Distributor) []string { return []string{d.PersonID.String()} })}, true
	case lending.KindValesByPerson:
		return lookup{vales(), "where " + ofPerson + " and state not in ('CONVERTED', 'DECLINED', 'EXPIRED', 'CANCELLED', 'REJECTED') order by id", ids,
			by(func(v lending.Vale) []string { return []string{v.PersonID.String()} })}, true
	case lending.KindLoansByPerson:
		// A settled loan is listed although nothing but a reversal leaves that state: a
		// payment that comes for it must find it.
		return lookup{loans(), "where " + ofPerson + " and state in ('PENDING_DISBURSEMENT', 'ACTIVE', 'SETTLED', 'WRITTEN_OFF', 'RECOVERED') order by id", ids,
			by(func(l lending.Loan) []string { return []string{l.PersonID.String()} })}, true
	case lending.KindDisbursementsByVale:
		return lookup{disbursements(), "where vale_id = any($1::uuid[]) order by id", ids,
			by(func(d lending.Disbursement) []string { return []string{d.ValeID.String()} })}, true
	case lending.KindPaymentsByLoan:
		return lookup{payments(), "where loan_id = any($1::uuid[]) order by value_date, received_at, id", ids,
			by(func(p lending.Payment) []string { return []string{p.LoanID.String()} })}, true
	case lending.KindPaymentByKey:
		return lookup{payments(), "where (source, reference) in (select * from unnest($1::text[], $2::text[]))", sourceAndReference,
			by(func(p lending.Payment) []string {
				return []string{lending.PaymentKey(p.Source, p.Reference, p.Operated)}
			})}, true
	case lending.KindPaymentsByPerson:
		return paymentsByPerson(), true
	case lending.KindCorrectionsByPerson:
		return correctionsByPerson(), true
	case lending.KindCorrectionByFolio:
		return correctionByFolio(), true
	case lending.KindPromisesByLoan:
		return lookup{promises(), "where loan_id = any($1::uuid[]) order by made_at, id", ids,
			by(func(p lending.Promise) []string { return []string{p.LoanID.String()} })}, true
	case lending.KindComplaintsByPerson:
		return complaintsByPerson(), true
	case lending.KindRequestsByPerson:
		return requestsByPerson(), true
	case lending.KindLoansByDistributor:
		return loansByDistributor(), true
	case lending.KindReferralByWord:
		return lookup{referrals(), "where word = any($1::text[])", texts,
			by(func(r lending.Referral) []string { return []string{r.Word} })}, true
	case lending.KindReferralsBy:
		return lookup{referrals(), "where referrer_id = any($1::uuid[]) order by made_at, id", ids,
			by(func(r lending.Referral) []string { return []string{r.ReferrerID.String()} })}, true
	case lending.KindCorteByBranch, lending.KindRelacionBy, lending.KindRelacionByReference, lending.KindDepositByKey, lending.KindDepositsBy:
		return relacionLookup(kind), true
	case lending.KindLoanByReference:
		return lookup{loans(), "where reference = any($1::text[]) or folio = any($1::text[])", texts,
			by(func(l lending.Loan) []string { return []string{l.Reference, l.Folio} })}, true
	}
	return lookup{}, false
}

// by makes asked out of a function on the entity itself.
func by[T any](asked func(T) []string) func(any) []string {
	return func(value any) []string { return asked(value.(T)) }
}

// texts are the sorted ids as one array.
func texts(all []string) []any {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	return []any{sorted}
}

// ids are those that a uuid column can hold; another id names nothing, which is
// not an error: it may come from a message or an address.
func ids(all []string) []any {
	valid := make([]string, 0, len(all))
	for _, one := range all {
		if id, err := uuid.Parse(one); err == nil && id.String() == one {
			valid = append(valid, one)
		}
	}
	return texts(valid)
}

// sourceAndReference are the parts of payment keys that an index holds; the day
// is compared by the look-up itself.
func sourceAndReference(all []string) []any {
	sources, references := make([]string, len(all)), make([]string, len(all))
	for i, one := range all {
		sources[i], references[i], _ = strings.Cut(one, "|")
		sources[i], _, _ = strings.Cut(sources[i], "@")
	}
	return []any{sources, references}
}
