package lending

import (
	"strings"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func openingUses() []use {
	return []use{{"vale.import", flow.ActionSpec{
		With: flow.Fields{
			"origen": flow.Text, "distribuidora": flow.Phone, "cliente": flow.Phone, "monto": flow.Amount, "quincenas": flow.Int,
			"entrega": flow.Date, "saldo": flow.Amount, "recargos": flow.Amount,
		},
		Outcomes: []string{"created", "unchanged"},
		Result:   flow.Fields{"id": flow.Text, "folio": flow.Text, "cambios": flow.Text},
	}, (*act).valeImport}}
}

// openingID names the ids of imported loans: the same folio of the old system
// is the same loan, however often it is imported.
func openingID(kind, origin string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("valebot.import/1 "+kind+" "+origin))
}

// valeImport takes over a live loan of another system. Its schedule is that of
// the product on the day of delivery; what has been paid is the difference to
// the balance given, and counts as one payment of that day; late fees are those
// given, and what this product would have charged beyond them is waived. Nothing
// is said to anybody, and no bank account moves: all of it stands against the
// opening balance.
func (a *act) valeImport() (Result, error) {
	origin := strings.TrimSpace(a.text("origen"))
	if origin == "" {
		return Result{}, fault.New(fault.Invalid, "import_without_origin", "Falta el folio de origen.")
	}
	o, err := a.importedOffer()
	if err != nil {
		return Result{}, err
	}
	if err := a.b.reserved("V"); err != nil {
		return Result{}, err
	}
	id := openingID("loan", origin)
	a.about(KindLoan, id)
	switch old, err := a.b.Loan(id); {
	case err == nil:
		return a.sameImport(old, o)
	case fault.KindOf(err) != fault.NotFound:
		return Result{}, err
	}
	q, err := a.importedQuote(o)
	if err != nil {
		return Result{}, err
	}
	return a.takeOver(origin, o, q)
}

// importedOffer reads who lent and who borrowed, by phone.
func (a *act) importedOffer() (offer, error) {
	who, ok, err := a.b.PersonByPhone(a.text("distribuidora"))
	if err != nil {
		return offer{}, err
	}
	if !ok {
		return offer{}, fault.New(fault.NotFound, "import_no_distributor", "No hay una distribuidora con ese teléfono.")
	}
	d, ok, err := a.b.DistributorOf(who.ID)
	if err != nil {
		return offer{}, err
	}
	if !ok {
		return offer{}, fault.New(fault.NotFound, "import_no_distributor", "No hay una distribuidora con ese teléfono.")
	}
	p, ok, err := a.b.PersonByPhone(a.text("cliente"))
	if err != nil {
		return offer{}, err
	}
	if !ok {
		return offer{}, fault.New(fault.NotFound, "import_no_person", "No hay un cliente con ese teléfono.")
	}
	return offer{d, p, a.amount("monto"), a.int("quincenas")}, nil
}

// sameImport answers a row that comes again. What was paid since is no change.
func (a *act) sameImport(old Loan, o offer) (Result, error) {
	v, err := a.b.Vale(old.ValeID)
	if err != nil {
		return Result{}, err
	}
	t := v.Quote.Terms
	if t.Principal != o.amount || t.N != o.terms || t.Issued != a.date("entrega") || old.PersonID != o.person.ID || old.DistributorID != o.distributor.ID {
		return Result{}, fault.New(fault.Conflict, "import_changed", "Ese folio de origen ya se importó con otros datos.")
	}
	return with("unchanged", map[string]any{"id": old.ID.String(), "folio": old.Folio, "cambios": ""})
}

// importedQuote is the schedule of the product on the day of delivery, also
// where that is before the product was first offered here.
func (a *act) importedQuote(o offer) (loan.Quote, error) {
	on := a.date("entrega")
	if on.IsZero() || on.After(a.today()) {
		return loan.Quote{}, fault.New(fault.Invalid, "import_date", "La fecha de entrega falta o todavía no llega.")
	}
	p := a.set.Product
	if on.Before(p.From) {
		p.From = on
	}
	q, err := loan.NewQuote(p, o.amount, o.terms, on, a.set.Calendar)
	switch {
	case err != nil:
		return q, err
	case a.amount("saldo") <= 0:
		return q, fault.New(fault.Invalid, "import_settled", "Un vale sin saldo no se importa.")
	case a.amount("saldo") > q.Terms.Total:
		return q, fault.Newf(fault.Conflict, "import_balance", "El saldo es mayor que el total del vale, %s.", q.Terms.Total)
	case a.amount("recargos") < 0:
		return q, fault.New(fault.Invalid, "import_fees", "Los recargos no pueden ser negativos.")
	}
	return q, nil
}

// takeOver writes vale, loan, payments and opening entries.
func (a *act) takeOver(origin string, o offer, q loan.Quote) (Result, error) {
	folio, err := a.b.NextFolio("V")
	if err != nil {
		return Result{}, err
	}
	reference, err := paymentReference(folio)
	if err != nil {
		return Result{}, err
	}
	delivered := q.Terms.Issued.At(12, 0, a.set.Zone)
	v := Vale{
		ID: openingID("vale", origin), Folio: folio, DistributorID: o.distributor.ID, PersonID: o.person.ID, State: loan.ValeConverted,
		Quote: q, TermsHash: q.Terms.Hash(), Expires: delivered, AuthorisedAt: delivered, AcceptedAt: delivered,
		Evidence: Evidence{Identity: "importado " + origin, At: a.Now}, LoanID: openingID("loan", origin),
	}
	l := Loan{
		ID: v.LoanID, ValeID: v.ID, Folio: folio, PersonID: v.PersonID, DistributorID: v.DistributorID, State: loan.LoanActive,
		Quote: q, TermsHash: v.TermsHash, Reference: reference, Active: q.Terms.Issued,
	}
	payments, at, err := a.openingPayments(l)
	if err != nil {
		return Result{}, err
	}
	owed := owedCapital(at)
	l.Position, l.Released = stored(at), q.Terms.Principal-owed
	if err := a.openLine(o.distributor, owed, folio); err != nil {
		return Result{}, err
	}
	a.b.AddVale(v)
	a.b.AddLoan(l)
	for _, p := range payments {
		a.b.AddPayment(p)
	}
	if history := at.History(); len(history) > 0 {
		o.person.Segment = string(loan.SegmentOf(history))
		a.b.PutPerson(o.person)
	}
	if err := a.post("apertura "+folio, l.opening(at, payments)...); err != nil {
		return Result{}, err
	}
	return with("created", map[string]any{"id": l.ID.String(), "folio": folio, "cambios": "alta " + folio})
}

// openingPayments are what brings a new loan to the balance given, and the
// position that comes out, which is checked against it.
func (a *act) openingPayments(l Loan) ([]Payment, loan.Position, error) {
	saldo, fees, total := a.amount("saldo"), a.amount("recargos"), l.Quote.Terms.Total
	var payments []Payment
	if total > saldo {
		payments = append(payments, a.opening(l, sourceOpening, total-saldo, l.Active))
	}
	at := l.replay(payments, a.today())
	if extra := at.Outstanding - saldo - fees; extra > 0 {
		payments = append(payments, a.opening(l, sourceWaived, extra, a.today()))
		at = l.replay(payments, a.today())
	}
	if at.Outstanding != saldo+fees || at.Credit != 0 {
		return nil, at, fault.Newf(fault.Conflict, "import_balance", "Con esos datos se deberían %s, y el archivo dice %s.", at.Outstanding, saldo+fees)
	}
	for i, r := range at.Receipts {
		payments[i].Allocations, payments[i].Excess = r.Allocations, r.Excess
	}
	return payments, at, nil
}

func (a *act) opening(l Loan, source string, amount money.Amount, on quincena.Date) Payment {
	return Payment{
		ID: a.NewID(), LoanID: l.ID, PersonID: l.PersonID, Source: source, Reference: "importado " + l.ID.String(),
		Amount: amount, ValueDate: on, ReceivedAt: a.Now, State: loan.PaymentPosted,
	}
}

// openLine puts the capital that is still out in use of the line.
func (a *act) openLine(d Distributor, owed money.Amount, folio string) error {
	if owed > d.Available() {
		return fault.Newf(fault.Conflict, "import_line", "La línea disponible, %s, no alcanza para el capital de este vale, %s.", d.Available(), owed)
	}
	d.Used += owed
	a.b.PutDistributor(d)
	lines := append(ledger.HoldLine(d.ID.String(), owed), ledger.UseLine(d.ID.String(), owed)...)
	return a.post("línea usada al importar "+folio, lines...)
}

// opening returns the entry of a loan that was lent and partly paid before these
// books: what is owed on it, against the opening balance.
func (l Loan) opening(at loan.Position, payments []Payment) []ledger.Line {
	before := ledger.Account{Code: ledger.OpeningBalance}
	lines := loan.Disburse(l.ID.String(), l.Quote.Terms.Principal, before)
	lines = append(lines, l.change(loan.Position{}, at, nil, payments)...)
	for i, line := range lines {
		if code := line.Account.Code; onLoan(code) && line.Account.Owner == "" {
			lines[i].Account = before
		}
	}
	return lines
}
