package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"valebot/internal/quincena"
)

// DayJob asks for what begins with a business day: its close, and the cortes
// that are due.
type DayJob struct {
	Day string `json:"day"` // 2026-03-15
}

// Kind names the job in the queue.
func (DayJob) Kind() string { return "close_day" }

// InsertOpts makes a day one job, however many nodes ask for it.
func (DayJob) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// daySlice is how long a day is worked on at a stretch. A long close goes on in
// the next one, so that a dead process is noticed as soon as for any other job.
const daySlice = 10 * time.Second

// DayWorker adds what closes days to the queue's workers. run is broken off and
// called again until it is done.
func DayWorker(run func(ctx context.Context, day quincena.Date) error) func(*river.Workers) {
	return func(workers *river.Workers) { river.AddWorker(workers, &dayWorker{run: run}) }
}

type dayWorker struct {
	river.WorkerDefaults[DayJob]
	run func(ctx context.Context, day quincena.Date) error
}

// Work implements river.Worker.
func (w *dayWorker) Work(ctx context.Context, job *river.Job[DayJob]) error {
	day, err := quincena.ParseDate(job.Args.Day)
	if err != nil {
		return river.JobCancel(fmt.Errorf("close day: %w", err))
	}
	slice, cancel := context.WithTimeout(ctx, daySlice)
	defer cancel()
	err = w.run(slice, day)
	if err != nil && errors.Is(slice.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		return river.JobSnooze(0)
	}
	return err
}

// AskDay queues the close of a day, once.
func (q *JobQueue) AskDay(ctx context.Context, day quincena.Date) error {
	if _, err := q.client.Insert(ctx, DayJob{Day: day.String()}, nil); err != nil {
		return away(fmt.Errorf("queue the close of %s: %w", day, err))
	}
	return nil
}
