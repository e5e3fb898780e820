package lending

import "valebot/internal/money"

// Receivable is what the ledger must show as owed on the loan, in centavos, on
// the day up to which it shows the loan (Position.AsOf), and Outstanding is
// what Position.Owed must be on that day, future interest included. Both are
// derived again from the rows and all payments of the loan. A loan that was
// written off is owed and no longer on the books.
func (l Loan) Receivable(payments []Payment) (receivable, outstanding money.Amount) {
	if !l.owes() {
		return 0, 0
	}
	at := l.replay(payments, l.Position.AsOf)
	if l.writtenOff() {
		return 0, at.Outstanding
	}
	return at.Receivable(), at.Outstanding
}
