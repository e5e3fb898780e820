package loan

import (
	"valebot/internal/ledger"
	"valebot/internal/money"
)

// recognise counts what the books show of an instalment. Capital is lent from
// the first day. Interest, fees, insurance and their IVA are earned when the
// instalment falls due, or when they are paid if that is earlier; late fees
// when they are charged.
func (p *Position) recognise(r Standing) {
	earned := r.Paid
	if r.FallenDue(p.AsOf) {
		earned = r.Paid.plus(r.Owed)
	}
	earned[Capital] = r.Paid[Capital] + r.Owed[Capital]
	p.recognised = p.recognised.plus(earned)
	p.paid = p.paid.plus(r.Paid)
}

// Receivable is what the books show as owed, in centavos: the capital, and of
// the rest what has been recognised and not paid. The loan's accounts in the
// ledger sum to it, on every day.
func (p Position) Receivable() money.Amount { return p.recognised.minus(p.paid).Total() }

// Disburse returns the lines that lend the principal: capital is owed, and the
// clearing account (disbursement_out or code_out) pays it.
func Disburse(loanID string, principal money.Amount, clearing ledger.Account) []ledger.Line {
	return ledger.Move(principal, clearing, ledger.Account{Code: ledger.LoanCapital, Owner: loanID})
}

// Post returns the lines that bring the books of a loan from one position to
// another, merged per account; none if nothing changed. before is the position
// that the books show (the zero Position right after Disburse), after the one
// that they should. The same function books a payment, the close of a day, a
// back-dated payment and a reversal, whose lines then point the other way.
//
// Money received comes from the account received (a bank, or unmatched_in);
// excess goes to the saldo a favor of payerID.
func Post(loanID, payerID string, received ledger.Account, before, after Position) []ledger.Line {
	earned, paid := after.recognised.minus(before.recognised), after.paid.minus(before.paid)
	earned[Capital] = 0 // Disburse lent it
	var lines []ledger.Line
	for c := range components {
		owed := ledger.Account{Code: receivable(c), Owner: loanID}
		lines = append(lines, ledger.Move(earned[c], ledger.Account{Code: income(c)}, owed)...)
		lines = append(lines, ledger.Move(paid[c], owed, received)...)
	}
	credit := ledger.Account{Code: ledger.SaldoAFavor, Owner: payerID}
	return ledger.Net(append(lines, ledger.Move(after.Credit-before.Credit, credit, received)...)...)
}

// receivable is the account on which a component is owed.
func receivable(c Component) ledger.Code {
	switch c {
	case Capital:
		return ledger.LoanCapital
	case Interest:
		return ledger.LoanInterest
	case Mora:
		return ledger.LoanMora
	case Fee, Insurance:
		return ledger.FeeReceivable
	}
	return ledger.IVAReceivable
}

// income is the account that a component is earned on, or owed to: IVA to the
// treasury, insurance to the insurer.
func income(c Component) ledger.Code {
	switch c {
	case Interest:
		return ledger.InterestIncome
	case Mora:
		return ledger.MoraIncome
	case Fee:
		return ledger.FeeIncome
	case Insurance:
		return ledger.InsuranceDue
	}
	return ledger.IVADue
}
