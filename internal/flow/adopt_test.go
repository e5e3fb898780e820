package flow_test

import (
	"encoding/json"
	"testing"

	"valebot/internal/flow"
)

func adopter(t *testing.T, text string) *flow.Machine {
	t.Helper()
	set, _ := folder(t, map[string]string{"cobro.flow.yaml": text})
	m, ok := set.Latest("cobro")
	if !ok {
		_, problems := folder(t, map[string]string{"cobro.flow.yaml": text})
		t.Fatal(problems)
	}
	return m
}

const newerText = `flow: cobro
version: 2
title: Un cobro
about: pago
starts: [{event: installment.due_soon}]
start: aviso
migrate: {promesa: fecha}
slots: {cuando: {type: date}, cuanto: {type: amount}}
steps:
  aviso: {ask: a.b, expect: yes_no, next: {affirm: fecha, deny: fin}, unclear: [{go: fin}]}
  fecha: {ask: a.b, expect: date, save: cuando, next: {ok: cuanto}, unclear: [{go: fin}]}
  cuanto: {ask: a.b, expect: amount, save: cuanto, next: {ok: fin}, unclear: [{go: fin}]}
  espera: {wait: [payment.received], next: {payment.received: fin}}
  fin: {end: fin}
`

func TestAdopt(t *testing.T) {
	t.Parallel()
	m := adopter(t, newerText)
	for name, test := range map[string]struct {
		state, step string // step "" = it has no place here
	}{
		"a question of the same name": {`{"step":"aviso","asked":true}`, "aviso"},
		"a step that was renamed":     {`{"step":"promesa","asked":true}`, "fecha"},
		"a step that is gone":         {`{"step":"otra","asked":true}`, ""},
		"a step that is no question":  {`{"step":"espera"}`, ""},
		"an action under way":         {`{"step":"aviso","token":"1"}`, ""},
		"with a person":               {`{"step":"aviso","held":"step"}`, ""},
	} {
		var s flow.State
		if err := json.Unmarshal([]byte(test.state), &s); err != nil {
			t.Fatal(name, err)
		}
		moved, ok := m.Adopt(s)
		if ok != (test.step != "") || ok && moved.Step() != test.step {
			t.Errorf("%s: %q, %v", name, moved.Step(), ok)
		}
	}
}

// Slots that the version declares otherwise do not come along.
func TestAdoptDropsForeignSlots(t *testing.T) {
	t.Parallel()
	const state = `{"step":"cuanto","asked":true,"told":["viejo","cuando"],"slots":{
		"cuando":{"t":"date","v":"2026-03-15"},"cuanto":{"t":"text","v":"mil"},"viejo":{"t":"int","v":1}}}`
	var s flow.State
	if err := json.Unmarshal([]byte(state), &s); err != nil {
		t.Fatal(err)
	}
	moved, ok := adopter(t, newerText).Adopt(s)
	if !ok {
		t.Fatal("it has no place")
	}
	for name, want := range map[string]bool{"cuando": true, "cuanto": false, "viejo": false} {
		if _, got := moved.Slot(name); got != want {
			t.Errorf("slot %s came along: %v", name, got)
		}
	}
	if _, had := s.Slot("viejo"); !had {
		t.Error("the old state was changed")
	}
}
