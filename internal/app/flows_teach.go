package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/understand"
	"valebot/testdata"
)

// taughtFile holds what the desk taught the bot. It belongs to the database:
// files that are published later do not take it away.
const taughtFile = "locales/es-MX/lexicon/90-mesa.yaml"

// Meanings lists the classes of the lexicon in force, answers first.
func (d deskFlows) Meanings(ctx context.Context) ([]casework.Meaning, error) {
	lex, err := d.lexicon(ctx)
	if err != nil {
		return nil, err
	}
	var out []casework.Meaning
	for _, e := range lex.Entries {
		m := casework.Meaning{Class: e.Name.Value, Answer: e.Answer}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b casework.Meaning) int {
		if a.Answer != b.Answer {
			if a.Answer {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Class, b.Class)
	})
	return out, nil
}

func (d deskFlows) lexicon(ctx context.Context) (understand.Lexicon, error) {
	run, err := d.app.publisher().inForce(ctx)
	if err != nil {
		return understand.Lexicon{}, err
	}
	return understand.LoadLexicon(run.bundle.files().Locales, "es-MX/lexicon")
}

// Check tells which texts a lesson would make the bot read wrongly: its own
// counter-examples, those of the lexicon, and everything that it was tested with.
func (d deskFlows) Check(ctx context.Context, l casework.Lesson) ([]casework.Clash, error) {
	lex, err := d.lexicon(ctx)
	if err != nil {
		return nil, err
	}
	p, err := teach(lex, l)
	if err != nil {
		return nil, err
	}
	var out []casework.Clash
	for _, c := range p.Conflicts {
		out = append(out, casework.Clash{Text: c.Text, Want: c.Want, Got: c.Got})
	}
	return out, nil
}

func teach(lex understand.Lexicon, l casework.Lesson) (understand.Proposal, error) {
	// A number is a value, never a meaning, and may be somebody's; a link is nobody's words.
	if strings.ContainsAny(l.Text, "0123456789@") || strings.Contains(l.Text, "://") {
		return understand.Proposal{}, errBadLesson
	}
	now, err := understand.New(lex)
	if err != nil {
		return understand.Proposal{}, fmt.Errorf("read lexicon: %w", err)
	}
	corpus, err := samplesOf(now)
	if err != nil {
		return understand.Proposal{}, err
	}
	p, err := understand.Teach(lex, understand.Taught{Text: l.Text, Class: l.Class, Counter: l.Counter}, corpus)
	switch {
	case errors.Is(err, understand.ErrTaughtClass):
		return p, fault.New(fault.Invalid, "no_such_class", "Elige qué quiso decir.")
	case errors.Is(err, understand.ErrTaughtText):
		return p, errBadLesson
	}
	return p, err
}

var errBadLesson = fault.New(fault.Invalid, "bad_lesson",
	"Ese texto no se puede enseñar: debe ser una frase corta, de palabras y sin números, que alguien vuelva a escribir.")

// samplesOf are all texts that the bot was tested with, as it reads them now: a
// lesson must change none of them.
func samplesOf(u *understand.Understander) ([]understand.Sample, error) {
	names, err := fs.Glob(testdata.Understand, "understand/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list corpus: %w", err)
	}
	var out []understand.Sample
	for _, name := range names {
		if path.Base(name) == "valores.txt" {
			continue // values, which no lesson can teach
		}
		text, err := fs.ReadFile(testdata.Understand, name)
		if err != nil {
			return nil, fmt.Errorf("read corpus: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			_, said, ok := strings.Cut(strings.TrimSpace(line), " | ")
			if ok && !strings.HasPrefix(line, "#") {
				out = append(out, sampleOf(u, said))
			}
		}
	}
	return out, nil
}

func sampleOf(u *understand.Understander, text string) understand.Sample {
	r := u.Read(text, understand.Context{})
	y := r.YesNo()
	s := understand.Sample{Text: text, Answer: y.Answer, Plain: y.Plain}
	if all := r.Intents(); len(all) > 0 {
		s.Intent = all[0].Name
	}
	return s
}

// Accept puts a lesson in force, together with all that were accepted before, in
// the name of a second person. A lesson that clashes by now is refused.
func (d deskFlows) Accept(ctx context.Context, l casework.Lesson, by string) (string, error) {
	if l.Author == by {
		return "", fault.New(fault.Denied, "own_lesson", "Lo que tú enseñas lo acepta otra persona.")
	}
	clashes, err := d.Check(ctx, l)
	if err != nil {
		return "", err
	}
	if len(clashes) > 0 {
		return "", fault.Newf(fault.Conflict, "lesson_clashes", "Ahora choca: «%s» dejaría de entenderse como %s.", clashes[0].Text, clashes[0].Want)
	}
	accepted, err := d.app.store.Lessons(ctx, casework.Accepted)
	if err != nil {
		return "", err
	}
	p := d.app.publisher()
	run, err := p.inForce(ctx)
	if err != nil {
		return "", err
	}
	text, err := taughtYAML(run.bundle, append(accepted, l))
	if err != nil {
		return "", err
	}
	files := run.bundle.with(Bundle{taughtFile: text}).files()
	if _, err := d.told(p.Publish(ctx, files, Publication{Author: by, Note: "enseñado desde la mesa por " + l.Name})); err != nil {
		return "", err
	}
	if err := d.app.store.Decide(ctx, l.ID, by, casework.Accepted, d.app.clock.Now()); err != nil {
		return "", err
	}
	return "Aceptada: el bot ya la entiende.", nil
}

// taughtYAML writes the lexicon file of all accepted lessons.
func taughtYAML(in Bundle, lessons []casework.Lesson) (string, error) {
	base := in.with(nil)
	delete(base, taughtFile)
	lex, err := understand.LoadLexicon(base.files().Locales, "es-MX/lexicon")
	if err != nil {
		return "", fmt.Errorf("read lexicon: %w", err)
	}
	var answers, intents strings.Builder
	for _, l := range lessons {
		p, err := understand.Teach(lex, understand.Taught{Text: l.Text, Class: l.Class, Counter: l.Counter}, nil)
		if err != nil {
			return "", fmt.Errorf("write lesson: %w", err)
		}
		if p.Entry.Answer {
			answers.WriteString(p.Entry.YAML())
		} else {
			intents.WriteString(p.Entry.YAML())
		}
	}
	var out strings.Builder
	out.WriteString("about: Enseñado desde la mesa; cada línea la aceptó una segunda persona.\n")
	for _, part := range []struct{ key, text string }{{"answers", answers.String()}, {"intents", intents.String()}} {
		if part.text != "" {
			out.WriteString("\n" + part.key + ":\n" + part.text)
		}
	}
	return out.String(), nil
}

// own are the files in force that belong to the database and to no folder: what
// the desk taught, and which flows are archived.
func (p *Publisher) own(ctx context.Context) (Bundle, error) {
	current, ok, err := p.store.CurrentFlows(ctx)
	if err != nil || !ok {
		return Bundle{}, err
	}
	now, err := newShelf(p.store).bundle(ctx, current.Bundle)
	if err != nil {
		return nil, err
	}
	return now.part(taughtFile).with(now.part(archivedPath)), nil
}

// keepOwn adds to files what belongs to the database, unless they bring it
// themselves.
func (p *Publisher) keepOwn(ctx context.Context, files Files) (Files, error) {
	own, err := p.own(ctx)
	if err != nil || len(own) == 0 {
		return files, err
	}
	bundle, err := BundleOf(files)
	if err != nil {
		return files, err
	}
	return keeping(own, bundle).files(), nil
}
