package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/clockwork"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/quincena"
)

// DayCloser closes days over the store, set by set: loans are read and written
// by the thousand, and one ledger entry books what falls due in all of them. The
// figures are those of lending.CloseDay. It implements clockwork.DayStore.
type DayCloser struct{ *Store }

// NewDayCloser returns a closer over the store.
func NewDayCloser(s *Store) *DayCloser {
	return &DayCloser{s}
}

// BeginDay implements clockwork.DayStore.
func (c *DayCloser) BeginDay(ctx context.Context, day quincena.Date, now time.Time) (clockwork.DayProgress, error) {
	_, err := c.pool.Exec(ctx, `insert into day_close (day, started_at, total)
		select $1, $2, count(*) from loan where state = 'ACTIVE' and wake_on <= $1 on conflict (day) do nothing`, civil(day), now)
	if err != nil {
		return clockwork.DayProgress{}, away(fmt.Errorf("begin day close: %w", err))
	}
	return c.DayProgress(ctx, day)
}

// DayProgress implements clockwork.DayStore.
func (c *DayCloser) DayProgress(ctx context.Context, day quincena.Date) (p clockwork.DayProgress, err error) {
	p.Day = day
	rows, err := c.pool.Query(ctx, `select started_at, finished_at, total, done, entries, lines, events, failed from day_close where day = $1`, civil(day))
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{
			(*instant)(&p.Started), (*instant)(&p.Finished), &p.Total, &p.Done, &p.Entries, &p.Lines, &p.Events, &p.Failed,
		}, func() error { return nil })
	}
	if err != nil {
		return p, away(fmt.Errorf("read day close: %w", err))
	}
	return p, nil
}

// FinishDay implements clockwork.DayStore.
func (c *DayCloser) FinishDay(ctx context.Context, day quincena.Date, now time.Time, failed int) error {
	_, err := c.pool.Exec(ctx, `update day_close set finished_at = $2, failed = $3 where day = $1`, civil(day), now, failed)
	if err != nil {
		return away(fmt.Errorf("finish day close: %w", err))
	}
	return nil
}

// LoansToClose implements clockwork.DayStore.
func (c *DayCloser) LoansToClose(ctx context.Context, day quincena.Date, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	rows, _ := c.pool.Query(ctx, `select id from loan where id > $1 and state = 'ACTIVE' and wake_on <= $2 order by id limit $3`, after, civil(day), limit)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, away(fmt.Errorf("list loans to close: %w", err))
	}
	return ids, nil
}

// Money that waits on a loan is used by the day itself, which changes payments,
// the distributor's side and perhaps the state.
const loansApart = `
select p.loan_id::text from promise p join loan l on l.id = p.loan_id and l.state = 'ACTIVE'
where p.state = 'OPEN' and (p.on_day < $1 or l.wake_on <= $2)
union
select l.id::text from loan l where l.state = 'ACTIVE' and l.wake_on <= $2
  and exists (select from payment p where p.loan_id = l.id and p.state = 'POSTED' and p.excess_cents > 0)
order by 1`

// LoansApart implements clockwork.DayStore.
func (c *DayCloser) LoansApart(ctx context.Context, day quincena.Date) ([]string, error) {
	rows, _ := c.pool.Query(ctx, loansApart, civil(day.AddDays(-1)), civil(day))
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("list loans to close apart: %w", err))
	}
	return ids, nil
}

// asleep is a loan of a batch with what closing it needs to know beside it.
type asleep struct {
	lending.Loan
	rev     int64
	segment string    // of the borrower
	thread  uuid.UUID // her conversation; zero if she has none, or the record was merged into another
}

const lockLoans = `
select l.id, l.folio, l.person_id, l.terms_hash, l.active_on, l.replanned_at, l.as_of, l.next_n, l.next_due, l.next_cents,
       l.owed_cents, l.overdue_cents, l.days_late, l.left_count, l.rev, p.segment, c.id
from loan l join person p on p.id = l.person_id left join conversation c on p.merged_into is null and c.key = coalesce(nullif(p.reach, ''), 'tel:' || p.phone)
where l.id = any($1::uuid[]) and l.state = 'ACTIVE' and l.wake_on <= $2 and l.as_of < $2
  and not exists (select from promise q where q.loan_id = l.id and q.state = 'OPEN')
order by l.id for no key update of l`

// CloseLoans implements clockwork.DayStore.
func (c *DayCloser) CloseLoans(ctx context.Context, day quincena.Date, now time.Time, ids []uuid.UUID, wait bool) (clockwork.Closed, error) {
	var done clockwork.Closed
	err := c.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch, err := c.lock(ctx, tx, day, ids, wait)
		if err != nil || len(batch) == 0 {
			done = clockwork.Closed{}
			return err
		}
		paid, err := c.paymentsOf(ctx, tx, batch)
		if err != nil {
			return err
		}
		batch = slices.DeleteFunc(batch, func(l asleep) bool { return slices.ContainsFunc(paid[l.ID], waits) })
		if len(batch) == 0 {
			done = clockwork.Closed{}
			return nil
		}
		done, err = c.write(ctx, tx, day, now, batch, paid)
		return err
	})
	if err != nil {
		return clockwork.Closed{}, fmt.Errorf("close loans: %w", err)
	}
	return done, nil
}

// waits reports whether a part of a payment waits for the next instalment.
func waits(p lending.Payment) bool { return p.State == loan.PaymentPosted && p.Excess > 0 }

// lock reads the loans of a batch: those that nobody else is at, or all, as they
// come free.
func (c *DayCloser) lock(ctx context.Context, tx pgx.Tx, day quincena.Date, ids []uuid.UUID, wait bool) ([]asleep, error) {
	query := lockLoans
	if !wait {
		query += " skip locked"
	}
	rows, err := tx.Query(ctx, query, ids, civil(day))
	if err != nil {
		return nil, fmt.Errorf("lock loans: %w", err)
	}
	batch, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l asleep, err error) {
		p := &l.Position
		l.State = loan.LoanActive
		err = row.Scan(&l.ID, &l.Folio, &l.PersonID, &l.TermsHash, (*civil)(&l.Active), (*instant)(&l.Replanned), (*civil)(&p.AsOf), &p.NextN,
			(*civil)(&p.NextDue), &p.NextAmount, &p.Owed, &p.Overdue, &p.DaysLate, &p.Left, &l.rev, &l.segment, (*optional)(&l.thread))
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("lock loans: %w", err)
	}
	return batch, c.quote(ctx, tx, batch)
}

// quote gives each loan its terms and rows. One whose plan is not what its hash
// says is not closed on it.
func (c *DayCloser) quote(ctx context.Context, tx pgx.Tx, batch []asleep) error {
	missing := map[string]uuid.UUID{}
	for i := range batch {
		quote, ok := c.plans.find(batch[i].TermsHash)
		if !ok {
			missing[batch[i].TermsHash] = batch[i].ID
		}
		batch[i].Quote = quote
	}
	if len(missing) == 0 {
		return nil
	}
	fresh, odd, err := readPlansOf(ctx, tx, slices.Collect(maps.Values(missing)))
	if err != nil {
		return err
	}
	for id := range odd {
		return fmt.Errorf("read plans: the plan of loan %s is not what its hash says", id)
	}
	for i := range batch {
		if found, ok := fresh[batch[i].TermsHash]; ok {
			batch[i].Quote = found
		}
	}
	c.plans.keep(fresh)
	return nil
}

// paymentsOf reads what was paid on the loans of a batch. Where each payment
// went is derived, so that it need not be read.
func (c *DayCloser) paymentsOf(ctx context.Context, tx pgx.Tx, batch []asleep) (map[uuid.UUID][]lending.Payment, error) {
	ids := make([]uuid.UUID, len(batch))
	for i, l := range batch {
		ids[i] = l.ID
	}
	query := strings.Replace(payments().selecting("where loan_id = any($1::uuid[])"), " allocations,", " null::jsonb,", 1)
	rows, err := tx.Query(ctx, query, ids)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	all, err := valuesOf[lending.Payment](payments().read(c.vault, rows))
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	paid := make(map[uuid.UUID][]lending.Payment, len(batch))
	for _, p := range all {
		paid[p.LoanID] = append(paid[p.LoanID], p)
	}
	return paid, nil
}

const writeClosed = `
update loan l set as_of = $2, next_n = u.next_n, next_due = u.next_due, next_cents = u.next_cents, owed_cents = u.owed_cents,
    overdue_cents = u.overdue_cents, days_late = u.days_late, left_count = u.left_count, wake_on = u.wake_on, rev = l.rev + 1
from unnest($1::uuid[], $3::integer[], $4::date[], $5::bigint[], $6::bigint[], $7::bigint[], $8::integer[], $9::integer[], $10::date[])
    as u (id, next_n, next_due, next_cents, owed_cents, overdue_cents, days_late, left_count, wake_on)
where l.id = u.id`

// People in use by somebody else keep their segment until the next look.
const writeSegments = `
with free as (select id from person where id = any($1::uuid[]) order by id for no key update skip locked)
update person p set segment = u.segment, rev = p.rev + 1
from unnest($1::uuid[], $2::text[]) as u (id, segment) join free on free.id = u.id
where p.id = u.id and p.segment <> u.segment`

const countClosed = `
update day_close set done = done + $2, entries = entries + $3, lines = lines + $4, events = events + $5 where day = $1`

// write decides and writes a batch: people, loans, events, audit, and in the end
// the ledger, whose head is the hottest lock.
func (c *DayCloser) write(
	ctx context.Context, tx pgx.Tx, day quincena.Date, now time.Time, batch []asleep, paid map[uuid.UUID][]lending.Payment,
) (clockwork.Closed, error) {
	w := &writer{vault: c.vault, batch: &pgx.Batch{}, at: now, newID: c.newID}
	loans, people, lines, emits := newColumns(9), map[uuid.UUID]string{}, []ledger.Line(nil), []lending.Emit(nil)
	threads := make(map[uuid.UUID]uuid.UUID, len(batch))
	for _, l := range batch {
		closing := lending.CloseDay(l.Loan, paid[l.ID], day)
		lines = append(lines, closing.Lines...)
		if closing.Reminder != nil {
			emits = append(emits, *closing.Reminder)
			threads[l.PersonID] = l.thread
		}
		if s := string(closing.Segment); s != "" && s != l.segment {
			people[l.PersonID] = s
		}
		l.Position = closing.Position
		p := l.Position
		loans.add(l.ID, int32(p.NextN), civil(p.NextDue), int64(p.NextAmount), int64(p.Owed), int64(p.Overdue), int32(p.DaysLate), int32(p.Left), civil(l.Wake()))
	}
	if len(people) > 0 {
		who := slices.SortedFunc(maps.Keys(people), func(a, b uuid.UUID) int { return strings.Compare(string(a[:]), string(b[:])) })
		segments := make([]string, len(who))
		for i, id := range who {
			segments[i] = people[id]
		}
		w.batch.Queue(writeSegments, who, segments)
	}
	columns := loans.args()
	w.batch.Queue(writeClosed, slices.Concat([]any{columns[0], civil(day)}, columns[1:])...)
	w.audits([]lending.Audit{{
		Actor: "clockwork", Action: "day.close", Subject: lending.Key{Kind: "day", ID: day.String()}, Outcome: "ok", Cause: "close:" + day.String(),
		Detail: fmt.Sprintf("%d préstamos", len(batch)),
	}})
	if err := w.emitsTo(emits, threads); err != nil {
		return clockwork.Closed{}, err
	}
	return c.book(ctx, tx, w, day, clockwork.Closed{Done: len(batch), Events: len(emits)}, lines)
}

// book sends what is written so far and then the ledger entry of the batch.
func (c *DayCloser) book(ctx context.Context, tx pgx.Tx, w *writer, day quincena.Date, done clockwork.Closed, lines []ledger.Line) (clockwork.Closed, error) {
	lines = ledger.Net(lines...)
	var head []byte
	if len(lines) > 0 {
		done.Entries, done.Lines = 1, len(lines)
		w.batch.Queue("select hash from ledger_head for update").QueryRow(func(row pgx.Row) error { return row.Scan(&head) })
	}
	if err := w.send(ctx, tx); err != nil {
		return done, err
	}
	w.batch = &pgx.Batch{}
	if len(lines) > 0 {
		e, err := ledger.NewEntry(c.newID().String(), w.at, "close:"+day.String(), "cierre "+day.String(), lines...)
		if err != nil {
			return done, fmt.Errorf("book the close: %w", err)
		}
		if err := w.entries(head, []ledger.Entry{e}); err != nil {
			return done, err
		}
	}
	w.batch.Queue(countClosed, civil(day), done.Done, done.Entries, done.Lines, done.Events)
	return done, w.send(ctx, tx)
}

// CountToClose counts the loans that closing a day would look at.
func (c *DayCloser) CountToClose(ctx context.Context, day quincena.Date) (n int, err error) {
	err = c.pool.QueryRow(ctx, `select count(*) from loan where state = 'ACTIVE' and wake_on <= $1`, civil(day)).Scan(&n)
	if err != nil {
		return 0, away(fmt.Errorf("count loans to close: %w", err))
	}
	return n, nil
}
