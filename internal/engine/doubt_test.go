package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// read is what arrives at a phone: the sender keeps back what is not for anyone
// while its contact is in doubt, and the rest goes.
func (l *lab) read(phone string) (texts []string) {
	l.Helper()
	for {
		var sent, all []outbox.Candidate
		n, err := l.store.Dispatch(l.Context(), l.clock(), outbox.Heads(), 500, time.Minute, func(cs []outbox.Candidate) []outbox.Verdict {
			vs := make([]outbox.Verdict, len(cs))
			for i, c := range cs {
				if c.Unproven && c.ByBot {
					vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Suppressed, Reason: outbox.Unproven}
					continue
				}
				vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Sending, Attempt: 1}
				sent = append(sent, c)
			}
			all = cs
			return vs
		})
		l.must(err)
		if n == 0 || len(all) == 0 {
			return texts
		}
		var vs []outbox.Verdict
		for _, c := range sent {
			vs = append(vs, outbox.Verdict{ID: c.ID, State: outbox.Accepted, Attempt: 1, ProviderID: "SM" + c.ID.String()})
			if c.To.Value == phone {
				texts = append(texts, c.Body)
			}
		}
		l.must(l.store.Settle(l.Context(), l.clock(), vs))
	}
}

// hears lets a phone write and returns what arrives there.
func (l *lab) hears(phone, body string, change ...func(*message.Inbound)) []string {
	l.Helper()
	l.add(time.Minute)
	l.write(phone, body, change...)
	l.drain()
	return l.read(phone)
}

// signal is what WhatsApp itself says of a phone.
func (l *lab) signal(phone string, to string) {
	l.Helper()
	l.hears("", "", onWhatsApp(phone), func(m *message.Inbound) {
		if m.Kind = message.Moved; to != "" {
			m.MovedTo = &message.Address{Channel: message.WhatsApp, Value: to}
		}
	})
}

// silent fails if any text says something of Ana, her vale or her money.
func (l *lab) silent(texts []string) {
	l.Helper()
	for _, text := range texts {
		for _, word := range []string{"Ana", "3,000", "487", "vale ", "9182", "Maria", "María", "contrato", "debes", "Debes"} {
			if strings.Contains(text, word) {
				l.Errorf("an unproven contact was told %q", text)
			}
		}
	}
}

// coded is a lab in which Ana has a withdrawal code in her hands.
func coded(t *testing.T) (*lab, lending.RailCall) {
	t.Helper()
	l, _ := authorised(t)
	l.say(ana, "sí")
	l.say(ana, "05/03/1990")
	l.say(ana, "2")
	issue := l.calls[0]
	l.issue(issue, "918273645546")
	l.told(l.read(ana), "9182")
	return l, issue
}

func (l *lab) issue(call lending.RailCall, digits string) {
	l.Helper()
	l.act("rail.code_issued", map[string]any{
		"disbursement": call.Disbursement.String(), "digits": digits, "network": "BBVA", "expires": l.clock().Add(72 * time.Hour),
	})
	l.drain()
}

// A SIM swap: WhatsApp says that Ana's account is on another device. The code
// that she was told is withdrawn, nothing of hers is said to whoever asks, and
// three wrong dates close the number until a person has looked.
func TestSIMSwapGetsNothing(t *testing.T) {
	t.Parallel()
	l, issue := coded(t)
	l.signal(ana, "")
	if last := l.calls[len(l.calls)-1]; last.Op != "cancel" || last.Disbursement != issue.Disbursement {
		t.Fatalf("the code was not withdrawn: %+v", l.calls)
	}
	l.act("rail.code_cancelled", map[string]any{"disbursement": issue.Disbursement.String()})
	l.drain()
	check(t, len(l.read(ana)), 0)

	for _, text := range []string{"no me llegó mi clave", "saldo", "2", "contrato", "mis pagos", "VALE 6671234567 500 4", "cajero"} {
		l.silent(l.hears(ana, text))
	}
	l.exec(`update conversation set owner = 'bot', queue = '', reason = '', queued_at = null`)
	l.exec(`update dialogue set status = 'ended', ended_at = moved_at where flow = 'identidad' and status <> 'ended'`)
	calls := len(l.calls)
	l.told(l.hears(ana, "hola"), "fecha de nacimiento")
	for i, date := range []string{"01/01/1991", "02/02/1992", "03/03/1993"} {
		texts := l.hears(ana, date)
		l.silent(texts)
		l.told(texts, []string{"no coincide", "no coincide", "una persona"}[i])
	}
	check(t, l.owner(ana), "queue desconocidos")
	l.desk(ana, "returned")
	l.drain()
	l.told(l.hears(ana, "05/03/1990"), "una persona") // even the right one is not heard any more
	check(t, one[bool](l, `select doubted_at is not null and wrong_answers >= 3 from contact where key = $1`, "tel:"+ana), true)
	check(t, len(l.calls), calls)
	check(t, one[int](l, `select count(*) from audit where action = 'identity.verify' and outcome in ('mismatch', 'locked')`), 3)
}

// The true person proves who she is with one answer, and goes on where she stood.
func TestProofGoesOnWhereSheStood(t *testing.T) {
	t.Parallel()
	l, issue := coded(t)
	l.signal(ana, "")
	l.act("rail.code_cancelled", map[string]any{"disbursement": issue.Disbursement.String()})
	l.drain()
	l.told(l.hears(ana, "hola"), "fecha de nacimiento")
	texts := l.hears(ana, "5 de marzo de 1990")
	l.told(texts, "comprobamos")
	l.told(texts, "transferencia") // how she wants her money is asked again
	l.hears(ana, "2")
	again := l.calls[len(l.calls)-1]
	check(t, again.Op, "issue")
	l.issue(again, "555566667777")
	l.told(l.read(ana), "5555")
}

// A code on its way from the issuer when the doubt comes is kept back, not lost:
// it goes once she has proved who she is.
func TestCodeInFlightWaitsForTheProof(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.say(ana, "sí")
	l.say(ana, "05/03/1990")
	l.say(ana, "2")
	l.signal(ana, "")
	check(t, len(l.calls), 1) // nobody was told the code: it need not be withdrawn
	l.issue(l.calls[0], "918273645546")
	check(t, len(l.read(ana)), 0)
	check(t, one[string](l, `select state || ' ' || reason from outbox where lane = 0`), "suppressed "+outbox.Unproven)
	l.hears(ana, "hola")
	l.told(l.hears(ana, "05/03/1990"), "9182")
}

// Ana keeps her account and changes her number: WhatsApp says so at the old one.
// The new one gets nothing before the proof; then what was open goes on there, and
// the old one, which may be somebody else's by now, stays closed.
func TestChangedNumber(t *testing.T) {
	t.Parallel()
	const newer = "+526679998877"
	l, _ := authorised(t)
	l.signal(ana, newer)
	l.silent(l.hears(newer, "sí"))
	check(t, one[string](l, `select state from vale`), "AUTHORISED")
	l.silent(l.hears(ana, "sí"))
	texts := l.hears(newer, "05/03/1990")
	l.told(texts, "comprobamos")
	l.told(texts, "3,000") // the offer is made again, there
	l.told(l.hears(newer, "sí"), "fecha de nacimiento")
	l.hears(newer, "05/03/1990")
	check(t, one[string](l, `select state from vale`), "CONVERTED")
	l.hears(newer, "2")
	l.issue(l.calls[0], "918273645546")
	check(t, len(l.read(ana)), 0)
	check(t, one[int](l, `select count(*) from outbox where lane = 0 and address = $1`, newer), 1)
	l.silent(l.hears(ana, "saldo"))
	check(t, one[string](l, `select reach from person where phone = $1`, ana), "tel:"+newer)
}

// BAJA at the old number holds at the new one.
func TestChangedNumberKeepsBAJA(t *testing.T) {
	t.Parallel()
	const newer = "+526679998877"
	l := shippedLab(t)
	l.hears(ana, "BAJA")
	l.signal(ana, newer)
	l.hears(newer, "hola")
	l.hears(newer, "05/03/1990")
	check(t, one[bool](l, `select opted_out_at is not null and doubted_at is null from contact where key = $1`, "tel:"+newer), true)
	check(t, one[bool](l, `select consents($1, 'sms', 'reminder')`, "tel:"+newer), false)
}

// WhatsApp says that Ana moved to the phone of Beto: that makes her nobody there.
func TestNobodyMovesIntoAnothersNumber(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.signal(ana, beto)
	l.told(l.hears(beto, "saldo"), "No debes nada")
	check(t, one[int](l, `select count(*) from contact where key = $1 and (doubted_at is not null or came_from <> '')`, "tel:"+beto), 0)
	check(t, one[string](l, `select doubt from contact where key = $1`, "tel:"+ana), "moved")
}

// Somebody else's account writes from the number: operators give numbers that
// nobody pays for to others.
func TestRecycledNumberByItsUser(t *testing.T) {
	t.Parallel()
	user := func(id string) func(*message.Inbound) {
		return func(m *message.Inbound) {
			m.From, m.UserID = message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, id
		}
	}
	l, _ := authorised(t)
	const old = "+5216671234567"
	l.told(l.hears(old, "info", user("MX.1")), "3,000") // the first id is noted and asks for nothing
	check(t, one[string](l, `select user_id || doubt from contact where key = $1`, "tel:"+ana), "MX.1")
	texts := l.hears(old, "sí", user("MX.2"))
	l.silent(texts)
	l.told(texts, "fecha de nacimiento")
	check(t, one[string](l, `select user_id || ' ' || doubt from contact where key = $1`, "tel:"+ana), "MX.2 user")
	check(t, one[string](l, `select state from vale`), "AUTHORISED")
}

// After half a year of silence the number may be anybody's.
func TestRecycledNumberBySilence(t *testing.T) {
	t.Parallel()
	l := shippedLab(t)
	l.told(l.hears(ana, "saldo"), "No debes nada")
	l.add(179 * 24 * time.Hour)
	l.told(l.hears(ana, "saldo"), "No debes nada")
	l.add(181 * 24 * time.Hour)
	l.told(l.hears(ana, "saldo"), "fecha de nacimiento")
	check(t, one[string](l, `select doubt from contact where key = $1`, "tel:"+ana), "silent")
	l.told(l.hears(ana, "05/03/1990"), "comprobamos")
	l.told(l.hears(ana, "saldo"), "No debes nada")
}

// A distributor proves it with her NIP, and authorises nothing before.
func TestDistributorProvesItWithHerPIN(t *testing.T) {
	t.Parallel()
	l := shippedLab(t)
	l.hears(maria, "hola")
	l.signal(maria, "")
	l.told(l.hears(maria, "VALE 6671234567 3000 8"), "NIP")
	l.told(l.hears(maria, "05/03/1990"), "NIP")
	l.told(l.hears(maria, "1111"), "no coincide")
	l.told(l.hears(maria, "4821"), "comprobamos")
	check(t, one[int](l, `select count(*) from vale`), 0)
	l.told(l.hears(maria, "VALE 6671234567 3000 8"), "3,000")
}

// A person at the desk clears a doubt with a reason, which is kept, and the bot
// goes on; without a reason nothing happens.
func TestDeskClearsADoubt(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	l.signal(ana, "")
	l.told(l.hears(ana, "hola"), "fecha de nacimiento")
	with := map[string]any{"contacto": "tel:" + ana, "motivo": " "}
	if _, err := l.Act(t.Context(), "agent:luis", "c-1", "identity.clear", with); err == nil {
		t.Error("cleared without a reason")
	}
	with["motivo"] = "vino a la sucursal con su INE"
	l.act("identity.clear", with)
	l.drain()
	texts := l.read(ana)
	l.told(texts, "comprobamos")
	l.told(texts, "3,000")
	check(t, one[int](l, `select count(*) from audit where action = 'identity.clear' and detail = 'device: vino a la sucursal con su INE'`), 1)
}

// Without a flow that asks for proof a person has to.
func TestDoubtWithoutAFlow(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.signal(ana, "")
	check(t, len(l.hears(ana, "hola")), 0)
	check(t, l.owner(ana), "queue desconocidos")
}

// At the phone of a record that was merged into Ana's nothing of Ana's is said
// before she has proved it there.
func TestMergedPhoneHasToBeProven(t *testing.T) {
	t.Parallel()
	l, _ := authorised(t)
	kept := one[string](l, `select id::text from person where phone = $1`, ana)
	l.act("person.merge", map[string]any{"persona": kept, "telefono": beto, "motivo": "dos chips", "evidencia": "INE"})
	texts := l.hears(beto, "contrato")
	l.silent(texts)
	l.told(texts, "fecha de nacimiento")
	l.told(l.hears(beto, "05/03/1990"), "comprobamos")
}

// WhatsApp tells its own id of a person beside her number. When it one day hides
// the number, the id is enough to know whose chat it is: she proves it once and is
// answered at that address, and the number stays hers.
func TestHiddenNumberIsKnownByItsUser(t *testing.T) {
	t.Parallel()
	const id = "MX.13579abcdef"
	l := shippedLab(t)
	l.hears("+5216671234567", "hola", onWhatsApp("+5216671234567"), func(m *message.Inbound) { m.UserID = id })
	hidden := func(m *message.Inbound) {
		m.From, m.UserID = message.Address{Channel: message.WhatsApp, Value: id}, id
	}
	texts := l.hears(id, "saldo", hidden)
	l.silent(texts)
	l.told(texts, "fecha de nacimiento")
	l.told(l.hears(id, "05/03/1990", hidden), "comprobamos")
	l.told(l.hears(id, "saldo", hidden), "No debes nada")
	l.told(l.hears(ana, "saldo"), "No debes nada")
	check(t, one[int](l, `select count(distinct person_id) from conversation`), 1)
	check(t, one[string](l, `select reach from person where phone = $1`, ana), "")
}

// The provider refuses a message because another device is behind the address,
// at once or later and more than once: the code that she was told is withdrawn as
// it is for any other doubt, once, and she proves who she is.
func TestRefusalForAnotherDeviceIsADoubt(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(l *lab, id uuid.UUID) error{
		"answered": func(l *lab, id uuid.UUID) error {
			return l.store.Settle(l.Context(), l.clock(), []outbox.Verdict{{ID: id, State: outbox.Failed, Attempt: 1, Code: 137000, Changed: true}})
		},
		"reported": func(l *lab, id uuid.UUID) error {
			return l.store.Record(l.Context(), l.clock(), []outbox.Report{{Status: message.Status{ID: id, Rank: message.RankFailed, Code: 137000, Class: message.Changed}}})
		},
		"reported by the provider's id": func(l *lab, id uuid.UUID) error {
			return l.store.Record(l.Context(), l.clock(), []outbox.Report{{Status: message.Status{ProviderID: "SM" + id.String(), Rank: message.RankFailed, Code: 137000, Class: message.Changed}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, issue := coded(t)
			letter := one[uuid.UUID](l, `select id from outbox where lane = 0`)
			for range 2 {
				l.must(refuse(l, letter))
			}
			l.drain()
			check(t, one[string](l, `select doubt from contact where key = $1`, "tel:"+ana), "device")
			check(t, one[int](l, `select count(*) from audit where action = 'identity.doubt'`), 1)
			check(t, l.calls[1:], []lending.RailCall{{Rail: issue.Rail, Op: "cancel", Disbursement: issue.Disbursement}})
			l.told(l.hears(ana, "saldo"), "fecha de nacimiento")
			l.told(l.hears(ana, "05/03/1990"), "comprobamos")
			l.must(refuse(l, letter)) // the same refusal, told again, is no new doubt
			l.drain()
			check(t, one[string](l, `select doubt from contact where key = $1`, "tel:"+ana), "")
		})
	}
}

// A refusal of a message that we did not write tells nobody anything.
func TestRefusalOfNobodysMessage(t *testing.T) {
	t.Parallel()
	l := shippedLab(t)
	l.must(l.store.Record(t.Context(), l.clock(), []outbox.Report{{Status: message.Status{ID: uuid.New(), Rank: message.RankFailed, Class: message.Changed}}}))
	check(t, one[int](l, `select count(*) from inbox where source = 'outbox'`), 0)
}
