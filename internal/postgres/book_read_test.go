package postgres

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

func TestPersonByPhone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	p, err := b.PersonByPhone(t.Context(), w.ana.Phone)
	if diff := cmp.Diff(w.ana, p); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s %v", diff, err)
	}
	if _, err := b.PersonByPhone(t.Context(), "+520000000000"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("PersonByPhone of nobody = %v", err)
	}
}

func TestLoanPanel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	attempt := w.disbursement
	attempt.Account = ""
	want := LoanPanel{
		Loan: w.loan, Borrower: "Ana Ruiz", Distributor: "María López",
		Payments: []lending.Payment{w.payment}, Promises: []lending.Promise{w.promise}, Attempts: []lending.Disbursement{attempt},
	}
	for _, reference := range []string{"V-00017", "00000179"} {
		got, err := b.Loan(t.Context(), reference)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s (-want +got):\n%s %v", reference, diff, err)
		}
	}
	all, err := b.LoansOf(t.Context(), w.ana.ID)
	if diff := cmp.Diff([]LoanPanel{want}, all, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("LoansOf (-want +got):\n%s %v", diff, err)
	}
	if all, err := b.LoansOf(t.Context(), w.maria.ID); err != nil || len(all) != 0 {
		t.Errorf("LoansOf somebody who owes nothing = %+v, %v", all, err)
	}
	if _, err := b.Loan(t.Context(), "V-99999"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Loan of no folio = %v", err)
	}
}

func TestReadWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	b.must(b.Read(t.Context(), func(book *lending.Book) error {
		p, err := book.Person(w.ana.ID)
		if err != nil {
			return err
		}
		p.Name = "Otra"
		book.PutPerson(p)
		return nil
	}))
	if p, err := b.PersonByPhone(t.Context(), w.ana.Phone); err != nil || p.Name != "Ana Ruiz" {
		t.Errorf("name = %q, %v", p.Name, err)
	}
}

func TestReadEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	err := b.Read(t.Context(), func(book *lending.Book) error {
		if _, err := book.Person(uuid.New()); !errors.Is(err, lending.ErrMissing) {
			return err
		}
		return lending.ErrMissing
	})
	if err == nil {
		t.Error("a read that always misses something ended well")
	}
	broken := errors.New("broken")
	if err := b.Read(t.Context(), func(*lending.Book) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("Read = %v", err)
	}
}
