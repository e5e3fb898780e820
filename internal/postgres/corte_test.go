package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/clockwork"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/statement"
)

// withProgramme gives the lender the shipped programme for its distributors.
func (p portfolio) withProgramme() portfolio {
	p.Helper()
	raw, err := os.ReadFile("../../flows/distribuidoras.yaml")
	p.must(err)
	programme, problems := lending.LintProgramme("distribuidoras.yaml", raw)
	if len(problems) > 0 {
		p.Fatalf("lint programme: %v", problems)
	}
	product, err := os.ReadFile("../../flows/products/vale.yaml")
	p.must(err)
	parsed, err := loan.ParseProduct(product)
	p.must(err)
	p.catalog = lending.Actions(lending.Settings{Product: parsed, Programme: programme})
	p.do("distributor.set_category", lending.Call{}, map[string]any{"distribuidora": p.line.String(), "categoria": "oro", "motivo": "lo pidió"})
	return p
}

func (p portfolio) cutter() clockwork.Cutter {
	act := func(_ context.Context, _, _, name string, with []map[string]any) ([]lending.Result, error) {
		results := make([]lending.Result, len(with))
		for i, w := range with {
			r, err := p.run(name, lending.Call{}, w)
			if err != nil {
				return nil, err
			}
			results[i] = r
		}
		return results, nil
	}
	return clockwork.Cutter{Store: p.Store, Act: act, Batch: 2, Actor: "test"}
}

// Three quincenas through the store: cut, pay some, be late, be cut again. The
// books hold after each step, a statement can be read, and nothing of a relación
// can be changed.
func TestCortesThroughTheStore(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 1).withProgramme()
	p.loans = append(p.loans, p.lend(p.person(50)), p.lend(p.person(51)))
	var states []string
	for i, day := range []int{10, 26, 41} {
		p.now = p.now.AddDate(0, 0, day-map[int]int{0: 2, 1: 10, 2: 26}[i])
		p.closeDay()
		done, err := p.cutter().Run(t.Context(), p.today())
		p.must(err)
		if len(done) != 2 || done[0].State != "CLOSED" || done[0].Relaciones != 1 || done[1].State != "OPEN" {
			t.Fatalf("corte %d: %+v", i, done)
		}
		again, err := p.cutter().Run(t.Context(), p.today())
		p.must(err)
		if len(again) != 1 || again[0].Relaciones != 0 {
			t.Errorf("cut again: %+v", again)
		}
		book := p.load(lending.Key{Kind: lending.KindRelacionBy, ID: p.line.String()})
		r, _, err := book.RelacionOf(p.line)
		p.must(err)
		p.do("relacion.pay", lending.Call{}, map[string]any{
			"source": "stp", "reference": fmt.Sprint("D", i), "account": r.Reference, "amount": money.Amount(1000_00), "value_date": p.today(),
		})
		p.sound("corte " + r.Folio)
		late, err := p.cutter().Late(t.Context(), r.Enforceable.AddDays(-3))
		if err != nil || late != 0 {
			t.Errorf("late before its date: %d, %v", late, err)
		}
		s, err := p.Statement(t.Context(), "agent:luis", r.Reference, p.now)
		p.must(err)
		var pdf bytes.Buffer
		p.must(statement.PDF(&pdf, s))
		if !r.Intact(s.Rows) || s.Name != "María López" || pdf.Len() < 1000 {
			t.Errorf("statement %+v", s)
		}
		states = append(states, fmt.Sprintf("%s %d rows, streak %d", r.Folio, len(s.Rows), r.Streak))
	}
	if diff := cmp.Diff([]string{"R-00001 3 rows, streak 0", "R-00257 4 rows, streak 1", "R-00513 5 rows, streak 2"}, states); diff != "" {
		t.Errorf("relaciones:\n%s", diff)
	}
	for _, sql := range []string{
		`update relacion set total_cents = total_cents + 1`, `delete from relacion`, `update relacion_rows set rows = '[1]'`,
		`update relacion set state = 'GENERATED' where state = 'CARRIED'`,
		`insert into corte (id, branch, seq, state, from_day, to_day, cut_on, enforceable_on, early_by)
		 values (gen_random_uuid(), 'matriz', 9, 'OPEN', '2027-01-01', '2027-01-15', '2027-01-10', '2027-01-15', '2027-01-12')`,
	} {
		if err := p.exec(sql); err == nil {
			t.Errorf("let through: %s", sql)
		}
	}
	var read int
	p.must(p.pool.QueryRow(t.Context(), `select count(*) from audit where action = 'relacion.read' and actor = 'agent:luis'`).Scan(&read))
	if read != 3 {
		t.Errorf("%d readings in the audit, want 3", read)
	}
	if _, err := p.Statement(t.Context(), "x", "R-99999", p.now); fault.CodeOf(err) != "no_such_relacion" {
		t.Errorf("a statement of nothing: %v", err)
	}
	outlook, err := p.CorteOutlook(t.Context(), p.today().AddDays(30))
	p.must(err)
	if len(outlook) != 1 || outlook[0].Branch != lending.MainBranch || outlook[0].Distributors != 1 || outlook[0].Late != 1 {
		t.Errorf("outlook %+v", outlook)
	}
}

// writers is how many authorise, accept or pay at once.
const writers = 64

// Sixty-four distributors' phones ask for the same line at once: what is given
// is never more than the line, in the row and in the books.
func TestALineUnderManyWriters(t *testing.T) {
	t.Parallel()
	l := newLender(t) // $20,000: six vales of $3,000
	people := make([]lending.Person, writers)
	for i := range people {
		people[i] = l.person(i)
	}
	var given, refused atomic.Int64
	var group sync.WaitGroup
	for _, who := range people {
		group.Go(func() {
			r, err := l.insist(func() (lending.Result, error) { return l.authorise(who) })
			switch {
			case err != nil:
				t.Error(err)
			case r.Outcome == "ok":
				given.Add(1)
			case r.Outcome == "line_exceeded":
				refused.Add(1)
			default:
				t.Errorf("outcome %s", r.Outcome)
			}
		})
	}
	group.Wait()
	if given.Load() != 6 || refused.Load() != writers-6 {
		t.Errorf("%d given, %d refused", given.Load(), refused.Load())
	}
	var limit, held, used int64
	l.must(l.pool.QueryRow(t.Context(), `select limit_cents, held_cents, used_cents from distributor`).Scan(&limit, &held, &used))
	if held != 6*3000_00 || used != 0 || held+used > limit {
		t.Errorf("limit %d, held %d, used %d", limit, held, used)
	}
	l.sound("many writers")
}

// insist runs what others keep overtaking until it is its turn.
func (l *lender) insist(do func() (lending.Result, error)) (r lending.Result, err error) {
	for range 200 {
		if r, err = do(); !wasStale(err) {
			return r, err
		}
	}
	return r, err
}

// Sixty-four times SÍ at once, and the offer's end in between: one acceptance at
// most, one loan, one use of the line.
func TestAnAcceptanceUnderManyWriters(t *testing.T) {
	t.Parallel()
	l := newLender(t)
	ana := l.person(1)
	l.must(errOf(l.authorise(ana)))
	v, _ := l.valeOf(ana)
	c := lending.Call{Person: ana.ID, About: lending.About{Kind: lending.AboutVale, ID: v.ID.String()}}
	birth := map[string]any{"persona": ana.ID.String(), "nacimiento": quincena.Date{Year: 1990, Month: 3, Day: 5}}
	l.do("person.verify", c, birth)
	var accepted atomic.Int64
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			name := "vale.accept"
			if i%16 == 7 {
				name = "vale.release"
			}
			r, err := l.insist(func() (lending.Result, error) { return l.run(name, c, map[string]any{"vale": v.ID.String()}) })
			switch {
			case err != nil && fault.KindOf(err) == fault.Internal:
				t.Error(err)
			case name == "vale.accept" && r.Outcome == "ok":
				accepted.Add(1)
			}
		})
	}
	group.Wait()
	var loans int
	var held, used int64
	l.must(l.pool.QueryRow(t.Context(), `select (select count(*) from loan), held_cents, used_cents from distributor`).Scan(&loans, &held, &used))
	if n := accepted.Load(); n > 1 || int64(loans) != n || used != n*3000_00 || held != 0 {
		t.Errorf("%d accepted, %d loans, held %d, used %d", n, loans, held, used)
	}
	l.sound("many acceptances")
}

// Many deposits on one relación at once: none is lost, none counts twice.
func TestARelacionUnderManyWriters(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 1).withProgramme()
	p.loans = append(p.loans, p.lend(p.person(50)))
	p.now = p.now.AddDate(0, 0, 8)
	_, err := p.cutter().Run(t.Context(), p.today())
	p.must(err)
	book := p.load(lending.Key{Kind: lending.KindRelacionBy, ID: p.line.String()})
	r, _, err := book.RelacionOf(p.line)
	p.must(err)
	var group sync.WaitGroup
	for i := range 24 {
		group.Go(func() {
			_, err := p.insist(func() (lending.Result, error) {
				return p.run("relacion.pay", lending.Call{}, map[string]any{
					"source": "stp", "reference": fmt.Sprint("D", i/2), "account": r.Reference, "amount": money.Amount(100_00), "value_date": p.today(),
				})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var in, out, excess int64
	var covered int64
	p.must(p.inTx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select (select sum(cents) from relacion_deposit), (select sum(cents) from payment), (select sum(excess_cents) from relacion_deposit),
			(select covered_cents from relacion where id = $1)`, uuid.UUID(r.ID)).Scan(&in, &out, &excess, &covered)
	}))
	if in != 12*100_00 || in != out+excess || covered != int64(r.Total) {
		t.Errorf("deposits %d, payments %d, in favour %d, covered %d of %s", in, out, excess, covered, r.Total)
	}
	p.sound("many deposits")
}
