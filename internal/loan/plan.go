package loan

// Timing is where an instalment stands when money arrives.
type Timing string

// The timings. Past due begins the day after the enforceable date.
const (
	PastDue   Timing = "past_due"
	DueNow    Timing = "due"
	InAdvance Timing = "in_advance"
)

// Part is what a payment can pay of an instalment. IVA has no part of its own:
// it is paid together with its base.
type Part string

// The parts.
const (
	PartPenalty   Part = "penalty"
	PartFee       Part = "fee"
	PartInsurance Part = "insurance"
	PartInterest  Part = "interest"
	PartCapital   Part = "capital"
)

// Stage is one stretch of an allocation plan: all instalments with that
// timing, oldest first, and of each the parts in order. Paying one part of all
// instalments before the next part is written as several stages.
type Stage struct {
	When Timing `json:"when" yaml:"when"`
	Pay  []Part `json:"pay" yaml:"pay"`
}

// Plan is the order in which a payment is allocated.
type Plan []Stage

// bucket is one cell of a plan.
type bucket struct {
	Timing
	Part
}

// problem reports the first bucket that does not exist, stands twice or is
// missing. All must be there, those in advance too: money that no bucket takes
// would lie in the saldo a favor while something is owed.
func (p Plan) problem() string {
	seen := map[bucket]bool{}
	for _, stage := range p {
		for _, part := range stage.Pay {
			if part.base() == noComponent || !stage.When.valid() {
				return "«" + string(stage.When) + " " + string(part) + "» no existe"
			}
			if seen[bucket{stage.When, part}] {
				return "«" + string(stage.When) + " " + string(part) + "» está dos veces"
			}
			seen[bucket{stage.When, part}] = true
		}
	}
	for _, when := range []Timing{PastDue, DueNow, InAdvance} {
		for _, part := range []Part{PartPenalty, PartFee, PartInsurance, PartInterest, PartCapital} {
			if !seen[bucket{when, part}] {
				return "falta «" + string(when) + " " + string(part) + "»"
			}
		}
	}
	return ""
}

func (t Timing) valid() bool { return t == PastDue || t == DueNow || t == InAdvance }

// stages counts the stages of a timing.
func (p Plan) stages(when Timing) int {
	n := 0
	for _, stage := range p {
		if stage.When == when {
			n++
		}
	}
	return n
}
