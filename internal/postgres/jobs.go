package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"valebot/internal/lending"
)

// RailJob is a call to a rail, to be made after the transaction that asked for
// it and outside of any.
type RailJob struct {
	Rail         lending.Rail `json:"rail"`
	Op           string       `json:"op"`
	Disbursement uuid.UUID    `json:"disbursement"`
}

// Kind names the job in the queue.
func (RailJob) Kind() string { return "rail_call" }

// Again says that a rail has not finished and should be asked after a while.
type Again struct{ After time.Duration }

// Error implements error.
func (a Again) Error() string { return "not finished; again in " + a.After.String() }

// Times of a rail call. A call that a dead process left behind is taken up
// again after rescueAfter: the rail knows it by its key, so that it is done once.
const (
	railTimeout = 15 * time.Second
	rescueAfter = 20 * time.Second
	railTries   = 60
)

// RailRunner makes one rail call. first is false if the call may have been made
// before, so that the rail must be asked how it stands before anything else.
type RailRunner func(ctx context.Context, call lending.RailCall, first bool) error

// JobQueue runs rail calls from the database.
type JobQueue struct{ client *river.Client[pgx.Tx] }

// NewJobs makes the job queue and has the store put rail calls in it. more adds
// workers of other kinds.
func NewJobs(s *Store, run RailRunner, log *slog.Logger, more ...func(*river.Workers)) (*JobQueue, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &railWorker{run: run})
	for _, add := range more {
		add(workers)
	}
	client, err := river.NewClient(riverpgxv5.New(s.pool), &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 32}},
		Workers:              workers,
		Logger:               log,
		JobTimeout:           railTimeout,
		RescueStuckJobsAfter: rescueAfter,
		FetchCooldown:        20 * time.Millisecond,
		FetchPollInterval:    time.Second,
		MaxAttempts:          railTries,
	})
	if err != nil {
		return nil, fmt.Errorf("make job queue: %w", err)
	}
	s.UseJobs(func(ctx context.Context, tx pgx.Tx, calls []lending.RailCall) error {
		params := make([]river.InsertManyParams, 0, len(calls))
		for _, c := range calls {
			params = append(params, river.InsertManyParams{Args: RailJob{Rail: c.Rail, Op: c.Op, Disbursement: c.Disbursement}})
		}
		if _, err := client.InsertManyFastTx(ctx, tx, params); err != nil {
			return fmt.Errorf("queue rail calls: %w", err)
		}
		return nil
	})
	return &JobQueue{client: client}, nil
}

// Start takes up what a dead process left running and starts working. A call
// that another node is just making is taken up too: the rail knows it by its
// key, so that it is done once.
func (q *JobQueue) Start(ctx context.Context, s *Store) error {
	_, err := s.pool.Exec(ctx, `update river_job set state = 'available', scheduled_at = now()
		where state = 'running' and kind in ('rail_call', 'close_day')`)
	if err != nil {
		return fmt.Errorf("take up rail calls: %w", err)
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start job queue: %w", err)
	}
	return nil
}

// Stop lets running calls finish, up to ctx.
func (q *JobQueue) Stop(ctx context.Context) error { return q.client.Stop(ctx) }

type railWorker struct {
	river.WorkerDefaults[RailJob]
	run RailRunner
}

// Work makes the call. A call that is not finished comes back later without
// counting as a failure.
func (w *railWorker) Work(ctx context.Context, job *river.Job[RailJob]) error {
	first := job.Attempt == 1 && len(job.Metadata) <= len(`{}`)
	err := w.run(ctx, lending.RailCall{Rail: job.Args.Rail, Op: job.Args.Op, Disbursement: job.Args.Disbursement}, first)
	var again Again
	if errors.As(err, &again) {
		return river.JobSnooze(again.After)
	}
	return err
}

// NextRetry asks again soon at first, and every five minutes in the end.
func (w *railWorker) NextRetry(job *river.Job[RailJob]) time.Time {
	wait := min(time.Second<<min(job.Attempt, 9), 5*time.Minute)
	return time.Now().Add(wait)
}

// PayoutOrder is what a rail must know of an attempt.
type PayoutOrder struct {
	Disbursement lending.Disbursement
	Phone        string
	Name         string
	Folio        string
}

// PayoutOrder reads an attempt for its rail.
func (s *Store) PayoutOrder(ctx context.Context, id uuid.UUID) (PayoutOrder, error) {
	book := lending.NewBook()
	var out PayoutOrder
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := fetch(ctx, tx, s, book, []lending.Key{{Kind: lending.KindDisbursement, ID: id.String()}}); err != nil {
			return err
		}
		d, err := book.Disbursement(id)
		if err != nil {
			return err
		}
		out.Disbursement = d
		return tx.QueryRow(ctx, `select p.phone, p.name, v.folio from vale v join person p on p.id = v.person_id where v.id = $1`, d.ValeID).
			Scan(&out.Phone, &out.Name, &out.Folio)
	})
	if err != nil {
		return PayoutOrder{}, fmt.Errorf("read payout order: %w", err)
	}
	return out, nil
}
