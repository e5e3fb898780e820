package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

const lease = time.Minute

// talk opens a conversation of its own.
func (b bench) talk(n int) uuid.UUID {
	b.Helper()
	id := newID()
	phone := fmt.Sprintf("+52667%07d", n)
	b.must(b.exec(`insert into conversation (id, key, channel, address, created_at) values ($1, $2, 'sms', $3, $4)`, id, "tel:"+phone, phone, b.now))
	return id
}

// letter is a notice of the bot, changed by the functions given.
func (b bench) letter(conv uuid.UUID, text string, change ...func(*engine.Letter)) engine.Letter {
	l := engine.Letter{
		ID: newID(), Conversation: conv, Author: "bot", Lane: message.LaneNotice, Key: "comun.prueba",
		To: message.Address{Channel: message.SMS, Value: "+526671234567"}, Content: engine.Content{Text: text}, Hash: sha256.Sum256([]byte(text)),
		Segments: 1, Zone: "America/Mazatlan", NotBefore: b.now, Expires: b.now.Add(time.Hour), Created: b.now,
	}
	for _, f := range change {
		f(&l)
	}
	return l
}

// post queues letters in one transaction.
func (b bench) post(letters ...engine.Letter) {
	b.Helper()
	b.must(b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		u, batch := &unit{Store: b.Store, tx: tx}, &pgx.Batch{}
		if err := u.queueLetters(batch, []engine.Change{{Letters: letters}}); err != nil {
			return err
		}
		return tx.SendBatch(ctx, batch).Close()
	}))
}

// send marks everything that is due as being sent and returns it.
func (b bench) send(now time.Time) (out []outbox.Candidate) {
	b.Helper()
	_, err := b.Dispatch(b.Context(), now, outbox.Heads(), 100, lease, func(cs []outbox.Candidate) []outbox.Verdict {
		out = slices.Clone(cs)
		return sendAll(cs)
	})
	b.must(err)
	return out
}

func sendAll(cs []outbox.Candidate) []outbox.Verdict {
	vs := make([]outbox.Verdict, len(cs))
	for i, c := range cs {
		vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Sending, Attempt: c.Attempt + 1}
	}
	return vs
}

func (b bench) accept(cs ...outbox.Candidate) {
	b.Helper()
	vs := make([]outbox.Verdict, len(cs))
	for i, c := range cs {
		vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Accepted, Attempt: c.Attempt + 1, ProviderID: "SM" + c.ID.String()}
	}
	b.must(b.Settle(b.Context(), b.now, vs))
}

func bodiesOf(cs []outbox.Candidate) []string {
	out := []string{}
	for _, c := range cs {
		out = append(out, c.Body)
	}
	slices.Sort(out)
	return out
}

// standing is what the outbox knows of a message.
type standing struct {
	State    string
	Rank     int16
	Attempt  int16
	Provider string
	Settled  bool
}

func (b bench) standing(id uuid.UUID) (s standing) {
	b.Helper()
	b.must(b.pool.QueryRow(b.Context(), `select state, rank, attempt, coalesce(provider_id, ''), settled_at is not null from outbox where id = $1`, id).
		Scan(&s.State, &s.Rank, &s.Attempt, &s.Provider, &s.Settled))
	return s
}

func TestDispatchCarriesTheMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	conv := b.talk(1)
	b.must(b.exec(`update conversation set epoch = 4 where id = $1`, conv))
	l := b.letter(conv, "Hola Ñandú", func(l *engine.Letter) {
		l.Epoch, l.Lane, l.Segments, l.Hours, l.PerDay, l.PerWeek = 3, message.LaneReminder, 2, "10:00-12:00", 1, 3
		l.Content.Choices = []message.Choice{{ID: "affirm", Label: "Sí"}}
		l.Content.Template, l.Content.Variables = "HX1", map[string]string{"1": "Ana"}
	})
	b.post(l)
	got := b.send(b.now)
	want := []outbox.Candidate{{
		Outbound: message.Outbound{
			ID: l.ID, To: l.To, Body: "Hola Ñandú", Choices: l.Content.Choices, Template: "HX1", Variables: l.Content.Variables,
			Lane: message.LaneReminder, Segments: 2,
		},
		Conversation: conv, ByBot: true, Epoch: 3, Current: 4, Zone: l.Zone, Hours: l.Hours, PerDay: 1, PerWeek: 3, Expires: l.Expires,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var stored, hash []byte
	b.must(b.pool.QueryRow(t.Context(), `select body, body_hash from outbox where id = $1`, l.ID).Scan(&stored, &hash))
	if sum := sha256.Sum256([]byte("Hola Ñandú")); len(stored) == 0 || !slices.Equal(hash, sum[:]) {
		t.Error("the hash is not that of the text")
	}
}

func TestDispatchOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	later := func(d time.Duration) func(bench, *engine.Letter) {
		return func(b bench, l *engine.Letter) { l.NotBefore = b.now.Add(d) }
	}
	on := func(lane message.Lane) func(bench, *engine.Letter) {
		return func(_ bench, l *engine.Letter) { l.Lane = lane }
	}
	conv := b.talk(1)
	type change = func(bench, *engine.Letter)
	for name, test := range map[string]struct {
		first, second []change
		want          []string
	}{
		"the first goes first":                     {nil, nil, []string{"1"}},
		"a code waits for nobody":                  {nil, []change{on(message.LaneCode)}, []string{"1", "2"}},
		"nobody waits for a code":                  {[]change{on(message.LaneCode)}, nil, []string{"1", "2"}},
		"codes do not wait for each other":         {[]change{on(message.LaneCode)}, []change{on(message.LaneCode)}, []string{"1", "2"}},
		"one held back for the night blocks none":  {[]change{later(9 * time.Hour), on(message.LaneReminder)}, []change{on(message.LaneReply)}, []string{"2"}},
		"one deferred blocks none":                 {[]change{later(5 * time.Minute)}, nil, []string{"2"}},
		"one that pacing put back keeps its place": {[]change{later(3 * time.Second)}, nil, []string{}},
		"a reply passes a reminder":                {[]change{on(message.LaneReminder)}, []change{on(message.LaneReply)}, []string{"1", "2"}},
		"a notice before a reply keeps its place":  {nil, []change{on(message.LaneReply)}, []string{"1"}},
		"reminders keep their order":               {[]change{on(message.LaneReminder)}, []change{on(message.LaneReminder)}, []string{"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			b.must(b.exec(`delete from outbox`))
			one, two := b.letter(conv, "1"), b.letter(conv, "2")
			for _, f := range test.first {
				f(b, &one)
			}
			for _, f := range test.second {
				f(b, &two)
			}
			b.post(one, two)
			if diff := cmp.Diff(test.want, bodiesOf(b.send(b.now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is in flight, the contact's others wait: also those written before it
// that were put off and have become due meanwhile.
func TestDispatchOneInFlight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	conv := b.talk(1)
	b.post(b.letter(conv, "1", func(l *engine.Letter) { l.NotBefore = b.now.Add(10 * time.Minute) }), b.letter(conv, "2"), b.letter(b.talk(2), "otra"))
	flying := b.send(b.now)
	if diff := cmp.Diff([]string{"2", "otra"}, bodiesOf(flying)); diff != "" {
		t.Fatal(diff)
	}
	if got := b.send(b.now.Add(time.Hour / 2)); len(got) != 0 {
		t.Errorf("%v went while another one was in flight", bodiesOf(got))
	}
	b.must(b.Settle(t.Context(), b.now, []outbox.Verdict{{ID: flying[0].ID, State: outbox.Unknown, Attempt: 1}}))
	if got := b.send(b.now.Add(time.Hour / 2)); len(got) != 0 {
		t.Errorf("%v went while one was unknown", bodiesOf(got))
	}
	b.accept(flying[0])
	if diff := cmp.Diff([]string{"1"}, bodiesOf(b.send(b.now.Add(time.Hour/2)))); diff != "" {
		t.Error(diff)
	}
}

// Many messages of few contacts, several dispatchers at once: each message is
// taken once, in order, and never two of a contact at a time.
func TestDispatchersNeverTakeTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const contacts, each = 10, 8
	for i := range contacts {
		conv := b.talk(i)
		for n := range each {
			b.post(b.letter(conv, fmt.Sprintf("%d/%d", i, n)))
		}
	}
	var mu sync.Mutex
	flying, seen := map[uuid.UUID]int{}, map[uuid.UUID][]string{}
	take := func(cs []outbox.Candidate) []outbox.Verdict {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range cs {
			if flying[c.Conversation]++; flying[c.Conversation] > 1 {
				t.Errorf("two of one contact in flight: %s", c.Body)
			}
			seen[c.Conversation] = append(seen[c.Conversation], c.Body)
		}
		return sendAll(cs)
	}
	total := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, s := range seen {
			n += len(s)
		}
		return n
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for total() < contacts*each && !t.Failed() {
				var mine []outbox.Candidate
				_, err := b.Dispatch(t.Context(), b.now, outbox.Heads(), 3, lease, func(cs []outbox.Candidate) []outbox.Verdict {
					mine = slices.Clone(cs)
					return take(cs)
				})
				if err != nil {
					t.Errorf("dispatch: %v", err)
					return
				}
				mu.Lock()
				for _, c := range mine {
					flying[c.Conversation]--
				}
				mu.Unlock()
				vs := sendAll(mine)
				for i := range vs {
					vs[i].State = outbox.Accepted
				}
				if err := b.Settle(t.Context(), b.now, vs); err != nil {
					t.Errorf("settle: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, s := range seen {
		if len(s) != each || !slices.IsSorted(s) {
			t.Errorf("taken: %v", s)
		}
	}
}

func TestDispatchVerdicts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, state := range []outbox.State{outbox.Cancelled, outbox.Expired, outbox.Suppressed, outbox.Queued, outbox.Sending} {
		l := b.letter(b.talk(i), string(state))
		b.post(l)
		_, err := b.Dispatch(t.Context(), b.now, outbox.Heads(), 10, lease, func(cs []outbox.Candidate) []outbox.Verdict {
			return []outbox.Verdict{{ID: cs[0].ID, State: state, Reason: "porque sí", NotBefore: b.now.Add(time.Hour), Attempt: 1}}
		})
		b.must(err)
		got := b.standing(l.ID)
		if settled := state != outbox.Queued && state != outbox.Sending; got.State != string(state) || got.Settled != settled {
			t.Errorf("%s: %+v", state, got)
		}
		if again := b.send(b.now); len(again) != 0 {
			t.Errorf("%s was taken again", state)
		}
	}
	due, ok, err := b.NextDue(t.Context(), b.now)
	if err != nil || !ok || !due.Equal(b.now.Add(time.Hour)) {
		t.Errorf("NextDue = %s, %t, %v", due, ok, err)
	}
	if _, ok, err := b.NextDue(t.Context(), b.now.Add(time.Hour)); ok || err != nil {
		t.Errorf("something is due after all: %v", err)
	}
}

func TestDispatchSuggestedNeverGoes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.letter(b.talk(1), "propuesta", func(l *engine.Letter) { l.Suggested = true })
	b.post(l)
	if got := b.send(b.now.Add(30 * time.Minute)); len(got) != 0 || b.standing(l.ID).State != "suggested" {
		t.Errorf("%v went; %+v", bodiesOf(got), b.standing(l.ID))
	}
}

func TestDispatchCountsReminders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	conv := b.talk(1)
	capped := func(l *engine.Letter) {
		l.Lane, l.PerDay, l.PerWeek, l.Expires = message.LaneReminder, 1, 3, b.now.AddDate(0, 1, 0)
	}
	counts := func(now time.Time) []int {
		b.post(b.letter(conv, "recordatorio", capped))
		got := b.send(now)
		if len(got) != 1 {
			t.Fatalf("taken: %v", bodiesOf(got))
		}
		then := b
		then.now = now
		then.accept(got...)
		return []int{got[0].SentDay, got[0].SentWeek}
	}
	var got [][]int
	for _, hours := range []time.Duration{0, 1, 25, 26, 24*8 + 2} {
		got = append(got, counts(b.now.Add(hours*time.Hour)))
	}
	if diff := cmp.Diff([][]int{{0, 0}, {1, 1}, {0, 2}, {1, 3}, {0, 0}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOptedOutAndWrongNumbersShow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.letter(b.talk(1), "a"), b.letter(b.talk(2), "b"))
	b.must(b.exec(`insert into contact (key, opted_out_at) values ('tel:+526670000001', now())`))
	b.must(b.exec(`insert into contact (key, wrong_number_at) values ('tel:+526670000002', now())`))
	got := b.send(b.now)
	if len(got) != 2 || !got[0].OptedOut || got[0].WrongNumber || got[1].OptedOut || !got[1].WrongNumber {
		t.Errorf("%+v", got)
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, test := range []struct {
		verdict outbox.Verdict
		want    standing
	}{
		{outbox.Verdict{State: outbox.Accepted, Attempt: 1, ProviderID: "SM1"}, standing{"accepted", 1, 1, "SM1", true}},
		{outbox.Verdict{State: outbox.Failed, Attempt: 1, Code: 30005}, standing{"failed", 0, 1, "", true}},
		{outbox.Verdict{State: outbox.Queued, Attempt: 0, NotBefore: b.now.Add(time.Minute)}, standing{"queued", 0, 0, "", false}},
		{outbox.Verdict{State: outbox.Unknown, Attempt: 1}, standing{"unknown", 0, 1, "", false}},
	} {
		b.post(b.letter(b.talk(i), "hola"))
		sent := b.send(b.now)
		test.verdict.ID = sent[0].ID
		b.must(b.Settle(t.Context(), b.now, []outbox.Verdict{test.verdict}))
		if diff := cmp.Diff(test.want, b.standing(sent[0].ID)); diff != "" {
			t.Errorf("%s: %s", test.verdict.State, diff)
		}
	}
	b.must(b.Settle(t.Context(), b.now, nil))
}

func TestBlockedAtTheProviderIsOptedOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.letter(b.talk(1), "uno"), b.letter(b.talk(2), "dos"), b.letter(b.talk(3), "tres"))
	sent := b.send(b.now)
	b.must(b.Settle(t.Context(), b.now, []outbox.Verdict{
		{ID: sent[0].ID, State: outbox.Failed, Attempt: 1, Code: 21610, Blocked: true},
		{ID: sent[2].ID, State: outbox.Failed, Attempt: 1, Code: 30005},
	}))
	blocked := message.Status{ID: sent[1].ID, ProviderID: "SM2", Rank: message.RankFailed, Class: message.OptedOut, Code: 21610}
	b.must(b.Record(t.Context(), b.now, []outbox.Report{{Status: blocked}, {Status: blocked}}))
	rows, _ := b.pool.Query(t.Context(), `select key from contact where opted_out_at = $1 order by key`, b.now)
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	b.must(err)
	if diff := cmp.Diff([]string{"tel:+526670000001", "tel:+526670000002"}, keys); diff != "" {
		t.Error(diff)
	}
}
