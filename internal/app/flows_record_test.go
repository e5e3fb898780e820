package app

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/flow/transcript"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, asked, texts("Oferta: SI o NO", "Gracias")))
	p.person(1)
	p.happen("vale.declined", 1, 2)
	p.drain(p.app)
	p.deliver()
	p.now = p.now.Add(10 * time.Minute)
	p.write(1, "soy  la del 667 765 4321")
	p.now = p.now.Add(2 * time.Minute)
	p.write(1, "no")

	text, err := p.publisher(p.app).Record(t.Context(), "+526670000001", "", "rosa")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, " ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	want := []string{
		"== Grabada de una plática real (oferta v1)", "flow: oferta", "channel: sms", "given:", "event: vale.declined", "bot: @p.oferta", "clock: +10m",
		"user: soy la del 6671234567", "bot: @p.oferta", "clock: +2m", "user: no", "bot: @p.gracias", "end: rechazada",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
	book := p.app.shelf.books[ask[string](p, `select bundle from flow_change`)]
	lab := &transcript.Lab{Set: book.Flows, Catalog: book.Messages, Vocabulary: book.Actions.Vocabulary(), Understand: book.Understand, Zone: quincena.Central()}
	cases, problems := transcript.Parse("a.chat", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if r := lab.Run(cases[0]); r.Failure != nil {
		t.Errorf("the recording does not play: %v\n%s", r.Failure, text)
	}
	if n := ask[int](p, `select count(*) from audit where actor = 'rosa' and action = 'flow.record'`); n != 1 {
		t.Errorf("%d readings written down", n)
	}
	if _, err := p.publisher(p.app).Record(t.Context(), "+526679999999", "", "rosa"); err == nil {
		t.Error("a conversation that never was")
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"sí": "sí", "VALE 6679876543 3000 8": "VALE 6671234567 3000 8", "012 180 00123456789 7": "032180000118359719", "032180000118359710": "032180000118359719",
		"ana@correo.mx": "#", "el 05/03/1990": "el 00000000", "3,500": "3,500",
	} {
		if got := redacted(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A database on which nothing was published answers plainly.
func TestNothingPublished(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, asked, texts("Oferta: SI o NO", "Gracias")))
	if _, err := p.app.store.Pool().Exec(t.Context(), `truncate flow_change cascade`); err != nil {
		t.Fatal(err)
	}
	pub := p.publisher(p.app)
	if _, err := pub.Record(t.Context(), ana, "", "rosa"); fault.CodeOf(err) != "never_published" {
		t.Errorf("record: %v", err)
	}
	if _, err := pub.Rollback(t.Context(), "oferta", Publication{Author: "rosa"}); fault.CodeOf(err) != "never_published" {
		t.Errorf("roll back: %v", err)
	}
	diffs, err := pub.Diff(t.Context(), "", office(t, asked, texts("Oferta: SI o NO", "Gracias")).files())
	if err != nil || len(diffs) != 2 || diffs[0].From != 0 {
		t.Errorf("diff: %+v, %v", diffs, err)
	}
	if stats, err := pub.Stats(t.Context(), postgres.StatsQuery{Flow: "oferta", From: p.now, To: p.now}, ""); err != nil || len(stats.Steps) != 0 {
		t.Errorf("stats: %+v, %v", stats, err)
	}
}
