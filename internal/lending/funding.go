package lending

import (
	"slices"

	"github.com/google/uuid"

	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// A payment counts toward a loan in the same way wherever it comes from. Most
// bring money from outside. Some bring none: what the lender forgives, and what
// a payer had in her favour. Those have a source of their own that no deposit
// may use, and the id of the correction that made them as reference.
const (
	sourceQuita    = "quita"        // part of the debt is forgiven
	sourceGoodwill = "bonificacion" // the lender pays a part for something that went wrong
	sourceWaived   = "condonacion"  // late fees are forgiven
	sourceCredit   = "saldo"        // the payer's saldo a favor
	sourceOpening  = "apertura"     // what was paid before the loan came into these books
)

func reservedSource(source string) bool {
	return isGrant(source) || source == sourceCredit || source == SourceCommission || source == sourceOpening
}

func isGrant(source string) bool {
	return source == sourceQuita || source == sourceGoodwill || source == sourceWaived
}

// Forgiven reports whether a payment is a part of the debt that the lender
// forgave, so that no money was received.
func (p Payment) Forgiven() bool { return isGrant(p.Source) }

// onlyLateFees is how a waiver of late fees is allocated.
func onlyLateFees() loan.Plan {
	late := []loan.Part{loan.PartPenalty}
	return loan.Plan{{When: loan.PastDue, Pay: late}, {When: loan.DueNow, Pay: late}, {When: loan.InAdvance, Pay: late}}
}

// replayed is a payment as a replay takes it, on the day given.
func (p Payment) replayed(on quincena.Date) loan.Payment {
	one := loan.Payment{ID: p.key(), On: on, Amount: p.Amount, Grant: p.Forgiven()}
	if p.Source == sourceWaived {
		one.Plan = onlyLateFees()
	}
	return one
}

// PaymentKey is the name of a deposit: who received it, their reference, and
// their day where references repeat over days (a clave de rastreo is unique per
// operation date, as SPEI has it). A zero day is none.
func PaymentKey(source, reference string, operated quincena.Date) string {
	if operated.IsZero() {
		return source + "|" + reference
	}
	return source + "@" + operated.String() + "|" + reference
}

// key is a payment's name in a replay. It orders payments of one day, so it
// must not depend on which arrived first, as an id made on arrival does. What
// is forgiven comes after the money of its day.
func (p Payment) key() string {
	key := PaymentKey(p.Source, p.Reference, p.Operated)
	if p.Forgiven() {
		return "~" + key
	}
	return key
}

// bankOf is where the money of a source arrives.
func bankOf(source string) ledger.Account {
	if source == "stp" || source == "spei" {
		return ledger.Account{Code: ledger.BankSTP}
	}
	return ledger.Account{Code: ledger.CashProvider}
}

// suspense is the account of a deposit that nobody has placed yet.
func (p Payment) suspense() ledger.Account {
	return ledger.Account{Code: ledger.UnmatchedIn, Owner: p.ID.String()}
}

func creditAccount(person uuid.UUID) ledger.Account {
	return ledger.Account{Code: ledger.SaldoAFavor, Owner: person.String()}
}

// fundedBy is the account that a payment with money takes it from.
func (l Loan) fundedBy(p Payment) ledger.Account {
	switch p.Source {
	case sourceCredit:
		return creditAccount(p.PersonID)
	case sourceOpening:
		return ledger.Account{Code: ledger.OpeningBalance}
	case SourceCommission:
		return ledger.Account{Code: ledger.DistributorCommissionDue, Owner: l.DistributorID.String()}
	}
	return bankOf(p.Source)
}

// forgivenTo is where a forgiven component goes. Capital and insurance are a
// loss; interest, fees and late fees are not earned after all, and their IVA is
// not owed (a rebate lowers the tax: LIVA, article 7).
func forgivenTo(c loan.Component) ledger.Account {
	for _, account := range receivableAccounts {
		if slices.Contains(account.components, c) && c != loan.Insurance {
			return ledger.Account{Code: account.income}
		}
	}
	return ledger.Account{Code: ledger.WriteOffExpense}
}

// funding is what a loan's payments have taken from each account, by where a
// replay put their money.
func (l Loan) funding(payments []Payment, receipts []loan.Receipt) map[ledger.Account]money.Amount {
	taken := map[ledger.Account]money.Amount{}
	for _, r := range receipts {
		p := payments[slices.IndexFunc(payments, func(p Payment) bool { return p.key() == r.Payment })]
		for _, one := range r.Allocations {
			from := forgivenTo(one.Component)
			if !p.Forgiven() {
				from = l.fundedBy(p)
			}
			taken[from] += one.Amount
		}
		if r.Excess != 0 {
			taken[l.fundedBy(p)] += r.Excess
		}
	}
	return taken
}

// change returns the lines that bring a loan's books from one replay to the
// next: what is earned and paid by component, and where the money came from.
func (l Loan) change(before, after loan.Position, had, have []Payment) []ledger.Line {
	pool := ledger.Account{Code: ledger.UnmatchedIn, Owner: l.ID.String()} // nothing stays on it
	lines := loan.Post(l.ID.String(), l.PersonID.String(), pool, before, after)
	for account, amount := range l.funding(have, after.Receipts) {
		lines = append(lines, ledger.Move(amount, pool, account)...)
	}
	for account, amount := range l.funding(had, before.Receipts) {
		lines = append(lines, ledger.Move(-amount, pool, account)...)
	}
	return l.offBooks(lines)
}

// writtenOff reports whether a loan was taken off the books as a loss.
func (l Loan) writtenOff() bool {
	return l.State == loan.LoanWrittenOff || l.State == loan.LoanRecovered
}

// offBooks turns the lines of a loan that was written off into what they mean
// since: nothing is owed or earned on the books any more, and whatever comes in
// makes the loss smaller.
func (l Loan) offBooks(lines []ledger.Line) []ledger.Line {
	if !l.writtenOff() {
		return lines
	}
	loss := ledger.Account{Code: ledger.WriteOffExpense}
	for i, line := range lines {
		if onLoan(line.Account.Code) {
			lines[i].Account = loss
		}
	}
	return lines
}

// onLoan reports whether an account shows what is owed or earned on a loan.
func onLoan(code ledger.Code) bool {
	if code == ledger.LoanCapital {
		return true
	}
	for _, account := range receivableAccounts {
		if code == account.owed || code == account.income {
			return true
		}
	}
	return false
}

// writeOff returns the lines that take all that the books show as owed off
// them.
func (l Loan) writeOff(at loan.Position) []ledger.Line {
	loss, parts := ledger.Account{Code: ledger.WriteOffExpense}, receivables(at)
	lines := ledger.Move(owedCapital(at), ledger.Account{Code: ledger.LoanCapital, Owner: l.ID.String()}, loss)
	for _, account := range receivableAccounts {
		for _, c := range account.components {
			lines = append(lines, ledger.Move(parts[c], ledger.Account{Code: account.owed, Owner: l.ID.String()}, loss)...)
		}
	}
	return lines
}
