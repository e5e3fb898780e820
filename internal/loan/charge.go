package loan

import (
	"slices"

	"valebot/internal/ledger"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// ivaAt is the rate of IVA in force on a day.
func (p Product) ivaAt(on quincena.Date) money.Rate {
	rate := p.IVA
	for _, c := range p.IVAChanges {
		if !on.Before(c.From) {
			rate = c.Rate
		}
	}
	return rate
}

// ivaOn is the rate of IVA of a part: none where the part bears none.
func (p Product) ivaOn(part Part) money.Rate { return ivaUnless(p.NoIVA, p.IVA, part) }

// ivaOn is the frozen rate of IVA of a part.
func (t Terms) ivaOn(part Part) money.Rate { return ivaUnless(t.NoIVA, t.IVA, part) }

func ivaUnless(exempt []Part, iva money.Rate, part Part) money.Rate {
	if slices.Contains(exempt, part) {
		return money.Rate{}
	}
	return iva
}

// taxed splits a price into net and IVA, which always add to what is charged.
func taxed(price money.Amount, iva money.Rate, included bool) (net, tax money.Amount) {
	if price == 0 {
		return 0, 0
	}
	if included {
		tax = iva.Within(price)
		return price - tax, tax
	}
	return price, iva.Of(price)
}

// lends returns the capital that is lent so that the borrower gets what was
// asked, and the opening fee that is paid out of it at once.
func (p Product) lends(asked money.Amount) (capital, fee, tax money.Amount) {
	if p.OpeningHow != OpeningDeducted && p.OpeningHow != OpeningFinanced {
		return asked, 0, 0
	}
	fee, tax = taxed(p.Opening.Of(asked), p.ivaOn(PartFee), p.IVAIncluded)
	if p.OpeningHow == OpeningFinanced {
		return asked + fee + tax, fee, tax
	}
	return asked, fee, tax
}

// charge spreads the insurance, and the opening fee where it is added, over
// the rows.
func (p Product) charge(rows []Instalment, asked money.Amount) {
	insurance := money.Allocate(p.premium(asked), len(rows))
	for k := range rows {
		rows[k].Insurance = insurance[k]
	}
	if p.OpeningHow == OpeningDeducted || p.OpeningHow == OpeningFinanced {
		return
	}
	for k, fee := range money.Allocate(p.Opening.Of(asked), len(rows)) {
		rows[k].Fee, rows[k].FeeIVA = taxed(fee, p.ivaOn(PartFee), p.IVAIncluded)
	}
}

// premium is what the insurance of an amount costs for the whole loan.
func (p Product) premium(asked money.Amount) money.Amount {
	for _, row := range p.InsuranceTable {
		if asked <= row.UpTo {
			return row.Premium
		}
	}
	return p.Insurance
}

// Payout is what is handed out: the capital without the opening fee that is
// paid out of it.
func (t Terms) Payout() money.Amount { return t.Principal - t.Upfront - t.UpfrontIVA }

// Asked is the amount that the quote was made for.
func (t Terms) Asked() money.Amount {
	if t.OpeningHow == OpeningFinanced {
		return t.Payout()
	}
	return t.Principal
}

// HandOut returns the lines that lend the capital of the terms: capital is
// owed, the clearing account pays what is handed out, and the opening fee that
// is kept is earned.
func HandOut(loanID string, t Terms, clearing ledger.Account) []ledger.Line {
	lines := Disburse(loanID, t.Principal, clearing)
	lines = append(lines, ledger.Move(t.Upfront, ledger.Account{Code: income(Fee)}, clearing)...)
	lines = append(lines, ledger.Move(t.UpfrontIVA, ledger.Account{Code: income(FeeIVA)}, clearing)...)
	return ledger.Net(lines...)
}

// TakeBack returns the lines that undo HandOut, when the money came back.
func TakeBack(loanID string, t Terms, clearing ledger.Account) []ledger.Line {
	lines := HandOut(loanID, t, clearing)
	for i := range lines {
		lines[i].Amount = -lines[i].Amount
	}
	return lines
}
