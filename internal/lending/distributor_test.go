package lending_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// onMaria runs an action about María's account.
func (w *town) onMaria(name string, with map[string]any) (lending.Result, error) {
	inputs := map[string]any{"distribuidora": w.maria.ID.String(), "motivo": "lo pidió"}
	maps.Copy(inputs, with)
	return w.run(name, inputs)
}

// From the application to the end of the account, with the line in the books at
// each step.
func TestTheLifeOfADistributor(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	apply := map[string]any{"persona": w.ana.ID.String(), "sucursal": "norte", "nip": "1234", "plazos": []int{4, 8}, "motivo": "lo pidió"}
	id := w.must(w.run("distributor.apply", apply)).Value["id"].(string)
	if r := w.must(w.run("distributor.apply", apply)); r.Outcome != "unchanged" || r.Value["id"] != id {
		t.Errorf("applied twice: %+v", r)
	}
	ana := func() lending.Distributor {
		return at[lending.Distributor](w, lending.KindDistributor, uuid.MustParse(id))
	}
	do := func(name, want string, with map[string]any) {
		t.Helper()
		with["distribuidora"], with["motivo"] = id, "lo pidió"
		if r := w.must(w.run(name, with)); r.Outcome != want {
			t.Errorf("%s: %s, want %s", name, r.Outcome, want)
		}
		d := ana()
		line := ledger.LineState{Limit: d.Limit, Available: d.Available(), Held: d.Held, Used: d.Used}
		if got := ledger.LineOf(ledger.Balances(w.entries), id); got != line {
			t.Errorf("%s: line in the books %+v, in the row %+v", name, got, line)
		}
	}
	do("distributor.activate", "ok", map[string]any{"linea": money.Pesos(5000), "categoria": "plata"})
	do("distributor.activate", "unchanged", map[string]any{"linea": money.Pesos(9000), "categoria": "plata"})
	do("distributor.set_line", "ok", map[string]any{"linea": money.Pesos(8000)})
	do("distributor.set_line", "unchanged", map[string]any{"linea": money.Pesos(8000)})
	do("distributor.set_category", "ok", map[string]any{"categoria": "oro"})
	do("distributor.set_category", "unchanged", map[string]any{"categoria": "oro"})
	do("distributor.set_branch", "ok", map[string]any{"sucursal": "sur"})
	do("distributor.block", "ok", map[string]any{})
	do("distributor.block", "unchanged", map[string]any{})
	do("distributor.unblock", "ok", map[string]any{})
	if d := ana(); d.State != loan.DistributorActive || d.Category != "oro" || d.Branch != "sur" || d.Limit != money.Pesos(8000) || d.PINHash != "hash of 1234" {
		t.Errorf("distributor %+v", d)
	}
	do("distributor.close", "ok", map[string]any{})
	do("distributor.close", "unchanged", map[string]any{})
	if d := ana(); d.State != loan.DistributorClosed || d.Limit != 0 {
		t.Errorf("closed %+v", d)
	}
}

func TestDistributorRefusals(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Points = 10 })
	for _, tt := range []struct {
		name, action string
		with         map[string]any
		want         string
	}{
		{"below what is used", "distributor.set_line", map[string]any{"linea": money.Pesos(2999)}, "line_in_use"},
		{"negative line", "distributor.set_line", map[string]any{"linea": money.Amount(-1)}, "bad_line"},
		{"no such category", "distributor.set_category", map[string]any{"categoria": "platino"}, "no_such_category"},
		{"no branch", "distributor.set_branch", map[string]any{"sucursal": ""}, "no_branch"},
		{"closed with loans", "distributor.close", nil, "line_in_use"},
		{"too many points", "distributor.redeem_points", map[string]any{"puntos": 11, "tenia": 10}, "points_short"},
		{"no points", "distributor.redeem_points", map[string]any{"puntos": 0, "tenia": 10}, "points_not_positive"},
		{"points that she had before", "distributor.redeem_points", map[string]any{"puntos": 4, "tenia": 14}, "points_changed"},
		{"for no reason", "distributor.block", map[string]any{"motivo": " a "}, "distributor_without_reason"},
		{"for a novel", "distributor.close", map[string]any{"motivo": strings.Repeat("ñ", 201)}, "distributor_without_reason"},
		{"a NIP of letters", "distributor.set_pin", map[string]any{"nip": "abcd"}, "bad_pin_form"},
	} {
		before := w.snapshot()
		if _, err := w.onMaria(tt.action, tt.with); fault.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", tt.name, diff)
		}
	}
	if _, err := w.run("distributor.apply", map[string]any{"persona": w.ana.ID.String(), "sucursal": "x", "nip": "1234", "plazos": []int{0}, "motivo": "lo pidió"}); fault.CodeOf(err) != "bad_application" {
		t.Errorf("terms of nothing: %v", err)
	}
}

// A click that comes twice takes points once, whoever clicks.
func TestPointsAreRedeemedOnce(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Points = 10 })
	click := map[string]any{"puntos": 4, "tenia": 10}
	w.must(w.onMaria("distributor.redeem_points", click))
	for range 2 {
		_, err := w.onMaria("distributor.redeem_points", click)
		if fault.CodeOf(err) != "points_changed" || !strings.Contains(fault.TextOf(err), "ahora tiene 6. Parece que ese canje ya se hizo") {
			t.Errorf("again: %v", err)
		}
	}
	if _, err := w.onMaria("distributor.redeem_points", map[string]any{"puntos": 1, "tenia": 10}); !strings.Contains(fault.TextOf(err), "Revisa antes de canjear") {
		t.Errorf("another one from the old balance: %v", err)
	}
	w.must(w.onMaria("distributor.redeem_points", map[string]any{"puntos": 6, "tenia": 6}))
	if w.line().Points != 0 {
		t.Errorf("points left %d", w.line().Points)
	}
}

// Whatever the calls, what was taken is what the calls that were answered ok
// asked for, and the balance never falls below zero.
func TestRedeemedPointsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newGuild(t)
		had := rapid.IntRange(0, 50).Draw(r, "had")
		change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Points = had })
		taken := 0
		for range rapid.IntRange(1, 8).Draw(r, "calls") {
			want, saw := rapid.IntRange(-2, 30).Draw(r, "points"), rapid.SampledFrom([]int{had, had - taken, w.line().Points + 1}).Draw(r, "saw")
			if _, err := w.onMaria("distributor.redeem_points", map[string]any{"puntos": want, "tenia": saw}); err == nil {
				taken += want
			}
			if left := w.line().Points; left != had-taken || left < 0 {
				r.Fatalf("had %d, took %d, has %d", had, taken, left)
			}
		}
	})
}

// The audit tells what was there before, what is there now and why; never a NIP.
func TestTheAuditOfADistributor(t *testing.T) {
	t.Parallel()
	for action, tt := range map[string]struct {
		with map[string]any
		want string
	}{
		"distributor.set_line":      {map[string]any{"linea": money.Pesos(25000)}, "$20,000 → $25,000: lo pidió"},
		"distributor.set_category":  {map[string]any{"categoria": "oro"}, " → oro "},
		"distributor.set_branch":    {map[string]any{"sucursal": "norte"}, "norte: lo pidió"},
		"distributor.redeem_points": {map[string]any{"puntos": 4, "tenia": 10}, "10 → 6: lo pidió"},
		"distributor.block":         {nil, "ACTIVE → BLOCKED: lo pidió"},
		"distributor.set_pin":       {map[string]any{"nip": "975310"}, "lo pidió"},
		"distributor.close":         {nil, "$20,000 → $0: lo pidió"},
	} {
		w := newGuild(t)
		change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Points, d.Category = 10, "plata" })
		w.must(w.onMaria(action, tt.with))
		row := w.audits[len(w.audits)-1]
		if row.Action != action || row.Subject.ID != w.maria.ID.String() || !strings.Contains(row.Detail, tt.want) || strings.Contains(row.Detail, "975310") {
			t.Errorf("%s: %+v, want %q", action, row, tt.want)
		}
	}
}

// No conversation gives its reader a line, whatever is written in its flow.
func TestNoFlowDecidesAboutADistributor(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	with := map[string]any{"distribuidora": w.maria.ID.String(), "linea": money.Pesos(90000), "motivo": "lo pidió"}
	_, err := w.run("distributor.set_line", with, func(c *lending.Call) { c.Actor = "flow:autorizacion_vale" })
	if fault.CodeOf(err) != "distributor_needs_person" || w.line().Limit != money.Pesos(20000) {
		t.Errorf("by a flow: %v, line %s", err, w.line().Limit)
	}
}

// With the whole line free and somebody who never paid, a vale is at most half
// of what is available plus $500.
func TestThePrevale(t *testing.T) {
	t.Parallel()
	w := newGuild(t) // $20,000 free, so at most $10,500
	if r, err := w.offerWith(10600, 4, pin); err != nil || r.Outcome != "error" {
		t.Errorf("$10,600: %+v, %v", r, err)
	}
	if r, err := w.offerWith(10500, 4, pin); err != nil || r.Outcome != "ok" {
		t.Errorf("$10,500: %+v, %v", r, err)
	}
	if r, err := w.offerWith(9000, 8, pin); err != nil || r.Outcome != "ok" {
		t.Errorf("$9,000 of the $9,500 left, the line no longer free: %+v, %v", r, err)
	}
	known := newGuild(t)
	change(known, lending.KindPerson, known.ana.ID, func(p *lending.Person) { p.PaidCount = 1 })
	if r, err := known.offerWith(15000, 4, pin); err != nil || r.Outcome != "ok" {
		t.Errorf("$15,000 for who has paid before: %+v, %v", r, err)
	}
}

// What a vale earns is frozen when it is authorised.
func TestTheScaleIsFrozen(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	l := w.active()
	w.must(w.onMaria("distributor.set_category", map[string]any{"categoria": "cobre"}))
	w.goTo(date("2026-03-15"))
	w.must(w.pay(l, "1", level, w.today()))
	if got := w.line().Commission; got != 37_50 { // 10 % of $375, not 3 %
		t.Errorf("commission %s", got)
	}
}
