package understand

import (
	"time"

	"valebot/internal/quincena"
)

// Dates are read relative to the day of Context.Now in the person's zone, and lie
// ahead when nothing says otherwise: people promise, they do not remember. Vague
// ones ("cuando cobre", "la otra semana") are no date; the flow asks.

// weight of a way to say a date: the more exact one of a message wins.
type dateWeight uint8

const (
	weightNone dateWeight = iota
	weightNow             // "ahora": any other date of the message is meant instead
	weightWeekday
	weightDay   // "el 15"
	weightExact // day and month
)

type dated struct {
	date   quincena.Date
	weight dateWeight
	to     int
	year   bool // the year was said
}

func (r *Reading) today() quincena.Date {
	p := dateParser{r: r}
	return quincena.On(r.context.Now, p.zone())
}

// Date returns the one civil date of the message.
func (r Reading) Date() (quincena.Date, bool) {
	d, ok := r.onlyDate()
	return d.date, ok
}

func (r *Reading) onlyDate() (dated, bool) {
	var best dated
	rivals := false
	for i := 0; i < r.tok.n; {
		if to, ok := r.daySpan(i); ok {
			best, rivals, i = dated{weight: weightExact}, true, to // from one day to another: the flow asks
			continue
		}
		d, ok := r.dateAt(i)
		if !ok {
			i++
			continue
		}
		switch {
		case d.weight > best.weight:
			best, rivals = d, false
		case d.weight == best.weight && d.date != best.date:
			rivals = true
		}
		i = max(d.to, i+1)
	}
	return best, best.weight > weightNone && !rivals
}

// dateAt tries every way to say a date that may start at piece i.
func (r *Reading) dateAt(i int) (dated, bool) {
	p := dateParser{r: r, today: r.today(), at: i}
	for n := range dateRules {
		if d, ok := p.rule(n, i); ok && valid(d.date) {
			return d, true
		}
	}
	return dated{}, false
}

const dateRules = 14

// rule tries one way to say a date. A switch, not a list of functions: calls
// through a list would move the parser to the heap for every word.
func (p *dateParser) rule(n, i int) (dated, bool) {
	switch n {
	case 0:
		return p.numeric(i)
	case 1:
		return p.named(i)
	case 2:
		return p.movingFeast(i)
	case 3:
		return p.weekOf(i)
	case 4:
		return p.weekday(i)
	case 5:
		return p.nthWeekday(i)
	case 6:
		return p.distance(i)
	case 7:
		return p.relative(i)
	case 8:
		return p.end(i)
	case 9:
		return p.quincena(i)
	case 10:
		return p.holiday(i)
	case 11:
		return p.dayOfNamedMonth(i)
	case 12:
		return p.hour(i)
	}
	return p.dayOfMonth(i)
}

func valid(d quincena.Date) bool {
	return d.Year >= 1900 && d.Year <= 2200 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= monthDays(d.Year, d.Month)
}

func monthDays(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

type dateParser struct {
	r     *Reading
	today quincena.Date
	at    int // where the date being read begins
}

// weekdayBefore returns the weekday that stands before the date: "viernes (15 jun)".
func (p *dateParser) weekdayBefore() dayWord {
	for i := p.at - 1; i >= 0 && i >= p.at-3; i-- {
		if w := p.day(i); w.kind == dayWeek {
			return w
		}
	}
	return dayWord{}
}

func (p *dateParser) tok(i int) *token {
	if i < 0 || i >= p.r.tok.n {
		return &token{kind: kindMark}
	}
	return &p.r.tok.all[i]
}

func (p *dateParser) day(i int) dayWord {
	if k := p.tok(i); k.kind == kindWord {
		return p.r.u.days[k.id]
	}
	return dayWord{}
}

func (p *dateParser) is(i int, words ...string) bool {
	for _, w := range words {
		if p.r.u.is(p.tok(i), w) {
			return true
		}
	}
	return false
}

// skip returns the piece after any of the words that stand at i.
func (p *dateParser) skip(i int, words ...string) int {
	for p.is(i, words...) {
		i++
	}
	return i
}

func (p *dateParser) mark(i int, marks string) bool {
	k := p.tok(i)
	if i >= p.r.tok.n || k.kind != kindMark {
		return false
	}
	for j := range len(marks) {
		if marks[j] == k.mark {
			return true
		}
	}
	return false
}

// ahead moves a date without a year to its next occurrence.
func ahead(d, today quincena.Date) quincena.Date {
	if d.Before(today) {
		d.Year++
	}
	return d
}

// month returns the month at i. "mar" is March behind a day and the sea elsewhere.
func (p *dateParser) month(i int) dayWord {
	if p.is(i, "mar") {
		return dayWord{dayMonth, int(time.March)}
	}
	return p.day(i)
}

// yearFirst reads "2026/mar/15", as some phones write it.
func (p *dateParser) yearFirst(i int) (dated, bool) {
	k := p.tok(i)
	if k.kind != kindNumber || k.end-k.start != 4 || !p.mark(i+1, "/-") || !p.mark(i+3, "/-") {
		return dated{}, false
	}
	m := p.month(i + 2)
	day, next, ok := p.dayNumber(i + 4)
	if m.kind != dayMonth || !ok {
		return dated{}, false
	}
	return p.withYear(day, time.Month(m.value), int(parseSmall(p.r.text[k.start:k.end])), next)
}

// named reads a day with the month's name, in any order, with or without a year.
func (p *dateParser) named(i int) (dated, bool) {
	if m := p.day(i); m.kind == dayMonth {
		return p.monthFirst(i, time.Month(m.value))
	}
	if d, ok := p.yearFirst(i); ok {
		return d, true
	}
	day, next, ok := p.dayNumber(i)
	if !ok {
		return dated{}, false
	}
	year := 0
	if y := p.tok(next + 1); p.mark(next, "-/") && y.kind == kindNumber && y.end-y.start == 4 {
		year, next = int(parseSmall(p.r.text[y.start:y.end])), next+2 // 23-2020-septiembre
	}
	if d, ok := p.monthNumber(i, day, next); ok {
		return d, true
	}
	next = p.joint(next)
	m := p.month(next)
	if m.kind != dayMonth {
		return dated{}, false
	}
	return p.withYear(day, time.Month(m.value), year, next+1)
}

// monthNumber reads "el 17 del 11": a month in digits, where nothing is counted.
func (p *dateParser) monthNumber(i, day, next int) (dated, bool) {
	if !p.is(next, "del", "de") {
		return dated{}, false
	}
	month, to, ok := p.dayNumber(next + 1)
	sure := p.is(i-1, "el", "dia") && (p.tok(next+1).kind == kindNumber || p.is(next, "del")) || p.is(to, "del", "de")
	if !ok || month > 12 || !sure || p.countsAt(to) {
		return dated{}, false
	}
	d, ok := p.withYear(day, time.Month(month), 0, to)
	return d, ok && (d.year || p.is(i-1, "el", "dia"))
}

func (p *dateParser) monthFirst(i int, m time.Month) (dated, bool) {
	next := p.joint(i + 1)
	day, next, ok := p.dayNumber(next)
	if !ok || p.tok(next).kind == kindWord && p.r.u.units[p.tok(next).id] != UnitNone {
		return dated{}, false
	}
	return p.withYear(day, m, 0, next)
}

// joint skips what stands between day, month and year.
func (p *dateParser) joint(i int) int {
	for p.is(i, "de", "del", "ano") || p.mark(i, "/-.,o") {
		i++
	}
	return i
}

func (p *dateParser) withYear(day int, m time.Month, year, next int) (dated, bool) {
	if year == 0 {
		year, next = p.year(next)
	}
	d := quincena.Date{Year: year, Month: m, Day: day}
	said := year != 0
	if !said {
		d.Year = p.today.Year
		if !valid(d) && day == 29 {
			d.Year++ // 29 February of the next leap year
		}
		if w := p.weekdayBefore(); w.kind != dayWeek || !valid(d) || d.Weekday() != time.Weekday(w.value) {
			d = ahead(d, p.today)
		}
	}
	return dated{date: d, weight: weightExact, to: next, year: said}, valid(d)
}

// year reads a year at i, after "de", "del" or punctuation; 0 when there is none.
func (p *dateParser) year(i int) (year, next int) {
	at := p.joint(i)
	s, ok := p.r.numberAt(at)
	v, isWhole := s.value.Whole()
	if !ok || !isWhole {
		return 0, i
	}
	if v >= 1900 && v <= 2199 {
		return int(v), s.to
	}
	k := p.tok(at)
	digits := k.kind == kindNumber && k.end-k.start == 2
	switch {
	case v < 0 || v > 99 || p.mark(s.to, ":") || p.day(s.to).kind == dayMonth || p.is(s.to, "de"):
		return 0, i
	case at > i && digits:
		return century(int(v)), s.to
	// "5 mar 90", "del noventa": two digits at the end that are no day.
	case s.to == p.r.tok.n && (v > 31 || digits && v < 10) && (digits || at > i):
		return century(int(v)), s.to
	}
	return 0, i
}

// dayNumber reads a day of the month in digits or words, cardinal or ordinal.
func (p *dateParser) dayNumber(i int) (day, next int, ok bool) {
	if w := p.r.u.number(p.tok(i).id); p.tok(i).kind == kindWord && w.kind == numOrdinal && w.value <= 30 {
		if unit := p.r.u.number(p.tok(i + 1).id); w.value >= 20 && p.tok(i+1).kind == kindWord && unit.kind == numOrdinal {
			return int(w.value + unit.value), i + 2, true
		}
		return int(w.value), i + 1, true
	}
	s, ok := p.r.numberAt(i)
	v, isWhole := s.value.Whole()
	if !ok || !isWhole || v < 1 || v > 31 || s.article || s.signed || s.percent {
		return 0, i, false
	}
	return int(v), s.to, true
}

func parseSmall(s string) int64 {
	n, _, _ := parseDigits(s)
	return n.Num
}
