package lending_test

import (
	"strings"
	"testing"
	"time"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func (w *town) ask(kind, note string) lending.Result {
	w.t.Helper()
	return w.must(w.run("request.open", map[string]any{"tipo": kind, "nota": note}, w.byAna(lending.About{})))
}

// One request of a kind is open at a time; what is said later is added to it.
func TestARequestIsOpenedOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.ask("comprobante", "folio 88")
	for _, note := range []string{"folio 88", "", "en OXXO", "en OXXO"} {
		w.now = w.now.Add(time.Minute)
		if again := w.ask("comprobante", note); again.Value["folio"] != first.Value["folio"] {
			t.Errorf("%q: %v, want %v", note, again.Value, first.Value)
		}
	}
	r := only[lending.Request](w, lending.KindRequest)
	if r.Note != "folio 88\nen OXXO" || !r.DueBy.Equal(opening.Add(24*time.Hour)) || r.ContactKey != "tel:"+anaPhone {
		t.Errorf("got %+v", r)
	}
	id := map[string]any{"solicitud": r.ID.String()}
	for range 2 {
		w.must(w.run("request.close", id, w.byAna(lending.About{})))
	}
	if w.ask("comprobante", "otra").Value["folio"] == first.Value["folio"] {
		t.Error("a closed request was opened again")
	}
}

func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.ask("opinion", strings.Repeat("ñ", 3000))
	r := only[lending.Request](w, lending.KindRequest)
	if len(r.Note) > 2000 || !strings.HasPrefix(r.Note, "ññ") {
		t.Errorf("kept %d bytes", len(r.Note))
	}
	with := map[string]any{"solicitud": r.ID.String(), "nota": "más"}
	if got := w.must(w.run("request.note", with, w.byAna(lending.About{}))).Outcome; got != "ok" {
		t.Errorf("note: %s", got)
	}
}

func TestRequestsRefuse(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if got := w.ask("nada", "").Outcome; got != "error" {
		t.Errorf("unknown kind: %s", got)
	}
	if got := w.must(w.run("fraud.report", nil)).Outcome; got != "error" {
		t.Errorf("nobody: %s", got)
	}
	w.ask("arco", "")
	r := only[lending.Request](w, lending.KindRequest)
	for _, id := range []string{r.ID.String(), "x", w.newID().String()} {
		for _, name := range []string{"request.close", "request.note"} {
			with := map[string]any{"solicitud": id}
			if name == "request.note" {
				with["nota"] = "x"
			}
			if got := w.must(w.run(name, with, w.byMaria)).Outcome; got != "error" {
				t.Errorf("%s of %s: %s", name, id, got)
			}
		}
	}
	about := lending.About{Kind: lending.AboutRequest, ID: r.ID.String()}
	if _, err := w.facts(about, w.maria.PersonID); fault.CodeOf(err) != "not_yours" {
		t.Errorf("facts: %v", err)
	}
	if _, err := w.facts(lending.About{Kind: lending.AboutRequest, ID: "x"}, w.ana.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no request: %v", err)
	}
}

// Twenty business days from Monday 2 March 2026, with the holiday of 16 March.
func TestTheTermOfPersonalData(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for range 2 {
		w.must(w.run("arco.request", nil, w.byAna(lending.About{})))
	}
	r := only[lending.Request](w, lending.KindRequest)
	f := w.mustFacts(lending.About{Kind: lending.AboutRequest, ID: r.ID.String()}, w.ana.ID)["solicitud"]
	if f["vence"] != date("2026-03-31") || f["tipo"] != "arco" || f["folio"] != r.Folio {
		t.Errorf("facts %v", f)
	}
	if got := strings.Join(w.names(0), " "); got != "arco.requested" {
		t.Errorf("told %s", got)
	}
}

func TestTheFortnightOfADistributor(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	fortnight := func() lending.Result { return w.must(w.run("distributor.fortnight", nil, w.byMaria)) }
	if got := w.must(w.run("distributor.fortnight", nil, w.byAna(lending.About{}))).Outcome; got != "not_distributor" {
		t.Errorf("Ana: %s", got)
	}
	check := func(onTime, late int, due money.Amount, cut string) {
		t.Helper()
		v := fortnight().Value
		if v["pagos_corriente"] != onTime || v["pagos_atraso"] != late || v["por_cobrar"] != due || v["fecha"] != date(cut) {
			t.Errorf("got %v", v)
		}
	}
	check(0, 0, 0, "2026-03-15")
	l := w.active()
	check(1, 0, level, "2026-03-15")
	w.goTo(date("2026-03-18"))
	w.closeDay(l)
	if v := fortnight().Value; v["pagos_atraso"] != 1 || v["por_cobrar"].(money.Amount) < level || v["disponible"] != money.Pesos(17000) {
		t.Errorf("late: %v", v)
	}
}

func TestAPartOfAPaymentIsToldAsSuch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		on     string
		amount money.Amount
		want   string
	}{
		{"long before it falls due", "2026-03-03", money.Pesos(100), "payment.received"},
		{"when it falls due", "2026-03-14", money.Pesos(100), "payment.partial"},
		{"all of it", "2026-03-14", level, "payment.received"},
		{"more than all of it", "2026-03-14", level + 1, "payment.received"},
		{"late, without the late fee", "2026-03-25", level, "payment.partial"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			w.goTo(date(tt.on))
			mark := len(w.emits)
			w.must(w.pay(l, "1", tt.amount, w.today()))
			if got := strings.Join(w.names(mark), " "); got != tt.want {
				t.Errorf("told %s, want %s", got, tt.want)
			}
		})
	}
}

// Half way everybody is asked how it goes; who pays on time hears of the next vale when two payments are left, once.
func TestRenewalNearTheEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		late int // days after each due date
		want string
	}{{"punctual", 0, "loan.halfway loan.ending"}, {"late", 12, "loan.halfway"}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			l := w.active()
			for n, row := range l.Quote.Rows {
				w.goTo(row.Due.AddDays(tt.late))
				amount := w.loan(l).Position.Owed
				if n < len(l.Quote.Rows)-1 {
					amount = row.Total()
				}
				w.must(w.pay(l, string(rune('a'+n)), amount, w.today()))
			}
			var told []string
			for _, name := range w.names(0) {
				if strings.HasPrefix(name, "loan.") {
					told = append(told, name)
				}
			}
			if got := strings.Join(told, " "); got != tt.want {
				t.Errorf("told %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLookingForAPayment(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	look := func() lending.Result { return w.must(w.run("payment.look", nil, w.byAna(lending.About{}))) }
	if got := look().Outcome; got != "none" {
		t.Errorf("no loan: %s", got)
	}
	l := w.active()
	if got := look().Outcome; got != "not_found" {
		t.Errorf("no payment: %s", got)
	}
	w.goTo(date("2026-03-10"))
	w.must(w.pay(l, "1", money.Pesos(100), date("2026-03-09")))
	w.must(w.pay(l, "2", money.Pesos(200), date("2026-03-10")))
	if r := look(); r.Outcome != "found" || r.Value["monto"] != money.Pesos(200) || r.Value["fecha"] != date("2026-03-10") {
		t.Errorf("got %+v", r)
	}
	w.now = w.now.AddDate(0, 0, 8)
	if got := look().Outcome; got != "not_found" {
		t.Errorf("long ago: %s", got)
	}
	if quincena.On(w.now, quincena.Central()) != date("2026-03-18") {
		t.Error("the clock is elsewhere")
	}
}
