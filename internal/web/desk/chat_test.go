package desk_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/message"
)

func nopLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func loginCookie(t *testing.T, h http.Handler, host string) *http.Cookie {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/mesa/entrar", strings.NewReader("usuario=luis&clave=demo"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("login set %d cookies: %d %s", len(cookies), w.Code, w.Body)
	}
	return cookies[0]
}

func TestBoard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("+526671234567", "quiero hablar", o.queued("general", "pidió hablar con una persona"))
	o.now = o.now.Add(20 * time.Minute)
	o.write("+526672345678", "ya pagué", o.queued("pagos", "dice que ya pagó"))
	o.write("+526643456789", "urge", func(c engine.Conversation) engine.Change {
		change := o.queued("fraude", "dice que no es la persona")(c)
		change.Conversation.Priority = 2
		return change
	})
	o.now = o.now.Add(15 * time.Minute)
	b := o.agent("luis")
	b.sees("pidió hablar con una persona", "••• ••• 4567", "35 min", "wait late", "15 min", "Fraude<b>1</b>", "Todas<b>3</b>", "Mías<b>0</b>")
	b.misses("6671234567", "667 123 4567")
	urgent, old, young := strings.Index(b.last, "6789</span>"), strings.Index(b.last, "4567</span>"), strings.Index(b.last, "5678</span>")
	if urgent < 0 || urgent > old || old > young {
		t.Errorf("order is urgent %d, oldest %d, youngest %d", urgent, old, young)
	}
	b.get("/mesa?fila=pagos")
	b.sees("dice que ya pagó")
	b.misses("pidió hablar con una persona")
	b.get("/mesa?fila=mias")
	b.sees("No tienes pláticas")
}

func TestNextTakesTheMostUrgent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.write("+526671234567", "hola", o.queued("general", "uno"))
	o.now = o.now.Add(time.Minute)
	second := o.write("+526672345678", "hola", o.queued("pagos", "dos"))
	b := o.agent("luis")
	b.post("/mesa/siguiente", "fila", "pagos")
	b.sees("La tienes tú", chat(second))
	b.get("/mesa")
	b.post("/mesa/siguiente", "fila", "mias")
	b.sees("La tienes tú", chat(first))
	b.get("/mesa")
	b.post("/mesa/siguiente")
	b.sees("Nadie espera. Buen trabajo.")
}

func TestClaimRace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	var won, lost atomic.Int32
	var wait sync.WaitGroup
	for i := range 32 {
		agent := []string{"luis", "eva"}[i%2]
		wait.Go(func() {
			act := casework.Act{Case: id, Agent: agent, Epoch: 0, Request: uuid.New(), At: o.now}
			_, ok, err := o.store.ClaimNext(t.Context(), act, "")
			switch {
			case err == nil && ok:
				won.Add(1)
			case err == nil:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if won.Load() != 1 || lost.Load() != 31 {
		t.Errorf("%d won and %d lost, want 1 and 31", won.Load(), lost.Load())
	}
	if n := o.count("conversation where id = $1 and epoch = 1 and owner = 'agent'", id); n != 1 {
		t.Error("the epoch did not rise by exactly one")
	}
}

func TestClaimOnAnOldPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	var won atomic.Int32
	var wait sync.WaitGroup
	for i := range 32 {
		agent := []string{"luis", "eva"}[i%2]
		wait.Go(func() {
			err := o.store.Claim(t.Context(), casework.Act{Case: id, Agent: agent, Epoch: 0, Request: uuid.New(), At: o.now})
			if err != nil && fault.CodeOf(err) != "taken" {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, agent := range []string{"luis", "eva"} {
		won.Add(int32(o.count("audit where action = 'desk.claim' and outcome = 'ok' and actor = 'agent:' || $1", agent)))
	}
	if won.Load() != 1 {
		t.Errorf("%d claims won, want 1", won.Load())
	}
	if n := o.count("audit where action = 'desk.claim'"); n != 32 {
		t.Errorf("%d tries in the audit, want 32", n)
	}
}

func TestSecondClaimIsToldWho(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	luis, eva := o.agent("luis"), o.agent("eva")
	luis.get(chat(id))
	eva.get(chat(id))
	luis.post(chat(id) + "/tomar")
	luis.sees("La tienes tú")
	if got := eva.post(chat(id)+"/responder", "texto", "yo te ayudo & cuido"); got != http.StatusConflict {
		t.Errorf("second reply: %d", got)
	}
	eva.sees("Luis Peña acaba de tomarlo.", "La tiene Luis Peña")
	if n := o.count("outbox"); n != 0 {
		t.Error("the loser's reply is in the outbox")
	}
	eva.get(chat(id))
	eva.misses(`action="` + chat(id) + `/responder"`)
}

func TestReplyClaims(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", "", o.letter("¿Sigues ahí?", false)))
	b := o.agent("luis")
	b.get(chat(id))
	form := b.form("texto", "  Hola, soy Luis — “con gusto”\r\n")
	for range 2 { // a form that is sent twice is sent once
		if got := b.do(b.request(http.MethodPost, chat(id)+"/responder", form)); got != http.StatusOK {
			t.Fatalf("reply: %d\n%s", got, b.last)
		}
	}
	b.sees("La tienes tú", "Hola, soy Luis - &#34;con gusto&#34;", "Luis Peña", "◷ en cola")
	b.sees("<s>¿Sigues ahí?</s>", "cancelado: tomada por una persona")
	var author, channel, address string
	var epoch, lane int
	o.must(o.pool.QueryRow(t.Context(), `select author, epoch, lane, channel, address from outbox where author <> 'bot'`).
		Scan(&author, &epoch, &lane, &channel, &address))
	if author != "agent:luis" || epoch != 1 || lane != int(message.LaneReply) || channel != "sms" || address != "+526671234567" {
		t.Errorf("reply is %s, epoch %d, lane %d, %s:%s", author, epoch, lane, channel, address)
	}
	if n := o.count("outbox o join conversation c on c.id = o.conversation_id where o.author = 'bot' and o.epoch < c.epoch"); n != 1 {
		t.Error("the bot's letter is not behind the epoch")
	}
	for action, want := range map[string]int{"desk.claim": 1, "desk.reply": 1, "desk.read": 3} {
		if n := o.count("audit where action = $1 and actor = 'agent:luis' and subject_id = $2", action, id.String()); n != want {
			t.Errorf("%d %s in the audit, want %d", n, action, want)
		}
	}
	select {
	case <-o.woken:
	default:
		t.Error("nobody was woken")
	}
}

func TestEmptyReply(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	b.get(chat(id))
	if got := b.post(chat(id)+"/responder", "texto", " \r\n\t "); got != http.StatusUnprocessableEntity {
		t.Errorf("empty reply: %d", got)
	}
	b.sees("Escribe algo antes de mandarlo.")
	if o.count("outbox") != 0 || o.count("conversation where owner = 'agent'") != 0 {
		t.Error("an empty reply did something")
	}
}

func TestAMessageMeanwhileCostsNoClaim(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	b.get(chat(id))
	o.write("+526671234567", "¿hay alguien?", func(c engine.Conversation) engine.Change { return engine.Change{Conversation: c} })
	b.post(chat(id)+"/responder", "texto", "Buenas tardes")
	b.sees("La tienes tú", "¿hay alguien?", "Buenas tardes")
}

func TestNoteIsNeverSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	b.get(chat(id))
	b.post(chat(id)+"/nota", "texto", "Llamar a su comadre <b>mañana</b>")
	b.sees("Nota interna de Luis Peña", "Llamar a su comadre &lt;b&gt;mañana&lt;/b&gt;")
	if o.count("outbox") != 0 || o.count("conversation where owner = 'queue'") != 1 {
		t.Error("a note was sent or took the chat")
	}
	var body []byte
	o.must(o.pool.QueryRow(t.Context(), `select body from desk_note`).Scan(&body))
	if strings.Contains(string(body), "comadre") {
		t.Error("the note is stored in the clear")
	}
}

func TestReturnToTheBot(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	b.get(chat(id))
	b.post(chat(id) + "/tomar")
	if got := b.post(chat(id)+"/devolver", "como", "siempre"); got != http.StatusUnprocessableEntity {
		t.Errorf("unknown outcome: %d", got)
	}
	b.get(chat(id))
	form := b.form("como", "resolved")
	for range 2 {
		b.do(b.request(http.MethodPost, chat(id)+"/devolver", form))
		b.sees("Devuelta al bot.")
	}
	b.get(chat(id))
	b.sees("Devolviendo al bot…")
	if n := o.count("inbox where source = 'desk' and kind = 'desk' and state = 'pending'"); n != 1 {
		t.Fatalf("%d events, want 1", n)
	}
	var desk *engine.Desk
	o.turn(func(c engine.Conversation) engine.Change {
		desk = c.Events[0].Desk
		c.Owner, c.Agent, c.Queue, c.QueuedAt, c.Epoch = engine.Bot, "", "", time.Time{}, c.Epoch+1
		return engine.Change{Conversation: c}
	})
	if desk == nil || *desk != (engine.Desk{Agent: "luis", Outcome: "resolved"}) {
		t.Errorf("the engine got %+v", desk)
	}
	b.get(chat(id))
	b.sees("El bot está atendiendo", "la tomas tú y el bot calla")
	b.misses("¿Por qué está aquí?")
	// The page from before the return must not take the chat away from the bot.
	b.do(b.request(http.MethodPost, chat(id)+"/devolver", form))
	b.sees("cambió de manos")
	if n := o.count("conversation where owner = 'bot'"); n != 1 {
		t.Error("an old page took the chat from the bot")
	}
}

func TestReleaseAndEndOfShift(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	one := o.write("+526671234567", "hola", o.queued("general", ""))
	two := o.write("+526672345678", "hola", o.queued("pagos", ""))
	luis, eva := o.agent("luis"), o.agent("eva")
	for _, id := range []uuid.UUID{one, two} {
		luis.get(chat(id))
		luis.post(chat(id) + "/tomar")
	}
	eva.get(chat(one))
	if got := eva.post(chat(one) + "/soltar"); got != http.StatusConflict {
		t.Errorf("release of somebody else's: %d", got)
	}
	luis.get(chat(one))
	luis.post(chat(one) + "/soltar")
	luis.sees("La plática volvió a la fila.")
	luis.post("/mesa/salir")
	luis.sees("Entrar a la mesa")
	if n := o.count("conversation where owner = 'queue' and epoch = 2 and queue in ('general', 'pagos')"); n != 2 {
		t.Errorf("%d chats are back in their queues, want 2", n)
	}
	eva.get("/mesa")
	eva.sees("Todas<b>2</b>")
	if luis.get("/mesa"); !strings.Contains(luis.last, "Entrar a la mesa") {
		t.Error("the session outlived the shift")
	}
}

func TestNobodyWaitsForTheAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	luis := o.agent("luis")
	luis.get(chat(id))
	luis.post(chat(id) + "/tomar")
	o.wall = o.wall.Add(9 * time.Hour)
	eva := o.agent("eva")
	eva.sees("Todas<b>1</b>")
	eva.get(chat(id))
	eva.sees("Volvió a la fila porque Luis Peña ya no está")
}

func TestReveal(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	b.get(chat(id))
	b.misses("667 123 4567", "+526671234567")
	if got := b.post(chat(id)+"/telefono", "motivo", "  "); got != http.StatusUnprocessableEntity {
		t.Errorf("reveal without a reason: %d", got)
	}
	b.misses("667 123 4567")
	b.post(chat(id)+"/telefono", "motivo", "llamarle por su queja")
	b.sees("667 123 4567")
	if n := o.count("audit where action = 'desk.reveal' and detail = 'llamarle por su queja' and actor = 'agent:luis'"); n != 1 {
		t.Errorf("%d reveals in the audit, want 1", n)
	}
	b.get(chat(id))
	b.misses("667 123 4567")
	b.sees("Luis Peña vio el teléfono completo: llamarle por su queja")
}

func TestUnknownChat(t *testing.T) {
	t.Parallel()
	b := newOffice(t).agent("luis")
	for _, path := range []string{"/mesa/c/nada", chat(uuid.New()), "/mesa/otra"} {
		if got := b.get(path); got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
		b.sees("No se pudo")
	}
}

func TestNews(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	news := func(tag string) (int, string) {
		req := b.request(http.MethodGet, chat(id), nil)
		req.Header.Set("X-Mesa", "fresh")
		req.Header.Set("If-None-Match", tag)
		answer, err := b.client.Do(req)
		o.must(err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		o.must(err)
		b.last = string(body)
		return answer.StatusCode, answer.Header.Get("ETag")
	}
	status, tag := news("")
	if status != http.StatusOK || tag == "" {
		t.Fatalf("first look: %d %q", status, tag)
	}
	b.sees(`id="log"`, "hola")
	b.misses("<html", "<textarea")
	if status, _ := news(tag); status != http.StatusNotModified {
		t.Errorf("second look: %d, want 304", status)
	}
	o.write("+526671234567", "¿sigues?", func(c engine.Conversation) engine.Change { return engine.Change{Conversation: c} })
	if status, next := news(tag); status != http.StatusOK || next == tag {
		t.Errorf("look after a message: %d %q", status, next)
	}
	b.sees("¿sigues?")
	if n := o.count("audit where action = 'desk.read'"); n != 0 {
		t.Errorf("looking for news wrote %d readings", n)
	}
}

// TestWhyItIsHere shows the way through the flow, where it stuck and what was
// understood.
func TestWhyItIsHere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	dialogue := engine.NewID()
	step := func(from, to, heard string, effects ...string) func(engine.Conversation) engine.Change {
		return func(c engine.Conversation) engine.Change {
			change := engine.Change{Conversation: c}
			if len(effects) > 0 {
				change = o.queued("altas", "no pudo elegir cómo recibir el dinero")(c)
			}
			change.Handled = []engine.Handled{{ID: c.Events[0].ID, Heard: heard}}
			change.Steps = []engine.Step{{
				ID: engine.NewID(), Dialogue: dialogue, Event: c.Events[0].ID, Flow: "aceptacion_vale", Version: 3, Kind: "replied",
				From: from, To: to, Path: []string{from, to}, Heard: heard, Effects: effects, At: o.now,
			}}
			return change
		}
	}
	o.write("+526671234567", "sí", step("oferta", "forma_pago", "yes"))
	o.now = o.now.Add(time.Minute)
	o.write("+526671234567", "como sea", step("forma_pago", "forma_pago", ""))
	o.now = o.now.Add(time.Minute)
	id := o.write("+526671234567", "en la tienda", step("forma_pago", "agente", "", "handoff altas"))
	o.now = o.now.Add(time.Minute)
	o.write("+526671234567", "¿hola?", func(c engine.Conversation) engine.Change {
		return engine.Change{Conversation: c, Handled: []engine.Handled{{ID: c.Events[0].ID, Heard: "desk"}}}
	})
	b := o.agent("luis")
	b.get(chat(id))
	b.sees("<li>oferta</li>", `<li>forma pago <span class="miss" title="2 sin entender">✗✗</span></li>`, "<li>agente</li>",
		"<li>«sí» <span class=\"muted\">entendido: sí</span>", "<li>«en la tienda» <span class=\"muted\">no se entendió</span>")
	b.misses("<li>«¿hola?»")
}

func TestWhatsApp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.arrive(message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, "hola")
	id := o.turn(func(c engine.Conversation) engine.Change {
		change := o.queued("general", "")(c)
		change.Conversation.LastWhatsApp = o.now
		return change
	})
	b := o.agent("luis")
	b.get(chat(id))
	b.sees("Responder por WhatsApp, quedan 23 h 55 min")
	b.post(chat(id)+"/responder", "texto", "uno")
	o.now = o.now.Add(25 * time.Hour)
	b.get(chat(id))
	b.sees("Responder por SMS")
	b.post(chat(id)+"/responder", "texto", "dos")
	if n := o.count("outbox where (channel, address) in (('whatsapp', '+5216671234567'), ('sms', '+526671234567'))"); n != 2 {
		t.Errorf("%d replies took the right way, want 2", n)
	}
	_, err := o.pool.Exec(t.Context(), `update conversation set key = 'whatsapp:MX.77', address = 'MX.77'`)
	o.must(err)
	b.get(chat(id))
	b.sees("WhatsApp solo deja escribir 24 horas")
	if got := b.post(chat(id)+"/responder", "texto", "tres"); got != http.StatusConflict {
		t.Errorf("reply without a way: %d", got)
	}
}
