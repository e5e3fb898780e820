package engine_test

import (
	"testing"
	"time"

	"valebot/internal/message"
)

// What a person says with WhatsApp's own switch counts for promotions there and
// for nothing else, and answers nothing.
func TestTheChannelsOwnSwitchIsConsent(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const said = `select count(*) from consent_entry where contact_key = $1 and channel = 'whatsapp' and purpose = 'marketing' and granted = $2`
	turn := func(word string) func(*message.Inbound) {
		return func(m *message.Inbound) { m.Kind, m.OptOut = message.Aside, word }
	}
	l.say("", "", onWhatsApp(ana), turn("STOP_MARKETING"))
	check(t, one[int](l, said, "tel:"+ana, false), 1)
	check(t, one[bool](l, `select consents($1, 'whatsapp', 'marketing')`, "tel:"+ana), false)
	check(t, one[bool](l, `select consents($1, 'sms', 'marketing') is null`, "tel:"+ana), true)
	check(t, one[bool](l, `select consents($1, 'whatsapp', 'reminder') is null`, "tel:"+ana), true)
	l.add(time.Minute)
	l.say("", "", onWhatsApp(ana), turn("START_MARKETING"))
	check(t, one[bool](l, `select consents($1, 'whatsapp', 'marketing')`, "tel:"+ana), true)
	l.say("", "", onWhatsApp(ana), turn(""))
	check(t, one[int](l, `select count(*) from consent_entry`), 2)
	check(t, one[int](l, `select count(*) from outbox`), 0)
}
