package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// record applies one status of a message in flight.
func (b bench) record(id uuid.UUID, rank message.Rank, change ...func(*outbox.Report)) {
	b.Helper()
	r := outbox.Report{Status: message.Status{ID: id, Attempt: 1, ProviderID: "SM" + id.String(), Rank: rank}}
	for _, f := range change {
		f(&r)
	}
	b.must(b.Record(b.Context(), b.now, []outbox.Report{r}))
}

// Any order of callbacks, with repeats, and of the provider's own answer among
// them, ends the same.
func TestRecordCommutes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		b.post(b.letter(b.talk(n), "hola"))
		c := b.send(b.now)[0]
		ranks := rapid.SliceOfDistinct(rapid.SampledFrom([]message.Rank{1, 2, 3, 4, 5, 6, 7}), rapid.ID).Draw(r, "ranks")
		steps := slices.Clone(ranks)
		for range rapid.IntRange(0, 4).Draw(r, "repeats") {
			if len(ranks) > 0 {
				steps = append(steps, rapid.SampledFrom(ranks).Draw(r, "repeat"))
			}
		}
		const answer = message.Rank(0)
		steps = rapid.Permutation(append(steps, answer)).Draw(r, "order")
		for _, rank := range steps {
			if rank == answer {
				b.accept(c)
				continue
			}
			b.record(c.ID, rank)
		}
		top := message.RankAccepted
		if len(ranks) > 0 {
			top = slices.Max(ranks)
		}
		want := standing{"accepted", int16(top), 1, "SM" + c.ID.String(), true}
		if top == message.RankFailed {
			want.State = "failed"
		}
		if got := b.standing(c.ID); got.State != want.State || got.Rank != want.Rank || got.Provider != want.Provider || got.Settled != want.Settled {
			r.Fatalf("%v: %+v, want %+v", steps, got, want)
		}
	})
}

func TestRecordBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.letter(b.talk(1), "hola"))
	c := b.send(b.now)[0]
	b.record(c.ID, message.RankDelivered)
	want := standing{"accepted", 6, 1, "SM" + c.ID.String(), true}
	for name, late := range map[string]outbox.Verdict{
		"accepted": {ID: c.ID, State: outbox.Accepted, ProviderID: "SM" + c.ID.String(), Attempt: 1},
		"unclear":  {ID: c.ID, State: outbox.Unknown, Attempt: 1},
		"refused":  {ID: c.ID, State: outbox.Failed, Attempt: 1},
		"not now":  {ID: c.ID, State: outbox.Queued, NotBefore: b.now},
	} {
		b.must(b.Settle(t.Context(), b.now, []outbox.Verdict{late}))
		if diff := cmp.Diff(want, b.standing(c.ID)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRecordByProviderID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.letter(b.talk(1), "hola"))
	c := b.send(b.now)[0]
	bare := func(r *outbox.Report) { r.ID, r.Attempt = uuid.Nil, 0 }
	b.record(c.ID, message.RankSent, bare) // nobody knows this id yet
	b.accept(c)
	b.record(c.ID, message.RankDelivered, bare)
	b.record(c.ID, message.RankRead, bare, func(r *outbox.Report) { r.ProviderID = "SMotro" })
	if got := b.standing(c.ID); got.Rank != 6 {
		t.Errorf("%+v", got)
	}
}

func TestRecordFailure(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	conv := b.talk(1)
	retry := func(b bench) func(*outbox.Report) {
		return func(r *outbox.Report) { r.Class, r.Code, r.Retry = message.Defer, 30003, b.now.Add(5*time.Minute) }
	}
	for name, test := range map[string]struct {
		change func(*engine.Letter)
		report func(b bench) func(*outbox.Report)
		want   string
	}{
		"may pass":                 {func(*engine.Letter) {}, retry, "queued"},
		"final":                    {func(*engine.Letter) {}, func(bench) func(*outbox.Report) { return func(*outbox.Report) {} }, "failed"},
		"a code may pass, too":     {func(l *engine.Letter) { l.Lane = message.LaneCode }, retry, "queued"},
		"of no use by then":        {func(l *engine.Letter) { l.Expires = l.NotBefore.Add(5 * time.Minute) }, retry, "failed"},
		"of an earlier hand-over":  {func(*engine.Letter) {}, func(bench) func(*outbox.Report) { return func(r *outbox.Report) { r.Attempt = 7 } }, "accepted"},
		"of another provider's id": {func(*engine.Letter) {}, func(bench) func(*outbox.Report) { return func(r *outbox.Report) { r.ProviderID = "SMx" } }, "accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			b.must(b.exec(`delete from outbox`))
			b.post(b.letter(conv, "hola", test.change))
			c := b.send(b.now)[0]
			b.accept(c)
			b.record(c.ID, message.RankFailed, test.report(b))
			if got := b.standing(c.ID); got.State != test.want || got.Settled == (test.want == "queued") {
				t.Errorf("%+v, want %s", got, test.want)
			}
		})
	}
}

// A code that the carrier could not deliver goes once more, and never a third time.
func TestRecordFailureOfCode(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	again := func(r *outbox.Report) { r.Class, r.Retry = message.Defer, b.now.Add(5*time.Minute) }
	b.post(b.letter(b.talk(1), "clave", func(l *engine.Letter) { l.Lane = message.LaneCode }))
	for try, want := range []string{"queued", "failed"} {
		c := b.send(b.now.Add(time.Duration(try) * 6 * time.Minute))[0]
		b.accept(c)
		b.record(c.ID, message.RankFailed, again, func(r *outbox.Report) { r.Attempt, r.ProviderID = try+1, "" })
		if got := b.standing(c.ID); got.State != want {
			t.Errorf("after try %d: %+v, want %s", try+1, got, want)
		}
	}
}

// A report of the first hand-over that comes again or late moves the second one
// nowhere, and one that says the message did arrive stops the second.
func TestRecordAfterRequeue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	again := func(r *outbox.Report) { r.Class, r.Retry = message.Defer, b.now.Add(5*time.Minute) }
	b.post(b.letter(b.talk(1), "uno"), b.letter(b.talk(2), "dos"))
	for _, c := range b.send(b.now) {
		b.accept(c)
		b.record(c.ID, message.RankFailed, again)
		b.record(c.ID, message.RankFailed, again)
		b.record(c.ID, message.RankSent)
		if got := b.standing(c.ID); got.State != "queued" {
			t.Fatalf("after the failure: %+v", got)
		}
		if c.Body == "dos" {
			b.record(c.ID, message.RankDelivered)
		}
	}
	sent := b.send(b.now.Add(5 * time.Minute))
	if diff := cmp.Diff([]string{"uno"}, bodiesOf(sent)); diff != "" {
		t.Fatal(diff)
	}
	b.record(sent[0].ID, message.RankFailed, again)
	b.record(sent[0].ID, message.RankSent)
	if got := b.standing(sent[0].ID); got != (standing{"sending", 0, 2, "", false}) {
		t.Errorf("late reports moved the second hand-over: %+v", got)
	}
}

func TestLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.letter(b.talk(1), "hola"))
	c := b.send(b.now)[0]
	lost := func() []outbox.Candidate {
		b.Helper()
		got, err := b.Lost(t.Context(), b.now, time.Now(), 10, lease)
		b.must(err)
		return got
	}
	if got := lost(); len(got) != 0 {
		t.Fatalf("lost while it is held: %v", bodiesOf(got))
	}
	b.must(b.exec(`update outbox_flight set lease_until = now() - interval '1 second'`))
	got := lost()
	if len(got) != 1 || got[0].Body != "hola" || got[0].Attempt != 1 || !got[0].SendingAt.Equal(b.now) {
		t.Fatalf("lost: %+v", got)
	}
	if len(lost()) != 0 {
		t.Error("two sweepers look it up at once")
	}
	rest := func(finds int) time.Duration {
		b.must(b.Settle(t.Context(), b.now, []outbox.Verdict{{ID: c.ID, State: outbox.Unknown, Attempt: 1, Finds: finds}}))
		var d time.Duration
		b.must(b.pool.QueryRow(t.Context(), `select lease_until - now() from outbox`).Scan(&d))
		return d.Round(10 * time.Second)
	}
	if first, second := rest(0), rest(1); first != lookFirst || second != lookAgain {
		t.Errorf("it rests for %s and then %s", first, second)
	}
}

func TestLinked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.letter(b.talk(1), "hola"))
	c := b.send(b.now)[0]
	b.accept(c)
	got, err := b.Linked(t.Context(), []string{"SMx", "SM" + c.ID.String()})
	b.must(err)
	if diff := cmp.Diff([]string{"SM" + c.ID.String()}, got); diff != "" {
		t.Error(diff)
	}
}

// carrier is a provider that remembers what it took. At some calls the sender
// dies: before the provider got the message, or after.
type carrier struct {
	mu    sync.Mutex
	took  map[string][]uuid.UUID // by body
	calls int
	die   func(call int) (before, after bool)
}

var errDied = errors.New("the process died")

func (c *carrier) Send(_ context.Context, m message.Outbound) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	before, after := c.die(c.calls)
	if before && m.Attempt <= 1 { // a message that meets three deaths is given up, by design
		return "", errDied
	}
	c.took[m.Body] = append(c.took[m.Body], m.ID)
	if after {
		return "", errDied
	}
	return "SM" + m.ID.String(), nil
}

func (c *carrier) Find(_ context.Context, m message.Outbound, _ time.Time) ([]outbox.Sent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []outbox.Sent
	for _, id := range c.took[m.Body] {
		out = append(out, outbox.Sent{ProviderID: "SM" + id.String()})
	}
	return out, nil
}

// mortal is a store whose Settle is lost at some calls, as when the process
// dies before it.
type mortal struct {
	*Store
	mu    sync.Mutex
	calls int
	every int
	left  []uuid.UUID // what the dead left behind
}

func (m *mortal) Settle(ctx context.Context, now time.Time, vs []outbox.Verdict) error {
	m.mu.Lock()
	m.calls++
	lost := m.every > 0 && m.calls%m.every == 0
	for _, v := range vs {
		if lost {
			m.left = append(m.left, v.ID)
		}
	}
	m.mu.Unlock()
	if lost {
		return nil
	}
	return m.Store.Settle(ctx, now, vs)
}

// leftBehind returns what was left behind since the last time.
func (m *mortal) leftBehind() []uuid.UUID {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := m.left
	m.left = nil
	return left
}

// The sender dies after the commit, after the hand-over, before the result is
// stored. Nothing is lost, nothing goes twice, nothing out of order.
func TestCrashesLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const contacts, each = 12, 5
	for i := range contacts {
		conv := b.talk(i)
		for n := range each {
			b.post(b.letter(conv, fmt.Sprintf("%02d/%d", i, n)))
		}
	}
	c := &carrier{took: map[string][]uuid.UUID{}, die: func(n int) (bool, bool) { return n%7 == 3, n%5 == 2 }}
	m := &mortal{Store: b.Store, every: 4}
	o := outbox.New(m, c, outbox.NewLocal(nil, time.Now), outbox.Config{
		Batch: 16, Workers: 4, Timeout: 5 * time.Minute, Lease: 10 * time.Minute, Sweep: time.Hour, Hours: "09:00-20:00",
		Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	var open int
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		// Time passes for whatever was left behind, and for nothing else: a message
		// that is under way is slow, not lost.
		b.must(b.exec(`update outbox set lease_until = now() - interval '1 second' where state = 'unknown'`))
		b.must(b.exec(`with behind as (update outbox set flight = id where state = 'sending' and id = any($1) returning id)
			insert into outbox_flight select id, now() - interval '1 second', array[id] from behind on conflict do nothing`, m.leftBehind()))
		b.must(o.Reconcile(t.Context()))
		b.must(b.pool.QueryRow(t.Context(), `select count(*) from outbox where settled_at is null`).Scan(&open))
		if open == 0 {
			break
		}
	}
	cancel()
	b.must(<-ended)
	if open > 0 {
		t.Fatalf("%d messages have no result", open)
	}
	for i := range contacts {
		for n := range each {
			if got := len(c.took[fmt.Sprintf("%02d/%d", i, n)]); got != 1 {
				t.Errorf("%02d/%d went %d times", i, n, got)
			}
		}
	}
}

// What is queued for a contact waits where the provider says that we write to it
// too fast; nobody else does, nor does the contact's other channel.
func TestRecordLetsAPairRest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, other := b.talk(1), b.talk(2)
	b.post(b.letter(one, "primero"))
	sent := b.send(b.now)[0]
	b.accept(sent)
	mine, elsewhere, hers := b.letter(one, "segundo"), b.letter(one, "tercero"), b.letter(other, "otra")
	elsewhere.To.Channel = message.WhatsApp
	b.post(mine, elsewhere, hers)
	rest := b.now.Add(24 * time.Second)
	b.record(sent.ID, message.RankFailed, func(r *outbox.Report) { r.Rest, r.Code, r.Class = rest, 63018, message.Defer })
	for id, want := range map[uuid.UUID]bool{mine.ID: true, elsewhere.ID: false, hers.ID: false} {
		var waits bool
		b.must(b.pool.QueryRow(t.Context(), `select not_before = $2 and not ready from outbox where id = $1`, id, rest).Scan(&waits))
		if waits != want {
			t.Errorf("message %s waits: %t, want %t", id, waits, want)
		}
	}
	channels, err := b.ChannelsOf(t.Context(), []message.Status{{ID: elsewhere.ID}, {ProviderID: "SM" + sent.ID.String()}, {ProviderID: "nobody"}})
	b.must(err)
	if diff := cmp.Diff([]message.Channel{sent.To.Channel, message.WhatsApp}, channels); diff != "" {
		t.Error(diff)
	}
}

// Many statuses at once end as they do one after the other, whether they bring our
// id or the provider's, and however often one message is told of.
func TestRecordingTogetherIsRecordingOneByOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		const messages = 2
		var pairs [2 * messages]outbox.Candidate // the first ones told of together, their twins one by one
		var letters []engine.Letter
		for range pairs {
			n++
			letters = append(letters, b.letter(b.talk(n), "hola"))
		}
		b.post(letters...)
		copy(pairs[:], b.send(b.now))
		b.accept(pairs[:]...)
		byProvider := rapid.Bool().Draw(r, "by the provider's id") // a provider brings our id back or it does not
		type news struct {
			outbox.Report
			of int // message
		}
		told := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) news {
			rank := message.Rank(rapid.IntRange(1, 7).Draw(r, "rank"))
			report := news{of: rapid.IntRange(0, messages-1).Draw(r, "message")}
			report.Status = message.Status{Rank: rank, Attempt: rapid.IntRange(0, 2).Draw(r, "attempt")}
			if rank == message.RankFailed && rapid.Bool().Draw(r, "may pass") {
				report.Retry = b.now.Add(5 * time.Minute)
			}
			return report
		}), 1, 6).Draw(r, "told")
		about := func(report news, twin int) outbox.Report {
			c := pairs[report.of+twin*messages]
			report.ProviderID = "SM" + c.ID.String()
			if !byProvider {
				report.ID = c.ID
			}
			return report.Report
		}
		var together []outbox.Report
		for _, one := range told {
			together = append(together, about(one, 0))
			b.must(b.Record(b.Context(), b.now, []outbox.Report{about(one, 1)}))
		}
		b.must(b.Record(b.Context(), b.now, together))
		for i := range messages {
			got, want := b.standing(pairs[i].ID), b.standing(pairs[i+messages].ID)
			got.Provider, want.Provider = "", ""
			if got != want {
				r.Fatalf("message %d: together %+v, one by one %+v", i, got, want)
			}
		}
		b.must(b.exec(`delete from outbox`))
	})
}

func TestRoundsHoldOneReportOfAMessage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		ids := []uuid.UUID{{}, {1}, {2}, {3}}
		reports := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) outbox.Report {
			s := message.Status{ID: rapid.SampledFrom(ids).Draw(r, "id"), ProviderID: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "provider")}
			s.Rank = message.Rank(rapid.IntRange(1, 7).Draw(r, "rank"))
			return outbox.Report{Status: s}
		}), 0, 20).Draw(r, "reports")
		order := map[string][]message.Rank{}
		name := func(s message.Status) string {
			if s.ID != uuid.Nil {
				return s.ID.String()
			}
			return s.ProviderID
		}
		for _, one := range reports {
			order[name(one.Status)] = append(order[name(one.Status)], one.Rank)
		}
		for i, one := range roundsOf(reports) {
			seen := map[string]bool{}
			for _, report := range append(slices.Clone(one.ours), one.theirs...) {
				key := name(report.Status)
				if seen[key] || len(order[key]) == 0 || order[key][0] != report.Rank {
					r.Fatalf("round %d: %s is in it twice, or out of order", i, key)
				}
				seen[key], order[key] = true, order[key][1:]
			}
		}
		for key, left := range order {
			if len(left) > 0 {
				r.Fatalf("%d reports about %s are in no round", len(left), key)
			}
		}
	})
}
