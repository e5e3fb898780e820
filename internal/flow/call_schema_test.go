package flow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"valebot/internal/flow"
)

// What the loader takes, editors take too: calls, tests of two wordings,
// budgets, and the templates of new flows. What it refuses, they underline.
func TestSchemaKnowsCallsAndTests(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	texts := map[string]string{"outer": outerText, "inner": innerText, "innermost": innermostText, "tested": testedText,
		"budget": replaced(testedText, "start: hola", "limits: {answers: 3}\nstart: hola")}
	for _, d := range flow.Templates() {
		draft, err := flow.New(d.Key, "mi_flujo", "")
		if err != nil {
			t.Fatal(err)
		}
		texts[d.Key] = draft.Flow
	}
	for name, text := range texts {
		var doc any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"a test without b":   replaced(testedText, ", b: a.hola_b", ""),
		"a test of a number": replaced(testedText, "b: a.hola_b", "b: 3"),
		"a budget of none":   replaced(testedText, "start: hola", "limits: {answers: 0}\nstart: hola"),
		"a call of a list":   replaced(outerText, "call: clabe", "call: [clabe]"),
	} {
		var doc any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err == nil {
			t.Errorf("%s is taken by editors", name)
		}
		if got := problemsOf(text); !strings.Contains(got, ": error: ") {
			t.Errorf("%s is taken by the loader: %s", name, got)
		}
	}
}

// The table of transitions names the ends of the flow that is called.
func TestEdgesOfACall(t *testing.T) {
	t.Parallel()
	p := nested(t)
	var got []flow.Edge
	for _, e := range p.m.Edges() {
		if e.Source == "pide" {
			got = append(got, e)
		}
	}
	want := []flow.Edge{
		{Source: "pide", Event: "lista", Destination: "gracias", Outcome: "lista"},
		{Source: "pide", Event: "nada", Destination: "agente", Outcome: "nada"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	info, ok := p.m.Info("pide")
	if diff := cmp.Diff(flow.StepInfo{Name: "pide", Kind: "subflujo", Does: "clabe", Messages: []string{"a.antes"}}, info); diff != "" || !ok {
		t.Error(diff)
	}
}

// Sub-flows that nobody starts are no flows that an event begins, and yet are
// there for people who stand inside them.
func TestSubflowsAreInTheSet(t *testing.T) {
	t.Parallel()
	p := nested(t)
	if diff := cmp.Diff([]string{"clabe", "entrega", "seguro"}, p.set.Names()); diff != "" {
		t.Error(diff)
	}
	started := p.set.Triggered("vale.authorized")
	if len(started) != 1 || started[0].Name() != "entrega" {
		t.Errorf("an event starts %d flows", len(started))
	}
	kept := p.set.Keep()
	again, ok := kept.Machine("entrega", 1)
	if !ok || len(kept.Triggered("vale.authorized")) != 1 || kept.Triggered("vale.authorized")[0] != again || kept.Idle().Name() != "inicio" {
		t.Error("a set that keeps nothing older is another set")
	}
}
