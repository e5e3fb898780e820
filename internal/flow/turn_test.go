package flow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow"
	"valebot/internal/message"
	"valebot/internal/money"
)

func effect[E flow.Effect](d flow.Decision) (E, bool) {
	for _, e := range d.Effects {
		if x, ok := e.(E); ok {
			return x, true
		}
	}
	var none E
	return none, false
}

func wantSays(t *testing.T, d flow.Decision, keys ...string) {
	t.Helper()
	if diff := cmp.Diff(keys, says(d)); diff != "" {
		t.Fatal(diff)
	}
}

func wantStatus(t *testing.T, d flow.Decision, want flow.Status) {
	t.Helper()
	if d.Status != want {
		t.Fatalf("status %s, want %s", d.Status, want)
	}
}

func started(t *testing.T, name string, told map[string]any) *play {
	t.Helper()
	p := newPlay(t, name, told)
	p.turn(t, flow.Event{Kind: flow.Started})
	return p
}

func TestQuestionIsAsked(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	wantStatus(t, p.last, flow.Asking)
	say, _ := effect[flow.Say](p.last)
	if !say.Ask || say.Again || say.Secret || !slices.Equal(say.Options, []string{"affirm", "deny", "terms"}) {
		t.Errorf("the question is %+v", say)
	}
	var timers []flow.SetTimer
	for _, e := range p.last.Effects {
		if s, ok := e.(flow.SetTimer); ok {
			timers = append(timers, s)
		}
	}
	now := p.env.Now
	want := []flow.SetTimer{{Name: "oferta/4h", At: now.Add(4 * time.Hour)}, {Name: "oferta/24h", At: now.Add(24 * time.Hour)}, {Name: "oferta/72h", At: now.Add(72 * time.Hour)}}
	if diff := cmp.Diff(want, timers); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutTheFloorTheQuestionWaits(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "aceptacion_vale", nil)
	p.env.Floor = false
	d := p.turn(t, flow.Event{Kind: flow.Started})
	wantStatus(t, d, flow.Parked)
	if len(d.Effects) > 0 {
		t.Errorf("it said something without the floor: %v", d.Effects)
	}
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Floored}), flow.Parked)
	p.env.Floor = true
	d = p.turn(t, flow.Event{Kind: flow.Floored})
	wantStatus(t, d, flow.Asking)
	wantSays(t, d, "aceptacion.oferta")
	if d.Keep {
		t.Error("the timers of a question begin when it is asked")
	}
}

func TestTheFloorComesBack(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	d := p.turn(t, flow.Event{Kind: flow.Floored})
	wantSays(t, d, "aceptacion.oferta_corta")
	say, _ := effect[flow.Say](d)
	if !say.Ask || !say.Again || !d.Keep {
		t.Errorf("want the short question again with the timers kept, got %+v, keep %v", say, d.Keep)
	}
}

func TestCrossedReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reply string
		says  []string
	}{
		{"sí", []string{"aceptacion.oferta_corta"}},
		{"no", []string{"aceptacion.oferta_corta"}},
		{"quien eres", []string{"aceptacion.oferta_corta"}},
		{"ayuda", []string{"comun.ayuda", "aceptacion.oferta_corta"}},
		{"AGENTE", []string{"comun.te_atiende_una_persona"}},
	} {
		t.Run(c.reply, func(t *testing.T) {
			t.Parallel()
			p := started(t, "aceptacion_vale", nil)
			d := p.turn(t, flow.Event{Kind: flow.Replied, Reply: c.reply, What: message.Text, Crossed: true})
			wantSays(t, d, c.says...)
			if d.State.Step() != "oferta" {
				t.Errorf("a reply that answered nothing moved the dialogue to %s", d.State.Step())
			}
		})
	}
}

// A crossed reply is no misunderstanding: the ladder begins where it was.
func TestCrossedRepliesDoNotCount(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	for range 5 {
		p.turn(t, flow.Event{Kind: flow.Replied, Reply: "mande", What: message.Text, Crossed: true})
	}
	wantSays(t, p.reply(t, "mande"), "aceptacion.no_entendi")
}

func TestUnclearKeepsTheTimers(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	for _, text := range []string{"quien eres", "mande"} {
		if d := p.reply(t, text); !d.Keep || d.Status != flow.Asking || d.Heard != "" {
			t.Errorf("%q: keep %v, status %s, heard %q", text, d.Keep, d.Status, d.Heard)
		}
	}
	d := p.reply(t, "???")
	wantStatus(t, d, flow.HandedTo)
	if h, _ := effect[flow.Handoff](d); h.Queue != "altas" || h.Reason == "" || h.Priority != "normal" {
		t.Errorf("handed to %+v", h)
	}
}

// Where money moves, what is not a plain yes is asked again.
func TestOnlyAPlainYesCounts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"si me esperas al lunes", "si?", "sí pero no", "creo que si", "mi mama dice que si", "jaja si", "si, de 2000"} {
		p := started(t, "aceptacion_vale", nil)
		if d := p.reply(t, text); d.State.Step() != "oferta" {
			t.Errorf("%q moved the dialogue to %s", text, d.State.Step())
		}
	}
	for _, text := range []string{"sí", "SI", "si claro", "va", "👍", "simon"} {
		p := started(t, "aceptacion_vale", nil)
		if d := p.reply(t, text); d.State.Step() != "identidad" || d.Heard != "yes" {
			t.Errorf("%q left the dialogue at %s, heard %q", text, d.State.Step(), d.Heard)
		}
	}
}

// Nothing that identifies a person goes into what is logged of a turn.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	d := p.reply(t, "sí")
	if say, _ := effect[flow.Say](d); !say.Secret {
		t.Error("the question for the birth date is not marked as secret")
	}
	d = p.reply(t, "05/03/1990")
	if d.Heard != "birthdate" || strings.Contains(strings.Join(d.Path, " ")+strings.Join(d.Ways, " "), "1990") {
		t.Errorf("heard %q, path %v", d.Heard, d.Path)
	}
	act, _ := effect[flow.Act](d)
	if act.Action != "person.verify" || act.Token == "" || act.With["persona"] != "P-9" {
		t.Errorf("asked for %+v", act)
	}
	if _, last := d.Effects[len(d.Effects)-1].(flow.Act); !last {
		t.Error("the action is not the last effect")
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.reply(t, "sí")
	acting := p.reply(t, "05/03/1990")
	wantStatus(t, acting, flow.Acting)
	if d := p.turn(t, flow.Event{Kind: flow.Outcome, Name: "match", Token: "otro"}); len(d.Effects) > 0 || !d.Keep || d.Status != flow.Acting {
		t.Errorf("another action's answer was taken: %+v", d)
	}
	p.last = acting
	d := p.answer(t, "match", nil)
	if act, _ := effect[flow.Act](d); act.Action != "vale.accept" {
		t.Errorf("after the identity comes %+v", act)
	}
	d = p.turn(t, flow.Event{Kind: flow.Outcome, Name: "match", Token: acting.Effects[0].(flow.Act).Token})
	if len(d.Effects) > 0 {
		t.Error("an answer counts once")
	}
	d = p.turn(t, flow.Event{Kind: flow.Outcome, Name: "nunca visto", Token: "aceptar#2"})
	wantStatus(t, d, flow.HandedTo)
}

func TestReplyWhileAnActionIsUnderWay(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.reply(t, "sí")
	acting := p.reply(t, "05/03/1990")
	d := p.reply(t, "bueno?")
	wantSays(t, d, "comun.un_momento")
	wantStatus(t, d, flow.Acting)
	d = p.reply(t, "saldo")
	wantStatus(t, d, flow.Acting)
	d = p.answer(t, "ok", nil)
	wantSays(t, d, "comun.saldo")
	wantStatus(t, d, flow.Acting)
	p.last = acting
	p.answer(t, "match", nil)
	d = p.answer(t, "ok", nil)
	wantSays(t, d, "aceptacion.forma")
}

func TestOptOut(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	d := p.reply(t, "BAJA")
	wantStatus(t, d, flow.Acting)
	d = p.answer(t, "ok", nil)
	wantSays(t, d, "comun.baja")
	wantStatus(t, d, flow.Ended)
	if end, _ := effect[flow.End](d); end.Outcome != "baja" {
		t.Errorf("ended with %q", end.Outcome)
	}
}

// Where the provider has stopped us already, a confirmation would be refused
// or be a second one.
func TestOptOutByTheProviderIsSilent(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.turn(t, flow.Event{Kind: flow.Replied, Reply: "stop", What: message.Text, OptOut: true})
	d := p.answer(t, "ok", nil)
	wantSays(t, d)
	wantStatus(t, d, flow.Ended)
}

func TestLookAlikesDoNotOptOut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"ya di de baja mi numero viejo", "no me quiero dar de alta ni de baja", "la baja de precio"} {
		p := started(t, "aceptacion_vale", nil)
		if d := p.reply(t, text); strings.Contains(d.Heard, "BAJA") {
			t.Errorf("%q was taken for BAJA", text)
		}
	}
}

// Only the words of the rule opt out. Who says it otherwise hears how to; who
// writes "salir" is gone at once only where nothing else can be meant.
func TestLeavingInOtherWordsIsOffered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, heard, say string }{
		{"ya no me manden mensajes", "interrupt:DEJAR", "comun.ofrece_baja"},
		{"quítenme de su lista por favor", "interrupt:DEJAR", "comun.ofrece_baja"},
		{"salir", "interrupt:DEJAR", "comun.ofrece_baja"},
		{"FIN.", "interrupt:DEJAR", "comun.ofrece_baja"},
		{"cancelar", "no", "comun.ofrece_baja"},
	} {
		p := started(t, "aceptacion_vale", nil)
		d := p.reply(t, tt.text)
		if say, ok := effect[flow.Say](d); d.Heard != tt.heard || !ok || say.Message != tt.say {
			t.Errorf("%q: heard %q and said %q first", tt.text, d.Heard, say.Message)
		}
		wantStatus(t, d, flow.Asking)
	}
}

func TestSalirAloneOptsOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		alone bool
		heard string
	}{
		{"salir", true, "interrupt:BAJA"},
		{"Cancelar!", true, "interrupt:BAJA"},
		{"salir", false, "interrupt:DEJAR"}, // another dialogue waits: she may mean that one
		{"voy a salir", true, ""},
		{"fin de mes", true, ""},
	} {
		p := newPlay(t, "inicio", nil)
		p.turn(t, flow.Event{Kind: flow.Started})
		d := p.turn(t, flow.Event{Kind: flow.Replied, Reply: tt.text, What: message.Text, Alone: tt.alone})
		if d.Heard != tt.heard && (tt.heard != "" || strings.HasPrefix(d.Heard, "interrupt:BAJA")) {
			t.Errorf("%q, alone %v: heard %q, want %q", tt.text, tt.alone, d.Heard, tt.heard)
		}
	}
}

// A word that answers in one state only counts for those who live there.
func TestRegionalWordsNeedTheState(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ state, text, heard string }{
		{"SL", "puro pa delante", "yes"},
		{"DF", "puro pa delante", ""},
		{"", "puro pa delante", ""},
		{"YN", "mare no", "no"},
		{"NL", "ajúa", "yes"},
		{"TC", "cabal", "yes"},
		{"JC", "cabal", ""},
	} {
		p := started(t, "aceptacion_vale", nil)
		p.facts["cliente"]["estado"] = tt.state
		if d := p.reply(t, tt.text); d.Heard != tt.heard {
			t.Errorf("%q in %q: heard %q, want %q", tt.text, tt.state, d.Heard, tt.heard)
		}
	}
}

func TestInterruptThatFailsGoesToAPerson(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.reply(t, "saldo")
	d := p.answer(t, "error", nil)
	wantStatus(t, d, flow.HandedTo)
	wantSays(t, d, "comun.te_atiende_una_persona")
}

func TestVolunteeredAnswersAreNotAskedFor(t *testing.T) {
	t.Parallel()
	told := map[string]any{"telefono": "+526671234567", "monto": money.Pesos(3000), "quincenas": 8, "otro": 1, "nip": 4821}
	p := started(t, "autorizacion_vale", told)
	act, _ := effect[flow.Act](p.last)
	if act.Action != "person.find" || act.With["telefono"] != "+526671234567" {
		t.Fatalf("it did %+v", act)
	}
	p.answer(t, "found", map[string]any{"id": "P-9", "nombre": "Ana", "bloqueada": false, "saldo_vencido": money.Amount(0), "tope": money.Pesos(5000)})
	d := p.answer(t, "ok", map[string]any{"pago": money.Amount(48750), "total": money.Pesos(3900)})
	wantSays(t, d, "autoriza.confirmar")
	d = p.reply(t, "cambiar")
	wantSays(t, d, "autoriza.monto")
	if got := d.Ways; len(got) != 1 || got[0] != "change" {
		t.Errorf("left by %v", got)
	}
}

func TestVolunteeredAnswerThatIsNotAccepted(t *testing.T) {
	t.Parallel()
	p := started(t, "autorizacion_vale", map[string]any{"telefono": "+526671234567", "monto": money.Pesos(499)})
	d := p.answer(t, "found", map[string]any{"id": "P-9", "nombre": "Ana", "bloqueada": false, "saldo_vencido": money.Amount(0), "tope": money.Pesos(5000)})
	wantSays(t, d, "autoriza.monto_minimo")
	wantStatus(t, d, flow.Asking)
	if say, _ := effect[flow.Say](d); !say.Ask {
		t.Error("the explanation is the question, and is not marked so")
	}
}

// A rejected answer is not kept: only the message that explains it sees it.
func TestRejectedAnswerIsForgotten(t *testing.T) {
	t.Parallel()
	p := started(t, "autorizacion_vale", map[string]any{"telefono": "+526671234567"})
	p.answer(t, "found", map[string]any{"id": "P-9", "nombre": "Ana", "bloqueada": false, "saldo_vencido": money.Amount(0), "tope": money.Pesos(5000)})
	d := p.reply(t, "400")
	wantSays(t, d, "autoriza.monto_minimo")
	if v, ok := d.State.Slot("monto"); ok {
		t.Errorf("the rejected amount was kept: %v", v)
	}
	d = p.reply(t, "1500")
	if v, _ := d.State.Slot("monto"); v != money.Pesos(1500) {
		t.Errorf("kept %v", v)
	}
}

func TestAnotherFlowIsAskedForInTheMiddle(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	if d := p.reply(t, "VALE 6671234567 3000 8"); len(says(d)) == 0 {
		t.Error("who may not authorise gets an answer all the same")
	}
	p = started(t, "aceptacion_vale", nil)
	p.facts["cliente"]["es_distribuidora"] = true
	d := p.reply(t, "VALE 6671234567 3000 8")
	b, ok := effect[flow.Begin](d)
	want := flow.Begin{Flow: "autorizacion_vale", Told: map[string]any{"telefono": "+526671234567", "monto": money.Pesos(3000), "quincenas": 8}}
	if diff := cmp.Diff(want, b); !ok || diff != "" {
		t.Error(diff)
	}
	if !d.Keep || d.Heard != "intent:new_vale" || d.State.Step() != "oferta" {
		t.Errorf("the old dialogue moved: keep %v, at %s, heard %s", d.Keep, d.State.Step(), d.Heard)
	}
}

// What has no words is answered with what it is; only voice notes count, since
// who sends nothing else may not be able to write.
func TestIdleWithoutWords(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "inicio", nil)
	sends := func(what message.Kind, says string, status flow.Status) {
		t.Helper()
		d := p.turn(t, flow.Event{Kind: flow.Replied, What: what})
		wantSays(t, d, says)
		wantStatus(t, d, status)
	}
	for range 3 {
		sends(message.Photo, "comun.foto", flow.Waiting)
		sends(message.Document, "comun.foto", flow.Waiting)
		sends(message.Location, "comun.ubicacion", flow.Waiting)
	}
	sends(message.Voice, "comun.voz", flow.Waiting)
	wantSays(t, p.reply(t, "hola"), "inicio.saludo")
	sends(message.Voice, "comun.voz", flow.Waiting)
	sends(message.Photo, "comun.foto", flow.Waiting)
	sends(message.Voice, "comun.te_atiende_una_persona", flow.HandedTo)
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Released, Name: "returned"}), flow.Waiting)
	sends(message.Voice, "comun.voz", flow.Waiting)
	d := p.turn(t, flow.Event{Kind: flow.Replied, What: message.Photo, Reply: "saldo"})
	if d.Heard != "interrupt:SALDO" {
		t.Errorf("what is written under a photo is read first: %s", d.Heard)
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "inicio", nil)
	for _, c := range []struct{ reply, says string }{
		{"hola", "inicio.saludo"}, {"muchas gracias", "inicio.de_nada"}, {"ayuda", "comun.ayuda"}, {"?", "comun.ayuda"}, {"asdf", "inicio.puede"},
	} {
		d := p.reply(t, c.reply)
		wantSays(t, d, c.says)
		wantStatus(t, d, flow.Waiting)
	}
	d := p.turn(t, flow.Event{Kind: flow.Replied, What: message.Photo})
	wantSays(t, d, "comun.foto")
	wantStatus(t, d, flow.Waiting)
	d = p.reply(t, "asdf")
	wantStatus(t, d, flow.HandedTo)
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Released, Name: "resolved"}), flow.Waiting)
	p.facts["cliente"]["es_distribuidora"] = true
	d = p.reply(t, "quiero dar un vale")
	if b, ok := effect[flow.Begin](d); !ok || b.Flow != "autorizacion_vale" || d.Status != flow.Waiting {
		t.Errorf("it did %v", d.Effects)
	}
	p.reply(t, "baja")
	d = p.answer(t, "ok", nil)
	wantStatus(t, d, flow.Waiting)
	wantSays(t, d, "comun.baja")
}

// Facts of a wrong type or that are missing must not stop the other
// conversations of a transaction: this one goes to a person.
func TestBrokenFactsGoToAPerson(t *testing.T) {
	t.Parallel()
	for _, bad := range []flow.Facts{nil, {"pago": nil}, {"pago": {"pagado": "no"}, "cliente": {"promesas_rotas": "tres"}}} {
		p := newPlay(t, "recordatorio_pago", nil)
		p.facts = bad
		d := p.turn(t, flow.Event{Kind: flow.Started})
		wantStatus(t, d, flow.HandedTo)
		if h, _ := effect[flow.Handoff](d); h.Reason == "" || h.Queue != "general" {
			t.Errorf("handed to %+v", h)
		}
	}
}

func TestStateOfARemovedStep(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	d := flow.Turn(p.m, p.state.At("ya_no_existe"), flow.Event{Kind: flow.Replied, Reply: "sí"}, p.facts, p.env)
	wantStatus(t, d, flow.HandedTo)
	d = flow.Turn(p.m, p.state.At("forma_pago"), flow.Event{Kind: flow.Floored}, p.facts, p.env)
	wantSays(t, d, "aceptacion.forma")
}

// A turn leaves the state that it was given as it was, so that it can be taken
// again when a transaction is repeated.
func TestTurnIsPure(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.reply(t, "sí")
	before, err := json.Marshal(p.state)
	if err != nil {
		t.Fatal(err)
	}
	ev := flow.Event{Kind: flow.Replied, Reply: "05/03/1990", What: message.Text}
	first := flow.Turn(p.m, p.state, ev, p.facts, p.env)
	second := flow.Turn(p.m, p.state, ev, p.facts, p.env)
	after, err := json.Marshal(p.state)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the turn changed the state that it was given")
	}
	if diff := cmp.Diff(first.Effects, second.Effects); diff != "" {
		t.Error(diff)
	}
}

func TestPathAndWaysAreParallel(t *testing.T) {
	t.Parallel()
	p := started(t, "recordatorio_pago", nil)
	if diff := cmp.Diff([]string{"a_quien", "aviso"}, p.last.Path); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"else"}, p.last.Ways); diff != "" {
		t.Error(diff)
	}
	d := p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "aviso/36h"})
	if diff := cmp.Diff([]string{"after"}, d.Ways); diff != "" {
		t.Error(diff)
	}
	wantStatus(t, d, flow.Ended)
}

func TestTaps(t *testing.T) {
	t.Parallel()
	p := started(t, "recordatorio_pago", nil)
	d := p.turn(t, flow.Event{Kind: flow.Replied, What: message.Tap, Tap: "ayuda"})
	if d.Heard != "tap:ayuda" || d.State.Step() != "plan_nuevo/cual" {
		t.Errorf("heard %q, at %s", d.Heard, d.State.Step())
	}
	d = p.turn(t, flow.Event{Kind: flow.Replied, What: message.Tap, Tap: "de otra pregunta"})
	if d.Heard != "" {
		t.Errorf("a button of another question was taken as %q", d.Heard)
	}
}
