package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

// maxRounds bounds how often a read may find something more to load; the
// longest chain of look-ups today has five links.
const maxRounds = 16

// Read runs do over a Book, loading what do finds missing and running it again
// from the start, on one snapshot. What do changes in the Book is dropped. It
// serves the desk, the command line and rails, who read with the same words as
// the actions. An action that takes a folio cannot run here.
func (s *Store) Read(ctx context.Context, do func(b *lending.Book) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return away(pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		b := lending.NewBook()
		for range maxRounds {
			err := do(b)
			if !errors.Is(err, lending.ErrMissing) {
				return err
			}
			if err := fetch(ctx, tx, s, b, b.Missing()); err != nil {
				return err
			}
		}
		return fmt.Errorf("read book: still something missing after %d rounds", maxRounds)
	}))
}

// PersonByPhone finds a person by E.164 phone, or returns fault.NotFound.
func (s *Store) PersonByPhone(ctx context.Context, phone string) (lending.Person, error) {
	var found lending.Person
	err := s.Read(ctx, func(b *lending.Book) error {
		p, ok, err := b.PersonByPhone(phone)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "no_such_person", "No hay nadie con ese teléfono.")
		}
		found = p
		return err
	})
	return found, err
}

// LoanPanel is a loan as the desk shows it. It holds no secret: attempts are
// listed without their codes, and without accounts.
type LoanPanel struct {
	Loan        lending.Loan
	Borrower    string // name
	Distributor string // name
	Payments    []lending.Payment
	Promises    []lending.Promise
	Attempts    []lending.Disbursement // Account is empty
}

// Loan reads a loan by folio or payment reference, or returns fault.NotFound.
func (s *Store) Loan(ctx context.Context, reference string) (LoanPanel, error) {
	var panel LoanPanel
	err := s.Read(ctx, func(b *lending.Book) error {
		l, ok, err := b.LoanByReference(reference)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "no_such_loan", "No hay un préstamo con ese folio o referencia.")
		}
		if err != nil {
			return err
		}
		panel, err = loanPanel(b, l)
		return err
	})
	return panel, err
}

// LoansOf reads the loans of a person that are not terminal, oldest first.
func (s *Store) LoansOf(ctx context.Context, person uuid.UUID) ([]LoanPanel, error) {
	var panels []LoanPanel
	err := s.Read(ctx, func(b *lending.Book) error {
		loans, err := b.LoansOf(person)
		if err != nil {
			return err
		}
		panels = make([]LoanPanel, len(loans))
		// Every loan is tried before the first error goes up, so that one round
		// loads what all of them miss.
		var errs []error
		for i, l := range loans {
			if panels[i], err = loanPanel(b, l); err != nil {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	})
	return panels, err
}

// loanPanel asks for everything before it gives up, which saves round trips.
func loanPanel(b *lending.Book, l lending.Loan) (LoanPanel, error) {
	borrower, err1 := b.Person(l.PersonID)
	payments, err2 := b.PaymentsOf(l.ID)
	promises, err3 := b.PromisesOf(l.ID)
	attempts, err4 := b.DisbursementsOf(l.ValeID)
	distributor, err5 := b.Distributor(l.DistributorID)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return LoanPanel{}, err
	}
	who, err := b.Person(distributor.PersonID)
	if err != nil {
		return LoanPanel{}, err
	}
	for i := range attempts {
		attempts[i].Account = ""
	}
	return LoanPanel{l, borrower.Name, who.Name, payments, promises, attempts}, nil
}
