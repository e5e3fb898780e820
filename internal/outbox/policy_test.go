package outbox

import (
	"testing"
	"time"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

func TestRefuseByPolicy(t *testing.T) {
	t.Parallel()
	agreed := func(a Agreement) func(*Candidate) { return func(c *Candidate) { c.Agreed = a } }
	sent := func(day, week int) func(*Candidate) {
		return func(c *Candidate) { c.Lane, c.SentDay, c.SentWeek = message.LaneReminder, day, week }
	}
	own := func(day, week int) func(*Candidate) {
		return func(c *Candidate) { c.PerDay, c.PerWeek = day, week }
	}
	paid := func(c *Candidate) { c.Paid = true }
	registered := func(c *Candidate) { c.Registered = true }
	wrote := func(ago time.Duration) func(*Candidate) {
		return func(c *Candidate) { c.To.Channel, c.WindowFrom = message.WhatsApp, noon.Add(-ago) }
	}
	never := func(c *Candidate) { c.To.Channel = message.WhatsApp }
	template := func(c *Candidate) { c.Template = "HX1" }
	with := func(f ...func(*Candidate)) []func(*Candidate) { return f }
	reminder := lane(message.LaneReminder)
	for name, test := range map[string]struct {
		change []func(*Candidate)
		policy policy
		want   State
	}{
		"below the lender's own cap":         {with(sent(1, 1)), policy{perDay: 2, perWeek: 2}, ""},
		"the lender's own cap of the day":    {with(sent(2, 2)), policy{perDay: 2}, Suppressed},
		"the lender's own cap of the week":   {with(sent(0, 2)), policy{perWeek: 2}, Suppressed},
		"a flow may not ask for more":        {with(sent(0, 2), own(9, 9)), policy{perDay: 9, perWeek: 2}, Suppressed},
		"a flow may ask for less":            {with(sent(1, 1), own(1, 9)), policy{perDay: 5, perWeek: 9}, Suppressed},
		"caps are for reminders":             {with(sent(9, 9), lane(message.LaneNotice)), policy{perDay: 1, perWeek: 1}, ""},
		"what was paid is not asked for":     {with(reminder, paid), policy{}, Suppressed},
		"a receipt goes":                     {with(paid), policy{}, ""},
		"no reminders, please":               {with(reminder, agreed(Withdrawn)), policy{}, Suppressed},
		"reminders need no yes":              {with(reminder, agreed(Unasked)), policy{}, ""},
		"no notices, please":                 {with(agreed(Withdrawn)), policy{}, Suppressed},
		"who asks gets an answer":            {with(lane(message.LaneReply), agreed(Withdrawn)), policy{}, ""},
		"a promotion with a yes":             {with(promotion), policy{}, ""},
		"a promotion without one":            {with(promotion, agreed(Unasked)), policy{}, Suppressed},
		"a promotion after a no":             {with(promotion, agreed(Withdrawn)), policy{}, Suppressed},
		"a promotion to the register":        {with(promotion, registered), policy{}, Suppressed},
		"a reminder to the register":         {with(reminder, registered), policy{}, ""},
		"within WhatsApp's window":           {with(wrote(24*time.Hour - 1)), policy{}, ""},
		"it closed while the message waited": {with(wrote(24 * time.Hour)), policy{}, Failed},
		"it was never open":                  {with(never, lane(message.LaneReply)), policy{}, Failed},
		"a template needs no window":         {with(wrote(48*time.Hour), template), policy{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reason := refuse(candidate(test.change...), noon, test.policy)
			if got != test.want || (reason == "") != (got == "") {
				t.Errorf("refuse = %q, %q; want %q with a reason iff refused", got, reason, test.want)
			}
		})
	}
}

// A message that may not go by WhatsApp any more goes by SMS, if it has one.
func TestAClosedWindowDiverts(t *testing.T) {
	t.Parallel()
	for _, has := range []bool{true, false} {
		c := candidate(func(c *Candidate) { c.To.Channel, c.HasBackup = message.WhatsApp, has })
		if v := decide(c, noon, policy{}); v.State != Failed || v.Divert != has {
			t.Errorf("with a backup %t: %+v", has, v)
		}
	}
}

func TestJudgeDiverts(t *testing.T) {
	t.Parallel()
	for class, want := range map[message.Class]bool{
		message.Switch: true, message.BadNumber: true, message.OptedOut: false, message.Fatal: false, message.Ambiguous: false,
		message.Safe: false, message.Defer: false, message.Config: false,
	} {
		c := candidate(func(c *Candidate) { c.HasBackup, c.Attempt = true, 1 })
		if v := judge(c, &message.SendError{Class: class}, noon); v.Divert != want {
			t.Errorf("%s: diverted %t", class, v.Divert)
		}
		c.HasBackup = false
		if v := judge(c, &message.SendError{Class: class}, noon); v.Divert {
			t.Errorf("%s: diverted without anything to divert to", class)
		}
	}
}

func TestAllowedByPolicy(t *testing.T) {
	t.Parallel()
	at := func(clock string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", "2026-03-"+clock)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	noSundays := func(d quincena.Date) bool { return d.Weekday() != time.Sunday }
	noDays := func(quincena.Date) bool { return false }
	never := at("02 18:00").AddDate(1, 0, 0)
	for name, test := range map[string]struct {
		lane      message.Lane
		hours     string
		now, want time.Time
		days      func(quincena.Date) bool
	}{
		"a flow may not write before seven":   {message.LaneReminder, "05:00-23:00", at("03 11:30"), at("03 13:00"), nil},
		"nor after ten":                       {message.LaneReminder, "05:00-23:30", at("03 04:10"), at("03 13:00"), nil},
		"hours that meet the hard ones":       {message.LaneReminder, "06:00-08:00", at("02 18:00"), at("03 13:00"), nil},
		"hours that never meet the hard ones": {message.LaneReminder, "02:00-03:00", at("02 18:00"), never, nil},
		"not on a Sunday":                     {message.LaneReminder, "", at("08 18:00"), at("09 15:00"), noSundays},
		"Saturday night goes to Monday":       {message.LaneReminder, "", at("08 04:00"), at("09 15:00"), noSundays},
		"a campaign on a Sunday":              {message.LaneCampaign, "", at("08 18:00"), at("09 15:00"), noSundays},
		"a code on a Sunday":                  {message.LaneCode, "", at("08 18:00"), at("08 18:00"), noSundays},
		"no day at all":                       {message.LaneReminder, "", at("02 18:00"), never, noDays},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := candidate(lane(test.lane), func(c *Candidate) { c.Hours = test.hours })
			if got := allowed(c, test.now, policy{hours: dayHours, days: test.days}); !got.Equal(test.want) {
				t.Errorf("allowed = %s, want %s", got.UTC(), test.want)
			}
		})
	}
}
