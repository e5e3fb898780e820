package lending_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// withCapacity is the product with the capacity that it asks for.
func withCapacity(t failer, p loan.Product, share string) loan.Product {
	t.Helper()
	rate, err := money.ParseRate(share)
	if err != nil {
		t.Fatalf("%v", err)
	}
	p.Capacity = loan.Capacity{Share: rate, Debts: true}
	return p
}

func (w *town) earn(r lending.Request, pesos int64, per string) lending.Result {
	w.t.Helper()
	return w.must(w.run("application.income", map[string]any{
		"solicitud": r.ID.String(), "monto": money.Pesos(pesos), "cada": per,
	}, w.byAna(aboutRequest(r))))
}

func aboutRequest(r lending.Request) lending.About {
	return lending.About{Kind: lending.AboutRequest, ID: r.ID.String()}
}

func TestWhatSheEarnsDecidesWhatShePays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		pesos   int64
		per     string
		debts   int64
		payment money.Amount
	}{
		{"a week", 1800, "semana", 0, 117000},          // 1,800 x 52 x 30% / 24
		{"a quincena", 4000, "quincena", 0, 120000},    // 4,000 x 30%
		{"a month", 8000, "mes", 0, 120000},            // 8,000 x 12 x 30% / 24
		{"with other debts", 8000, "mes", 1000, 70000}, // less 1,000 x 12 / 24
		{"all goes to others", 8000, "mes", 5000, 0},   // never below nothing
		{"too little for anything", 200, "quincena", 0, 6000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			p := withCapacity(t, product(t), "30%")
			w.catalog = lending.Actions(lending.Settings{Product: p})
			r := w.apply()
			if got := w.earn(r, tt.pesos, tt.per); got.Outcome != "ok" {
				t.Fatalf("income: %+v", got)
			}
			w.byAnas("application.debts", map[string]any{"solicitud": r.ID.String(), "monto": money.Pesos(tt.debts)})
			f := w.mustFacts(aboutRequest(r), w.ana.ID)["solicitud"]
			if f["pago_tope"] != tt.payment || f["ingreso"] != money.Pesos(tt.pesos) || f["cada"] != tt.per || f["pide_deudas"] != true {
				t.Errorf("facts %v, want a payment of %s", f, tt.payment)
			}
			most := f["alcanza"].(money.Amount)
			if most == 0 {
				if _, err := loan.NewQuote(p, p.Min, p.Terms[len(p.Terms)-1], w.today(), quincena.Calendar{}); err != nil {
					t.Fatal(err)
				}
				return
			}
			w.affords(p, most, tt.payment)
		})
	}
}

// affords sees that an amount is the greatest one with a payment within a bound.
func (w *town) affords(p loan.Product, most, payment money.Amount) {
	w.t.Helper()
	longest := p.Terms[len(p.Terms)-1]
	at, err := loan.NewQuote(p, most, longest, w.today(), quincena.Calendar{})
	if err != nil || at.Terms.Payment > payment {
		w.t.Fatalf("%s is paid with %s, above %s: %v", most, at.Terms.Payment, payment, err)
	}
	if above, err := loan.NewQuote(p, most+p.Step, longest, w.today(), quincena.Calendar{}); err == nil && above.Terms.Payment <= payment {
		w.t.Fatalf("%s is also within %s", most+p.Step, payment)
	}
}

// The most that somebody affords is always the greatest amount whose payment
// she can pay, it never falls when she earns more, and never grows with debts.
func TestAffordsIsTheGreatest(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := withCapacity(t, product(t), rapid.SampledFrom([]string{"10%", "30%", "50%"}).Draw(rt, "share"))
		earns := money.Pesos(rapid.Int64Range(1, 600_000).Draw(rt, "earns a year"))
		debts := money.Pesos(rapid.Int64Range(0, 100_000).Draw(rt, "pays a year"))
		payment, most := p.Affords(earns, debts, w.today(), quincena.Calendar{})
		if most > 0 {
			w.affords(p, most, payment)
		}
		if _, more := p.Affords(earns+money.Pesos(1000), debts, w.today(), quincena.Calendar{}); more < most {
			rt.Errorf("who earns more affords less: %s and %s", most, more)
		}
		if _, less := p.Affords(earns, debts+money.Pesos(1000), w.today(), quincena.Calendar{}); less > most {
			rt.Errorf("who owes more affords more: %s and %s", most, less)
		}
	})
}

func TestNobodyLendsAboveWhatSheAffords(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.catalog = lending.Actions(lending.Settings{Product: withCapacity(t, product(t), "30%")})
	r := w.apply()
	w.earn(r, 1000, "quincena")
	most := w.mustFacts(aboutRequest(r), w.ana.ID)["solicitud"]["alcanza"].(money.Amount)
	persona := w.ana.ID.String()
	for action, input := range map[string]string{"application.approve": "tope", "application.counter": "monto"} {
		if _, err := w.run(action, map[string]any{"persona": persona, input: most + money.Pesos(100)}); err == nil || !strings.Contains(err.Error(), most.String()) {
			t.Errorf("%s above what she affords: %v", action, err)
		}
	}
	w.must(w.run("application.counter", map[string]any{"persona": persona, "monto": most}))
	after := only[lending.Request](w, lending.KindRequest)
	if after.Decision != lending.Countered || after.Reason != "ingresos" || after.Amount != most {
		t.Errorf("offered %+v", after)
	}
	if !strings.Contains(after.Note, "Dice que gana $1,000 por quincena") {
		t.Errorf("people read %q", after.Note)
	}
	// What she earns is not changed once it is decided.
	if got := w.earn(after, 90_000, "quincena"); got.Outcome != "error" {
		t.Errorf("income after the decision: %+v", got)
	}
}

// Who does not say what she earns is decided about by people alone, and a lesser
// offer has no reason that is not hers.
func TestWithoutAnIncomePeopleDecide(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.catalog = lending.Actions(lending.Settings{Product: withCapacity(t, product(t), "30%")})
	w.apply()
	w.must(w.run("application.counter", map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(3500)}))
	if got := only[lending.Request](w, lending.KindRequest); got.Reason != "" || got.Amount != money.Pesos(3500) {
		t.Errorf("offered %+v", got)
	}
}

func TestIncomeThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.apply()
	for name, with := range map[string]map[string]any{
		"nothing":        {"monto": money.Amount(0), "cada": "mes"},
		"less":           {"monto": money.Amount(-1), "cada": "mes"},
		"far too much":   {"monto": money.Pesos(500_001), "cada": "mes"},
		"no period":      {"monto": money.Pesos(500), "cada": ""},
		"another period": {"monto": money.Pesos(500), "cada": "dia"},
	} {
		with["solicitud"] = r.ID.String()
		if got := w.byAnas("application.income", with); got.Outcome != "error" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, debts := range []money.Amount{-1, money.Pesos(500_001)} {
		if got := w.byAnas("application.debts", map[string]any{"solicitud": r.ID.String(), "monto": debts}); got.Outcome != "error" {
			t.Errorf("debts of %s: %+v", debts, got)
		}
	}
	other := w.must(w.run("application.income", map[string]any{"solicitud": r.ID.String(), "monto": money.Pesos(500), "cada": "mes"}, w.byMaria))
	if other.Outcome != "error" {
		t.Errorf("somebody else's application: %+v", other)
	}
}
