package lending

import (
	"slices"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Programme is what the lender agrees with its distributors, from
// LintProgramme. The zero value earns nothing, gives no points and sets no
// limit on a first vale; its days and counts take the defaults named here.
type Programme struct {
	LeadDays   int          // days before the due date on which the corte is made; 5
	EarlyDays  int          // days before the enforceable date up to which paying counts as early; 3
	BlockAfter int          // relaciones late in a row that block; 3
	Prevale    Prevale      // limit of a first vale on a line that is wholly free
	Points     Points       // for early payment
	PointsLost money.Rate   // of the points, when a relación is late
	PointWorth money.Amount // what a point is worth, in centavos, as the statement says
	Referrals  Referrals    // what people get to pass on to who might want a vale
	First      string       // category of a new distributor
	Categories []Category
}

// Prevale limits what a distributor may give to somebody who has never paid an
// instalment while nothing of her line is in use: a share of what is available
// plus some slack. A zero share sets no limit.
type Prevale struct {
	Share money.Rate
	Slack money.Amount
}

// Referrals say how the words of invitations are given out.
type Referrals struct {
	Number string // to which who has the word writes, as people dial it; "" is told as the one that we write from
	Days   int    // for how long a word is good; 30
	Most   int    // words that a person gets in 30 days; 5
}

// Category is a class of distributors and what they earn.
type Category struct {
	Name  string
	Scale Scale
}

func (p Programme) withDefaults() Programme {
	p.LeadDays = orElse(p.LeadDays, 5)
	p.EarlyDays = orElse(p.EarlyDays, 3)
	p.BlockAfter = orElse(p.BlockAfter, 3)
	p.Referrals.Days = orElse(p.Referrals.Days, 30)
	p.Referrals.Most = orElse(p.Referrals.Most, 5)
	return p
}

// has reports whether a category exists; the empty one always does.
func (p Programme) has(category string) bool {
	return category == "" || slices.ContainsFunc(p.Categories, func(c Category) bool { return c.Name == category })
}

// reward is what a category earns today. It is frozen into each vale.
func (p Programme) reward(category string) Reward {
	for _, c := range p.Categories {
		if c.Name == category {
			return Reward{Category: c.Name, Scale: c.Scale, Points: p.Points}
		}
	}
	return Reward{Category: category, Points: p.Points}
}

// most is the highest amount of a first vale on a free line.
func (p Prevale) most(available money.Amount) money.Amount {
	if p.Share.IsZero() {
		return available
	}
	return min(available, p.Share.Of(available)+p.Slack)
}

// period returns the period that holds a day (1 to 15, or 16 to the end of the
// month) and its dates as a corte: when it is cut, when it is due.
func (s Settings) period(day quincena.Date) Corte {
	to := quincena.Next(day.AddDays(-1), quincena.Pair{})
	from := quincena.Date{Year: day.Year, Month: day.Month, Day: 1}
	if day.Day > 15 {
		from.Day = 16
	}
	enforceable := quincena.Shift(to, s.Product.Shift, s.Calendar)
	return Corte{
		From: from, To: to, CutOn: to.AddDays(-s.Programme.LeadDays), Enforceable: enforceable,
		EarlyBy: enforceable.AddDays(-s.Programme.EarlyDays),
	}
}
