package loan

import "valebot/internal/fault"

// Transition is one row of a state machine: in the source state, the event
// leads to the destination. What has no row is refused.
type Transition struct{ Source, Event, Destination string }

// step is a row with its types, so that a table cannot mix two machines.
type step[S, E ~string] struct {
	event E
	from  S
	to    S
}

var errTransition = fault.New(fault.Conflict, "bad_transition", "Eso ya no se puede hacer en el estado en que está.")

// badTransition is the detail that the log sees.
type badTransition struct{ state, event string }

func (b badTransition) Error() string { return "event " + b.event + " in state " + b.state }

func next[S, E ~string](table []step[S, E], s S, e E) (S, error) {
	for _, row := range table {
		if row.from == s && row.event == e {
			return row.to, nil
		}
	}
	return s, errTransition.Because(badTransition{string(s), string(e)})
}

func export[S, E ~string](table []step[S, E]) []Transition {
	rows := make([]Transition, len(table))
	for i, row := range table {
		rows[i] = Transition{string(row.from), string(row.event), string(row.to)}
	}
	return rows
}

// terminal reports whether nothing leads out of the state.
func terminal[S, E ~string](table []step[S, E], s S) bool {
	for _, row := range table {
		if row.from == s {
			return false
		}
	}
	return true
}
