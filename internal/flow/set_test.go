package flow_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/source"
)

// folder loads files that have no messages to check.
func folder(t testing.TB, files map[string]string) (*flow.Set, []source.Problem) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return flow.Load(fsys, lending.Vocabulary(), nil)
}

const reminderText = `flow: cobro
version: 1
title: Un cobro
about: pago
starts: [{event: installment.due_soon}]
start: aviso
success: [pagado]
interrupts: {SALDO: false}
steps:
  aviso:
    ask: a.b
    expect: yes_no
    next: {affirm: espera, deny: fin}
    meanwhile: {payment.received: pagado}
    after: {4h: {say: a.c}, 1d: {go: fin}}
  espera:
    wait: [payment.received]
    until: pago.vence + days(1)
    next: {payment.received: pagado, time: fin}
  pagado: {end: pagado}
  fin: {end: fin}
`

const interruptsText = `busy: a.busy
aside: a.aside
handoff: a.handoff
interrupts:
  BAJA: {words: [baja], do: contact.opt_out, say: a.baja, then: end, locked: true}
  SALDO: {words: [saldo], do: loan.balance, say: a.saldo, then: resume}
  AGENTE: {words: [agente], say: a.agente, then: handoff}
`

func reminder(t testing.TB) *play {
	t.Helper()
	set, problems := folder(t, map[string]string{"cobro.flow.yaml": reminderText, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := set.Latest("cobro")
	zone := time.FixedZone("CST", -6*60*60)
	p := &play{set: set, m: m, state: m.Start(nil), facts: facts(), env: flow.Env{
		Now: time.Date(2026, time.March, 2, 10, 0, 0, 0, zone), Zone: zone, Channel: message.SMS, Floor: true, Understand: understander(t),
	}}
	p.turn(t, flow.Event{Kind: flow.Started})
	return p
}

// What the core says while a question is open wins over the question.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	d := p.turn(t, flow.Event{Kind: flow.Happened, Name: "payment.received"})
	wantStatus(t, d, flow.Ended)
	if end, _ := effect[flow.End](d); end.Outcome != "pagado" || d.Keep {
		t.Errorf("ended with %q, keep %v", end.Outcome, d.Keep)
	}
}

func TestMeanwhileWithAPersonAtTheDesk(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	wantStatus(t, p.reply(t, "agente"), flow.HandedTo)
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Happened, Name: "payment.received"}), flow.HandedTo)
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Released, Name: "returned"}), flow.Ended)
}

func TestReminders(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	d := p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "aviso/4h"})
	wantSays(t, d, "a.c")
	say, _ := effect[flow.Say](d)
	if !d.Keep || d.Status != flow.Asking || say.Ask || !say.Again {
		t.Errorf("a reminder is %+v, keep %v, status %s", say, d.Keep, d.Status)
	}
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "aviso/1d"}), flow.Ended)
}

func TestWaitingUntilADate(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	d := p.reply(t, "sí")
	wantStatus(t, d, flow.Waiting)
	timer, _ := effect[flow.SetTimer](d)
	want := time.Date(2026, time.March, 16, 0, 0, 0, 0, p.env.Zone)
	if timer.Name != "espera/until" || !timer.At.Equal(want) {
		t.Errorf("it waits for %+v, want %s", timer, want)
	}
	wantSays(t, p.reply(t, "ya pagué"), "a.aside")
	wantStatus(t, p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "espera/until"}), flow.Ended)
}

func TestWaitingGoesOnAfterTheDesk(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	p.reply(t, "sí")
	p.reply(t, "agente")
	d := p.turn(t, flow.Event{Kind: flow.Released, Name: "resolved"})
	wantStatus(t, d, flow.Waiting)
	if _, ok := effect[flow.SetTimer](d); !ok {
		t.Error("the wait has no timer after the chat came back")
	}
}

// An interrupt that a flow switches off is a reply like any other there.
func TestSwitchedOffInterrupt(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	if d := p.reply(t, "saldo"); strings.HasPrefix(d.Heard, "interrupt") {
		t.Errorf("heard %q", d.Heard)
	}
}

// A question without a ladder is asked again twice; then a person takes over.
func TestDefaultPatience(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	for range 2 {
		d := p.reply(t, "bla bla")
		wantSays(t, d, "a.b")
		wantStatus(t, d, flow.Asking)
	}
	d := p.reply(t, "bla bla")
	wantSays(t, d, "a.handoff")
	wantStatus(t, d, flow.HandedTo)
}

func TestVersionsLiveSideBySide(t *testing.T) {
	t.Parallel()
	newer := strings.Replace(strings.Replace(reminderText, "version: 1", "version: 2", 1), "start: aviso", "start: aviso\nmigrate: {viejo: aviso}", 1)
	set, problems := folder(t, map[string]string{"cobro.v1.flow.yaml": reminderText, "cobro.flow.yaml": newer, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	latest, _ := set.Latest("cobro")
	old, ok := set.Machine("cobro", 1)
	if latest.Version() != 2 || !ok || old.Version() != 1 || old.Hash() == latest.Hash() {
		t.Errorf("latest v%d, old %v", latest.Version(), old)
	}
	if got := set.Triggered("installment.due_soon"); len(got) != 1 || got[0] != latest {
		t.Errorf("an event starts %v", got)
	}
	if to, ok := latest.Migrate("viejo"); !ok || to != "aviso" {
		t.Errorf("who stood at a removed step goes to %q", to)
	}
	if _, ok := latest.Migrate("aviso"); ok {
		t.Error("who stands at a step that exists needs not move")
	}
	if !slices.Equal(latest.Success(), []string{"pagado"}) {
		t.Errorf("success is %v", latest.Success())
	}
}

// A flow with errors is left out; the others work.
func TestBrokenFlowsAreLeftOut(t *testing.T) {
	t.Parallel()
	broken := strings.Replace(strings.Replace(reminderText, "flow: cobro", "flow: roto", 1), "deny: fin", "deny: fni", 1)
	set, problems := folder(t, map[string]string{"cobro.flow.yaml": reminderText, "roto.flow.yaml": broken, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) != 1 || !slices.Equal(set.Names(), []string{"cobro"}) {
		t.Errorf("%v of %v", set.Names(), problems)
	}
}

// A folder without an idle flow still hears people: interrupts work, and the
// rest goes to a person.
func TestFolderWithoutAnIdleFlow(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	p.m = p.set.Idle()
	p.state = p.m.Start(nil)
	wantStatus(t, p.reply(t, "saldo"), flow.Acting)
	d := p.answer(t, "ok", nil)
	wantSays(t, d, "a.saldo")
	wantStatus(t, d, flow.Waiting)
	wantStatus(t, p.reply(t, "hola"), flow.HandedTo)
}

// Only the word alone orders something of a person's desk: more of it is said to
// the person there.
func TestOrdered(t *testing.T) {
	t.Parallel()
	m := reminder(t).set.Idle()
	for reply, want := range map[string]string{
		"baja": "contact.opt_out", " ¡BAJA! ": "contact.opt_out", "Saldo.": "loan.balance", "agente": "", "baja por favor": "", "no me den de baja": "", "": "", "…": "",
	} {
		if got := m.Ordered(reply); got != want {
			t.Errorf("%q orders %q, want %q", reply, got, want)
		}
	}
}

func TestHugeFlowIsRefused(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(reminderText)
	for i := range 10_000 {
		b.WriteString("  p" + strings.Repeat("x", i%5) + string(rune('a'+i%26)) + time.Duration(i).String() + ": {end: a}\n")
	}
	set, problems := folder(t, map[string]string{"cobro.flow.yaml": b.String()})
	if len(set.Names()) > 0 || !slices.ContainsFunc(problems, func(p source.Problem) bool { return p.Code == "too-large" }) {
		t.Errorf("%d problems, flows %v", len(problems), set.Names())
	}
}

func TestStepInfo(t *testing.T) {
	t.Parallel()
	p := reminder(t)
	info, ok := p.m.Info("aviso")
	if !ok || info.Kind != "pregunta" || !slices.Equal(info.Messages, []string{"a.b"}) || !slices.Equal(info.Expects, []string{"yes_no"}) {
		t.Errorf("%+v %v", info, ok)
	}
	if info, _ := p.m.Info("pagado"); info.Kind != "fin" || info.Does != "pagado" {
		t.Errorf("%+v", info)
	}
	if _, ok := p.m.Info("nada"); ok {
		t.Error("a step that does not exist has a description")
	}
	if got := p.m.Outcomes("aviso"); !slices.Equal(got, []string{"affirm", "after", "deny", "payment.received"}) {
		t.Errorf("outcomes %v", got)
	}
}

// replaced returns a text with pairs of words changed.
func replaced(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}
