package app

import (
	"testing"
	"time"
)

func TestStoryFromValeToThanks(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	reference := v.active()
	v.wants(map[string]int64{
		"select count(*) from loan where state = 'ACTIVE'":        1,
		"select used_cents from distributor":                      300000,
		"select held_cents from distributor":                      0,
		"select count(*) from vale where state = 'CONVERTED'":     1,
		"select count(*) from disbursement":                       1,
		"select coalesce(sum(cents), 0)::bigint from ledger_line": 0,
	})
	if v.number("select count(*) from ledger_entry") == 0 {
		t.Error("the ledger did not move")
	}
	v.pays(reference, "T-1", 48750)
	v.hears(ana, "Recibimos $487.50")
	v.pays(reference, "T-1", 48750) // told again
	v.silence(ana)
	v.says(ana, "SALDO", "Debes $3,412.50")
	v.balanced()
}

func TestRepliesAlongTheOffer(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	v.says(ana, "info", "Recibes $3,000", "Responde SI")
	v.says(ana, "saldo", "No debes nada", "Responde SI")
	v.says(ana, "no", "Nos ayuda saber el motivo")
	v.says(ana, "ya no lo necesito", "")
	v.hears(maria, "no ha tomado el vale")
	v.wants(map[string]int64{
		"select count(*) from vale where state = 'DECLINED'": 1,
		"select held_cents from distributor":                 0,
	})
	v.balanced()
}

func TestLeavingIsObeyed(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	v.says(ana, "BAJA", "ya no te escribimos")
	v.later(30 * time.Hour)
	v.silence(ana)
	v.says(ana, "ALTA", "te volvemos a escribir")
}

func TestThePersonAtTheDesk(t *testing.T) {
	t.Parallel()
	for name, say := range map[string][]string{
		"asked for":                 {"AGENTE"},
		"not understood for thrice": {"mmm qwerty", "zzz plof", "blip blap"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newTown(t)
			v.authorise(ana, "3000")
			for _, body := range say[:len(say)-1] {
				v.says(ana, body, "")
			}
			v.says(ana, say[len(say)-1], "Te va a atender una persona")
			v.write(ana, "sí")
			v.silence(ana) // a person has the chat now
			v.wants(map[string]int64{"select count(*) from conversation where owner = 'queue' and reason <> ''": 1})
		})
	}
}

func TestTransferAfterAWrongCLABE(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	v.says(ana, "sí", "fecha de nacimiento")
	v.says(ana, "5 marzo 1990", "responde 1")
	v.says(ana, "1", "CLABE")
	v.says(ana, "032180000118359718", "CLABE no es correcta")
	v.says(ana, "032180000118359719", "")
	v.write(ana, "sí")
	v.becomes(1, "select count(*) from loan where state = 'ACTIVE'")
	v.balanced()
}

func TestOfferRunsOut(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	v.later(5 * time.Hour)
	v.later(4 * 24 * time.Hour)
	v.hears(maria, "se ha cerrado sin respuesta")
	v.wants(map[string]int64{
		"select count(*) from vale where state = 'EXPIRED'": 1,
		"select held_cents from distributor":                0,
	})
	v.balanced()
}

func TestExpiredCodeGivesTheMoneyBack(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.authorise(ana, "3000")
	first := v.accept()
	if !v.finish(first, "expired") {
		t.Fatal("the issuer does not know the code")
	}
	v.hears(ana, "ya no sirve", "responde 1")
	v.write(ana, "2")
	second := v.hearsCode()
	if second == first {
		t.Error("the same code again")
	}
	v.finish(second, "redeemed")
	v.hears(ana, "Ya tienes tu dinero")
	v.wants(map[string]int64{"select count(*) from disbursement": 2, "select count(*) from loan where state = 'ACTIVE'": 1})
	v.balanced()
}

func TestPromiseBuysSilence(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.active()
	v.untilReminded()
	v.says(ana, "2", "fecha")
	v.says(ana, "en 3 días", "No te escribimos antes")
	v.later(36 * time.Hour)
	v.silence(ana)
}

// untilReminded pushes the clock day by day until Ana is reminded.
func (v *town) untilReminded() {
	v.t.Helper()
	for range 40 {
		v.later(24 * time.Hour)
		v.quiet()
		select {
		case <-v.phone(ana):
			return
		default:
		}
	}
	v.t.Fatal("no reminder in 40 days")
}

func TestPunctualPayerIsNeverReminded(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	reference := v.active()
	v.pays(reference, "T-1", 48750)
	v.hears(ana, "Recibimos $487.50")
	for day := range 20 {
		v.later(24 * time.Hour)
		v.quiet()
		if day == 9 {
			v.silence(ana)
		}
	}
	v.silence(ana)
	v.balanced()
}
