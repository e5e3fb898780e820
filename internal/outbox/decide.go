package outbox

import (
	"cmp"
	"fmt"
	"time"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

// policy is what holds for all messages, whatever their flow says.
type policy struct {
	hours           string
	days            func(quincena.Date) bool
	perDay, perWeek int
}

func (c Config) policy() policy { return policy{c.Hours, c.Days, c.PerDay, c.PerWeek} }

// decide says what becomes of a due message, pacing aside. It is the last gate
// before a person's phone rings, so everything that may have changed since the
// message was written is asked again here.
func decide(c Candidate, now time.Time, p policy) Verdict {
	v := Verdict{ID: c.ID, Attempt: c.Attempt, Lane: c.Lane}
	state, reason := refuse(c, now, p)
	if state != "" {
		v.State, v.Reason = state, reason
		v.Divert = state == Failed && c.HasBackup
		return v
	}
	v.NotBefore = allowed(c, now, p)
	if v.NotBefore.After(now) {
		v.State, v.Reason = Queued, "espera el horario permitido"
		return v
	}
	v.State, v.Attempt = Sending, c.Attempt+1
	return v
}

// Unproven is why a message was kept back that may go later: the database sends
// it once the person has proved who she is, and knows it by these words (a test of
// postgres holds the two together).
const Unproven = "falta comprobar quién tiene este número"

// refuse returns why a message must not go at all, or "". The reason is for
// whoever reads the chat at the desk.
func refuse(c Candidate, now time.Time, p policy) (State, string) {
	switch {
	case !now.Before(c.Expires):
		return Expired, "ya no servía cuando se pudo mandar"
	case c.ByBot && c.Epoch < c.Current && c.Lane != message.LaneCode:
		return Cancelled, "tomada por una persona"
	case c.Unproven && c.ByBot:
		return Suppressed, Unproven
	case c.Lane <= message.LaneReply:
		return outsideWindow(c, now)
	case c.OptedOut:
		return Suppressed, "pidió no recibir mensajes"
	case c.WrongNumber:
		return Suppressed, "dijo que no es su número"
	case c.Agreed == Withdrawn:
		return Suppressed, "pidió no recibir " + named(c.Lane) + " por este medio"
	case c.Lane < message.LaneReminder:
		return outsideWindow(c, now)
	}
	if state, reason := refuseUnasked(c, p); state != "" {
		return state, reason
	}
	return outsideWindow(c, now)
}

// refuseUnasked is refuse for reminders and campaigns, which nobody waits for.
func refuseUnasked(c Candidate, p policy) (State, string) {
	day, week := tighter(c.PerDay, p.perDay), tighter(c.PerWeek, p.perWeek)
	switch {
	case c.Lane == message.LaneCampaign && c.Agreed != Granted:
		return Suppressed, "no ha aceptado recibir promociones"
	case c.Lane == message.LaneCampaign && c.Registered:
		return Suppressed, "está en el REUS: no quiere publicidad"
	case c.Paid:
		return Suppressed, "ya pagó: no hay nada que recordarle"
	case day > 0 && c.SentDay >= day:
		return Suppressed, fmt.Sprintf("tope de %d aviso%s por día", day, plural(day))
	case week > 0 && c.SentWeek >= week:
		return Suppressed, fmt.Sprintf("tope de %d aviso%s por semana", week, plural(week))
	}
	return "", ""
}

// outsideWindow refuses free text by WhatsApp once its window has closed while
// the message waited: the provider would refuse it too, and charge an error.
func outsideWindow(c Candidate, now time.Time) (State, string) {
	if c.To.Channel == message.WhatsApp && c.Template == "" && now.Sub(c.WindowFrom) >= window {
		return Failed, "se cerró la ventana de 24 horas de WhatsApp"
	}
	return "", ""
}

// window is how long WhatsApp lets us write freely after the person did. Meta's
// clock counts, and a message that crosses the line is refused, not lost; the
// writer of the message leaves five minutes of room.
const window = 24 * time.Hour

// tighter is the lower of two caps, of which 0 is none.
func tighter(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// named is how the messages of a lane are called.
func named(lane message.Lane) string {
	switch {
	case lane == message.LaneCampaign:
		return "promociones"
	case lane == message.LaneReminder:
		return "recordatorios"
	}
	return "avisos"
}

// hardHours bound reminders and campaigns whatever a flow or a setting says: the
// rules of collection let nobody be written to about a debt outside of them
// (CONDUSEF, Disposiciones de carácter general de despachos de cobranza).
const hardHours = "07:00-22:00"

// allowed is the first moment from now on at which the message may go: reminders
// and campaigns only on allowed days and within hours of the recipient's own
// zone. It is far off if there is no such moment.
func allowed(c Candidate, now time.Time, p policy) time.Time {
	if c.Lane < message.LaneReminder {
		return now
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = quincena.Central()
	}
	at := now
	for range 4 { // the later of two windows moves the other one at most once a day
		next := at
		for _, hours := range []string{hardHours, cmp.Or(c.Hours, p.hours)} {
			w, err := quincena.ParseWindow(hours)
			if err != nil {
				continue // hard hours are never wrong
			}
			if next = quincena.NextAllowed(next, w, zone, p.days); next.IsZero() {
				return now.AddDate(1, 0, 0)
			}
		}
		if next.Equal(at) {
			return at
		}
		at = next
	}
	return now.AddDate(1, 0, 0) // two windows that never meet
}

// attempts is how often a message may be handed over after refusals that leave
// no doubt.
const attempts = 5

// judge says what a hand-over's error means for the message.
func judge(c Candidate, err error, now time.Time) Verdict {
	v := Verdict{ID: c.ID, Attempt: c.Attempt, Lane: c.Lane}
	class, code, after, pair := message.ClassOf(err), 0, time.Duration(0), holdOf(err) == message.HoldPair
	if e, ok := asSendError(err); ok {
		code, after = e.Code, e.RetryAfter
	}
	v.Code = code
	switch class {
	case message.Safe:
		v.State, v.NotBefore = Queued, now.Add(max(after, pause(c.Attempt, pair)))
		v.Attempt-- // the provider did not process it: it does not count
		v.Reason = "el proveedor pidió esperar"
	case message.Ambiguous:
		v.State, v.Reason = Unknown, "sin respuesta clara del proveedor"
	case message.Defer:
		wait := deferral(c.Attempt)
		if pair {
			wait = pairPause(c.Attempt)
		}
		v.State, v.NotBefore, v.Reason = Queued, now.Add(max(after, wait)), "no disponible; se intenta otra vez"
	case message.Config:
		v.State, v.NotBefore, v.Reason = Queued, now.Add(time.Minute), "revisar la cuenta del proveedor"
		v.Attempt--
	default:
		v.State, v.Reason, v.Blocked = Failed, failureText(class), class == message.OptedOut
		v.Changed = class == message.Changed
		v.Divert = divertible(class) && c.HasBackup
	}
	if v.State == Queued && c.Attempt >= attempts && class == message.Defer {
		v.State, v.Reason = Failed, "no se pudo entregar"
	}
	return v
}

// divertible reports a failure after which another channel may do.
func divertible(class message.Class) bool {
	return class == message.Switch || class == message.BadNumber
}

func failureText(class message.Class) string {
	switch class {
	case message.BadNumber:
		return "el número no puede recibir mensajes"
	case message.OptedOut:
		return "la persona bloqueó nuestros mensajes"
	case message.Switch:
		return "no se puede por este canal"
	case message.Changed:
		return Unproven
	}
	return "el proveedor rechazó el mensaje"
}

// pause is how long a message waits that the provider did not process.
func pause(attempt int, pair bool) time.Duration {
	if pair {
		return pairPause(attempt)
	}
	return backoff(attempt)
}

// backoff grows from one second to one minute.
func backoff(attempt int) time.Duration {
	return min(time.Second<<min(attempt, 6), time.Minute)
}

// deferral is the wait after "not now": 5 min, 15 min, then each hour.
func deferral(attempt int) time.Duration {
	switch attempt {
	case 0, 1:
		return 5 * time.Minute
	case 2:
		return 15 * time.Minute
	}
	return time.Hour
}
