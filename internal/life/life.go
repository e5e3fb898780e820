// Package life runs a lender at random over the real store: distributors, vales
// of every product, payouts, payments, corrections, cortes and the close of the
// day, through the same named actions as everybody, while connections are cut
// at any moment and two nodes do the same at once. After every so many acts all
// that must hold is computed again: the books, a simple count of the cash, and
// what the rows say of each other.
//
// A run is told by its seed: the same seed makes the same choices. What two
// nodes do at once, and where a cut falls among pieces that the connection pool
// adds by itself, may differ a little between runs.
package life

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	mrand "math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/flows"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/vault"
)

// Options say what to run.
type Options struct {
	URL        string // of a migrated database with nothing in it
	Seed       uint64
	Acts       int           // how many to do; 0 is no bound
	Length     time.Duration // how long at most; 0 is no bound
	CheckEvery int           // acts between two checks of everything; 0 is 200
	Progress   func(Report)  // hears of every check; may be nil
}

// Report is what a run did.
type Report struct {
	Seed     uint64         `json:"seed"`
	Acts     int            `json:"acts"`
	Refused  int            `json:"refused"`  // of them by the lender
	Cuts     int            `json:"cuts"`     // connections cut in the middle of something
	Races    int            `json:"races"`    // acts that two nodes did at once
	Days     int            `json:"days"`     // closes of a day
	Today    quincena.Date  `json:"today"`    // of the lender in the end
	Loans    int            `json:"loans"`    // made
	Payments int            `json:"payments"` // taken
	Checks   int            `json:"checks"`   // of everything
	Outcomes map[string]int `json:"outcomes"` // action and outcome or code of the refusal
}

// Broken is something that does not hold, with all that is needed to see it
// again: the seed and the number of the act.
type Broken struct {
	Seed uint64
	Act  int
	Last string // the latest acts
	What string
}

// Error implements error.
func (b *Broken) Error() string {
	return fmt.Sprintf("seed %d, act %d: %s\nlatest:\n%s", b.Seed, b.Act, b.What, b.Last)
}

// opening is the first morning of the lender, in central Mexico.
var opening = quincena.Date{Year: 2026, Month: time.January, Day: 5}.At(9, 0, quincena.Central()).UTC()

// Run runs a lender until its acts, its time or ctx are over. The error is
// *Broken if something does not hold.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.CheckEvery == 0 {
		o.CheckEvery = 200
	}
	b, err := open(ctx, o)
	if err != nil {
		return Report{Seed: o.Seed}, err
	}
	defer b.close()
	start := time.Now()
	for (o.Acts == 0 || b.Report.Acts < o.Acts) && (o.Length == 0 || time.Since(start) < o.Length) && ctx.Err() == nil {
		next := b.Report.Acts - b.Report.Acts%o.CheckEvery + o.CheckEvery
		for b.Report.Acts < next && (o.Acts == 0 || b.Report.Acts < o.Acts) {
			if err := b.step(ctx); err != nil {
				return b.Report, b.broken(ctx, err)
			}
		}
		if err := b.check(ctx); err != nil {
			return b.Report, b.broken(ctx, err)
		}
		if o.Progress != nil {
			o.Progress(b.Report)
		}
	}
	return b.Report, nil
}

// broken makes a finding of an error, unless the run was called off.
func (b *business) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return &Broken{Seed: b.Seed, Act: b.Report.Acts, Last: b.latest(), What: err.Error()}
}

// business is a lender and all that the driver remembers of it.
type business struct {
	Options
	Report Report

	dice   *mrand.Rand
	now    time.Time
	nodes  [2]*node
	conn   *pgx.Conn // for checks, by no wire
	goods  []loan.Product
	people []*person
	vales  []uuid.UUID // offered and not yet answered
	loans  []uuid.UUID // not long settled
	keys   []received  // of deposits, the latest
	fixes  []string    // folios of corrections, the latest
	cash   money.Amount
	counted

	said [12]string // the latest acts
}

// person is somebody of the town.
type person struct {
	id    uuid.UUID
	phone string
	birth quincena.Date
	line  uuid.UUID // her distributor's id; uuid.Nil if she is none
	into  *person   // the record that hers was merged into
}

// counted is what the driver knows to have happened, to be found in the books.
type counted struct {
	serial   int // of phones, references, requests
	accepted int
	done     int // acts that ended with an outcome
}

func open(ctx context.Context, o Options) (*business, error) {
	b := &business{Options: o, now: opening, dice: mrand.New(mrand.NewPCG(o.Seed, 5))}
	b.Report = Report{Seed: o.Seed, Outcomes: map[string]int{}}
	catalogs, err := b.catalogs()
	if err != nil {
		return nil, err
	}
	if b.conn, err = pgx.Connect(ctx, o.URL); err != nil {
		return nil, fmt.Errorf("reach database: %w", err)
	}
	if _, err := b.conn.Exec(ctx, callTable); err != nil {
		b.close()
		return nil, fmt.Errorf("make table of calls: %w", err)
	}
	keys, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		b.close()
		return nil, err
	}
	clock := func() time.Time { return b.now }
	made := &ids{dice: mrand.New(mrand.NewPCG(o.Seed, 6)), now: clock}
	for i := range b.nodes {
		if b.nodes[i], err = newNode(ctx, o.URL, keys, made, catalogs, clock); err != nil {
			b.close()
			return nil, err
		}
	}
	return b, nil
}

func (b *business) close() {
	for _, n := range b.nodes {
		if n != nil {
			n.close()
		}
	}
	if b.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = b.conn.Close(ctx) // nothing depends on a goodbye
	}
}

// depositCLABE begins the CLABEs that borrowers deposit to.
const depositCLABE = "6461801234"

// catalogs reads the products and makes the rules of a lender for each. The one
// that the lender sells most comes first.
func (b *business) catalogs() ([]lending.Catalog, error) {
	text, err := fs.ReadFile(flows.FS, "distribuidoras.yaml")
	if err != nil {
		return nil, fmt.Errorf("read programme: %w", err)
	}
	programme, problems := lending.LintProgramme("distribuidoras.yaml", text)
	if len(problems) > 0 {
		return nil, fmt.Errorf("read programme: %v", problems[0])
	}
	var all []lending.Catalog
	for _, name := range []string{"vale", "mercancia", "nomina", "puente", "semanal"} {
		text, err := fs.ReadFile(flows.FS, "products/"+name+".yaml")
		if err != nil {
			return nil, fmt.Errorf("read product: %w", err)
		}
		p, err := loan.ParseProduct(text)
		if err != nil {
			return nil, err
		}
		b.goods = append(b.goods, p)
		all = append(all, lending.Actions(lending.Settings{
			Product: p, Calendar: quincena.NewCalendar(), Programme: programme, DepositCLABE: depositCLABE,
		}))
	}
	return all, nil
}

func (b *business) today() quincena.Date { return quincena.On(b.now, quincena.Central()) }

// some returns a number from 0 to n-1.
func (b *business) some(n int) int { return b.dice.IntN(n) }

// odds reports true in so many of a hundred cases.
func (b *business) odds(percent int) bool { return b.dice.IntN(100) < percent }

// next makes a number that nothing else has.
func (b *business) next() int {
	b.serial++
	return b.serial
}

// pick draws one, the newest with more weight; ok is false if there is none.
func pick[T any](b *business, all []T) (one T, ok bool) {
	if len(all) == 0 {
		return one, false
	}
	i := b.some(len(all))
	if b.odds(50) {
		i = max(i, b.some(len(all)))
	}
	return all[i], true
}

// keep adds to a list and forgets the oldest beyond a bound.
func keep[T any](all []T, one T, most int) []T {
	all = append(all, one)
	return all[max(0, len(all)-most):]
}

// read reads entities by an undisturbed connection.
func (b *business) read(ctx context.Context, do func(book *lending.Book) error) error {
	err := b.nodes[b.some(2)].store.Read(ctx, do)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

var errNothing = errors.New("nothing to do")
