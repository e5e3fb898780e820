package flow_test

import (
	"testing"
	"testing/fstest"

	"valebot/internal/flow"
)

func versionOf(t *testing.T, version string) *flow.Set {
	t.Helper()
	text := "flow: saludo\nversion: " + version + "\ntitle: Saluda\nstart: fin\nstarts:\n  - event: vale.activated\nabout: vale\nsteps:\n  fin: {end: listo}\n"
	set, problems := flow.Load(fstest.MapFS{"saludo.flow.yaml": {Data: []byte(text)}},
		flow.Vocabulary{Facts: map[string]flow.Fields{"vale": {}, "cliente": {}}, About: map[string][]string{"vale": {"vale"}, "": {"cliente"}},
			Events: map[string]flow.EventSpec{"vale.activated": {About: "vale"}}}, nil)
	for _, p := range problems {
		if p.Severity == "error" {
			t.Fatal(p)
		}
	}
	return set
}

func TestKeepRunsAnOlderVersionAndStartsTheNewest(t *testing.T) {
	t.Parallel()
	old, ok := versionOf(t, "2").Machine("saludo", 2)
	if !ok {
		t.Fatal("the old version does not load")
	}
	set := versionOf(t, "3").Keep(old)
	if _, ok := set.Machine("saludo", 2); !ok {
		t.Error("people in version 2 are lost")
	}
	if m, _ := set.Latest("saludo"); m.Version() != 3 {
		t.Errorf("newest is v%d", m.Version())
	}
	if started := set.Triggered("vale.activated"); len(started) != 1 || started[0].Version() != 3 {
		t.Errorf("an event starts %v", started)
	}
}
