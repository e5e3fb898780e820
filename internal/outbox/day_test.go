package outbox

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

// neighbour is a person of the simulated town, and what she said and did.
type neighbour struct {
	zone         *time.Location
	left         bool // BAJA
	promotions   Agreement
	reminders    Agreement
	registered   bool
	paid         bool
	lastWhatsApp time.Time
	sent         []time.Time // reminders and promotions, when they rang
}

// since counts the reminders and promotions within a span.
func (n *neighbour) since(at time.Time) (count int) {
	for _, sent := range n.sent {
		if sent.After(at) {
			count++
		}
	}
	return count
}

// village is the model: it knows every person and judges each message as it
// reaches the provider, by rules of its own.
type village struct {
	mu     sync.Mutex
	people []*neighbour
	now    func() time.Time
	wrongs []string
	rang   [5]int // by lane
}

const (
	villageDay  = 2
	villageWeek = 5
)

func newVillage(t *testing.T, now func() time.Time) *village {
	v := &village{now: now}
	for _, name := range []string{"America/Tijuana", "America/Mazatlan", "America/Mexico_City", "America/Cancun"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			v.people = append(v.people, &neighbour{zone: zone})
		}
	}
	return v
}

// of is the person behind a conversation.
func (v *village) of(conv uuid.UUID) *neighbour { return v.people[int(conv[14])<<8|int(conv[15])] }

// facts tells the sender what holds now.
func (v *village) facts(c *Candidate) {
	v.mu.Lock()
	defer v.mu.Unlock()
	n, now := v.of(c.Conversation), v.now()
	c.OptedOut, c.Registered, c.Paid, c.WindowFrom = n.left, n.registered, n.paid, n.lastWhatsApp
	c.SentDay, c.SentWeek = n.since(now.Add(-24*time.Hour)), n.since(now.Add(-7*24*time.Hour))
	switch c.Lane {
	case message.LaneReminder:
		c.Agreed = n.reminders
	case message.LaneCampaign:
		c.Agreed = n.promotions
	}
}

// ring judges a message that reaches a phone.
func (v *village) ring(n *neighbour, m message.Outbound, hours string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	local := now.In(n.zone)
	v.rang[m.Lane]++
	wrong := func(text string) {
		v.wrongs = append(v.wrongs, fmt.Sprintf("%s %s: %s", local.Format("Mon 15:04"), m.Lane, text))
	}
	if m.To.Channel == message.WhatsApp && m.Template == "" && now.Sub(n.lastWhatsApp) >= 24*time.Hour {
		wrong("outside of WhatsApp's window")
	}
	if m.Lane >= message.LaneNotice && n.left {
		wrong("after BAJA")
	}
	if m.Lane < message.LaneReminder {
		return
	}
	from, to := 9, 20
	switch hours {
	case "05:00-23:59": // a flow may ask for more, but never for this much
		from, to = 7, 22
	case "12:00-15:00":
		from, to = 12, 15
	}
	if local.Hour() < from || local.Hour() >= to || local.Weekday() == time.Sunday {
		wrong("outside of hours and days")
	}
	if n.since(now.Add(-24*time.Hour)) >= villageDay || n.since(now.Add(-7*24*time.Hour)) >= villageWeek {
		wrong("above the caps")
	}
	if n.paid {
		wrong("about what is paid")
	}
	if m.Lane == message.LaneReminder && n.reminders == Withdrawn {
		wrong("after she wanted no reminders")
	}
	if m.Lane == message.LaneCampaign && (n.promotions != Granted || n.registered) {
		wrong("a promotion without consent")
	}
	n.sent = append(n.sent, now)
}

// happens has one thing happen to somebody.
func (v *village) happens(r *rand.Rand, p *post) {
	i := r.IntN(len(v.people))
	v.mu.Lock()
	n, now := v.people[i], v.now()
	switch r.IntN(12) {
	case 0:
		n.left = true
	case 1:
		n.left = false
	case 2:
		n.promotions = []Agreement{Granted, Granted, Withdrawn}[r.IntN(3)]
	case 3:
		n.reminders = []Agreement{Granted, Withdrawn, Unasked}[r.IntN(3)]
	case 4:
		n.registered = r.IntN(4) == 0
	case 5:
		n.paid = !n.paid
	case 6:
		n.lastWhatsApp = now
	}
	v.mu.Unlock()
	for range r.IntN(4) {
		p.write(i, "hola", func(c *Candidate) {
			c.Lane, c.Zone, c.Expires = message.Lane(r.IntN(5)), n.zone.String(), now.Add(time.Duration(r.IntN(40)+1)*time.Hour)
			c.Hours = []string{"", "", "05:00-23:59", "12:00-15:00"}[r.IntN(4)]
			c.PerDay, c.PerWeek = r.IntN(4), r.IntN(8)
			if r.IntN(3) == 0 {
				c.To.Channel = message.WhatsApp
			}
		})
	}
	p.Wake()
}

// TestDaysOfTraffic lets a town live for three days, from a Saturday on, and has
// a model judge each message as it rings: nobody is written to outside hours and
// days, above caps, without consent, about what is paid, or after BAJA; and what
// did not go says why.
func TestDaysOfTraffic(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { threeDays(t, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func threeDays(t *testing.T, r *rand.Rand) {
	p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: 2, Burst: 4}, message.WhatsApp: {PerSecond: 5, Burst: 5}}, func(c *Config) {
		c.PerDay, c.PerWeek = villageDay, villageWeek
		c.Days = func(d quincena.Date) bool { return d.Weekday() != time.Sunday }
	})
	saturday := time.Date(2026, 3, 7, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return saturday.Add(time.Since(p.start)) }
	p.cfg.Now = now
	v := newVillage(t, now)
	p.store.facts = v.facts
	p.provider.fail = func(m message.Outbound) error {
		p.store.mu.Lock()
		row := p.store.find(m.ID)
		conv, hours := row.Conversation, row.Hours
		p.store.mu.Unlock()
		v.ring(v.of(conv), m, hours)
		return nil
	}
	stop := p.run(t)
	for now().Sub(saturday) < 72*time.Hour {
		time.Sleep(time.Duration(r.Int64N(int64(24*time.Minute))) + 1)
		v.happens(r, p)
	}
	time.Sleep(50 * time.Hour)
	stop()
	for _, wrong := range v.wrongs {
		t.Error(wrong)
	}
	for lane, n := range v.rang {
		if n == 0 {
			t.Errorf("no message of lane %s went at all", message.Lane(lane))
		}
	}
	for _, row := range p.store.rows {
		if row.state != Accepted && row.reason == "" {
			t.Errorf("%s %s without a reason", row.Lane, row.state)
		}
	}
}
