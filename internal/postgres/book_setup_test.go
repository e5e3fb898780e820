package postgres

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/postgres/pgtest"
	"valebot/internal/quincena"
	"valebot/internal/vault"
	"valebot/migrations"
)

// bench is a store over a database of its own, with the town of the tests.
type bench struct {
	testing.TB
	*Store
	now time.Time
}

func newBench(t testing.TB) bench {
	t.Helper()
	v, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.Open(t, migrations.FS, Migrate)
	s, err := Open(t.Context(), url, v, newID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b := bench{t, s, time.Date(2026, 3, 2, 16, 30, 15, 123456000, time.UTC)}
	// The template may be older than the state machines that this test sees.
	b.must(b.inTx(seedTransitions))
	return b
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func (b bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b bench) inTx(do func(ctx context.Context, tx pgx.Tx) error) error {
	return pgx.BeginFunc(b.Context(), b.pool, func(tx pgx.Tx) error { return do(b.Context(), tx) })
}

// write runs do over a Book that loads what is missing, and writes it.
func (b bench) write(do func(book *lending.Book) error) error {
	return b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		book := lending.NewBook()
		for {
			work := book.Overlay()
			err := do(work)
			if missing := work.Missing(); len(missing) > 0 {
				if err := fetch(ctx, tx, b.Store, book, missing); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
			book.Merge(work)
			return writeBook(ctx, tx, b.vault, book, b.now, newID)
		}
	})
}

// load fetches keys into a new Book.
func (b bench) load(keys ...lending.Key) *lending.Book {
	b.Helper()
	book := lending.NewBook()
	b.must(b.inTx(func(ctx context.Context, tx pgx.Tx) error { return fetch(ctx, tx, b.Store, book, keys) }))
	return book
}

func (b bench) exec(sql string, args ...any) error {
	_, err := b.pool.Exec(b.Context(), sql, args...)
	return err
}

// town is one entity of each kind, all tied together.
type town struct {
	maria, ana   lending.Person
	distributor  lending.Distributor
	vale         lending.Vale
	loan         lending.Loan
	disbursement lending.Disbursement
	code         lending.Code
	payment      lending.Payment
	promise      lending.Promise
	complaint    lending.Complaint
	contact      lending.Contact
	request      lending.Request
	corte        lending.Corte
	relacion     lending.Relacion
	rows         lending.RelacionRows
	deposit      lending.Deposit
	stray        lending.Payment // in suspense
	correction   lending.Correction
	referral     lending.Referral
}

const (
	secretDigits = "918273645546"
	secretCLABE  = "012180015544332211"
	secretBirth  = "1990-03-05"
	secretReply  = "sí, lo acepto con gusto"
)

func newTown(b bench) town {
	b.Helper()
	at, day := b.now, quincena.Date{Year: 2026, Month: 3, Day: 2}
	q := quoteOf(b, 3000_00, 8, day)
	maria := lending.Person{ID: newID(), Phone: "+526670000001", Name: "María López", Limit: 0, Segment: "puntual", Created: at}
	ana := lending.Person{
		ID: newID(), Phone: "+526671234567", Name: "Ana Ruiz", Birth: quincena.Date{Year: 1990, Month: 3, Day: 5},
		Limit: 5000_00, Blocked: true, Segment: "leve", PaidCount: 3, Broken: 1, VerifyFails: 2,
		LockedUntil: at.Add(30 * time.Minute), Created: at,
	}
	d := lending.Distributor{
		ID: newID(), PersonID: maria.ID, State: loan.DistributorActive, Limit: 20000_00, Held: 0, Used: 3000_00,
		Terms: []int{4, 6, 8, 12}, PINHash: "$argon2id$…", PINFails: 1, LockedUntil: at,
		Branch: "centro", Category: "oro", Commission: 12_34, Points: -3, Owes: true,
	}
	v := lending.Vale{
		ID: newID(), Folio: "V-00017", DistributorID: d.ID, PersonID: ana.ID, State: loan.ValeConverted,
		Quote: q, TermsHash: q.Terms.Hash(), Expires: at.AddDate(0, 0, 3), AuthorisedAt: at, AcceptedAt: at.Add(time.Minute),
		Evidence: lending.Evidence{Offer: "SM1", OfferHash: "ab", Reply: "SM2", ReplyText: secretReply, At: at, Identity: "birth"},
		LoanID:   newID(),
		Reward:   goldReward(b),
	}
	l := lending.Loan{
		ID: v.LoanID, ValeID: v.ID, Folio: v.Folio, PersonID: ana.ID, DistributorID: d.ID, State: loan.LoanActive,
		Quote: q, TermsHash: v.TermsHash, Reference: "00000179", Active: day, Replanned: at, Released: 375_00,
		Position: lending.Position{
			AsOf: day, NextN: 2, NextDue: q.Rows[1].Due, NextAmount: 487_50,
			Owed: 3400_00, Overdue: 0, DaysLate: 0, Left: 7,
		},
		Reward: goldReward(b), Commission: 37_50, Points: 1,
	}
	cut := lending.Corte{
		ID: newID(), Branch: "centro", Seq: 1, State: loan.CorteOpen, From: day.AddDays(-1), To: day.AddDays(13), CutOn: day.AddDays(8),
		Enforceable: day.AddDays(14), EarlyBy: day.AddDays(11),
	}
	r := lending.Relacion{
		ID: newID(), CorteID: cut.ID, DistributorID: d.ID, Folio: "R-00005", Reference: "800000052", Issued: at, Due: cut.To,
		Enforceable: cut.Enforceable, EarlyBy: cut.EarlyBy, Total: 487_50, Commission: 37_50, Earned: 12_34, Points: 3, Limit: 20000_00,
		Available: 17000_00, Streak: 2, State: loan.RelacionPartial, Covered: 100_00, Late: true,
	}
	rows := []lending.Row{{
		Loan: l.ID, Folio: l.Folio, Product: "vale", Client: ana.Name, N: 1, Of: 8, Due: cut.To, Kind: lending.RowCarried, Origin: "R-00001",
		Payment: 487_50, Surcharge: 60_00, Paid: 60_00, Commission: 37_50, Total: 487_50,
	}}
	r = r.Sealed(rows)
	l.Listing = lending.Listing{Relacion: r.ID, Terms: l.TermsHash, Settled: 100_00, Rows: []lending.Listed{{N: 1, Relacion: r.ID, Folio: r.Folio, Total: 487_50}}}
	x := lending.Disbursement{
		ID: newID(), LoanID: l.ID, ValeID: v.ID, Rail: lending.RailATM, State: loan.DisbursementSettled,
		Amount: 3000_00, Account: secretCLABE, Rastreo: "VB1", Token: "tok", Created: at,
	}
	return town{
		maria: maria, ana: ana, distributor: d, vale: v, loan: l, disbursement: x,
		code: lending.Code{ID: x.ID, State: loan.CodeRedeemed, Digits: secretDigits, Network: "BBVA", Expires: at.Add(time.Hour)},
		payment: lending.Payment{
			ID: newID(), LoanID: l.ID, PersonID: ana.ID, Source: "panel", Reference: "R1", Amount: 500_00,
			ValueDate: day, ReceivedAt: at, State: loan.PaymentPosted,
			Allocations: []loan.Allocation{{N: 1, When: loan.DueNow, Component: loan.Capital, Amount: 487_50}}, Excess: 12_50,
		},
		promise: lending.Promise{
			ID: newID(), LoanID: l.ID, PersonID: ana.ID, State: loan.PromiseOpen,
			Date: day.AddDays(5), Amount: 487_50, Made: at,
		},
		complaint: lending.Complaint{
			ID: newID(), Folio: "Q-00003", ContactKey: "tel:+526671234567", PersonID: ana.ID, State: lending.ComplaintAnswered,
			Opened: at, DueBy: at.Add(48 * time.Hour), Answered: at.Add(time.Hour), Resolution: "se le devolvió el cobro doble",
		},
		request: lending.Request{
			ID: newID(), Folio: "S-00004", Kind: lending.RequestARCO, ContactKey: "tel:+526671234567", PersonID: ana.ID,
			Note: "quiero ver mis datos", Opened: at, DueBy: at.Add(48 * time.Hour), Decision: lending.Rejected, Reason: "ingresos", Amount: 3000_00, RetryOn: day.AddDays(90),
			Income: lending.Income{Amount: 1500_00, Per: lending.PerWeek}, Debts: 200_00,
		},
		corte: cut, relacion: r,
		rows: lending.RelacionRows{ID: r.ID, Rows: rows},
		deposit: lending.Deposit{
			ID: newID(), RelacionID: r.ID, DistributorID: d.ID, Source: "stp", Reference: "D1", Amount: 150_00, ValueDate: day, ReceivedAt: at,
			State: loan.PaymentPosted, Excess: 50_00, Folios: []string{l.Folio},
		},
		stray: lending.Payment{
			ID: newID(), Source: "stp", Reference: "RASTREO1", Operated: day, Amount: 300_00, ValueDate: day, ReceivedAt: at,
			Written: lending.Written{Account: "99", CLABE: secretCLABE, Phone: "+526679999999"},
			State:   loan.PaymentUnmatched, Parked: "no_such_loan",
		},
		correction: lending.Correction{
			ID: newID(), Folio: "A-00002", Kind: lending.CorrectGoodwill, State: lending.CorrectionProposed, PersonID: ana.ID, LoanID: l.ID,
			Amount: 600_00, On: day, Reason: "falla del cajero", Evidence: "ticket 9 de Ana Ruiz", ProposedBy: "luis", Proposed: at,
		},
		contact: lending.Contact{Key: "tel:+526671234567", PersonID: ana.ID, OptedOut: at, Missed: day, Misses: 2},
		referral: lending.Referral{
			ID: newID(), Word: "AMIGA-7FK3Q2", ReferrerID: maria.ID, Made: at, Expires: at.AddDate(0, 0, 30), Taken: at.Add(time.Hour), TakenBy: ana.ID,
		},
	}
}

func goldReward(b bench) lending.Reward {
	b.Helper()
	gold, err := money.ParseRate("10%")
	b.must(err)
	return lending.Reward{
		Category: "oro", Scale: lending.Scale{{Days: 0, Rate: gold}}, Points: lending.Points{Per: 1200_00, Each: 1, EarlyDays: 3},
	}
}

func quoteOf(b bench, principal money.Amount, n int, day quincena.Date) loan.Quote {
	b.Helper()
	raw, err := os.ReadFile("../../flows/products/vale.yaml")
	b.must(err)
	product, err := loan.ParseProduct(raw)
	b.must(err)
	q, err := loan.NewQuote(product, principal, n, day, quincena.NewCalendar())
	b.must(err)
	return q
}

// put adds everything to a Book.
func (w town) put(book *lending.Book) {
	book.PutPerson(w.maria)
	book.PutPerson(w.ana)
	book.PutDistributor(w.distributor)
	book.AddVale(w.vale)
	book.AddLoan(w.loan)
	book.AddDisbursement(w.disbursement)
	book.PutCode(w.code)
	book.AddPayment(w.payment)
	book.AddPromise(w.promise)
	book.PutComplaint(w.complaint)
	book.PutContact(w.contact)
	book.PutRequest(w.request)
	book.PutCorte(w.corte)
	book.AddRelacion(w.relacion, w.rows.Rows)
	book.AddDeposit(w.deposit)
	book.AddPayment(w.stray)
	book.AddCorrection(w.correction)
	book.AddReferral(w.referral)
}

// entries are what the rows of the town stand for in the ledger.
func (w town) entries(b bench) []ledger.Entry {
	b.Helper()
	d, l := w.distributor.ID.String(), w.loan.ID.String()
	all := [][]ledger.Line{
		ledger.GrantLine(d, 20000_00),
		ledger.HoldLine(d, 3000_00),
		ledger.UseLine(d, 3000_00),
		ledger.Move(2625_00, ledger.Account{Code: ledger.CodeOut}, ledger.Account{Code: ledger.LoanCapital, Owner: l}),
		ledger.Move(12_34, ledger.Account{Code: ledger.DistributorCommissionDue, Owner: d}, ledger.Account{Code: ledger.CommissionExpense}),
		append(
			ledger.Move(300_00, ledger.Account{Code: ledger.UnmatchedIn, Owner: w.stray.ID.String()}, ledger.Account{Code: ledger.BankSTP}),
			append(ledger.Move(12_50, ledger.Account{Code: ledger.SaldoAFavor, Owner: w.ana.ID.String()}, ledger.Account{Code: ledger.CashProvider}),
				ledger.Move(50_00, ledger.Account{Code: ledger.SaldoAFavor, Owner: w.maria.ID.String()}, ledger.Account{Code: ledger.BankSTP})...)...),
	}
	entries := make([]ledger.Entry, len(all))
	for i, lines := range all {
		e, err := ledger.NewEntry(newID().String(), b.now.Add(time.Duration(i)*time.Second), "cause", "memo", lines...)
		b.must(err)
		entries[i] = e
	}
	return entries
}

// settle writes a town with its ledger and returns it.
func settle(b bench) town {
	b.Helper()
	w := newTown(b)
	b.must(b.write(func(book *lending.Book) error {
		w.put(book)
		book.Entries = w.entries(b)
		return nil
	}))
	return w
}
