package app

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/understand"
)

// deskPress is a press whose desk has two supervisors.
func deskPress(t *testing.T, first ...Bundle) (*press, deskFlows) {
	t.Helper()
	if first == nil {
		first = []Bundle{office(t, offer(1, "pregunta", ""), texts("Te ofrezco algo", "Gracias"))}
	}
	p := newPress(t, first[0])
	for _, login := range []string{"luis", "eva"} {
		if err := p.app.store.PutAgent(t.Context(), login, strings.ToUpper(login[:1])+login[1:], "hash", p.now); err != nil {
			t.Fatal(err)
		}
	}
	return p, deskFlows{p.app}
}

func (p *press) lesson(text, class string, counter ...string) casework.Lesson {
	p.Helper()
	l := casework.Lesson{ID: uuid.New(), At: p.now, Author: "luis", Name: "Luis", Text: text, Class: class, Counter: counter, State: casework.Proposed}
	if err := p.app.store.Propose(p.Context(), l); err != nil {
		p.Fatal(err)
	}
	return l
}

func (p *press) reads(text string) understand.Reading {
	p.Helper()
	return p.app.engine.Rules().Understand.Read(text, understand.Context{})
}

// TestTaughtAndAccepted: a text that nobody understood is understood once a
// second person accepted it, on every node, and what is published later keeps it.
func TestTaughtAndAccepted(t *testing.T) {
	t.Parallel()
	p, d := deskPress(t)
	const text = "arre lulu pues"
	if y := p.reads(text).YesNo(); y.Answer == understand.Yes {
		t.Fatalf("%q is understood already", text)
	}
	l := p.lesson(text, "assent", "arre burro pues")
	if clashes, err := d.Check(t.Context(), l); err != nil || len(clashes) > 0 {
		t.Fatalf("check: %v %v", clashes, err)
	}
	if _, err := d.Accept(t.Context(), l, "luis"); fault.CodeOf(err) != "own_lesson" {
		t.Errorf("her own: %v", err)
	}
	told, err := d.Accept(t.Context(), l, "eva")
	if err != nil || told == "" {
		t.Fatalf("accept: %q %v", told, err)
	}
	if y := p.reads(text).YesNo(); y.Answer != understand.Yes {
		t.Errorf("after the lesson: %+v", y)
	}
	if y := p.reads("arre burro pues").YesNo(); y.Answer == understand.Yes {
		t.Error("the counter-example is a yes")
	}
	if err := p.app.store.Decide(t.Context(), l.ID, "eva", casework.Refused, p.now); fault.CodeOf(err) != "decided" {
		t.Errorf("decided twice: %v", err)
	}

	second := p.lesson("quiero que me marque la licenciada", "human")
	if _, err := d.Accept(t.Context(), second, "eva"); err != nil {
		t.Fatal(err)
	}
	if p.publish(office(t, offer(1, "pregunta", ""), texts("Te ofrezco algo", "Gracias")), Publication{}).Unchanged != true {
		t.Error("the same files are something new")
	}
	p.publish(office(t, offer(2, "pregunta", ""), texts("Te ofrezco otra cosa", "Gracias")), Publication{})
	p.refresh()
	for _, text := range []string{text, "Arre Lulú, pues"} {
		if y := p.reads(text).YesNo(); y.Answer != understand.Yes {
			t.Errorf("%q after another publication: %+v", text, y)
		}
	}
	if all := p.reads("quiero que me marque la licenciada").Intents(); len(all) == 0 || all[0].Name != "human" {
		t.Errorf("the second lesson: %v", all)
	}
}

// TestLessonThatSpoils: what would turn a no or a doubt into a yes is refused.
func TestLessonThatSpoils(t *testing.T) {
	t.Parallel()
	p, d := deskPress(t)
	for _, l := range []casework.Lesson{
		{Text: "no", Class: "yes"}, {Text: "quien sabe", Class: "yes"}, {Text: "sale y vale manito", Class: "assent", Counter: []string{"Sale y vale, manito"}},
	} {
		l.ID, l.Author, l.Name = uuid.New(), "luis", "Luis"
		clashes, err := d.Check(t.Context(), l)
		if err != nil || len(clashes) == 0 {
			t.Errorf("%q as %s: %v %v", l.Text, l.Class, clashes, err)
		}
		if _, err := d.Accept(t.Context(), l, "eva"); fault.CodeOf(err) != "lesson_clashes" {
			t.Errorf("%q was accepted: %v", l.Text, err)
		}
	}
	for class, code := range map[string]string{"nada": "no_such_class", "": "no_such_class"} {
		if _, err := d.Check(t.Context(), casework.Lesson{Text: "hola", Class: class}); fault.CodeOf(err) != code {
			t.Errorf("class %q: %v", class, err)
		}
	}
	for _, text := range []string{"https://mal.ejemplo/x", strings.Repeat("palabra ", 20), "1"} {
		if _, err := d.Check(t.Context(), casework.Lesson{Text: text, Class: "yes"}); fault.CodeOf(err) != "bad_lesson" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if meanings, err := d.Meanings(t.Context()); err != nil || len(meanings) < 20 || !meanings[0].Answer || meanings[len(meanings)-1].Answer {
		t.Errorf("meanings %v %v", meanings, err)
	}
	if run, err := p.publisher(p.app).inForce(t.Context()); err != nil || run.bundle[taughtFile] != "" {
		t.Error("something was taught")
	}
}

func TestDeskShowsFlows(t *testing.T) {
	t.Parallel()
	p, d := deskPress(t)
	p.now = p.app.clock.Now().Add(-time.Hour)
	p.happen("vale.declined", 0, 5)
	p.drain(p.app)
	page, err := d.Flows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var line casework.FlowLine
	for _, f := range page.Flows {
		if f.Flow == "oferta" {
			line = f
		}
	}
	if line.People != 5 || line.Started != 5 || line.Version != 1 || line.Title == "" {
		t.Errorf("oferta is %+v", line)
	}
	one, err := d.Flow(t.Context(), "oferta")
	if err != nil || len(one.Versions) != 1 || one.Versions[0].State != "current" || one.Versions[0].People != 5 || len(one.Steps) == 0 {
		t.Errorf("flow %+v %v", one, err)
	}
	svg, err := d.Drawing(t.Context(), "oferta")
	if err != nil || !strings.HasPrefix(svg, "<svg") {
		t.Errorf("drawing %.40q %v", svg, err)
	}
	for name, err := range map[string]error{
		"flow":    second(d.Flow(t.Context(), "nada")),
		"drawing": second(d.Drawing(t.Context(), "nada")),
	} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s of nothing: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestDeskPublishesWithTwo: what is published at the desk waits for another
// person, and goes back in the name of who asked.
func TestDeskPublishesWithTwo(t *testing.T) {
	t.Parallel()
	shipped, err := BundleOf(FilesFrom(""))
	if err != nil {
		t.Fatal(err)
	}
	delete(shipped, "flows/consejo.flow.yaml")
	p, d := deskPress(t, shipped)
	told, err := d.Publish(t.Context(), "luis", "los flujos que vienen con el programa")
	if err != nil || !strings.Contains(told, "otra persona") {
		t.Fatalf("publish: %q %v", told, err)
	}
	page, err := d.Flows(t.Context())
	if err != nil || page.Waiting == nil || page.Waiting.Author != "luis" || len(page.Diffs) == 0 {
		t.Fatalf("waiting %+v, %d differences, %v", page.Waiting, len(page.Diffs), err)
	}
	if _, err := d.Approve(t.Context(), "luis"); err == nil {
		t.Error("her own proposal was approved")
	}
	if told, err = d.Approve(t.Context(), "eva"); err != nil || !strings.Contains(told, "rige") {
		t.Fatalf("approve: %q %v", told, err)
	}
	if page, err = d.Flows(t.Context()); err != nil || page.Waiting != nil || len(page.Diffs) != 0 {
		t.Errorf("after it: %+v, %d differences, %v", page.Waiting, len(page.Diffs), err)
	}
	if _, ok := p.app.engine.Rules().Flows.Latest("consejo"); !ok {
		t.Error("this node does not know it yet")
	}
	if _, err := d.Approve(t.Context(), "eva"); err == nil {
		t.Error("nothing was approved")
	}
	if _, err := d.Rollback(t.Context(), "eva", "inicio", "no gustó"); fault.CodeOf(err) != "no_older_version" {
		t.Errorf("rollback: %v", err)
	}
}
