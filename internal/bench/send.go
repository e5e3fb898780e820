package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/postgres"
	"valebot/internal/vault"
)

// SendOptions say how to measure the sender. The zero value is completed by sane
// defaults.
type SendOptions struct {
	DatabaseURL string        // as in Options
	Messages    int           // handed over as fast as possible; 0 is 20,000
	Length      time.Duration // at each configured rate; 0 is 10 s
	Rates       []int         // segments a second; nil is 1, 10, 80 and 400
	Queued      int           // campaign messages that wait before a code; 0 is 100,000
	Codes       int           // codes that are sent past them; 0 is 50
	Progress    func(text string)
}

func (o SendOptions) complete() SendOptions {
	if o.Messages <= 0 {
		o.Messages = 20_000
	}
	if o.Length <= 0 {
		o.Length = 10 * time.Second
	}
	if o.Rates == nil {
		o.Rates = []int{1, 10, 80, 400}
	}
	if o.Queued <= 0 {
		o.Queued = 100_000
	}
	if o.Codes <= 0 {
		o.Codes = 50
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return o
}

// SendReport is what a benchmark of the sender found. The provider is a function
// of this process that takes everything at once: what is measured is the sender
// with its database.
type SendReport struct {
	Cores  int          `json:"cores"`
	Fast   Figure       `json:"fast"`         // without a rate; the latencies are zero
	Asked  float64      `json:"asked"`        // questions to the pacer for each message that went, of all rates together
	Rates  []RateFigure `json:"rates"`        // at configured rates
	Queued int          `json:"queued"`       // campaign messages that waited
	Codes  Figure       `json:"codes"`        // from the commit of a code to its hand-over
	Load   Load         `json:"load_at_full"` // while handing over as fast as possible
}

// RateFigure is what came of one configured rate.
type RateFigure struct {
	Rate    int     `json:"rate"`     // segments a second, configured; the burst is the same, at least 2
	Sent    int     `json:"sent"`     // after the burst
	Reached float64 `json:"reached"`  // of the configured rate, 1 = all of it
	Worst   int     `json:"worst"`    // the most within any second
	Allowed int     `json:"allowed"`  // rate and burst
	Asked   float64 `json:"asked"`    // questions to the pacer for each message
	Skipped bool    `json:"too_slow"` // too few went to say anything
}

// Send measures the sender: as fast as it can, at configured rates, and a code
// behind a queue of campaign messages.
func Send(ctx context.Context, o SendOptions) (SendReport, error) {
	o = o.complete()
	o.Progress("arrancando la base de datos")
	place, err := open(ctx, o.DatabaseURL)
	if err != nil {
		return SendReport{}, err
	}
	defer place.close()
	s, err := newSending(ctx, place)
	if err != nil {
		return SendReport{}, err
	}
	defer s.store.Close()
	report := SendReport{Cores: runtime.NumCPU(), Queued: o.Queued}
	for _, step := range []func(context.Context, SendOptions, *SendReport) error{s.fast, s.rates, s.codes} {
		if err := step(ctx, o, &report); err != nil {
			return SendReport{}, err
		}
	}
	return report, ctx.Err()
}

// sending is the sender's database with contacts that may be written to.
type sending struct {
	store    *postgres.Store
	start    time.Time
	contacts []uuid.UUID
}

// noon is where the product's clock begins, so that no quiet hours come between.
var noon = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)

func (s *sending) now() time.Time { return noon.Add(time.Since(s.start)) }

func newSending(ctx context.Context, p *place) (*sending, error) {
	if err := postgres.Migrate(ctx, p.ours); err != nil {
		return nil, err
	}
	v, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	store, err := postgres.Open(ctx, p.ours, v, engine.NewID)
	if err != nil {
		return nil, err
	}
	return &sending{store: store, start: time.Now()}, nil
}

// people makes sure that there are so many contacts, who agreed to everything.
func (s *sending) people(ctx context.Context, n int) error {
	have := len(s.contacts)
	if n <= have {
		return nil
	}
	rows, err := s.store.Pool().Query(ctx, `with new as (
			insert into conversation (id, key, channel, address, created_at)
			select gen_random_uuid(), 'tel:+526' || n, 'sms', '+526' || n, $3 from generate_series(600000000 + $1::int, 600000000 + $2::int - 1) n returning id, key),
		said as (
			insert into consent_entry (id, at, contact_key, purpose, granted, source, evidence, actor)
			select gen_random_uuid(), $3, key, 'marketing', true, 'file', 'bench', 'bench' from new)
		select id from new`, have, n, noon)
	if err != nil {
		return fmt.Errorf("write contacts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("write contacts: %w", err)
		}
		s.contacts = append(s.contacts, id)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("write contacts: %w", err)
	}
	_, err = s.store.Pool().Exec(ctx, `analyze conversation, consent`)
	return err
}

// write queues a message to each of some contacts, many in one transaction.
func (s *sending) write(ctx context.Context, contacts []uuid.UUID, campaign string, lane message.Lane) error {
	const chunk = 2000
	for part := range slices.Chunk(contacts, chunk) {
		letters := make([]engine.Letter, len(part))
		for i, contact := range part {
			now := s.now()
			letters[i] = engine.Letter{
				ID: engine.NewID(), Conversation: contact, Author: "bot", Lane: lane, Key: "bench.uno", Segments: 1, Zone: "America/Mexico_City",
				To: message.Address{Channel: message.SMS, Value: fmt.Sprintf("+526%09d", i)}, Content: engine.Content{Text: "Hola"},
				Hash: sha256.Sum256([]byte("Hola")), NotBefore: now, Created: now, Expires: now.Add(4 * time.Hour),
			}
		}
		var err error
		if campaign != "" {
			err = s.store.QueueCampaign(ctx, campaign, 1, letters)
		} else {
			err = s.store.QueueLetters(ctx, letters)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clear ends everything that still waits.
func (s *sending) clear(ctx context.Context) error {
	_, err := s.store.Pool().Exec(ctx, `truncate outbox`)
	if err != nil {
		return fmt.Errorf("clear outbox: %w", err)
	}
	return nil
}

// taker is a provider that takes everything at once and notes when.
type taker struct {
	mu     sync.Mutex
	at     []time.Time
	codes  map[uuid.UUID]time.Time
	enough chan struct{} // closed once so many have come
	want   int
}

func newTaker(want int) *taker {
	return &taker{codes: map[uuid.UUID]time.Time{}, enough: make(chan struct{}), want: want}
}

func (t *taker) Send(_ context.Context, m message.Outbound) (string, error) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = append(t.at, now)
	if m.Lane == message.LaneCode {
		t.codes[m.ID] = now
	}
	if len(t.at) == t.want {
		close(t.enough)
	}
	return "SM" + m.ID.String(), nil
}

func (*taker) Find(context.Context, message.Outbound, time.Time) ([]outbox.Sent, error) {
	return nil, nil
}

// asking counts what the pacer is asked.
type asking struct {
	outbox.Pacer
	asked int // only the dispatcher touches it while it runs
}

func (a *asking) Take(ctx context.Context, c outbox.Candidate) outbox.Room {
	a.asked++
	return a.Pacer.Take(ctx, c)
}

// run starts a sender; stop ends it and waits.
func (s *sending) run(ctx context.Context, t *taker, rate int) (o *outbox.Outbox, pacer *asking, stop func()) {
	limits := map[message.Channel]outbox.Limits{}
	if rate > 0 {
		limits[message.SMS] = outbox.Limits{PerSecond: rate, Burst: max(rate, 2)}
	}
	pacer = &asking{Pacer: outbox.NewLocal(limits, time.Now)}
	o = outbox.New(s.store, t, pacer, outbox.Config{
		Batch: 256, Workers: 64, Timeout: 10 * time.Second, Lease: 30 * time.Second, Sweep: 5 * time.Second, Hours: "09:00-21:00",
		Now: s.now, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	return o, pacer, func() { cancel(); <-ended }
}

func (s *sending) fast(ctx context.Context, o SendOptions, report *SendReport) error {
	o.Progress(fmt.Sprintf("%d mensajes a todo lo que da", o.Messages))
	if err := s.people(ctx, o.Messages); err != nil {
		return err
	}
	if err := s.write(ctx, s.contacts[:o.Messages], "", message.LaneNotice); err != nil {
		return err
	}
	t, watch, start := newTaker(o.Messages), watchLoad(), time.Now()
	_, _, stop := s.run(ctx, t, 0)
	select {
	case <-t.enough:
	case <-ctx.Done():
	}
	took := time.Since(start)
	report.Load = watch.stop()
	stop()
	report.Fast = Figure{Count: len(t.at), Rate: float64(len(t.at)) / took.Seconds()}
	return s.clear(ctx)
}

func (s *sending) rates(ctx context.Context, o SendOptions, report *SendReport) error {
	asked, sent := 0, 0
	for _, rate := range o.Rates {
		o.Progress(fmt.Sprintf("a %d por segundo", rate))
		n := rate*int(o.Length/time.Second) + 2*rate + 100
		if err := s.people(ctx, n); err != nil {
			return err
		}
		if err := s.write(ctx, s.contacts[:n], "", message.LaneNotice); err != nil {
			return err
		}
		t := newTaker(0)
		_, pacer, stop := s.run(ctx, t, rate)
		select {
		case <-time.After(o.Length):
		case <-ctx.Done():
		}
		stop()
		f := rateFigure(rate, t.at)
		f.Asked = float64(pacer.asked) / float64(max(1, len(t.at)))
		asked, sent = asked+pacer.asked, sent+len(t.at)
		report.Rates = append(report.Rates, f)
		if err := s.clear(ctx); err != nil {
			return err
		}
	}
	report.Asked = float64(asked) / float64(max(1, sent))
	return nil
}

// rateFigure says what became of a rate. What goes at once in the beginning is
// the burst (of which notices may use three quarters) and no part of the rate.
func rateFigure(rate int, at []time.Time) RateFigure {
	slices.SortFunc(at, time.Time.Compare)
	f := RateFigure{Rate: rate, Allowed: rate + max(rate, 2)}
	for i := range at {
		n := 0
		for n = 0; i+n < len(at) && at[i+n].Sub(at[i]) < time.Second; n++ {
		}
		f.Worst = max(f.Worst, n)
	}
	steady := at[min(len(at), max(rate, 2)):]
	f.Sent = len(steady)
	if len(steady) < 3 {
		f.Skipped = true
		return f
	}
	f.Reached = float64(len(steady)-1) / steady[len(steady)-1].Sub(steady[0]).Seconds() / float64(rate)
	return f
}

func (s *sending) codes(ctx context.Context, o SendOptions, report *SendReport) error {
	o.Progress(fmt.Sprintf("encolando %d de campaña", o.Queued))
	if err := s.people(ctx, o.Queued+o.Codes); err != nil {
		return err
	}
	if err := s.write(ctx, s.contacts[:o.Queued], "bench", message.LaneCampaign); err != nil {
		return err
	}
	t := newTaker(0)
	box, _, stop := s.run(ctx, t, 80)
	defer stop()
	o.Progress(fmt.Sprintf("%d claves detrás de %d", o.Codes, o.Queued))
	written := map[uuid.UUID]time.Time{}
	for i := range o.Codes {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		l := engine.Letter{
			ID: engine.NewID(), Conversation: s.contacts[o.Queued+i], Author: "bot", Lane: message.LaneCode, Key: "bench.clave", Segments: 1, Secret: true,
			Zone: "America/Mexico_City", To: message.Address{Channel: message.SMS, Value: "+526600000000"}, Content: engine.Content{Text: "Tu clave"},
			Hash: sha256.Sum256([]byte("Tu clave")), NotBefore: s.now(), Created: s.now(), Expires: s.now().Add(time.Hour),
		}
		if err := s.store.QueueLetters(ctx, []engine.Letter{l}); err != nil {
			return err
		}
		written[l.ID] = time.Now()
		box.Wake()
	}
	return t.waits(ctx, written, report)
}

// waits gathers how long each code took, once all have gone.
func (t *taker) waits(ctx context.Context, written map[uuid.UUID]time.Time, report *SendReport) error {
	deadline := time.Now().Add(patience)
	for {
		t.mu.Lock()
		missing := len(written) - len(t.codes)
		t.mu.Unlock()
		if missing == 0 || time.Now().After(deadline) || ctx.Err() != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var all tally
	for id, at := range written {
		gone, ok := t.codes[id]
		if !ok {
			all.failed++
			continue
		}
		all.add(max(0, gone.Sub(at)), nil)
	}
	report.Codes = all.figure(time.Second)
	return nil
}
