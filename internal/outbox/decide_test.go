package outbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/message"
)

// noon is Monday noon in Mexico City and Culiacán's eleven o'clock.
var noon = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)

const dayHours = "09:00-20:00"

var byDay = policy{hours: dayHours}

// candidate is a message that may go at noon, changed by the functions given.
func candidate(change ...func(*Candidate)) Candidate {
	c := Candidate{
		Outbound: message.Outbound{
			ID: uuid.UUID{15: 1}, To: message.Address{Channel: message.SMS, Value: "+526671234567"},
			Body: "Hola", Lane: message.LaneNotice, Segments: 1,
		},
		Conversation: uuid.UUID{15: 2}, ByBot: true, Epoch: 3, Current: 3, Zone: "America/Mexico_City", Expires: noon.Add(time.Hour),
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func promotion(c *Candidate) { c.Lane, c.Agreed = message.LaneCampaign, Granted }

func lane(l message.Lane) func(*Candidate) { return func(c *Candidate) { c.Lane = l } }

func TestRefuse(t *testing.T) {
	t.Parallel()
	optedOut := func(c *Candidate) { c.OptedOut = true }
	wrong := func(c *Candidate) { c.WrongNumber = true }
	taken := func(c *Candidate) { c.Current = 4 }
	sent := func(day, week int) func(*Candidate) {
		return func(c *Candidate) { c.PerDay, c.PerWeek, c.SentDay, c.SentWeek = 1, 3, day, week }
	}
	for name, test := range map[string]struct {
		change []func(*Candidate)
		want   State
	}{
		"a notice goes":                      {nil, ""},
		"of no use from its last moment on":  {[]func(*Candidate){func(c *Candidate) { c.Expires = noon }}, Expired},
		"of use just before":                 {[]func(*Candidate){func(c *Candidate) { c.Expires = noon.Add(1) }}, ""},
		"an expired code":                    {[]func(*Candidate){lane(message.LaneCode), func(c *Candidate) { c.Expires = noon }}, Expired},
		"a person took the chat":             {[]func(*Candidate){taken}, Cancelled},
		"the agent's own words go":           {[]func(*Candidate){taken, func(c *Candidate) { c.ByBot = false }}, ""},
		"a code goes whoever has the chat":   {[]func(*Candidate){taken, lane(message.LaneCode)}, ""},
		"a reply to somebody who opted out":  {[]func(*Candidate){optedOut, lane(message.LaneReply)}, ""},
		"a code to somebody who opted out":   {[]func(*Candidate){optedOut, lane(message.LaneCode)}, ""},
		"a notice to somebody who opted out": {[]func(*Candidate){optedOut}, Suppressed},
		"a reminder after opting out":        {[]func(*Candidate){optedOut, lane(message.LaneReminder)}, Suppressed},
		"a wrong number":                     {[]func(*Candidate){wrong}, Suppressed},
		"a wrong number that asks":           {[]func(*Candidate){wrong, lane(message.LaneReply)}, ""},
		"below the caps":                     {[]func(*Candidate){lane(message.LaneReminder), sent(0, 2)}, ""},
		"the day's cap":                      {[]func(*Candidate){lane(message.LaneReminder), sent(1, 1)}, Suppressed},
		"the week's cap":                     {[]func(*Candidate){promotion, sent(0, 3)}, Suppressed},
		"caps are for reminders":             {[]func(*Candidate){sent(9, 9)}, ""},
		"no caps":                            {[]func(*Candidate){lane(message.LaneReminder), func(c *Candidate) { c.SentDay, c.SentWeek = 9, 9 }}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reason := refuse(candidate(test.change...), noon, policy{})
			if got != test.want || (reason == "") != (got == "") {
				t.Errorf("refuse = %q, %q; want %q with a reason iff refused", got, reason, test.want)
			}
		})
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	at := func(clock string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", "2026-03-"+clock)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, test := range map[string]struct {
		lane        message.Lane
		zone, hours string
		now, want   time.Time
	}{
		"a notice at night":              {message.LaneNotice, "America/Mexico_City", "", at("03 09:00"), at("03 09:00")},
		"a reminder by day":              {message.LaneReminder, "America/Mexico_City", "", at("02 18:00"), at("02 18:00")},
		"a reminder at night":            {message.LaneReminder, "America/Mexico_City", "", at("03 04:00"), at("03 15:00")},
		"it goes at the first minute":    {message.LaneReminder, "America/Mexico_City", "", at("03 15:00"), at("03 15:00")},
		"and not at the closing one":     {message.LaneReminder, "America/Mexico_City", "", at("03 02:00"), at("03 15:00")},
		"in Tijuana's own morning":       {message.LaneReminder, "America/Tijuana", "", at("02 15:30"), at("02 17:00")},
		"hours of the flow":              {message.LaneReminder, "America/Mexico_City", "12:00-13:00", at("02 15:30"), at("02 18:00")},
		"a campaign at night":            {message.LaneCampaign, "America/Mexico_City", "", at("03 04:00"), at("03 15:00")},
		"an unknown zone is the capital": {message.LaneReminder, "Marte/Olympus", "", at("03 04:00"), at("03 15:00")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := candidate(lane(test.lane), func(c *Candidate) { c.Zone, c.Hours = test.zone, test.hours })
			if got := allowed(c, test.now, byDay); !got.Equal(test.want) {
				t.Errorf("allowed = %s, want %s", got.UTC(), test.want)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	night := noon.Add(10 * time.Hour) // 22:00 in the capital
	late := func(c *Candidate) { c.Lane, c.Expires = message.LaneReminder, night.Add(20*time.Hour) }
	for name, test := range map[string]struct {
		c    Candidate
		now  time.Time
		want Verdict
	}{
		"goes, and counts": {candidate(func(c *Candidate) { c.Attempt = 1 }), noon,
			Verdict{State: Sending, Lane: message.LaneNotice, Attempt: 2, NotBefore: noon}},
		"waits for the morning, and does not count": {candidate(late), night,
			Verdict{State: Queued, Lane: message.LaneReminder, NotBefore: night.Add(11 * time.Hour), Reason: "espera el horario permitido"}},
		"never": {candidate(func(c *Candidate) { c.Attempt, c.OptedOut = 1, true }), noon,
			Verdict{State: Suppressed, Lane: message.LaneNotice, Attempt: 1, Reason: "pidió no recibir mensajes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.ID = test.c.ID
			if diff := cmp.Diff(test.want, decide(test.c, test.now, byDay)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is decided: a message goes only while it is of use, and those that
// nobody waits for only within hours.
func TestDecideProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := noon.Add(time.Duration(rapid.Int64Range(0, int64(14*24*time.Hour)).Draw(t, "now")))
		c := candidate(func(c *Candidate) {
			c.Lane = message.Lane(rapid.IntRange(0, 4).Draw(t, "lane"))
			c.Current = c.Epoch + rapid.IntRange(0, 1).Draw(t, "epochs")
			c.ByBot, c.OptedOut = rapid.Bool().Draw(t, "bot"), rapid.Bool().Draw(t, "out")
			c.Expires = now.Add(time.Duration(rapid.Int64Range(-1, 1).Draw(t, "left")) * time.Hour)
		})
		v := decide(c, now, byDay)
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		hour := now.In(zone).Hour()
		switch {
		case v.State == Queued && !v.NotBefore.After(now):
			t.Fatalf("put back to a moment that has passed: %v", v)
		case v.State != Sending:
			return
		case !now.Before(c.Expires), c.OptedOut && c.Lane > message.LaneReply, c.Lane >= message.LaneReminder && (hour < 9 || hour >= 20):
			t.Fatalf("sent what must not go: %+v at %s", c, now.In(zone))
		case v.Attempt != c.Attempt+1:
			t.Fatalf("attempt %d after %d", v.Attempt, c.Attempt)
		}
	})
}

func TestJudge(t *testing.T) {
	t.Parallel()
	sendError := func(class message.Class, code int, after time.Duration) error {
		return fmt.Errorf("post: %w", &message.SendError{Class: class, Code: code, RetryAfter: after})
	}
	for name, test := range map[string]struct {
		attempt int
		err     error
		want    Verdict
	}{
		"not processed":               {1, sendError(message.Safe, 20429, 0), Verdict{State: Queued, NotBefore: noon.Add(2 * time.Second), Attempt: 0, Code: 20429, Reason: "el proveedor pidió esperar"}},
		"not processed, with a time":  {1, sendError(message.Safe, 0, 30*time.Second), Verdict{State: Queued, NotBefore: noon.Add(30 * time.Second), Attempt: 0, Reason: "el proveedor pidió esperar"}},
		"anything unknown is unclear": {1, errors.New("EOF"), Verdict{State: Unknown, Attempt: 1, Reason: "sin respuesta clara del proveedor"}},
		"unclear":                     {2, sendError(message.Ambiguous, 0, 0), Verdict{State: Unknown, Attempt: 2, Reason: "sin respuesta clara del proveedor"}},
		"not now":                     {1, sendError(message.Defer, 30003, 0), Verdict{State: Queued, NotBefore: noon.Add(5 * time.Minute), Attempt: 1, Code: 30003, Reason: "no disponible; se intenta otra vez"}},
		"not now either":              {2, sendError(message.Defer, 30003, 0), Verdict{State: Queued, NotBefore: noon.Add(15 * time.Minute), Attempt: 2, Code: 30003, Reason: "no disponible; se intenta otra vez"}},
		"not now, too often":          {attempts, sendError(message.Defer, 30003, 0), Verdict{State: Failed, NotBefore: noon.Add(time.Hour), Attempt: attempts, Code: 30003, Reason: "no se pudo entregar"}},
		"our account":                 {1, sendError(message.Config, 20003, 0), Verdict{State: Queued, NotBefore: noon.Add(time.Minute), Attempt: 0, Code: 20003, Reason: "revisar la cuenta del proveedor"}},
		"our account never counts":    {attempts, sendError(message.Config, 20003, 0), Verdict{State: Queued, NotBefore: noon.Add(time.Minute), Attempt: attempts - 1, Code: 20003, Reason: "revisar la cuenta del proveedor"}},
		"another device":              {1, sendError(message.Changed, 137000, 0), Verdict{State: Failed, Attempt: 1, Code: 137000, Changed: true, Reason: Unproven}},
		"stopped by the person":       {1, sendError(message.OptedOut, 21610, 0), Verdict{State: Failed, Attempt: 1, Code: 21610, Blocked: true, Reason: "la persona bloqueó nuestros mensajes"}},
		"a number that cannot":        {1, sendError(message.BadNumber, 21614, 0), Verdict{State: Failed, Attempt: 1, Code: 21614, Reason: "el número no puede recibir mensajes"}},
		"another channel might":       {1, sendError(message.Switch, 63003, 0), Verdict{State: Failed, Attempt: 1, Code: 63003, Reason: "no se puede por este canal"}},
		"our message":                 {1, sendError(message.Fatal, 21617, 0), Verdict{State: Failed, Attempt: 1, Code: 21617, Reason: "el proveedor rechazó el mensaje"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := candidate(func(c *Candidate) { c.Attempt = test.attempt })
			test.want.ID, test.want.Lane = c.ID, c.Lane
			if diff := cmp.Diff(test.want, judge(c, test.err, noon)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Stops of our own never spend the tries of a message.
func TestGiveUpDoesNotCountStops(t *testing.T) {
	t.Parallel()
	for _, l := range []message.Lane{message.LaneCode, message.LaneReply, message.LaneReminder} {
		c := candidate(lane(l), func(c *Candidate) { c.Stopped, c.Attempt = true, 9 })
		if v := giveUp(c, Verdict{ID: c.ID, State: Unknown, Attempt: c.Attempt}, noon); v.State != Queued || v.Attempt != 8 {
			t.Errorf("%s: %+v", l, v)
		}
		c.Expires = noon
		if v := giveUp(c, Verdict{ID: c.ID, State: Unknown, Attempt: c.Attempt}, noon); v.State != Failed {
			t.Errorf("%s, of no use any more: %+v", l, v)
		}
	}
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lane    message.Lane
		attempt int
		left    time.Duration
		want    State
	}{
		"a reply goes again":            {message.LaneReply, 1, time.Hour, Queued},
		"a second time":                 {message.LaneReply, resends, time.Hour, Queued},
		"and then no more":              {message.LaneReply, resends + 1, time.Hour, Failed},
		"of no use any more":            {message.LaneNotice, 1, 0, Failed},
		"a code goes once more":         {message.LaneCode, 1, time.Hour, Queued},
		"and never a third time":        {message.LaneCode, 2, time.Hour, Failed},
		"a reminder goes again as well": {message.LaneReminder, 1, time.Hour, Queued},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := candidate(lane(test.lane), func(c *Candidate) { c.Attempt, c.Expires = test.attempt, noon.Add(test.left) })
			v := giveUp(c, Verdict{ID: c.ID, Attempt: c.Attempt}, noon)
			if v.State != test.want || v.Reason == "" || (v.State == Queued) != v.NotBefore.Equal(noon) {
				t.Errorf("giveUp = %+v, want %s", v, test.want)
			}
		})
	}
}

func TestWaitsGrowAndEnd(t *testing.T) {
	t.Parallel()
	for attempt := range 40 {
		if got, next := backoff(attempt), backoff(attempt+1); got < time.Second || next < got || next > time.Minute {
			t.Errorf("backoff(%d) = %s, then %s", attempt, got, next)
		}
		if got, next := deferral(attempt), deferral(attempt+1); got < 5*time.Minute || next < got || next > time.Hour {
			t.Errorf("deferral(%d) = %s, then %s", attempt, got, next)
		}
	}
}
