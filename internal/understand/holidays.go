package understand

import (
	"time"

	"valebot/internal/quincena"
)

// feast is a holiday that takes several words.
type feast struct {
	words []string
	month time.Month
	day   int // 0: the fourth Thursday
}

func feasts() []feast {
	return []feast{
		{[]string{"noche", "buena"}, 12, 24}, {[]string{"noche", "vieja"}, 12, 31},
		{[]string{"ano", "nuevo"}, 1, 1}, {[]string{"dia", "de", "reyes"}, 1, 6},
		{[]string{"dia", "de", "muertos"}, 11, 2}, {[]string{"dia", "de", "todos", "los", "santos"}, 11, 1},
		{[]string{"dia", "de", "la", "madre"}, 5, 10}, {[]string{"dia", "de", "las", "madres"}, 5, 10},
		{[]string{"dia", "de", "la", "independencia"}, 9, 16}, {[]string{"dia", "del", "trabajo"}, 5, 1}, {[]string{"dia", "de", "los", "trabajadores"}, 5, 1}, {[]string{"dia", "del", "trabajador"}, 5, 1},
		{[]string{"dia", "de", "la", "bandera"}, 2, 24}, {[]string{"dia", "del", "maestro"}, 5, 15}, {[]string{"el", "grito"}, 9, 15},
		{[]string{"dia", "de", "la", "raza"}, 10, 12}, {[]string{"dia", "de", "la", "virgen"}, 12, 12}, {[]string{"dia", "de", "la", "constitucion"}, 2, 5},
		{[]string{"san", "valentin"}, 2, 14}, {[]string{"dia", "del", "amor"}, 2, 14},
		{[]string{"dia", "de", "la", "revolucion"}, 11, 20}, {[]string{"dia", "del", "nino"}, 4, 30},
		{[]string{"dia", "de", "los", "inocentes"}, 12, 28}, {[]string{"dia", "de", "san", "patricio"}, 3, 17},
		{[]string{"san", "patricio"}, 3, 17}, {[]string{"dia", "de", "accion", "de", "gracias"}, 11, 0},
	}
}

// holiday reads a feast, with or without a year.
func (p *dateParser) holiday(i int) (dated, bool) {
	if w := p.day(i); w.kind == dayHoliday {
		return p.feastDay(time.Month(w.value/100), w.value%100, i+1)
	}
	for _, f := range p.r.u.feasts {
		if p.phrase(i, f.words) {
			return p.feastDay(f.month, f.day, i+len(f.words))
		}
	}
	return dated{}, false
}

func (p *dateParser) phrase(i int, words []string) bool {
	for n, w := range words {
		if !p.is(i+n, w) {
			return false
		}
	}
	return true
}

func (p *dateParser) feastDay(m time.Month, day, to int) (dated, bool) {
	year, next := p.year(to)
	if year != 0 {
		return dated{date: feastIn(year, m, day), weight: weightDay, to: next, year: true}, true
	}
	d := feastIn(p.today.Year, m, day)
	if d.Before(p.today) {
		d = feastIn(p.today.Year+1, m, day)
	}
	return dated{date: d, weight: weightDay, to: to}, true
}

func feastIn(year int, m time.Month, day int) quincena.Date {
	if day > 0 {
		return quincena.Date{Year: year, Month: m, Day: day}
	}
	first := quincena.Date{Year: year, Month: m, Day: 1}
	return first.AddDays((int(time.Thursday)-int(first.Weekday())+7)%7 + 21)
}
