package lending

import (
	"strings"

	"github.com/google/uuid"

	"valebot/internal/fault"
)

// Person reads a person by id.
func (b *Book) Person(id uuid.UUID) (Person, error) {
	return get[Person](b, Key{KindPerson, id.String()})
}

// PutPerson changes or adds a person.
func (b *Book) PutPerson(p Person) {
	put(b, Key{KindPerson, p.ID.String()}, p)
	if p.Phone != "" {
		b.lists[Key{KindPersonByPhone, p.Phone}] = []string{p.ID.String()}
	}
}

// PersonByPhone finds the person with a phone in E.164: of one that was merged
// into another, that other. ok is false if nobody has it.
func (b *Book) PersonByPhone(phone string) (p Person, ok bool, err error) {
	p, ok, err = b.recordAt(phone)
	if err == nil && ok && p.MergedInto != uuid.Nil {
		p, err = b.Person(p.MergedInto)
	}
	return p, ok, err
}

// PersonAt finds the person whose contact a key is: by the phone in it, or else
// whom it is bound to. ok is false if it is nobody's.
func (b *Book) PersonAt(key string) (p Person, ok bool, err error) {
	if phone, is := strings.CutPrefix(key, "tel:"); is {
		if p, ok, err = b.PersonByPhone(phone); err != nil || ok {
			return p, ok, err
		}
	}
	c, err := b.Contact(key)
	if fault.KindOf(err) == fault.NotFound || err == nil && c.PersonID == uuid.Nil {
		return Person{}, false, nil
	}
	if err != nil {
		return Person{}, false, err
	}
	p, err = b.Person(c.PersonID)
	if err == nil && p.MergedInto != uuid.Nil {
		p, err = b.Person(p.MergedInto)
	}
	return p, err == nil, err
}

// Distributor reads a distributor by id.
func (b *Book) Distributor(id uuid.UUID) (Distributor, error) {
	return get[Distributor](b, Key{KindDistributor, id.String()})
}

// PutDistributor changes or adds a distributor.
func (b *Book) PutDistributor(d Distributor) {
	put(b, Key{KindDistributor, d.ID.String()}, d)
	b.lists[Key{KindDistributorByPerson, d.PersonID.String()}] = []string{d.ID.String()}
}

// DistributorOf finds the distributor that a person is. ok is false if she is none.
func (b *Book) DistributorOf(person uuid.UUID) (d Distributor, ok bool, err error) {
	return first[Distributor](b, Key{KindDistributorByPerson, person.String()}, KindDistributor)
}

// Vale reads a vale by id.
func (b *Book) Vale(id uuid.UUID) (Vale, error) { return get[Vale](b, Key{KindVale, id.String()}) }

// PutVale changes a vale.
func (b *Book) PutVale(v Vale) { put(b, Key{KindVale, v.ID.String()}, v) }

// AddVale adds a vale made in this transaction.
func (b *Book) AddVale(v Vale) {
	b.PutVale(v)
	b.link(Key{KindValesByPerson, v.PersonID.String()}, v.ID.String())
	b.lists[Key{KindDisbursementsByVale, v.ID.String()}] = nil
}

// ValesOf reads the vales of a beneficiary that are not yet terminal.
func (b *Book) ValesOf(person uuid.UUID) ([]Vale, error) {
	return many[Vale](b, Key{KindValesByPerson, person.String()}, KindVale)
}

// Loan reads a loan by id.
func (b *Book) Loan(id uuid.UUID) (Loan, error) { return get[Loan](b, Key{KindLoan, id.String()}) }

// PutLoan changes a loan.
func (b *Book) PutLoan(l Loan) { put(b, Key{KindLoan, l.ID.String()}, l) }

// AddLoan adds a loan made in this transaction.
func (b *Book) AddLoan(l Loan) {
	b.PutLoan(l)
	b.link(Key{KindLoansByPerson, l.PersonID.String()}, l.ID.String())
	b.lists[Key{KindPaymentsByLoan, l.ID.String()}] = nil
	b.lists[Key{KindPromisesByLoan, l.ID.String()}] = nil
}

// LoansOf reads the loans of a person that are not yet terminal.
func (b *Book) LoansOf(person uuid.UUID) ([]Loan, error) {
	return many[Loan](b, Key{KindLoansByPerson, person.String()}, KindLoan)
}

// LoansBy reads the active loans that a distributor vouches for.
func (b *Book) LoansBy(distributor uuid.UUID) ([]Loan, error) {
	return many[Loan](b, Key{KindLoansByDistributor, distributor.String()}, KindLoan)
}

// LoanByReference finds a loan by payment reference or folio.
func (b *Book) LoanByReference(reference string) (l Loan, ok bool, err error) {
	return first[Loan](b, Key{KindLoanByReference, reference}, KindLoan)
}

// Disbursement reads an attempt to pay out.
func (b *Book) Disbursement(id uuid.UUID) (Disbursement, error) {
	return get[Disbursement](b, Key{KindDisbursement, id.String()})
}

// PutDisbursement changes an attempt.
func (b *Book) PutDisbursement(d Disbursement) { put(b, Key{KindDisbursement, d.ID.String()}, d) }

// AddDisbursement adds an attempt made in this transaction.
func (b *Book) AddDisbursement(d Disbursement) {
	b.PutDisbursement(d)
	b.link(Key{KindDisbursementsByVale, d.ValeID.String()}, d.ID.String())
}

// DisbursementsOf reads all attempts of a vale, oldest first.
func (b *Book) DisbursementsOf(vale uuid.UUID) ([]Disbursement, error) {
	return many[Disbursement](b, Key{KindDisbursementsByVale, vale.String()}, KindDisbursement)
}

// Code reads the withdrawal code of an attempt.
func (b *Book) Code(id uuid.UUID) (Code, error) { return get[Code](b, Key{KindCode, id.String()}) }

// PutCode changes or adds a withdrawal code.
func (b *Book) PutCode(c Code) { put(b, Key{KindCode, c.ID.String()}, c) }

// Payment reads a payment by id.
func (b *Book) Payment(id uuid.UUID) (Payment, error) {
	return get[Payment](b, Key{KindPayment, id.String()})
}

// PaymentByKey finds a payment by its PaymentKey.
func (b *Book) PaymentByKey(key string) (p Payment, ok bool, err error) {
	return first[Payment](b, Key{KindPaymentByKey, key}, KindPayment)
}

// PutPayment changes a payment.
func (b *Book) PutPayment(p Payment) { put(b, Key{KindPayment, p.ID.String()}, p) }

// AddPayment adds a payment made in this transaction, or one that was in
// suspense and has found its loan.
func (b *Book) AddPayment(p Payment) {
	b.PutPayment(p)
	if p.LoanID != uuid.Nil {
		b.link(Key{KindPaymentsByLoan, p.LoanID.String()}, p.ID.String())
		b.link(Key{KindPaymentsByPerson, p.PersonID.String()}, p.ID.String())
	}
	b.lists[Key{KindPaymentByKey, PaymentKey(p.Source, p.Reference, p.Operated)}] = []string{p.ID.String()}
}

// PaymentsBy reads all payments that count or counted for a person's loans.
func (b *Book) PaymentsBy(person uuid.UUID) ([]Payment, error) {
	return many[Payment](b, Key{KindPaymentsByPerson, person.String()}, KindPayment)
}

// Correction reads a correction by id.
func (b *Book) Correction(id uuid.UUID) (Correction, error) {
	return get[Correction](b, Key{KindCorrection, id.String()})
}

// CorrectionByFolio finds a correction by its folio.
func (b *Book) CorrectionByFolio(folio string) (c Correction, ok bool, err error) {
	return first[Correction](b, Key{KindCorrectionByFolio, folio}, KindCorrection)
}

// PutCorrection changes a correction.
func (b *Book) PutCorrection(c Correction) { put(b, Key{KindCorrection, c.ID.String()}, c) }

// AddCorrection adds a correction made in this transaction.
func (b *Book) AddCorrection(c Correction) {
	b.PutCorrection(c)
	if c.PersonID != uuid.Nil {
		b.link(Key{KindCorrectionsByPerson, c.PersonID.String()}, c.ID.String())
	}
	b.lists[Key{KindCorrectionByFolio, c.Folio}] = []string{c.ID.String()}
}

// CorrectionsOf reads all corrections about a person's money, oldest first.
func (b *Book) CorrectionsOf(person uuid.UUID) ([]Correction, error) {
	return many[Correction](b, Key{KindCorrectionsByPerson, person.String()}, KindCorrection)
}

// PaymentsOf reads all payments of a loan, by value date and then receipt.
func (b *Book) PaymentsOf(loan uuid.UUID) ([]Payment, error) {
	return many[Payment](b, Key{KindPaymentsByLoan, loan.String()}, KindPayment)
}

// Promise reads a promise by id.
func (b *Book) Promise(id uuid.UUID) (Promise, error) {
	return get[Promise](b, Key{KindPromise, id.String()})
}

// PutPromise changes a promise.
func (b *Book) PutPromise(p Promise) { put(b, Key{KindPromise, p.ID.String()}, p) }

// AddPromise adds a promise made in this transaction.
func (b *Book) AddPromise(p Promise) {
	b.PutPromise(p)
	b.link(Key{KindPromisesByLoan, p.LoanID.String()}, p.ID.String())
}

// PromisesOf reads all promises about a loan, oldest first.
func (b *Book) PromisesOf(loan uuid.UUID) ([]Promise, error) {
	return many[Promise](b, Key{KindPromisesByLoan, loan.String()}, KindPromise)
}

// Contact reads a contact by its key.
func (b *Book) Contact(key string) (Contact, error) { return get[Contact](b, Key{KindContact, key}) }

// PutContact changes or adds a contact.
func (b *Book) PutContact(c Contact) { put(b, Key{KindContact, c.Key}, c) }

// NextFolio takes the number reserved for a series: V for vales, Q for
// complaints, S for requests, R for relaciones, A for corrections. Asking again within one Book goes on to the next reserved number.
func (b *Book) NextFolio(series string) (string, error) {
	key := Key{KindNextFolio, series}
	ids, err := b.list(key)
	if err != nil {
		return "", err
	}
	if len(ids) == 0 {
		delete(b.lists, key)
		b.missing[key] = struct{}{}
		return "", ErrMissing
	}
	b.lists[key] = ids[1:]
	return ids[0], nil
}

// Corte reads a corte by id.
func (b *Book) Corte(id uuid.UUID) (Corte, error) {
	return get[Corte](b, Key{KindCorte, id.String()})
}

// PutCorte changes or adds a corte.
func (b *Book) PutCorte(c Corte) {
	put(b, Key{KindCorte, c.ID.String()}, c)
	b.lists[Key{KindCorteByBranch, c.Branch}] = []string{c.ID.String()}
}

// CorteOf finds the latest corte of a branch. ok is false if it has none yet.
func (b *Book) CorteOf(branch string) (c Corte, ok bool, err error) {
	return first[Corte](b, Key{KindCorteByBranch, branch}, KindCorte)
}

// Relacion reads a relación by id.
func (b *Book) Relacion(id uuid.UUID) (Relacion, error) {
	return get[Relacion](b, Key{KindRelacion, id.String()})
}

// PutRelacion changes a relación.
func (b *Book) PutRelacion(r Relacion) { put(b, Key{KindRelacion, r.ID.String()}, r) }

// AddRelacion adds a relación made in this transaction, with its rows.
func (b *Book) AddRelacion(r Relacion, rows []Row) {
	b.PutRelacion(r)
	put(b, Key{KindRelacionRows, r.ID.String()}, RelacionRows{r.ID, rows})
	b.lists[Key{KindRelacionBy, r.DistributorID.String()}] = []string{r.ID.String()}
}

// RelacionOf finds the latest relación of a distributor. ok is false if she has
// had none.
func (b *Book) RelacionOf(distributor uuid.UUID) (r Relacion, ok bool, err error) {
	return first[Relacion](b, Key{KindRelacionBy, distributor.String()}, KindRelacion)
}

// RelacionByReference finds a relación by payment reference or folio.
func (b *Book) RelacionByReference(reference string) (r Relacion, ok bool, err error) {
	return first[Relacion](b, Key{KindRelacionByReference, reference}, KindRelacion)
}

// RelacionRows reads the rows of a relación.
func (b *Book) RelacionRows(id uuid.UUID) (RelacionRows, error) {
	return get[RelacionRows](b, Key{KindRelacionRows, id.String()})
}

// DepositByKey finds a deposit on a relación by where it came from and its
// reference there.
func (b *Book) DepositByKey(source, reference string) (d Deposit, ok bool, err error) {
	return first[Deposit](b, Key{KindDepositByKey, source + "|" + reference}, KindDeposit)
}

// DepositsBy reads all deposits of a distributor on her relaciones.
func (b *Book) DepositsBy(distributor uuid.UUID) ([]Deposit, error) {
	return many[Deposit](b, Key{KindDepositsBy, distributor.String()}, KindDeposit)
}

// PutDeposit changes a deposit.
func (b *Book) PutDeposit(d Deposit) { put(b, Key{KindDeposit, d.ID.String()}, d) }

// AddDeposit adds a deposit made in this transaction.
func (b *Book) AddDeposit(d Deposit) {
	b.PutDeposit(d)
	b.link(Key{KindDepositsBy, d.DistributorID.String()}, d.ID.String())
	b.lists[Key{KindDepositByKey, d.Source + "|" + d.Reference}] = []string{d.ID.String()}
}

// first reads the only entity of a look-up.
func first[T any](b *Book, lookup Key, kind Kind) (T, bool, error) {
	all, err := many[T](b, lookup, kind)
	if err != nil || len(all) == 0 {
		var zero T
		return zero, false, err
	}
	return all[0], true, nil
}
