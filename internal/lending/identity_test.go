package lending_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

const anaKey = "tel:" + anaPhone

func (w *town) contact(key string) lending.Contact {
	c, _ := w.rows[lending.Key{Kind: lending.KindContact, ID: key}].(lending.Contact)
	return c
}

// at makes a call one of a flow of somebody's conversation.
func here(person lending.Person, key string) func(*lending.Call) {
	return func(c *lending.Call) { c.Actor, c.Person, c.Contact = "flow:identidad", person.ID, key }
}

func (w *town) doubts(key, why string) string {
	w.t.Helper()
	return w.must(w.run("identity.doubt", map[string]any{"contacto": key, "motivo": why})).Outcome
}

func (w *town) verifies(key string, birth quincena.Date) string {
	w.t.Helper()
	return w.must(w.run("identity.verify", map[string]any{"nacimiento": birth}, here(w.ana, key))).Outcome
}

// Whatever somebody at a contact in doubt tries, and in whatever order, no money
// moves, no code is told and no CLABE is taken before a right answer or a person
// at the desk; and more wrong answers than allowed are never heard.
func TestNothingMovesAtAContactInDoubt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(rt)
		v, _ := w.accepted()
		w.doubts(anaKey, "device")
		misses, proven := 0, false
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			calls, step := len(w.calls), rapid.SampledFrom([]string{"cardless", "spei", "resend", "accept", "verify", "guess", "desk", "again"}).Draw(rt, "step")
			switch step {
			case "verify":
				want := "locked"
				if misses < 3 && !proven {
					want, proven = "match", true
				}
				if proven && want == "locked" {
					continue
				}
				if got := w.verifies(anaKey, anaBirth); got != want {
					rt.Fatalf("right answer after %d wrong ones: %s, want %s", misses, got, want)
				}
				misses = 0
			case "guess":
				if proven {
					continue
				}
				if misses++; w.verifies(anaKey, quincena.Date{Year: 1991, Month: 1, Day: 1}) == "match" {
					rt.Fatal("a wrong date was taken")
				}
			case "desk":
				w.must(w.run("identity.clear", map[string]any{"contacto": anaKey, "motivo": "INE a la vista"}))
				misses, proven = 0, true
			case "again":
				w.doubts(anaKey, "moved")
				proven = false
			default:
				w.tries(step, v)
				if !proven && len(w.calls) != calls {
					rt.Fatalf("%s moved money at a contact in doubt", step)
				}
			}
			if got := !w.contact(anaKey).InDoubt(); got != proven {
				rt.Fatalf("after %s: sure %t, want %t", step, got, proven)
			}
		}
	})
}

// tries is one way to money, by a flow of Ana's conversation.
func (w *town) tries(way string, v lending.Vale) {
	by := func(c *lending.Call) {
		here(w.ana, anaKey)(c)
		c.About = lending.About{Kind: lending.AboutVale, ID: v.ID.String()}
	}
	named := map[string]any{"vale": v.ID.String()}
	switch way {
	case "cardless":
		_, _ = w.run("payout.cardless", named, by)
	case "spei":
		_, _ = w.run("payout.spei", map[string]any{"vale": v.ID.String(), "clabe": "002010077777777771"}, by)
	case "resend":
		_, _ = w.run("code.resend", nil, by)
	case "accept":
		_, _ = w.run("vale.accept", named, by)
	}
}

// The closed list of what may be done in doubt holds no way to money, to a
// contract or to what is known of a person. A new action is not on it by itself.
func TestWhatIsOpenInDoubt(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.doubts(anaKey, "device")
	var open []string
	for _, name := range w.catalog.Names() {
		spec, _ := w.catalog.Action(name)
		with := map[string]any{}
		for field, kind := range spec.With {
			with[field] = sample(kind)
		}
		before := len(w.audits)
		_, err := w.run(name, with, here(w.ana, anaKey))
		denied := fault.CodeOf(err) == "identity_in_doubt" || len(w.audits) > before && w.audits[len(w.audits)-1].Detail == "identity_in_doubt"
		if !denied {
			open = append(open, name)
		}
	}
	want := []string{
		"arco.request", "complaint.close", "complaint.open", "contact.opt_in", "contact.opt_out", "contact.promotions_no", "contact.promotions_yes",
		"contact.wrong_number", "fraud.report", "identity.ask", "identity.verify", "identity.verify_pin", "language.english", "language.spanish",
		"payment.find", "promise.break", "request.close", "request.note", "vale.decline", "vale.release",
	}
	if !slices.Equal(open, want) {
		t.Errorf("open in doubt: %q", open)
	}
}

// A payout that somebody else asks for, such as a person at the desk, waits for
// the proof as well: its code would go to the contact in doubt.
func TestDeskPaysNothingOutToAContactInDoubt(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	w.must(w.run("identity.demand", map[string]any{"contacto": anaKey, "motivo": "dice que cambió de chip"}))
	r, err := w.run("payout.cardless", map[string]any{"vale": v.ID.String()}, func(c *lending.Call) { c.Actor = "agent:luis" })
	if r.Outcome != "error" || err != nil || len(w.calls) != 0 {
		t.Fatalf("%v %v, %d calls", r, err, len(w.calls))
	}
	w.must(w.run("identity.clear", map[string]any{"contacto": anaKey, "motivo": "la vi con su INE"}))
	w.must(w.run("payout.cardless", map[string]any{"vale": v.ID.String()}, func(c *lending.Call) { c.Actor = "agent:luis" }))
	if len(w.calls) != 1 {
		t.Error("no payout after the proof")
	}
}

// A second signal changes nothing of the first, and only codes that were told
// are withdrawn.
func TestDoubtIsNotedOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	d := w.cardless(v)
	if got := w.doubts(anaKey, "device"); got != "ok" || len(w.calls) != 1 {
		t.Errorf("%s, %d calls: a code that nobody was told was withdrawn", got, len(w.calls))
	}
	first := w.contact(anaKey)
	w.now = w.now.Add(time.Hour)
	if got := w.doubts(anaKey, "moved"); got != "unchanged" || w.contact(anaKey) != first {
		t.Errorf("%s: %+v", got, w.contact(anaKey))
	}
	w.verifies(anaKey, anaBirth)
	w.rail("code_issued", d.ID)
	w.doubts(anaKey, "moved")
	if last := w.calls[len(w.calls)-1]; last.Op != "cancel" || last.Disbursement != d.ID {
		t.Errorf("a code that was told stays: %+v", w.calls)
	}
}

func TestIdentityAsk(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ask := func(p lending.Person, key string) string {
		return w.must(w.run("identity.ask", nil, here(p, key))).Outcome
	}
	maria := w.person(mariaPhone)
	if got := ask(w.ana, anaKey); got != "proven" {
		t.Errorf("without a doubt: %s", got)
	}
	w.doubts(anaKey, "device")
	w.doubts("tel:"+mariaPhone, "device")
	if got := ask(w.ana, anaKey) + " " + ask(maria, "tel:"+mariaPhone) + " " + ask(lending.Person{}, "tel:+525500000000"); got != "birth pin unknown" {
		t.Error(got)
	}
	if got := w.must(w.run("identity.verify", map[string]any{"nacimiento": quincena.Date{}}, here(maria, "tel:"+mariaPhone))).Outcome; got != "locked" {
		t.Errorf("a distributor by a birth date: %s", got)
	}
	for _, want := range []string{"mismatch", "mismatch", "locked"} {
		if got := w.must(w.run("identity.verify_pin", map[string]any{"nip": "0000"}, here(maria, "tel:"+mariaPhone))).Outcome; got != want {
			t.Errorf("wrong NIP: %s, want %s", got, want)
		}
	}
	if got := ask(maria, "tel:"+mariaPhone); got != "locked" {
		t.Errorf("after three: %s", got)
	}
	w.now = w.now.Add(90 * 24 * time.Hour)
	if got := ask(maria, "tel:"+mariaPhone); got != "locked" {
		t.Errorf("months later: %s", got)
	}
}

// Nobody is put in doubt by what is said of a number that is nobody's.
func TestDoubtAboutNobody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if got := w.doubts("tel:+525599999999", "device"); got != "unchanged" {
		t.Error(got)
	}
	if _, err := w.run("identity.doubt", map[string]any{"contacto": anaKey, "motivo": "porque sí"}); fault.CodeOf(err) != "bad_reason" {
		t.Errorf("any word is a reason: %v", err)
	}
	if got := w.must(w.run("identity.clear", map[string]any{"contacto": anaKey, "motivo": "nada"}, func(*lending.Call) {})); got.Outcome != "unchanged" {
		t.Error(got)
	}
}

// sample is some value of a type.
func sample(t flow.Type) any {
	switch t {
	case flow.Int:
		return 1
	case flow.Bool:
		return true
	case flow.Amount:
		return money.Pesos(1)
	case flow.Date:
		return quincena.Date{Year: 1980, Month: 1, Day: 1}
	case flow.Stamp:
		return opening
	case flow.Ints:
		return []int{4}
	}
	return "x"
}
