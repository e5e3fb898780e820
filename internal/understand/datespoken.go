package understand

import (
	"time"

	"valebot/internal/quincena"
)

// daySpan reads two days with "al", "a" or a dash between them: "del 10 al 15",
// "10 - 22 de agosto". It is no date, and its parts are none either.
func (r *Reading) daySpan(i int) (to int, ok bool) {
	p := dateParser{r: r, today: r.today(), at: i}
	_, next, ok := p.dayNumber(i)
	if !ok || p.mark(i-1, "/-.") {
		return i, false
	}
	dash := p.mark(next, "-") && p.tok(next).flags&flagGlued == 0
	if !dash && !p.is(next, "al", "a") {
		return i, false
	}
	_, end, ok := p.dayNumber(p.skip(next+1, "el", "dia"))
	named := ok && p.day(p.joint(end)).kind == dayMonth
	if !dash && !named && !p.is(i-1, "del", "el", "dia") {
		return i, false
	}
	if !ok || p.countsOther(end) || dash && !named {
		return i, false
	}
	at := p.joint(end)
	if p.day(at).kind == dayMonth {
		end = at + 1
	}
	return end, true
}

// countsOther says that the number before piece i counts something that is no
// day: "de 3 a 5 mil".
func (p *dateParser) countsOther(i int) bool {
	return p.countsAt(i) && !p.is(p.joint(i), "mes") && p.day(p.joint(i)).kind != dayMonth
}

// inEight reads the idiom of a week or two after a day: "de este viernes en ocho",
// "de hoy en quince".
func (p *dateParser) inEight(i int) (days, to int) {
	if !p.is(i, "en") {
		return 0, i
	}
	s, ok := p.r.numberAt(i + 1)
	n, whole := s.value.Whole()
	if !ok || !whole || n != 8 && n != 15 {
		return 0, i
	}
	return map[bool]int{true: 7, false: 14}[n == 8], p.skip(s.to, "dia", "dias")
}

// partOfHour reads "media hora", "1/2 hora", "tres cuartos de hora", in minutes.
func (p *dateParser) partOfHour(i int) (minutes, to int, ok bool) {
	if p.is(i, "media") && p.is(i+1, "hora") {
		return 30, i + 2, true
	}
	s, ok := p.r.numberAt(i)
	at := p.skip(s.to, "de")
	if !ok || s.value.Den < 2 || s.value.Num > 2*s.value.Den || p.r.u.units[p.tok(at).id] != UnitHour {
		return 0, i, false
	}
	return int(60 * s.value.Num / s.value.Den), at + 1, true
}

// andHalf reads "un mes y medio". Half of any other unit falls between two days.
func (p *dateParser) andHalf(n, at int) (dated, bool) {
	if p.r.u.units[p.tok(at).id] != UnitMonth || n == 0 {
		return dated{}, false
	}
	half := 15
	if n < 0 {
		half = -half
	}
	return dated{date: p.today.AddMonths(n).AddDays(half), weight: weightDay, to: at + 3}, true
}

// dayOfNamedMonth reads "el tercer día de octubre", "primer día del mes",
// "primero de mes", "el día último".
func (p *dateParser) dayOfNamedMonth(i int) (dated, bool) {
	if p.is(i, "dia") && p.is(i+1, "ultimo") {
		return dated{date: p.today.AddDays(monthDays(p.today.Year, p.today.Month) - p.today.Day), weight: weightDay, to: i + 2}, true
	}
	day, to, ok := p.dayNumber(i)
	if !ok || p.r.u.number(p.tok(i).id).kind != numOrdinal && p.tok(i).kind != kindNumber {
		return dated{}, false
	}
	first := p.is(i, "primero") && p.is(to, "de") && p.is(to+1, "mes") || p.is(i-1, "dia") && p.is(i, "primero")
	if first {
		d := p.today
		d.Day = 1
		return dated{date: d.AddMonths(b2i(p.today.Day > 1)), weight: weightDay, to: to + 2*b2i(p.is(to, "de") && p.is(to+1, "mes"))}, true
	}
	if !p.is(to, "dia") || p.tok(i).kind == kindNumber && !p.ordinalMark(i) {
		return dated{}, false
	}
	if m, next, ok := p.monthAt(to + 1); ok {
		m.Day = min(day, monthDays(m.Year, m.Month))
		if m.Before(p.today) && p.is(to+2, "mes") {
			m = m.AddMonths(1) // of the month that comes, unless this one was named
		}
		return dated{date: m, weight: weightDay, to: next}, true
	}
	at := p.joint(to + 1)
	if m := p.month(at); m.kind == dayMonth {
		return p.withYear(day, time.Month(m.value), 0, at+1)
	}
	return dated{}, false
}

// monthAt reads "de este mes", "del mes que viene", "del próximo mes", "del presente".
func (p *dateParser) monthAt(i int) (quincena.Date, int, bool) {
	at := p.skip(i, "de", "del", "este")
	first := quincena.Date{Year: p.today.Year, Month: p.today.Month, Day: 1}
	switch {
	case at > i && p.is(at, "mes") && (p.is(at+1, "que") && p.is(at+2, "viene", "entra", "sigue") || p.day(at+1).kind == dayNext):
		return first.AddMonths(1), at + 2, true
	case at > i && (p.day(at).kind == dayNext || p.is(at, "otro")) && p.is(at+1, "mes"):
		return first.AddMonths(1), at + 2, true
	case at > i && p.day(at).kind == dayNext && p.is(i, "del"):
		return first.AddMonths(1), at + 1, true
	case at > i && p.is(at, "que") && p.is(at+1, "viene", "entra", "sigue"):
		return first.AddMonths(1), at + 2, true
	case at > i && p.is(at, "mes") && p.is(at+1, "en") && p.is(at+2, "curso"):
		return first, at + 3, true
	case at > i && p.is(at, "presente", "actual", "corriente", "mes") && p.is(at+1, "mes"):
		return first, at + 2, true
	case at > i && p.is(at, "presente", "actual", "corriente", "mes"):
		return first, at + 1, true
	}
	return first, i, false
}

// ordinalMark says that digits were written as an ordinal: "3er", "3º".
func (p *dateParser) ordinalMark(i int) bool {
	s, ok := p.r.numberAt(i)
	return ok && s.ordinal
}

// movingFeast reads a feast that moves with Easter, or that falls on a weekday of its month.
func (p *dateParser) movingFeast(i int) (dated, bool) {
	if p.day(i).kind != dayWeek && !p.is(i, "dia") {
		return dated{}, false
	}
	for _, f := range p.r.u.moving {
		if !p.phrase(i, f.words) {
			continue
		}
		year, next := p.year(i + len(f.words))
		if year != 0 {
			return dated{date: f.in(year), weight: weightDay, to: next, year: true}, true
		}
		d := f.in(p.today.Year)
		if d.Before(p.today) {
			d = f.in(p.today.Year + 1)
		}
		return dated{date: d, weight: weightDay, to: i + len(f.words)}, true
	}
	return dated{}, false
}

// moving is a feast some days from Easter; fathers' day, the third Sunday of June,
// is the one without.
type moving struct {
	words  []string
	offset int
	june   bool
}

func (f moving) in(year int) quincena.Date {
	if !f.june {
		return quincena.Easter(year).AddDays(f.offset)
	}
	first := quincena.Date{Year: year, Month: time.June, Day: 1}
	return first.AddDays((7-int(first.Weekday()))%7 + 14)
}

func movingFeasts() []moving {
	at := func(offset int, words ...string) moving { return moving{words: words, offset: offset} }
	return []moving{
		at(-46, "miercoles", "de", "ceniza"), at(-7, "domingo", "de", "ramos"),
		at(-3, "jueves", "santo"), at(-2, "viernes", "santo"),
		at(-1, "sabado", "de", "gloria"), at(-1, "sabado", "santo"),
		at(0, "domingo", "de", "pascua"), at(0, "domingo", "de", "resurreccion"), at(60, "jueves", "de", "corpus"),
		{words: []string{"dia", "del", "padre"}, june: true},
	}
}

// hour reads a time of the day with nothing else: "a las tres de la tarde",
// "a las 15:30". It is the next such moment.
func (p *dateParser) hour(i int) (dated, bool) {
	if !p.is(i, "las") {
		return dated{}, false
	}
	hour, minute, to, ok := p.clockTime(i + 1)
	if !ok {
		return dated{}, false
	}
	part := p.is(to, "de") && p.is(to+1, "la")
	switch {
	case part && p.is(to+2, "noche") && hour == 12:
		hour = 24 // midnight is the next day's
	case part && p.is(to+2, "tarde", "noche") && hour <= 12:
		hour = hour%12 + 12
	case part && p.is(to+2, "manana", "madrugada"):
	case hour < 13:
		return dated{}, false // of which half of the day?
	default:
		part = false
	}
	now := p.r.context.Now.In(p.zone())
	passed := now.Hour()*60+now.Minute() > hour*60+minute
	return dated{date: p.today.AddDays(b2i(passed) + hour/24), weight: weightNow, to: to + 3*b2i(part)}, true
}

// clockTime reads "tres y media", "15:30", "cinco en punto".
func (p *dateParser) clockTime(i int) (hour, minute, to int, ok bool) {
	s, ok := p.r.numberAt(i)
	n := s.value
	if !ok || s.article || n.Den > 2 || n.Num < 0 || n.Num/max(n.Den, 1) > 23 {
		return 0, 0, i, false
	}
	hour, minute, to = int(n.Num/n.Den), int(n.Num%n.Den)*30, s.to
	if m, ok := p.r.numberAt(to + 1); p.mark(to, ":") && ok {
		minute, to = int(m.value.Num), m.to
	}
	return hour, minute, p.skip(to, "y", "cuarto", "media", "en", "punto"), true
}

func (p *dateParser) zone() *time.Location {
	if p.r.context.Zone == nil {
		return time.UTC
	}
	return p.r.context.Zone
}
