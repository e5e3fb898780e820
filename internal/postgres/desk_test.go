package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/message"
	"valebot/internal/quincena"
)

// inQueue puts a chat of ana's in the queue, with one message of hers.
func inQueue(b bench, w town) uuid.UUID {
	b.Helper()
	in := message.Inbound{Provider: "twilio", ProviderID: "SM1", From: message.Address{Channel: message.SMS, Value: w.ana.Phone}, Kind: message.Text, Body: "ya pagué"}
	_, err := b.Arrive(b.Context(), []Arrival{{
		Key: in.From.Key(), Channel: message.SMS, Address: in.From.Value, Source: "twilio", SourceID: "SM1",
		Kind: engine.MessageEvent, Payload: in, ReceivedAt: b.now,
	}})
	b.must(err)
	var id uuid.UUID
	b.must(b.InTx(b.Context(), func(ctx context.Context, tx engine.Tx) error {
		convs, err := tx.Claim(ctx, b.now, 1, uuid.Nil)
		if err != nil {
			return err
		}
		c := convs[0]
		id = c.ID
		c.PersonID, c.Owner, c.Queue, c.Reason, c.Priority, c.QueuedAt = w.ana.ID, engine.Queue, "pagos", "dice que ya pagó", 2, b.now
		return tx.Write(ctx, []engine.Change{{Conversation: c, Handled: []engine.Handled{{ID: c.Events[0].ID, Heard: "interrupt:AGENTE"}}}}, b.now)
	}))
	b.must(b.PutAgent(b.Context(), "luis", "Luis", "hash", b.now))
	b.must(b.PutAgent(b.Context(), "eva", "Eva", "hash", b.now))
	return id
}

func (b bench) act(id uuid.UUID, agent string, epoch int) casework.Act {
	return casework.Act{Case: id, Agent: agent, Epoch: epoch, Request: uuid.New(), At: b.now}
}

func TestCase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	id := inQueue(b, w)
	got, err := b.Case(t.Context(), "luis", id)
	b.must(err)
	got.Last.ID = uuid.Nil
	want := casework.Case{
		ID: id, Key: "tel:+526671234567", Person: w.ana.ID, Name: "Ana Ruiz", Distributor: "María López", Channel: message.SMS, Address: w.ana.Phone,
		Owner: casework.Queue, Queue: "pagos", Reason: "dice que ya pagó", Priority: 2, QueuedAt: b.now, Unanswered: b.now, OptedOut: true,
		Last: casework.Entry{At: b.now, Kind: casework.In, Text: "ya pagué", What: message.Text},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	waiting, mine, err := b.Queues(t.Context(), "luis")
	if diff := cmp.Diff([]casework.Tally{{Queue: "pagos", Count: 1, Oldest: b.now}}, waiting); diff != "" || mine != 0 || err != nil {
		t.Errorf("Queues: %d own, %v (-want +got):\n%s", mine, err, diff)
	}
	if _, err := b.Case(t.Context(), "luis", uuid.New()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Case of nothing = %v", err)
	}
}

// TestHands follows a chat through all hands, with the epoch of each.
func TestHands(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	steps := []struct {
		name string
		do   func() error
		code string
		want string // owner, agent, epoch
	}{
		{"claim", func() error { return b.Claim(t.Context(), b.act(id, "luis", 0)) }, "", "agent luis 1"},
		{"claim again", func() error { return b.Claim(t.Context(), b.act(id, "luis", 0)) }, "", "agent luis 1"},
		{"claim by another", func() error { return b.Claim(t.Context(), b.act(id, "eva", 0)) }, "taken", "agent luis 1"},
		{"claim by another who knows", func() error { return b.Claim(t.Context(), b.act(id, "eva", 1)) }, "taken", "agent luis 1"},
		{"reply by another", func() error { return b.Reply(t.Context(), b.act(id, "eva", 1), "hola") }, "taken", "agent luis 1"},
		{"return by another", func() error { return b.Return(t.Context(), b.act(id, "eva", 1), casework.Resolved) }, "taken", "agent luis 1"},
		{"release by another", func() error { return b.Release(t.Context(), b.act(id, "eva", 1)) }, "taken", "agent luis 1"},
		{"reply from an old page of hers", func() error { return b.Reply(t.Context(), b.act(id, "luis", 0), "hola") }, "", "agent luis 1"},
		{"note by another", func() error { return b.Annotate(t.Context(), b.act(id, "eva", 0), "ojo") }, "", "agent luis 1"},
		{"release", func() error { return b.Release(t.Context(), b.act(id, "luis", 1)) }, "", "queue  2"},
		{"release again", func() error { return b.Release(t.Context(), b.act(id, "luis", 1)) }, "stale", "queue  2"},
		{"claim on an old page", func() error { return b.Claim(t.Context(), b.act(id, "eva", 1)) }, "stale", "queue  2"},
		{"reply on an old page", func() error { return b.Reply(t.Context(), b.act(id, "eva", 0), "hola") }, "stale", "queue  2"},
		{"reply claims", func() error { return b.Reply(t.Context(), b.act(id, "eva", 2), "hola") }, "", "agent eva 3"},
		{"return", func() error { return b.Return(t.Context(), b.act(id, "eva", 3), casework.Returned) }, "", "agent eva 3"},
		{"claim of nothing", func() error { return b.Claim(t.Context(), b.act(uuid.New(), "eva", 0)) }, "no_such_chat", "agent eva 3"},
	}
	for _, s := range steps {
		err := s.do()
		if (err != nil) != (s.code != "") || err != nil && fault.CodeOf(err) != s.code {
			t.Fatalf("%s: %v, want %q", s.name, err, s.code)
		}
		var now string
		b.must(b.pool.QueryRow(t.Context(), `select owner || ' ' || agent || ' ' || epoch from conversation where id = $1`, id).Scan(&now))
		if now != s.want {
			t.Fatalf("%s: the chat is %q, want %q", s.name, now, s.want)
		}
	}
	thread, _, err := b.Thread(t.Context(), casework.Case{ID: id, Owner: casework.Agent}, 50)
	b.must(err)
	var told []string
	for _, e := range thread {
		told = append(told, string(e.Kind)+" "+e.Author+" "+e.Text)
	}
	want := []string{
		"in  ya pagué", "fact  Luis tomó la plática", "out Luis hola", "note Eva ojo", "fact  Luis la regresó a la fila",
		"fact  Eva tomó la plática", "out Eva hola", "fact  Eva la devolvió al bot",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("thread (-want +got):\n%s", diff)
	}
}

func TestEngineTakesBackWhatTheDeskReturns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	b.must(b.Return(t.Context(), b.act(id, "luis", 0), casework.Resolved))
	b.must(b.InTx(t.Context(), func(ctx context.Context, tx engine.Tx) error {
		convs, err := tx.Claim(ctx, b.now, 1, uuid.Nil)
		if err != nil || len(convs) != 1 {
			t.Fatalf("claimed %d: %v", len(convs), err)
		}
		c := convs[0]
		if len(c.Events) != 1 || c.Events[0].Kind != engine.DeskEvent || *c.Events[0].Desk != (engine.Desk{Agent: "luis", Outcome: "resolved"}) {
			t.Errorf("events are %+v", c.Events)
		}
		if c.Owner != engine.Agent || c.Agent != "luis" || c.Epoch != 1 {
			t.Errorf("the chat is %s %s %d", c.Owner, c.Agent, c.Epoch)
		}
		return nil
	}))
}

func TestWhatAgentsWriteIsSealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	b.must(b.Reply(t.Context(), b.act(id, "luis", 0), "secreto uno"))
	b.must(b.Annotate(t.Context(), b.act(id, "luis", 1), "secreto dos"))
	for _, table := range []string{"outbox", "desk_note", "audit"} {
		var all string
		b.must(b.pool.QueryRow(t.Context(), `select coalesce(string_agg(x::text, ' '), '') from `+table+` x`).Scan(&all))
		if all == "" || strings.Contains(all, "secreto") {
			t.Errorf("%s holds what agents wrote: %s", table, all)
		}
	}
}

func TestAbsentAgents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	b.must(b.Claim(t.Context(), b.act(id, "luis", 0)))
	b.must(b.OpenSession(t.Context(), casework.Session{Hash: [32]byte{1}, Agent: "luis", CSRF: "x", Created: b.now, Expires: b.now.Add(time.Hour)}))
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {59 * time.Minute, 0}, {time.Hour, 1}, {2 * time.Hour, 0}} {
		if n, err := b.ReleaseAbsent(t.Context(), b.now, b.now.Add(tt.after)); n != tt.want || err != nil {
			t.Errorf("after %v: %d released, %v; want %d", tt.after, n, err, tt.want)
		}
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.must(b.PutAgent(t.Context(), "luis", "Luis", "hash", b.now))
	hash := [32]byte{7}
	b.must(b.OpenSession(t.Context(), casework.Session{Hash: hash, Agent: "luis", CSRF: "x", Created: b.now, Expires: b.now.Add(time.Hour)}))
	live := func(after time.Duration, moves bool) bool {
		t.Helper()
		at := b.now.Add(after)
		_, ok, err := b.SessionOf(t.Context(), hash, at, at.Add(time.Hour), moves)
		b.must(err)
		return ok
	}
	if !live(50*time.Minute, false) || live(time.Hour, false) {
		t.Error("a session that is only looked at does not end after its hour")
	}
	if !live(50*time.Minute, true) || !live(100*time.Minute, false) || live(2*time.Hour, true) {
		t.Error("a click does not move the end of a session, or revives one that ended")
	}
	b.must(b.CloseSession(t.Context(), hash))
	if live(0, false) {
		t.Error("a closed session lives")
	}
}

func TestPutAgent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.must(b.PutAgent(t.Context(), "luis", "Luis", "one", b.now))
	b.must(b.exec(`update agent set disabled_at = now()`))
	if p, ok, err := b.AgentNamed(t.Context(), "luis"); !ok || err != nil || !p.Disabled {
		t.Errorf("AgentNamed = %+v %v %v", p, ok, err)
	}
	b.must(b.PutAgent(t.Context(), "luis", "Luis P.", "two", b.now))
	want := casework.Person{Login: "luis", Name: "Luis P.", PasswordHash: "two", Role: casework.RoleAgent, Queues: []string{}}
	if p, ok, err := b.AgentNamed(t.Context(), "luis"); !ok || err != nil || !cmp.Equal(p, want) {
		t.Errorf("AgentNamed = %+v %v %v", p, ok, err)
	}
	if _, ok, err := b.AgentNamed(t.Context(), "nadie"); ok || err != nil {
		t.Errorf("AgentNamed of nobody = %v %v", ok, err)
	}
	for _, login := range []string{"", "L", "Luis", "luis peña", "1luis", strings.Repeat("x", 33)} {
		if err := b.PutAgent(t.Context(), login, "X", "h", b.now); fault.CodeOf(err) != "bad_login" {
			t.Errorf("PutAgent(%q) = %v", login, err)
		}
	}
}

func TestDeskPanel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	got, err := b.Panel(t.Context(), w.ana.ID, "tel:"+w.ana.Phone, b.now)
	b.must(err)
	want := casework.Panel{Loans: []casework.Credit{{
		ID: w.loan.ID, Vale: w.loan.ValeID, Folio: "V-00017", State: loan.LoanActive, Principal: 3000_00, Owed: w.loan.Position.Owed, Payoff: w.loan.Position.Owed, Next: w.loan.Position.NextAmount, NextDue: w.loan.Quote.Rows[1].Due, N: 8, Left: 7,
		From: "María López", Payout: "SETTLED", Payments: []casework.Paid{{At: b.now, Amount: 500_00, Good: true}},
		Promise: &casework.Promised{Made: b.now, On: quincena.Date{Year: 2026, Month: 3, Day: 7}, Amount: 487_50},
	}}, Vales: []casework.Offer{}, Client: &casework.Client{ID: w.ana.ID, Limit: w.ana.Limit, Blocked: w.ana.Blocked, Locked: w.ana.LockedUntil.After(b.now), Segment: w.ana.Segment},
		Complaints: []casework.Complaint{{
			ID: w.complaint.ID, Folio: "Q-00003", State: lending.ComplaintAnswered, Opened: w.complaint.Opened, DueBy: w.complaint.DueBy,
			Answered: w.complaint.Answered, Resolution: w.complaint.Resolution,
		}},
		Requests: []casework.Request{{
			ID: w.request.ID, Person: w.ana.ID, Folio: "S-00004", Kind: lending.RequestARCO, Opened: w.request.Opened, DueBy: w.request.DueBy,
			Note: "quiero ver mis datos", Decision: lending.Rejected, Reason: "ingresos", Amount: 3000_00, RetryOn: w.request.RetryOn,
		}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("borrower (-want +got):\n%s", diff)
	}
	got, err = b.Panel(t.Context(), w.maria.ID, "tel:"+w.maria.Phone, b.now)
	b.must(err)
	if diff := cmp.Diff(&casework.Line{ID: w.distributor.ID, State: loan.DistributorActive, Limit: 20000_00, Available: 17000_00,
		Held: w.distributor.Held, Used: w.distributor.Used, Branch: w.distributor.Branch, Category: w.distributor.Category, Points: w.distributor.Points, Unpaid: 2}, got.Line); diff != "" {
		t.Errorf("distributor (-want +got):\n%s", diff)
	}
	if got, err := b.Panel(t.Context(), uuid.Nil, "", b.now); err != nil || len(got.Loans)+len(got.Vales) != 0 || got.Line != nil {
		t.Errorf("Panel of nobody = %+v %v", got, err)
	}
}

// TestPanelAgesArrears: the stored position is as of the last day close.
func TestPanelAgesArrears(t *testing.T) {
	t.Parallel()
	today := quincena.Date{Year: 2026, Month: 3, Day: 10}
	p := LoanPanel{Loan: lending.Loan{Position: lending.Position{AsOf: quincena.Date{Year: 2026, Month: 3, Day: 8}, DaysLate: 3}}}
	if got := creditOf(p, today).DaysLate; got != 5 {
		t.Errorf("3 days late two days ago are %d", got)
	}
	p.Loan.Position.DaysLate = 0
	if got := creditOf(p, today).DaysLate; got != 0 {
		t.Errorf("on time two days ago is %d days late", got)
	}
}

// TestRequestIsDoneOnce: a browser may send one form twice.
func TestRequestIsDoneOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	act := b.act(id, "luis", 0)
	note := b.act(id, "luis", 0)
	for range 3 {
		b.must(b.Reply(t.Context(), act, "hola"))
		b.must(b.Annotate(t.Context(), note, "ojo"))
	}
	for from, want := range map[string]int{"outbox": 1, "desk_note": 1, "audit where action = 'desk.reply'": 1, "audit where action = 'desk.claim'": 1} {
		var n int
		b.must(b.pool.QueryRow(t.Context(), `select count(*)::int from `+from).Scan(&n))
		if n != want {
			t.Errorf("%d rows in %s, want %d", n, from, want)
		}
	}
}

// TestReturnIsOneEvent: while the bot has not taken the chat back, giving it
// back again changes nothing.
func TestReturnIsOneEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	for _, outcome := range []casework.Outcome{casework.Resolved, casework.Returned, casework.Resolved} {
		b.must(b.Return(t.Context(), b.act(id, "luis", 0), outcome))
	}
	var events, audits int
	b.must(b.pool.QueryRow(t.Context(), `select count(*) filter (where kind = 'desk')::int from inbox`).Scan(&events))
	b.must(b.pool.QueryRow(t.Context(), `select count(*)::int from audit where action = 'desk.return'`).Scan(&audits))
	if events != 1 || audits != 1 {
		t.Errorf("%d events and %d audits, want 1 and 1", events, audits)
	}
	c, err := b.Case(t.Context(), "luis", id)
	if err != nil || !c.Returning {
		t.Errorf("the chat is not shown as returning: %+v %v", c, err)
	}
}

// TestNextPassesOverLockedChats: an engine at work on a chat holds no agent up.
func TestNextPassesOverLockedChats(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	first := inQueue(b, w)
	second := uuid.New()
	b.must(b.exec(`insert into conversation (id, key, channel, address, owner, queue, priority, queued_at, created_at)
values ($1, 'tel:+526679999999', 'sms', '+526679999999', 'queue', 'general', 0, $2, $2)`, second, b.now))
	tx, err := b.pool.Begin(t.Context())
	b.must(err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	_, err = tx.Exec(t.Context(), `select from conversation where id = $1 for update`, first)
	b.must(err)
	if id, ok, err := b.ClaimNext(t.Context(), b.act(uuid.Nil, "luis", 0), ""); id != second || !ok || err != nil {
		t.Errorf("ClaimNext beside a locked chat = %v %v %v", id, ok, err)
	}
	b.must(tx.Rollback(t.Context()))
	if id, ok, err := b.ClaimNext(t.Context(), b.act(uuid.Nil, "luis", 0), "general"); ok || err != nil {
		t.Errorf("ClaimNext of an empty queue = %v %v %v", id, ok, err)
	}
	if id, ok, err := b.ClaimNext(t.Context(), b.act(uuid.Nil, "luis", 0), "pagos"); id != first || !ok || err != nil {
		t.Errorf("ClaimNext of its queue = %v %v %v", id, ok, err)
	}
	mine, err := b.CasesOf(t.Context(), "luis")
	b.must(err)
	if len(mine) != 2 || mine[0].ID != first {
		t.Errorf("her chats are %+v", mine)
	}
	b.must(b.ReleaseAll(t.Context(), b.act(uuid.Nil, "luis", 0)))
	if waiting, err := b.CasesWaiting(t.Context(), "luis", ""); len(waiting) != 2 || waiting[0].ID != first || err != nil {
		t.Errorf("after the shift %+v wait, %v", waiting, err)
	}
}

func TestSuggestionsAreNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	b.must(b.InTx(t.Context(), func(ctx context.Context, tx engine.Tx) error {
		b.must(b.Return(ctx, b.act(id, "luis", 0), casework.Returned)) // gives the engine an event to take
		convs, err := tx.Claim(ctx, b.now, 1, uuid.Nil)
		if err != nil {
			return err
		}
		l := engine.Letter{
			ID: newID(), Conversation: id, Author: "bot", Lane: message.LaneNotice, To: message.Address{Channel: message.SMS, Value: "+526671234567"},
			Content: engine.Content{Text: "Tu pago llegó"}, Segments: 1, Zone: "UTC", Suggested: true, NotBefore: b.now, Expires: b.now.Add(time.Hour), Created: b.now,
		}
		return tx.Write(ctx, []engine.Change{{Conversation: convs[0], Letters: []engine.Letter{l}, Handled: []engine.Handled{{ID: convs[0].Events[0].ID}}}}, b.now)
	}))
	thread, _, err := b.Thread(t.Context(), casework.Case{ID: id, Owner: casework.Agent}, 50)
	b.must(err)
	for _, e := range thread {
		if e.Kind == casework.Out && (!e.Unsent() || e.State != "suggested" || e.Text != "Tu pago llegó") {
			t.Errorf("the suggestion is %+v", e)
		}
	}
}

func TestThreadIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := inQueue(b, settle(b))
	for range 9 {
		b.now = b.now.Add(time.Second)
		b.must(b.Annotate(t.Context(), b.act(id, "luis", 0), b.now.Format(time.TimeOnly)))
	}
	thread, _, err := b.Thread(t.Context(), casework.Case{ID: id, Owner: casework.Queue}, 4)
	b.must(err)
	if len(thread) != 5 || thread[4].Text != b.now.Format(time.TimeOnly) || thread[0].Kind != casework.In {
		t.Errorf("thread of at most 4 of a kind: %+v", thread)
	}
}
