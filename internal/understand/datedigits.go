package understand

import (
	"time"

	"valebot/internal/quincena"
)

// numeric reads 15/03, 15-03-2026, 15.03.26, 2026-03-15 and 3/15 where only one
// order gives a date.
func (p *dateParser) numeric(i int) (dated, bool) {
	if p.tok(i).kind != kindNumber || p.mark(i-1, "/-") && p.tok(i).flags&flagGlued != 0 && p.tok(i-2).kind == kindNumber {
		return dated{}, false
	}
	var f fields
	to := i
	for f.n < 3 {
		k := p.tok(to)
		if k.kind != kindNumber || !f.split(p.r.text[k.start:k.end]) {
			break
		}
		to++
		if !p.mark(to, "/-") || p.tok(to+1).kind != kindNumber {
			break
		}
		f.slashed = true
		to++
	}
	if f.bad || f.n < 2 || f.n == 2 && !f.slashed && !p.is(i-1, "el", "dia") {
		return dated{}, false
	}
	if k := p.tok(p.skip(to, "de")); f.n == 2 && k.kind == kindWord && (p.r.u.units[k.id] != UnitNone || p.day(p.joint(to)).kind == dayMonth) {
		return dated{}, false // half an hour; or days of a month that is named
	}
	d, ok := f.date(p.today)
	return dated{date: d, weight: weightExact, to: to, year: f.n == 3}, ok
}

// fields are the two or three numbers of a numeric date.
type fields struct {
	v       [3]int
	wide    [3]bool // four digits
	n       int
	slashed bool
	bad     bool
}

func (f *fields) split(s string) bool {
	value, digits := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isDigit(s[i]) {
			value = value*10 + int(s[i]-'0')
			if digits++; digits > 4 {
				f.bad = true
				return false
			}
			continue
		}
		if f.n == 3 || digits == 3 {
			f.bad = true
			return false
		}
		f.v[f.n], f.wide[f.n] = value, digits == 4
		f.n++
		value, digits = 0, 0
	}
	return true
}

func (f *fields) date(today quincena.Date) (quincena.Date, bool) {
	a, b, c := f.v[0], f.v[1], f.v[2]
	switch {
	case f.n == 2 && !f.wide[0] && !f.wide[1]:
		year := today.Year
		if a == 29 && b == 2 && monthDays(year+1, time.February) == 29 {
			year++ // next year has one; further off it is a slip
		}
		d, ok := dayMonthOf(year, a, b)
		return ahead(d, today), ok
	case f.n == 3 && f.wide[0] && !f.wide[1] && !f.wide[2]:
		return dayMonthOf(a, c, b)
	case f.n == 3 && f.wide[2] && !f.wide[0] && !f.wide[1]:
		return dayMonthOf(c, a, b)
	case f.n == 3 && !f.wide[0] && !f.wide[1]:
		return dayMonthOf(century(c), a, b)
	}
	return quincena.Date{}, false
}

// dayMonthOf takes the Mexican order, and the American one where the first gives no date.
func dayMonthOf(year, a, b int) (quincena.Date, bool) {
	for _, o := range [...][2]int{{a, b}, {b, a}} {
		d := quincena.Date{Year: year, Month: time.Month(o[1]), Day: o[0]}
		if valid(d) {
			return d, true
		}
	}
	return quincena.Date{}, false
}

// century completes a year of two digits: 50 and later belong to the last century.
func century(year int) int {
	switch {
	case year >= 100:
		return year
	case year >= 50:
		return 1900 + year
	}
	return 2000 + year
}
