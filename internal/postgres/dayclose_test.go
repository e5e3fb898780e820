package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/clockwork"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// portfolio is a lender with active loans of several people.
type portfolio struct {
	*lender
	loans []lending.Loan
}

func newPortfolio(t *testing.T, n int) portfolio {
	t.Helper()
	p := portfolio{lender: newLender(t)}
	p.do("distributor.upsert", lending.Call{}, map[string]any{
		"telefono": "+526670000001", "nombre": "María López", "nacimiento": quincena.Date{},
		"linea": money.Pesos(500000), "plazos": []int{4, 6, 8, 12}, "nip": "4821",
	})
	for i := range n {
		p.loans = append(p.loans, p.lend(p.person(i)))
	}
	return p
}

// lend goes the whole way to an active loan.
func (p portfolio) lend(who lending.Person) lending.Loan {
	p.Helper()
	p.must(errOf(p.authorise(who)))
	v, _ := p.valeOf(who)
	p.must(errOf(p.accept(who, v)))
	credit, _ := p.lastLoan(who)
	p.must(errOf(p.cardless(who, credit)))
	d, _ := p.lastAttempt(credit)
	p.must(errOf(p.news("rail.code_issued", d)))
	p.must(errOf(p.news("rail.code_redeemed", d)))
	credit, _ = p.lastLoan(who)
	return credit
}

func (p portfolio) today() quincena.Date { return quincena.On(p.now, quincena.Central()) }

func (p portfolio) closer(store clockwork.DayStore) clockwork.DayClose {
	act := func(_ context.Context, _, _, name string, with map[string]any) error {
		return errOf(p.run(name, lending.Call{}, with))
	}
	return clockwork.DayClose{Store: store, Act: act, Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler), Batch: 3, Workers: 2}
}

func (p portfolio) closeDay() clockwork.DayProgress {
	p.Helper()
	done, err := p.closer(NewDayCloser(p.Store)).Run(p.Context(), p.today())
	p.must(err)
	return done
}

// checkReplayed holds what is stored of every loan against the replay of its
// rows and payments up to today.
func (p portfolio) checkReplayed() {
	p.Helper()
	for _, one := range p.loans {
		book := p.load(lending.Key{Kind: lending.KindLoan, ID: one.ID.String()}, lending.Key{Kind: lending.KindPaymentsByLoan, ID: one.ID.String()})
		l, err := book.Loan(one.ID)
		p.must(err)
		payments, err := book.PaymentsOf(one.ID)
		p.must(err)
		counted := make([]loan.Payment, 0, len(payments))
		for _, x := range payments {
			counted = append(counted, loan.Payment{ID: x.Source + "|" + x.Reference, On: x.ValueDate, Amount: x.Amount})
		}
		at := loan.Replay(l.Quote.Terms, l.Quote.Rows, counted, p.today())
		want := lending.Position{
			AsOf: l.Position.AsOf, NextN: at.NextN, NextDue: at.NextDue, NextAmount: at.NextAmount, Owed: at.Outstanding,
			Overdue: at.Overdue, DaysLate: at.DaysLate, Left: at.Left,
		}
		if diff := cmp.Diff(want, l.Position); diff != "" {
			p.Errorf("loan %s on %s (-replayed +stored):\n%s", l.Folio, p.today(), diff)
		}
	}
}

// Two months, closed on some days only, with payments between: what is stored
// is what a replay gives, the books agree, and closing again changes nothing.
func TestDaysAreClosedInBulk(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 7)
	dice := rand.New(rand.NewPCG(7, 7))
	events := 0
	for range 12 {
		p.now = p.now.AddDate(0, 0, 1+dice.IntN(8))
		for i, l := range p.loans {
			if dice.IntN(4) == 0 && i > 1 { // the first two never pay
				p.must(errOf(p.pay(l, newID().String(), money.Amount(1+dice.IntN(600_00)))))
			}
		}
		done := p.closeDay()
		events += done.Events
		p.checkReplayed()
		if again := p.closeDay(); again != done {
			t.Errorf("closed again: %+v, was %+v", again, done)
		}
	}
	p.sound("two months")
	if events < 14 {
		t.Errorf("%d events in two months of seven loans", events)
	}
	var segment string
	p.must(p.pool.QueryRow(t.Context(), `select segment from person where id = $1`, p.loans[0].PersonID).Scan(&segment))
	if segment != string(loan.Chronic) {
		t.Errorf("who never paid is %s", segment)
	}
	buckets, err := p.Arrears(t.Context())
	p.must(err)
	total := 0
	for n, b := range buckets {
		if total += b.Loans; b.Bucket != n {
			t.Errorf("bucket %d stands in place %d", b.Bucket, n)
		}
	}
	if total != len(p.loans) || len(buckets) != len(loan.Buckets())+1 || buckets[4].Loans+buckets[3].Loans+buckets[5].Loans < 2 {
		t.Errorf("arrears %+v", buckets)
	}
}

// broken fails after some batches, as a process that dies between them does.
type broken struct {
	clockwork.DayStore
	left atomic.Int64
}

var errDead = errors.New("killed")

func (b *broken) CloseLoans(ctx context.Context, day quincena.Date, now time.Time, ids []uuid.UUID, wait bool) (clockwork.Closed, error) {
	if b.left.Add(-1) < 0 {
		return clockwork.Closed{}, context.Canceled
	}
	return b.DayStore.CloseLoans(ctx, day, now, ids, wait)
}

// A close that dies after any number of batches is gone on with, and ends with
// the same books as one that ran through.
func TestAKilledCloseGoesOn(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 8) // three batches
	for kills := range 4 {
		p.now = p.now.AddDate(0, 0, 15)
		dying := &broken{DayStore: NewDayCloser(p.Store)}
		dying.left.Store(int64(kills))
		ctx, cancel := context.WithCancelCause(t.Context())
		closer := p.closer(dying)
		closer.Workers = 1
		closer.Progress = func(done clockwork.DayProgress) {
			if dying.left.Load() <= 0 {
				cancel(errDead)
			}
		}
		_, err := closer.Run(ctx, p.today())
		cancel(nil)
		if kills < 3 && err == nil {
			t.Errorf("killed after %d batches, the close says that it is done", kills)
		}
		done := p.closeDay()
		if done.Finished.IsZero() || done.Done != len(p.loans) || done.Total != len(p.loans) || done.Failed != 0 {
			t.Errorf("killed after %d batches and gone on: %+v", kills, done)
		}
		p.checkReplayed()
		p.sound(fmt.Sprintf("a close that died after %d batches", kills))
	}
}

// Two nodes close the same day at once: every loan is closed once.
func TestTwoNodesCloseADay(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 8)
	p.now = p.now.AddDate(0, 0, 13)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := p.closer(NewDayCloser(p.Store)).Run(t.Context(), p.today()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	done, err := NewDayCloser(p.Store).DayProgress(t.Context(), p.today())
	p.must(err)
	if done.Done != len(p.loans) || done.Events != len(p.loans) {
		t.Errorf("together they did %+v", done)
	}
	p.sound("two nodes")
}

// A loan that somebody holds for as long as the others take to be closed is
// closed with them, and not left for the next day.
func TestACloseWaitsForLoansInUse(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 5)
	p.now = p.now.AddDate(0, 0, 15)
	held, err := p.pool.Begin(t.Context())
	p.must(err)
	defer func() { _ = held.Rollback(context.Background()) }() // after the commit there is nothing to undo
	_, err = held.Exec(t.Context(), `update loan set rev = rev + 1 where id = $1`, p.loans[2].ID)
	p.must(err)
	closed := make(chan error, 1)
	go func() {
		_, err := p.closer(NewDayCloser(p.Store)).Run(t.Context(), p.today())
		closed <- err
	}()
	waiting := func() (n int) {
		p.must(p.pool.QueryRow(t.Context(), `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&n))
		return n
	}
	for waiting() == 0 {
		select {
		case err := <-closed:
			t.Fatalf("the close was over while a loan was in use: %v", err)
		default:
		}
	}
	p.must(held.Commit(t.Context()))
	p.must(<-closed)
	if done, err := NewDayCloser(p.Store).DayProgress(t.Context(), p.today()); err != nil || done.Done != len(p.loans) {
		t.Errorf("closed %+v, %v", done, err)
	}
	p.checkReplayed()
	p.sound("a close that waited")
}

// Payments that come in while the day is closed are not lost, nor counted twice.
func TestPaymentsDuringAClose(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 6)
	for range 3 {
		p.now = p.now.AddDate(0, 0, 15)
		var group sync.WaitGroup
		group.Go(func() { p.closeDay() })
		for _, l := range p.loans {
			group.Go(func() {
				if _, err := p.pay(l, newID().String(), 100_00); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		p.checkReplayed()
		p.sound("payments during a close")
	}
}

// A loan with an open promise is closed by the action, which judges the promise
// once its day is over; until then it gets no reminder.
func TestPromisesAreJudgedAtTheClose(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 2)
	p.now = p.now.AddDate(0, 0, 16) // the 18th, a day late
	p.closeDay()
	l := p.loans[0]
	c := lending.Call{Person: l.PersonID, About: lending.About{Kind: lending.AboutPayment, ID: l.ID.String()}}
	p.must(errOf(p.run("promise.create", c, map[string]any{"credito": l.ID.String(), "fecha": p.today().AddDays(2), "monto": money.Amount(100_00)})))
	state := func() (s string) {
		p.must(p.pool.QueryRow(t.Context(), `select state from promise`).Scan(&s))
		return s
	}
	for _, want := range []string{"OPEN", "OPEN", "OPEN", "BROKEN"} {
		if got := state(); got != want && want == "OPEN" {
			t.Errorf("on %s the promise is %s", p.today(), got)
		}
		p.now = p.now.AddDate(0, 0, 1)
		p.closeDay()
		p.checkReplayed()
	}
	if got := state(); got != "BROKEN" {
		t.Errorf("after its day it is %s", got)
	}
	p.sound("a broken promise")
}

// Where only whole instalments are paid early, the rest of a payment waits and
// is used by the day on which the next one falls due. That is the close's work:
// payments, books, state and line follow, with nobody paying anything.
func TestMoneyThatWaitsIsUsedByTheClose(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 0)
	raw, err := os.ReadFile("../../flows/products/vale.yaml")
	p.must(err)
	product, err := loan.ParseProduct(raw)
	p.must(err)
	product.Early = loan.EarlyWhole
	p.catalog = lending.Actions(lending.Settings{Product: product})
	for i := range 2 {
		p.loans = append(p.loans, p.lend(p.person(i)))
	}
	level := p.loans[0].Quote.Rows[0].Total()
	p.must(errOf(p.pay(p.loans[0], "a part", level/2)))
	p.must(errOf(p.pay(p.loans[1], "all but a part of the last", 8*level-level/2)))
	p.must(errOf(p.pay(p.loans[1], "that part", level/2)))
	p.sound("money that waits")
	waiting := func() (n int) {
		p.must(p.pool.QueryRow(t.Context(), `select count(*) from payment where excess_cents > 0`).Scan(&n))
		return n
	}
	if waiting() == 0 {
		t.Fatal("nothing waits, so that this tests nothing")
	}
	for range 9 {
		p.now = p.now.AddDate(0, 0, 15)
		p.closeDay()
		p.sound("a close")
		p.checkReplayed()
	}
	credit, _ := p.lastLoan(lending.Person{ID: p.loans[1].PersonID})
	if n := waiting(); n != 0 || credit.State != loan.LoanSettled {
		t.Errorf("%d payments still wait, the loan is %s and owes %s", n, credit.State, credit.Position.Owed)
	}
}

// One loan that cannot be closed keeps nobody from being closed, and is counted.
func TestOneBadLoanHoldsUpNobody(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 4)
	p.must(p.exec(`update loan set quote = quote || '{"rows": null}', terms_hash = 'x' where id = $1`, p.loans[1].ID))
	p.now = p.now.AddDate(0, 0, 30)
	done := p.closeDay()
	if done.Finished.IsZero() || done.Failed != 1 || done.Done != 3 {
		t.Errorf("closed %+v", done)
	}
}

func TestTheLedgerRefusesLinesThatDoNotSum(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	settle(b)
	for name, lines := range map[string]string{
		"no lines":                   `null, null, null`,
		"an empty list":              `'{}', '{}', '{}'`,
		"one line":                   `'{loan_capital}', '{x}', '{5}'`,
		"a centavo short":            `'{loan_capital,bank_stp}', '{x,""}', '{5,-4}'`,
		"lines of nothing":           `'{loan_capital,bank_stp}', '{x,""}', '{0,0}'`,
		"a line without an amount":   `'{loan_capital,bank_stp,bank_stp}', '{x,"",""}', '{5,-5,null}'`,
		"a line without an account":  `'{loan_capital,null}', '{x,""}', '{5,-5}'`,
		"a line without an owner":    `'{loan_capital,bank_stp}', '{x,null}', '{5,-5}'`,
		"an account too few":         `'{loan_capital}', '{x,""}', '{5,-5}'`,
		"an owner too many":          `'{loan_capital,bank_stp}', '{x,"",y}', '{5,-5}'`,
		"an owner in two dimensions": `'{loan_capital,bank_stp}', '{{x},{""}}', '{5,-5}'`,
		"sums beyond 64 bits":        `'{loan_capital,bank_stp,bank_stp}', '{x,"",y}', '{9223372036854775807,9223372036854775807,2}'`,
	} {
		sql := `insert into ledger_entry (id, at, cause, memo, hash, accounts, owners, cents) values ('` + newID().String() + `', now(), 'c', 'm', '', ` + lines + `)`
		err := b.inTx(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
		if err == nil {
			t.Errorf("%s was let in", name)
		}
	}
}
