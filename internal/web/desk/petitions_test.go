package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/engine"
	"valebot/internal/lending"
)

// waiting is Ana's chat in a queue, known to be hers.
func (o *office) waiting(queue string) (id uuid.UUID, person string) {
	o.Helper()
	person = o.ana()
	return o.write("+526671234567", "hola", func(c engine.Conversation) engine.Change {
		change := o.queued(queue, "")(c)
		change.Conversation.PersonID = uuid.MustParse(person)
		return change
	}), person
}

func (o *office) exec(sql string, args ...any) {
	o.Helper()
	_, err := o.pool.Exec(o.Context(), sql, args...)
	o.must(err)
}

// complained opens a complaint of Ana's that is due at an instant.
func (o *office) complained(folio, person string, due time.Time) uuid.UUID {
	o.Helper()
	id := uuid.New()
	o.exec(`insert into complaint (id, folio, contact_key, person_id, opened_at, due_by) values ($1, $2, 'tel:+526671234567', $3, $4, $5)`,
		id, folio, person, due.Add(-48*time.Hour), due)
	return id
}

// applied opens a request of Ana's.
func (o *office) applied(folio, kind, person string) uuid.UUID {
	o.Helper()
	id := uuid.New()
	o.exec(`insert into request (id, folio, kind, contact_key, person_id, opened_at, due_by, decision, reason, cents)
values ($1, $2, $3, 'tel:+526671234567', $4, $5, $6, '', '', 300000)`, id, folio, kind, person, o.now, o.now.Add(36*time.Hour))
	return id
}

func TestComplaintsByClock(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, ana := o.waiting("quejas")
	for folio, left := range map[string]time.Duration{"Q-00001": -time.Hour, "Q-00002": 3 * time.Hour, "Q-00003": 20 * time.Hour, "Q-00004": 47 * time.Hour} {
		o.complained(folio, ana, o.now.Add(left))
	}
	b := o.agent("luis")
	b.sees("Quejas por contestar<b>4</b>", "venció hace 1 h 0 min")
	b.get("/mesa/quejas")
	b.sees("quedan 3 h 0 min", "venció hace 1 h 0 min", "Ana Ruiz")
	last := -1
	for _, part := range []string{"<h2>vencidas", "Q-00001", "<h2>12 h", "Q-00002", "<h2>24 h", "Q-00003", "<h2>48 h", "Q-00004", "<h2>por confirmar"} {
		at := strings.Index(b.last, part)
		if at <= last {
			t.Errorf("%q stands at %d, after %d", part, at, last)
		}
		last = at
	}
}

// TestComplaintIsAnswered: the text goes out, is kept, and the bot gets the chat
// back to ask whether that settles it; the same form again does nothing more.
func TestComplaintIsAnswered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	chatID, ana := o.waiting("quejas")
	id := o.complained("Q-00001", ana, o.now.Add(3*time.Hour))
	b := o.agent("luis")
	path := "/mesa/quejas/" + id.String()
	b.get(path)
	b.sees("Queja Q-00001", "Ana Ruiz")
	if got := b.post(path+"/resolver", "texto", " "); got != http.StatusUnprocessableEntity {
		t.Errorf("empty answer: %d", got)
	}
	b.get(path)
	form := b.form("texto", "Te devolvimos los $50 del recargo.")
	for range 2 {
		if got := b.do(b.request(http.MethodPost, path+"/resolver", form)); got != http.StatusOK {
			t.Fatalf("answer: %d\n%s", got, b.last)
		}
	}
	b.sees("Te devolvimos los $50 del recargo.", "a tiempo", "contestada")
	for what, want := range map[string]int{
		"outbox where author = 'agent:luis'": 1, "inbox where kind = 'desk' and state = 'pending'": 1,
		"complaint where state = 'ANSWERED' and resolution is not null":                 1,
		"complaint where position('recargo' in encode(resolution, 'escape')) > 0":       0,
		"audit where action = 'desk.complaint' and actor = 'agent:luis'":                7,
		"audit where action = 'complaint.resolve' and actor = 'agent:luis'":             2,
		"audit where action = 'desk.return' and subject_id = '" + chatID.String() + "'": 1,
	} {
		if got := o.count(what); got != want {
			t.Errorf("%d rows of %s, want %d", got, what, want)
		}
	}
	o.exec(`update complaint set state = 'CLOSED', closed_at = $1`, o.now)
	b.get("/mesa/quejas")
	b.sees("cerrada")
	b.get(path)
	b.misses(path + "/resolver")
}

func TestAnswerToAChatThatIsTaken(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	chatID, ana := o.waiting("quejas")
	id := o.complained("Q-00001", ana, o.now.Add(time.Hour))
	o.agent("eva") // who has no session has gone home, and her chats with her
	o.must(o.store.Claim(t.Context(), o.act(chatID, "eva", 0)))
	b := o.agent("luis")
	b.get("/mesa/quejas/" + id.String())
	if got := b.post("/mesa/quejas/"+id.String()+"/resolver", "texto", "ya quedó"); got != http.StatusConflict {
		t.Errorf("answer: %d", got)
	}
	b.sees("Eva Ríos acaba de tomarlo.", "ya quedó</textarea>")
	if o.count("complaint where state = 'OPEN'") != 1 || o.count("outbox") != 0 {
		t.Error("a complaint was answered in the chat of another agent")
	}
}

func TestRequestsByKind(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	chatID, ana := o.waiting("privacidad")
	o.applied("S-00001", "arco", ana)
	o.applied("S-00002", "fraude", ana)
	b := o.agent("luis")
	b.sees("Datos personales (ARCO)<b>1</b>", "Avisos de fraude<b>1</b>")
	b.get("/mesa/solicitudes?tipo=arco")
	b.sees("S-00001", chat(chatID), "quedan 36 h")
	b.misses("S-00002")
	b.get("/mesa/solicitudes?tipo=nada")
	b.sees("No hay solicitudes abiertas aquí.")
}

// TestApplicationIsDecided: the decision is the same action that everybody calls,
// it is told by the bot, and the chat goes back to it.
func TestApplicationIsDecided(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		deed, wrong string
		fields      []string
		decision    lending.Decision
		limit       int
	}{
		{"aprobar", "tope", []string{"tope", "$3,500"}, lending.Approved, 3500_00},
		{"contraoferta", "monto", []string{"monto", "2000"}, lending.Countered, 5000_00},
		{"rechazar", "desde", []string{"motivo", "ingresos", "desde", "2026-06-01"}, lending.Rejected, 5000_00},
	} {
		t.Run(tt.deed, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			id, ana := o.waiting("altas")
			o.applied("S-00001", "alta", ana)
			b := o.agent("luis")
			b.get(chat(id))
			b.sees("Solicitudes de vale", "pide $3,000", "por decidir", "/accion/"+tt.deed)
			path := chat(id) + "/accion/" + tt.deed
			if got := b.post(path, append(tt.fields, tt.wrong, "-1", "sobre", ana)...); got != http.StatusUnprocessableEntity {
				t.Errorf("nonsense: %d", got)
			}
			b.sees("Revisa «")
			if got := b.post(path, append(tt.fields, "sobre", ana)...); got != http.StatusOK {
				t.Fatalf("decide: %d\n%s", got, b.last)
			}
			b.sees("Devolviendo al bot")
			if n := o.count("request where decision = $1", tt.decision); n != 1 {
				t.Errorf("%d decided", n)
			}
			if n := o.count("person where limit_cents = $1", tt.limit); n != 1 {
				t.Error("the limit is another one")
			}
			if n := o.count("audit where actor = 'agent:luis' and action like 'application.%' and outcome = 'ok'"); n != 1 {
				t.Errorf("%d rows in the audit", n)
			}
		})
	}
}

// TestDeedReachesNoOtherChat: the form names what it is done to, and a form can be
// forged.
func TestDeedReachesNoOtherChat(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, ana := o.waiting("altas")
	other := o.does("person.upsert", map[string]any{
		"telefono": "+526679999999", "nombre": "Otra", "nacimiento": born(1980), "tope": amount(0),
	}).Value["id"].(string)
	b := o.supervisor("luis")
	for _, target := range []string{other, uuid.NewString(), "", "x", uuid.Nil.String()} {
		b.get(chat(id))
		if got := b.post(chat(id)+"/accion/bloquear", "sobre", target); got != http.StatusConflict {
			t.Errorf("block %q: %d", target, got)
		}
	}
	if o.count("person where blocked") != 0 {
		t.Error("somebody was blocked")
	}
	b.get(chat(id))
	b.post(chat(id)+"/accion/bloquear", "sobre", ana)
	b.sees("Bloqueada.", "bloqueada</span>", "Luis Peña: Bloquear: Bloqueada.")
	if o.count("person where blocked and id = $1", ana) != 1 {
		t.Error("she was not blocked")
	}
	if got := b.post(chat(id)+"/accion/nada", "sobre", ana); got != http.StatusForbidden {
		t.Errorf("a deed that is none: %d", got)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, ana := o.waiting("altas")
	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleAgent, []string{"pagos"}))
	o.complained("Q-00001", ana, o.now.Add(time.Hour))
	o.applied("S-00001", "alta", ana)
	o.applied("S-00002", "comprobante", ana)

	eva := o.agent("eva")
	eva.sees("Todas<b>0</b>", "Nadie espera aquí", "Comprobantes por revisar<b>1</b>")
	eva.misses("Quejas por contestar", "Solicitudes de vale")
	if got := eva.get(chat(id)); got != http.StatusNotFound {
		t.Errorf("a chat of another queue: %d", got)
	}
	if _, ok, err := o.store.ClaimNext(t.Context(), o.act(uuid.Nil, "eva", 0), "altas"); ok || err != nil {
		t.Errorf("next of another queue: %v %v", ok, err)
	}
	for name, err := range map[string]error{
		"claim": o.store.Claim(t.Context(), o.act(id, "eva", 0)), "reply": o.store.Reply(t.Context(), o.act(id, "eva", 0), "hola"),
		"note": o.store.Annotate(t.Context(), o.act(id, "eva", 0), "hola"), "return": o.store.Return(t.Context(), o.act(id, "eva", 0), casework.Resolved),
	} {
		if err == nil {
			t.Errorf("%s of a chat that she may not see", name)
		}
	}

	luis := o.agent("luis")
	luis.get(chat(id))
	luis.misses("/accion/bloquear")
	luis.sees("/accion/aprobar")
	if got := luis.post(chat(id)+"/accion/bloquear", "sobre", ana); got != http.StatusForbidden {
		t.Errorf("an agent blocks: %d", got)
	}

	o.must(o.store.SetDuty(t.Context(), "luis", casework.RoleAuditor, nil))
	luis.get(chat(id))
	luis.sees("Solo lectura", "Ana Ruiz")
	luis.misses("/responder", "/nota", "/accion/", "/tomar", "/telefono")
	for _, act := range []string{"/tomar", "/responder", "/nota", "/devolver", "/telefono", "/borrador", "/accion/aprobar"} {
		if got := luis.post(chat(id)+act, "texto", "hola", "como", "resolved", "motivo", "x", "sobre", ana, "tope", "1"); got != http.StatusForbidden {
			t.Errorf("an auditor's %s: %d", act, got)
		}
	}
	for name, err := range map[string]error{
		"claim": o.store.Claim(t.Context(), o.act(id, "luis", 0)), "reply": o.store.Reply(t.Context(), o.act(id, "luis", 0), "hola"),
		"note": o.store.Annotate(t.Context(), o.act(id, "luis", 0), "hola"),
	} {
		if err == nil {
			t.Errorf("an auditor's %s", name)
		}
	}
	if o.count("outbox") != 0 || o.count("desk_note") != 0 || o.count("conversation where owner = 'agent'") != 0 {
		t.Error("something was done that nobody may do")
	}
	if got := luis.post("/mesa/salir"); got != http.StatusOK {
		t.Errorf("an auditor goes home: %d", got)
	}
}
