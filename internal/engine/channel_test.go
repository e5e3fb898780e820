package engine_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"valebot/internal/message"
)

func onWhatsApp(value string) func(*message.Inbound) {
	return func(m *message.Inbound) { m.From = message.Address{Channel: message.WhatsApp, Value: value} }
}

// lastLetter is the channel and the address of the newest message.
func lastLetter(l *lab) string {
	l.Helper()
	return one[string](l, `select channel || ' ' || address from outbox order by id desc limit 1`)
}

// People are answered where they wrote last, under the address they wrote from;
// both channels of a phone are one conversation.
func TestAnswersGoWhereSheWroteLast(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.say(ana, "hola")
	check(t, lastLetter(l), "sms "+ana)
	l.say("", "hola", onWhatsApp("+5216671234567"))
	check(t, lastLetter(l), "whatsapp +5216671234567")
	check(t, one[int](l, `select count(*) from conversation where key = $1`, "tel:"+ana), 1)
	l.say(ana, "hola")
	check(t, lastLetter(l), "sms "+ana)
}

// After WhatsApp's window has closed, who has a phone gets an SMS.
func TestClosedWindowGoesBySMS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after time.Duration
		want  string
	}{
		"open":             {23 * time.Hour, "whatsapp " + ana},
		"about to close":   {24*time.Hour - time.Minute, "sms " + ana},
		"closed for weeks": {21 * 24 * time.Hour, "sms " + ana},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.say("", "hola", onWhatsApp(ana))
			l.add(test.after)
			l.happen(ana, "vale.authorized", "1")
			l.drain()
			check(t, lastLetter(l), test.want)
		})
	}
}

// What says how urgent a message is: what caused it.
func TestLanes(t *testing.T) {
	t.Parallel()
	l := offered(t)
	lane := func() message.Lane {
		return one[message.Lane](l, `select lane from outbox order by id desc limit 1`)
	}
	check(t, lane(), message.LaneNotice)
	l.add(4 * time.Hour)
	l.fire(ana)
	check(t, lane(), message.LaneReminder)
	l.say(ana, "xyzzy plugh")
	check(t, lane(), message.LaneReply)
}

// What a promotion writes first goes as a campaign, which asks for consent.
func TestPromotionsAreCampaigns(t *testing.T) {
	t.Parallel()
	promoted := maps.Clone(small)
	text := strings.Replace(string(small["oferta.flow.yaml"].Data), "\nsteps:", "\nlimits: {quiet: \"20:00-09:00\", per_week: 1, purpose: promocion}\nsteps:", 1)
	promoted["oferta.flow.yaml"] = &fstest.MapFile{Data: []byte(text)}
	l := newLabOf(t, promoted, smallMessages())
	lane := func() message.Lane {
		return one[message.Lane](l, `select lane from outbox order by id desc limit 1`)
	}
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	check(t, lane(), message.LaneCampaign)
}
