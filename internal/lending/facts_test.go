package lending_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func (w *town) facts(about lending.About, person uuid.UUID) (flow.Facts, error) {
	w.t.Helper()
	b := lending.NewBook()
	for range 20 {
		f, err := w.catalog.Facts(b, about, "tel:"+anaPhone, person, w.now, quincena.Central())
		if errors.Is(err, lending.ErrMissing) {
			w.load(b)
			continue
		}
		return f, err
	}
	w.t.Fatalf("facts: still missing")
	return nil, nil
}

func (w *town) mustFacts(about lending.About, person uuid.UUID) flow.Facts {
	w.t.Helper()
	f, err := w.facts(about, person)
	if err != nil {
		w.t.Fatalf("facts of %v: %v", about, err)
	}
	return f
}

func TestFactsOfAVale(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	f := w.mustFacts(aboutVale(v), w.ana.ID)
	got := maps.Clone(f["vale"])
	if link := got["liga"].(string); !strings.HasPrefix(link, "vl.mx/") || len(link) > 16 {
		t.Errorf("link %s", link)
	}
	delete(got, "liga")
	want := map[string]any{
		"id": v.ID.String(), "folio": "V-00001", "persona": w.ana.ID.String(), "persona_nombre": "Ana Ruiz",
		"distribuidora": "Maria Lopez", "monto": money.Pesos(3000), "quincenas": 8, "pago": level,
		"total": money.Pesos(3900), "cat": v.Quote.Terms.CAT.String(), "mora": money.Pesos(60), "mora_diaria": money.Amount(0),
		"primer_pago": date("2026-03-15"), "expira": date("2026-03-05"), "estado": "authorised", "entrega": "pendiente",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vale (-want +got):\n%s", diff)
	}
	if w.mustFacts(aboutVale(v), w.maria.PersonID)["vale"] == nil {
		t.Error("the distributor does not see her own vale")
	}
}

func TestFactsOfALine(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.authorise()
	about := lending.About{Kind: lending.AboutDistributor, ID: w.maria.ID.String()}
	f := w.mustFacts(about, w.maria.PersonID)
	want := map[string]any{
		"id": w.maria.ID.String(), "estatus": "activa", "disponible": money.Pesos(17000),
		"limite": money.Pesos(20000), "plazos": []int{4, 6, 8, 12}, "nombre": "Maria Lopez",
	}
	if diff := cmp.Diff(want, f["distribuidora"]); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
	if f["cliente"]["es_distribuidora"] != true || f["cliente"]["nombre"] != "Maria Lopez" {
		t.Errorf("client %v", f["cliente"])
	}
}

func TestTheStateOfALineInFlowWords(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	about := lending.About{Kind: lending.AboutDistributor, ID: w.maria.ID.String()}
	for state, want := range map[loan.DistributorState]string{
		loan.DistributorActive: "activa", loan.DistributorBlocked: "bloqueada",
		loan.DistributorApplicant: "solicitante", loan.DistributorClosed: "cerrada",
	} {
		change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.State = state })
		f := w.mustFacts(about, w.maria.PersonID)
		if got := f["distribuidora"]["estatus"]; got != want {
			t.Errorf("%s is %v, want %s", state, got, want)
		}
		if got := f["cliente"]["es_distribuidora"]; got != (state != loan.DistributorClosed) {
			t.Errorf("%s: es_distribuidora %v", state, got)
		}
	}
}

func TestFactsOfAPayment(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	for _, tt := range []struct {
		day    string
		amount money.Amount
		late   int
		paid   bool
	}{
		{"2026-03-10", level, 0, true}, // not within the span of a reminder
		{"2026-03-12", level, 0, false},
		{"2026-03-15", level, 0, false},
		{"2026-03-18", level, 1, false},
		{"2026-03-20", level + money.Pesos(60), 3, false},
	} {
		w.goTo(date(tt.day))
		got := maps.Clone(w.mustFacts(aboutLoan(l), w.ana.ID)["pago"])
		delete(got, "liga")
		want := map[string]any{
			"credito": l.ID.String(), "folio": l.Folio, "monto": tt.amount, "vence": date("2026-03-15"),
			"dias_atraso": tt.late, "pagado": tt.paid, "referencia": l.Reference, "clabe": "",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.day, diff)
		}
	}
}

func TestFactsOfAClient(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-15"))
	w.must(w.pay(l, "1", level, w.today()))
	want := map[string]any{
		"nombre": "Ana Ruiz", "saldo": money.Pesos(3900) - level, "para_terminar": money.Pesos(3900) - level, "ahorro_hoy": money.Amount(0), "referencia": l.Reference, "clabe": "", "proximo_monto": level,
		"proxima_fecha": date("2026-03-31"), "segmento": "puntual", "pagos_hechos": 1, "promesas_rotas": 0,
		"puede_reestructurar": true, "pagos_restantes": 7, "es_distribuidora": false, "conocida": true, "debe_relacion": false,
		"estado": "SL",
	}
	for _, about := range []lending.About{{}, aboutLoan(l)} {
		got := maps.Clone(w.mustFacts(about, w.ana.ID)["cliente"])
		if link, _ := got["liga"].(string); !strings.HasPrefix(link, "vl.mx/") {
			t.Errorf("link %q", link)
		}
		delete(got, "liga")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("about %q (-want +got):\n%s", about.Kind, diff)
		}
	}
	nobody := w.mustFacts(lending.About{}, uuid.Nil)["cliente"]
	if nobody["conocida"] != false || nobody["nombre"] != "" || nobody["saldo"] != money.Amount(0) {
		t.Errorf("nobody is %v", nobody)
	}
}

func TestFactsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.now = w.now.Add(1)
	v := all[lending.Vale](w)[0]
	w.must(w.run("person.upsert", map[string]any{
		"telefono": "+526679999999", "nombre": "Eva Luna", "nacimiento": anaBirth, "tope": money.Pesos(1),
	}))
	eva := w.person("+526679999999").ID
	for _, tt := range []struct {
		about lending.About
		who   uuid.UUID
	}{
		{aboutVale(v), eva}, {aboutVale(v), uuid.Nil}, {aboutLoan(l), eva}, {aboutLoan(l), w.maria.PersonID},
		{lending.About{Kind: lending.AboutDistributor, ID: w.maria.ID.String()}, w.ana.ID},
	} {
		f, err := w.facts(tt.about, tt.who)
		if fault.KindOf(err) != fault.Denied || f != nil {
			t.Errorf("%v: %v, %v", tt.about, f, err)
		}
	}
	for _, id := range []string{"", "x", uuid.New().String()} {
		if _, err := w.facts(lending.About{Kind: lending.AboutVale, ID: id}, w.ana.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("vale %q: %v", id, err)
		}
	}
}

func TestADistributorSeesNothingOfTheBorrowersDebts(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.active()
	v := all[lending.Vale](w)[0]
	f := w.mustFacts(aboutVale(v), w.maria.PersonID)
	if f["cliente"]["nombre"] != "Maria Lopez" || f["cliente"]["saldo"] != money.Amount(0) {
		t.Errorf("client of the distributor's dialogue: %v", f["cliente"])
	}
}

func TestWhoHoldsAWrongNumberLearnsNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.active()
	w.must(w.run("contact.wrong_number", nil, w.byAna(lending.About{})))
	if got := w.mustFacts(lending.About{}, w.ana.ID)["cliente"]; got["conocida"] != false || got["nombre"] != "" || got["saldo"] != money.Amount(0) {
		t.Errorf("client %v", got)
	}
}

// The flow of reminders adds the promise that it has just found broken itself.
func TestAPromiseBrokenInThisTransactionIsNotCountedTwice(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	id := w.promise(l, date("2026-03-10"), level).Value["id"]
	w.goTo(date("2026-03-11"))
	b := lending.NewBook()
	broken := func() any {
		for {
			f, err := w.catalog.Facts(b, aboutLoan(l), "", w.ana.ID, w.now, quincena.Central())
			if err == nil {
				return f["cliente"]["promesas_rotas"]
			}
			w.load(b)
		}
	}
	for {
		if _, err := w.catalog.Run(b, "promise.break", w.call(map[string]any{"promesa": id}, w.byAna(aboutLoan(l)))); err == nil {
			break
		}
		w.load(b)
	}
	if got := broken(); got != 0 {
		t.Errorf("in the transaction: %v", got)
	}
	w.write(b)
	b = lending.NewBook()
	if got := broken(); got != 1 {
		t.Errorf("after it: %v", got)
	}
}

// Every fact has exactly the declared fields with the declared types, so that
// what the linter proves of a flow holds when it runs.
func TestFactsKeepTheVocabulary(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	v := all[lending.Vale](w)[0]
	vocabulary := lending.Vocabulary()
	for about, who := range map[lending.About]uuid.UUID{
		{}: uuid.Nil, aboutVale(v): w.ana.ID, aboutLoan(l): w.ana.ID,
		{Kind: lending.AboutDistributor, ID: w.maria.ID.String()}: w.maria.PersonID,
	} {
		f := w.mustFacts(about, who)
		if diff := cmp.Diff(sorted(vocabulary.About[about.Kind]), slices.Sorted(maps.Keys(f))); diff != "" {
			t.Errorf("facts about %q:\n%s", about.Kind, diff)
		}
		for name, fields := range f {
			checkFields(t, name, vocabulary.Facts[name], fields)
		}
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func checkFields(t *testing.T, what string, declared flow.Fields, got map[string]any) {
	t.Helper()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(declared)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("%s: fields (-declared +got):\n%s", what, diff)
	}
	for name, value := range got {
		if typ := declared[name]; !fits(typ, value) {
			t.Errorf("%s.%s is %T, declared %s", what, name, value, typ)
		}
	}
}

// Where the money of a vale is, in the words that flows compare.
func TestWhereTheMoneyIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rail string // atm, spei or none
		news []string
		want string
	}{
		{"", nil, "pendiente"},
		{"atm", nil, "en_curso"},
		{"atm", []string{"code_issued"}, "en_curso"},
		{"atm", []string{"code_issued", "code_redeemed"}, "entregada"},
		{"atm", []string{"code_issued", "code_expired"}, "vencida"},
		{"atm", []string{"code_rejected"}, "pendiente"},
		{"spei", []string{"transfer_rejected"}, "pendiente"},
		{"spei", []string{"unknown"}, "en_curso"},
		{"spei", []string{"transfer_settled"}, "entregada"},
		{"spei", []string{"transfer_accepted", "transfer_rejected"}, "devuelta"},
		{"spei", []string{"transfer_settled", "transfer_returned"}, "devuelta"},
	} {
		t.Run(tt.rail+" "+strings.Join(tt.news, " "), func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v, _ := w.accepted()
			var d lending.Disbursement
			switch tt.rail {
			case "atm":
				d = w.cardless(v)
			case "spei":
				d = w.spei(v)
			}
			for _, event := range tt.news {
				w.rail(event, d.ID)
			}
			if got := w.mustFacts(aboutVale(v), w.ana.ID)["vale"]["entrega"]; got != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}
