package postgres

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// plansOf reads the plans of a loan and of its vale.
func (b bench) plansOf(w town) [2]loan.Quote {
	b.Helper()
	book := b.load(lending.Key{Kind: lending.KindLoan, ID: w.loan.ID.String()}, lending.Key{Kind: lending.KindVale, ID: w.loan.ValeID.String()})
	l, err := book.Loan(w.loan.ID)
	b.must(err)
	v, err := book.Vale(w.loan.ValeID)
	b.must(err)
	return [2]loan.Quote{l.Quote, v.Quote}
}

// A plan is read once and then known by the hash of its terms, for the loan and
// for the vale that it comes from. What a caller does to it is hers alone.
func TestPlansAreReadOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	want := [2]loan.Quote{w.loan.Quote, w.loan.Quote}
	first := b.plansOf(w)
	if diff := cmp.Diff(want, first); diff != "" {
		t.Fatalf("first (-want +got):\n%s", diff)
	}
	first[0].Rows[0].Capital = 1
	b.must(b.exec(`update loan set quote = jsonb_set(quote, '{rows,0,capital}', '7')`))
	b.must(b.exec(`update vale set quote = jsonb_set(quote, '{rows,0,capital}', '7')`))
	for range 2 {
		again := b.plansOf(w)
		if diff := cmp.Diff(want, again); diff != "" {
			t.Errorf("again (-want +got):\n%s", diff)
		}
		again[1].Rows[0].Capital = 2
	}
}

// A row whose plan is not what its hash says keeps the one that it holds, and
// nobody else is given it: here the vale, whose row is sound and shares the hash.
func TestAWrongPlanTeachesNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	b.Store.plans = &plans{} // what writing the rows has taught
	b.must(b.exec(`update loan set quote = jsonb_set(quote, '{rows,0,capital}', '7')`))
	load := func(kind lending.Kind, id uuid.UUID) *lending.Book {
		return b.load(lending.Key{Kind: kind, ID: id.String()})
	}
	for range 2 {
		l, err := load(lending.KindLoan, w.loan.ID).Loan(w.loan.ID)
		b.must(err)
		if l.Quote.Rows[0].Capital != 7 || l.Quote.Intact() {
			t.Errorf("the loan was given %v", l.Quote.Rows[0].Capital)
		}
	}
	if got := b.plansOf(w); got[0].Rows[0].Capital != 7 && got[0].Rows[0] != w.loan.Quote.Rows[0] || !got[1].Intact() {
		t.Errorf("together they were given %v and %v", got[0].Rows[0].Capital, got[1].Rows[0].Capital)
	}
	v, err := load(lending.KindVale, w.loan.ValeID).Vale(w.loan.ValeID)
	b.must(err)
	if diff := cmp.Diff(w.loan.Quote, v.Quote); diff != "" {
		t.Errorf("the vale was given another plan (-want +got):\n%s", diff)
	}
}

// A vale whose column says another amount than its plan is not read, whether the
// plan is known or not.
func TestAValeOfAnotherPrincipalIsNotRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	b.plansOf(w)
	b.must(b.exec(`update vale set principal_cents = principal_cents + 1`))
	for _, known := range []bool{true, false} {
		if !known {
			b.Store.plans = &plans{}
		}
		err := b.write(func(book *lending.Book) error {
			_, err := book.Vale(w.loan.ValeID)
			return err
		})
		if err == nil {
			t.Errorf("it was read (known %v)", known)
		}
	}
}

// Memory is bounded: what does not fit makes room for itself.
func TestPlansAreBounded(t *testing.T) {
	t.Parallel()
	p := &plans{}
	for i := range mostPlans + 5 {
		p.keep(map[string]loan.Quote{fmt.Sprint(i): {Rows: []loan.Instalment{{N: i}}}})
		if len(p.quotes) > mostPlans {
			t.Fatalf("%d plans are kept", len(p.quotes))
		}
	}
	last, ok := p.find(fmt.Sprint(mostPlans + 4))
	if !ok || last.Rows[0].N != mostPlans+4 {
		t.Errorf("the last one is %+v, %v", last, ok)
	}
	if _, ok := p.find("unheard of"); ok {
		t.Error("a plan came from nowhere")
	}
}

// Invariant: whatever changes of a loan is among the columns that are written.
func TestAnUpdateLeavesOutWhatIsAsItWas(t *testing.T) {
	t.Parallel()
	a := loans()
	old := lending.Loan{TermsHash: "a", Quote: loan.Quote{Rows: make([]loan.Instalment, 2)}, Listing: lending.Listing{Rows: []lending.Listed{{N: 1}}}}
	changes := map[string]func(*lending.Loan){
		"quote":   func(l *lending.Loan) { l.TermsHash = "b" },
		"reward":  func(l *lending.Loan) { l.Quote.Rows = l.Quote.Rows[:1] },
		"listing": func(l *lending.Loan) { l.Listing.Rows = []lending.Listed{{N: 1, Fees: money.Pesos(1)}} },
	}
	written := func(l lending.Loan, column string) bool {
		some := a.changing(a.shape(&lending.Record{Old: old}, l))
		return slices.ContainsFunc(some, func(at int) bool { return a.columns[at].name == column })
	}
	for column, change := range changes {
		l := old
		change(&l)
		if !written(l, column) {
			t.Errorf("%s changed and is not written", column)
		}
		if written(old, column) {
			t.Errorf("%s is written although nothing changed", column)
		}
	}
	for _, column := range []string{"state", "owed_cents", "wake_on", "person_id"} {
		if !written(old, column) {
			t.Errorf("%s is never written", column)
		}
	}
	for _, listing := range []lending.Listing{{}, {Relacion: uuid.New(), Rows: old.Listing.Rows}, {Terms: "x", Rows: old.Listing.Rows}, {Settled: 1, Rows: old.Listing.Rows}} {
		if sameListing(old.Listing, listing) {
			t.Errorf("%+v is taken for %+v", listing, old.Listing)
		}
	}
	if whole := a.changing(a.shape(&lending.Record{}, old)); len(whole) != len(a.columns)-len(a.fixed) {
		t.Errorf("without an old value %d columns are written", len(whole))
	}
}
