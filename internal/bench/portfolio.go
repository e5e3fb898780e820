package bench

import (
	"context"
	"fmt"
	"io/fs"

	"golang.org/x/sync/errgroup"

	"valebot/flows"
	"valebot/internal/app"
	"valebot/internal/engine"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// town is a portfolio that is made up: loans of many days, amounts and states of
// payment, with their people and their books, as they stand on the eve of a day.
type town struct {
	eve    quincena.Date
	quotes []loan.Quote
}

// heaviest is the last day before or on a date on which an instalment of every
// loan falls due, is booked and brings a reminder: the heaviest of a fortnight.
func heaviest(today quincena.Date) quincena.Date {
	for today.Day != 15 && today.AddDays(1).Day != 1 {
		today = today.AddDays(-1)
	}
	return today
}

// townSpans are the days of issue and the amounts in pesos that loans are made
// of: as many plans as a lender has in force.
const (
	issueDays  = 90
	leastPesos = 1000
	amounts    = 20
	terms      = 8
)

// newTown computes the plans of a portfolio on the eve of a day.
func newTown(day quincena.Date) (*town, error) {
	text, err := fs.ReadFile(flows.FS, "products/vale.yaml")
	if err != nil {
		return nil, fmt.Errorf("read product: %w", err)
	}
	product, err := loan.ParseProduct(text)
	if err != nil {
		return nil, fmt.Errorf("read product: %w", err)
	}
	product.From = quincena.Date{} // a machine may live in any year
	t := &town{eve: day.AddDays(-1)}
	for k := range issueDays {
		issued := day.AddDays(-15 - k)
		for k := range amounts {
			q, err := loan.NewQuote(product, money.Pesos(int64(leastPesos+500*k)), terms, issued, quincena.NewCalendar())
			if err != nil {
				return nil, fmt.Errorf("make plans: %w", err)
			}
			t.quotes = append(t.quotes, q)
		}
	}
	return t, nil
}

// seedBatch is how many loans are written in a transaction, loansEach how many a
// distributor has.
const seedBatch, loansEach = 500, 12

// seed writes n active loans. One in five has not paid its last instalment.
func (t *town) seed(ctx context.Context, p app.Portfolio, n int, progress func(string)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for from := 0; from < n; from += seedBatch {
		progress(fmt.Sprintf("sembrando %d de %d créditos", from, n))
		g.Go(func() error {
			return p.InTx(ctx, func(ctx context.Context, tx engine.Tx) error {
				book := lending.NewBook()
				if err := t.fill(book, from, min(from+seedBatch, n)); err != nil {
					return err
				}
				return tx.WriteBook(ctx, book, t.eve.At(23, 0, quincena.Central()))
			})
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("seed portfolio: %w", err)
	}
	return nil
}

// fill puts loans from number from to number to into a Book, with one entry of
// the ledger for all.
func (t *town) fill(b *lending.Book, from, to int) error {
	var d lending.Distributor
	var lines []ledger.Line
	for i := from; i < to; i++ {
		if (i-from)%loansEach == 0 {
			d = t.distributor(b, i)
			lines = append(lines, ledger.GrantLine(d.ID.String(), d.Limit)...)
		}
		more, err := t.loan(b, &d, i)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	e, err := ledger.NewEntry(engine.NewID().String(), t.eve.At(22, 0, quincena.Central()), "seed", "saldos de inicio", ledger.Net(lines...)...)
	if err != nil {
		return fmt.Errorf("book portfolio: %w", err)
	}
	b.Entries = append(b.Entries, e)
	return nil
}

func (t *town) distributor(b *lending.Book, i int) lending.Distributor {
	who := person(fmt.Sprintf("+5255%08d", i), t.eve)
	b.PutPerson(who)
	d := lending.Distributor{
		ID: engine.NewID(), PersonID: who.ID, State: loan.DistributorActive, Limit: money.Pesos(200_000), Terms: []int{terms},
		PINHash: "none", Branch: lending.MainBranch,
	}
	b.PutDistributor(d)
	return d
}

func person(phone string, day quincena.Date) lending.Person {
	return lending.Person{
		ID: engine.NewID(), Phone: phone, Name: "Persona de Prueba", Limit: money.Pesos(15_000), Segment: string(loan.Punctual),
		Created: day.At(9, 0, quincena.Central()),
	}
}

// loan puts one loan with its vale, borrower and payments into a Book and
// returns its lines.
func (t *town) loan(b *lending.Book, d *lending.Distributor, i int) ([]ledger.Line, error) {
	who := person(fmt.Sprintf("+5281%08d", i), t.eve)
	b.PutPerson(who)
	q := t.quotes[(i/seedBatch*7+i%amounts)%len(t.quotes)] // near ones share their plan, as loans of one day do
	l := lending.Loan{
		ID: engine.NewID(), ValeID: engine.NewID(), Folio: folio(i), PersonID: who.ID, DistributorID: d.ID,
		State: loan.LoanActive, Quote: q, TermsHash: q.Terms.Hash(), Reference: fmt.Sprintf("9%08d", i), Active: q.Terms.Issued,
	}
	payments := t.payments(b, l, i)
	at := loan.Replay(q.Terms, q.Rows, payments, t.eve)
	l.Position = lending.Position{
		AsOf: t.eve, NextN: at.NextN, NextDue: at.NextDue, NextAmount: at.NextAmount, Owed: at.Outstanding,
		Overdue: at.Overdue, DaysLate: at.DaysLate, Left: at.Left,
	}
	for _, row := range at.Rows {
		l.Released += row.Paid[loan.Capital]
	}
	issued := q.Terms.Issued.At(12, 0, quincena.Central())
	b.AddVale(lending.Vale{
		ID: l.ValeID, Folio: l.Folio, DistributorID: d.ID, PersonID: who.ID, State: loan.ValeConverted, Quote: q, TermsHash: l.TermsHash,
		Expires: issued.AddDate(0, 0, 3), AuthorisedAt: issued, AcceptedAt: issued, LoanID: l.ID,
	})
	b.AddLoan(l)
	d.Used += q.Terms.Principal - l.Released
	b.PutDistributor(*d)
	bank := ledger.Account{Code: ledger.CashProvider}
	lines := loan.Disburse(l.ID.String(), q.Terms.Principal, bank)
	lines = append(lines, loan.Post(l.ID.String(), who.ID.String(), bank, loan.Position{}, at)...)
	used := ledger.HoldLine(d.ID.String(), q.Terms.Principal-l.Released)
	return append(append(lines, used...), ledger.UseLine(d.ID.String(), q.Terms.Principal-l.Released)...), nil
}

// payments pays every instalment that fell due before, on its date; one loan in
// five leaves out the last.
func (t *town) payments(b *lending.Book, l lending.Loan, i int) []loan.Payment {
	var paid []loan.Payment
	for _, row := range l.Quote.Rows {
		last := row.N == len(l.Quote.Rows) || l.Quote.Rows[row.N].Due.After(t.eve)
		if row.Due.After(t.eve) || i%5 == 0 && last {
			break
		}
		p := lending.Payment{
			ID: engine.NewID(), LoanID: l.ID, PersonID: l.PersonID, Source: "panel", Reference: fmt.Sprintf("S%d-%d", i, row.N), Amount: row.Total(),
			ValueDate: row.Due, ReceivedAt: row.Due.At(10, 0, quincena.Central()), State: loan.PaymentPosted,
		}
		b.AddPayment(p)
		paid = append(paid, loan.Payment{ID: p.Source + "|" + p.Reference, On: p.ValueDate, Amount: p.Amount})
	}
	return paid
}

// folio names a loan of the portfolio by its number.
func folio(i int) string { return fmt.Sprintf("V-%06d", i) }
