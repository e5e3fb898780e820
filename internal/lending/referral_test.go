package lending_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/understand"
)

const rosaPhone = "+526673334455"

// byStranger is a conversation with a number that nobody knows.
func byStranger(phone string) func(*lending.Call) {
	return func(c *lending.Call) { c.Actor, c.Contact = "flow:referida", "tel:"+phone }
}

// word is a word of Ana's to pass on.
func (w *town) word() string {
	w.t.Helper()
	w.active()
	r := w.byAnas("referral.open", nil)
	if r.Outcome != "ok" {
		w.t.Fatalf("open: %+v", r)
	}
	return r.Value["palabra"].(string)
}

func (w *town) find(word string, by func(*lending.Call)) lending.Result {
	w.t.Helper()
	return w.must(w.run("referral.find", map[string]any{"palabra": word}, by))
}

func (w *town) come(word, name, phone string) lending.Result {
	w.t.Helper()
	return w.must(w.run("referral.accept", map[string]any{"palabra": word, "nombre": name}, byStranger(phone)))
}

func TestWhoGetsAWord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		set  func(w *town)
		by   func(w *town) func(*lending.Call)
		want string
	}{
		{"a borrower", func(w *town) { w.active() }, nil, "ok"},
		{"one who has paid all", func(w *town) {
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.PaidCount = 8 })
		}, nil, "ok"},
		{"one who never had a vale", func(*town) {}, nil, "not_now"},
		{"one who is late", func(w *town) { w.active(); w.goTo(date("2026-04-01")) }, nil, "not_now"},
		{"one who is blocked", func(w *town) {
			w.active()
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Blocked = true })
		}, nil, "not_now"},
		{"a distributor", nil, func(w *town) func(*lending.Call) { return w.byMaria }, "ok"},
		{"a distributor who owes relaciones", func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Arrears = true })
		}, func(w *town) func(*lending.Call) { return w.byMaria }, "not_now"},
		{"a distributor who is blocked", func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.State = loan.DistributorBlocked })
		}, func(w *town) func(*lending.Call) { return w.byMaria }, "not_now"},
		{"nobody known", nil, func(*town) func(*lending.Call) { return byStranger(rosaPhone) }, "error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			by := w.byAna(lending.About{})
			if tt.set != nil {
				tt.set(w)
			}
			if tt.by != nil {
				by = tt.by(w)
			}
			r := w.must(w.run("referral.open", nil, by))
			if r.Outcome != tt.want {
				t.Fatalf("outcome %s, want %s", r.Outcome, tt.want)
			}
			if n := len(all[lending.Referral](w)); (n == 1) != (tt.want == "ok") {
				t.Errorf("%d words given out", n)
			}
		})
	}
}

// Every word is one that people's messages are read for, and says nothing that
// could be mistaken for something else when it is copied by hand.
func TestAWordIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(t)
		w.ids = rapid.Uint64Range(1000, 1<<40).Draw(rt, "ids")
		word := w.word()
		if got, ok := understand.Invitation("Hola " + strings.ToLower(word)); !ok || got != word {
			rt.Errorf("%s is read as %q", word, got)
		}
		if strings.ContainsAny(strings.TrimPrefix(word, understand.InvitationPrefix), "01ILOU-") {
			rt.Errorf("%s holds what is mistaken for something else", word)
		}
	})
}

func TestWordsAreCountedByTheMonth(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.active()
	open := func() lending.Result { return w.byAnas("referral.open", nil) }
	words := map[string]bool{}
	for i := range 5 {
		r := open()
		if r.Outcome != "ok" || r.Value["vence"] != w.today().AddDays(30) {
			t.Fatalf("word %d: %+v", i, r)
		}
		words[r.Value["palabra"].(string)] = true
	}
	if len(words) != 5 {
		t.Errorf("words repeat: %v", words)
	}
	if r := open(); r.Outcome != "too_many" || r.Value["desde"] != w.today().AddDays(31) {
		t.Errorf("a sixth: %+v", r)
	}
	change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.PaidCount = 1 })
	for _, l := range all[lending.Loan](w) { // so that nothing is late a month later
		change(w, lending.KindLoan, l.ID, func(l *lending.Loan) { l.State = loan.LoanRestructured })
	}
	w.now = w.now.AddDate(0, 0, 31)
	if r := open(); r.Outcome != "ok" {
		t.Errorf("a month later: %+v", r)
	}
}

func TestWhatAWordIsWorth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		set  func(w *town, word string)
		by   func(w *town) func(*lending.Call)
		want string
		who  any
	}{
		{"a stranger", nil, nil, "ok", "Ana"},
		{"her own", nil, func(w *town) func(*lending.Call) { return w.byAna(lending.About{}) }, "own", ""},
		{"a client's", nil, func(w *town) func(*lending.Call) { return w.byMaria }, "client", ""},
		{"expired", func(w *town, _ string) { w.now = w.now.AddDate(0, 0, 30) }, nil, "used", ""},
		{"on its last day", func(w *town, _ string) { w.now = w.now.AddDate(0, 0, 29) }, nil, "ok", "Ana"},
		{"used", func(w *town, word string) { w.come(word, "Eva Sosa", "+526679990000") }, nil, "used", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			word := w.word()
			by := byStranger(rosaPhone)
			if tt.set != nil {
				tt.set(w, word)
			}
			if tt.by != nil {
				by = tt.by(w)
			}
			if r := w.find(word, by); r.Outcome != tt.want || r.Value["quien"] != tt.who {
				t.Errorf("got %+v", r)
			}
		})
	}
}

// Whoever tries words one after the other soon hears nothing more, not even of
// one that exists, until the next day.
func TestWordsCannotBeTriedOneByOne(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	word := w.word()
	for i := range 3 {
		if r := w.find(fmt.Sprintf("AMIGA-2A%04d", i), byStranger(rosaPhone)); r.Outcome != "unknown" {
			t.Fatalf("try %d: %+v", i, r)
		}
	}
	if r := w.find(word, byStranger(rosaPhone)); r.Outcome != "too_often" || r.Value["quien"] != "" {
		t.Errorf("after three misses: %+v", r)
	}
	if r := w.find(word, byStranger("+526679990000")); r.Outcome != "ok" {
		t.Errorf("another number: %+v", r)
	}
	w.now = w.now.AddDate(0, 0, 1)
	if r := w.find("AMIGA-2A9999", byStranger(rosaPhone)); r.Outcome != "unknown" {
		t.Errorf("the next day: %+v", r)
	}
	if r := w.find(word, byStranger(rosaPhone)); r.Outcome != "ok" {
		t.Errorf("the next day: %+v", r)
	}
}

func TestAYesMakesAPersonAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	word := w.word()
	entries, before := len(w.entries), len(w.emits)
	r := w.come(word, "  Rosa   Luna ", rosaPhone)
	if r.Outcome != "ok" || r.Value["quien"] != "Ana" || r.Value["distribuidora"] != false {
		t.Fatalf("got %+v", r)
	}
	rosa := w.person(rosaPhone)
	if rosa.Name != "Rosa Luna" || rosa.Limit == 0 || !rosa.Birth.IsZero() {
		t.Errorf("made %+v", rosa)
	}
	if len(w.entries) != entries {
		t.Error("the ledger moved")
	}
	told := w.emits[before:]
	if len(told) != 1 || told[0].Name != "referral.taken" || told[0].PersonID != w.ana.ID || len(told[0].Data) > 0 || told[0].About != (lending.About{}) {
		t.Errorf("Ana hears %+v", told)
	}
	ref := only[lending.Referral](w, lending.KindReferral)
	if ref.TakenBy != rosa.ID || !ref.Taken.Equal(w.now) {
		t.Errorf("the word stands at %+v", ref)
	}
	contact, _ := w.rows[lending.Key{Kind: lending.KindContact, ID: "tel:" + rosaPhone}].(lending.Contact)
	if contact.PersonID != rosa.ID {
		t.Errorf("contact %+v", contact)
	}
	// She is one of ours now: she may apply, and cannot bring others by herself.
	asRosa := func(c *lending.Call) { c.Actor, c.Person, c.Contact = "flow:quiero_vale", rosa.ID, "tel:"+rosaPhone }
	if got := w.must(w.run("application.check", nil, asRosa)).Outcome; got != "eligible" {
		t.Errorf("she is %s", got)
	}
	if got := w.must(w.run("referral.open", nil, asRosa)).Outcome; got != "not_now" {
		t.Errorf("she gets a word: %s", got)
	}
}

// Consent is for what has to do with her vale; promotions are asked for apart.
func TestComingIsNoYesToPromotions(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	word := w.word()
	b := lending.NewBook()
	call := w.call(map[string]any{"palabra": word, "nombre": "Rosa Luna"}, byStranger(rosaPhone))
	for range 20 {
		if _, err := w.catalog.Run(b, "referral.accept", call); err == nil {
			break
		}
		w.load(b)
	}
	if len(b.Consents) != 1 || b.Consents[0].Purpose != lending.ServicePurpose || !b.Consents[0].Granted || b.Consents[0].Evidence != call.Cause {
		t.Errorf("noted %+v", b.Consents)
	}
}

func TestAWordIsForOnePerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	word := w.word()
	w.come(word, "Rosa Luna", rosaPhone)
	if r := w.come(word, "Eva Sosa", "+526679990000"); r.Outcome != "used" {
		t.Errorf("a second one: %+v", r)
	}
	for name, with := range map[string]map[string]any{
		"no word":  {"palabra": "AMIGA-2A2A2A", "nombre": "Eva Sosa"},
		"no name":  {"palabra": w.byAnas("referral.open", nil).Value["palabra"], "nombre": "123"},
		"no phone": {"palabra": w.byAnas("referral.open", nil).Value["palabra"], "nombre": "Eva Sosa"},
	} {
		by := byStranger("+526679990000")
		if name == "no phone" {
			by = func(c *lending.Call) { c.Contact = "wa:user-without-a-phone" }
		}
		people := len(all[lending.Person](w))
		if r := w.must(w.run("referral.accept", with, by)); r.Outcome != "error" || len(all[lending.Person](w)) != people {
			t.Errorf("%s: %+v", name, r)
		}
	}
	// Who is a client by the time of her yes is not made twice.
	r := w.must(w.run("referral.accept", map[string]any{"palabra": w.byAnas("referral.open", nil).Value["palabra"], "nombre": "Ana Ruiz"}, w.byAna(lending.About{})))
	if r.Outcome != "client" {
		t.Errorf("Ana herself: %+v", r)
	}
}

func TestADistributorsWordLeadsToHer(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	opened := w.must(w.run("referral.open", nil, w.byMaria))
	if r := w.come(opened.Value["palabra"].(string), "Rosa Luna", rosaPhone); r.Value["distribuidora"] != true {
		t.Errorf("got %+v", r)
	}
}

func TestReferralsOfTheProgramme(t *testing.T) {
	t.Parallel()
	p, problems := lending.LintProgramme("p.yaml", []byte("referrals: {number: \"667 000 0001\", days: 10, most: 2}\n"))
	if len(problems) > 0 || p.Referrals != (lending.Referrals{Number: "6670000001", Days: 10, Most: 2}) {
		t.Errorf("%+v, %v", p.Referrals, problems)
	}
	for bad, code := range map[string]string{
		"{number: hola}": "programme-referrals-number", "{days: -1}": "programme-referrals-days", "{days: 366}": "programme-referrals-days",
		"{most: 101}": "programme-referrals-most", "{most: -1}": "programme-referrals-most", "{many: 2}": "unknown-key",
	} {
		if _, problems := lending.LintProgramme("p.yaml", []byte("referrals: "+bad+"\n")); len(problems) != 1 || problems[0].Code != code {
			t.Errorf("%s: %v", bad, problems)
		}
	}
	w := newTown(t)
	w.catalog = lending.Actions(lending.Settings{Product: product(t), Programme: p})
	r := w.must(w.run("referral.open", nil, w.byMaria))
	if r.Value["numero"] != "6670000001" || r.Value["vence"] != w.today().AddDays(10) {
		t.Errorf("got %+v", r)
	}
}

func TestReferralOfNobody(t *testing.T) {
	t.Parallel()
	b := lending.NewBook()
	if _, err := b.Referral(uuid.New()); err == nil {
		t.Error("a book that holds nothing has a referral")
	}
}
