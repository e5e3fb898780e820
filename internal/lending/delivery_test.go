package lending_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// since lists the names and receivers of what was emitted after the first n.
func (w *town) since(n int) []string {
	names := []string{}
	who := map[string]string{w.ana.ID.String(): "ana", w.maria.PersonID.String(): "maria"}
	for _, e := range w.emits[n:] {
		names = append(names, who[e.PersonID.String()]+" "+e.Name)
	}
	return names
}

func TestAnOfferThatDidNotArriveFreesTheLine(t *testing.T) {
	t.Parallel()
	for motive, event := range map[string]string{"no_llego": "vale.unreachable", "baja": "vale.opted_out"} {
		t.Run(motive, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v := w.authorise()
			before := len(w.emits)
			lost := map[string]any{"vale": v.ID.String(), "motivo": motive}
			if r := w.must(w.run("vale.undelivered", lost)); r.Outcome != "ok" {
				t.Errorf("outcome %s", r.Outcome)
			}
			if r := w.must(w.run("vale.undelivered", lost)); r.Outcome != "unchanged" {
				t.Errorf("told again: %s", r.Outcome)
			}
			if diff := cmp.Diff([]string{"maria " + event, "ana vale.undelivered"}, w.since(before)); diff != "" {
				t.Errorf("emitted (-want +got):\n%s", diff)
			}
			if got := only[lending.Vale](w, lending.KindVale).State; got != loan.ValeCancelled {
				t.Errorf("vale %s", got)
			}
			line := ledger.LineOf(ledger.Balances(w.entries), w.maria.ID.String())
			if line.Held != 0 || line.Available != money.Pesos(20000) {
				t.Errorf("line %+v", line)
			}
			checkBooks(t, w)
		})
	}
}

func TestAnAcceptedValeWasDelivered(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	if r := w.must(w.run("vale.undelivered", map[string]any{"vale": v.ID.String(), "motivo": "no_llego"})); r.Outcome != "unchanged" {
		t.Errorf("outcome %s", r.Outcome)
	}
	if got := only[lending.Vale](w, lending.KindVale).State; got != loan.ValeConverted {
		t.Errorf("vale %s", got)
	}
	_, err := w.run("vale.undelivered", map[string]any{"vale": v.ID.String(), "motivo": "porque si"})
	if fault.CodeOf(err) != "bad_reason" {
		t.Errorf("unknown reason: %v", err)
	}
}

func TestACodeThatDidNotArriveIsForAPersonOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	d := w.cardless(v)
	lost := map[string]any{"disbursement": d.ID.String()}
	if r := w.must(w.run("code.undelivered", lost)); r.Outcome != "unchanged" {
		t.Errorf("before it is issued: %s", r.Outcome)
	}
	w.rail("code_issued", d.ID)
	before := len(w.emits)
	for range 2 {
		w.must(w.run("code.undelivered", lost))
	}
	e := w.emits[len(w.emits)-1]
	if len(w.since(before)) != 1 || e.Key != "code.undelivered:"+d.ID.String() || e.PersonID != w.ana.ID || len(e.Data) != 0 {
		t.Errorf("emitted %v, last %+v", w.since(before), e)
	}
	w.rail("code_redeemed", d.ID)
	if r := w.must(w.run("code.undelivered", lost)); r.Outcome != "unchanged" {
		t.Errorf("once used: %s", r.Outcome)
	}
	if r := w.must(w.run("code.undelivered", map[string]any{"disbursement": v.ID.String()})); r.Outcome != "not_found" {
		t.Errorf("no such attempt: %s", r.Outcome)
	}
}

func TestALiveCodeIsToldAgainTwice(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ask := func() lending.Result { return w.byAnas("code.resend", nil) }
	wants := func(want string) {
		t.Helper()
		if got := ask().Outcome; got != want {
			t.Errorf("outcome %s, want %s", got, want)
		}
	}
	wants("nothing")
	v, _ := w.accepted()
	wants("nothing")
	d := w.cardless(v)
	wants("pending")
	w.rail("code_issued", d.ID)
	for range 2 {
		r := ask()
		if r.Outcome != "ok" || r.Value["clave"] != "482915637710" || r.Value["monto"] != money.Pesos(3000) {
			t.Errorf("told again: %+v", r)
		}
	}
	wants("too_often")
	if got := len(all[lending.Disbursement](w)); got != 1 {
		t.Errorf("%d attempts", got)
	}
	w.rail("code_expired", d.ID)
	wants("nothing")
	second := w.cardless(v) // another code is counted anew
	w.rail("code_issued", second.ID)
	wants("ok")
	w.now = w.now.Add(30 * 24 * time.Hour)
	wants("nothing")
}

func TestATransferHasNoCodeToTellAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	w.spei(v)
	if r := w.byAnas("code.resend", nil); r.Outcome != "nothing" {
		t.Errorf("outcome %s", r.Outcome)
	}
}
