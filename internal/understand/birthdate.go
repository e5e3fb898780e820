package understand

import "valebot/internal/quincena"

// Ages of people who may hold a vale; a birth date outside is a slip of the thumb.
const (
	minAge = 15
	maxAge = 110
)

// BirthDate returns a birth date: day, month and year in any usual form,
// "05031990" and "5 3 90" among them. Two digits of a year mean the past.
func (r Reading) BirthDate() (quincena.Date, bool) {
	d, ok := r.onlyDate()
	if ok && d.year && d.weight == weightExact {
		return r.plausible(d.date)
	}
	return r.birthDigits()
}

// plausible moves a two-digit year that fell into the future back a century.
func (r *Reading) plausible(d quincena.Date) (quincena.Date, bool) {
	today := r.today()
	if d.Year > today.Year-minAge && d.Year > 2000 && !r.says(d.Year) {
		d.Year -= 100
	}
	age := today.Year - d.Year
	return d, age >= minAge && age <= maxAge && valid(d)
}

// says reports whether the message spells the year in four digits.
func (r *Reading) says(year int) bool {
	for i := 0; i+4 <= len(r.text); i++ {
		if n, _, ok := parseDigits(r.text[i : i+4]); ok && n.Den == 1 && n.Num == int64(year) {
			return true
		}
	}
	return false
}

// birthDigits reads a date that is only digits and blanks.
func (r *Reading) birthDigits() (quincena.Date, bool) {
	var f fields
	for i := range r.tok.n {
		k := &r.tok.all[i]
		if k.kind != kindNumber {
			continue
		}
		s := r.text[k.start:k.end]
		if (len(s) == 8 || len(s) == 6) && f.n == 0 && allDigits(s) {
			return r.packed(s)
		}
		if f.n == 3 || !f.split(s) {
			return quincena.Date{}, false
		}
	}
	if f.n != 3 || f.bad {
		return quincena.Date{}, false
	}
	d, ok := f.date(r.today())
	if !ok {
		return d, false
	}
	return r.plausible(d)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// packed reads ddmmyyyy, or yyyymmdd when only that is a date, and ddmmyy.
func (r *Reading) packed(s string) (quincena.Date, bool) {
	var f fields
	for _, cut := range [...][2]int{{2, 4}, {4, 6}} {
		f = fields{}
		if !f.split(s[:cut[0]]) || !f.split(s[cut[0]:cut[1]]) || !f.split(s[cut[1]:]) {
			continue
		}
		if d, ok := f.date(r.today()); ok {
			if d, ok = r.plausible(d); ok {
				return d, true
			}
		}
	}
	return quincena.Date{}, false
}
