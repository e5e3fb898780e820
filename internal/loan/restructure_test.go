package loan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func dates(rows []loan.Instalment) (list []string) {
	for _, r := range rows {
		list = append(list, r.Due.Short()+" "+r.Total().String())
	}
	return list
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	q := quote(t, vale(t), 3000_00, 4, "2026-03-02") // 862.50 on 15-mar, 31-mar, 15-abr, 30-abr
	paid := []loan.Payment{pay(t, "a", "2026-03-15", 862_50)}
	for _, c := range []struct {
		name, on string
		plan     loan.NewPlan
		payments []loan.Payment
		want     []string
	}{
		{"split", "2026-03-20", loan.SplitNext, paid, []string{"31-mar $431.25", "07-abr $431.25", "15-abr $862.50", "30-abr $862.50"}},
		{"move", "2026-03-20", loan.MoveNext, paid, []string{"15-abr $862.50", "30-abr $862.50", "15-may $862.50"}},
		{"split on the day it is late, with its fee", "2026-04-05", loan.SplitNext, paid, []string{"05-abr $461.25", "12-abr $461.25", "15-abr $862.50", "30-abr $862.50"}},
		{"move what is late, with its fee", "2026-04-05", loan.MoveNext, paid, []string{"15-abr $862.50", "30-abr $862.50", "15-may $922.50"}},
		{"the rest of a part payment", "2026-03-20", loan.MoveNext, append(paid, pay(t, "b", "2026-03-19", 62_50)), []string{"15-abr $862.50", "30-abr $862.50", "15-may $800"}},
		{"the last one, after its day", "2026-05-20", loan.MoveNext, append(paid, pay(t, "b", "2026-03-31", 862_50), pay(t, "c", "2026-04-15", 862_50)), []string{"31-may $922.50"}},
	} {
		got, err := loan.Simulate(q, c.payments, c.plan, day(t, c.on), quincena.Calendar{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, dates(got.Rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if got.Terms.Origin != q.Terms.Hash() || got.Terms.Hash() == q.Terms.Hash() || !got.Intact() {
			t.Errorf("%s: the new terms do not point to the old ones", c.name)
		}
	}
}

func TestSimulateRefuses(t *testing.T) {
	t.Parallel()
	q := quote(t, vale(t), 3000_00, 4, "2026-03-02")
	closed := q
	closed.Terms.Restructure = loan.Restructure{}
	all := []loan.Payment{pay(t, "a", "2026-03-15", 3450_00)}
	for _, c := range []struct {
		name, on string
		q        loan.Quote
		plan     loan.NewPlan
		payments []loan.Payment
		want     string
	}{
		{"nothing left", "2026-03-20", q, loan.MoveNext, all, "nothing_to_restructure"},
		{"not offered", "2026-03-10", closed, loan.SplitNext, nil, "plan_not_offered"},
		{"unknown", "2026-03-10", q, "forget", nil, "plan_not_offered"},
		{"the next one is due tomorrow", "2026-03-30", q, loan.SplitNext, nil, "plan_no_room"},
		{"two are late", "2026-04-05", q, loan.SplitNext, nil, "plan_no_room"},
	} {
		_, err := loan.Simulate(c.q, c.payments, c.plan, day(t, c.on), quincena.Calendar{})
		if fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// What is owed before and after a new plan is the same, to the centavo, and
// the new loan owes it as a schedule of its own.
func TestNewPlansConserveWhatIsOwed(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t, base)
		q := anyQuote(t, p)
		payments := anyPayments(t, q)
		on := q.Terms.Issued.AddDays(rapid.IntRange(0, 400).Draw(t, "on"))
		plan := rapid.SampledFrom([]loan.NewPlan{loan.SplitNext, loan.MoveNext}).Draw(t, "plan")
		old := loan.Replay(q.Terms, q.Rows, payments, on)
		got, err := loan.Simulate(q, payments, plan, on, quincena.Calendar{})
		if err != nil {
			if code := fault.CodeOf(err); code == "plan_no_room" || (code == "nothing_to_restructure" && old.Settled) {
				return
			}
			t.Fatal(err)
		}
		var capital money.Amount
		for k, r := range got.Rows {
			capital += r.Capital
			if r.N != k+1 || (k > 0 && !r.Due.After(got.Rows[k-1].Due)) {
				t.Fatalf("rows %+v", got.Rows)
			}
		}
		if got.Terms.Total != old.Outstanding || capital != got.Terms.Principal {
			t.Fatalf("owed %s before and %s after", old.Outstanding, got.Terms.Total)
		}
		if now := loan.Replay(got.Terms, got.Rows, nil, on); now.Outstanding-now.LateFees != old.Outstanding {
			t.Fatalf("the new loan owes %s, not %s", now.Outstanding, old.Outstanding)
		}
	})
}
