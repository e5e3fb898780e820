package lending_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// told is a list of rail news, each with its expected outcome, and what the
// world is after them.
type told struct {
	name     string
	news     []string // "event=outcome"
	attempt  loan.DisbursementState
	code     loan.CodeState
	loan     loan.LoanState
	events   []string // emitted, in order
	calls    []string // rail operations after the first
	codeOut  money.Amount
	bankMove money.Amount // of the rail's bank account
}

var activated = []string{"payout.answered=ok", "payout.settled", "vale.activated", "vale.delivered"}

const principal = 300000 // the principal of the story, in centavos

var codeNews = []told{
	{name: "asked", attempt: loan.DisbursementSending, code: loan.CodeRequested},
	{
		name: "issued", news: []string{"code_issued=ok"}, attempt: loan.DisbursementAccepted, code: loan.CodeIssued,
		events: []string{"payout.answered=ok"}, codeOut: principal, bankMove: -principal,
	},
	{
		name: "issued twice", news: []string{"code_issued=ok", "code_issued=repeated"}, attempt: loan.DisbursementAccepted,
		code: loan.CodeIssued, events: []string{"payout.answered=ok"}, codeOut: principal, bankMove: -principal,
	},
	{
		name: "withdrawn", news: []string{"code_issued=ok", "code_redeemed=ok"}, attempt: loan.DisbursementSettled,
		code: loan.CodeRedeemed, loan: loan.LoanActive, events: activated, bankMove: -principal,
	},
	{
		name: "withdrawn, all told twice",
		news: []string{
			"code_issued=ok", "code_redeemed=ok", "code_redeemed=repeated", "code_issued=repeated",
			"code_expired=repeated", "code_cancelled=repeated", "unknown=repeated",
		},
		attempt: loan.DisbursementSettled, code: loan.CodeRedeemed, loan: loan.LoanActive, events: activated, bankMove: -principal,
	},
	{
		name: "withdrawn before issued is told", news: []string{"code_redeemed=ok"}, attempt: loan.DisbursementSettled,
		code: loan.CodeRedeemed, loan: loan.LoanActive, events: []string{"vale.activated", "vale.delivered"}, bankMove: -principal,
	},
	{
		name: "withdrawn, then issued", news: []string{"code_redeemed=ok", "code_issued=ok", "code_issued=repeated"},
		attempt: loan.DisbursementSettled, code: loan.CodeRedeemed, loan: loan.LoanActive,
		events: []string{"vale.activated", "vale.delivered", "payout.answered=ok", "payout.settled"}, bankMove: -principal,
	},
	{
		name: "refused", news: []string{"code_rejected=ok", "code_rejected=repeated", "code_issued=repeated"},
		attempt: loan.DisbursementRejected, code: loan.CodeCancelled, events: []string{"payout.answered=unavailable"},
	},
	{
		name: "refused after it was issued", news: []string{"code_issued=ok", "code_rejected=review"},
		attempt: loan.DisbursementAccepted, code: loan.CodeIssued, events: []string{"payout.answered=ok", "payout.review"},
		codeOut: principal, bankMove: -principal,
	},
	{
		name: "expired", news: []string{"code_issued=ok", "code_expired=ok", "code_expired=repeated", "code_issued=repeated"},
		attempt: loan.DisbursementCancelled, code: loan.CodeFundsBack, events: []string{"payout.answered=ok", "payout.expired"},
	},
	{
		name: "expired before issued is told", news: []string{"code_expired=ok", "code_issued=repeated"},
		attempt: loan.DisbursementRejected, code: loan.CodeExpired, events: []string{"payout.answered=unavailable"},
	},
	{
		name: "withdrawn after it had expired", news: []string{"code_issued=ok", "code_expired=ok", "code_redeemed=review", "code_redeemed=review"},
		attempt: loan.DisbursementCancelled, code: loan.CodeFundsBack,
		events: []string{"payout.answered=ok", "payout.expired", "payout.review"},
	},
	{
		name: "cancelled", news: []string{"code_issued=ok", "code_cancelled=ok"}, attempt: loan.DisbursementCancelled,
		code: loan.CodeFundsBack, events: []string{"payout.answered=ok", "payout.expired"},
	},
	{
		name: "blocked", news: []string{"code_blocked=review", "code_issued=ok", "code_blocked=ok"}, attempt: loan.DisbursementCancelled,
		code: loan.CodeFundsBack, events: []string{"payout.review", "payout.answered=ok", "payout.expired"},
	},
	{
		name: "unknown", news: []string{"unknown=ok", "unknown=repeated"}, attempt: loan.DisbursementUnknown,
		code: loan.CodeRequested, calls: []string{"query", "query"},
	},
	{
		name: "unknown, then issued", news: []string{"unknown=ok", "code_issued=ok"}, attempt: loan.DisbursementAccepted,
		code: loan.CodeIssued, events: []string{"payout.answered=ok"}, calls: []string{"query"}, codeOut: principal, bankMove: -principal,
	},
	{
		name: "unknown, then refused", news: []string{"unknown=ok", "code_rejected=ok"}, attempt: loan.DisbursementRejected,
		code: loan.CodeCancelled, events: []string{"payout.answered=unavailable"}, calls: []string{"query"},
	},
	{
		name: "unknown, then withdrawn", news: []string{"unknown=ok", "code_redeemed=ok"}, attempt: loan.DisbursementSettled,
		code: loan.CodeRedeemed, loan: loan.LoanActive, events: []string{"vale.activated", "vale.delivered"},
		calls: []string{"query"}, bankMove: -principal,
	},
	{name: "news of transfers", news: []string{"transfer_settled=not_found"}, attempt: loan.DisbursementSending, code: loan.CodeRequested},
}

func TestCodeNewsInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range codeNews {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v, l := w.accepted()
			d := w.cardless(v)
			checkNews(t, w, l, d, tt, ledger.CodeOut, ledger.CashProvider)
			if c := at[lending.Code](w, lending.KindCode, d.ID); c.State != tt.code {
				t.Errorf("code %s, want %s", c.State, tt.code)
			}
		})
	}
}

func checkNews(t *testing.T, w *town, l lending.Loan, d lending.Disbursement, tt told, clearing, bank ledger.Code) {
	t.Helper()
	mark, calls := len(w.emits), len(w.calls)
	for _, news := range tt.news {
		event, want, _ := strings.Cut(news, "=")
		if got := w.rail(event, d.ID); got != want {
			t.Fatalf("%s: %s, want %s", event, got, want)
		}
	}
	if got := at[lending.Disbursement](w, lending.KindDisbursement, d.ID).State; got != tt.attempt {
		t.Errorf("attempt %s, want %s", got, tt.attempt)
	}
	want := tt.loan
	if want == "" {
		want = loan.LoanPendingDisbursement
	}
	if got := w.loan(l).State; got != want {
		t.Errorf("loan %s, want %s", got, want)
	}
	if diff := cmp.Diff(append([]string{}, tt.events...), w.names(mark)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	ops := []string{}
	for _, c := range w.calls[calls:] {
		ops = append(ops, c.Op)
	}
	if diff := cmp.Diff(append([]string{}, tt.calls...), ops); diff != "" {
		t.Errorf("rail calls (-want +got):\n%s", diff)
	}
	balances := ledger.Balances(w.entries)
	if got := balances[ledger.Account{Code: clearing, Owner: l.ID.String()}]; got != tt.codeOut {
		t.Errorf("clearing %s, want %s", got, tt.codeOut)
	}
	if got := balances[ledger.Account{Code: bank}]; got != tt.bankMove {
		t.Errorf("bank %s, want %s", got, tt.bankMove)
	}
}

var transferNews = []told{
	{name: "sent", attempt: loan.DisbursementSending},
	{
		name: "accepted", news: []string{"transfer_accepted=ok", "transfer_accepted=repeated"}, attempt: loan.DisbursementAccepted,
		events: []string{"payout.answered=ok"}, codeOut: principal, bankMove: -principal,
	},
	{
		name: "settled", news: []string{"transfer_accepted=ok", "transfer_settled=ok", "transfer_settled=repeated"},
		attempt: loan.DisbursementSettled, loan: loan.LoanActive, events: activated, bankMove: -principal,
	},
	{
		name: "settled before accepted is told", news: []string{"transfer_settled=ok", "transfer_accepted=repeated"},
		attempt: loan.DisbursementSettled, loan: loan.LoanActive, events: activated, bankMove: -principal,
	},
	{
		name: "rejected", news: []string{"transfer_rejected=ok", "transfer_rejected=repeated", "transfer_accepted=review", "transfer_settled=review"},
		attempt: loan.DisbursementRejected, events: []string{"payout.answered=rejected", "payout.review", "payout.review"},
	},
	{
		name: "rejected after accepted", news: []string{"transfer_accepted=ok", "transfer_rejected=ok"}, attempt: loan.DisbursementCancelled,
		events: []string{"payout.answered=ok", "payout.returned"},
	},
	{
		name: "rejected after settled", news: []string{"transfer_settled=ok", "transfer_rejected=review"}, attempt: loan.DisbursementSettled,
		loan: loan.LoanActive, events: append(slices.Clone(activated), "payout.review"), bankMove: -principal,
	},
	{
		name: "returned before settled", news: []string{"transfer_accepted=ok", "transfer_returned=ok", "transfer_settled=repeated"},
		attempt: loan.DisbursementReturned, events: []string{"payout.answered=ok", "payout.returned"},
	},
	{
		name: "returned at once", news: []string{"transfer_returned=ok", "transfer_returned=repeated"}, attempt: loan.DisbursementRejected,
		events: []string{"payout.answered=rejected"},
	},
	{
		name: "returned after settled", news: []string{"transfer_settled=ok", "transfer_returned=ok", "transfer_returned=repeated", "transfer_settled=repeated"},
		attempt: loan.DisbursementReturned, events: append(slices.Clone(activated), "payout.returned"),
	},
	{
		name: "unknown, then settled", news: []string{"unknown=ok", "transfer_settled=ok"}, attempt: loan.DisbursementSettled,
		loan: loan.LoanActive, events: activated, calls: []string{"query"}, bankMove: -principal,
	},
	{
		name: "unknown, then rejected", news: []string{"unknown=ok", "transfer_rejected=ok"}, attempt: loan.DisbursementRejected,
		events: []string{"payout.answered=rejected"}, calls: []string{"query"},
	},
}

func TestTransferNewsInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range transferNews {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v, l := w.accepted()
			checkNews(t, w, l, w.spei(v), tt, ledger.DisbursementOut, ledger.BankSTP)
		})
	}
}

func TestTheCodeReachesOnlyTheDialogueThatWaits(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	d := w.cardless(v)
	w.rail("code_issued", d.ID)
	e := w.emits[len(w.emits)-1]
	if e.Token != "token-1" || e.Outcome != "ok" || e.PersonID != w.ana.ID || e.Data["clave"] != "482915637710" || e.Data["red"] != "BBVA" {
		t.Errorf("emitted %+v", e)
	}
	for _, a := range w.audits {
		if strings.Contains(a.Detail, "482915637710") {
			t.Errorf("audit holds the code: %+v", a)
		}
	}
	w.rail("code_redeemed", d.ID)
	if c := at[lending.Code](w, lending.KindCode, d.ID); c.Digits != "" {
		t.Error("a spent code is still kept")
	}
}

func TestAskingAgainWhileAnAttemptLives(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	d := w.cardless(v)
	if r := w.onVale("payout.cardless", v); !r.Deferred {
		t.Errorf("while sending: %+v", r)
	}
	w.rail("code_issued", d.ID)
	if r := w.onVale("payout.cardless", v); r.Outcome != "ok" || r.Value["clave"] != "482915637710" {
		t.Errorf("once issued: %+v", r)
	}
	r := w.must(w.run("payout.spei", map[string]any{"vale": v.ID.String(), "clabe": clabe}, w.byAna(aboutVale(v))))
	if r.Outcome != "error" {
		t.Errorf("another rail: %+v", r)
	}
	if got := len(all[lending.Disbursement](w)); got != 1 {
		t.Errorf("%d attempts", got)
	}
	issued := 0
	for _, c := range w.calls {
		if c.Op == "issue" {
			issued++
		}
	}
	if issued != 1 {
		t.Errorf("issuer asked %d times", issued)
	}
	w.rail("code_redeemed", d.ID)
	if r := w.onVale("payout.cardless", v); r.Outcome != "error" {
		t.Errorf("once paid: %+v", r)
	}
}

func TestAnExpiredCodeAllowsAnotherAttempt(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, l := w.accepted()
	first := w.cardless(v)
	w.rail("code_issued", first.ID)
	w.rail("code_expired", first.ID)
	second := w.spei(v)
	if second.ID == first.ID || second.Rastreo == "" || len(second.Rastreo) > 30 {
		t.Errorf("second attempt %+v", second)
	}
	w.rail("transfer_settled", second.ID)
	if got := w.loan(l); got.State != loan.LoanActive || got.Position.Owed != money.Pesos(3900) || got.Active != w.today() {
		t.Errorf("loan %s owes %s", got.State, got.Position.Owed)
	}
}

func TestAReturnedTransferRestoresEverything(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, l := w.accepted()
	before, line := ledger.Balances(w.entries), w.line()
	d := w.spei(v)
	w.rail("transfer_settled", d.ID)
	w.rail("transfer_returned", d.ID)
	if diff := cmp.Diff(before, ledger.Balances(w.entries)); diff != "" {
		t.Errorf("balances (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(l, w.loan(l), cmp.AllowUnexported(loan.Product{})); diff != "" {
		t.Errorf("loan (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(line, w.line()); diff != "" {
		t.Errorf("line (-before +after):\n%s", diff)
	}
	w.cardless(v)
}

func TestATransferReturnedAfterAPaymentIsForAPerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, l := w.accepted()
	d := w.spei(v)
	w.rail("transfer_settled", d.ID)
	w.must(w.pay(w.loan(l), "1", money.Pesos(100), w.today()))
	before := w.snapshot()
	for range 2 {
		if got := w.rail("transfer_returned", d.ID); got != "review" {
			t.Errorf("outcome %s", got)
		}
	}
	if last := w.emits[len(w.emits)-1]; last.Name != "payout.review" || last.PersonID != w.ana.ID || last.About != aboutVale(v) ||
		last.Key != "payout.review:"+d.ID.String()+":rail.transfer_returned" {
		t.Errorf("told %+v", last)
	}
	before["emits"] = before["emits"].(int) + 1 // once, however often it is told
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestPayoutRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	if r := w.onVale("payout.cardless", v); r.Outcome != "error" {
		t.Errorf("before acceptance: %+v", r)
	}
	r := w.must(w.run("payout.spei", map[string]any{"vale": v.ID.String(), "clabe": "032180000118359718"}, w.byAna(aboutVale(v))))
	if r.Outcome != "rejected" {
		t.Errorf("bad CLABE: %+v", r)
	}
	for _, event := range []string{"code_issued", "code_redeemed", "transfer_settled", "unknown"} {
		if got := w.rail(event, uuid.New()); got != "not_found" {
			t.Errorf("%s of nothing: %s", event, got)
		}
	}
	if r := w.must(w.run("rail.unknown", map[string]any{"disbursement": "x"})); r.Outcome != "not_found" {
		t.Errorf("bad id: %+v", r)
	}
}

func TestIssuerWithoutDigitsIsRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	d := w.cardless(v)
	_, err := w.run("rail.code_issued", map[string]any{
		"disbursement": d.ID.String(), "digits": "", "network": "BBVA", "expires": opening,
	})
	if fault.CodeOf(err) != "code_without_digits" {
		t.Errorf("got %v", err)
	}
}

func TestPayoutCancelAsksTheIssuer(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	cancel := func() string {
		return w.must(w.run("payout.cancel", map[string]any{"vale": v.ID.String()})).Outcome
	}
	if got := cancel(); got != "nothing" {
		t.Errorf("no attempt: %s", got)
	}
	d := w.cardless(v)
	if got := cancel(); got != "ok" {
		t.Errorf("live attempt: %s", got)
	}
	if last := w.calls[len(w.calls)-1]; last.Op != "cancel" || last.Disbursement != d.ID || last.Rail != lending.RailATM {
		t.Errorf("asked %+v", last)
	}
}

func TestBankLookup(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for clabe, want := range map[string]string{"012180001234567895": "ok", "999180001234567895": "unknown", "": "unknown"} {
		r := w.must(w.run("bank.lookup", map[string]any{"clabe": clabe}))
		if r.Outcome != want || (want == "ok" && r.Value["nombre"] != "BBVA") {
			t.Errorf("%s: %+v", clabe, r)
		}
	}
}
