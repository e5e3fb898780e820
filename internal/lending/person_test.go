package lending_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func TestFindPerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	find := func(phone string, change func(*lending.Call)) lending.Result {
		return w.must(w.run("person.find", map[string]any{"telefono": phone}, change))
	}
	want := lending.Result{Outcome: "found", Value: map[string]any{
		"id": w.ana.ID.String(), "nombre": "Ana Ruiz", "bloqueada": false, "saldo_vencido": money.Amount(0), "tope": money.Pesos(5000),
	}}
	for _, phone := range []string{anaPhone, "6671234567", "667 123 4567"} {
		if diff := cmp.Diff(want, find(phone, w.byMaria)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", phone, diff)
		}
	}
	if r := find("6679999999", w.byMaria); r.Outcome != "not_found" {
		t.Errorf("unknown phone: %s", r.Outcome)
	}
	if r := find("12", w.byMaria); r.Outcome != "error" {
		t.Errorf("no phone: %s", r.Outcome)
	}
	if r := find(anaPhone, w.byAna(lending.About{})); r.Outcome != "error" {
		t.Errorf("asked by somebody who is no distributor: %s", r.Outcome)
	}
	w.active()
	w.goTo(date("2026-03-20"))
	if r := find(anaPhone, w.byMaria); r.Value["saldo_vencido"] != level+money.Pesos(60) {
		t.Errorf("overdue %v", r.Value["saldo_vencido"])
	}
}

func TestCreatePerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	create := func(phone, name string) lending.Result {
		return w.must(w.run("person.create", map[string]any{"telefono": phone, "nombre": name}, w.byMaria))
	}
	r := create("6679999999", "  Eva   Luna ")
	eva := w.person("+526679999999")
	if r.Outcome != "ok" || r.Value["id"] != eva.ID.String() || eva.Name != "Eva Luna" || eva.Limit != money.Pesos(3000) || eva.Segment != "puntual" {
		t.Errorf("%+v, %+v", r, eva)
	}
	if r := create("6679999999", "Eva Otra"); r.Outcome != "duplicate" || r.Value["nombre"] != "Eva Luna" {
		t.Errorf("again: %+v", r)
	}
	for _, name := range []string{"", "123", strings.Repeat("a", 81)} {
		if r := create("6678888888", name); r.Outcome != "error" {
			t.Errorf("name %q: %s", name, r.Outcome)
		}
	}
}

func TestVerifyLocksAfterTwoMisses(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	wrong := date("1991-03-05")
	for i, step := range []struct {
		birth quincena.Date
		want  string
	}{{wrong, "mismatch"}, {anaBirth, "match"}, {wrong, "mismatch"}, {wrong, "locked"}, {anaBirth, "locked"}} {
		if got := w.verify(v, step.birth); got != step.want {
			t.Fatalf("step %d: %s, want %s", i, got, step.want)
		}
	}
	w.now = w.now.Add(24 * time.Hour)
	if got := w.verify(v, anaBirth); got != "match" {
		t.Errorf("after the lock: %s", got)
	}
}

func TestVerifyServesOneVale(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.authorise()
	w.now = w.now.Add(11 * time.Minute)
	w.must(w.offerWith(3000, 8, pin))
	second := all[lending.Vale](w)[1]
	if second.ID == first.ID {
		second = all[lending.Vale](w)[0]
	}
	w.verify(first, anaBirth)
	if r := w.onVale("vale.accept", second); r.Outcome != "error" {
		t.Errorf("the other vale: %s", r.Outcome)
	}
}

func TestVerifyWithoutABirthDateOnFile(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Birth = quincena.Date{} })
	if got := w.verify(v, anaBirth); got != "error" {
		t.Errorf("got %s", got)
	}
	if r := w.must(w.run("person.set_birth", map[string]any{"persona": w.ana.ID.String(), "nacimiento": anaBirth})); r.Outcome != "ok" {
		t.Errorf("desk: %s", r.Outcome)
	}
	if got := w.verify(v, anaBirth); got != "match" {
		t.Errorf("got %s", got)
	}
	r := w.must(w.run("person.verify", map[string]any{"persona": w.ana.ID.String(), "nacimiento": anaBirth}, w.byAna(lending.About{})))
	if r.Outcome != "error" {
		t.Errorf("without a vale: %s", r.Outcome)
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	here := w.byAna(lending.About{})
	contact := func() lending.Contact { return only[lending.Contact](w, lending.KindContact) }
	w.must(w.run("contact.opt_out", nil, here))
	first := contact().OptedOut
	w.now = w.now.Add(time.Hour)
	w.must(w.run("contact.opt_out", nil, here))
	if got := contact(); !got.OptedOut.Equal(first) || first.IsZero() || got.PersonID != w.ana.ID {
		t.Errorf("contact %+v", got)
	}
	w.must(w.run("contact.opt_in", nil, here))
	w.must(w.run("contact.wrong_number", nil, here))
	if got := contact(); !got.OptedOut.IsZero() || got.WrongNumber.IsZero() {
		t.Errorf("contact %+v", got)
	}
	for _, name := range []string{"contact.opt_out", "contact.opt_in", "contact.wrong_number", "complaint.open"} {
		if r := w.must(w.run(name, nil)); r.Outcome != "error" {
			t.Errorf("%s outside of a conversation: %s", name, r.Outcome)
		}
	}
}

func TestComplaintsAndBalance(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.must(w.run("complaint.open", nil, w.byAna(lending.About{})))
	q := only[lending.Complaint](w, lending.KindComplaint)
	if r.Value["folio"] != q.Folio || !strings.HasPrefix(q.Folio, "Q-") || q.DueBy.Sub(q.Opened) != 48*time.Hour || q.PersonID != w.ana.ID {
		t.Errorf("%+v, %+v", r, q)
	}
	if r := w.must(w.run("loan.balance", nil, w.byAna(lending.About{}))); r.Outcome != "ok" {
		t.Errorf("balance: %s", r.Outcome)
	}
}

func TestSeedIsIdempotentAndSaysWhatItChanges(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	with := map[string]any{
		"telefono": mariaPhone, "nombre": "Maria Lopez", "nacimiento": quincena.Date{},
		"linea": money.Pesos(20000), "plazos": []int{4, 6, 8, 12}, "nip": pin,
	}
	seed := func() lending.Result { return w.must(w.run("distributor.upsert", with)) }
	before := w.snapshot()
	if r := seed(); r.Outcome != "unchanged" || r.Value["cambios"] != "" {
		t.Errorf("again: %+v", r)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
	with["linea"], with["plazos"], with["nip"], with["nacimiento"] = money.Pesos(25000), []int{8}, "9999", date("1980-01-01")
	want := "nacimiento: cambia; línea: $20,000 → $25,000; plazos: [4 6 8 12] → [8]; NIP: cambia"
	if r := seed(); r.Outcome != "changed" || r.Value["cambios"] != want {
		t.Errorf("got %+v", r)
	}
	line := ledger.LineOf(ledger.Balances(w.entries), w.maria.ID.String())
	if line.Limit != money.Pesos(25000) || w.line().PINHash != "hash of 9999" {
		t.Errorf("line %+v", line)
	}
	with["linea"], with["nip"] = money.Pesos(10000), ""
	if seed(); ledger.LineOf(ledger.Balances(w.entries), w.maria.ID.String()).Limit != money.Pesos(10000) || w.line().PINHash != "hash of 9999" {
		t.Errorf("lowered: %+v", w.line())
	}
}

func TestSeedRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.authorise()
	for _, tt := range []struct {
		code  string
		field string
		value any
	}{
		{"line_in_use", "linea", money.Pesos(2000)},
		{"bad_line", "linea", money.Amount(-1)},
		{"bad_terms", "plazos", []int{}},
		{"bad_terms", "plazos", []int{0}},
		{"bad_pin_form", "nip", "12"},
		{"bad_pin_form", "nip", "12a4"},
		{"bad_name", "nombre", ""},
	} {
		with := map[string]any{
			"telefono": mariaPhone, "nombre": "Maria Lopez", "nacimiento": quincena.Date{},
			"linea": money.Pesos(20000), "plazos": []int{8}, "nip": pin,
		}
		with[tt.field] = tt.value
		if _, err := w.run("distributor.upsert", with); fault.CodeOf(err) != tt.code {
			t.Errorf("%s %v: got %v, want %s", tt.field, tt.value, err, tt.code)
		}
	}
	_, err := w.run("distributor.upsert", map[string]any{
		"telefono": "6670000002", "nombre": "Eva", "nacimiento": quincena.Date{}, "linea": money.Pesos(1), "plazos": []int{8}, "nip": "",
	})
	if fault.CodeOf(err) != "pin_missing" {
		t.Errorf("no NIP: %v", err)
	}
	_, err = w.run("person.upsert", map[string]any{
		"telefono": "6670000002", "nombre": "Eva", "nacimiento": quincena.Date{}, "tope": money.Amount(-1),
	})
	if fault.CodeOf(err) != "negative_limit" {
		t.Errorf("limit: %v", err)
	}
}

func TestSeedPerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	with := map[string]any{"telefono": anaPhone, "nombre": "Ana Ruiz", "nacimiento": quincena.Date{}, "tope": money.Pesos(5000)}
	if r := w.must(w.run("person.upsert", with)); r.Outcome != "unchanged" {
		t.Errorf("again: %+v", r)
	}
	with["tope"], with["nombre"] = money.Pesos(6000), "Ana Ruiz Soto"
	if r := w.must(w.run("person.upsert", with)); r.Value["cambios"] != "nombre: Ana Ruiz → Ana Ruiz Soto; tope: $5,000 → $6,000" {
		t.Errorf("got %+v", r)
	}
	if p := w.person(anaPhone); p.Birth != anaBirth || p.Limit != money.Pesos(6000) {
		t.Errorf("person %+v", p)
	}
}

func TestDesk(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	person, distributor := map[string]any{"persona": w.ana.ID.String()}, map[string]any{"distribuidora": w.maria.ID.String()}
	reasoned := map[string]any{"distribuidora": w.maria.ID.String(), "motivo": "lo pidió"}
	change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.LockedUntil = w.now.Add(time.Hour) })
	change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.PINFails = 1 })
	for _, tt := range []struct {
		name string
		with map[string]any
		done func() bool
	}{
		{"person.block", person, func() bool { return w.person(anaPhone).Blocked }},
		{"person.unblock", person, func() bool { return !w.person(anaPhone).Blocked }},
		{"person.unlock", person, func() bool { return w.person(anaPhone).LockedUntil.IsZero() }},
		{"person.set_limit", map[string]any{"persona": w.ana.ID.String(), "tope": money.Pesos(7)}, func() bool { return w.person(anaPhone).Limit == money.Pesos(7) }},
		{"distributor.block", reasoned, func() bool { return w.line().State == loan.DistributorBlocked }},
		{"distributor.unblock", reasoned, func() bool { return w.line().State == loan.DistributorActive }},
		{"distributor.unlock", distributor, func() bool { return w.line().PINFails == 0 }},
	} {
		for _, want := range []string{"ok", "unchanged"} {
			if r := w.must(w.run(tt.name, tt.with)); r.Outcome != want || !tt.done() {
				t.Errorf("%s: %s, want %s", tt.name, r.Outcome, want)
			}
		}
	}
	w.must(w.onMaria("distributor.set_pin", map[string]any{"nip": "123456"}))
	if w.line().PINHash != "hash of 123456" {
		t.Errorf("hash %s", w.line().PINHash)
	}
}

func TestDeskRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for code, try := range map[string]func() error{
		"bad_birth": func() error {
			_, err := w.run("person.set_birth", map[string]any{"persona": w.ana.ID.String(), "nacimiento": w.today().AddDays(1)})
			return err
		},
		"negative_limit": func() error {
			_, err := w.run("person.set_limit", map[string]any{"persona": w.ana.ID.String(), "tope": money.Amount(-1)})
			return err
		},
		"bad_pin_form": func() error {
			_, err := w.onMaria("distributor.set_pin", map[string]any{"nip": ""})
			return err
		},
		"no_such_person": func() error {
			_, err := w.run("person.block", map[string]any{"persona": w.newID().String()})
			return err
		},
		"bad_id": func() error {
			_, err := w.onMaria("distributor.block", map[string]any{"distribuidora": "x"})
			return err
		},
	} {
		if err := try(); fault.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}

// A list may say in which language somebody is written to; repeating it changes
// nothing, and the two words that a person has say the same.
func TestLanguageOfAPerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	set := func(language string) string {
		return w.must(w.run("person.language", map[string]any{"telefono": anaPhone, "idioma": language}, w.byMaria)).Outcome
	}
	for i, step := range []struct{ language, outcome, kept string }{
		{"en", "changed", "en"}, {"en", "unchanged", "en"}, {"es", "changed", ""}, {"es-MX", "unchanged", ""},
	} {
		if got := set(step.language); got != step.outcome || w.person(anaPhone).Language != step.kept {
			t.Errorf("step %d: %s, kept %q", i, got, w.person(anaPhone).Language)
		}
	}
	for _, action := range []struct{ name, kept string }{{"language.english", "en"}, {"language.spanish", ""}} {
		if r := w.must(w.run(action.name, nil, w.byAna(lending.About{}))); r.Outcome != "ok" || w.person(anaPhone).Language != action.kept {
			t.Errorf("%s: %+v, kept %q", action.name, r, w.person(anaPhone).Language)
		}
	}
	if _, err := w.run("person.language", map[string]any{"telefono": "6670000009", "idioma": "en"}, w.byMaria); fault.CodeOf(err) != "no_such_person" {
		t.Errorf("somebody unknown: %v", err)
	}
}

// BAJA withdraws everything; ALTA gives back what is no advertising.
func TestConsentIsByPurpose(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"contact.opt_out":        "-service -reminder -marketing",
		"contact.opt_in":         "+service +reminder",
		"contact.promotions_yes": "+marketing",
		"contact.promotions_no":  "-marketing",
	} {
		b := lending.NewBook()
		b.Load(lending.Key{Kind: lending.KindContact, ID: "tel:+526671234567"}, nil, 0)
		_, err := lending.Actions(lending.Settings{}).Run(b, action, lending.Call{Contact: "tel:+526671234567", Cause: "event-1", Actor: "flow:inicio", Now: time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, c := range b.Consents {
			sign := map[bool]string{true: "+", false: "-"}[c.Granted]
			got = append(got, sign+string(c.Purpose))
			if c.Evidence != "event-1" || c.Contact != "tel:+526671234567" || c.Actor != "flow:inicio" {
				t.Errorf("%s: %+v", action, c)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", action, got, want)
		}
	}
}
