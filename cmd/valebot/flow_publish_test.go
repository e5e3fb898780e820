package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/app"
	"valebot/internal/flow/transcript"
)

func TestDiffText(t *testing.T) {
	t.Parallel()
	d := app.FlowDiff{
		Flow: "oferta", From: 3, To: 4, Removed: []string{"confirma"}, Added: []string{"clabe"}, Changed: []string{"fin"},
		Messages: []app.MessageChange{{Key: "p.a.sms", Before: "uno", After: "dos"}, {Key: "p.b.sms", After: "tres"}},
		Terms:    []string{"- iva: 16"}, Others: []string{"flows/_interrupts.yaml"},
		Waiting: []app.WaitingPeople{{Version: 3, Step: "confirma", People: 37, Removed: true, Goes: "clabe"}, {Version: 2, Step: "fin", People: 1}},
	}
	const want = `oferta v3 → v4
  - paso confirma
  + paso clabe
  ~ paso fin
  ~ mensaje p.a.sms
      - uno
      + dos
  ~ mensaje p.b.sms
      + tres
  condiciones - iva: 16
  ~ archivo flows/_interrupts.yaml
  37 personas esperan en «confirma» (v3), que v4 quita; migrate: la lleva a «clabe»
  1 persona espera en «fin» (v2)
`
	if diff := cmp.Diff(want, diffText(d)); diff != "" {
		t.Error(diff)
	}
	for want, d := range map[string]app.FlowDiff{
		"a: nuevo (v1)": {Flow: "a", To: 1}, "a v1: se retira; ya no está en la carpeta": {Flow: "a", From: 1}, "a v1: igual": {Flow: "a", From: 1, To: 1},
	} {
		if got := diffHead(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFlowTexts(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"vigente":         versionState(app.VersionLine{State: "current"}),
		"terminando (37)": versionState(app.VersionLine{State: "ending", People: 37}),
		"por aprobar":     versionState(app.VersionLine{State: "waiting"}),
		"anterior":        versionState(app.VersionLine{State: "old"}),
		"38 min":          spanishLength(38 * time.Minute),
		"5 s":             spanishLength(5 * time.Second),
		"26 h":            spanishLength(26 * time.Hour),
		"3 días":          spanishLength(80 * time.Hour),
		"nada cambia: es lo que ya está publicado\n":                       published{State: "unchanged"}.text(),
		"publicado (cambio 2): a@1\n3 pláticas pasan a la versión nueva\n": published{State: "in_force", Change: 2, Flows: []string{"a@1"}, Moved: 3}.text(),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestUpdateChatsWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	book, err := app.LoadRulebook(app.FilesFrom(""))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) []transcript.Case {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cases, _ := transcript.Parse(path, []byte(text))
		return cases
	}
	cases := append(file("a.chat", "== Saluda\nflow: inicio\n"), file("b.chat", "== Se equivoca\nflow: inicio\nsilence:\nbot: nada\n")...)
	out, err := updateChats(labOf(book), cases)
	if err != nil || len(out.Failures) > 0 {
		t.Fatal(out, err)
	}
	if diff := cmp.Diff([]string{filepath.Join(dir, "b.chat")}, out.Files); diff != "" {
		t.Error(diff)
	}
}

func TestFlowFourEyes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	says(t, p.run("flow", "four-eyes", "on", "--as", "rosa").must(t, exitFailed).err, "da de alta primero")
	typed(supervisors(), append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	for _, step := range []struct {
		args []string
		want eyes
	}{
		{nil, eyes{}}, {asRosa("on"), eyes{true, true}}, {asRosa("on"), eyes{true, false}},
		{nil, eyes{true, false}}, {[]string{"off", "--as", "luis", "--agent-password", "una-frase-larga"}, eyes{false, true}},
	} {
		got := decoded[eyes](t, p.run(append([]string{"flow", "four-eyes", "--json"}, step.args...)...).must(t, exitDone).out)
		if got != step.want {
			t.Errorf("%v: %+v, want %+v", step.args, got, step.want)
		}
	}
	says(t, p.run("flow", "four-eyes", "on", "--as", "").must(t, exitUsage).err, "--as")
	says(t, p.run("flow", "four-eyes").must(t, exitDone).out, "no espera a nadie")
}

// supervisors are two who may change flows, Luis and Rosa, and one who may not.
func supervisors() string {
	const luis = "password: una-frase-larga"
	return strings.Replace(people, luis, luis+", role: supervisor", 1) + `  - {login: rosa, name: Rosa Mar, password: otra-frase-larga, role: supervisor}
  - {login: eva, name: Eva Ríos, password: tercera-frase, role: agent}
`
}

func asRosa(args ...string) []string {
	return append(args, "--as", "rosa", "--agent-password", "otra-frase-larga")
}

// One person who knows two names cannot publish and approve: each name takes its
// own password, however it is spelled, and changing flows takes a supervisor's.
func TestNobodyChangesFlowsInAnothersName(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	typed(supervisors(), append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	p.run(append([]string{"flow", "four-eyes"}, asRosa("on")...)...).must(t, exitDone)
	p.run(append([]string{"flow", "publish"}, asRosa()...)...).must(t, exitDone)
	for _, forged := range [][]string{
		{"--as", "luis"}, {"--as", "luis", "--agent-password", "otra-frase-larga"}, {"--as", "nadie", "--agent-password", "otra-frase-larga"},
		{"--as", "eva", "--agent-password", "tercera-frase"},
		{"--as", "rosa", "--agent-password", "otra-frase-larga"}, {"--as", " ROSA ", "--agent-password", "otra-frase-larga"},
	} {
		p.run(append([]string{"flow", "approve"}, forged...)...).must(t, exitFailed)
	}
	if n := p.count(t, "select count(*) from flow_change where seq is not null"); n != 0 {
		t.Fatalf("%d changes are in force", n)
	}
	p.run("flow", "approve", "--as", "Luis", "--agent-password", "una-frase-larga").must(t, exitDone)
	if n := p.count(t, "select count(*) from flow_change where seq is not null and author = 'rosa' and approved_by = 'luis'"); n != 1 {
		t.Errorf("%d changes are by Rosa with Luis's approval", n)
	}
}

// A flow is archived in the name of a supervisor who has shown who she is, and
// in nobody else's.
func TestFlowArchive(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	typed(supervisors(), append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	signed := func(act, name string) []string {
		return []string{"flow", act, name, "--as", "luis", "--agent-password", "una-frase-larga"}
	}
	p.run(append([]string{"flow", "publish"}, signed("", "")[3:]...)...).must(t, exitDone)
	says(t, p.run("flow", "archive", "renovacion", "--as", "luis").must(t, exitFailed).err, "no son correctos")
	says(t, p.run(signed("archive", "ofreta")...).must(t, exitFailed).err, "ofreta")
	broken := p.run(signed("archive", "plan_nuevo")...).must(t, exitFindings)
	says(t, broken.out+broken.err, "[archived]")
	p.run(signed("archive", "renovacion")...).must(t, exitDone)
	says(t, p.run("flow", "versions", "renovacion").must(t, exitDone).out, "archivado")
	p.run(signed("unarchive", "renovacion")...).must(t, exitDone)
	says(t, p.run("flow", "versions", "renovacion").must(t, exitDone).out, "vigente")
}

// What people wrote is read by a supervisor who has shown who she is.
func TestNobodyReadsTextsInAnothersName(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	typed(supervisors(), append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	p.run(append([]string{"flow", "publish"}, asRosa()...)...).must(t, exitDone)
	for _, read := range [][]string{{"flow", "stats", "renovacion", "--texts"}, {"flow", "record", "6671234567"}} {
		for _, forged := range [][]string{
			{"--as", "rosa"}, {"--as", "nadie", "--agent-password", "otra-frase-larga"}, {"--as", "eva", "--agent-password", "tercera-frase"},
		} {
			says(t, p.run(append(read, forged...)...).must(t, exitFailed).err, "mesa")
		}
	}
	if n := p.count(t, "select count(*) from audit where action in ('flow.unclear', 'flow.record')"); n != 0 {
		t.Errorf("%d readings in the audit of what was refused", n)
	}
	p.run(append([]string{"flow", "stats", "renovacion", "--texts"}, asRosa()...)...).must(t, exitDone)
	p.run("flow", "stats", "renovacion").must(t, exitDone)
	if n := p.count(t, "select count(*) from audit where action = 'flow.unclear' and actor = 'rosa'"); n != 1 {
		t.Errorf("%d readings in the audit, want 1", n)
	}
}
