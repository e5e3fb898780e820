package quincena

import "time"

// Holiday is a day on which banks do not work.
type Holiday struct {
	Date Date
	Name string // in Spanish, as the desk shows it
}

// Calendar tells business days. Its zero value knows the rest days of article
// 74 of the Ley Federal del Trabajo and those that the yearly CNBV calendar
// adds for banks; saturdays and sundays are not business days.
type Calendar struct{ extra map[Date]string }

// NewCalendar returns the bank calendar with holidays that decrees added.
func NewCalendar(extra ...Holiday) Calendar {
	c := Calendar{extra: make(map[Date]string, len(extra))}
	for _, h := range extra {
		c.extra[h.Date] = h.Name
	}
	return c
}

// Holiday returns the name of d's holiday, or "".
func (c Calendar) Holiday(d Date) string {
	if name, ok := c.extra[d]; ok {
		return name
	}
	if name := fixedHoliday(d); name != "" {
		return name
	}
	return movableHoliday(d)
}

// IsBusinessDay reports whether banks work on d.
func (c Calendar) IsBusinessDay(d Date) bool {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return c.Holiday(d) == ""
}

// Holidays lists the year's holidays in order, those on weekends among them.
func (c Calendar) Holidays(year int) []Holiday {
	var list []Holiday
	for d := (Date{year, time.January, 1}); d.Year == year; d = d.AddDays(1) {
		if name := c.Holiday(d); name != "" {
			list = append(list, Holiday{d, name})
		}
	}
	return list
}

// fixedHoliday knows the days with a date of their own. 2 November and 12
// December are the banks' alone.
func fixedHoliday(d Date) string {
	switch (Date{0, d.Month, d.Day}) {
	case Date{0, time.January, 1}:
		return "Año Nuevo"
	case Date{0, time.May, 1}:
		return "Día del Trabajo"
	case Date{0, time.September, 16}:
		return "Independencia"
	case Date{0, time.November, 2}:
		return "Día de Muertos"
	case Date{0, time.December, 12}:
		return "Día del Empleado Bancario"
	case Date{0, time.December, 25}:
		return "Navidad"
	}
	return handover(d)
}

// handover is the change of the federal executive every six years, on 1
// October since 2024 and on 1 December before.
func handover(d Date) string {
	october := d.Year >= 2024 && d.Month == time.October
	december := d.Year < 2024 && d.Month == time.December
	if d.Day == 1 && (october || december) && (d.Year-2024)%6 == 0 {
		return "Transmisión del Poder Ejecutivo Federal"
	}
	return ""
}

// movableHoliday knows the mondays that the reform of 2006 moved, and the bank
// thursday and friday before Easter.
func movableHoliday(d Date) string {
	switch {
	case isNthMonday(d, time.February, 1):
		return "Día de la Constitución"
	case isNthMonday(d, time.March, 3):
		return "Natalicio de Benito Juárez"
	case isNthMonday(d, time.November, 3):
		return "Revolución Mexicana"
	}
	if d.Month != time.March && d.Month != time.April {
		return ""
	}
	switch d.DaysUntil(Easter(d.Year)) {
	case 3:
		return "Jueves Santo"
	case 2:
		return "Viernes Santo"
	}
	return ""
}

func isNthMonday(d Date, month time.Month, n int) bool {
	return d.Month == month && (d.Day-1)/7 == n-1 && d.Weekday() == time.Monday
}

// Easter returns Easter sunday of a Gregorian year, by the anonymous algorithm (Meeus).
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	g := (b - (b+8)/25 + 1) / 3
	h := (19*a + b - b/4 - g + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Date{year, time.Month(n / 31), n%31 + 1}
}

// Direction is where a due date goes when it is not a business day.
type Direction string

// The directions. Stay leaves the date as it is.
const (
	Stay      Direction = "stay"
	Following Direction = "next"
	Preceding Direction = "previous"
)

// Valid reports whether the direction is one of the three.
func (d Direction) Valid() bool { return d == Stay || d == Following || d == Preceding }

// Shift returns d if it is a business day, or else the nearest one in the
// direction.
func Shift(d Date, to Direction, cal Calendar) Date {
	step := 1
	switch to {
	case Following:
	case Preceding:
		step = -1
	default:
		return d
	}
	for !cal.IsBusinessDay(d) {
		d = d.AddDays(step)
	}
	return d
}
