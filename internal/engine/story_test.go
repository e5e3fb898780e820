package engine_test

import (
	"strings"
	"testing"
	"time"

	"valebot/internal/lending"
)

// told fails unless one of the texts holds the words.
func (l *lab) told(texts []string, words string) {
	l.Helper()
	for _, text := range texts {
		if strings.Contains(text, words) {
			return
		}
	}
	l.Errorf("nobody said %q: %q", words, texts)
}

// authorised is a lab with the product's own flows where María has given Ana a
// vale by text.
func authorised(t *testing.T) (l *lab, offer []string) {
	t.Helper()
	l = shippedLab(t)
	l.told(l.say(maria, "VALE 6671234567 3000 8"), "3,000")
	l.say(maria, "si")
	l.add(time.Minute)
	l.write(maria, "4821")
	l.drain()
	offer = l.deliver(ana)
	l.told(offer, "SI, NO o INFO")
	return l, offer
}

// The withdrawal code is asked of the issuer outside of the turn; the dialogue
// waits, says so to who writes meanwhile, and goes on with the answer, once.
func TestDeferredOutcome(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.say(ana, "sí")
	l.say(ana, "05/03/1990")
	l.say(ana, "2")
	check(t, l.status(ana, "aceptacion_vale"), "acting")
	if len(l.calls) != 1 || l.calls[0].Rail != lending.RailATM {
		t.Fatalf("calls: %+v", l.calls)
	}
	l.told(l.say(ana, "¿ya?"), "Un momento")

	issued := map[string]any{
		"disbursement": l.calls[0].Disbursement.String(), "digits": "918273645546", "network": "BBVA", "expires": l.clock().Add(72 * time.Hour),
	}
	for range 2 {
		l.act("rail.code_issued", issued)
		l.drain()
	}
	texts := l.deliver(ana)
	l.told(texts, "9182")
	check(t, l.status(ana, "aceptacion_vale"), "waiting")
	check(t, one[int](l, `select count(*) from outbox where lane = 0`), 1)
	check(t, one[bool](l, `select bool_and(secret) from outbox where lane = 0`), true)
	check(t, len(l.calls), 1)

	l.act("rail.code_redeemed", map[string]any{"disbursement": l.calls[0].Disbursement.String()})
	l.drain()
	check(t, one[string](l, `select state from loan`), "ACTIVE")
	check(t, strings.HasPrefix(l.status(ana, "aceptacion_vale"), "ended"), true)
}

// A question about the terms in between takes nothing from the yes.
func TestTermsAndThenYes(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.say(ana, "info")
	l.say(ana, "sí")
	l.say(ana, "05/03/1990")
	check(t, one[string](l, `select state from vale`), "CONVERTED")
	check(t, l.status(ana, "aceptacion_vale"), "asking")
}

// Nothing of the story stands in the clear: no PIN, no birth date, no text.
func TestStoryKeepsItsSecrets(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.say(ana, "sí")
	l.say(ana, "05/03/1990")
	for _, table := range []string{"conversation", "inbox", "dialogue", "outbox", "step_log", "timer", "audit"} {
		text := one[string](l, `select coalesce(string_agg(to_jsonb(t)::text, ' '), '') from `+table+` t`)
		for _, secret := range []string{`"4821`, "05/03/1990", "1990-03-05", "INFO"} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds %s: …%s…", table, secret, text[max(0, at-40):min(len(text), at+40)])
			}
		}
	}
	if strings.Contains(l.log.String(), "4821") {
		t.Error("the log holds the PIN")
	}
}

// Who asks for English is written to in English from the next message on, and
// until she asks for Spanish.
func TestLanguageOfThePerson(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.told(l.say(ana, "English please"), "Done, we write to you in English.")
	check(t, one[string](l, `select language from person where phone = $1`, ana), "en")
	l.told(l.say(ana, "mmm"), "Sorry, I did not get that.")
	l.told(l.say(ana, "yes"), "confirm your date of birth")
	l.told(l.say(ana, "en español"), "Listo, te escribimos en español.")
	check(t, one[string](l, `select language from person where phone = $1`, ana), "")
	check(t, one[int](l, `select count(*) from audit where action = 'language.english'`), 1)
	l.told(l.say(maria, "saldo"), "debes")
}
