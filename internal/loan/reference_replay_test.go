package loan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// refLoan lives through every day of a loan.
type refLoan struct {
	p       loan.Product
	issued  quincena.Date
	yearly  decimal.Decimal // moratory
	rows    []*refStanding
	credit  decimal.Decimal
	fees    decimal.Decimal
	waiting []*refPaid // payments with money that waits, oldest first
	paid    []*refPaid
}

// refPaid is where one payment went.
type refPaid struct {
	id     string
	went   []string
	excess decimal.Decimal
}

// refStanding is one instalment on its way.
type refStanding struct {
	n                int
	due, enforceable quincena.Date
	owed, paid       map[loan.Component]decimal.Decimal
	fined            bool
	capitals         []decimal.Decimal // unpaid at the start of each day that bears moratory interest
	mora, moraIVA    decimal.Decimal   // charged so far
	paidOn           quincena.Date
}

func (s *refStanding) total() decimal.Decimal { return refRow{parts: s.owed}.total() }

func (s *refStanding) add(c loan.Component, d decimal.Decimal) { s.owed[c] = s.owed[c].Add(d) }

func (s *refStanding) opens() quincena.Date {
	if s.enforceable.Before(s.due) {
		return s.enforceable
	}
	return s.due
}

func (s *refStanding) when(today quincena.Date) loan.Timing {
	if today.After(s.enforceable) {
		return loan.PastDue
	}
	if today.Before(s.opens()) {
		return loan.InAdvance
	}
	return loan.DueNow
}

func newRefLoan(p loan.Product, q loan.Quote) *refLoan {
	l := &refLoan{p: p, issued: q.Terms.Issued, yearly: p.Late.Annual.Decimal()}
	if times := p.Late.Times.Decimal(); !times.IsZero() {
		l.yearly = p.Rate.Decimal().Mul(times)
		if p.RatePer == loan.PerPeriod {
			l.yearly = l.yearly.Mul(decimal.NewFromInt(int64(p.Frequency.PerYear())))
		}
	}
	for _, r := range q.Rows {
		l.rows = append(l.rows, &refStanding{
			n: r.N, due: r.Due, enforceable: r.Enforceable, paid: map[loan.Component]decimal.Decimal{},
			owed: map[loan.Component]decimal.Decimal{
				loan.Capital: pesosOf(r.Capital), loan.Interest: pesosOf(r.Interest), loan.InterestIVA: pesosOf(r.IVA),
				loan.Fee: pesosOf(r.Fee), loan.FeeIVA: pesosOf(r.FeeIVA), loan.Insurance: pesosOf(r.Insurance),
			},
		})
	}
	return l
}

// live is one day: lateness is charged, money that waits pays what opens today,
// and then today's payments come, by id.
func (l *refLoan) live(today quincena.Date, payments []loan.Payment) {
	for _, s := range l.rows {
		l.charge(s, today)
	}
	for _, s := range l.rows {
		if s.opens() == today {
			l.useWaiting(today)
		}
	}
	for _, p := range payments {
		if p.On == today {
			l.receive(p)
		}
	}
}

func (l *refLoan) charge(s *refStanding, today quincena.Date) {
	late := s.enforceable.DaysUntil(today) - l.p.Late.GraceDays
	if s.total().IsZero() || s.enforceable.DaysUntil(today) <= 0 || late <= 0 {
		return
	}
	if !s.fined {
		s.fined = true
		l.price(s, loan.Mora, loan.PartPenalty, pesosOf(l.p.Late.Fee))
		l.price(s, loan.Fee, loan.PartFee, pesosOf(l.p.Late.Failure))
	}
	if l.yearly.IsZero() || l.p.Late.Failure > 0 && late == 1 {
		return
	}
	s.capitals = append(s.capitals, s.owed[loan.Capital])
	sum := decimal.Zero
	for _, c := range s.capitals {
		sum = sum.Add(c)
	}
	year := decimal.NewFromInt(360)
	if l.p.DayCount == loan.Actual365 {
		year = decimal.NewFromInt(365)
	}
	net, tax := refTax(l.p, loan.PartPenalty, cents(sum.Mul(l.yearly).DivRound(year, 40)))
	s.add(loan.Mora, net.Sub(s.mora))
	s.add(loan.MoraIVA, tax.Sub(s.moraIVA))
	l.fees = l.fees.Add(net.Sub(s.mora)).Add(tax.Sub(s.moraIVA))
	s.mora, s.moraIVA = net, tax
}

func (l *refLoan) price(s *refStanding, c loan.Component, part loan.Part, price decimal.Decimal) {
	net, tax := refTax(l.p, part, price)
	s.add(c, net)
	s.add(c+1, tax)
	l.fees = l.fees.Add(net).Add(tax)
}

func (l *refLoan) receive(p loan.Payment) {
	to := &refPaid{id: p.ID}
	l.paid = append(l.paid, to)
	left := pesosOf(p.Amount)
	l.settleEarly(left, p.On)
	for _, stage := range l.p.Plan {
		left = l.spend(stage, left, p.On, to)
	}
	to.excess = left
	l.credit = l.credit.Add(left)
	if l.p.Early == loan.EarlyWhole && left.IsPositive() {
		l.waiting = append(l.waiting, to)
	}
}

// settleEarly drops interest of days to come where the money pays all the rest.
// Each day of a period earns an equal part of its interest.
func (l *refLoan) settleEarly(money decimal.Decimal, today quincena.Date) {
	if l.p.Method == loan.Flat {
		return
	}
	rest := decimal.Zero
	keep := make([][2]decimal.Decimal, len(l.rows))
	begins := l.issued
	for i, s := range l.rows {
		net, tax := s.owed[loan.Interest], s.owed[loan.InterestIVA]
		if s.when(today) == loan.InAdvance {
			whole, wholeTax := net.Add(s.paid[loan.Interest]), tax.Add(s.paid[loan.InterestIVA])
			earned := decimal.Zero
			for d := begins; d.Before(today) && d.Before(s.due); d = d.AddDays(1) {
				earned = earned.Add(whole)
			}
			earned = cents(earned.DivRound(decimal.NewFromInt(int64(begins.DaysUntil(s.due))), 40))
			earnedTax := decimal.Min(wholeTax, cents(earned.Mul(refRate(l.p, loan.PartInterest))))
			if !today.Before(s.due) {
				earned, earnedTax = whole, wholeTax
			}
			net = decimal.Max(decimal.Zero, earned.Sub(s.paid[loan.Interest]))
			tax = decimal.Max(decimal.Zero, earnedTax.Sub(s.paid[loan.InterestIVA]))
		}
		keep[i] = [2]decimal.Decimal{net, tax}
		rest = rest.Add(s.total()).Sub(s.owed[loan.Interest]).Sub(s.owed[loan.InterestIVA]).Add(net).Add(tax)
		begins = s.due
	}
	if money.LessThan(rest) {
		return
	}
	for i, s := range l.rows {
		before := s.total()
		s.owed[loan.Interest], s.owed[loan.InterestIVA] = keep[i][0], keep[i][1]
		if before.IsPositive() && s.total().IsZero() {
			s.paidOn = today
		}
	}
}

func (l *refLoan) useWaiting(today quincena.Date) {
	for _, to := range l.waiting {
		left := to.excess
		for _, stage := range l.p.Plan {
			if stage.When != loan.InAdvance {
				left = l.spend(stage, left, today, to)
			}
		}
		l.credit = l.credit.Sub(to.excess).Add(left)
		to.excess = left
	}
}

// spend pays the instalments of a stage and returns what is left.
func (l *refLoan) spend(stage loan.Stage, left decimal.Decimal, today quincena.Date, to *refPaid) decimal.Decimal {
	var rows []*refStanding
	for _, s := range l.rows {
		if s.when(today) == stage.When {
			rows = append(rows, s)
		}
	}
	if stage.When == loan.InAdvance {
		switch l.p.Early {
		case loan.EarlyLast:
			slices.Reverse(rows)
		case loan.EarlyProRata:
			return l.proRata(rows, stage, left, today, to)
		case loan.EarlyWhole:
			for _, s := range rows {
				owed := s.owes(stage)
				if owed.GreaterThan(left) {
					return left
				}
				if owed.IsPositive() {
					left = l.payRow(s, stage, left, today, to)
				}
			}
			return left
		}
	}
	for _, s := range rows {
		left = l.payRow(s, stage, left, today, to)
	}
	return left
}

// proRata cuts the money so that the first k instalments together always have
// their exact share, rounded down to the centavo.
func (l *refLoan) proRata(rows []*refStanding, stage loan.Stage, left decimal.Decimal, today quincena.Date, to *refPaid) decimal.Decimal {
	all := decimal.Zero
	owes := make([]decimal.Decimal, len(rows))
	for i, s := range rows {
		owes[i] = s.owes(stage)
		all = all.Add(owes[i])
	}
	spent := decimal.Min(left, all)
	given, upTo := decimal.Zero, decimal.Zero
	for i, s := range rows {
		if all.IsZero() {
			break
		}
		upTo = upTo.Add(owes[i])
		cut, _ := spent.Mul(upTo).QuoRem(all, 2)
		rest := l.payRow(s, stage, cut.Sub(given), today, to)
		if !rest.IsZero() {
			panic("an instalment does not take its share")
		}
		given = cut
	}
	return left.Sub(spent)
}

func (s *refStanding) owes(stage loan.Stage) decimal.Decimal {
	sum := decimal.Zero
	for _, part := range stage.Pay {
		for _, c := range refComponents(part) {
			sum = sum.Add(s.owed[c])
		}
	}
	return sum
}

// refComponents are a part's component and that of its IVA.
func refComponents(part loan.Part) []loan.Component {
	return map[loan.Part][]loan.Component{
		loan.PartPenalty: {loan.Mora, loan.MoraIVA}, loan.PartFee: {loan.Fee, loan.FeeIVA}, loan.PartInsurance: {loan.Insurance},
		loan.PartInterest: {loan.Interest, loan.InterestIVA}, loan.PartCapital: {loan.Capital},
	}[part]
}

func (l *refLoan) payRow(s *refStanding, stage loan.Stage, left decimal.Decimal, today quincena.Date, to *refPaid) decimal.Decimal {
	for _, part := range stage.Pay {
		c := refComponents(part)
		net, tax := decimal.Min(left, s.owed[c[0]]), decimal.Zero
		if len(c) == 2 {
			net, tax = l.split(part, left, s.owed[c[0]], s.owed[c[1]])
		}
		s.take(c[0], net, stage.When, to)
		if len(c) == 2 {
			s.take(c[1], tax, stage.When, to)
		}
		left = left.Sub(net).Sub(tax)
	}
	if s.paidOn.IsZero() && s.total().IsZero() {
		s.paidOn = today
	}
	return left
}

// split is the rule for a part payment: the IVA is inside the money.
func (l *refLoan) split(part loan.Part, left, base, tax decimal.Decimal) (net, onTax decimal.Decimal) {
	if left.GreaterThanOrEqual(base.Add(tax)) {
		return base, tax
	}
	rate := refRate(l.p, part)
	onTax = cents(left.Mul(rate).DivRound(decimal.NewFromInt(1).Add(rate), 40))
	onTax = decimal.Max(decimal.Min(onTax, tax), left.Sub(base))
	return left.Sub(onTax), onTax
}

func (s *refStanding) take(c loan.Component, d decimal.Decimal, when loan.Timing, to *refPaid) {
	if d.IsZero() {
		return
	}
	s.owed[c] = s.owed[c].Sub(d)
	s.paid[c] = s.paid[c].Add(d)
	to.went = append(to.went, fmt.Sprint(s.n, when, c, d.Shift(2)))
}

// refSameLife compares a position with the reference, component by component.
func refSameLife(t tester, l *refLoan, got loan.Position) {
	for i, s := range l.rows {
		r := got.Rows[i]
		for c := loan.Capital; c <= loan.Insurance; c++ {
			if !pesosOf(r.Owed[c]).Equal(s.owed[c]) || !pesosOf(r.Paid[c]).Equal(s.paid[c]) {
				t.Fatalf("instalment %d owes %s and paid %s of %s, want %s and %s", s.n, r.Owed[c], r.Paid[c], c, s.owed[c], s.paid[c])
			}
		}
		if r.PaidOn != s.paidOn {
			t.Fatalf("instalment %d is paid on %q, want %q", s.n, r.PaidOn, s.paidOn)
		}
	}
	for i, to := range l.paid {
		r := got.Receipts[i]
		var went []string
		for _, a := range r.Allocations {
			went = append(went, fmt.Sprint(a.N, a.When, a.Component, int64(a.Amount)))
		}
		if r.Payment != to.id || !pesosOf(r.Excess).Equal(to.excess) || !slices.Equal(went, to.went) {
			t.Fatalf("payment %s went to %v and %s, want %v and %s", r.Payment, went, r.Excess, to.went, to.excess)
		}
	}
	if !pesosOf(got.Credit).Equal(l.credit) || !pesosOf(got.LateFees).Equal(l.fees) || len(got.Receipts) != len(l.paid) {
		t.Fatalf("credit %s, fees %s, %d receipts; want %s, %s, %d", got.Credit, got.LateFees, len(got.Receipts), l.credit, l.fees, len(l.paid))
	}
}

// refPlan draws an order of allocation: horizontal or vertical, with the parts
// in any order.
func refPlan(r *rand.Rand, early loan.Early) loan.Plan {
	var plan loan.Plan
	for _, when := range []loan.Timing{loan.PastDue, loan.DueNow, loan.InAdvance} {
		parts := []loan.Part{loan.PartPenalty, loan.PartFee, loan.PartInsurance, loan.PartInterest, loan.PartCapital}
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		cut := 1 + r.IntN(4)
		if r.IntN(2) == 0 || when == loan.InAdvance && early == loan.EarlyWhole {
			plan = append(plan, loan.Stage{When: when, Pay: parts})
			continue
		}
		plan = append(plan, loan.Stage{When: when, Pay: parts[:cut]}, loan.Stage{When: when, Pay: parts[cut:]})
	}
	return plan
}

func refLate(r *rand.Rand) loan.Late {
	late := loan.Late{GraceDays: r.IntN(5)}
	switch r.IntN(4) {
	case 0:
		late.Fee = money.Amount(r.Int64N(300_00))
		return late
	case 1:
		late.Times = money.RateOf(decimal.New(1+r.Int64N(30), -1))
	case 2:
		late.Annual = money.RateOf(decimal.New(1+r.Int64N(20_000), -4))
	}
	late.Failure = pick(r, 0, money.Amount(r.Int64N(200_00)))
	return late
}

func refPayments(r *rand.Rand, q loan.Quote, span int) []loan.Payment {
	payments := make([]loan.Payment, r.IntN(7))
	for i := range payments {
		most := pick(r, int64(q.Terms.Payment), 2*int64(q.Terms.Payment), int64(q.Terms.Total))
		on := q.Terms.Issued.AddDays(r.IntN(span))
		if r.IntN(3) == 0 { // on one of the edges
			on = pick(r, q.Rows...).Due.AddDays(r.IntN(3) - 1)
		}
		payments[i] = loan.Payment{ID: string(rune('a' + i)), On: on, Amount: money.Amount(1 + r.Int64N(most))}
	}
	return payments
}

// compareLife draws a loan, its payments and a day, and compares.
func compareLife(t tester, base loan.Product, r *rand.Rand, most int) bool {
	base.Early = pick(r, loan.EarlyNext, loan.EarlyLast, loan.EarlyProRata, loan.EarlyWhole)
	base.Plan, base.Late = refPlan(r, base.Early), refLate(r)
	p, q, ok := refQuote(t, base, r, most)
	if !ok {
		return false
	}
	span := q.Terms.Issued.DaysUntil(q.Rows[len(q.Rows)-1].Due) + 40
	payments, asOf := refPayments(r, q, span), q.Terms.Issued.AddDays(r.IntN(span))
	got := loan.Replay(q.Terms, q.Rows, payments, asOf)
	l := newRefLoan(p, q)
	slices.SortFunc(payments, func(a, b loan.Payment) int { return int(a.ID[0]) - int(b.ID[0]) })
	for d := q.Terms.Issued; !d.After(asOf); d = d.AddDays(1) {
		l.live(d, payments)
	}
	refSameLife(t, l, got)
	return true
}

func TestLivesAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	base, made := vale(t), 0
	cases := refCases(t)
	var seed uint64
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	for seed = range cases {
		if compareLife(t, base, rand.New(rand.NewPCG(seed, 2)), 5) {
			made++
		}
	}
	if uint64(made) < cases*8/10 {
		t.Errorf("only %d of %d loans could be lent", made, cases)
	}
}

func FuzzLifeReference(f *testing.F) {
	base := vale(f)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { compareLife(t, base, rand.New(rand.NewPCG(seed, 2)), 24) })
}
