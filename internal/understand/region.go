package understand

import (
	"fmt"
	"strings"
)

// stateSet holds states of Mexico, one bit each.
type stateSet uint32

// stateCodes are the two letters that a CURP uses for each state, in the order of
// their bits (Instructivo normativo para la asignación de la CURP, annex 2).
const stateCodes = "ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZYNZS"

// stateOf returns the set of one state, empty for "" and for what is no state: an
// unknown state must do no harm.
func stateOf(code string) stateSet {
	if len(code) != 2 {
		return 0
	}
	for i := 0; i < len(stateCodes); i += 2 {
		if stateCodes[i:i+2] == code {
			return 1 << (i / 2)
		}
	}
	return 0
}

// statesOf reads the states of an entry.
func statesOf(codes []Text) (stateSet, error) {
	var set stateSet
	for _, c := range codes {
		one := stateOf(strings.ToUpper(c.Value))
		if one == 0 {
			return 0, fmt.Errorf("%s: there is no state %q", c.At, c.Value)
		}
		set |= one
	}
	return set, nil
}
