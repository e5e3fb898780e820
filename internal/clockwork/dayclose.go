package clockwork

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"valebot/internal/fault"
	"valebot/internal/quincena"
)

// DayStore is what closing a day needs of the database.
type DayStore interface {
	// BeginDay notes that the close of a day begins; one that has begun goes on.
	BeginDay(ctx context.Context, day quincena.Date, now time.Time) (DayProgress, error)
	// DayProgress tells how far the close of a day has come.
	DayProgress(ctx context.Context, day quincena.Date) (DayProgress, error)
	// LoansToClose lists up to limit active loans after an id, in their order, that
	// the day changes and that are not closed yet.
	LoansToClose(ctx context.Context, day quincena.Date, after uuid.UUID, limit int) ([]uuid.UUID, error)
	// CloseLoans closes the day for loans in one transaction. It leaves out those
	// that are closed already or that are closed apart, and passes over those that
	// others work on unless it is told to wait for them.
	CloseLoans(ctx context.Context, day quincena.Date, now time.Time, ids []uuid.UUID, wait bool) (Closed, error)
	// LoansApart lists the loans that the action loan.close_day closes, one by
	// one: those whose open promise is over, and of those that the day changes the
	// ones with an open promise or with money that waits for an instalment.
	LoansApart(ctx context.Context, day quincena.Date) ([]string, error)
	// FinishDay notes that a day is closed, but for some loans that failed.
	FinishDay(ctx context.Context, day quincena.Date, now time.Time, failed int) error
}

// DayProgress is how far the close of a day has come.
type DayProgress struct {
	Day      quincena.Date `json:"day"`
	Started  time.Time     `json:"started"`
	Finished time.Time     `json:"finished,omitzero"` // zero while it runs
	Total    int           `json:"total"`             // loans that it concerned when it began
	Done     int           `json:"done"`
	Entries  int           `json:"entries"` // of the ledger
	Lines    int           `json:"lines"`
	Events   int           `json:"events"` // for conversations
	Failed   int           `json:"failed"` // left for the next close
}

// Closed is what closing a batch did.
type Closed struct{ Done, Entries, Lines, Events int }

// DayClose closes days: every active loan is brought up to the day, in batches
// that commit by themselves. It may be broken off anywhere and run again, by
// another node too, and what is done stays done.
type DayClose struct {
	Store    DayStore
	Act      Act
	Now      func() time.Time
	Log      *slog.Logger
	Batch    int               // loans in a transaction
	Workers  int               // transactions at once
	Progress func(DayProgress) // hears of every batch, from one goroutine at a time; may be nil
}

// Run closes a day and returns what was done. A day that is closed stays so. It
// refuses a day that has not begun on the product's clock.
func (c DayClose) Run(ctx context.Context, day quincena.Date) (DayProgress, error) {
	if day.After(quincena.On(c.Now(), quincena.Central())) {
		return DayProgress{}, fault.New(fault.Invalid, "day_in_future", "Ese día todavía no llega.")
	}
	p, err := c.Store.BeginDay(ctx, day, c.Now())
	if err != nil || !p.Finished.IsZero() {
		return p, err
	}
	failed, err := c.loans(ctx, day)
	if err != nil {
		return p, err
	}
	more, err := c.apart(ctx, day)
	if err != nil {
		return p, err
	}
	if err := c.Store.FinishDay(ctx, day, c.Now(), failed+more); err != nil {
		return p, err
	}
	return c.Store.DayProgress(ctx, day)
}

// loans goes through all loans until a pass closes none, since those that others
// worked on come free. What is left then is waited for: somebody may hold a loan
// for long, the dying session of a close that was killed among them. It returns
// how many cannot be closed.
func (c DayClose) loans(ctx context.Context, day quincena.Date) (int, error) {
	wait := false
	for {
		done, failed, err := c.pass(ctx, day, wait)
		if err != nil || done == 0 && wait {
			return failed, err
		}
		wait = done == 0
	}
}

func (c DayClose) pass(ctx context.Context, day quincena.Date, wait bool) (done, failed int, err error) {
	type count struct{ done, failed int }
	results := make(chan count)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.Workers + 1)
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		for r := range results {
			done += r.done
			failed += r.failed
			c.tell(ctx, day)
		}
	}()
	g.Go(func() error {
		after := uuid.Nil
		for ctx.Err() == nil {
			ids, err := c.Store.LoansToClose(ctx, day, after, c.Batch)
			if err != nil || len(ids) == 0 {
				return err
			}
			after = ids[len(ids)-1]
			g.Go(func() error {
				n, bad, err := c.batch(ctx, day, ids, wait)
				results <- count{n, bad}
				return err
			})
		}
		return ctx.Err()
	})
	err = g.Wait()
	close(results)
	<-counted
	return done, failed, err
}

func (c DayClose) tell(ctx context.Context, day quincena.Date) {
	if c.Progress == nil {
		return
	}
	if p, err := c.Store.DayProgress(ctx, day); err == nil {
		c.Progress(p)
	}
}

// batch closes some loans. Where that fails for a reason of its own, each is
// tried alone, so that one does not keep the others from being closed.
func (c DayClose) batch(ctx context.Context, day quincena.Date, ids []uuid.UUID, wait bool) (done, failed int, err error) {
	closed, err := c.Store.CloseLoans(ctx, day, c.Now(), ids, wait)
	switch {
	case err == nil:
		return closed.Done, 0, nil
	case ctx.Err() != nil, fault.KindOf(err) == fault.Unavailable:
		return 0, 0, err
	case len(ids) == 1:
		c.Log.ErrorContext(ctx, "close loan", "loan", ids[0], "day", day.String(), "err", err)
		return 0, 1, nil
	}
	for _, id := range ids {
		n, bad, err := c.batch(ctx, day, []uuid.UUID{id}, wait)
		if done, failed = done+n, failed+bad; err != nil {
			return done, failed, err
		}
	}
	return done, failed, nil
}

// apart closes the day for loans of which more than the day's figures changes.
func (c DayClose) apart(ctx context.Context, day quincena.Date) (failed int, err error) {
	ids, err := c.Store.LoansApart(ctx, day)
	if err != nil {
		return 0, fmt.Errorf("close loans apart: %w", err)
	}
	for _, id := range ids {
		err := c.Act(ctx, "clockwork", "due:"+id+":"+day.String(), "loan.close_day", map[string]any{"credito": id})
		switch {
		case err == nil:
		case ctx.Err() != nil, fault.KindOf(err) == fault.Unavailable:
			return failed, err
		default:
			failed++
			c.Log.ErrorContext(ctx, "close loan", "loan", id, "day", day.String(), "err", err)
		}
	}
	return failed, nil
}
