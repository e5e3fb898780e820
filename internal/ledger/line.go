package ledger

import "valebot/internal/money"

// The five movements of a distributor's credit line. Each returns the lines of
// a balanced entry for amount > 0; Check tells whether the line allows it.

// GrantLine raises the line's limit, or lowers it for an amount below zero.
func GrantLine(distributor string, amount money.Amount) []Line {
	return Move(amount, Account{LineLimit, distributor}, Account{LineAvailable, distributor})
}

// HoldLine sets an amount apart for a vale that is authorised.
func HoldLine(distributor string, amount money.Amount) []Line {
	return Move(amount, Account{LineAvailable, distributor}, Account{LineHold, distributor})
}

// ReleaseHold gives back what was set apart for a vale that came to nothing.
func ReleaseHold(distributor string, amount money.Amount) []Line {
	return Move(amount, Account{LineHold, distributor}, Account{LineAvailable, distributor})
}

// UseLine turns the hold into use: the money reached the borrower.
func UseLine(distributor string, amount money.Amount) []Line {
	return Move(amount, Account{LineHold, distributor}, Account{LineUsed, distributor})
}

// RestoreLine makes paid capital available again.
func RestoreLine(distributor string, amount money.Amount) []Line {
	return Move(amount, Account{LineUsed, distributor}, Account{LineAvailable, distributor})
}

// LineState is what a distributor's line amounts to, in centavos.
// Limit = Available + Held + Used always.
type LineState struct{ Limit, Available, Held, Used money.Amount }

// LineOf reads a distributor's line from balances.
func LineOf(balances map[Account]money.Amount, distributor string) LineState {
	return LineState{
		Limit:     -balances[Account{LineLimit, distributor}],
		Available: balances[Account{LineAvailable, distributor}],
		Held:      balances[Account{LineHold, distributor}],
		Used:      balances[Account{LineUsed, distributor}],
	}
}
