package ledger

import "valebot/internal/money"

// Code is an account of the chart. The chart is a closed set: an entry on any
// other code is refused.
type Code string

// The accounts off the balance sheet that follow a distributor's credit line.
// LineLimit is the credit side of the other three, so that
// limit = available + held + used is the sum to zero of the same entry.
const (
	LineLimit     Code = "line_limit"
	LineAvailable Code = "line_available"
	LineHold      Code = "line_hold"
	LineUsed      Code = "line_used"
)

// What borrowers owe, per loan.
const (
	LoanCapital   Code = "loan_capital"
	LoanInterest  Code = "loan_interest"
	LoanMora      Code = "loan_mora"
	FeeReceivable Code = "fee_receivable"
	IVAReceivable Code = "iva_receivable"
)

// Money under way, and money received that belongs to nobody yet.
const (
	DisbursementOut Code = "disbursement_out" // a transfer that is sent and not settled
	CodeOut         Code = "code_out"         // a withdrawal that the issuer has paid and not charged
	UnmatchedIn     Code = "unmatched_in"     // received and not yet known for whom
	SaldoAFavor     Code = "saldo_a_favor"    // a payer's excess
)

// What the lender owes others.
const (
	IVADue                   Code = "iva_due"
	InsuranceDue             Code = "insurance_due"
	DistributorCommissionDue Code = "distributor_commission_due"
)

// Income and expense.
const (
	InterestIncome    Code = "interest_income"
	MoraIncome        Code = "mora_income"
	FeeIncome         Code = "fee_income"
	CommissionExpense Code = "commission_expense"
	WriteOffExpense   Code = "write_off_expense"
)

// Where the lender's money is.
const (
	BankSTP      Code = "bank_stp"
	CashProvider Code = "cash_provider"
)

// What was there before these books.
const (
	OpeningBalance Code = "opening_balance" // the other side of what was imported
)

// Account is one account: a code of the chart and whose it is, an opaque id of
// a distributor, a loan or a payer, empty for the lender's own.
type Account struct {
	Code  Code   `json:"code"`
	Owner string `json:"owner,omitempty"`
}

// Side says on which side an account's balance may stand.
type Side int

// The sides. A debit balance is positive.
const (
	Unknown    Side = iota // the code is not in the chart
	Either                 // both signs are lawful
	DebitOnly              // never below zero
	CreditOnly             // never above zero
)

// Side returns on which side balances of this code may stand, after every
// entry. The clearing accounts of money out stand on either, since some issuers
// are paid before and others after; so does commission, since what a distributor
// has used may be undone by a payment that bounces.
func (c Code) Side() Side {
	switch c {
	case LineAvailable, LineHold, LineUsed,
		LoanCapital, LoanInterest, LoanMora, FeeReceivable, IVAReceivable:
		return DebitOnly
	case LineLimit, UnmatchedIn, SaldoAFavor, InsuranceDue:
		return CreditOnly
	case DisbursementOut, CodeOut, DistributorCommissionDue, IVADue, InterestIncome, MoraIncome, FeeIncome,
		CommissionExpense, WriteOffExpense, BankSTP, CashProvider, OpeningBalance:
		return Either
	}
	return Unknown
}

// Chart lists the codes in the order of the chart of accounts.
func Chart() []Code {
	return []Code{
		LineLimit, LineAvailable, LineHold, LineUsed,
		LoanCapital, LoanInterest, LoanMora, FeeReceivable, IVAReceivable,
		DisbursementOut, CodeOut, UnmatchedIn, SaldoAFavor,
		IVADue, InsuranceDue, DistributorCommissionDue,
		InterestIncome, MoraIncome, FeeIncome, CommissionExpense, WriteOffExpense,
		BankSTP, CashProvider, OpeningBalance,
	}
}

// allows reports whether a balance may stand where it does.
func (s Side) allows(balance money.Amount) bool {
	switch s {
	case Either:
		return true
	case DebitOnly:
		return balance >= 0
	case CreditOnly:
		return balance <= 0
	}
	return false
}
