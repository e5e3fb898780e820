package desk_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/engine"
)

// feed is a stream as a page hears it.
type feed struct {
	*browser
	events chan event
	stop   context.CancelFunc
}

type event struct{ name, id string }

// listen opens a stream; last is the id that the page heard last.
func (b *browser) listen(chat, last string) *feed {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	path := "/mesa/vivo"
	if chat != "" {
		path += "?c=" + chat
	}
	req := b.request(http.MethodGet, path, nil).WithContext(ctx)
	req.Header.Set("Accept", "text/event-stream")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	answer, err := b.client.Do(req)
	b.must(err)
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		b.Fatalf("stream answers %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	f := &feed{b, make(chan event, 100), stop}
	b.Cleanup(stop)
	go func() {
		defer close(f.events)
		defer answer.Body.Close()
		lines, e := bufio.NewScanner(answer.Body), event{}
		for lines.Scan() {
			switch key, value, _ := strings.Cut(lines.Text(), ": "); key {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "":
				f.events <- e
				e = event{}
			}
		}
	}()
	return f
}

// next is the next event of a name; anything else is passed over.
func (f *feed) next(name string) event {
	f.Helper()
	for {
		select {
		case e, ok := <-f.events:
			if !ok {
				f.Fatalf("the stream ended without %q", name)
			}
			if e.name == name {
				return e
			}
		case <-f.Context().Done():
			f.Fatalf("no %q came", name)
		}
	}
}

// until waits for news until a page, loaded anew, is as wanted. What happened may
// be told in one piece or in several.
func (f *feed) until(wanted func() bool) {
	f.Helper()
	for !wanted() {
		f.next("nuevo")
	}
}

// run lets the desk tell its pages until the test ends.
func (o *office) run() {
	done := make(chan struct{})
	ctx, stop := context.WithCancel(context.WithoutCancel(o.Context()))
	go func() {
		defer close(done)
		if err := o.desk.Run(ctx); err != nil {
			o.Error(err)
		}
	}()
	o.Cleanup(func() { stop(); <-done })
}

func TestStreamTellsWhatIsNew(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run()
	b := o.agent("luis")
	board := b.listen("", "")
	board.next("hola")
	first := board.next("nuevo")
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	o.desk.Ring()
	second := board.next("nuevo")
	if first.id == "" || second.id == "" || first.id == second.id {
		t.Errorf("states %q and %q", first.id, second.id)
	}
	page := b.listen(id.String(), "")
	page.next("nuevo")
	o.write("+526671234567", "¿hay alguien?", func(c engine.Conversation) engine.Change { return engine.Change{Conversation: c} })
	o.desk.Ring()
	page.next("nuevo")
}

// TestStreamCatchesUp: a page that comes back with the newest state hears of the
// next change and not of the one that it has; with an old one it hears at once.
func TestStreamCatchesUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run()
	b := o.agent("luis")
	line := b.listen("", "")
	old := line.next("nuevo")
	line.stop()
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	o.desk.Ring()
	current := b.listen("", old.id).next("nuevo")
	if current.id == old.id {
		t.Error("what happened meanwhile was not told")
	}
	back := b.listen("", current.id)
	back.next("hola")
	o.must(o.store.Claim(t.Context(), o.act(id, "eva", 0)))
	o.desk.Ring()
	if next := back.next("nuevo"); next.id == current.id {
		t.Error("a page was told what it had")
	}
}

// TestStreamNeedsNoBell: what another node wrote is found by the sweep.
func TestStreamNeedsNoBell(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run()
	line := o.agent("luis").listen("", "")
	line.next("nuevo")
	o.write("+526671234567", "hola", o.queued("general", ""))
	line.next("nuevo")
}

func TestStreamShowsWhoElseIsThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run()
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	luis, eva := o.agent("luis"), o.agent("eva")
	line := luis.listen(id.String(), "")
	reads := func(part string) bool {
		luis.get(chat(id))
		return strings.Contains(luis.last, part)
	}
	line.next("nuevo")
	luis.get(chat(id))
	luis.misses("También la ve", "Escribe")
	hers := eva.listen(id.String(), "")
	line.until(func() bool { return reads("También la ve Eva Ríos") })
	eva.get(chat(id))
	if got := eva.post(chat(id)+"/borrador", "texto", "Buenas tar"); got != http.StatusNoContent {
		t.Errorf("draft: %d %s", got, eva.last)
	}
	line.until(func() bool { return reads("Escribe Eva Ríos") })
	luis.misses("Buenas tar")
	eva.get(chat(id))
	eva.post(chat(id)+"/borrador", "texto", "")
	line.until(func() bool { return !reads("Escribe") })
	hers.stop()
	line.until(func() bool { return !reads("También la ve") })
}

func TestStreamIsForAgents(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for path, want := range map[string]int{"/mesa/vivo": http.StatusUnauthorized, "/mesa/vivo?c=x": http.StatusUnauthorized} {
		b := o.browser()
		req := b.request(http.MethodGet, path, nil)
		req.Header.Set("Accept", "text/event-stream")
		if got := b.do(req); got != want {
			t.Errorf("%s without a session: %d", path, got)
		}
	}
	b := o.agent("luis")
	if got := b.get("/mesa/vivo?c=x"); got != http.StatusNotFound {
		t.Errorf("stream of nonsense: %d", got)
	}
}

// TestStreamsAreBounded: a tab that opens streams for ever takes them from
// nobody else, and closing one makes room.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.agent("luis")
	var open []*feed
	for range 12 {
		f := b.listen("", "")
		f.next("hola")
		open = append(open, f)
	}
	if got := b.get("/mesa/vivo"); got != http.StatusTooManyRequests {
		t.Errorf("13th stream: %d", got)
	}
	other := o.agent("eva").listen("", "")
	other.next("hola")
	open[0].stop()
	for o.agent("luis").get("/mesa/archivos/desk.css"); ; {
		req := b.request(http.MethodGet, "/mesa/vivo", nil)
		ctx, stop := context.WithCancel(t.Context())
		answer, err := b.client.Do(req.WithContext(ctx))
		o.must(err)
		stop()
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			break
		}
	}
}

// TestStopLetsStreamsGo: a stop of the program waits for no page.
func TestStopLetsStreamsGo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	line := o.agent("luis").listen("", "")
	line.next("hola")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	o.must(o.desk.Run(ctx))
	for range line.events { // ends
	}
	if got := o.agent("luis").get("/mesa/vivo"); got != http.StatusTooManyRequests {
		t.Errorf("stream after the stop: %d", got)
	}
}

func TestDraftIsKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b, elsewhere := o.agent("luis"), o.agent("luis")
	b.get(chat(id))
	b.post(chat(id)+"/borrador", "texto", "Hola, María:\r\n  te explico")
	o.wall = o.wall.Add(time.Second)
	elsewhere.get(chat(id))
	elsewhere.sees("Hola, María:", "te explico")
	if n := o.count("desk_draft where position('María' in encode(body, 'escape')) > 0"); n != 0 {
		t.Error("the draft is stored in the clear")
	}
	other := o.agent("eva")
	other.get(chat(id))
	other.misses("te explico")
	elsewhere.get(chat(id))
	elsewhere.post(chat(id)+"/responder", "texto", "Hola, ya lo vi")
	elsewhere.misses("te explico")
	if n := o.count("desk_draft"); n != 0 {
		t.Error("the draft outlives the reply")
	}
	elsewhere.post(chat(id)+"/borrador", "texto", "algo")
	o.wall = o.wall.Add(time.Second)
	elsewhere.get(chat(id))
	elsewhere.post(chat(id)+"/borrador", "texto", " ")
	if n := o.count("desk_draft"); n != 0 {
		t.Error("an emptied draft is kept")
	}
	elsewhere.get(chat(id))
	if got := elsewhere.post(chat(id)+"/borrador", "texto", strings.Repeat("x", 1001)); got != http.StatusUnprocessableEntity {
		t.Errorf("endless draft: %d", got)
	}
	if got := elsewhere.post("/mesa/c/"+uuid.NewString()+"/borrador", "texto", "x"); got != http.StatusNoContent && got != http.StatusForbidden {
		t.Errorf("draft for nobody: %d", got)
	}
	if n := o.count("desk_draft"); n != 0 {
		t.Error("a draft of a chat that does not exist is kept")
	}
}

// TestLateDraftReplacesNothing: two saves may overtake each other.
func TestLateDraftReplacesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	ctx := t.Context()
	o.must(o.store.KeepDraft(ctx, id, "luis", "más nuevo", o.wall.Add(time.Second)))
	o.must(o.store.KeepDraft(ctx, id, "luis", "más", o.wall))
	o.must(o.store.KeepDraft(ctx, id, "luis", "", o.wall))
	drafts, err := o.store.Drafts(ctx, id, "luis")
	o.must(err)
	if len(drafts) != 1 || drafts[0].Text != "más nuevo" || drafts[0].Name != "Luis Peña" {
		t.Errorf("drafts are %+v", drafts)
	}
}
