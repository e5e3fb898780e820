package lending

import (
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func fortnightUses() []use {
	return []use{
		{"distributor.fortnight", flow.ActionSpec{
			Outcomes: []string{"ok", "not_distributor", outcomeError},
			Result: flow.Fields{
				"pagos_corriente": flow.Int, "pagos_atraso": flow.Int, "por_cobrar": flow.Amount,
				"fecha": flow.Date, "disponible": flow.Amount,
				"referencia": flow.Text, "falta": flow.Amount, "vence": flow.Date,
			},
		}, (*act).distributorFortnight},
	}
}

// distributorFortnight sums up what a distributor's clients pay until the next
// cut: how many vales are on time and how many late, and how much falls due by
// then, arrears included. It names nobody and tells nothing of vales that other
// distributors gave to the same people. The figures are those of the last day
// close and of the payments since. Where she has a relación that is not paid, its
// reference, what it lacks and its date say what to deposit.
func (a *act) distributorFortnight() (Result, error) {
	d, ok, err := a.b.DistributorOf(a.Person)
	if err != nil || !ok {
		return Result{Outcome: "not_distributor"}, err
	}
	a.about(KindDistributor, d.ID)
	loans, err := a.b.LoansBy(d.ID)
	if err != nil {
		return Result{}, err
	}
	r, has, err := a.b.RelacionOf(d.ID)
	if err != nil {
		return Result{}, err
	}
	reference, missing, until := "", money.Amount(0), quincena.Date{}
	if has && r.Uncovered() > 0 && r.State != loan.RelacionCarried {
		reference, missing, until = r.Reference, r.Uncovered(), r.Enforceable
	}
	cut := quincena.Next(a.today(), a.set.Product.Pair)
	onTime, late, due := 0, 0, money.Amount(0)
	for _, l := range loans {
		switch p := l.Position; {
		case l.State != loan.LoanActive:
			continue
		case p.Overdue > 0:
			late++
			due += p.Overdue
		default:
			onTime++
		}
		if p := l.Position; p.Overdue == 0 && p.NextN > 0 && !p.NextDue.After(cut) {
			due += p.NextAmount
		}
	}
	return with("ok", map[string]any{
		"pagos_corriente": onTime, "pagos_atraso": late, "por_cobrar": due, "fecha": cut, "disponible": d.Available(),
		"referencia": reference, "falta": missing, "vence": until,
	})
}

// tellRelacion tells a distributor what she hands in, by when and under which
// reference. A relación without anything to hand in is not worth a message. It
// names none of her clients.
func (a *act) tellRelacion(r Relacion, d Distributor) {
	if r.Uncovered() <= 0 {
		return
	}
	a.b.Emits = append(a.b.Emits, Emit{
		Key: EventRelacionIssued + ":" + r.ID.String(), PersonID: d.PersonID, Name: EventRelacionIssued,
		About: About{AboutDistributor, d.ID.String()},
		Data:  map[string]any{"folio": r.Folio, "total": r.Uncovered(), "vence": r.Due, "referencia": r.Reference},
	})
}
