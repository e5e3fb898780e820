package flow_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// asking returns a dialogue that asks one question and keeps the answer.
func asking(t testing.TB, expect, slot, next string) *play {
	t.Helper()
	text := `flow: x
version: 1
title: Una pregunta
about: vale
start: p
slots:
  dato: {type: ` + slot + `, secret: true}
steps:
  p:
    ask: a.b
    expect: ` + expect + `
    save: dato
    next: ` + next + `
    unclear: [{go: perdido}]
    after: {1h: {go: fin}}
  fin: {end: fin}
  otro: {end: otro}
  perdido: {end: perdido}
  suelto: {end: suelto}
`
	if slot == "" {
		text = strings.Replace(text, "  dato: {type: , secret: true}\n", "", 1)
		text = strings.Replace(text, "slots:\n", "", 1)
		text = strings.Replace(text, "    save: dato\n", "", 1)
	}
	set, problems := flow.Load(fstest.MapFS{"x.flow.yaml": {Data: []byte(text)}}, lending.Vocabulary(), nil)
	m, ok := set.Latest("x")
	if !ok {
		t.Fatal(problems)
	}
	zone := time.FixedZone("CST", -6*60*60)
	p := &play{set: set, m: m, state: m.Start(nil), facts: facts(), env: flow.Env{
		Now: time.Date(2026, time.March, 2, 10, 0, 0, 0, zone), Zone: zone, Floor: true, Understand: understander(t),
	}}
	p.turn(t, flow.Event{Kind: flow.Started})
	return p
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	day := func(m time.Month, d int) quincena.Date { return quincena.Date{Year: 2026, Month: m, Day: d} }
	for _, c := range []struct {
		expect, slot string
		reply        string
		want         any // nil: not understood
	}{
		{"amount", "amount", "3000", money.Pesos(3000)},
		{"amount", "amount", "3 mil", money.Pesos(3000)},
		{"amount", "amount", "$1,500.50", money.Amount(150050)},
		{"amount", "amount", "no se", nil},
		{"amount", "amount", "", nil},
		{"int", "int", "8", 8},
		{"int", "int", "a seis", 6},
		{"int", "int", "6 quincenas", 6},
		{"int", "int", "3 meses", 6},
		{"int", "int", "en 8 pagos", 8},
		{"int", "int", "un año", 24},
		{"term", "int", "8 quincenas", 8},
		{"int", "int", "las que sean", nil},
		{"date", "date", "15/03", day(time.March, 15)},
		{"date", "date", "mañana", day(time.March, 3)},
		{"date", "date", "el viernes", day(time.March, 6)},
		{"date", "date", "01/03", day(time.March, 1)},
		{"date", "date", "01/03/2027", quincena.Date{Year: 2027, Month: time.March, Day: 1}},
		{"date", "date", "cuando cobre", nil},
		{"birthdate", "date", "05/03/1990", quincena.Date{Year: 1990, Month: time.March, Day: 5}},
		{"birthdate", "date", "5 de marzo de 1990", quincena.Date{Year: 1990, Month: time.March, Day: 5}},
		{"birthdate", "date", "mañana", nil},
		{"phone", "phone", "667 123 4567", "+526671234567"},
		{"phone", "phone", "667", nil},
		{"clabe", "clabe", "032180000118359719", "032180000118359719"},
		{"clabe", "clabe", "0321 8000 0118 3597 19", "032180000118359719"},
		{"clabe", "clabe", "032180000118359718", nil},
		{"pin", "pin", "4821", "4821"},
		{"pin", "pin", "48", nil},
		{"text", "text", "  ya no lo necesito ", "ya no lo necesito"},
		{"text", "text", "   ", nil},
		{"name", "text", "Ana Ruiz", "Ana Ruiz"},
		{"name", "text", "12345", nil},
		{"{option: {cajero: [efectivo], cuenta: [banco, mi tarjeta]}}", "option", "1", "cajero"},
		{"{option: {cajero: [efectivo], cuenta: [banco, mi tarjeta]}}", "option", "la segunda", "cuenta"},
		{"{option: {cajero: [efectivo], cuenta: [banco, mi tarjeta]}}", "option", "en efectivo", "cajero"},
		{"{option: {cajero: [efectivo], cuenta: [banco, mi tarjeta]}}", "option", "a mi tarjeta por favor", "cuenta"},
		{"{option: {cajero: [efectivo], cuenta: [banco, mi tarjeta]}}", "option", "3", nil},
		{"{option: {cajero: [efectivo], cuenta: [banco, mi tarjeta]}}", "option", "lo que sea", nil},
		{"{option: {puedo: [si puedo], nopuedo: [no puedo]}}", "option", "no puedo esta quincena", "nopuedo"},
		{"{option: {puedo: [hoy si], nopuedo: [hoy no]}}", "option", "hoy si o hoy no", nil},
	} {
		t.Run(c.expect+" "+c.reply, func(t *testing.T) {
			t.Parallel()
			p := asking(t, c.expect, c.slot, "fin")
			d := p.reply(t, c.reply)
			got, _ := d.State.Slot("dato")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if want := map[bool]string{true: "perdido", false: "fin"}[c.want == nil]; d.State.Step() != want {
				t.Errorf("it stands at %s, want %s", d.State.Step(), want)
			}
			if c.slot != "option" && c.reply != "" && strings.Contains(d.Heard, c.reply) {
				t.Errorf("heard %q holds the answer", d.Heard)
			}
		})
	}
}

func TestAnswersThatLead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expect, next string
		ev           flow.Event
		want         string
	}{
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Reply: "sí", What: message.Text}, "fin"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Reply: "no, gracias", What: message.Text}, "otro"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Reply: "si puedes", What: message.Text}, "perdido"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Reply: "sì", What: message.Text}, "fin"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Reply: "ѕі", What: message.Text}, "perdido"}, // Cyrillic
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Tap: "deny", What: message.Tap}, "otro"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Tap: "terms", What: message.Tap}, "perdido"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{What: message.Voice}, "perdido"},
		{"yes_no", "{affirm: fin, deny: otro}", flow.Event{Reply: strings.Repeat("si ", 533), What: message.Text}, "perdido"},
		{"[yes_no, terms]", "{affirm: fin, deny: perdido, terms: otro}", flow.Event{Reply: "info", What: message.Text}, "otro"},
		{"[yes_no, change]", "{affirm: fin, deny: perdido, change: otro}", flow.Event{Reply: "cambiar", What: message.Text}, "otro"},
		{"[yes_no, change]", "{affirm: fin, deny: perdido, change: otro}", flow.Event{Reply: "no, quiero cambiar", What: message.Text}, "otro"},
		{"[photo, text]", "{photo: fin, ok: otro}", flow.Event{What: message.Photo}, "fin"},
		{"[photo, text]", "{photo: fin, ok: otro}", flow.Event{What: message.Document}, "fin"},
		{"[photo, text]", "{photo: fin, ok: otro}", flow.Event{Reply: "folio 9", What: message.Text}, "otro"},
		{"[photo, text]", "{photo: fin, ok: otro}", flow.Event{What: message.Voice}, "perdido"},
		{"{option: {retiro: [cajero]}, also: [clabe]}", "{retiro: otro, ok: fin}", flow.Event{Reply: "cajero", What: message.Text}, "otro"},
		{"{option: {retiro: [cajero]}, also: [clabe]}", "{retiro: otro, ok: fin}", flow.Event{Reply: "032180000118359719", What: message.Text}, "fin"},
	} {
		t.Run(c.expect+" "+c.ev.Reply[:min(len(c.ev.Reply), 20)]+c.ev.Tap, func(t *testing.T) {
			t.Parallel()
			p := asking(t, c.expect, "", c.next)
			c.ev.Kind = flow.Replied
			if d := p.turn(t, c.ev); d.State.Step() != c.want {
				t.Errorf("it stands at %s, want %s", d.State.Step(), c.want)
			}
		})
	}
}

func TestInterruptsInsideQuestions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ flow, reply, want string }{
		{"aceptacion_vale", "Saldo", "interrupt:SALDO"},
		{"aceptacion_vale", "¿cuánto debo?", "interrupt:SALDO"},
		{"aceptacion_vale", "AYUDA", "interrupt:AYUDA"},
		{"aceptacion_vale", "?", "interrupt:AYUDA"},
		{"aceptacion_vale", "yo no pedí nada", "interrupt:NO_SOY"},
		{"aceptacion_vale", "numero equivocado", "interrupt:NO_SOY"},
		{"aceptacion_vale", "quiero hablar con alguien", "interrupt:AGENTE"},
		{"aceptacion_vale", "me cobraron mal", "interrupt:QUEJA"},
		{"aceptacion_vale", "stop", "interrupt:BAJA"},
		{"aceptacion_vale", "no", "no"},
		{"aceptacion_vale", "info", "terms"},
		{"recordatorio_pago", "no puedo, necesito ayuda", "option:ayuda"},
		{"recordatorio_pago", "un asesor", "interrupt:AGENTE"},
		{"recordatorio_pago", "alta", "interrupt:ALTA"},
	} {
		t.Run(c.reply, func(t *testing.T) {
			t.Parallel()
			p := started(t, c.flow, nil)
			if d := p.reply(t, c.reply); d.Heard != c.want {
				t.Errorf("heard %q, want %q", d.Heard, c.want)
			}
		})
	}
}

// In a question for free text only the whole message is an interrupt: who gives
// a reason may speak of a person.
func TestFreeTextIsNotSearched(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.reply(t, "no")
	if d := p.reply(t, "esa persona no me da confianza"); d.Heard != "text" {
		t.Errorf("heard %q", d.Heard)
	}
	p = started(t, "aceptacion_vale", nil)
	p.reply(t, "no")
	if d := p.reply(t, "agente"); d.Heard != "interrupt:AGENTE" {
		t.Errorf("heard %q", d.Heard)
	}
}

// An option that leads elsewhere is never judged by reject, which looks at the
// slot that such an answer leaves empty.
func TestRejectLeavesOptionsAlone(t *testing.T) {
	t.Parallel()
	p := started(t, "solicitud_vale", nil)
	d := p.reply(t, "prefiero no decir")
	wantSays(t, d, "solicitud.para_que_ingreso", "solicitud.ingreso_corto")
	d = p.reply(t, "5 pesos al mes")
	wantSays(t, d, "solicitud.ingreso_raro")
	wantStatus(t, d, flow.Asking)
	d = p.reply(t, "no tengo ingresos")
	wantSays(t, d, "solicitud.frente")
}
