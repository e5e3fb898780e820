package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// lender runs the real actions over the real store.
type lender struct {
	bench
	catalog lending.Catalog
	maria   lending.Person
	line    uuid.UUID
}

func newLender(t *testing.T) *lender {
	t.Helper()
	b := newBench(t)
	raw, err := os.ReadFile("../../flows/products/vale.yaml")
	b.must(err)
	product, err := loan.ParseProduct(raw)
	b.must(err)
	l := &lender{bench: b, catalog: lending.Actions(lending.Settings{Product: product})}
	made := l.do("distributor.upsert", lending.Call{}, map[string]any{
		"telefono": "+526670000001", "nombre": "María López", "nacimiento": quincena.Date{},
		"linea": money.Pesos(20000), "plazos": []int{4, 6, 8, 12}, "nip": "4821",
	})
	l.line = uuid.MustParse(made.Value["id"].(string))
	l.maria, err = l.PersonByPhone(t.Context(), "+526670000001")
	b.must(err)
	return l
}

// person adds somebody who may be lent to.
func (l *lender) person(n int) lending.Person {
	l.Helper()
	phone := fmt.Sprintf("+52667123%04d", n)
	l.do("person.upsert", lending.Call{}, map[string]any{
		"telefono": phone, "nombre": fmt.Sprintf("Persona %d", n),
		"nacimiento": quincena.Date{Year: 1990, Month: 3, Day: 5}, "tope": money.Pesos(5000),
	})
	p, err := l.PersonByPhone(l.Context(), phone)
	l.must(err)
	return p
}

// run runs one action in a transaction, again where others were faster.
func (l *lender) run(name string, c lending.Call, with map[string]any) (lending.Result, error) {
	c.Actor, c.Cause, c.Zone, c.NewID, c.With = "test", newID().String(), quincena.Central(), newID, with
	if c.Now.IsZero() {
		c.Now = l.now
	}
	c.Hash = func(pin string) string { return "hash of " + pin }
	c.Verify = func(encoded, pin string) bool { return encoded == "hash of "+pin }
	var result lending.Result
	var err error
	for range 50 {
		err = l.write(func(book *lending.Book) error {
			var err error
			result, err = l.catalog.Run(book, name, c)
			return err
		})
		if !wasStale(err) {
			break
		}
	}
	return result, err
}

func (l *lender) do(name string, c lending.Call, with map[string]any) lending.Result {
	l.Helper()
	r, err := l.run(name, c, with)
	if err != nil {
		l.Fatalf("%s: %v", name, err)
	}
	return r
}

// sound fails the test unless the ledger agrees with everything.
func (l *lender) sound(after string) {
	l.Helper()
	r, err := l.Verify(l.Context())
	if err != nil || len(r.Differences) != 0 {
		l.Errorf("after %s: %+v, %v", after, r.Differences, err)
	}
}

// authorise returns the id of a new vale of $3,000 in 8 quincenas.
func (l *lender) authorise(p lending.Person) (lending.Result, error) {
	return l.run("vale.authorize",
		lending.Call{Person: l.maria.ID, About: lending.About{Kind: lending.AboutDistributor, ID: l.line.String()}},
		map[string]any{
			"distribuidora": l.line.String(), "persona": p.ID.String(), "monto": money.Pesos(3000), "quincenas": 8, "nip": "4821",
		})
}

func (l *lender) valeOf(p lending.Person) (lending.Vale, bool) {
	var found []lending.Vale
	l.must(l.Read(l.Context(), func(b *lending.Book) (err error) {
		found, err = b.ValesOf(p.ID)
		return err
	}))
	if len(found) == 0 {
		return lending.Vale{}, false
	}
	return found[0], true
}

func (l *lender) lastLoan(p lending.Person) (lending.Loan, bool) {
	var found []lending.Loan
	l.must(l.Read(l.Context(), func(b *lending.Book) (err error) {
		found, err = b.LoansOf(p.ID)
		return err
	}))
	if len(found) == 0 {
		return lending.Loan{}, false
	}
	return found[len(found)-1], true
}

func (l *lender) lastAttempt(of lending.Loan) (lending.Disbursement, bool) {
	var found []lending.Disbursement
	l.must(l.Read(l.Context(), func(b *lending.Book) (err error) {
		found, err = b.DisbursementsOf(of.ValeID)
		return err
	}))
	if len(found) == 0 {
		return lending.Disbursement{}, false
	}
	return found[len(found)-1], true
}

// accept verifies the person and accepts her vale.
func (l *lender) accept(p lending.Person, v lending.Vale) (lending.Result, error) {
	c := lending.Call{Person: p.ID, About: lending.About{Kind: lending.AboutVale, ID: v.ID.String()}}
	birth := map[string]any{"persona": p.ID.String(), "nacimiento": quincena.Date{Year: 1990, Month: 3, Day: 5}}
	if r, err := l.run("person.verify", c, birth); err != nil || r.Outcome != "match" {
		return r, err
	}
	c.Reply = lending.Reply{ProviderID: "SM2", Text: "sí", OfferID: "SM1", OfferHash: "ab"}
	return l.run("vale.accept", c, map[string]any{"vale": v.ID.String()})
}

func (l *lender) cardless(p lending.Person, of lending.Loan) (lending.Result, error) {
	c := lending.Call{Person: p.ID, About: lending.About{Kind: lending.AboutVale, ID: of.ValeID.String()}, Token: newID().String()}
	return l.run("payout.cardless", c, map[string]any{"vale": of.ValeID.String()})
}

func (l *lender) news(name string, d lending.Disbursement) (lending.Result, error) {
	with := map[string]any{"disbursement": d.ID.String()}
	if name == "rail.code_issued" {
		with["digits"], with["network"], with["expires"] = "123456789012", "BBVA", l.now.Add(24*time.Hour)
	}
	return l.run(name, lending.Call{}, with)
}

func (l *lender) pay(of lending.Loan, reference string, amount money.Amount) (lending.Result, error) {
	return l.run("payment.post", lending.Call{}, map[string]any{
		"source": "panel", "reference": reference, "account": of.Reference,
		"amount": amount, "value_date": quincena.On(l.now, quincena.Central()),
	})
}

func TestTheStoryThroughTheStore(t *testing.T) {
	t.Parallel()
	l := newLender(t)
	ana := l.person(1)
	l.sound("seeding")
	r, err := l.authorise(ana)
	if err != nil || r.Outcome != "ok" || r.Value["folio"] != "V-00001" {
		t.Fatalf("authorise = %+v, %v", r, err)
	}
	l.sound("authorising")
	v, _ := l.valeOf(ana)
	if r, err := l.accept(ana, v); err != nil || r.Outcome != "ok" {
		t.Fatalf("accept = %+v, %v", r, err)
	}
	l.sound("accepting")
	credit, _ := l.lastLoan(ana)
	if r, err := l.cardless(ana, credit); err != nil || !r.Deferred {
		t.Fatalf("cardless = %+v, %v", r, err)
	}
	d, _ := l.lastAttempt(credit)
	for _, name := range []string{"rail.code_issued", "rail.code_issued", "rail.code_redeemed", "rail.code_expired"} {
		if _, err := l.news(name, d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		l.sound(name)
	}
	for i := range 8 {
		l.must(errOf(l.pay(credit, fmt.Sprintf("R%d", i), 487_50)))
		l.must(errOf(l.pay(credit, fmt.Sprintf("R%d", i), 487_50)))
		l.sound("a payment")
	}
	credit, ok := l.lastLoan(ana)
	if !ok || credit.State != loan.LoanSettled || credit.Position.Owed != 0 {
		t.Errorf("after eight payments the loan is %s and owes %s", credit.State, credit.Position.Owed)
	}
	var kinds []string
	for _, one := range l.told() {
		kinds = append(kinds, one.Emit.Name)
	}
	if len(kinds) < 12 {
		t.Errorf("events told: %v", kinds)
	}
}

func errOf[T any](_ T, err error) error { return err }

// Several workers do whatever comes to mind with the same line and the same
// people. Refusals are fine; lost money is not.
func TestChaosKeepsTheLedgerSound(t *testing.T) {
	t.Parallel()
	l := newLender(t)
	people := make([]lending.Person, 4)
	for i := range people {
		people[i] = l.person(i)
	}
	var group sync.WaitGroup
	for worker := range 3 {
		group.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 42))
			for range 60 {
				err := l.whim(dice, people[dice.IntN(len(people))])
				if fault.KindOf(err) == fault.Internal && err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	l.sound("chaos")
	var loans, payments int
	l.must(l.pool.QueryRow(t.Context(), `select (select count(*) from loan where active_on is not null), (select count(*) from payment)`).Scan(&loans, &payments))
	if loans == 0 || payments == 0 {
		t.Errorf("the chaos made %d active loans and %d payments: it tests nothing", loans, payments)
	}
}

// whim does one random thing for a person.
func (l *lender) whim(dice *rand.Rand, p lending.Person) error {
	v, hasVale := l.valeOf(p)
	credit, hasLoan := l.lastLoan(p)
	if !hasVale && (!hasLoan || dice.IntN(8) == 0) {
		return errOf(l.authorise(p))
	}
	if hasVale {
		if dice.IntN(5) == 0 {
			c := lending.Call{Person: p.ID, About: lending.About{Kind: lending.AboutVale, ID: v.ID.String()}}
			return errOf(l.run("vale.decline", c, map[string]any{"vale": v.ID.String()}))
		}
		return errOf(l.accept(p, v))
	}
	d, paidOut := l.lastAttempt(credit)
	if !paidOut || (credit.State == loan.LoanPendingDisbursement && dice.IntN(3) == 0) {
		return errOf(l.cardless(p, credit))
	}
	if credit.State == loan.LoanPendingDisbursement {
		names := []string{"rail.code_issued", "rail.code_issued", "rail.code_redeemed", "rail.code_expired", "rail.unknown", "rail.code_cancelled"}
		return errOf(l.news(names[dice.IntN(len(names))], d))
	}
	if dice.IntN(6) == 0 {
		return errOf(l.run("payment.reverse", lending.Call{}, map[string]any{
			"source": "panel", "reference": fmt.Sprintf("R%d", dice.IntN(20)), "reason": "chaos",
		}))
	}
	return errOf(l.pay(credit, fmt.Sprintf("R%d", dice.IntN(20)), money.Amount(1+dice.IntN(1500_00))))
}

// The order of locks keeps transactions that write the same rows in different
// orders from stopping each other.
func TestWritersInOppositeOrdersDoNotDeadlock(t *testing.T) {
	t.Parallel()
	l := newLender(t)
	people := []lending.Person{l.person(1), l.person(2), l.person(3), l.person(4)}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for range 25 {
				err := l.inTx(func(ctx context.Context, tx pgx.Tx) error {
					book := lending.NewBook()
					var keys []lending.Key
					for i := range people {
						p := people[(i*(1+2*(worker%2))+worker)%len(people)]
						keys = append(keys, lending.Key{Kind: lending.KindPerson, ID: p.ID.String()})
					}
					if err := fetch(ctx, tx, l.Store, book, keys); err != nil {
						return err
					}
					for _, key := range keys {
						p := book.At(key).Value.(lending.Person)
						p.Broken++
						book.PutPerson(p)
					}
					return writeBook(ctx, tx, l.vault, book, l.now, newID)
				})
				if err != nil && !wasStale(err) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
