package loan

import (
	"slices"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// NewPlan is a change of the calendar that a borrower may ask for.
type NewPlan string

// The plans. Both act on the oldest instalment that is not paid in full.
const (
	SplitNext NewPlan = "split" // in two halves
	MoveNext  NewPlan = "move"  // to the end, after the last one
)

var (
	errNothingLeft = fault.New(fault.Conflict, "nothing_to_restructure", "No queda nada por pagar.")
	errNotOffered  = fault.New(fault.Denied, "plan_not_offered", "Este crédito no admite ese cambio.")
	errNoRoom      = fault.New(fault.Conflict, "plan_no_room", "No hay una fecha libre para partir el pago.")
)

// Simulate returns the quote of the loan that would replace this one from the
// day on: what is still owed, late fees included, on new dates and renumbered
// from 1, at no cost, so that the sum owed stays the same. Payments up to that
// day belong to the old loan, later ones to the new. Terms.Origin is the hash
// of the old terms; the CAT stays the one that was agreed.
//
// It refuses nothing_to_restructure, plan_not_offered and plan_no_room, where
// the next instalment is too near for a second half before it.
func Simulate(q Quote, payments []Payment, plan NewPlan, on quincena.Date, cal quincena.Calendar) (Quote, error) {
	rows := remaining(Replay(q.Terms, q.Rows, payments, on))
	if len(rows) == 0 {
		return Quote{}, errNothingLeft
	}
	var err error
	switch allowed := q.Terms.Restructure; {
	case plan == SplitNext && allowed.Split:
		rows, err = splitFirst(rows, q.Terms, on, cal)
	case plan == MoveNext && allowed.Move:
		rows = moveFirst(rows, q.Terms, on, cal)
	default:
		err = errNotOffered
	}
	if err != nil {
		return Quote{}, err
	}
	return refreeze(q.Terms, rows, on), nil
}

// remaining turns what is still owed into rows. A late fee becomes a fee of
// the same instalment.
func remaining(p Position) []Instalment {
	var rows []Instalment
	for _, r := range p.Rows {
		if r.Owed.Total() == 0 {
			continue
		}
		rows = append(rows, Instalment{
			Due: r.Due, Enforceable: r.Enforceable,
			Capital: r.Owed[Capital], Interest: r.Owed[Interest], IVA: r.Owed[InterestIVA],
			Fee: r.Owed[Fee] + r.Owed[Mora], FeeIVA: r.Owed[FeeIVA] + r.Owed[MoraIVA],
			Insurance: r.Owed[Insurance],
		})
	}
	return rows
}

// splitFirst cuts the first row in two. The first half keeps its date, or
// falls due on the day itself if that has passed; the second comes up to
// SplitDays later, before the next row.
func splitFirst(rows []Instalment, t Terms, on quincena.Date, cal quincena.Calendar) ([]Instalment, error) {
	one, two := halve(rows[0])
	if one.Due.Before(on) {
		one.Due, one.Enforceable = on, quincena.Shift(on, quincena.Following, cal)
	}
	for days := t.Restructure.SplitDays; days > 0; days-- {
		two.Due = one.Due.AddDays(days)
		two.Enforceable = quincena.Shift(two.Due, t.Shift, cal)
		cut := slices.Concat([]Instalment{one, two}, rows[1:])
		if rising(cut) {
			return cut, nil
		}
	}
	return nil, errNoRoom
}

// rising reports whether both dates of the rows rise strictly.
func rising(rows []Instalment) bool {
	for i := 1; i < len(rows); i++ {
		if !rows[i].Due.After(rows[i-1].Due) || !rows[i].Enforceable.After(rows[i-1].Enforceable) {
			return false
		}
	}
	return true
}

func halve(r Instalment) (one, two Instalment) {
	one, two = r, r
	for _, half := range []struct{ a, b *money.Amount }{
		{&one.Capital, &two.Capital}, {&one.Interest, &two.Interest}, {&one.IVA, &two.IVA},
		{&one.Fee, &two.Fee}, {&one.FeeIVA, &two.FeeIVA}, {&one.Insurance, &two.Insurance},
	} {
		parts := money.Allocate(*half.a, 2)
		*half.a, *half.b = parts[0], parts[1]
	}
	return one, two
}

// moveFirst gives the first row the first date of the frequency after the last
// row's and after today.
func moveFirst(rows []Instalment, t Terms, on quincena.Date, cal quincena.Calendar) []Instalment {
	moved, due := rows[0], rows[len(rows)-1].Due
	for more := true; more; more = !due.After(on) {
		due = quincena.Series(due, t.Frequency, t.Pair, 2)[1]
	}
	moved.Due, moved.Enforceable = due, quincena.Shift(due, t.Shift, cal)
	return append(slices.Clone(rows[1:]), moved)
}

func refreeze(t Terms, rows []Instalment, on quincena.Date) Quote {
	t.Origin = t.Hash()
	t.Issued, t.First, t.N = on, rows[0].Due, len(rows)
	t.Principal, t.Total, t.Payment = 0, 0, rows[0].Total()
	t.OpeningHow, t.Upfront, t.UpfrontIVA = "", 0, 0
	for i := range rows {
		rows[i].N = i + 1
		t.Principal += rows[i].Capital
		t.Total += rows[i].Total()
	}
	t.Schedule = hashRows(rows)
	return Quote{t, rows}
}
