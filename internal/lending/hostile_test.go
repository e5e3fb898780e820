package lending_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// anyInput draws a value of a type: often something of the town, and else what
// a careless caller may send.
func anyInput(rt *rapid.T, w *town, name string, t flow.Type) any {
	switch t {
	case flow.Int:
		return rapid.IntRange(-1, 13).Draw(rt, name)
	case flow.Bool:
		return rapid.Bool().Draw(rt, name)
	case flow.Amount:
		return rapid.SampledFrom([]money.Amount{-1, 0, 1, level, money.Pesos(3000), money.Max, money.Max + 1}).Draw(rt, name)
	case flow.Date:
		return rapid.SampledFrom([]quincena.Date{{}, anaBirth, w.today(), w.today().AddDays(3), date("9999-12-31")}).Draw(rt, name)
	case flow.Stamp:
		return rapid.SampledFrom([]time.Time{{}, w.now, w.now.Add(time.Hour)}).Draw(rt, name)
	case flow.Ints:
		return rapid.SampledFrom([][]int{nil, {}, {8}, {-1, 0}}).Draw(rt, name)
	}
	texts := []string{"", "x", "\x00", strings.Repeat("9", 400), pin, clabe, anaPhone, mariaPhone, "partes", "mover", "Ana Ruiz"}
	for key := range w.rows {
		texts = append(texts, key.ID)
	}
	slices.Sort(texts)
	return rapid.SampledFrom(texts).Draw(rt, name)
}

// Whatever a caller sends, an action answers with a declared outcome or a fault
// that says why, never with a crash, and the books stay in step.
func TestNoInputBreaksAnAction(t *testing.T) {
	t.Parallel()
	vocabulary := lending.Vocabulary()
	names := slices.Sorted(maps.Keys(vocabulary.Actions))
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(rt)
		w.active()
		w.now = w.now.Add(time.Hour)
		for range 20 {
			name := rapid.SampledFrom(names).Draw(rt, "action")
			with := map[string]any{}
			for _, input := range slices.Sorted(maps.Keys(vocabulary.Actions[name].With)) {
				with[input] = anyInput(rt, w, input, vocabulary.Actions[name].With[input])
			}
			who := rapid.SampledFrom([]func(*lending.Call){
				func(*lending.Call) {}, w.byMaria, w.byAna(lending.About{}), w.byAna(lending.About{Kind: lending.AboutVale, ID: "x"}),
			}).Draw(rt, "who")
			r, err := w.run(name, with, who)
			checkAnswer(rt, name, vocabulary.Actions[name], r, err)
			checkBooks(rt, w)
		}
	})
}

func checkAnswer(t failer, name string, spec flow.ActionSpec, r lending.Result, err error) {
	t.Helper()
	switch {
	case err != nil && fault.KindOf(err) == fault.Internal:
		t.Fatalf("%s: %v", name, err)
	case err != nil && slices.Contains(spec.Outcomes, "error"):
		t.Fatalf("%s has an outcome for it and failed: %v", name, err)
	case err == nil && !r.Deferred && !slices.Contains(spec.Outcomes, r.Outcome):
		t.Fatalf("%s: outcome %q", name, r.Outcome)
	}
	if err != nil && (fault.TextOf(err) == "" || strings.ContainsAny(fault.TextOf(err), "_{}")) {
		t.Fatalf("%s: not a sentence for people: %q", name, fault.TextOf(err))
	}
}

// The fields of a result are the declared ones, with their types, so that what
// the linter proves of a message holds when it is written.
func TestResultsKeepTheVocabulary(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.now = w.now.Add(time.Hour)
	v := w.authorise()
	w.verify(v, anaBirth)
	w.onVale("vale.accept", v)
	actions := lending.Vocabulary().Actions
	for name, run := range map[string]func() lending.Result{
		"person.find": func() lending.Result {
			return w.must(w.run("person.find", map[string]any{"telefono": anaPhone}, w.byMaria))
		},
		"person.create": func() lending.Result {
			return w.must(w.run("person.create", map[string]any{"telefono": "6675555555", "nombre": "Eva"}, w.byMaria))
		},
		"vale.quote": func() lending.Result {
			return w.must(w.run("vale.quote", map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(1000), "quincenas": 8}, w.byMaria))
		},
		"vale.authorize": func() lending.Result { return w.must(w.offerWith(1000, 8, pin)) },
		"bank.lookup":    func() lending.Result { return w.must(w.run("bank.lookup", map[string]any{"clabe": clabe})) },
		"promise.create": func() lending.Result { return w.promise(l, w.today(), level) },
		"complaint.open": func() lending.Result { return w.must(w.run("complaint.open", nil, w.byAna(lending.About{}))) },
		"request.open": func() lending.Result {
			return w.must(w.run("request.open", map[string]any{"tipo": "comprobante", "nota": "folio 88"}, w.byAna(lending.About{})))
		},
		"fraud.report": func() lending.Result { return w.must(w.run("fraud.report", nil, w.byAna(lending.About{}))) },
		"arco.request": func() lending.Result { return w.must(w.run("arco.request", nil, w.byAna(lending.About{}))) },
		"payment.look": func() lending.Result { return w.must(w.run("payment.look", nil, w.byAna(lending.About{}))) },
		"distributor.fortnight": func() lending.Result {
			return w.must(w.run("distributor.fortnight", nil, w.byMaria))
		},
		"payment.post": func() lending.Result { return w.must(w.pay(l, "1", level, w.today())) },
		"payout.cardless": func() lending.Result {
			w.rail("code_issued", w.cardless(v).ID)
			return w.onVale("payout.cardless", v)
		},
	} {
		checkFields(t, name, actions[name].Result, run().Value)
	}
}

// What the core tells a dialogue carries what the vocabulary says.
func TestEventsKeepTheVocabulary(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-12"))
	w.closeDay(l)
	w.must(w.pay(l, "1", level, w.today()))
	vocabulary := lending.Vocabulary()
	for _, e := range w.emits {
		if e.Token != "" {
			checkFields(t, e.Name, vocabulary.Actions["payout.cardless"].Result, e.Data)
			continue
		}
		spec, ok := vocabulary.Events[e.Name]
		if !ok || spec.About != e.About.Kind {
			t.Errorf("%s about %q is not declared", e.Name, e.About.Kind)
		}
		checkFields(t, e.Name, spec.Data, e.Data)
	}
}

// The names that flow files use of facts and events. A change here breaks
// conversations that operators wrote.
func TestWhatFlowFilesMayName(t *testing.T) {
	t.Parallel()
	v := lending.Vocabulary()
	want := map[string]string{
		"vale":          "cat distribuidora entrega estado expira folio id liga monto mora mora_diaria pago persona persona_nombre primer_pago quincenas total",
		"distribuidora": "disponible estatus id limite nombre plazos",
		"cliente": "ahorro_hoy clabe conocida debe_relacion es_distribuidora estado liga nombre pagos_hechos pagos_restantes para_terminar promesas_rotas proxima_fecha proximo_monto " +
			"puede_reestructurar referencia saldo segmento",
		"solicitud": "alcanza cada decision desde folio id ingreso monto motivo pago_tope pide_deudas tipo vence",
		"queja":     "condusef folio id vence",
		"pago":      "clabe credito dias_atraso folio liga monto pagado referencia vence",
	}
	got := map[string]string{}
	for fact, fields := range v.Facts {
		got[fact] = strings.Join(slices.Sorted(maps.Keys(fields)), " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	events := "application.decided application.resumed application.started arco.requested code.undelivered complaint.answered complaint.opened identity.asked identity.proven installment.due_soon invoice.issued loan.ending loan.halfway payment.partial payment.received payout.expired payout.returned payout.review payout.settled referral.taken relacion.issued tip.offered " +
		"vale.activated vale.authorized vale.cancelled vale.cleared vale.declined vale.delivered vale.expired vale.in_review vale.opted_out vale.refused vale.rejected vale.undelivered vale.unreachable vale.withdrawn visit.scheduled"
	if got := strings.Join(slices.Sorted(maps.Keys(v.Events)), " "); got != events {
		t.Errorf("events %s", got)
	}
}

// An emit's key is the same however often and wherever it is emitted, and two
// happenings never share one.
func TestEmitKeysNameWhatHappenedOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	first := w.spei(v)
	w.rail("transfer_settled", first.ID)
	w.rail("transfer_returned", first.ID)
	second := w.spei(v)
	w.rail("transfer_settled", second.ID)
	want := []string{
		"vale.authorized:" + v.ID.String(),
		"payout.answered:" + first.ID.String() + ":token-1", "payout.settled:" + first.ID.String(),
		"vale.activated:" + first.ID.String(), "vale.delivered:" + first.ID.String(), "payout.returned:" + first.ID.String(),
		"payout.answered:" + second.ID.String() + ":token-1", "payout.settled:" + second.ID.String(),
		"vale.activated:" + second.ID.String(), "vale.delivered:" + second.ID.String(),
	}
	got := []string{}
	for _, e := range w.emits {
		got = append(got, e.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
