package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"valebot/internal/engine"
	"valebot/internal/message"
)

const nasty = `<img src=x onerror=alert(1)>"'</textarea><script>alert(2)</script>`

func TestMarkupIsText(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	letter := o.letter("bot "+nasty, false)
	id := o.write("+526671234567", nasty, o.queued("general", "motivo "+nasty, letter))
	_, err := o.pool.Exec(t.Context(), `insert into person (id, phone, name, limit_cents, blocked, segment, paid_count, broken, verify_fails, created_at)
values ($1, '+526671234567', $2, 0, false, 'puntual', 0, 0, 0, now())`, id, "Ana "+nasty)
	o.must(err)
	_, err = o.pool.Exec(t.Context(), `update conversation set person_id = id`)
	o.must(err)
	o.must(o.store.PutAgent(t.Context(), "luis", "Luis "+nasty, "plain:demo", o.now))
	b := o.agent("luis")
	check := func() {
		t.Helper()
		b.misses("<img", "<script>alert", `"'</textarea><`)
		b.sees("&lt;img src=x")
	}
	check()
	b.get(chat(id))
	check()
	b.post(chat(id)+"/nota", "texto", nasty)
	check()
	b.post(chat(id)+"/responder", "texto", nasty)
	check()
	b.get("/mesa?fila=" + "%22%3E%3Cscript%3Ealert(3)%3C/script%3E")
	b.misses("<script>alert")
	b.get("/mesa?hecho=%3Cscript%3Ealert(3)%3C/script%3E")
	b.misses("alert(3)")
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const code, birth, pin, pending = "918273645546", "05/03/1990", "4821", "012180015544332211"
	masks := func(c engine.Conversation) engine.Change {
		return engine.Change{Conversation: c, Handled: []engine.Handled{{ID: c.Events[0].ID, Heard: "pin", Secret: true}}}
	}
	o.write("+526671234567", birth, masks)
	o.write("+526671234567", pin, masks)
	id := o.write("+526671234567", "ayuda", o.queued("altas", "se atoró", o.letter("Tu clave: "+code, true)))
	b := o.agent("luis")
	look := func() {
		t.Helper()
		b.misses(code, birth, pin, pending)
		b.sees("••••")
	}
	b.get("/mesa")
	b.misses(code)
	b.get(chat(id))
	look()
	// A message that the bot has not read yet may be the answer to a secret question.
	_, err := o.pool.Exec(t.Context(), `update conversation set owner = 'bot'`)
	o.must(err)
	from := message.Address{Channel: message.SMS, Value: "+526671234567"}
	o.arrive(from, pending)
	b.get(chat(id))
	look()
}

// What nobody asked for is hidden as well: a distributor whose NIP is locked
// tries it again while the chat waits for a person.
func TestSecretsThatNobodyAskedForAreMasked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const pin, clabe = "4821", "032180000118359719"
	unasked := func(c engine.Conversation) engine.Change {
		return engine.Change{Conversation: c, Handled: []engine.Handled{{ID: c.Events[0].ID, Heard: "desk"}}}
	}
	id := o.write("+526671234567", "ayuda", o.queued("general", "se atoró"))
	o.write("+526671234567", "mi cuenta: "+clabe, unasked)
	o.write("+526671234567", pin, unasked)
	b := o.agent("luis")
	for _, page := range []string{"/mesa", chat(id)} {
		b.get(page)
		b.misses(pin, clabe)
		b.sees("••••")
	}
}

// TestStrangeWords: what no name and no number can be is looked up in vain, and
// is no failure of ours.
func TestStrangeWords(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", "pidió hablar con una persona"))
	b := o.agent("luis")
	for _, queue := range []string{"%00", "%ff", "%27--", strings.Repeat("a", 3000)} {
		if got := b.get("/mesa?fila=" + queue); got != http.StatusOK {
			t.Errorf("queue %.10q: %d", queue, got)
		}
	}
	if got := b.post("/mesa/siguiente", "fila", "\x00\xff"); got != http.StatusOK {
		t.Errorf("next of a strange queue: %d", got)
	}
	for _, epoch := range []string{"2147483648", "-2147483649", "99999999999999999999", "1e3", ""} {
		if got := b.post(chat(id)+"/tomar", "epoca", epoch); got != http.StatusConflict && got != http.StatusOK {
			t.Errorf("claim at epoch %q: %d", epoch, got)
		}
	}
}
