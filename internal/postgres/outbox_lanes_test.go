package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// taken marks up to limit messages of the open queues as being sent, in order.
func (b bench) taken(now time.Time, limit int, open ...outbox.Head) (bodies []string) {
	b.Helper()
	_, err := b.Dispatch(b.Context(), now, open, limit, lease, func(cs []outbox.Candidate) []outbox.Verdict {
		for _, c := range cs {
			bodies = append(bodies, c.Body)
		}
		return sendAll(cs)
	})
	b.must(err)
	return bodies
}

func TestDispatchTakesTheMostUrgentAndLetsTheOldRise(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	n := 0
	write := func(text string, lane message.Lane, ago time.Duration) {
		n++
		conv := b.talk(n)
		b.agree(n, "marketing", true)
		b.post(b.letter(conv, text, func(l *engine.Letter) {
			l.Lane, l.Created, l.NotBefore, l.Expires = lane, b.now.Add(-ago), b.now.Add(-ago), b.now.Add(time.Hour)
		}))
	}
	write("campaign that waited 10 h", message.LaneCampaign, 10*time.Hour)
	write("campaign that waited 15 min", message.LaneCampaign, 15*time.Minute)
	write("campaign of now", message.LaneCampaign, 0)
	write("reminder that waited 15 min", message.LaneReminder, 15*time.Minute)
	write("reminder of now", message.LaneReminder, 0)
	write("notice", message.LaneNotice, 0)
	write("reply", message.LaneReply, 0)
	write("code", message.LaneCode, 0)
	want := []string{
		"code", "reply",
		"campaign that waited 10 h", "reminder that waited 15 min", "notice", // never above a notice; of one rank, the first written
		"campaign that waited 15 min", "reminder of now",
		"campaign of now",
	}
	var got []string
	for range n {
		got = append(got, b.taken(b.now, 1, outbox.Heads()...)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDispatchTakesOnlyFromOpenQueues(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, ch := range []message.Channel{message.SMS, message.WhatsApp} {
		for lane := message.LaneCode; lane <= message.LaneReminder; lane++ {
			b.post(b.letter(b.talk(10*i+int(lane)), fmt.Sprintf("%s %s", ch, lane), func(l *engine.Letter) { l.To.Channel, l.Lane = ch, lane }))
		}
	}
	got := b.taken(b.now, 100, outbox.Head{Channel: message.WhatsApp, Lane: message.LaneNotice}, outbox.Head{Channel: message.SMS, Lane: message.LaneCode})
	if diff := cmp.Diff([]string{"sms code", "whatsapp notice"}, got); diff != "" {
		t.Error(diff)
	}
	if got := b.taken(b.now, 100); len(got) != 0 {
		t.Errorf("nothing is open, yet %v", got)
	}
}

// What waits for the morning is looked at in the morning, all of it.
func TestDispatchParks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range 5 {
		b.post(b.letter(b.talk(i), fmt.Sprint(i), func(l *engine.Letter) { l.NotBefore, l.Expires = b.now.Add(9*time.Hour), b.now.Add(20*time.Hour) }))
	}
	if got := b.taken(b.now, 100, outbox.Heads()...); len(got) != 0 {
		t.Errorf("%v went at night", got)
	}
	if due, ok, err := b.NextDue(t.Context(), b.now); err != nil || !ok || !due.Equal(b.now.Add(9*time.Hour)) {
		t.Errorf("the next is due %s, %t, %v", due, ok, err)
	}
	morning := b.now.Add(9 * time.Hour)
	if got := b.taken(morning, 3, outbox.Heads()...); len(got) != 3 {
		t.Errorf("%v went in the morning", got)
	}
	if got := b.taken(morning, 3, outbox.Heads()...); len(got) != 2 {
		t.Errorf("then %v", got)
	}
}

// A message without a verdict is as it was.
func TestDispatchLeavesWhatIsNotDecided(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.letter(b.talk(1), "hola")
	b.post(l)
	n, err := b.Dispatch(t.Context(), b.now, outbox.Heads(), 10, lease, func([]outbox.Candidate) []outbox.Verdict { return nil })
	if err != nil || n != 1 || b.standing(l.ID).State != "queued" {
		t.Errorf("%d, %v, %+v", n, err, b.standing(l.ID))
	}
	if got := b.taken(b.now, 10, outbox.Heads()...); len(got) != 1 {
		t.Error("it did not go afterwards")
	}
}

// agree notes what contact n said about a purpose.
func (b bench) agree(n int, purpose string, granted bool) {
	b.Helper()
	b.must(b.exec(`insert into consent_entry (id, at, contact_key, purpose, granted, source, evidence, actor)
		values ($1, $2, $3, $4, $5, 'message', 'SM1', 'test')`, newID(), b.now, fmt.Sprintf("tel:+52667%07d", n), purpose, granted))
}

func TestDispatchReadsWhatWasAgreed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	type row = struct {
		Agreed     outbox.Agreement
		Registered bool
	}
	entry := func(n int, at time.Duration, channel string, granted bool) {
		b.must(b.exec(`insert into consent_entry (id, at, contact_key, channel, purpose, granted, source, evidence, actor)
			values ($1, $2, $3, $4, 'marketing', $5, 'message', 'SM1', 'test')`, newID(), b.now.Add(at), fmt.Sprintf("tel:+52667%07d", n), channel, granted))
	}
	entry(1, 0, "sms", true)
	entry(2, 0, "whatsapp", true)
	entry(3, 0, "", true)
	entry(4, 0, "sms", true)
	entry(4, time.Second, "", false) // later, of all channels
	entry(5, 0, "sms", false)
	entry(5, time.Second, "", true)
	entry(6, time.Second, "sms", false)
	entry(6, 0, "sms", true) // told late
	entry(7, 0, "sms", true)
	entry(7, 0, "", false) // in the same moment
	entry(8, 0, "sms", true)
	b.must(b.exec(`insert into reus (phone) values ('+526670000008')`))
	for n := range 9 {
		b.post(b.letter(b.talk(n), fmt.Sprint(n), func(l *engine.Letter) { l.Lane = message.LaneCampaign }))
	}
	got := map[string]row{}
	_, err := b.Dispatch(t.Context(), b.now, outbox.Heads(), 100, lease, func(cs []outbox.Candidate) []outbox.Verdict {
		for _, c := range cs {
			got[c.Body] = row{c.Agreed, c.Registered}
		}
		return nil
	})
	b.must(err)
	want := map[string]row{
		"0": {outbox.Unasked, false}, "1": {outbox.Granted, false}, "2": {outbox.Unasked, false}, "3": {outbox.Granted, false},
		"4": {outbox.Withdrawn, false}, "5": {outbox.Granted, false}, "6": {outbox.Withdrawn, false}, "7": {outbox.Withdrawn, false},
		"8": {outbox.Granted, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever a program does, the database lets no promotion go to somebody who has
// not agreed to it.
func TestAPromotionWithoutConsentIsImpossible(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, test := range map[string]struct {
		before func(n int)
		goes   bool
	}{
		"nobody asked":       {func(int) {}, false},
		"a yes":              {func(n int) { b.agree(n, "marketing", true) }, true},
		"a no":               {func(n int) { b.agree(n, "marketing", false) }, false},
		"a yes to reminders": {func(n int) { b.agree(n, "reminder", true) }, false},
		"a yes and then BAJA": {func(n int) {
			b.agree(n, "marketing", true)
			b.must(b.exec(`insert into contact (key, opted_out_at) values ($1, $2)`, fmt.Sprintf("tel:+52667%07d", n), b.now))
		}, false},
		"a yes and the register": {func(n int) {
			b.agree(n, "marketing", true)
			b.must(b.exec(`insert into reus (phone) values ($1)`, fmt.Sprintf("+52667%07d", n)))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := int(time.Now().UnixNano() % 1e7)
			conv := b.talk(n)
			test.before(n)
			l := b.letter(conv, "promoción", func(l *engine.Letter) { l.Lane = message.LaneCampaign })
			b.post(l)
			_, err := b.Dispatch(t.Context(), b.now, outbox.Heads(), 1, lease, sendAll)
			if (err == nil) != test.goes {
				t.Fatalf("dispatch: %v", err)
			}
			if !test.goes {
				refusedPromotion(t, err)
				for _, sql := range []string{
					`update outbox set state = 'accepted', sending_at = now(), settled_at = now() where id = $1`,
					`update outbox set state = 'unknown', sending_at = now() where id = $1`,
				} {
					refusedPromotion(t, b.exec(sql, l.ID))
				}
				// Sent as something else first, it may not become a promotion either.
				b.must(b.exec(`update outbox set lane = 3, state = 'sending', sending_at = now(), flight = id where id = $1`, l.ID))
				refusedPromotion(t, b.exec(`update outbox set lane = 4 where id = $1`, l.ID))
			}
			b.must(b.exec(`delete from outbox`))
		})
	}
}

func refusedPromotion(t *testing.T, err error) {
	t.Helper()
	var db *pgconn.PgError
	if !errors.As(err, &db) || db.ConstraintName != "promotion_needs_consent" {
		t.Errorf("not refused as a promotion without consent: %v", err)
	}
}

func TestConsentEntriesStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.agree(1, "marketing", true)
	for _, sql := range []string{`delete from consent_entry`, `update consent_entry set granted = not granted`} {
		if b.exec(sql) == nil {
			t.Errorf("%s was done", sql)
		}
	}
}

// whatsApp is a letter by WhatsApp with an SMS to go instead.
func (b bench) whatsApp(conv uuid.UUID, lane message.Lane, change ...func(*engine.Letter)) engine.Letter {
	return b.letter(conv, "por whatsapp", append([]func(*engine.Letter){func(l *engine.Letter) {
		l.To.Channel, l.Lane, l.Content.SMS, l.Expires = message.WhatsApp, lane, "por sms", b.now.Add(3*time.Hour)
	}}, change...)...)
}

func TestFallBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fail := func(id uuid.UUID, class message.Class) {
		b.must(b.Record(b.Context(), b.now, []outbox.Report{{
			Status: message.Status{ID: id, Rank: message.RankFailed, Class: class}, Divert: class == message.Switch}}))
	}
	deliver := func(id uuid.UUID) {
		b.must(b.Record(b.Context(), b.now, []outbox.Report{{Status: message.Status{ID: id, Rank: message.RankDelivered}}}))
	}
	none := func(uuid.UUID) {}
	for name, test := range map[string]struct {
		lane   message.Lane
		then   func(id uuid.UUID)
		after  time.Duration
		change []func(*engine.Letter)
		want   []string
	}{
		"delivered":                             {message.LaneCode, deliver, time.Hour, nil, nil},
		"a code that is just on its way":        {message.LaneCode, none, 19 * time.Second, nil, nil},
		"a code of which nothing is heard":      {message.LaneCode, none, 20 * time.Second, nil, []string{"por sms"}},
		"a notice of which nothing is heard":    {message.LaneNotice, none, 10 * time.Minute, nil, []string{"por sms"}},
		"a notice that is still on its way":     {message.LaneNotice, none, 9 * time.Minute, nil, nil},
		"a reply is asked for again by her":     {message.LaneReply, none, time.Hour, nil, nil},
		"a reply that WhatsApp cannot deliver":  {message.LaneReply, func(id uuid.UUID) { fail(id, message.Switch) }, 0, nil, []string{"por sms"}},
		"a failure that is no reason to switch": {message.LaneReply, func(id uuid.UUID) { fail(id, message.Fatal) }, time.Hour, nil, nil},
		"of no use any more":                    {message.LaneCode, none, 4 * time.Hour, nil, nil},
		"nothing to go instead":                 {message.LaneCode, none, time.Minute, []func(*engine.Letter){func(l *engine.Letter) { l.Content.SMS = "" }}, nil},
		"a reminder":                            {message.LaneReminder, func(id uuid.UUID) { fail(id, message.Switch) }, time.Hour, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b.must(b.exec(`delete from outbox`))
			b.must(b.exec(`delete from conversation`))
			l := b.whatsApp(b.talk(1), test.lane, test.change...)
			b.post(l)
			b.accept(b.send(b.now)...)
			test.then(l.ID)
			for range 2 { // the second time there is nothing left to do
				if _, err := b.FallBack(t.Context(), b.now.Add(test.after), nil, 10); err != nil {
					t.Fatal(err)
				}
			}
			got := b.taken(b.now.Add(test.after), 10, outbox.Heads()...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFallBackOfADivertedChannel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	code, notice := b.whatsApp(b.talk(1), message.LaneCode), b.whatsApp(b.talk(2), message.LaneNotice)
	question := b.whatsApp(b.talk(3), message.LaneReply)
	b.post(code, notice, question)
	b.must(b.exec(`insert into dialogue (id, conversation_id, flow, version, status, step, turn, state, trail, priority, started_at, moved_at, question)
		values ($1, $2, 'f', 1, 'asking', 's', 1, '', '', 10, $3, $3, $4)`, newID(), question.Conversation, b.now, question.ID))
	n, err := b.FallBack(t.Context(), b.now, []message.Channel{message.SMS, message.WhatsApp}, 10)
	if err != nil || n != 2 {
		t.Fatalf("%d, %v; want the code and the reply", n, err)
	}
	for id, want := range map[uuid.UUID]string{code.ID: "cancelled", question.ID: "cancelled", notice.ID: "queued"} {
		if got := b.standing(id); got.State != want {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	sent := b.send(b.now)
	if diff := cmp.Diff([]string{"por sms", "por sms", "por whatsapp"}, bodiesOf(sent)); diff != "" {
		t.Error(diff)
	}
	var asked uuid.UUID
	b.must(b.pool.QueryRow(t.Context(), `select question from dialogue`).Scan(&asked))
	i := slices.IndexFunc(sent, func(c outbox.Candidate) bool { return c.ID == asked })
	if i < 0 || sent[i].Conversation != question.Conversation || sent[i].To.Value != "+526670000003" {
		t.Error("the dialogue waits for an answer to a question that nobody was sent")
	}
}

// Two nodes that fall back at once write one SMS.
func TestFallBackHappensOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.whatsApp(b.talk(1), message.LaneCode)
	b.post(l)
	b.accept(b.send(b.now)...)
	later := b.now.Add(time.Minute)
	errs := make(chan error)
	for range 4 {
		go func() {
			_, err := b.FallBack(context.WithoutCancel(b.Context()), later, nil, 10)
			errs <- err
		}()
	}
	for range 4 {
		b.must(<-errs)
	}
	if got := b.taken(later, 10, outbox.Heads()...); len(got) != 1 {
		t.Errorf("%d messages went by SMS", len(got))
	}
	_, err := b.pool.Exec(t.Context(), `insert into outbox (id, conversation_id, author, epoch, lane, channel, sender, address, body, body_hash, segments, zone, not_before, expires_at, created_at, parent_id)
		select $1, conversation_id, author, epoch, lane, 'sms', sender, address, body, body_hash, segments, zone, not_before, expires_at, created_at, id from outbox where id = $2`, newID(), l.ID)
	if err == nil {
		t.Error("a second SMS for the same message")
	}
}

// A message that waits for its turn to go by SMS is not lost yet.
func TestWhatFallsBackIsNotLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.whatsApp(b.talk(1), message.LaneNotice)
	b.post(l)
	b.accept(b.send(b.now)...)
	b.must(b.Record(t.Context(), b.now, []outbox.Report{{Status: message.Status{ID: l.ID, Rank: message.RankFailed, Class: message.Switch}, Divert: true}}))
	var backup int
	b.must(b.pool.QueryRow(t.Context(), `select backup from outbox where id = $1 and state = 'failed'`, l.ID).Scan(&backup))
	if backup != int(backupWanted) {
		t.Errorf("backup %d", backup)
	}
}
