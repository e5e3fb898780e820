package lending_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/money"
)

func personKey(id uuid.UUID) lending.Key {
	return lending.Key{Kind: lending.KindPerson, ID: id.String()}
}

func TestABookTellsMissingFromAbsent(t *testing.T) {
	t.Parallel()
	b, id := lending.NewBook(), uuid.New()
	if _, err := b.Person(id); !errors.Is(err, lending.ErrMissing) {
		t.Errorf("never loaded: %v", err)
	}
	if diff := cmp.Diff([]lending.Key{personKey(id)}, b.Missing()); diff != "" {
		t.Errorf("missing:\n%s", diff)
	}
	if again := b.Missing(); len(again) != 0 {
		t.Errorf("missing twice: %v", again)
	}
	b.Load(personKey(id), nil, 0)
	if _, err := b.Person(id); fault.KindOf(err) != fault.NotFound || fault.CodeOf(err) != "no_such_person" {
		t.Errorf("absent: %v", err)
	}
}

func TestABookRemembersWhatItLoaded(t *testing.T) {
	t.Parallel()
	b, p := lending.NewBook(), lending.Person{ID: uuid.New(), Name: "Ana"}
	b.Load(personKey(p.ID), p, 7)
	b.Load(personKey(p.ID), lending.Person{Name: "later"}, 8)
	if got := b.Changed(lending.KindPerson); len(got) != 0 {
		t.Errorf("changed by loading: %v", got)
	}
	changed := p
	changed.Name = "Ana Ruiz"
	b.PutPerson(changed)
	want := &lending.Record{Value: changed, Old: p, Rev: 7, Dirty: true}
	if diff := cmp.Diff(want, b.At(personKey(p.ID))); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]lending.Key{personKey(p.ID)}, b.Changed(lending.KindPerson)); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
}

func TestAnOverlayReadsThroughAndKeepsItsChanges(t *testing.T) {
	t.Parallel()
	base, p := lending.NewBook(), lending.Person{ID: uuid.New(), Phone: anaPhone, Name: "Ana"}
	base.Load(personKey(p.ID), p, 3)
	o := base.Overlay().Overlay()
	changed := p
	changed.Name = "Ana Ruiz"
	o.PutPerson(changed)
	if got, err := base.Person(p.ID); err != nil || got.Name != "Ana" {
		t.Errorf("the base has %q, %v", got.Name, err)
	}
	if got, ok, err := o.PersonByPhone(anaPhone); !ok || err != nil || got.Name != "Ana Ruiz" {
		t.Errorf("the overlay finds %q, %v", got.Name, err)
	}
	base.Merge(o)
	want := &lending.Record{Value: changed, Old: p, Rev: 3, Dirty: true}
	if diff := cmp.Diff(want, base.At(personKey(p.ID))); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

func TestMergeAddsWhatHappened(t *testing.T) {
	t.Parallel()
	base := lending.NewBook()
	base.Audits = []lending.Audit{{Action: "one"}}
	o := base.Overlay()
	o.Emits = []lending.Emit{{Key: "e"}}
	o.Calls = []lending.RailCall{{Op: "issue"}}
	o.Audits = []lending.Audit{{Action: "two"}}
	base.Merge(o)
	if len(base.Emits) != 1 || len(base.Calls) != 1 || len(base.Audits) != 2 {
		t.Errorf("%v %v %v", base.Emits, base.Calls, base.Audits)
	}
}

func TestFoliosAreTakenInOrderAndAskedForWhenSpent(t *testing.T) {
	t.Parallel()
	b := lending.NewBook()
	key := lending.Key{Kind: lending.KindNextFolio, ID: "V"}
	for _, reserved := range [][]string{{"V-00001", "V-00002"}, {"V-00065"}} {
		if _, err := b.NextFolio("V"); !errors.Is(err, lending.ErrMissing) {
			t.Fatalf("nothing reserved: %v", err)
		}
		if diff := cmp.Diff([]lending.Key{key}, b.Missing()); diff != "" {
			t.Errorf("missing:\n%s", diff)
		}
		b.LoadList(key, reserved)
		for _, want := range reserved {
			if got, err := b.NextFolio("V"); got != want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		}
	}
}

func TestWhatABookMadeIsFoundByIt(t *testing.T) {
	t.Parallel()
	b, person := lending.NewBook(), uuid.New()
	v := lending.Vale{ID: uuid.New(), PersonID: person}
	l := lending.Loan{ID: uuid.New(), PersonID: person}
	b.LoadList(lending.Key{Kind: lending.KindValesByPerson, ID: person.String()}, nil)
	b.LoadList(lending.Key{Kind: lending.KindLoansByPerson, ID: person.String()}, nil)
	b.AddVale(v)
	b.AddLoan(l)
	d := lending.Disbursement{ID: uuid.New(), ValeID: v.ID}
	p := lending.Payment{ID: uuid.New(), LoanID: l.ID, Source: "stp", Reference: "1"}
	q := lending.Promise{ID: uuid.New(), LoanID: l.ID}
	b.AddDisbursement(d)
	b.AddPayment(p)
	b.AddPromise(q)
	for name, n := range map[string]func() (int, error){
		"vales":    func() (int, error) { all, err := b.ValesOf(person); return len(all), err },
		"loans":    func() (int, error) { all, err := b.LoansOf(person); return len(all), err },
		"attempts": func() (int, error) { all, err := b.DisbursementsOf(v.ID); return len(all), err },
		"payments": func() (int, error) { all, err := b.PaymentsOf(l.ID); return len(all), err },
		"promises": func() (int, error) { all, err := b.PromisesOf(l.ID); return len(all), err },
	} {
		if got, err := n(); got != 1 || err != nil {
			t.Errorf("%d %s, %v", got, name, err)
		}
	}
	if got, ok, err := b.PaymentByKey("stp|1"); !ok || err != nil || got.ID != p.ID {
		t.Errorf("payment by key: %v, %v", ok, err)
	}
	if missing := b.Missing(); len(missing) != 0 {
		t.Errorf("missing %v", missing)
	}
}

func TestAvailableIsWhatIsNeitherHeldNorUsed(t *testing.T) {
	t.Parallel()
	d := lending.Distributor{Limit: money.Pesos(20000), Held: money.Pesos(3000), Used: money.Pesos(5000)}
	if got := d.Available(); got != money.Pesos(12000) {
		t.Errorf("got %s", got)
	}
}
