package lending_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

const otherPhone = "+526679876543"

// second adds a second record of Ana, at another phone.
func (w *town) second(birth quincena.Date) lending.Person {
	w.t.Helper()
	w.must(w.run("person.upsert", map[string]any{
		"telefono": otherPhone, "nombre": "Ana R", "nacimiento": birth, "tope": money.Pesos(5000),
	}))
	return w.person(otherPhone)
}

func (w *town) merge(kept lending.Person, phone string) (lending.Result, error) {
	return w.run("person.merge", map[string]any{"persona": kept.ID.String(), "telefono": phone, "motivo": "dos chips", "evidencia": "INE"})
}

func (w *town) unmerge(kept lending.Person, phone string) (lending.Result, error) {
	return w.run("person.unmerge", map[string]any{"persona": kept.ID.String(), "telefono": phone, "motivo": "eran dos"})
}

func TestWhatIsMergedIsFoundUnderTheKept(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	other := w.second(anaBirth)
	w.must(w.offerWith(1000, 4, pin)) // Ana's, who is the one that is merged
	v := only[lending.Vale](w, lending.KindVale)
	asOther := func(c *lending.Call) { c.Actor, c.Person = "flow:x", other.ID }
	decline := map[string]any{"vale": v.ID.String()}
	if _, err := w.facts(lending.About{Kind: lending.AboutVale, ID: v.ID.String()}, other.ID); fault.CodeOf(err) != "not_yours" {
		t.Fatalf("before: %v", err)
	}
	if r := w.must(w.merge(other, anaPhone)); r.Outcome != "ok" {
		t.Fatal(r.Outcome)
	}
	last := w.audits[len(w.audits)-1]
	if want := other.ID.String() + ": dos chips: INE"; last.Detail != want || last.Subject.ID != w.ana.ID.String() {
		t.Errorf("audit of %s says %q, want %q", last.Subject.ID, last.Detail, want)
	}
	if _, err := w.facts(lending.About{Kind: lending.AboutVale, ID: v.ID.String()}, other.ID); err != nil {
		t.Errorf("the kept one may not read her vale: %v", err)
	}
	b := lending.NewBook()
	w.load(b)
	for range 5 {
		p, _, err := b.PersonByPhone(anaPhone)
		vales, err2 := b.ValesOf(other.ID)
		if err != nil || err2 != nil {
			w.load(b)
			continue
		}
		if p.ID != other.ID || len(vales) != 1 {
			t.Errorf("found %s with %d vales, want %s with one", p.ID, len(vales), other.ID)
		}
	}
	if r := w.must(w.merge(other, anaPhone)); r.Outcome != "unchanged" {
		t.Errorf("merged twice: %s", r.Outcome)
	}
	w.must(w.run("vale.decline", decline, asOther, func(c *lending.Call) {
		c.About = lending.About{Kind: lending.AboutVale, ID: v.ID.String()}
	}))
	if got := at[lending.Vale](w, lending.KindVale, v.ID).State; got != loan.ValeDeclined {
		t.Errorf("the vale is %s after the kept one declined it", got)
	}
}

func TestMergeRefusals(t *testing.T) {
	t.Parallel()
	otherBirth := quincena.Date{Year: 1991, Month: time.May, Day: 1}
	for name, c := range map[string]struct {
		birth quincena.Date
		set   func(w *town, kept, other lending.Person)
		swap  bool // Ana is the one merged
		want  string
	}{
		"born on other days": {birth: otherBirth, want: "births_differ"},
		"nothing proves two debts": {want: "both_owe", set: func(w *town, kept, other lending.Person) {
			w.must(w.offerWith(1000, 4, pin))
			w.lendTo(other, w.maria.ID)
		}},
		"one blocked": {want: "one_blocked", set: func(w *town, kept, _ lending.Person) {
			change(w, lending.KindPerson, kept.ID, func(p *lending.Person) { p.Blocked = true })
		}},
		"failed who she is": {want: "identity_locked", set: func(w *town, _, other lending.Person) {
			change(w, lending.KindPerson, other.ID, func(p *lending.Person) { p.LockedUntil = w.now.Add(time.Hour) })
		}},
		"already part of another": {want: "merged_already", set: func(w *town, _, other lending.Person) {
			change(w, lending.KindPerson, other.ID, func(p *lending.Person) { p.MergedInto = w.maria.PersonID })
		}},
		"others are part of it": {want: "merged_already", set: func(w *town, _, other lending.Person) {
			change(w, lending.KindPerson, other.ID, func(p *lending.Person) { p.Holds = 1 })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			other := w.second(c.birth)
			if c.set != nil {
				c.set(w, w.ana, other)
			}
			before := w.snapshot()
			if _, err := w.merge(w.ana, otherPhone); fault.CodeOf(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if diff := cmp.Diff(before, w.snapshot()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// lendTo puts a vale in a person's name.
func (w *town) lendTo(p lending.Person, distributor uuid.UUID) {
	id := w.newID()
	w.rows[lending.Key{Kind: lending.KindVale, ID: id.String()}] = lending.Vale{ID: id, PersonID: p.ID, DistributorID: distributor, State: loan.ValeAuthorised}
}

func TestNobodyIsMergedWithADistributor(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	maria := w.person(mariaPhone)
	if _, err := w.merge(w.ana, mariaPhone); fault.CodeOf(err) != "is_distributor" {
		t.Errorf("a distributor was merged away: %v", err)
	}
	w.must(w.offerWith(1000, 4, pin))
	if _, err := w.merge(maria, anaPhone); fault.CodeOf(err) != "own_client" {
		t.Errorf("a distributor became her own client: %v", err)
	}
	if _, err := w.merge(maria, mariaPhone); fault.CodeOf(err) != "same_person" {
		t.Errorf("with herself: %v", err)
	}
	if _, err := w.merge(maria, "+526675550000"); fault.CodeOf(err) != "no_such_person" {
		t.Errorf("with nobody: %v", err)
	}
	blank := map[string]any{"persona": maria.ID.String(), "telefono": anaPhone, "motivo": " ", "evidencia": "INE"}
	if _, err := w.run("person.merge", blank); fault.CodeOf(err) != "no_reason" {
		t.Errorf("without a reason: %v", err)
	}
}

// Whatever records are merged and parted in whatever order, parting what was
// merged leaves every record as it was, and no record is ever in a chain.
func TestUnmergeRestoresExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(rt)
		w.second(rapid.SampledFrom([]quincena.Date{{}, anaBirth}).Draw(rt, "birth"))
		third := "+526671112233"
		w.must(w.run("person.upsert", map[string]any{"telefono": third, "nombre": "Ana T", "nacimiento": quincena.Date{}, "tope": money.Pesos(1000)}))
		if rapid.Bool().Draw(rt, "owes") {
			w.must(w.offerWith(1000, 4, pin))
		}
		phones := []string{anaPhone, otherPhone, third}
		before := w.snapshot()
		type done struct {
			kept  lending.Person
			phone string
		}
		var merged []done
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			kept := w.person(rapid.SampledFrom(phones).Draw(rt, "kept"))
			phone := rapid.SampledFrom(phones).Draw(rt, "other")
			if r, err := w.merge(kept, phone); err == nil && r.Outcome == "ok" {
				merged = append(merged, done{kept, phone})
			}
			for _, p := range all[lending.Person](w) {
				if p.MergedInto != uuid.Nil && at[lending.Person](w, lending.KindPerson, p.MergedInto).MergedInto != uuid.Nil {
					rt.Fatal("a chain of records")
				}
			}
		}
		for len(merged) > 0 {
			i := rapid.IntRange(0, len(merged)-1).Draw(rt, "undo")
			if r, err := w.unmerge(merged[i].kept, merged[i].phone); err != nil || r.Outcome != "ok" {
				rt.Fatalf("undo: %v %v", r, err)
			}
			merged = append(merged[:i], merged[i+1:]...)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			rt.Error(diff)
		}
		if r := w.must(w.unmerge(w.ana, otherPhone)); r.Outcome != "unchanged" {
			rt.Errorf("parting what is apart: %s", r.Outcome)
		}
	})
}
