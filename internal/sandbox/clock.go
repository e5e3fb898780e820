package sandbox

import (
	"fmt"
	"strconv"
	"time"

	"valebot/internal/quincena"
)

// maxLeap bounds one push of the clock, so that a slip of the finger does not
// let a loan grow old.
const maxLeap = 400 * 24 * time.Hour

// morning is the hour at which a quincena is reached.
const morning = 10

// leap returns where "3h", "90m", "1d", "quincena" or an instant in RFC 3339 lead
// from now. Days keep the hour of the day in zone.
func leap(text string, now time.Time, zone *time.Location) (time.Time, error) {
	to, err := target(text, now.In(zone), zone)
	if err != nil {
		return time.Time{}, err
	}
	if !to.After(now) || to.Sub(now) > maxLeap {
		return time.Time{}, fmt.Errorf("advance %.20q: not between now and 400 days from now", text)
	}
	return to, nil
}

func target(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "quincena" {
		return quincena.Next(quincena.On(now, zone), quincena.Pair{}).At(morning, 0, zone), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if n := len(text) - 1; n > 0 && text[n] == 'd' {
		if days, err := strconv.Atoi(text[:n]); err == nil && days <= 400 {
			return now.AddDate(0, 0, days), nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("advance %.20q: not like 3h, 1d or quincena", text)
	}
	return now.Add(d), nil
}

// face is the clock as the page shows it.
type face struct {
	Now  time.Time `json:"now"`
	Text string    `json:"text"` // "lunes 2 de marzo de 2026, 10:00"
	Next string    `json:"next"` // the coming quincena, "15 de marzo"
}

func faceOf(now time.Time, zone *time.Location) face {
	local := now.In(zone)
	next := quincena.Next(quincena.On(now, zone), quincena.Pair{})
	return face{
		Now: now,
		Text: fmt.Sprintf("%s %d de %s de %d, %s", weekdays()[local.Weekday()], local.Day(), months()[local.Month()-1],
			local.Year(), local.Format("15:04")),
		Next: fmt.Sprintf("%d de %s", next.Day, months()[next.Month-1]),
	}
}

func weekdays() [7]string {
	return [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}
}

func months() [12]string {
	return [...]string{
		"enero", "febrero", "marzo", "abril", "mayo", "junio",
		"julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
	}
}
