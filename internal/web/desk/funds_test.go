package desk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/clockwork"
	"valebot/internal/lending"
	"valebot/internal/quincena"
)

func civilDay(month time.Month, day int) quincena.Date {
	return quincena.Date{Year: 2026, Month: month, Day: day}
}

// lent is a loan of Ana's by María, taken over from another system, and its folio.
func (o *office) lent() string {
	o.Helper()
	o.ana()
	o.does("distributor.upsert", map[string]any{
		"telefono": "+526670000001", "nombre": "María <b>Soto", "nacimiento": born(1980), "linea": amount(20000_00), "plazos": []int{4, 6, 8}, "nip": "4821",
	})
	r := o.does("vale.import", map[string]any{
		"origen": "VIEJO-1", "distribuidora": "+526670000001", "cliente": "+526671234567", "monto": amount(3000_00), "quincenas": 8,
		"entrega": civilDay(time.February, 3), "saldo": amount(3900_00), "recargos": amount(0),
	})
	return r.Value["folio"].(string)
}

// parked is a deposit that nobody knows the loan of.
func (o *office) parked(reference string, centavos int64) string {
	o.Helper()
	r := o.does("payment.post", map[string]any{
		"source": "oxxo", "reference": reference, "account": "NADIE", "amount": amount(centavos), "value_date": civilDay(time.March, 1),
	})
	if r.Outcome != "unmatched" {
		o.Fatalf("the deposit was %s", r.Outcome)
	}
	var id uuid.UUID
	o.must(o.pool.QueryRow(o.Context(), `select id from payment where reference = $1`, reference).Scan(&id))
	return "/mesa/dinero/depositos/" + id.String()
}

// supervisors are Luis and Eva, on the page of the money.
func (o *office) supervisors() (luis, eva *browser) {
	o.Helper()
	luis, eva = o.supervisor("luis"), o.supervisor("eva")
	for _, b := range []*browser{luis, eva} {
		if got := b.get("/mesa/dinero"); got != http.StatusOK {
			o.Fatalf("the money: %d\n%s", got, b.last)
		}
	}
	return luis, eva
}

// waitingCorrection is the address of the one correction that waits.
func (o *office) waitingCorrection() string {
	o.Helper()
	var id uuid.UUID
	o.must(o.pool.QueryRow(o.Context(), `select id from correction where state = 'PROPOSED'`).Scan(&id))
	return "/mesa/dinero/ajustes/" + id.String()
}

// A deposit is matched by one person and approved by another; the form sent twice
// asks once, and who asked may not approve.
func TestDepositIsMatchedByTwo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	folio := o.lent()
	path := o.parked("T-9", 48750)
	luis, eva := o.supervisors()
	luis.sees("T-9", "$487.50", "no se sabe de qué crédito es", "Nada espera una segunda firma")
	form := luis.form("cuenta", folio, "motivo", "mandó su comprobante", "evidencia", "chat del 2 de marzo")
	for i, want := range []string{"Falta que otra persona lo autorice", "Eso ya estaba hecho"} {
		if got := luis.do(luis.request(http.MethodPost, path+"/cotejar", form)); got != http.StatusOK {
			t.Fatalf("ask %d: %d\n%s", i, got, luis.last)
		}
		luis.sees(want, "A-00001", "Poner un depósito en un crédito", folio, "Lo autoriza otra persona", "Retirarlo")
	}
	ask := o.waitingCorrection()
	if got := luis.post(ask + "/autorizar"); got != http.StatusForbidden {
		t.Errorf("who asked approves: %d", got)
	}
	luis.sees("Quien pide un ajuste no puede autorizarlo")
	eva.get("/mesa/dinero")
	for range 2 {
		if got := eva.post(ask + "/autorizar"); got != http.StatusOK {
			t.Fatalf("approve: %d\n%s", got, eva.last)
		}
	}
	eva.sees("Todos los depósitos tienen crédito", "Nada espera una segunda firma")
	for what, want := range map[string]int{
		"payment where reference = 'T-9' and state = 'POSTED'":                                            1,
		"correction where state = 'DONE' and proposed_by = 'luis' and decided_by = 'eva'":                 1,
		"audit where action = 'payment.match' and actor = 'agent:luis' and outcome = 'proposed'":          1,
		"audit where action = 'correction.approve' and actor = 'agent:eva' and outcome = 'ok'":            1,
		"audit where action = 'correction.approve' and actor = 'agent:luis' and outcome = 'refused'":      1,
		"audit where action = 'desk.funds' and actor = 'agent:luis' and detail like '1 deposits%'":        4,
		"audit where action = 'desk.funds' and actor = 'agent:eva' and detail like '0 deposits, 0 corr%'": 2,
	} {
		if got := o.count(what); got != want {
			t.Errorf("%d rows of %s, want %d", got, what, want)
		}
	}
}

// A deposit of nobody goes back: asked for, approved, and noted with its clave
// de rastreo once it has left.
func TestDepositGoesBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := o.parked("T-10", 1000_00)
	luis, eva := o.supervisors()
	if got := luis.post(path+"/devolver", "motivo", "no es de nadie", "evidencia", "oficio 12"); got != http.StatusOK {
		t.Fatalf("ask: %d\n%s", got, luis.last)
	}
	eva.get("/mesa/dinero")
	eva.post(o.waitingCorrection() + "/autorizar")
	eva.sees("por devolver", "Ya se devolvió")
	if got := eva.post(path+"/devuelto", "cuenta", " "); got != http.StatusUnprocessableEntity {
		t.Errorf("sent back without a trace: %d", got)
	}
	if got := eva.post(path+"/devuelto", "cuenta", "MBAN0100"); got != http.StatusOK {
		t.Fatalf("sent back: %d\n%s", got, eva.last)
	}
	eva.misses("T-10")
	if o.count("payment where state = 'RETURNED'") != 1 {
		t.Error("the deposit did not leave")
	}
}

// What is refused is said, keeps what was typed, and changes nothing.
func TestFundsRefuseNonsense(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	folio := o.lent()
	path := o.parked("T-<script>", 48750)
	luis, _ := o.supervisors()
	luis.misses("<script>alert", "T-<script>", "<b>Soto")
	whole := []string{"cuenta", folio, "motivo", "razón <b>", "evidencia", "ticket 8", "fecha", ""}
	tests := []struct {
		name, path, field, value, says string
		status                         int
	}{
		{"no such loan", path + "/cotejar", "cuenta", "V-99999", "No hay un crédito con esa referencia", http.StatusNotFound},
		{"no reason", path + "/cotejar", "motivo", " ", "Escribe el motivo", http.StatusUnprocessableEntity},
		{"no proof", path + "/devolver", "evidencia", "", "Escribe dónde está la evidencia", http.StatusUnprocessableEntity},
		{"bad date", path + "/cotejar", "fecha", "31/02", "Revisa la fecha", http.StatusUnprocessableEntity},
		{"before the deposit", path + "/cotejar", "fecha", "2026-02-20", "del día del depósito a hoy", http.StatusUnprocessableEntity},
		{"tomorrow", path + "/cotejar", "fecha", "2026-03-03", "del día del depósito a hoy", http.StatusUnprocessableEntity},
		{"broken request", path + "/cotejar", "pedido", "x", "", http.StatusUnprocessableEntity},
		{"not to be sent back", path + "/devuelto", "cuenta", "MBAN1", "", http.StatusConflict},
		{"nothing of that name", path + "/borrar", "", "", "", http.StatusNotFound},
		{"no such deposit", "/mesa/dinero/depositos/" + uuid.NewString() + "/devolver", "", "", "", http.StatusNotFound},
		{"no id", "/mesa/dinero/depositos/x/devolver", "", "", "", http.StatusNotFound},
		{"no such correction", "/mesa/dinero/ajustes/" + uuid.NewString() + "/autorizar", "", "", "", http.StatusNotFound},
		{"refused without a reason", "/mesa/dinero/ajustes/" + uuid.NewString() + "/rechazar", "motivo", "", "Escribe por qué", http.StatusUnprocessableEntity},
		{"nothing of a correction", "/mesa/dinero/ajustes/" + uuid.NewString() + "/x", "", "", "", http.StatusNotFound},
	}
	for _, tt := range tests {
		luis.get("/mesa/dinero")
		fields := append(whole[:len(whole):len(whole)], tt.field, tt.value)
		if got := luis.post(tt.path, fields...); got != tt.status {
			t.Errorf("%s: %d, want %d\n%s", tt.name, got, tt.status, luis.last)
		}
		luis.sees(tt.says)
		if tt.field == "cuenta" && strings.HasSuffix(tt.path, "cotejar") {
			luis.sees("razón &lt;b&gt;", `value="ticket 8"`)
		}
	}
	if o.count("payment where state = 'UNMATCHED'") != 1 || o.count("correction") != 0 {
		t.Error("something changed")
	}
}

// An agent sees none of it; an auditor sees all and changes nothing.
func TestFundsByRole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lent()
	path := o.parked("T-9", 48750)
	o.must(o.store.SetDuty(t.Context(), "luis", casework.RoleAgent, nil))
	luis := o.agent("luis")
	luis.misses("/mesa/dinero")
	for _, page := range []string{"/mesa/dinero", "/mesa/dinero/relacion/R-00001"} {
		if got := luis.get(page); got != http.StatusForbidden {
			t.Errorf("an agent's %s: %d", page, got)
		}
	}
	luis.get("/mesa")
	if got := luis.post(path+"/devolver", "motivo", "porque sí", "evidencia", "nada"); got != http.StatusForbidden {
		t.Errorf("an agent sends back: %d", got)
	}
	if o.count("audit where action = 'desk.funds'") != 0 {
		t.Error("an agent saw the money")
	}
	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleAuditor, nil))
	eva := o.agent("eva")
	eva.sees("/mesa/dinero")
	eva.get("/mesa/dinero")
	eva.sees("T-9", "Solo lectura")
	eva.misses("/depositos/", "/ajustes/")
	if got := eva.post(path+"/devolver", "motivo", "porque sí", "evidencia", "nada"); got != http.StatusForbidden {
		t.Errorf("an auditor sends back: %d", got)
	}
	if o.count("correction") != 0 {
		t.Error("something was asked for")
	}
}

// The relación of a distributor comes as a PDF, and reading it is noted.
func TestRelacionAsPDF(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lent()
	o.now = o.now.AddDate(0, 0, 8)
	act := func(_ context.Context, _, _, name string, with []map[string]any) (results []lending.Result, err error) {
		for _, w := range with {
			results = append(results, o.does(name, w))
		}
		return results, nil
	}
	cutter := clockwork.Cutter{Store: o.store, Act: act, Batch: 2, Actor: "cli"}
	_, err := cutter.Run(t.Context(), quincena.On(o.now, quincena.Central()))
	o.must(err)
	luis, _ := o.supervisors()
	luis.sees("R-00001", "María &lt;b&gt;Soto", "por pagar", "al corriente", "$3,900</td>")
	var reference string
	o.must(o.pool.QueryRow(t.Context(), `select reference from relacion`).Scan(&reference))
	luis.sees("/mesa/dinero/relacion/" + reference)
	if got := luis.get("/mesa/dinero/relacion/" + reference); got != http.StatusOK || !strings.HasPrefix(luis.last, "%PDF-") {
		t.Errorf("PDF: %d, %.20q", got, luis.last)
	}
	if got := luis.get("/mesa/dinero/relacion/R-77777"); got != http.StatusNotFound {
		t.Errorf("a relación that does not exist: %d", got)
	}
	if n := o.count("audit where action = 'relacion.read' and actor = 'agent:luis'"); n != 1 {
		t.Errorf("%d readings noted", n)
	}
}

// inReview is an accepted vale of Ana's that waits, with the hold on María's line.
func (o *office) inReview(why string, centavos int64) string {
	o.Helper()
	id := uuid.New()
	o.exec(`insert into vale (id, folio, distributor_id, person_id, state, principal_cents, quote, terms_hash, expires_at, authorised_at)
select $1, 'V-00900', d.id, p.id, 'DRAFT', $2, jsonb_set(jsonb_set(l.quote, '{terms,principal}', to_jsonb($2::bigint)), '{rows,0,due}', to_jsonb($3::date + 10)), l.terms_hash, $3::timestamptz + interval '3 days', $3
from distributor d, person p, loan l where p.name = 'Ana Ruiz'`, id, centavos, o.now)
	o.exec(`update vale set state = 'IN_REVIEW', accepted_at = $2, review = jsonb_build_object('why', $3::text) where id = $1`, id, o.now, why)
	o.exec(`update distributor set held_cents = held_cents + $1`, centavos)
	return "/mesa/dinero/vales/" + id.String()
}

// A vale in review is shown with why it waits; two accept a large one, one
// rejects it, and nobody decides without a reason.
func TestValeInReviewIsDecided(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"aceptar", "rechazar"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.lent()
			path := o.inReview("monto", 13000_00)
			luis, eva := o.supervisors()
			luis.sees("V-00900", "$13,000", "el monto pide dos firmas", "Ana Ruiz")
			if got := luis.post(path+"/aceptar", "motivo", " "); got != http.StatusUnprocessableEntity {
				t.Errorf("without a reason: %d", got)
			}
			if got := luis.post(path+"/aceptar", "motivo", "vi su INE"); got != http.StatusOK {
				t.Fatalf("accept: %d\n%s", got, luis.last)
			}
			luis.sees("Falta que otra persona lo autorice", "Falta otra persona", "ya lo aceptó luis")
			if got := luis.post(path+"/aceptar", "motivo", "vi su INE"); got != http.StatusForbidden {
				t.Errorf("the same person twice: %d", got)
			}
			if got := luis.post(path+"/borrar", "motivo", "vi su INE"); got != http.StatusNotFound {
				t.Errorf("nothing of that name: %d", got)
			}
			eva.get("/mesa/dinero")
			if got := eva.post(path+"/"+end, "motivo", "hablé con ella"); got != http.StatusOK {
				t.Fatalf("%s: %d\n%s", end, got, eva.last)
			}
			eva.sees("Ningún vale espera revisión")
			want, action := "state = 'CONVERTED' and loan_id is not null", "vale.clear"
			if end == "rechazar" {
				want, action = "state = 'REJECTED' and loan_id is null", "vale.reject"
			}
			for what, n := range map[string]int{
				"vale where folio = 'V-00900' and review->>'decided_by' = 'eva' and " + want:       1,
				"distributor where held_cents = 0":                                                 1,
				"audit where actor = 'agent:eva' and outcome = 'ok' and action = '" + action + "'": 1,
			} {
				if got := o.count(what); got != n {
					t.Errorf("%d rows of %s, want %d", got, what, n)
				}
			}
		})
	}
}

// The database itself refuses a review without a reason or without a yes, and a
// rejection by nobody.
func TestDatabaseHoldsReviews(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lent()
	o.inReview("rafaga", 1000_00)
	for name, set := range map[string]string{
		"no reason": "review = '{}'", "no yes": "accepted_at = null", "rejected by nobody": "state = 'REJECTED'", "back to the offer": "state = 'OFFERED'",
	} {
		if _, err := o.pool.Exec(t.Context(), "update vale set "+set+" where folio = 'V-00900'"); err == nil {
			t.Errorf("%s: the database let it pass", name)
		}
	}
}
