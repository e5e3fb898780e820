package postgres

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// prompt is a provider that takes everything at once.
type prompt struct{ sent atomic.Int64 }

func (i *prompt) Send(_ context.Context, m message.Outbound) (string, error) {
	i.sent.Add(1)
	return "SM" + m.ID.String(), nil
}

func (*prompt) Find(context.Context, message.Outbound, time.Time) ([]outbox.Sent, error) {
	return nil, nil
}

// BenchmarkSend hands messages to as many contacts to a provider that takes no
// time: what is left is the database.
func BenchmarkSend(b *testing.B) {
	t := newBench(b)
	rows, _ := t.pool.Query(b.Context(), `insert into conversation (id, key, channel, address, created_at)
		select gen_random_uuid(), 'tel:+5266' || n, 'sms', '+5266' || n, now() from generate_series(10000000, 10000000 + $1 - 1) n returning id`, b.N)
	var letters []engine.Letter
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			b.Fatal(err)
		}
		letters = append(letters, t.letter(id, "hola"))
	}
	for len(letters) > 0 {
		n := min(1000, len(letters))
		t.post(letters[:n]...)
		letters = letters[n:]
	}
	sender := &prompt{}
	o := outbox.New(t.Store, sender, outbox.NewLocal(nil, time.Now), outbox.Config{
		Batch: 256, Workers: 16, Timeout: 10 * time.Second, Lease: 30 * time.Second, Sweep: time.Minute, Hours: "09:00-20:00",
		Now: func() time.Time { return t.now }, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	b.ResetTimer()
	go func() { ended <- o.Run(ctx) }()
	for open := 1; open > 0; time.Sleep(time.Millisecond) {
		if err := t.pool.QueryRow(ctx, `select count(*) from (select from outbox where settled_at is null limit 1) x`).Scan(&open); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	cancel()
	if err := <-ended; err != nil || sender.sent.Load() != int64(b.N) {
		b.Fatalf("sent %d of %d, %v", sender.sent.Load(), b.N, err)
	}
}
