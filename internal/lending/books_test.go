package lending_test

import (
	"github.com/google/uuid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// checkBooks holds ledger, lines and loans together.
func checkBooks(t failer, w *town) {
	t.Helper()
	if err := ledger.Check(ledger.Balances(w.entries)); err != nil {
		t.Fatalf("balances: %v", err)
	}
	for _, l := range all[lending.Loan](w) {
		checkLoan(t, w, l)
	}
	for _, d := range all[lending.Distributor](w) {
		checkLine(t, w, d)
	}
	checkSuspense(t, w)
	for _, p := range all[lending.Person](w) {
		checkCredit(t, w, p)
	}
}

// checkSuspense: what nobody has placed yet is held for its deposit, to the
// centavo, and nothing else is.
func checkSuspense(t failer, w *town) {
	t.Helper()
	held := map[ledger.Account]money.Amount{}
	for _, p := range all[lending.Payment](w) {
		if p.State == loan.PaymentUnmatched || p.State == loan.PaymentReturnRequested {
			held[ledger.Account{Code: ledger.UnmatchedIn, Owner: p.ID.String()}] = -p.Amount
		}
		if (p.LoanID == uuid.Nil) != (p.Parked != "") {
			t.Fatalf("payment in %s: loan %s, parked %q", p.State, p.LoanID, p.Parked)
		}
	}
	for account, got := range ledger.Balances(w.entries) {
		if account.Code == ledger.UnmatchedIn && got != held[account] {
			t.Fatalf("in suspense for %s: %s, want %s", account.Owner, got, held[account])
		}
		delete(held, account)
	}
	if len(held) > 0 {
		t.Fatalf("deposits that the books do not hold: %v", held)
	}
}

// checkCredit: the saldo a favor is what money left over, less what was used
// and refunded. What is forgiven never becomes credit.
func checkCredit(t failer, w *town, who lending.Person) {
	t.Helper()
	var want money.Amount
	for _, p := range all[lending.Payment](w) {
		switch {
		case p.PersonID != who.ID || p.State != loan.PaymentPosted:
		case p.Forgiven() && p.Excess != 0:
			t.Fatalf("%s of %s left %s over", p.Source, p.Amount, p.Excess)
		case p.Source == "saldo":
			want += p.Excess - p.Amount
		default:
			want += p.Excess
		}
	}
	for _, d := range all[lending.Deposit](w) {
		if d.State == loan.PaymentPosted && at[lending.Distributor](w, lending.KindDistributor, d.DistributorID).PersonID == who.ID {
			want += d.Excess
		}
	}
	for _, c := range all[lending.Correction](w) {
		if c.PersonID == who.ID && c.Kind == lending.CorrectRefund && c.State == lending.CorrectionDone {
			want -= c.Amount
		}
	}
	got := -ledger.Balances(w.entries)[ledger.Account{Code: ledger.SaldoAFavor, Owner: who.ID.String()}]
	if got != want || got < 0 {
		t.Fatalf("saldo a favor %s, want %s", got, want)
	}
}

// owedCodes are the accounts whose sum, per loan, is what the borrower owes.
var owedCodes = []ledger.Code{ledger.LoanCapital, ledger.LoanInterest, ledger.LoanMora, ledger.FeeReceivable, ledger.IVAReceivable}

func checkLoan(t failer, w *town, l lending.Loan) {
	t.Helper()
	balances, owed := ledger.Balances(w.entries), money.Amount(0)
	for _, code := range owedCodes {
		owed += balances[ledger.Account{Code: code, Owner: l.ID.String()}]
	}
	v := at[lending.Vale](w, lending.KindVale, l.ValeID)
	switch {
	case v.State != loan.ValeConverted || v.LoanID != l.ID:
		t.Fatalf("loan %s of a vale in %s", l.Folio, v.State)
	case l.TermsHash != l.Quote.Terms.Hash() || !l.Quote.Intact():
		t.Fatalf("loan %s: terms changed", l.Folio)
	case l.State == loan.LoanPendingDisbursement && owed != 0:
		t.Fatalf("loan %s owes %s before it is paid out", l.Folio, owed)
	case l.State == loan.LoanSettled && (owed != 0 || l.Position.Owed != 0):
		t.Fatalf("loan %s is settled and owes %s / %s", l.Folio, owed, l.Position.Owed)
	case (l.State == loan.LoanWrittenOff || l.State == loan.LoanRecovered) && owed != 0:
		t.Fatalf("loan %s was written off and the books show %s", l.Folio, owed)
	case l.State == loan.LoanWrittenOff && l.Position.Owed == 0, l.State == loan.LoanRecovered && l.Position.Owed != 0:
		t.Fatalf("loan %s in %s owes %s", l.Folio, l.State, l.Position.Owed)
	case l.State == loan.LoanActive && l.Position.Owed <= 0:
		t.Fatalf("loan %s is active and owes nothing", l.Folio)
	}
	if l.State == loan.LoanActive || l.State == loan.LoanSettled {
		if want := receivable(w, l); owed != want {
			t.Fatalf("loan %s owes %s by the ledger, %s by its schedule", l.Folio, owed, want)
		}
	}
}

// receivable is what the schedule says that the books should show: capital, and
// of the rest what has fallen due.
func receivable(w *town, l lending.Loan) money.Amount {
	var payments []loan.Payment
	for _, p := range all[lending.Payment](w) {
		placed := p.ReceivedAt
		if !p.MatchedAt.IsZero() {
			placed = p.MatchedAt
		}
		if p.LoanID == l.ID && p.State == loan.PaymentPosted && placed.After(l.Replanned) {
			payments = append(payments, replayed(p, latest(p.ValueDate, l)))
		}
	}
	return loan.Replay(l.Quote.Terms, l.Quote.Rows, payments, l.Position.AsOf).Receivable()
}

// replayed is a payment as the schedule takes it: what is forgiven comes after
// the money of its day, and a waiver pays late fees only.
func replayed(p lending.Payment, on quincena.Date) loan.Payment {
	one := loan.Payment{ID: p.Source + "|" + p.Reference, On: on, Amount: p.Amount}
	if p.Forgiven() {
		one.ID, one.Grant = "~"+one.ID, true
	}
	if p.Source == "condonacion" {
		late := []loan.Part{loan.PartPenalty}
		one.Plan = loan.Plan{{When: loan.PastDue, Pay: late}, {When: loan.DueNow, Pay: late}, {When: loan.InAdvance, Pay: late}}
	}
	return one
}

func latest(on quincena.Date, l lending.Loan) quincena.Date {
	if l.Quote.Terms.Origin != "" && on.Before(l.Quote.Terms.Issued) {
		return l.Quote.Terms.Issued
	}
	return on
}

func checkLine(t failer, w *town, d lending.Distributor) {
	t.Helper()
	var held, used money.Amount
	for _, v := range all[lending.Vale](w) {
		switch {
		case v.DistributorID != d.ID:
		case v.State == loan.ValeConverted:
			l := at[lending.Loan](w, lending.KindLoan, v.LoanID)
			used += v.Quote.Terms.Principal - l.Released
		case !v.State.Terminal():
			held += v.Quote.Terms.Principal
		}
	}
	if d.Held != held || d.Used != used || held < 0 || used < 0 || d.Available() < 0 {
		t.Fatalf("line held %s (vales say %s), used %s (loans say %s), available %s", d.Held, held, d.Used, used, d.Available())
	}
	want := ledger.LineState{Limit: d.Limit, Available: d.Available(), Held: held, Used: used}
	if got := ledger.LineOf(ledger.Balances(w.entries), d.ID.String()); got != want {
		t.Fatalf("line in the ledger %+v, in the row %+v", got, want)
	}
}

// checkUnique: one loan per vale; folios and references are nobody else's.
func checkUnique(t failer, w *town) {
	t.Helper()
	seen := map[string]bool{}
	for _, v := range all[lending.Vale](w) {
		once(t, seen, "folio "+v.Folio)
	}
	for _, l := range all[lending.Loan](w) {
		once(t, seen, "reference "+l.Reference)
		once(t, seen, "loan of vale "+l.ValeID.String())
	}
	for _, p := range all[lending.Promise](w) {
		if p.State == loan.PromiseOpen {
			once(t, seen, "open promise of "+p.LoanID.String())
		}
	}
}

func once(t failer, seen map[string]bool, what string) {
	t.Helper()
	if seen[what] {
		t.Fatalf("twice: %s", what)
	}
	seen[what] = true
}

// checkPayout: at most one live attempt; what settled is nothing or the whole
// principal, and the loan is owed just then; an attempt is sent once, whatever
// becomes of it.
func checkPayout(t failer, w *town, l lending.Loan) {
	t.Helper()
	live, settled, under := 0, money.Amount(0), map[ledger.Account]money.Amount{}
	for _, d := range all[lending.Disbursement](w) {
		if d.LoanID != l.ID {
			continue
		}
		under[clearingOf(d)] += 0
		if d.State == loan.DisbursementAccepted {
			under[clearingOf(d)] += d.Amount
		}
		switch d.State {
		case loan.DisbursementRejected, loan.DisbursementReturned, loan.DisbursementCancelled:
		case loan.DisbursementSettled:
			live, settled = live+1, settled+d.Amount
		default:
			live++
		}
		if sent := sentTimes(w, d.ID); sent != 1 {
			t.Fatalf("attempt %s was sent %d times", d.ID, sent)
		}
		checkCode(t, w, d)
	}
	for account, want := range under {
		if got := ledger.Balances(w.entries)[account]; got != want {
			t.Fatalf("loan %s: %s of %s under way, want %s", l.Folio, got, account.Code, want)
		}
	}
	principal := at[lending.Vale](w, lending.KindVale, l.ValeID).Quote.Terms.Principal
	owed := l.State != loan.LoanPendingDisbursement
	if live > 1 || (owed && settled != principal) || (!owed && settled != 0) {
		t.Fatalf("loan %s in %s: %d live attempts, %s settled", l.Folio, l.State, live, settled)
	}
}

// clearingOf is where the money of one attempt stands while the rail has it.
func clearingOf(d lending.Disbursement) ledger.Account {
	code := ledger.CodeOut
	if d.Rail == lending.RailSPEI {
		code = ledger.DisbursementOut
	}
	return ledger.Account{Code: code, Owner: d.LoanID.String()}
}

func sentTimes(w *town, id uuid.UUID) int {
	n := 0
	for _, c := range w.calls {
		if c.Disbursement == id && (c.Op == "issue" || c.Op == "transfer") {
			n++
		}
	}
	return n
}

// checkCode: digits are kept only while they can be used.
func checkCode(t failer, w *town, d lending.Disbursement) {
	t.Helper()
	if d.Rail != lending.RailATM {
		return
	}
	c := at[lending.Code](w, lending.KindCode, d.ID)
	usable := c.State == loan.CodeIssued || c.State == loan.CodeDelivered
	if (c.Digits != "") != usable || (d.State == loan.DisbursementSettled) != (c.State == loan.CodeRedeemed) {
		t.Fatalf("code %s of an attempt in %s keeps %d digits", c.State, d.State, len(c.Digits))
	}
}

// checkAllocations: every centavo of a payment is in an allocation or in the
// payer's saldo a favor, and no component gets more than the rows hold of it.
func checkAllocations(t failer, w *town, l lending.Loan) {
	t.Helper()
	var capital money.Amount
	for _, p := range all[lending.Payment](w) {
		if p.LoanID != l.ID {
			continue
		}
		sum := p.Excess
		for _, a := range p.Allocations {
			sum += a.Amount
			if a.Component == loan.Capital {
				capital += a.Amount
			}
		}
		if (p.State == loan.PaymentPosted && sum != p.Amount && !(p.Forgiven() && sum < p.Amount)) || (p.State == loan.PaymentReversed && sum != 0) {
			t.Fatalf("payment of %s in %s is allocated %s", p.Amount, p.State, sum)
		}
	}
	v := at[lending.Vale](w, lending.KindVale, l.ValeID)
	if capital > v.Quote.Terms.Principal || capital > l.Released {
		t.Fatalf("loan %s: capital paid %s, released %s", l.Folio, capital, l.Released)
	}
}
