package lending

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Deposit is money that a distributor paid on a relación. (Source, Reference)
// is its key. Its parts are payments of the loans, with the same source and the
// reference "reference/folio of the loan"; what no loan takes is her saldo a
// favor, so that every centavo is in one place.
type Deposit struct {
	ID            uuid.UUID
	RelacionID    uuid.UUID // the one that took it: the latest of the distributor
	DistributorID uuid.UUID
	Source        string
	Reference     string
	Amount        money.Amount
	ValueDate     quincena.Date
	ReceivedAt    time.Time
	State         loan.PaymentState // POSTED or REVERSED
	Excess        money.Amount      // to the saldo a favor
	Folios        []string          // of the loans that it went to, in order
}

// SourceCommission is the source of a deposit that a distributor makes out of
// the commission that is due to her.
const SourceCommission = "comision"

// relacionPay takes a distributor's money for the relación whose reference she
// wrote, once per (source, reference). An older reference of hers pays the
// relación that carries the rest. Rows are paid in their order, the oldest
// instalments of each loan first.
func (a *act) relacionPay() (Result, error) {
	d := deposit{
		source: a.text("source"), reference: a.text("reference"), written: Written{Account: a.text("account")},
		amount: a.amount("amount"), on: a.date("value_date"),
	}
	if err := a.checkDeposit(d); err != nil {
		return Result{}, err
	}
	named, ok, err := a.b.RelacionByReference(a.text("account"))
	switch {
	case err != nil:
		return Result{}, err
	case !ok:
		return Result{}, fault.New(fault.NotFound, "no_such_relacion", "No hay una relación con esa referencia.")
	}
	return a.payRelacion(d, named)
}

// payRelacion spreads a deposit over the latest relación of the distributor
// whose reference was written.
func (a *act) payRelacion(d deposit, named Relacion) (Result, error) {
	r, _, err1 := a.b.RelacionOf(named.DistributorID)
	old, known, err2 := a.b.DepositByKey(d.source, d.reference)
	if err := errors.Join(err1, err2); err != nil {
		return Result{}, err
	}
	a.about(KindRelacion, r.ID)
	if known {
		return a.sameDeposit(old, r, d.amount)
	}
	rows, err := a.b.RelacionRows(r.ID)
	if err != nil {
		return Result{}, err
	}
	dep := Deposit{
		ID: a.NewID(), RelacionID: r.ID, DistributorID: r.DistributorID, Source: d.source, Reference: d.reference,
		Amount: d.amount, ValueDate: d.on, ReceivedAt: a.Now, State: loan.PaymentPosted,
	}
	return a.spread(dep, rows)
}

// sameDeposit answers a deposit that is told again.
func (a *act) sameDeposit(old Deposit, r Relacion, amount money.Amount) (Result, error) {
	if old.Amount != amount || old.DistributorID != r.DistributorID {
		return Result{}, fault.New(fault.Conflict, "payment_key_reused", "Esa referencia de pago ya se usó con otro monto u otra relación.")
	}
	return with("repeated", deposited(old, r))
}

func deposited(d Deposit, r Relacion) map[string]any {
	return map[string]any{"id": d.ID.String(), "folio": r.Folio, "falta": r.Uncovered(), "a_favor": d.Excess}
}

// spread pays the loans of a relación out of a deposit.
func (a *act) spread(dep Deposit, rows RelacionRows) (Result, error) {
	debts, err := a.debtsOf(rows)
	if err != nil {
		return Result{}, err
	}
	d, err := a.b.Distributor(dep.DistributorID)
	if err != nil {
		return Result{}, err
	}
	received, err := a.drawn(d, dep)
	if err != nil {
		return Result{}, err
	}
	left := dep.Amount
	for _, one := range debts {
		part := min(left, one.dueOn(dep.RelacionID, a))
		if part <= 0 {
			continue
		}
		if err := a.payPart(dep, one.Loan.ID, part); err != nil {
			return Result{}, err
		}
		left -= part
		dep.Folios = append(dep.Folios, one.Folio)
	}
	dep.Excess = left
	a.b.AddDeposit(dep)
	credit := ledger.Account{Code: ledger.SaldoAFavor, Owner: d.PersonID.String()}
	if err := a.post("saldo a favor de relación", ledger.Move(left, credit, received)...); err != nil {
		return Result{}, err
	}
	r, err := a.b.Relacion(dep.RelacionID)
	return Result{Outcome: "ok", Value: deposited(dep, r)}, err
}

// debtsOf reads the loans of a relación in the order of its rows, each once. It
// asks for all before it says that one is missing.
func (a *act) debtsOf(rows RelacionRows) ([]debt, error) {
	var debts []debt
	var missing error
	for _, row := range rows.Rows {
		if slices.ContainsFunc(debts, func(d debt) bool { return d.Loan.ID == row.Loan }) {
			continue
		}
		l, err1 := a.b.Loan(row.Loan)
		payments, err2 := a.b.PaymentsOf(row.Loan)
		if err := errors.Join(err1, err2); err != nil {
			if missing = err; !errors.Is(err, ErrMissing) {
				return nil, err
			}
			l.ID = row.Loan
		}
		debts = append(debts, debt{Loan: l, payments: payments})
	}
	return debts, missing
}

// dueOn is what a loan still owes of the instalments that a relación lists,
// late fees included; nothing for a loan that is not active.
func (d debt) dueOn(relacion uuid.UUID, a *act) money.Amount {
	g := d.Listing
	if d.State != loan.LoanActive || g.Relacion != relacion || g.Terms != d.TermsHash {
		return 0
	}
	at := d.Loan.replay(d.payments, a.bookDay(d.Loan))
	var sum money.Amount
	for _, e := range g.Rows {
		if e.Relacion == relacion {
			sum += owedOf(at, e.N)
		}
	}
	return sum
}

// drawn is the account that a deposit comes from. Commission may be used as far
// as it is due.
func (a *act) drawn(d Distributor, dep Deposit) (ledger.Account, error) {
	if dep.Source != SourceCommission {
		return bankOf(dep.Source), nil
	}
	if dep.Amount > d.Commission {
		return ledger.Account{}, fault.New(fault.Limited, "commission_short", "La comisión disponible no alcanza para ese monto.")
	}
	d.Commission -= dep.Amount
	a.b.PutDistributor(d)
	return ledger.Account{Code: ledger.DistributorCommissionDue, Owner: d.ID.String()}, nil
}

// payPart counts a part of a deposit toward one loan. Money cannot count before
// the loan was paid out.
func (a *act) payPart(dep Deposit, id uuid.UUID, part money.Amount) error {
	d, err := a.paidOn(id)
	if err != nil {
		return err
	}
	p := Payment{
		ID: a.NewID(), LoanID: d.Loan.ID, PersonID: d.PersonID, Source: dep.Source, Reference: dep.Reference + "/" + d.Folio,
		Amount: part, ValueDate: laterOf(dep.ValueDate, d.Active), ReceivedAt: a.Now, State: loan.PaymentReceived,
	}
	if err := walk(&p.State, loan.PaymentDoMatch, loan.PaymentDoPost); err != nil {
		return err
	}
	a.b.AddPayment(p)
	if _, err := a.rebook(d, append(slices.Clone(d.payments), p)); err != nil {
		return err
	}
	return a.tellPaid(p)
}

// relacionReverse undoes a distributor's deposit: all its parts, and its excess.
func (a *act) relacionReverse() (Result, error) {
	a.note = a.text("reason")
	dep, ok, err := a.b.DepositByKey(a.text("source"), a.text("reference"))
	switch {
	case err != nil:
		return Result{}, err
	case !ok:
		return Result{}, fault.New(fault.NotFound, "no_such_payment", "No existe ese pago.")
	case dep.State == loan.PaymentReversed:
		return say("repeated")
	}
	if err := walk(&dep.State, loan.PaymentDoReverse); err != nil {
		return Result{}, err
	}
	d, err := a.b.Distributor(dep.DistributorID)
	if err != nil {
		return Result{}, err
	}
	received := bankOf(dep.Source)
	if dep.Source == SourceCommission {
		received = ledger.Account{Code: ledger.DistributorCommissionDue, Owner: d.ID.String()}
		d.Commission += dep.Amount
		a.b.PutDistributor(d)
	}
	_, err = a.creditOf(d.PersonID)
	if err := errors.Join(err, a.readParts(dep)); err != nil {
		return Result{}, err
	}
	for _, folio := range dep.Folios {
		if err := a.unpayPart(dep, folio); err != nil {
			return Result{}, err
		}
	}
	a.b.PutDeposit(dep)
	a.about(KindRelacion, dep.RelacionID)
	if err := a.post("reversa de saldo a favor de relación", ledger.Move(dep.Excess, received, creditAccount(d.PersonID))...); err != nil {
		return Result{}, err
	}
	return Result{Outcome: "ok"}, a.checkCredit(d.PersonID)
}

// readParts reads what taking back the parts of a deposit needs. It asks for all
// of it before it says that something is missing, so that a relación of many
// loans does not cost a round for each.
func (a *act) readParts(dep Deposit) error {
	var errs []error
	for _, folio := range dep.Folios {
		p, ok, err := a.b.PaymentByKey(PaymentKey(dep.Source, dep.Reference+"/"+folio, quincena.Date{}))
		if err != nil || !ok {
			errs = append(errs, err)
			continue
		}
		l, err1 := a.b.Loan(p.LoanID)
		_, err2 := a.b.PaymentsOf(p.LoanID)
		_, err3 := a.b.PromisesOf(p.LoanID)
		_, err4 := a.b.Person(p.PersonID)
		_, err5 := a.creditOf(p.PersonID)
		errs = append(errs, err1, err2, err3, err4, err5)
		if err1 == nil {
			_, err := a.b.Vale(l.ValeID)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// unpayPart takes back what a deposit paid of one loan, unless that was undone
// by itself before.
func (a *act) unpayPart(dep Deposit, folio string) error {
	p, ok, err := a.b.PaymentByKey(PaymentKey(dep.Source, dep.Reference+"/"+folio, quincena.Date{}))
	if err != nil || !ok || p.State != loan.PaymentPosted {
		return err
	}
	return a.takeBack(p)
}
