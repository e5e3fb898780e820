package lending

import (
	"errors"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// MainBranch is the branch of a lender that has only one.
const MainBranch = "matriz"

func corteUses() []use {
	one := flow.Fields{"corte": flow.Text}
	done := []string{"ok", "unchanged"}
	return []use{
		{"corte.open", flow.ActionSpec{
			With: flow.Fields{"sucursal": flow.Text}, Outcomes: done, Result: flow.Fields{"id": flow.Text},
		}, (*act).corteOpen},
		{"corte.start", flow.ActionSpec{With: one, Outcomes: done}, (*act).corteStart},
		{"relacion.generate", flow.ActionSpec{
			With: flow.Fields{"corte": flow.Text, "distribuidora": flow.Text}, Outcomes: []string{"ok", "unchanged", "nothing"},
			Result: flow.Fields{"id": flow.Text, "folio": flow.Text, "total": flow.Amount},
		}, (*act).relacionGenerate},
		{"corte.finish", flow.ActionSpec{With: one, Outcomes: done}, (*act).corteFinish},
	}
}

// corteOpen opens the corte of a branch that comes next: the first covers the
// period of today, each other one the period right after the one before. One
// that is not closed yet stays.
func (a *act) corteOpen() (Result, error) {
	branch := a.text("sucursal")
	if branch == "" {
		return Result{}, fault.New(fault.Invalid, "no_branch", "Falta la sucursal.")
	}
	last, ok, err := a.b.CorteOf(branch)
	if err != nil {
		return Result{}, err
	}
	if ok && last.State != loan.CorteClosed {
		a.about(KindCorte, last.ID)
		return with("unchanged", map[string]any{"id": last.ID.String()})
	}
	c := a.set.period(a.today())
	if ok {
		c = a.set.period(last.To.AddDays(1))
	}
	c.ID, c.Branch, c.Seq, c.State = a.NewID(), branch, last.Seq+1, loan.CorteOpen
	a.b.PutCorte(c)
	a.about(KindCorte, c.ID)
	return with("ok", map[string]any{"id": c.ID.String()})
}

func (a *act) corteNamed() (Corte, error) {
	id, err := a.id("corte")
	if err != nil {
		return Corte{}, err
	}
	a.about(KindCorte, id)
	return a.b.Corte(id)
}

// corteStart begins to close a corte, from its day on.
func (a *act) corteStart() (Result, error) {
	c, err := a.corteNamed()
	switch {
	case err != nil:
		return Result{}, err
	case c.State != loan.CorteOpen:
		return say("unchanged")
	case a.today().Before(c.CutOn):
		return Result{}, fault.Newf(fault.Conflict, "corte_too_early", "Este corte se hace a partir del %s.", c.CutOn.Short())
	}
	if err := walk(&c.State, loan.CorteDoStart); err != nil {
		return Result{}, err
	}
	a.b.PutCorte(c)
	return say("ok")
}

// corteFinish closes a corte whose relaciones are all made. Who calls it has
// seen that nobody is left.
func (a *act) corteFinish() (Result, error) {
	c, err := a.corteNamed()
	switch {
	case err != nil:
		return Result{}, err
	case c.State == loan.CorteClosed:
		return say("unchanged")
	}
	if err := walk(&c.State, loan.CorteDoFinish); err != nil {
		return Result{}, err
	}
	a.b.PutCorte(c)
	return say("ok")
}

// relacionGenerate makes the relación of one distributor in a corte, once. What
// the one before it left unpaid goes into it, and that one ends CARRIED.
func (a *act) relacionGenerate() (Result, error) {
	c, err := a.corteNamed()
	if err != nil {
		return Result{}, err
	}
	d, err := a.distributorNamed()
	if err != nil {
		return Result{}, err
	}
	last, had, err := a.b.RelacionOf(d.ID)
	switch {
	case err != nil:
		return Result{}, err
	case had && last.CorteID == c.ID:
		return with("unchanged", generated(last))
	case c.State != loan.CorteClosing:
		return Result{}, fault.New(fault.Conflict, "corte_not_closing", "Ese corte no se está cerrando.")
	case d.Branch != c.Branch:
		return Result{}, fault.New(fault.Invalid, "other_branch", "Esa distribuidora es de otra sucursal.")
	case had && !last.Due.Before(c.To):
		return Result{}, fault.New(fault.Conflict, "corte_in_past", "Ya hay una relación de una fecha igual o posterior.")
	}
	rows, loans, err := a.rowsOf(d, c)
	if err != nil {
		return Result{}, err
	}
	if len(rows) == 0 {
		return with("nothing", map[string]any{"id": "", "folio": "", "total": money.Amount(0)})
	}
	return a.generate(c, d, last, had, rows, loans)
}

func generated(r Relacion) map[string]any {
	return map[string]any{"id": r.ID.String(), "folio": r.Folio, "total": r.Total}
}

// rowsOf lists what every active loan of a distributor adds to a corte, in the
// order of the loans, and the positions that it was read from.
func (a *act) rowsOf(d Distributor, c Corte) ([]Row, []debt, error) {
	loans, err := a.b.LoansBy(d.ID)
	if err != nil {
		return nil, nil, err
	}
	if err := a.need(loans); err != nil {
		return nil, nil, err
	}
	var rows []Row
	var debts []debt
	for _, l := range loans {
		payments, err1 := a.b.PaymentsOf(l.ID)
		client, err2 := a.b.Person(l.PersonID)
		if err := errors.Join(err1, err2); err != nil {
			return nil, nil, err
		}
		more := l.listed(l.replay(payments, a.bookDay(l)), c, client.Name, a.endedPaid)
		if len(more) > 0 {
			rows = append(rows, more...)
			debts = append(debts, debt{Loan: l, payments: payments})
		}
	}
	return rows, debts, nil
}

// need asks for everything that listing loans reads, so that one load is enough.
func (a *act) need(loans []Loan) error {
	_, missing := paymentsOf(a.b, loans)
	for _, l := range loans {
		if _, err := a.b.Person(l.PersonID); errors.Is(err, ErrMissing) {
			missing = err
		}
		for _, e := range l.Listing.Rows {
			if _, err := a.b.Relacion(e.Relacion); errors.Is(err, ErrMissing) {
				missing = err
			}
		}
	}
	return missing
}

// endedPaid reports whether a relación that need has loaded was paid whole.
func (a *act) endedPaid(id uuid.UUID) bool {
	r, err := a.b.Relacion(id)
	return err == nil && r.State == loan.RelacionPaid
}

// generate writes a relación and what follows from it.
func (a *act) generate(c Corte, d Distributor, last Relacion, had bool, rows []Row, debts []debt) (Result, error) {
	folio, err := a.b.NextFolio("R")
	if err != nil {
		return Result{}, err
	}
	r := Relacion{
		ID: a.NewID(), CorteID: c.ID, DistributorID: d.ID, Folio: folio, Reference: relacionReference(folio),
		Issued: a.Now, Due: c.To, Enforceable: c.Enforceable, EarlyBy: c.EarlyBy,
		Earned: d.Commission, Points: d.Points, Limit: d.Limit, Available: d.Available(), State: loan.RelacionGenerated,
	}
	for _, row := range rows {
		r.Total += row.Total
		r.Commission += row.Commission
	}
	if had && last.State != loan.RelacionPaid {
		r.Previous, r.Streak = last.ID, last.Streak+1
		if err := walk(&last.State, loan.RelacionDoCarry); err != nil {
			return Result{}, err
		}
		a.b.PutRelacion(last)
	}
	r = r.Sealed(rows)
	if err := r.stand(a.today()); err != nil {
		return Result{}, err
	}
	a.b.AddRelacion(r, rows)
	if d.Owes != (r.State != loan.RelacionPaid) {
		d.Owes = !d.Owes
		a.b.PutDistributor(d)
	}
	a.list(r, rows, debts)
	a.tellRelacion(r, d)
	a.about(KindRelacion, r.ID)
	a.note = d.ID.String()
	return with("ok", generated(r))
}

// list notes on each loan what the relación says of it.
func (a *act) list(r Relacion, rows []Row, debts []debt) {
	for _, one := range debts {
		var mine []Row
		for _, row := range rows {
			if row.Loan == one.Loan.ID {
				mine = append(mine, row)
			}
		}
		one.Loan.Listing = one.Loan.Listing.with(r, one.Loan.TermsHash, mine)
		a.b.PutLoan(one.Loan)
	}
}
