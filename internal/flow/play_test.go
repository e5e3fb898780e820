package flow_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"valebot/internal/flow"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/understand"
	"valebot/locales"
)

// play is one dialogue under test. Its state is written and read between turns.
type play struct {
	set   *flow.Set
	m     *flow.Machine
	state flow.State
	facts flow.Facts
	env   flow.Env
	last  flow.Decision
}

// lexicon is compiled once: it is immutable, and every test needs it.
var lexicon = sync.OnceValues(func() (*understand.Understander, error) {
	words, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		return nil, err
	}
	return understand.New(words)
})

func understander(t testing.TB) *understand.Understander {
	t.Helper()
	u, err := lexicon()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func facts() flow.Facts {
	day := quincena.Date{Year: 2026, Month: time.March, Day: 15}
	return flow.Facts{
		"vale": {"id": "V-1", "folio": "V-00017", "persona": "P-9", "persona_nombre": "Ana", "distribuidora": "María", "monto": money.Pesos(3000),
			"quincenas": 8, "pago": money.Amount(48750), "total": money.Pesos(3900), "cat": "98.4%", "mora": money.Pesos(60),
			"primer_pago": day, "expira": day, "liga": "vl.mx/a1b2", "estado": "OFFERED"},
		"cliente": {"nombre": "Ana", "saldo": money.Pesos(1200), "proximo_monto": money.Pesos(300), "proxima_fecha": day, "segmento": "leve",
			"pagos_hechos": 2, "promesas_rotas": 0, "puede_reestructurar": true, "pagos_restantes": 6, "es_distribuidora": false, "conocida": true},
		"pago": {"credito": "C-1", "folio": "V-00017", "monto": money.Amount(48750), "vence": day, "dias_atraso": 0, "pagado": false,
			"referencia": "90011234", "liga": "vl.mx/p1"},
		"distribuidora": {"id": "D-1", "estatus": "activa", "disponible": money.Pesos(20000), "limite": money.Pesos(20000),
			"plazos": []int{4, 6, 8, 12}, "nombre": "María"},
	}
}

func newPlay(t testing.TB, name string, told map[string]any) *play {
	t.Helper()
	set, _ := shipped(t)
	m, ok := set.Latest(name)
	if name == set.Idle().Name() {
		m, ok = set.Idle(), true
	}
	if !ok {
		t.Fatalf("there is no flow %q", name)
	}
	zone := time.FixedZone("CST", -6*60*60)
	return &play{set: set, m: m, state: m.Start(told), facts: facts(), env: flow.Env{
		Now: time.Date(2026, time.March, 2, 10, 0, 0, 0, zone), Zone: zone, Channel: message.SMS, Floor: true, Understand: understander(t),
	}}
}

func (p *play) turn(t testing.TB, ev flow.Event) flow.Decision {
	t.Helper()
	p.last = flow.Turn(p.m, p.state, ev, p.facts, p.env)
	data, err := json.Marshal(p.last.State)
	if err != nil {
		t.Fatal(err)
	}
	p.state = flow.State{}
	if err := json.Unmarshal(data, &p.state); err != nil {
		t.Fatal(err)
	}
	return p.last
}

func (p *play) reply(t testing.TB, text string) flow.Decision {
	t.Helper()
	return p.turn(t, flow.Event{Kind: flow.Replied, Reply: text, What: message.Text})
}

// answer gives the outcome of the action that the last turn asked for.
func (p *play) answer(t testing.TB, outcome string, result map[string]any) flow.Decision {
	t.Helper()
	act, ok := p.last.Effects[len(p.last.Effects)-1].(flow.Act)
	if !ok {
		t.Fatalf("the last effect is %T and no action", p.last.Effects[len(p.last.Effects)-1])
	}
	return p.turn(t, flow.Event{Kind: flow.Outcome, Name: outcome, Token: act.Token, Result: result})
}

// says lists the keys of the messages of a decision.
func says(d flow.Decision) []string {
	var keys []string
	for _, e := range d.Effects {
		if s, ok := e.(flow.Say); ok {
			keys = append(keys, s.Message)
		}
	}
	return keys
}
