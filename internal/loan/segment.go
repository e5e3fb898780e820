package loan

// Segment says how somebody pays, and so how to write to her.
type Segment string

// The segments.
const (
	Punctual Segment = "puntual" // never reminded
	Slight   Segment = "leve"
	Chronic  Segment = "cronico"
)

// The look back: the last six instalments, three months of quincenas.
const (
	historyLength = 6
	chronicDays   = 15 // one instalment this late is enough
	chronicMisses = 3  // or this many late ones
)

// SegmentOf judges a history of days late, oldest first, one per instalment
// that was paid or is late; only the last six count. Without a history
// somebody is punctual until shown otherwise.
func SegmentOf(daysLate []int) Segment {
	recent := daysLate[max(0, len(daysLate)-historyLength):]
	misses, worst := 0, 0
	for _, d := range recent {
		if d > 0 {
			misses++
		}
		worst = max(worst, d)
	}
	switch {
	case misses == 0:
		return Punctual
	case misses >= chronicMisses || worst > chronicDays:
		return Chronic
	}
	return Slight
}

// History lists the days late of the instalments that were paid or are late,
// by their date.
func (p Position) History() []int {
	var days []int
	for _, r := range p.Rows {
		if r.State == InstalmentPaid || r.State == InstalmentLate {
			days = append(days, r.DaysLate)
		}
	}
	return days
}
