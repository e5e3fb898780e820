package app

import (
	"net/url"
	"testing"
	"time"
)

// lose has the provider report that the last message to a phone failed for good.
func (v *town) lose(phone, code string) {
	v.t.Helper()
	v.mu.Lock()
	var last text
	for _, m := range v.texts {
		if m.to == phone {
			last = m
		}
	}
	v.mu.Unlock()
	form := url.Values{
		"MessageSid": {last.sid}, "SmsSid": {last.sid}, "AccountSid": {worldAccount}, "MessageStatus": {"undelivered"}, "SmsStatus": {"undelivered"},
		"ErrorCode": {code}, "To": {phone}, "From": {worldSender},
	}
	v.insist(func() int { return v.post(statusPath+"?m="+last.own, form) })
}

// becomes waits until a number of the database is as wanted.
func (v *town) becomes(want int64, sql string) {
	v.t.Helper()
	deadline := time.Now().Add(patience)
	for v.number(sql) != want && time.Now().Before(deadline) {
		v.quiet()
	}
	v.wants(map[string]int64{sql: want})
}

func TestAnOfferToSomebodyWhoLeftIsTakenBack(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.says(ana, "BAJA", "ya no te escribimos")
	v.says(maria, "VALE 6671234567 3000 8", "Responde SI, NO o CAMBIAR")
	v.says(maria, "SI", "Escribe tu NIP")
	v.says(maria, "4821", "Autorizado, folio", "prefiere no recibir mensajes")
	v.silence(ana)
	v.wants(map[string]int64{
		"select count(*) from vale where state = 'CANCELLED'":                                1,
		"select held_cents from distributor":                                                 0,
		"select count(*) from dialogue where flow = 'aceptacion_vale' and status <> 'ended'": 0,
	})
	v.balanced()
}

func TestAnOfferThatFailsIsTakenBack(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	v.lose(ana, "30005")
	v.hears(maria, "no ha llegado al celular de Ana Ruiz")
	v.silence(ana)
	v.wants(map[string]int64{
		"select count(*) from vale where state = 'CANCELLED'": 1,
		"select held_cents from distributor":                  0,
	})
	v.balanced()
}

func TestACodeThatFailsIsForAPerson(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	v.says(ana, "sí", "confirma tu fecha de nacimiento")
	v.says(ana, "05/03/1990", "responde 1 para transferencia")
	v.write(ana, "2")
	v.hearsCode()
	v.says(ana, "no me llegó mi clave", "Tu clave de retiro es") // so the code is the last message
	v.lose(ana, "30005")
	v.becomes(1, "select count(*) from conversation where owner = 'queue' and queue = 'altas' and reason = 'no le llegó la clave de retiro'")
	v.wants(map[string]int64{
		"select count(*) from inbox where source_id like 'code.undelivered:%'": 1,
		"select count(*) from disbursement":                                    1,
	})
}

func TestALiveCodeIsToldAgainTwiceAndThenByAPerson(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	digits := v.accept()
	for range 2 {
		if again := digitsOf(v.says(ana, "no me llego el codigo", "Tu clave de retiro es")); again != digits {
			t.Errorf("told %d digits that are not the same", len(again))
		}
	}
	v.says(ana, "no me llegó mi clave", "Te va a atender una persona")
	v.wants(map[string]int64{
		"select count(*) from disbursement":                       1,
		"select count(*) from conversation where queue = 'altas'": 1,
	})
	v.finish(digits, "redeemed")
	v.hears(maria, "ya tiene los $3,000")
	v.balanced()
}
