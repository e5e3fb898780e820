package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/postgres"
)

// asked is a question that may be left in silence, and of which the second
// wording is under test.
const asked = `flow: oferta
version: 1
title: Una pregunta
about: vale
starts: [{event: vale.declined}]
start: pregunta
tests: {tono: {stop: BAJA, above: 10, after: 30}}
steps:
  pregunta:
    ask: p.oferta
    expect: yes_no
    next: {affirm: si, deny: no_}
    after: {1d: {go: perdida}}
    unclear: [{say: p.oferta}, {go: agente}]
  agente: {handoff: general, reason: "no se le entiende", say: p.gracias, next: {resolved: perdida, returned: pregunta}}
  si: {say: {test: tono, a: p.gracias, b: p.hola}, end: aceptada}
  no_: {say: p.gracias, end: rechazada}
  perdida: {say: p.gracias, end: perdida}
`

// deliver hands everything to a provider that takes all.
func (p *press) deliver() {
	p.Helper()
	for {
		var taken []outbox.Verdict
		n, err := p.app.store.Dispatch(p.Context(), p.now, outbox.Heads(), 500, time.Minute, func(cs []outbox.Candidate) []outbox.Verdict {
			vs := make([]outbox.Verdict, len(cs))
			taken = make([]outbox.Verdict, len(cs))
			for i, c := range cs {
				vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Sending, Attempt: 1}
				taken[i] = outbox.Verdict{ID: c.ID, State: outbox.Accepted, Attempt: 1, ProviderID: "SM" + c.ID.String()}
			}
			return vs
		})
		if err != nil {
			p.Fatal(err)
		}
		if n == 0 {
			return
		}
		if err := p.app.store.Settle(p.Context(), p.now, taken); err != nil {
			p.Fatal(err)
		}
	}
}

// person makes contact i known.
func (p *press) person(i int) {
	p.Helper()
	p.n++
	_, err := p.app.engine.Act(p.Context(), "test", fmt.Sprint("p", p.n), "person.upsert",
		map[string]any{"telefono": fmt.Sprintf("+52667%07d", i), "nombre": "Ana Ruiz", "nacimiento": date1990(), "tope": pesos(5000)})
	if err != nil {
		p.Fatal(err)
	}
}

// write has contact i write, and the bot answer.
func (p *press) write(i int, body string) {
	p.Helper()
	p.n++
	m := message.Inbound{Provider: "twilio", ProviderID: fmt.Sprint("SM", p.n), Kind: message.Text, Body: body, ReceivedAt: p.now,
		From: message.Address{Channel: message.SMS, Value: fmt.Sprintf("+52667%07d", i)}}
	_, err := p.app.store.Arrive(p.Context(), []postgres.Arrival{{Key: m.From.Key(), Channel: message.SMS, Address: m.From.Value, Source: "twilio",
		SourceID: m.ProviderID, Kind: engine.MessageEvent, Payload: m, ReceivedAt: p.now}})
	if err != nil {
		p.Fatal(err)
	}
	p.drain(p.app)
	p.deliver()
}

func TestStats(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, asked, texts("Oferta: SI o NO", "Gracias")))
	for i := range 4 {
		p.person(i)
	}
	start := p.now
	p.happen("vale.declined", 0, 4)
	p.drain(p.app)
	p.deliver()
	p.now = p.now.Add(10 * time.Minute)
	p.write(0, "sí")
	p.write(1, "zxcv 667 123 4567")
	p.write(1, "sí")
	p.write(2, "ZXCV  6671234568")
	p.write(2, "qwrt")
	p.now = p.now.Add(25 * time.Hour)
	if _, err := p.app.store.Fire(t.Context(), p.now, 100); err != nil {
		t.Fatal(err)
	}
	p.drain(p.app)

	q := postgres.StatsQuery{Flow: "oferta", From: start, To: p.now.Add(time.Hour)}
	stats, err := p.publisher(p.app).Stats(t.Context(), q, "rosa")
	if err != nil {
		t.Fatal(err)
	}
	steps := []StepLine{
		{Step: "pregunta", Entered: 4, Answered: 2, Replies: 5, FirstTime: 1.0 / 3, Dwell: 600, Left: 1, HandedOver: 1},
		{Step: "agente", Entered: 1}, {Step: "si", Entered: 2}, {Step: "perdida", Entered: 1},
	}
	if d := cmp.Diff(steps, stats.Steps); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]UnclearText{{"pregunta", "zxcv #", 2}, {"pregunta", "qwrt", 1}}, stats.Unclear); d != "" {
		t.Error(d)
	}
	got := map[string]int{}
	for _, o := range stats.Outcomes {
		got[fmt.Sprintf("v%d %s", o.Version, o.Outcome)] += o.N
	}
	if d := cmp.Diff(map[string]int{"v1 aceptada": 2, "v1 perdida": 1, "v1 ": 1}, got); d != "" {
		t.Error(d)
	}
	if n := ask[int](p, `select count(*) from audit where actor = 'rosa' and action = 'flow.unclear'`); n != 1 {
		t.Errorf("%d readings written down", n)
	}
	count, err := p.publisher(p.app).Counts(t.Context(), q)
	if err != nil || count("pregunta", "affirm") != 2 || count("pregunta", "after") != 1 || count("pregunta", "unclear") != 1 {
		t.Errorf("counts: %d %d %d, %v", count("pregunta", "affirm"), count("pregunta", "after"), count("pregunta", "unclear"), err)
	}
	arms := ask[int](p, `select count(*) from step_log where exists (select from unnest(effects) e where e like 'arm tono:%')`)
	if arms != 2 {
		t.Errorf("%d turns took an arm", arms)
	}
}

// The values are those of the usual tables of Wilson's interval.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		hits, of  int
		low, high float64
	}{{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {5, 10, 0.2366, 0.7634}, {50, 100, 0.4038, 0.5962}, {1, 1000, 0.0002, 0.0056}} {
		low, high := wilson(test.hits, test.of)
		if abs(low-test.low) > 5e-5 || abs(high-test.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", test.hits, test.of, low, high, test.low, test.high)
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

func TestMasked(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ya  deposité en OXXO": "ya deposité en oxxo", "mi cuenta es 0321 8000 0118 359719": "mi cuenta es #", "soy ana@x.mx": "soy #",
		"mira https://a.b/c?d=1 ok": "mira # ok", "05/03/1990": "#/#/#", "": "",
	} {
		if got := masked(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestBundle(t *testing.T) {
	t.Parallel()
	b, err := BundleOf(FilesFrom(""))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := b.pack()
	if err != nil {
		t.Fatal(err)
	}
	again, err := unpack(packed, b.Hash())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, again); d != "" {
		t.Error(d)
	}
	if _, err := unpack(packed, "0"); err == nil {
		t.Error("another bundle was taken for this one")
	}
	if _, err := unpack(packed[:20], b.Hash()); err == nil {
		t.Error("half a bundle was taken")
	}
	if _, err := LoadRulebook(again.files()); err != nil {
		t.Errorf("the bundle does not compile: %v", err)
	}
}
