package outbox

import (
	"fmt"
	"time"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

// decide says what becomes of a due message, pacing aside. It is the last gate
// before a person's phone rings, so everything that may have changed since the
// message was written is asked again here.
func decide(c Candidate, now time.Time, hours string) Verdict {
	v := Verdict{ID: c.ID, Attempt: c.Attempt}
	state, reason := refuse(c, now)
	if state != "" {
		v.State, v.Reason = state, reason
		return v
	}
	v.NotBefore = allowed(c, now, hours)
	if v.NotBefore.After(now) {
		v.State, v.Reason = Queued, "espera el horario permitido"
		return v
	}
	v.State, v.Attempt = Sending, c.Attempt+1
	return v
}

// refuse returns why a message must not go at all, or "".
func refuse(c Candidate, now time.Time) (State, string) {
	switch {
	case !now.Before(c.Expires):
		return Expired, "ya no servía cuando se pudo mandar"
	case c.ByBot && c.Epoch < c.Current && c.Lane != message.LaneCode:
		return Cancelled, "tomada por una persona"
	case c.Lane <= message.LaneReply:
		return "", ""
	case c.OptedOut:
		return Suppressed, "pidió no recibir mensajes"
	case c.WrongNumber:
		return Suppressed, "dijo que no es su número"
	case c.Lane < message.LaneReminder:
		return "", ""
	case c.PerDay > 0 && c.SentDay >= c.PerDay:
		return Suppressed, fmt.Sprintf("tope de %d aviso por día", c.PerDay)
	case c.PerWeek > 0 && c.SentWeek >= c.PerWeek:
		return Suppressed, fmt.Sprintf("tope de %d avisos por semana", c.PerWeek)
	}
	return "", ""
}

// allowed is the first moment from now on at which the message may go: reminders
// and campaigns only within hours of the recipient's own zone.
func allowed(c Candidate, now time.Time, hours string) time.Time {
	if c.Lane < message.LaneReminder {
		return now
	}
	if c.Hours != "" {
		hours = c.Hours
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = quincena.Central()
	}
	w, err := quincena.ParseWindow(hours)
	if err != nil {
		return now
	}
	return quincena.NextAllowed(now, w, zone, nil)
}

// attempts is how often a message may be handed over after refusals that leave
// no doubt.
const attempts = 5

// judge says what a hand-over's error means for the message.
func judge(c Candidate, err error, now time.Time) Verdict {
	v := Verdict{ID: c.ID, Attempt: c.Attempt}
	class, code, after := message.ClassOf(err), 0, time.Duration(0)
	if e, ok := asSendError(err); ok {
		code, after = e.Code, e.RetryAfter
	}
	v.Code = code
	switch class {
	case message.Safe:
		v.State, v.NotBefore = Queued, now.Add(max(after, backoff(c.Attempt)))
		v.Attempt-- // the provider did not process it: it does not count
		v.Reason = "el proveedor pidió esperar"
	case message.Ambiguous:
		v.State, v.Reason = Unknown, "sin respuesta clara del proveedor"
	case message.Defer:
		v.State, v.NotBefore, v.Reason = Queued, now.Add(max(after, deferral(c.Attempt))), "no disponible; se intenta otra vez"
	case message.Config:
		v.State, v.NotBefore, v.Reason = Queued, now.Add(time.Minute), "revisar la cuenta del proveedor"
		v.Attempt--
	default:
		v.State, v.Reason, v.Blocked = Failed, failureText(class), class == message.OptedOut
	}
	if v.State == Queued && c.Attempt >= attempts && class == message.Defer {
		v.State, v.Reason = Failed, "no se pudo entregar"
	}
	return v
}

func failureText(class message.Class) string {
	switch class {
	case message.BadNumber:
		return "el número no puede recibir mensajes"
	case message.OptedOut:
		return "la persona bloqueó nuestros mensajes"
	case message.Switch:
		return "no se puede por este canal"
	}
	return "el proveedor rechazó el mensaje"
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
