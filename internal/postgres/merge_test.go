package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// state is everything that merging two records could touch. Revisions grow with
// every write, and what is sealed is sealed anew: both are left out.
func (l *lender) state() map[string]string {
	l.Helper()
	out := map[string]string{}
	for name, sql := range map[string]string{
		"person":       `select string_agg((to_jsonb(x) - 'rev' - 'birth')::text, e'\n' order by x.id) from person x`,
		"conversation": `select string_agg((to_jsonb(x) - 'version')::text, e'\n' order by x.id) from conversation x`,
		"contact":      `select string_agg((to_jsonb(x) - 'rev')::text, e'\n' order by x.key) from contact x`,
		"vale":         `select string_agg(to_jsonb(x)::text, e'\n' order by x.id) from vale x`,
		"alias":        `select string_agg(to_jsonb(x)::text, e'\n' order by x.key, x.other) from contact_alias x`,
		"consent":      `select string_agg(concat_ws(' ', c.key, consents(c.key, 'sms', 'marketing')), e'\n' order by c.key) from contact c`,
	} {
		var text *string
		l.must(l.pool.QueryRow(l.Context(), sql).Scan(&text))
		if text != nil {
			out[name] = *text
		}
	}
	return out
}

func (l *lender) pair(name string, kept, other lending.Person) {
	l.Helper()
	with := map[string]any{"persona": kept.ID.String(), "telefono": other.Phone, "motivo": "dos chips"}
	if name == "person.merge" {
		with["evidencia"] = "INE"
	}
	if r := l.do(name, lending.Call{}, with); r.Outcome != "ok" {
		l.Fatalf("%s: %s", name, r.Outcome)
	}
}

func TestMergeAndBackAgain(t *testing.T) {
	t.Parallel()
	l := newLender(t)
	kept, other, third := l.person(1), l.person(2), l.person(3)
	vale := lending.Vale{
		ID: newID(), Folio: "V-90001", DistributorID: l.line, PersonID: other.ID, State: loan.ValeAuthorised,
		Quote: quoteOf(l.bench, money.Amount(1000_00), 8, quincena.Date{Year: 2026, Month: 3, Day: 2}), TermsHash: "x", Expires: l.now.Add(time.Hour), AuthorisedAt: l.now,
	}
	l.must(l.write(func(book *lending.Book) error { book.AddVale(vale); return nil }))
	for _, p := range []lending.Person{kept, other, third} {
		l.must(l.exec(`insert into conversation (id, key, person_id, channel, address, created_at) values ($1, $2, $3, 'sms', $4, $5)`, newID(), "tel:"+p.Phone, p.ID, p.Phone, l.now))
		l.must(l.exec(`insert into contact (key, person_id) values ($1, $2)`, "tel:"+p.Phone, p.ID))
	}
	l.must(l.Consented(t.Context(), lending.Consent{Contact: "tel:" + kept.Phone, Purpose: lending.MarketingPurpose, Granted: true, Evidence: "S-1", Actor: "luis"}, l.now))
	l.must(l.Consented(t.Context(), lending.Consent{Contact: "tel:" + other.Phone, Purpose: lending.MarketingPurpose, Granted: false, Evidence: "S-2", Actor: "luis"}, l.now.Add(time.Minute)))
	before := l.state()

	l.pair("person.merge", kept, other)
	l.foundUnder(kept, other, vale.ID)
	l.pair("person.merge", kept, third)
	l.pair("person.unmerge", kept, third)
	l.foundUnder(kept, other, vale.ID)
	l.pair("person.unmerge", kept, other)
	if diff := cmp.Diff(before, l.state()); diff != "" {
		t.Error(diff)
	}
	for _, p := range []lending.Person{kept, other, third} {
		if again, err := l.PersonByPhone(t.Context(), p.Phone); err != nil || again != p {
			t.Errorf("%s is not as she was: %v", p.ID, err)
		}
	}
	if n := l.count(`audit where action in ('person.merge', 'person.unmerge') and detail like '%dos chips%'`); n != 4 {
		t.Errorf("%d audit rows, want 4", n)
	}
}

// foundUnder checks that what is the other's is found under the kept one.
func (l *lender) foundUnder(kept, other lending.Person, vale uuid.UUID) {
	l.Helper()
	who, err := l.PersonByPhone(l.Context(), other.Phone)
	l.must(err)
	if who.ID != kept.ID {
		l.Errorf("at her other phone is %s", who.ID)
	}
	l.must(l.Read(l.Context(), func(b *lending.Book) error {
		vales, err := b.ValesOf(kept.ID)
		if err == nil && (len(vales) != 1 || vales[0].ID != vale) {
			l.Errorf("%d vales are found under the kept one", len(vales))
		}
		return err
	}))
	if n := l.count(`conversation where person_id = '` + kept.ID.String() + `'`); n != 2 {
		l.Errorf("%d conversations are hers, want 2", n)
	}
	var agreed bool
	l.must(l.pool.QueryRow(l.Context(), `select consents($1, 'sms', 'marketing')`, "tel:"+kept.Phone).Scan(&agreed))
	if agreed {
		l.Error("a no at one phone does not count at the other")
	}
	l.must(l.write(func(book *lending.Book) error {
		book.Emits = append(book.Emits, lending.Emit{Key: newID().String(), PersonID: other.ID, Name: "vale.authorized"})
		return nil
	}))
	if n := l.count(`inbox i join conversation c on c.id = i.conversation_id where c.key <> 'tel:` + kept.Phone + `'`); n != 0 {
		l.Errorf("%d events went to the other phone", n)
	}
}
