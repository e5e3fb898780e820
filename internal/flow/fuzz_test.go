package flow_test

import (
	"encoding/json"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
)

// FuzzLoad feeds the loader with whatever may stand in a file. It must come
// back, with problems that lie within the file.
func FuzzLoad(f *testing.F) {
	names, err := fs.Glob(flows.FS, "*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [x]\nb: [*a, *a]\n"))
	vocabulary := lending.Vocabulary()
	_, catalog := shipped(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"x.flow.yaml", "_interrupts.yaml"} {
			_, problems := flow.Load(fstest.MapFS{name: &fstest.MapFile{Data: data}}, vocabulary, catalog)
			for _, p := range problems {
				if p.Line < 1 || p.Col < 1 || p.Code == "" || p.Text == "" {
					t.Errorf("a problem without a place or a name: %+v", p)
				}
			}
		}
	})
}

// happenings turns bytes into events, so that the fuzzer may write histories.
func happenings(data []byte, last flow.Decision) flow.Event {
	texts := []string{"sí", "no", "info", "2", "032180000118359719", "05/03/1990", "saldo", "baja", "agente", "VALE 6671234567 3000 8", "???", "mañana", string(data), ""}
	at := int(data[0])
	switch at % 8 {
	case 0, 1, 2:
		return flow.Event{Kind: flow.Replied, Reply: texts[at/8%len(texts)], What: message.Text, Crossed: at > 240}
	case 3:
		taps := []string{"affirm", "deny", "terms", "retiro", "transferencia", "pagado", "fecha", "nada"}
		return flow.Event{Kind: flow.Replied, What: message.Tap, Tap: taps[at/8%len(taps)]}
	case 4:
		timers := []string{"oferta/72h", "pregunta/20h", "forma_pago/4h", "listo_retiro/72h", "espera/until", "aviso/36h", string(data)}
		return flow.Event{Kind: flow.Elapsed, Timer: timers[at/8%len(timers)]}
	case 5:
		names := []string{"payout.settled", "payout.expired", "payment.received", "vale.cancelled", string(data)}
		return flow.Event{Kind: flow.Happened, Name: names[at/8%len(names)]}
	case 6:
		return flow.Event{Kind: []flow.EventKind{flow.Floored, flow.Released, flow.Started, "?"}[at/8%4], Name: "returned"}
	}
	outcomes := []string{"ok", "match", "found", "error", "rejected", "unavailable", "bad_pin", string(data)}
	ev := flow.Event{Kind: flow.Outcome, Name: outcomes[at/8%len(outcomes)]}
	if n := len(last.Effects); n > 0 {
		if act, ok := last.Effects[n-1].(flow.Act); ok {
			ev.Token = act.Token
		}
	}
	return ev
}

// FuzzTurn lives through any history: no panic, no round without end, a state
// that can be stored, and a decision whose parts agree.
func FuzzTurn(f *testing.F) {
	f.Add([]byte{0, 7, 15, 23, 31})
	f.Add([]byte{3, 40, 7, 7, 11, 27, 5})
	f.Add([]byte("\x08\x10\x18 (08@HPX`hpx"))
	set, _ := shipped(f)
	u := understander(f)
	inside := nested(f).m
	zone := time.FixedZone("CST", -6*60*60)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 60 {
			return
		}
		for _, name := range set.Names() {
			m, _ := set.Latest(name)
			live(t, m, data, flow.Env{Now: time.Unix(1_772_000_000, 0), Zone: zone, Floor: len(data)%3 > 0, Understand: u})
		}
		live(t, inside, data, flow.Env{Now: time.Unix(1_772_000_000, 0), Zone: zone, Floor: len(data)%3 > 0, Understand: u, Person: string(data)})
	})
}

func live(t *testing.T, m *flow.Machine, data []byte, env flow.Env) {
	t.Helper()
	known, state := facts(), m.Start(nil)
	d := flow.Turn(m, state, flow.Event{Kind: flow.Started}, known, env)
	for i := range data {
		stored, err := json.Marshal(d.State)
		if err != nil {
			t.Fatal(err)
		}
		var s flow.State
		if err := json.Unmarshal(stored, &s); err != nil {
			t.Fatal(err)
		}
		d = flow.Turn(m, s, happenings(data[i:], d), known, env)
		agrees(t, d)
		if d.Status == flow.Ended {
			return
		}
	}
}

// agrees checks what must hold for every decision.
func agrees(t *testing.T, d flow.Decision) {
	t.Helper()
	if len(d.Path) != len(d.Ways)+1 {
		t.Errorf("%d steps and %d ways", len(d.Path), len(d.Ways))
	}
	for i, e := range d.Effects {
		_, act := e.(flow.Act)
		_, end := e.(flow.End)
		if act && (i != len(d.Effects)-1 || d.Status != flow.Acting) {
			t.Errorf("an action is effect %d of %d, status %s", i+1, len(d.Effects), d.Status)
		}
		if end && d.Status != flow.Ended {
			t.Errorf("ended, and the status is %s", d.Status)
		}
		if _, hand := e.(flow.Handoff); hand && d.Status != flow.HandedTo {
			t.Errorf("handed over, and the status is %s", d.Status)
		}
	}
}

// FuzzFlows feeds the loader with two flows that may call each other. It must
// come back, and what it accepts must come to rest at every turn.
func FuzzFlows(f *testing.F) {
	f.Add([]byte(outerText), []byte(innerText))
	f.Add([]byte(innerText), []byte(innermostText))
	f.Add([]byte(testedText), []byte("flow: b\nversion: 1\ntitle: x\nstart: a\nsteps:\n  a: {call: a, next: fin}\n  fin: {end: listo}\n"))
	vocabulary := lending.Vocabulary()
	f.Fuzz(func(t *testing.T, one, other []byte) {
		set, problems := flow.Load(fstest.MapFS{"a.flow.yaml": {Data: one}, "b.flow.yaml": {Data: other}}, vocabulary, nil)
		for _, p := range problems {
			if p.Line < 1 || p.Col < 1 || p.Code == "" {
				t.Errorf("a problem without a place or a name: %+v", p)
			}
		}
		for _, name := range set.Names() {
			m, _ := set.Latest(name)
			live(t, m, []byte("\x00\x07\x0f\x17\x1f\x04\x06"), flow.Env{Now: time.Unix(1_772_000_000, 0), Floor: true, Person: name})
		}
	})
}
