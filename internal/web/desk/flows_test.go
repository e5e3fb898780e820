package desk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/postgres"
)

// shelf stands in for the flows: it notes who did what.
type shelf struct {
	store *postgres.Store
	page  casework.FlowsPage
	did   []string
	clash []casework.Clash
}

func (s *shelf) Flows(context.Context) (casework.FlowsPage, error) { return s.page, nil }

func (s *shelf) Flow(_ context.Context, name string) (casework.FlowPage, error) {
	if name != "oferta" {
		return casework.FlowPage{}, fault.New(fault.NotFound, "no_such_flow", "Ese flujo no existe.")
	}
	return casework.FlowPage{
		FlowLine: casework.FlowLine{Flow: name, Title: "Una oferta <b>", Version: 2},
		Versions: []casework.FlowVersion{{Version: 2, State: "current", Author: "rosa", By: "eva", Note: "más corta"}, {Version: 1, State: "ending", People: 3}},
		Steps:    []casework.FlowStep{{Step: "forma_pago", Entered: 10, Replies: 8, FirstTime: 75, Handed: 2}},
	}, nil
}

func (s *shelf) Drawing(context.Context, string) (string, error) {
	return `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, nil
}

func (s *shelf) Publish(_ context.Context, agent, note string) (string, error) {
	s.did = append(s.did, agent+" publica "+note)
	return "Quedó propuesta.", nil
}

func (s *shelf) Approve(_ context.Context, agent string) (string, error) {
	if s.page.Waiting == nil {
		return "", fault.New(fault.NotFound, "nothing_waits", "No hay nada que aprobar.")
	}
	s.did = append(s.did, agent+" aprueba")
	return "Ya rige.", nil
}

func (s *shelf) Rollback(_ context.Context, agent, name, note string) (string, error) {
	s.did = append(s.did, agent+" regresa "+name+" "+note)
	return "Ya rige.", nil
}

func (s *shelf) Meanings(context.Context) ([]casework.Meaning, error) {
	return []casework.Meaning{{Class: "yes", Answer: true}, {Class: "human"}}, nil
}

func (s *shelf) Check(_ context.Context, l casework.Lesson) ([]casework.Clash, error) {
	if l.Class == "" {
		return nil, fault.New(fault.Invalid, "no_such_class", "Elige qué quiso decir.")
	}
	return s.clash, nil
}

func (s *shelf) Accept(ctx context.Context, l casework.Lesson, by string) (string, error) {
	if l.Author == by {
		return "", fault.New(fault.Denied, "own_lesson", "Lo que tú enseñas lo acepta otra persona.")
	}
	return "Aceptada: el bot ya la entiende.", s.store.Decide(ctx, l.ID, by, casework.Accepted, l.At)
}

func TestFlowsPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.shelf.page = casework.FlowsPage{
		Days: 7, Waiting: &casework.FlowChange{Author: "eva", Note: "más <corta>", Flows: 3},
		Flows: []casework.FlowLine{{Flow: "oferta", Title: "Una oferta", Version: 2, People: 12, Ending: 4, Started: 90, Handed: 8, Worst: "forma_pago", WorstN: 11, WorstOf: 60}},
		Diffs: []casework.FlowDiff{{Flow: "oferta", From: 2, To: 3, Removed: []string{"forma_pago"}, Stranded: 5, Messages: []casework.FlowText{{Key: "a.b.sms", Before: "Hola", After: "Buenas"}}}},
	}
	agent := o.agent("eva")
	agent.get("/mesa/flujos")
	agent.sees("más &lt;corta&gt;", "4 terminando", "11 de 60", "forma pago", "5 personas esperan", "− Hola", "+ Buenas")
	agent.misses("/aprobar", "/publicar")
	for _, path := range []string{"/mesa/flujos/publicar", "/mesa/flujos/aprobar", "/mesa/flujos/oferta/regresar"} {
		if got := agent.post(path, "nota", "x"); got != http.StatusForbidden {
			t.Errorf("an agent posts %s: %d", path, got)
		}
		agent.get("/mesa/flujos")
	}
	luis := o.supervisor("luis")
	luis.get("/mesa/flujos")
	luis.post("/mesa/flujos/aprobar")
	luis.sees("Ya rige.")
	if got := luis.post("/mesa/flujos/publicar", "nota", " "); got != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", got)
	}
	luis.post("/mesa/flujos/publicar", "nota", "avisos más claros")
	luis.sees("Quedó propuesta.")
	luis.get("/mesa/flujos/oferta")
	luis.sees("Una oferta &lt;b&gt;", "75 %", "terminando", "aprobó eva", "/mesa/flujos/oferta/dibujo.svg")
	luis.post("/mesa/flujos/oferta/regresar", "nota", "no gustó")
	if got := strings.Join(o.shelf.did, "; "); got != "luis aprueba; luis publica avisos más claros; luis regresa oferta no gustó" {
		t.Errorf("done: %s", got)
	}
	o.shelf.page.Waiting = nil
	if got := luis.post("/mesa/flujos/aprobar"); got != http.StatusNotFound {
		t.Errorf("approving nothing: %d", got)
	}
	luis.sees("No hay nada que aprobar.")
	if got := luis.get("/mesa/flujos/nada"); got != http.StatusNotFound {
		t.Errorf("a flow that is none: %d", got)
	}
}

// TestDrawingRunsNothing: whatever is in a picture, a browser that opens it by
// itself runs none of it.
func TestDrawingRunsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.agent("luis")
	answer, err := b.client.Do(b.request(http.MethodGet, "/mesa/flujos/oferta/dibujo.svg", nil))
	o.must(err)
	_ = answer.Body.Close()
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script-src") {
		t.Errorf("policy %q", policy)
	}
	if answer.Header.Get("Content-Type") != "image/svg+xml" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", answer.Header)
	}
}

// TestTeach: from the text that was not understood to the second person.
func TestTeach(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, _ := o.waiting("general")
	b := o.supervisor("luis")
	b.get(chat(id))
	b.sees("Enseñar esta respuesta")
	_, link, _ := strings.Cut(b.last, `class="teach" href="`)
	link, _, _ = strings.Cut(link, `"`)
	b.get(strings.ReplaceAll(link, "&amp;", "&"))
	b.sees(`value="hola"`, "quiere una persona", "<optgroup")
	if got := b.post("/mesa/ensenar", "texto", "hola", "significa", "", "c", id.String()); got != http.StatusUnprocessableEntity {
		t.Errorf("without a meaning: %d", got)
	}
	b.sees("Elige qué quiso decir.")
	o.shelf.clash = []casework.Clash{{Text: "no, hola", Want: "no", Got: "yes"}}
	if got := b.post("/mesa/ensenar", "texto", "hola", "significa", "yes", "contra", "hola no", "c", id.String()); got != http.StatusConflict {
		t.Errorf("a clash: %d", got)
	}
	b.sees("«no, hola»", "se leería sí", "hola no</textarea>")
	o.shelf.clash = nil
	form := b.form("texto", "órale pues", "significa", "yes", "contra", "órale no\n\nórale quién sabe", "c", id.String())
	for range 2 { // a form that is sent twice is one lesson
		if got := b.do(b.request(http.MethodPost, "/mesa/ensenar", form)); got != http.StatusOK {
			t.Fatalf("propose: %d\n%s", got, b.last)
		}
	}
	b.sees("Propuesta.", "«órale pues»", "«órale no», «órale quién sabe»", "La acepta otra persona.")
	b.misses("Aceptar y publicar")
	var lesson uuid.UUID
	o.must(o.pool.QueryRow(t.Context(), `select id from lexicon_lesson`).Scan(&lesson))
	if n := o.count("lexicon_lesson where position('pues' in encode(body, 'escape')) > 0"); n != 0 {
		t.Error("what a client wrote is stored in the clear")
	}
	if got := b.post("/mesa/ensenanzas/"+lesson.String(), "como", "aceptar"); got != http.StatusForbidden {
		t.Errorf("her own lesson: %d", got)
	}
	eva := o.agent("eva")
	eva.get("/mesa/ensenanzas")
	eva.misses("Aceptar y publicar")
	if got := eva.post("/mesa/ensenanzas/"+lesson.String(), "como", "aceptar"); got != http.StatusForbidden {
		t.Errorf("an agent accepts: %d", got)
	}
	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleSupervisor, nil))
	eva.get("/mesa/ensenanzas")
	eva.post("/mesa/ensenanzas/"+lesson.String(), "como", "aceptar")
	eva.sees("Aceptada", "aceptó Eva Ríos")
	if got := eva.post("/mesa/ensenanzas/"+lesson.String(), "como", "descartar"); got != http.StatusConflict {
		t.Errorf("decided twice: %d", got)
	}
	if got := eva.post("/mesa/ensenanzas/"+uuid.NewString(), "como", "aceptar"); got != http.StatusNotFound {
		t.Errorf("no lesson: %d", got)
	}
}

func TestTeachSeesNoOtherChat(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, _ := o.waiting("altas")
	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleAgent, []string{"pagos"}))
	if got := o.agent("eva").get("/mesa/ensenar?c=" + id.String() + "&m=" + uuid.NewString()); got != http.StatusNotFound {
		t.Errorf("a chat that she may not see: %d", got)
	}
}
