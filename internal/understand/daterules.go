package understand

import (
	"time"

	"valebot/internal/quincena"
)

// relative reads hoy, mañana, pasado mañana, ayer, esta noche. "La mañana" is the
// morning, not tomorrow.
func (p *dateParser) relative(i int) (dated, bool) {
	at := func(offset, to int) (dated, bool) {
		return dated{date: p.today.AddDays(offset), weight: weightWeekday, to: to}, true
	}
	w := p.day(i)
	switch {
	case p.is(i, "vispera") && p.is(i+1, "de"):
		return p.eve(i + 2)
	case w.kind == dayLast && p.is(i, "pasado") && p.is(i+1, "manana"):
		return at(2, i+2)
	case p.is(i, "antes") && p.is(i+1, "de") && p.is(i+2, "ayer"):
		return at(-2, i+3)
	case p.is(i, "esta") && p.is(i+1, "manana"):
		return at(0, i+2)
	case p.is(i, "manana") && (p.is(i-1, "la", "las", "esta") || p.is(i-1, "de") && p.is(i-2, "hoy")):
		return dated{}, false
	case p.is(i, "esta") && p.is(i+1, "noche", "tarde"), p.is(i, "este") && p.is(i+1, "momento"):
		return at(0, i+2)
	case p.is(i, "ahora", "ahorita", "mediodia"):
		return dated{date: p.today, weight: weightNow, to: i + 1}, true
	case w.kind == dayOffset:
		return at(w.value, i+1)
	case p.is(i, "despues") && p.is(i+1, "de") && p.is(i+2, "manana"):
		return at(2, i+3)
	case p.is(i, "dia") && p.is(i+1, "despues") && p.is(i+2, "de") && p.is(i+3, "manana"):
		return at(2, i+4)
	case p.is(i, "dia") && p.is(i+1, "despues", "siguiente"), w.kind == dayNext && p.is(i+1, "dia"),
		p.is(i, "otro") && p.is(i+1, "dia") && p.is(i-1, "al"):
		return at(1, i+2)
	case p.is(i, "dia") && p.is(i-1, "el") && p.is(i+1, "anterior", "previo"):
		return at(-1, i+2)
	case p.is(i, "dia") && p.is(i-1, "el") && p.is(i+1, "de") && p.is(i+2, "antes") && !p.is(i+3, "de"):
		return at(-1, i+3)
	case p.is(i, "dia") && p.is(i-1, "el") && p.is(i+1, "de") && p.is(i+2, "despues") && !p.is(i+3, "de"):
		return at(1, i+3)
	case p.is(i, "dia") && p.is(i-1, "el") && p.is(i-2, "por"):
		return at(0, i+1)
	case p.is(i, "fin", "final") && (p.is(i+1, "de") && p.is(i+2, "dia") || p.is(i+1, "del") && p.is(i+2, "dia")):
		return at(0, i+3)
	}
	return dated{}, false
}

// eve reads the day before a feast.
func (p *dateParser) eve(i int) (dated, bool) {
	d, ok := p.holiday(i)
	d.date = d.date.AddDays(-1)
	return d, ok
}

// distance reads "en tres días", "dentro de una semana", "hace 2 meses",
// "tres días a partir de hoy", "de hoy en ocho".
func (p *dateParser) distance(i int) (dated, bool) {
	if w := p.day(i); w.kind == dayOffset {
		if more, next := p.inEight(i + 1); more > 0 {
			return dated{date: p.today.AddDays(w.value + more), weight: weightDay, to: next}, true
		}
	}
	sign, start := 1, i
	switch {
	case p.is(i, "hace"):
		sign, start = -1, i+1
	case p.is(i, "dentro") && p.is(i+1, "de"):
		start = i + 2
	case p.is(i, "de") && p.is(i+1, "aqui", "hoy") && p.is(i+2, "a"):
		start = i + 3
	case p.is(i, "en"):
		start = i + 1
	}
	if minutes, to, ok := p.partOfHour(start); ok && start > i {
		return dated{date: p.clock(minutes*sign, UnitMinute), weight: weightDay, to: to}, true
	}
	s, ok := p.r.numberAt(start)
	n, isWhole := s.value.Whole()
	if p.is(s.to+1, "y") && p.is(s.to+2, "media", "medio") {
		return p.andHalf(int(n)*sign, s.to)
	}
	if !ok || !isWhole || n < 0 || n > 1000 || s.to >= p.r.tok.n {
		return dated{}, false
	}
	unit := p.r.u.units[p.tok(s.to).id]
	to, anchored := p.anchor(s.to+1, &sign)
	if start == i && !anchored || p.is(to, "desde") {
		return dated{}, false
	}
	d, ok := p.move(int(n)*sign, unit, to)
	return dated{date: d, weight: weightDay, to: to}, ok
}

// anchor reads what a bare distance counts from.
func (p *dateParser) anchor(i int, sign *int) (int, bool) {
	switch {
	case p.is(i, "a") && p.is(i+1, "partir") && p.is(i+2, "de") && p.is(i+3, "hoy", "ahora", "manana", "ayer"):
		return i + 4, true
	case p.is(i, "antes") && p.is(i+1, "de") && p.is(i+2, "ayer"):
		*sign = -*sign
		return i + 3, true
	case p.is(i, "despues") && p.is(i+1, "de") && p.is(i+2, "manana", "hoy"):
		return i + 3, true
	case p.is(i, "mas") && p.is(i+1, "tarde"):
		return i + 2, true
	case p.is(i, "despues", "mas") && !p.is(i+1, "de", "del", "que"):
		return i + 1, true
	case p.is(i, "antes", "atras") && !p.is(i+1, "de", "del", "que"):
		*sign = -*sign
		return i + 1, true
	}
	return i, false
}

func (p *dateParser) move(n int, unit Unit, to int) (quincena.Date, bool) {
	base := p.today
	if to > 0 {
		if w := p.day(to - 1); w.kind == dayOffset {
			base = base.AddDays(w.value)
		}
	}
	switch unit {
	case UnitDay:
		return base.AddDays(n), true
	case UnitWeek:
		return base.AddDays(7 * n), true
	case UnitCatorcena:
		return base.AddDays(14 * n), true
	case UnitMonth:
		return base.AddMonths(n), true
	case UnitYear:
		return base.AddMonths(12 * n), true
	case UnitHour, UnitMinute:
		return p.clock(n, unit), true
	case UnitQuincena:
		for range min(max(n, 0), 48) {
			base = quincena.Next(base, quincena.Pair{})
		}
		return base, n > 0
	}
	return quincena.Date{}, false
}

// clock moves by hours or minutes, which may cross midnight.
func (p *dateParser) clock(n int, unit Unit) quincena.Date {
	step := time.Minute
	if unit == UnitHour {
		step = time.Hour
	}
	return quincena.On(p.r.context.Now.Add(time.Duration(n)*step), p.zone())
}

// weekday reads "el viernes", "este viernes", "el próximo viernes", "el viernes
// pasado", "viernes 15" (the next Friday that is a 15th).
func (p *dateParser) weekday(i int) (dated, bool) {
	w := p.day(i)
	if p.is(i, "vienes") && p.is(i-1, "el", "este", "otro", "proximo") {
		w = dayWord{dayWeek, int(time.Friday)} // the commonest slip of all
	}
	if w.kind != dayWeek {
		return dated{}, false
	}
	to := i + 1
	if p.is(to, "santo", "negro") {
		return dated{}, false // a day of its own, not just any Friday
	}
	days := (w.value - int(p.today.Weekday()) + 7) % 7
	if day, next, ok := p.dayNumber(p.skip(to, "el", "dia", "a")); ok && !p.countsAt(next) && !p.mark(next, "/-") {
		return p.weekdayOn(time.Weekday(w.value), day, next)
	}
	switch {
	case p.day(i-1).kind == dayNext && !p.is(i-2, "este"):
		days = days + 7 - 7*b2i(int(p.today.Weekday()) == 0 || w.value != 0 && w.value <= int(p.today.Weekday()))
		if days == 0 {
			days = 7
		}
	case p.is(i-1, "otro"): // not this one: the one after it
		days += 7
	case p.day(i-1).kind == dayLast:
		return p.inWeek(w.value, -1, to), true
	case p.day(to).kind == dayLast && !p.is(to, "ultimo", "ultima"):
		return p.inWeek(w.value, -1, to+1), true
	case days == 0 && !p.is(i-1, "este", "hoy"):
		days = 7
	}
	if more, next := p.inEight(to); more > 0 {
		return dated{date: p.today.AddDays(days + more), weight: weightDay, to: next}, true
	}
	return dated{date: p.today.AddDays(days), weight: weightWeekday, to: to}, true
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// countsAt says that a number before piece i counts something: "viernes 2 pesos".
func (p *dateParser) countsAt(i int) bool {
	k := p.tok(i)
	if p.mark(i, ":") || p.is(i, "de") && p.day(i+1).kind == dayMonth {
		return true
	}
	return k.kind == kindWord && (p.r.u.units[k.id] != UnitNone || p.r.u.monies[k.id].kind != moneyNone ||
		p.r.u.number(k.id).kind == numThousand || p.day(i).kind == dayMonth)
}

// weekdayOn finds the first month, from this one on, in which the day falls on
// the weekday: who writes "martes 25" on a Friday 28 means the past Tuesday, and
// the flow says that it is past.
func (p *dateParser) weekdayOn(w time.Weekday, day, to int) (dated, bool) {
	d := quincena.Date{Year: p.today.Year, Month: p.today.Month, Day: day}
	for range 24 {
		if valid(d) && d.Weekday() == w {
			return dated{date: d, weight: weightExact, to: to}, true
		}
		d.Month++
		if d.Month > 12 {
			d.Month, d.Year = 1, d.Year+1
		}
	}
	return dated{}, false
}

// weekOf reads "el lunes de la semana próxima", "miércoles de esta semana",
// "la semana anterior - lunes".
func (p *dateParser) weekOf(i int) (dated, bool) {
	w, at := p.day(i), i+1
	if w.kind == dayWeek {
		at = p.skip(at, "de", "del", "la", "el")
		if shift, to, ok := p.week(at); ok && (at > i+1 || p.is(at, "esta")) {
			return p.inWeek(w.value, shift, to), true
		}
		return dated{}, false
	}
	shift, to, ok := p.week(i)
	if !ok {
		return dated{}, false
	}
	for p.mark(to, "-,") || p.is(to, "el") {
		to++
	}
	if w := p.day(to); w.kind == dayWeek {
		return p.inWeek(w.value, shift, to+1), true
	}
	return dated{}, false
}

// week reads which week is meant: 0 this, 1 next, -1 last.
func (p *dateParser) week(i int) (shift, to int, ok bool) {
	switch {
	case p.is(i, "esta") && p.is(i+1, "semana"):
		return 0, i + 2, true
	case (p.day(i).kind == dayNext || p.is(i, "otra")) && p.is(i+1, "semana"):
		return 1, i + 2, true
	case p.day(i).kind == dayLast && p.is(i+1, "semana"):
		return -1, i + 2, true
	case p.is(i, "semana") && p.is(i+1, "que") && p.is(i+2, "viene", "entra", "sigue"):
		return 1, i + 3, true
	case p.is(i, "semana") && p.day(i+1).kind == dayNext:
		return 1, i + 2, true
	case p.is(i, "semana") && p.day(i+1).kind == dayLast:
		return -1, i + 2, true
	}
	return 0, i, false
}

// inWeek counts weeks from Monday, as calendars in Mexico hang on the wall.
func (p *dateParser) inWeek(weekday, shift, to int) dated {
	monday := p.today.AddDays(-(int(p.today.Weekday()) + 6) % 7)
	return dated{date: monday.AddDays((weekday+6)%7 + 7*shift), weight: weightDay, to: to}
}

// nthWeekday reads "el primer viernes de julio", "el último lunes del mes".
func (p *dateParser) nthWeekday(i int) (dated, bool) {
	n := p.r.u.number(p.tok(i).id)
	w := p.day(i + 1)
	last := p.is(i, "ultimo", "penultimo")
	if !last && (p.tok(i).kind != kindWord || n.kind != numOrdinal || n.value > 5) || w.kind != dayWeek {
		return dated{}, false
	}
	at := p.skip(i+2, "de", "del", "este")
	first := quincena.Date{Year: p.today.Year, Month: p.today.Month, Day: 1}
	if m := p.day(at); m.kind == dayMonth {
		first.Month = time.Month(m.value)
		if first.Month < p.today.Month {
			first.Year++
		}
	} else if m, next, ok := p.monthAt(i + 2); ok {
		first, at = m, next-1
	} else {
		return dated{}, false
	}
	days := (w.value - int(first.Weekday()) + 7) % 7
	if last {
		end := first.AddMonths(1).AddDays(-1 - 7*b2i(p.is(i, "penultimo")))
		return dated{date: end.AddDays(-((int(end.Weekday()) - w.value + 7) % 7)), weight: weightExact, to: at + 1}, true
	}
	return dated{date: first.AddDays(days + 7*int(n.value-1)), weight: weightExact, to: at + 1}, true
}

// end reads "a fin de mes", "fin de año", "último de mes".
func (p *dateParser) end(i int) (dated, bool) {
	at := p.skip(i+1, "dia", "de", "del", "este")
	if m, next, ok := p.monthAt(p.skip(i+1, "dia")); ok && p.is(i, "fin", "final", "finales", "fines", "ultimo") {
		m.Day = monthDays(m.Year, m.Month)
		return dated{date: m, weight: weightDay, to: next}, true
	}
	if !p.is(i, "fin", "fines", "final", "finales", "ultimo") || at == i+1 {
		return dated{}, false
	}
	d := p.today
	switch {
	case p.is(at, "mes"):
		d.Day = monthDays(d.Year, d.Month)
	case p.day(at).kind == dayMonth:
		d = ahead(quincena.Date{Year: d.Year, Month: time.Month(p.day(at).value), Day: 28}, d)
		d.Day = monthDays(d.Year, d.Month)
	case p.is(at, "ano"):
		d.Month, d.Day = time.December, 31
	case p.is(at, "quincena"):
		d = p.payday()
	default:
		return dated{}, false
	}
	return dated{date: d, weight: weightDay, to: at + 1}, true
}

// payday is the next 15th or last day, today among them.
func (p *dateParser) payday() quincena.Date {
	return quincena.Next(p.today.AddDays(-1), quincena.Pair{})
}

// quincena reads "la quincena", "la próxima quincena", "a la quincena que viene".
func (p *dateParser) quincena(i int) (dated, bool) {
	if !p.is(i, "quincena") {
		return dated{}, false
	}
	next := p.day(i-1).kind == dayNext || p.day(i+1).kind == dayNext || p.is(i+1, "que") && p.is(i+2, "viene")
	if !next && !p.is(i-1, "la", "esta") {
		return dated{}, false
	}
	d := p.payday()
	if next {
		d = quincena.Next(p.today, quincena.Pair{})
	}
	return dated{date: d, weight: weightDay, to: i + 1}, true
}

// dayOfMonth reads "el 15", "el día quince", "para el 30".
func (p *dateParser) dayOfMonth(i int) (dated, bool) {
	day, to, ok := p.dayNumber(i)
	_, _, placed := p.monthAt(to)
	led := p.is(i-1, "el", "dia", "del", "al") || p.day(i-1).kind == dayNext && p.is(i-2, "el") || p.is(i-1, "este")
	if !led && !placed || p.mark(i+1, "%/") {
		return dated{}, false
	}
	if !ok || p.countsAt(to) || p.numbering(i) || p.is(to, "o", "u") && p.tok(to+1).kind == kindNumber {
		return dated{}, false
	}
	if m, next, ok := p.monthAt(to); ok {
		m.Day = min(day, monthDays(m.Year, m.Month))
		return dated{date: m, weight: weightDay, to: next}, true
	}
	d := p.today
	for range 2 {
		d.Day = min(day, monthDays(d.Year, d.Month))
		if !d.Before(p.today) {
			break
		}
		d.Day = 1
		d = d.AddMonths(1)
	}
	return dated{date: d, weight: weightDay, to: to}, true
}

// numbering says that an ordinal goes on to name something: "el primer pago".
func (p *dateParser) numbering(i int) bool {
	return p.tok(i).kind == kindWord && p.r.u.number(p.tok(i).id).kind == numOrdinal
}
