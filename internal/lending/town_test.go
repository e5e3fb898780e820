package lending_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// failer is what the town needs of *testing.T and *rapid.T.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// town is a store in memory with a clock: it loads what an action misses and
// runs it again, as the real one does.
type town struct {
	t       failer
	catalog lending.Catalog
	now     time.Time
	ids     uint64
	folios  int
	rows    map[lending.Key]any
	entries []ledger.Entry
	emits   []lending.Emit
	told    map[string]bool // emit keys
	calls   []lending.RailCall
	audits  []lending.Audit

	maria lending.Distributor
	ana   lending.Person
}

// opening is a Monday morning in central Mexico.
var opening = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)

const (
	mariaPhone = "+526670000001"
	anaPhone   = "+526671234567"
	pin        = "4821"
)

var anaBirth = quincena.Date{Year: 1990, Month: time.March, Day: 5}

func product(t failer) loan.Product {
	t.Helper()
	text, err := os.ReadFile("../../flows/products/vale.yaml")
	if err != nil {
		t.Fatalf("read product: %v", err)
	}
	p, err := loan.ParseProduct(text)
	if err != nil {
		t.Fatalf("parse product: %v", err)
	}
	return p
}

// newTown has María with a line of $20,000 and Ana, whom she may lend to.
func newTown(t failer) *town {
	t.Helper()
	w := &town{
		t: t, catalog: lending.Actions(lending.Settings{Product: product(t)}), now: opening,
		rows: map[lending.Key]any{}, told: map[string]bool{},
	}
	w.must(w.run("distributor.upsert", map[string]any{
		"telefono": mariaPhone, "nombre": "Maria Lopez", "nacimiento": quincena.Date{},
		"linea": money.Pesos(20000), "plazos": []int{4, 6, 8, 12}, "nip": pin,
	}))
	w.must(w.run("person.upsert", map[string]any{
		"telefono": anaPhone, "nombre": "Ana Ruiz", "nacimiento": anaBirth, "tope": money.Pesos(5000),
	}))
	w.maria = only[lending.Distributor](w, lending.KindDistributor)
	w.ana = w.person(anaPhone)
	return w
}

func (w *town) must(r lending.Result, err error) lending.Result {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("unexpected error: %v", err)
	}
	return r
}

// newID makes ids that differ in every part and never depend on the day.
func (w *town) newID() uuid.UUID {
	w.ids++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, w.ids))
	id := uuid.UUID(sum[:16])
	binary.BigEndian.PutUint64(id[:], w.ids)
	return id
}

func (w *town) call(with map[string]any, change ...func(*lending.Call)) lending.Call {
	c := lending.Call{
		Actor: "cli", Cause: fmt.Sprintf("event-%d", len(w.audits)), Now: w.now, Zone: quincena.Central(),
		NewID: w.newID, With: with,
		Hash:   func(pin string) string { return "hash of " + pin },
		Verify: func(encoded, pin string) bool { return encoded == "hash of "+pin },
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

// run runs one action and, if it did not fail, writes what it decided.
func (w *town) run(name string, with map[string]any, change ...func(*lending.Call)) (lending.Result, error) {
	w.t.Helper()
	b := lending.NewBook()
	for range 20 {
		r, err := w.catalog.Run(b, name, w.call(with, change...))
		if errors.Is(err, lending.ErrMissing) {
			w.load(b)
			continue
		}
		if err == nil {
			w.write(b)
		}
		return r, err
	}
	w.t.Fatalf("%s: still missing after 20 loads: %v", name, b.Missing())
	return lending.Result{}, nil
}

func (w *town) load(b *lending.Book) {
	for _, key := range b.Missing() {
		if ids, ok := w.lookUp(key); ok {
			b.LoadList(key, ids)
			w.loadFound(b, ids)
			continue
		}
		b.Load(key, w.rows[key], 1)
	}
}

// loadFound tells what a look-up found together with the look-up.
func (w *town) loadFound(b *lending.Book, ids []string) {
	for key, row := range w.rows {
		if slices.Contains(ids, key.ID) && key.Kind != lending.KindCode && key.Kind != lending.KindRelacionRows {
			b.Load(key, row, 1)
		}
	}
}

// lookUp answers the look-ups; ok is false for the key of an entity.
func (w *town) lookUp(key lending.Key) (ids []string, ok bool) {
	switch key.Kind {
	case lending.KindNextFolio:
		w.folios++
		return []string{fmt.Sprintf("%s-%05d", key.ID, w.folios)}, true
	case lending.KindPersonByPhone:
		return idsOf(w, func(p lending.Person) bool { return p.Phone == key.ID }), true
	case lending.KindDistributorByPerson:
		return idsOf(w, func(d lending.Distributor) bool { return d.PersonID.String() == key.ID }), true
	case lending.KindValesByPerson:
		return idsOf(w, func(v lending.Vale) bool { return w.under(v.PersonID, key.ID) && !v.State.Terminal() }), true
	case lending.KindLoansByPerson:
		return idsOf(w, func(l lending.Loan) bool { return w.under(l.PersonID, key.ID) && !l.State.Terminal() }), true
	case lending.KindDisbursementsByVale:
		return idsOf(w, func(d lending.Disbursement) bool { return d.ValeID.String() == key.ID }), true
	case lending.KindPaymentsByLoan:
		return idsOf(w, func(p lending.Payment) bool { return p.LoanID.String() == key.ID }), true
	case lending.KindPaymentByKey:
		return idsOf(w, func(p lending.Payment) bool { return lending.PaymentKey(p.Source, p.Reference, p.Operated) == key.ID }), true
	case lending.KindPaymentsByPerson:
		return idsOf(w, func(p lending.Payment) bool { return p.PersonID.String() == key.ID }), true
	case lending.KindCorrectionsByPerson:
		return idsOf(w, func(c lending.Correction) bool { return c.PersonID.String() == key.ID }), true
	case lending.KindCorrectionByFolio:
		return idsOf(w, func(c lending.Correction) bool { return c.Folio == key.ID }), true
	case lending.KindPromisesByLoan:
		return idsOf(w, func(p lending.Promise) bool { return p.LoanID.String() == key.ID }), true
	case lending.KindComplaintsByPerson:
		return idsOf(w, func(q lending.Complaint) bool {
			return w.under(q.PersonID, key.ID) && q.State != lending.ComplaintClosed
		}), true
	case lending.KindRequestsByPerson:
		return idsOf(w, func(r lending.Request) bool { return w.under(r.PersonID, key.ID) && r.Closed.IsZero() }), true
	case lending.KindReferralByWord:
		return idsOf(w, func(r lending.Referral) bool { return r.Word == key.ID }), true
	case lending.KindReferralsBy:
		return idsOf(w, func(r lending.Referral) bool { return r.ReferrerID.String() == key.ID }), true
	case lending.KindLoansByDistributor:
		return idsOf(w, func(l lending.Loan) bool { return l.DistributorID.String() == key.ID && l.State == loan.LoanActive }), true
	case lending.KindCorteByBranch:
		return latestOf(w, func(c lending.Corte) (bool, string) { return c.Branch == key.ID, c.To.String() }), true
	case lending.KindRelacionBy:
		return latestOf(w, func(r lending.Relacion) (bool, string) { return r.DistributorID.String() == key.ID, r.Due.String() }), true
	case lending.KindRelacionByReference:
		return idsOf(w, func(r lending.Relacion) bool { return r.Reference == key.ID || r.Folio == key.ID }), true
	case lending.KindDepositsBy:
		return idsOf(w, func(d lending.Deposit) bool { return d.DistributorID.String() == key.ID }), true
	case lending.KindDepositByKey:
		return idsOf(w, func(d lending.Deposit) bool { return d.Source+"|"+d.Reference == key.ID }), true
	case lending.KindLoanByReference:
		return idsOf(w, func(l lending.Loan) bool { return l.Reference == key.ID || l.Folio == key.ID }), true
	}
	return nil, false
}

// under reports whether a record is the one with the id, or was merged into it.
func (w *town) under(record uuid.UUID, id string) bool {
	p, _ := w.rows[lending.Key{Kind: lending.KindPerson, ID: record.String()}].(lending.Person)
	return record.String() == id || p.MergedInto.String() == id
}

// latestOf answers a look-up of the one that is last in some order.
func latestOf[T any](w *town, order func(T) (bool, string)) []string {
	var ids []string
	last := ""
	for key, row := range w.rows {
		value, ok := row.(T)
		if !ok {
			continue
		}
		if wanted, at := order(value); wanted && at > last {
			ids, last = []string{key.ID}, at
		}
	}
	return ids
}

func idsOf[T any](w *town, wanted func(T) bool) []string {
	var ids []string
	for key, row := range w.rows {
		if value, ok := row.(T); ok && wanted(value) {
			ids = append(ids, key.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

var kinds = []lending.Kind{
	lending.KindPerson, lending.KindDistributor, lending.KindVale, lending.KindLoan, lending.KindDisbursement,
	lending.KindCode, lending.KindPayment, lending.KindPromise, lending.KindComplaint, lending.KindContact,
	lending.KindRequest, lending.KindCorte, lending.KindRelacion, lending.KindRelacionRows, lending.KindDeposit, lending.KindCorrection, lending.KindReferral,
}

func (w *town) write(b *lending.Book) {
	for _, kind := range kinds {
		for _, key := range b.Changed(kind) {
			w.rows[key] = b.At(key).Value
		}
	}
	w.entries = append(w.entries, b.Entries...)
	for _, e := range b.Emits {
		if !w.told[e.Key] {
			w.told[e.Key] = true
			w.emits = append(w.emits, e)
		}
	}
	w.calls = append(w.calls, b.Calls...)
	w.audits = append(w.audits, b.Audits...)
}

// snapshot is all that money and state are made of; audits and calls aside.
func (w *town) snapshot() map[string]any {
	s := map[string]any{"entries": len(w.entries), "emits": len(w.emits)}
	for key, row := range w.rows {
		if c, ok := row.(lending.Contact); ok && c == (lending.Contact{Key: c.Key, PersonID: c.PersonID}) {
			continue // a contact of which nothing is noted is none
		}
		s[string(key.Kind)+" "+key.ID] = row
	}
	return s
}

func all[T any](w *town) []T {
	var rows []T
	keys := make([]lending.Key, 0, len(w.rows))
	for key := range w.rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b lending.Key) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
	})
	for _, key := range keys {
		if value, ok := w.rows[key].(T); ok {
			rows = append(rows, value)
		}
	}
	return rows
}

func only[T any](w *town, _ lending.Kind) T {
	w.t.Helper()
	rows := all[T](w)
	if len(rows) != 1 {
		w.t.Fatalf("%d rows of %v, want 1", len(rows), reflect.TypeFor[T]())
	}
	return rows[0]
}

func at[T any](w *town, kind lending.Kind, id uuid.UUID) T {
	w.t.Helper()
	value, ok := w.rows[lending.Key{Kind: kind, ID: id.String()}].(T)
	if !ok {
		w.t.Fatalf("no %s %s", kind, id)
	}
	return value
}

func (w *town) person(phone string) lending.Person {
	w.t.Helper()
	for _, p := range all[lending.Person](w) {
		if p.Phone == phone {
			return p
		}
	}
	w.t.Fatalf("nobody has %s", phone)
	return lending.Person{}
}

func (w *town) line() lending.Distributor {
	return at[lending.Distributor](w, lending.KindDistributor, w.maria.ID)
}

// change edits a row behind the actions' back, to set up a case.
func change[T any](w *town, kind lending.Kind, id uuid.UUID, edit func(*T)) {
	row := at[T](w, kind, id)
	edit(&row)
	w.rows[lending.Key{Kind: kind, ID: id.String()}] = row
}
