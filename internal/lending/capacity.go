package lending

import (
	"fmt"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// What a person may borrow depends on what she says that she earns: a payment
// is never more than the product's share of it, less what she pays elsewhere.
// Nothing is asked of who prefers not to say; then people decide without it.

// Income is what somebody says that she earns.
type Income struct {
	Amount money.Amount // centavos in each period; 0 if she has not said
	Per    Period
}

// Period is how often somebody earns. The words are those that flows use.
type Period string

// The periods.
const (
	PerWeek     Period = "semana"
	PerQuincena Period = "quincena"
	PerMonth    Period = "mes"
)

// times is how often a period comes in a year; 0 for a word that is none.
func (p Period) times() money.Amount {
	switch p {
	case PerWeek:
		return 52
	case PerQuincena:
		return 24
	case PerMonth:
		return 12
	}
	return 0
}

// reasonIncome is the reason of a no, or of less, because of what somebody earns.
const reasonIncome = "ingresos"

// incomeMost is more than anybody earns in a period whom this is for: what is
// above it is a slip. In centavos.
const incomeMost = 500_000 * money.Peso

// capacity is what somebody can pay.
type capacity struct {
	known   bool         // she said what she earns, and the product asks
	payment money.Amount // the most of one payment, centavos
	most    money.Amount // the most that may be lent for it, centavos; 0 is nothing
}

// capacity is what the person of an application can pay on a day.
func (s Settings) capacity(r Request, day quincena.Date) capacity {
	p := s.productOn(day)
	if r.Income.Amount <= 0 || p.Capacity.Share.IsZero() {
		return capacity{}
	}
	payment, most := p.Affords(r.Income.Amount*r.Income.Per.times(), r.Debts*12, day, s.Calendar)
	return capacity{known: true, payment: payment, most: most}
}

// applicationIncome notes what the person says that she earns, for who decides
// and for what may be decided.
func (a *act) applicationIncome() (Result, error) {
	r, err := a.openNamed()
	if err != nil {
		return Result{}, err
	}
	income := Income{a.amount("monto"), Period(a.text("cada"))}
	if income.Amount <= 0 || income.Amount > incomeMost || income.Per.times() == 0 {
		return Result{}, fault.New(fault.Invalid, "bad_income", "Di cuánto gana y si es por semana, quincena o mes.")
	}
	r.Income = income
	return Result{Outcome: "ok"}, a.noteCapacity(r)
}

// applicationDebts notes what the person says that she pays elsewhere a month.
func (a *act) applicationDebts() (Result, error) {
	r, err := a.openNamed()
	if err != nil {
		return Result{}, err
	}
	if a.amount("monto") < 0 || a.amount("monto") > incomeMost {
		return Result{}, fault.New(fault.Invalid, "bad_debts", "Di cuánto paga al mes, en pesos.")
	}
	r.Debts = a.amount("monto")
	return Result{Outcome: "ok"}, a.noteCapacity(r)
}

// openNamed is the application that an input names, while nobody has decided it.
func (a *act) openNamed() (Request, error) {
	r, err := a.requestNamed()
	if err != nil {
		return Request{}, err
	}
	if r.Kind != RequestApplication || r.Decision != Undecided || !r.Closed.IsZero() {
		return Request{}, fault.New(fault.Conflict, "application_decided", "Esa solicitud ya se decidió.")
	}
	return r, nil
}

// noteCapacity writes for people what the application now says of her.
func (a *act) noteCapacity(r Request) error {
	line := fmt.Sprintf("Dice que gana %s por %s", r.Income.Amount, r.Income.Per)
	if r.Income.Amount <= 0 {
		line = "No ha dicho cuánto gana"
	}
	if r.Debts > 0 {
		line += fmt.Sprintf(" y que paga %s al mes de otros préstamos", r.Debts)
	}
	if c := a.set.capacity(r, a.today()); c.known {
		line += fmt.Sprintf("; le alcanza para pagos de %s y un vale de hasta %s", c.payment, c.most)
	}
	a.b.PutRequest(r)
	return a.addNote(r, line+".")
}

// within refuses an amount that is none, or more than the person can pay by
// what she says.
func (a *act) within(r Request) error {
	if r.Amount <= 0 {
		return fault.New(fault.Invalid, "amount_not_positive", "El monto debe ser mayor que cero.")
	}
	if c := a.set.capacity(r, a.today()); c.known && r.Amount > c.most {
		return fault.Newf(fault.Denied, "over_capacity", "Con lo que dice que gana le alcanza para un vale de hasta %s.", c.most)
	}
	return nil
}
