package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/message"
)

// row is a message in the memory store.
type row struct {
	Candidate
	state    State
	before   time.Time
	lease    time.Time
	provider string
	reason   string
}

// memory is an outbox.Store without a database. It refuses whatever the real
// one would: a change from another state than the one expected.
type memory struct {
	mu       sync.Mutex
	rows     []*row
	talks    map[uuid.UUID][]*row // by conversation
	fail     error                // returned by everything while set
	facts    func(*Candidate)     // reads what may have changed since a message was written; may be nil
	poison   uuid.UUID
	looks    int           // how often it was asked for work
	took     time.Duration // of one look
	diverted []message.Channel
}

var errPoison = errors.New("the database refuses this row")

func (m *memory) put(cs ...Candidate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range cs {
		r := &row{Candidate: c, state: Queued}
		m.rows, m.talks[c.Conversation] = append(m.rows, r), append(m.talks[c.Conversation], r)
	}
}

func (m *memory) find(id uuid.UUID) *row {
	i := slices.IndexFunc(m.rows, func(r *row) bool { return r.ID == id })
	return m.rows[i]
}

func (m *memory) states() map[State]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[State]int{}
	for _, r := range m.rows {
		out[r.state]++
	}
	return out
}

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// waits reports whether r must wait for another message of its contact.
func (m *memory) waits(r *row, now time.Time) bool {
	talk := m.talks[r.Conversation]
	return slices.ContainsFunc(talk, func(e *row) bool {
		if e == r || e.Lane == message.LaneCode || r.Lane == message.LaneCode {
			return false
		}
		earlier := slices.Index(talk, e) < slices.Index(talk, r)
		return e.state == Sending || e.state == Unknown || e.state == Queued && earlier && !e.before.After(now.Add(time.Minute))
	})
}

func (m *memory) Dispatch(_ context.Context, now time.Time, open []Head, limit int, lease time.Duration, decide func([]Candidate) []Verdict) (int, error) {
	time.Sleep(m.took) // not under the lock: the bubble's clock stands still while somebody waits for one
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	m.looks++
	var due []*row
	for _, r := range m.rows {
		if r.state == Queued && !r.before.After(now) && slices.Contains(open, Head{r.To.Channel, r.Lane}) && !m.waits(r, now) {
			due = append(due, r)
		}
	}
	slices.SortStableFunc(due, func(a, b *row) int { return cmp.Compare(a.Lane, b.Lane) })
	due = due[:min(limit, len(due))]
	cs := make([]Candidate, len(due))
	for i, r := range due {
		cs[i] = r.Candidate
		if m.facts != nil {
			m.facts(&cs[i])
		}
	}
	for _, v := range decide(cs) {
		r := m.find(v.ID)
		m.apply(r, v)
		if v.State == Sending {
			r.SendingAt, r.lease = now, time.Now().Add(lease)
		}
	}
	return len(due), nil
}

func (m *memory) FallBack(_ context.Context, _ time.Time, diverted []message.Channel, _ int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.diverted = diverted
	return 0, m.fail
}

func (m *memory) apply(r *row, v Verdict) {
	r.state, r.Attempt, r.Finds, r.reason = v.State, v.Attempt, v.Finds, v.Reason
	if !v.NotBefore.IsZero() {
		r.before = v.NotBefore
	}
	if v.ProviderID != "" {
		r.provider = v.ProviderID
	}
}

func (m *memory) Settle(_ context.Context, _ time.Time, verdicts []Verdict) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.ID == m.poison }) {
		return errPoison
	}
	for _, v := range verdicts {
		if r := m.find(v.ID); r.state == Sending || r.state == Unknown {
			m.apply(r, v)
			r.lease = time.Now().Add(time.Minute)
		}
	}
	return nil
}

func (m *memory) Lost(_ context.Context, _, wall time.Time, limit int, lease time.Duration) ([]Candidate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Candidate
	for _, r := range m.rows {
		if (r.state == Sending || r.state == Unknown) && r.lease.Before(wall) && len(out) < limit {
			r.state, r.lease = Unknown, wall.Add(lease)
			out = append(out, r.Candidate)
		}
	}
	return out, m.fail
}

func (m *memory) Linked(_ context.Context, ids []string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, r := range m.rows {
		if slices.Contains(ids, r.provider) {
			out = append(out, r.provider)
		}
	}
	return out, m.fail
}

func (m *memory) Record(_ context.Context, _ time.Time, reports []Report) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range reports {
		if x := m.find(r.ID); x.state == Sending || x.state == Unknown {
			x.state, x.provider = Accepted, r.ProviderID
		}
	}
	return m.fail
}

func (m *memory) ChannelsOf(context.Context, []message.Status) ([]message.Channel, error) {
	return []message.Channel{message.SMS}, m.fail
}

func (m *memory) NextDue(_ context.Context, now time.Time) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due time.Time
	for _, r := range m.rows {
		if r.state == Queued && r.before.After(now) && (due.IsZero() || r.before.Before(due)) {
			due = r.before
		}
	}
	return due, !due.IsZero(), m.fail
}

// provider is a Sender that remembers what it took and checks that no contact
// has two messages in flight.
type provider struct {
	mu      sync.Mutex
	took    time.Duration // of one hand-over
	fail    func(m message.Outbound) error
	sent    []message.Outbound
	at      []time.Time
	flying  map[string]int
	crowded []string
	list    []Sent // what Find answers
	finds   int
	findErr error
}

func (p *provider) Send(ctx context.Context, m message.Outbound) (string, error) {
	if m.Lane != message.LaneCode {
		p.fly(m.To.Key(), 1)
		defer p.fly(m.To.Key(), -1)
	}
	if p.took > 0 {
		timer := time.NewTimer(p.took)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(m); err != nil {
			return "", err
		}
	}
	p.sent, p.at = append(p.sent, m), append(p.at, time.Now())
	return fmt.Sprintf("SM%d", len(p.sent)), nil
}

func (p *provider) fly(key string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flying == nil {
		p.flying = map[string]int{}
	}
	if p.flying[key] += n; p.flying[key] > 1 {
		p.crowded = append(p.crowded, key)
	}
}

func (p *provider) Find(context.Context, message.Outbound, time.Time) ([]Sent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finds++
	return p.list, p.findErr
}

func (p *provider) bodies() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]string, len(p.sent))
	for i, m := range p.sent {
		out[i] = m.Body
	}
	return out
}

// post is an outbox over memory, with a clock that starts at noon.
type post struct {
	*Outbox
	store    *memory
	provider *provider
	start    time.Time
	next     int
}

func newPost(limits map[message.Channel]Limits, change ...func(*Config)) *post {
	p := &post{store: &memory{talks: map[uuid.UUID][]*row{}}, provider: &provider{}, start: time.Now()}
	cfg := Config{
		Batch: 64, Workers: 8, Timeout: 10 * time.Second, Lease: time.Minute, Hours: dayHours, Sweep: 5 * time.Second,
		Now: p.now, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	p.Outbox = New(p.store, p.provider, NewLocal(limits, time.Now), cfg)
	return p
}

func (p *post) now() time.Time { return noon.Add(time.Since(p.start)) }

// write queues a message to contact n.
func (p *post) write(n int, body string, change ...func(*Candidate)) uuid.UUID {
	p.next++
	c := candidate(append([]func(*Candidate){to(n)}, change...)...)
	c.ID, c.Conversation, c.Body = uuid.UUID{14: byte(p.next >> 8), 15: byte(p.next)}, uuid.UUID{0: 1, 14: byte(n >> 8), 15: byte(n)}, body
	p.store.put(c)
	return c.ID
}

// run starts the outbox and returns what stops it and waits for its end.
func (p *post) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

var errAway = fault.New(fault.Unavailable, "database_away", "La base de datos no responde.")
