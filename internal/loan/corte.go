package loan

// CorteState is where a corte stands: the close of one period (1–15, or 16 to
// the end of the month) of one branch.
type CorteState string

// The states of a corte.
const (
	CorteOpen    CorteState = "OPEN"    // its period runs
	CorteClosing CorteState = "CLOSING" // relaciones are being made, distributor by distributor
	CorteClosed  CorteState = "CLOSED"  // every distributor has hers, for ever
)

// CorteEvent is what happens to a corte.
type CorteEvent string

// The events of a corte.
const (
	CorteDoStart  CorteEvent = "start"
	CorteDoFinish CorteEvent = "finish"
)

func corteTable() []step[CorteState, CorteEvent] {
	return []step[CorteState, CorteEvent]{
		{CorteDoStart, CorteOpen, CorteClosing},
		{CorteDoFinish, CorteClosing, CorteClosed},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s CorteState) Next(e CorteEvent) (CorteState, error) { return next(corteTable(), s, e) }

// Terminal reports whether nothing leads out of the state.
func (s CorteState) Terminal() bool { return terminal(corteTable(), s) }

// CorteTransitions returns the whole table.
func CorteTransitions() []Transition { return export(corteTable()) }

// RelacionState is where a relación stands: what a distributor's clients have
// to pay by one date, under one payment reference. What it says never changes;
// only how much of it is covered does, until the next one takes its place.
type RelacionState string

// The states of a relación.
const (
	RelacionGenerated RelacionState = "GENERATED" // nothing of it is covered
	RelacionPartial   RelacionState = "PARTIAL"   // some of it is covered, and it is not late
	RelacionOverdue   RelacionState = "OVERDUE"   // past its date with something uncovered
	RelacionPaid      RelacionState = "PAID"      // covered whole
	RelacionCarried   RelacionState = "CARRIED"   // the rest stands in the next one
)

// RelacionEvent is what happens to a relación.
type RelacionEvent string

// The events of a relación. A payment that is undone leads back.
const (
	RelacionDoCover   RelacionEvent = "cover"
	RelacionDoUncover RelacionEvent = "uncover"
	RelacionDoPay     RelacionEvent = "pay"
	RelacionDoExpire  RelacionEvent = "expire"
	RelacionDoCarry   RelacionEvent = "carry"
)

func relacionTable() []step[RelacionState, RelacionEvent] {
	return []step[RelacionState, RelacionEvent]{
		{RelacionDoCover, RelacionGenerated, RelacionPartial},
		{RelacionDoPay, RelacionGenerated, RelacionPaid},
		{RelacionDoPay, RelacionPartial, RelacionPaid},
		{RelacionDoPay, RelacionOverdue, RelacionPaid},
		{RelacionDoExpire, RelacionGenerated, RelacionOverdue},
		{RelacionDoExpire, RelacionPartial, RelacionOverdue},
		{RelacionDoUncover, RelacionPartial, RelacionGenerated},
		{RelacionDoUncover, RelacionPaid, RelacionGenerated},
		{RelacionDoCover, RelacionPaid, RelacionPartial}, // part of it was undone
		{RelacionDoExpire, RelacionPaid, RelacionOverdue},
		{RelacionDoCarry, RelacionGenerated, RelacionCarried}, // cut again before its date
		{RelacionDoCarry, RelacionPartial, RelacionCarried},
		{RelacionDoCarry, RelacionOverdue, RelacionCarried},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s RelacionState) Next(e RelacionEvent) (RelacionState, error) {
	return next(relacionTable(), s, e)
}

// Terminal reports whether nothing leads out of the state.
func (s RelacionState) Terminal() bool { return terminal(relacionTable(), s) }

// RelacionTransitions returns the whole table.
func RelacionTransitions() []Transition { return export(relacionTable()) }
