package lending_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
)

func TestAuthoriseFreezesTermsAndHoldsTheLine(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.must(w.offerWith(3000, 8, pin))
	want := lending.Result{Outcome: "ok", Value: map[string]any{"folio": "V-00001", "disponible": money.Pesos(17000)}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	v := only[lending.Vale](w, lending.KindVale)
	if v.State != loan.ValeAuthorised || v.TermsHash != v.Quote.Terms.Hash() || !v.Quote.Intact() {
		t.Errorf("vale %s with hash %s", v.State, v.TermsHash)
	}
	if v.Quote.Terms.Total != money.Pesos(3900) || v.Quote.Terms.Payment.String() != "$487.50" {
		t.Errorf("terms: %s in payments of %s", v.Quote.Terms.Total, v.Quote.Terms.Payment)
	}
	if want := opening.AddDate(0, 0, 3); !v.Expires.Equal(want) {
		t.Errorf("expires %s, want %s", v.Expires, want)
	}
	line := ledger.LineOf(ledger.Balances(w.entries), w.maria.ID.String())
	if want := (ledger.LineState{Limit: money.Pesos(20000), Available: money.Pesos(17000), Held: money.Pesos(3000)}); line != want {
		t.Errorf("line in the ledger %+v, want %+v", line, want)
	}
	e := w.emits[len(w.emits)-1]
	if e.Name != "vale.authorized" || e.PersonID != w.ana.ID || e.About.ID != v.ID.String() || e.Key != "vale.authorized:"+v.ID.String() {
		t.Errorf("emitted %+v", e)
	}
}

func TestAuthoriseOutcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		setUp func(w *town)
		pesos int64
		terms int
		pin   string
		want  string
		note  string // audit detail
	}{
		{name: "ok", want: "ok"},
		{name: "same vale again", setUp: func(w *town) { w.authorise() }, want: "duplicate"},
		{name: "same vale after ten minutes", setUp: func(w *town) { w.authorise(); w.now = w.now.Add(11 * time.Minute) }, want: "ok"},
		{name: "other terms are another vale", setUp: func(w *town) { w.authorise() }, terms: 6, want: "ok"},
		{name: "line exceeded", setUp: func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Limit = money.Pesos(2000) })
		}, want: "line_exceeded"},
		{name: "wrong pin", pin: "0000", want: "bad_pin"},
		{name: "third wrong pin", pin: "0000", setUp: func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.PINFails = 2 })
		}, want: "pin_locked"},
		{name: "right pin while locked", setUp: func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.LockedUntil = opening.Add(time.Minute) })
		}, want: "pin_locked"},
		{name: "lock is over", setUp: func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.LockedUntil = opening })
		}, want: "ok"},
		{name: "blocked distributor", setUp: func(w *town) {
			change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.State = loan.DistributorBlocked })
		}, want: "error", note: "distributor_blocked"},
		{name: "blocked person", setUp: func(w *town) {
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Blocked = true })
		}, want: "error", note: "person_blocked"},
		{name: "above her limit", pesos: 5100, want: "error", note: "person_limit"},
		{name: "not one of her terms", terms: 5, want: "error", note: "terms_not_offered"},
		{name: "below the product's minimum", pesos: 400, want: "error", note: "amount_too_low"},
		{name: "person in arrears", setUp: func(w *town) { w.active(); w.goTo(date("2026-05-20")) }, want: "error", note: "person_overdue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			if tt.setUp != nil {
				tt.setUp(w)
			}
			pesos, terms, nip := tt.pesos, tt.terms, tt.pin
			if pesos == 0 {
				pesos = 3000
			}
			if terms == 0 {
				terms = 8
			}
			if nip == "" {
				nip = pin
			}
			vales := len(all[lending.Vale](w))
			r := w.must(w.offerWith(pesos, terms, nip))
			if r.Outcome != tt.want {
				t.Fatalf("outcome %q, want %q", r.Outcome, tt.want)
			}
			if made := len(all[lending.Vale](w)) - vales; (made == 1) != (tt.want == "ok") {
				t.Errorf("%d vales made", made)
			}
			if audit := w.audits[len(w.audits)-1]; tt.note != "" && audit.Detail != tt.note {
				t.Errorf("audit says %q, want %q", audit.Detail, tt.note)
			}
		})
	}
}

func TestDuplicateReturnsTheSameFolio(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	r := w.must(w.offerWith(3000, 8, pin))
	if r.Outcome != "duplicate" || r.Value["folio"] != v.Folio || r.Value["disponible"] != money.Pesos(17000) {
		t.Errorf("got %+v", r)
	}
}

func TestThreeMissesLockTheNIP(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i, want := range []string{"bad_pin", "bad_pin", "pin_locked", "pin_locked"} {
		if r := w.must(w.offerWith(3000, 8, "1111")); r.Outcome != want {
			t.Fatalf("miss %d: %s, want %s", i+1, r.Outcome, want)
		}
	}
	if r := w.must(w.offerWith(3000, 8, pin)); r.Outcome != "pin_locked" {
		t.Fatalf("right NIP while locked: %s", r.Outcome)
	}
	w.now = w.now.Add(30 * time.Minute)
	if r := w.must(w.offerWith(3000, 8, pin)); r.Outcome != "ok" {
		t.Fatalf("right NIP after the lock: %s", r.Outcome)
	}
	if d := w.line(); d.PINFails != 0 {
		t.Errorf("%d misses left", d.PINFails)
	}
}

func TestAFlowMayNotUseAnothersLineOrVale(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	asAna := func(c *lending.Call) { w.byMaria(c); c.Person = w.ana.ID }
	r := w.must(w.run("vale.authorize", map[string]any{
		"distribuidora": w.maria.ID.String(), "persona": w.ana.ID.String(),
		"monto": money.Pesos(3000), "quincenas": 8, "nip": pin,
	}, asAna))
	if r.Outcome != "error" {
		t.Errorf("Ana authorised: %s", r.Outcome)
	}
	for _, name := range []string{"vale.accept", "vale.decline", "vale.release", "payout.cardless"} {
		r := w.must(w.run(name, map[string]any{"vale": v.ID.String()}, w.byMaria))
		if r.Outcome != "error" {
			t.Errorf("María's dialogue on Ana's vale: %s says %s", name, r.Outcome)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	quote := func(pesos int64, terms int) lending.Result {
		return w.must(w.run("vale.quote", map[string]any{
			"monto": money.Pesos(pesos), "quincenas": terms, "persona": w.ana.ID.String(),
		}, w.byMaria))
	}
	want := lending.Result{Outcome: "ok", Value: map[string]any{"pago": money.Amount(48750), "total": money.Pesos(3900)}}
	if diff := cmp.Diff(want, quote(3000, 8)); diff != "" {
		t.Errorf("quote (-want +got):\n%s", diff)
	}
	for _, bad := range []lending.Result{quote(5100, 8), quote(3000, 7), quote(3050, 8), quote(100, 8)} {
		if bad.Outcome != "not_eligible" {
			t.Errorf("outcome %s", bad.Outcome)
		}
	}
	if r := w.must(w.run("vale.quote", map[string]any{
		"monto": money.Pesos(1000), "quincenas": 8, "persona": "nobody",
	}, w.byMaria)); r.Outcome != "error" {
		t.Errorf("unknown person: %s", r.Outcome)
	}
}

func TestAcceptMakesTheLoanOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, l := w.accepted()
	if v.State != loan.ValeConverted || l.State != loan.LoanPendingDisbursement || l.TermsHash != v.TermsHash {
		t.Errorf("vale %s, loan %s", v.State, l.State)
	}
	if l.Quote.Rows[0].Due != date("2026-03-15") || l.Position.Owed != 0 || l.Position.Left != 8 {
		t.Errorf("first due %s, position %+v", l.Quote.Rows[0].Due, l.Position)
	}
	want := lending.Evidence{Offer: "SM-offer", OfferHash: "abc", Reply: "SM-yes", ReplyText: "sí", At: opening, Identity: "birth_date_match"}
	if diff := cmp.Diff(want, v.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if d := w.line(); d.Held != 0 || d.Used != money.Pesos(3000) {
		t.Errorf("line held %s, used %s", d.Held, d.Used)
	}
	before := w.snapshot()
	for range 3 {
		if r := w.onVale("vale.accept", v); r.Outcome != "already_accepted" {
			t.Errorf("again: %s", r.Outcome)
		}
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("accepting again changed something:\n%s", diff)
	}
}

func TestAcceptOutcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		setUp func(w *town, v lending.Vale)
		want  string
	}{
		{"verified", func(w *town, v lending.Vale) { w.verify(v, anaBirth) }, "ok"},
		{"not verified", func(*town, lending.Vale) {}, "error"},
		{"verified long ago", func(w *town, v lending.Vale) { w.verify(v, anaBirth); w.now = w.now.Add(2 * time.Hour) }, "error"},
		{"wrong birth date", func(w *town, v lending.Vale) { w.verify(v, date("1991-01-01")) }, "error"},
		{"past its hour", func(w *town, v lending.Vale) { w.verify(v, anaBirth); w.now = v.Expires }, "expired"},
		{"released", func(w *town, v lending.Vale) { w.onVale("vale.release", v) }, "expired"},
		{"declined", func(w *town, v lending.Vale) { w.onVale("vale.decline", v) }, "expired"},
		{"cancelled", func(w *town, v lending.Vale) { w.onVale("vale.cancel", v) }, "cancelled"},
		{"offered and verified", func(w *town, v lending.Vale) { w.onVale("vale.offered", v); w.verify(v, anaBirth) }, "ok"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v := w.authorise()
			tt.setUp(w, v)
			if r := w.onVale("vale.accept", v); r.Outcome != tt.want {
				t.Fatalf("outcome %q, want %q", r.Outcome, tt.want)
			}
			if made := len(all[lending.Loan](w)); (made == 1) != (tt.want == "ok") {
				t.Errorf("%d loans", made)
			}
		})
	}
}

func TestEvidenceKeepsNoBirthDate(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	w.verify(v, anaBirth)
	w.must(w.run("vale.accept", map[string]any{"vale": v.ID.String()}, w.byAna(aboutVale(v)), func(c *lending.Call) {
		c.Reply.ProviderID, c.Reply.Text = "SM-birth", "05/03/1990"
	}))
	if e := at[lending.Vale](w, lending.KindVale, v.ID).Evidence; e.Reply != "SM-birth" || e.ReplyText != "••/••/••••" {
		t.Errorf("evidence %+v", e)
	}
}

func TestClosingAnOfferGivesTheLineBackAndTells(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action, events string
		state          loan.ValeState
	}{
		{"vale.decline", "vale.declined to María", loan.ValeDeclined},
		{"vale.release", "vale.expired to María", loan.ValeExpired},
		{"vale.cancel", "vale.cancelled to Ana, vale.withdrawn to María", loan.ValeCancelled},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v := w.authorise()
			mark := len(w.emits)
			for range 2 {
				if r := w.onVale(tt.action, v); r.Outcome != "ok" {
					t.Fatalf("outcome %s", r.Outcome)
				}
			}
			told := []string{}
			for _, e := range w.emits[mark:] {
				told = append(told, e.Name+" to "+map[bool]string{true: "Ana", false: "María"}[e.PersonID == w.ana.ID])
			}
			if got := strings.Join(told, ", "); got != tt.events {
				t.Errorf("told %s, want %s", got, tt.events)
			}
			if d := w.line(); d.Held != 0 || d.Available() != money.Pesos(20000) {
				t.Errorf("line held %s", d.Held)
			}
			if got := at[lending.Vale](w, lending.KindVale, v.ID).State; got != tt.state {
				t.Errorf("state %s", got)
			}
		})
	}
}

func TestAnAcceptedOfferCannotBeClosed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	for _, name := range []string{"vale.decline", "vale.release"} {
		if r := w.onVale(name, v); r.Outcome != "error" {
			t.Errorf("%s: %s", name, r.Outcome)
		}
	}
	_, err := w.run("vale.cancel", map[string]any{"vale": v.ID.String()})
	if fault.CodeOf(err) != "bad_transition" {
		t.Errorf("cancel: %v", err)
	}
}

func TestPaymentReferencesAreUniqueAndChecked(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	_, first := w.accepted()
	w.now = w.now.Add(time.Hour)
	_, second := w.accepted()
	if !mexid.Luhn(first.Reference) || !mexid.Luhn(second.Reference) || len(first.Reference) != 9 || second.Reference == first.Reference {
		t.Errorf("references %s and %s", first.Reference, second.Reference)
	}
}
