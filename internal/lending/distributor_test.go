package lending_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// onMaria runs an action about María's account.
func (w *town) onMaria(name string, with map[string]any) (lending.Result, error) {
	inputs := map[string]any{"distribuidora": w.maria.ID.String()}
	maps.Copy(inputs, with)
	return w.run(name, inputs)
}

// From the application to the end of the account, with the line in the books at
// each step.
func TestTheLifeOfADistributor(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	apply := map[string]any{"persona": w.ana.ID.String(), "sucursal": "norte", "nip": "1234", "plazos": []int{4, 8}}
	id := w.must(w.run("distributor.apply", apply)).Value["id"].(string)
	if r := w.must(w.run("distributor.apply", apply)); r.Outcome != "unchanged" || r.Value["id"] != id {
		t.Errorf("applied twice: %+v", r)
	}
	ana := func() lending.Distributor {
		return at[lending.Distributor](w, lending.KindDistributor, uuid.MustParse(id))
	}
	do := func(name, want string, with map[string]any) {
		t.Helper()
		with["distribuidora"] = id
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
		{"too many points", "distributor.redeem_points", map[string]any{"puntos": 11}, "points_short"},
		{"no points", "distributor.redeem_points", map[string]any{"puntos": 0}, "points_not_positive"},
	} {
		before := w.snapshot()
		if _, err := w.onMaria(tt.action, tt.with); fault.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", tt.name, diff)
		}
	}
	w.must(w.onMaria("distributor.redeem_points", map[string]any{"puntos": 4}))
	if w.line().Points != 6 {
		t.Errorf("points left %d", w.line().Points)
	}
	if _, err := w.run("distributor.apply", map[string]any{"persona": w.ana.ID.String(), "sucursal": "x", "nip": "1234", "plazos": []int{0}}); fault.CodeOf(err) != "bad_application" {
		t.Errorf("terms of nothing: %v", err)
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
