package mexid_test

import (
	"fmt"
	"testing"

	"valebot/internal/mexid"
)

func TestStateOfAPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phone mexid.Phone
		state string
	}{
		{"+526671234567", "SL"},
		{"+526621234567", "SR"},
		{"+526641234567", "BC"},
		{"+523312345678", "JC"},
		{"+528112345678", "NL"},
		{"+525512345678", "DF"},
		{"+525612345678", "DF"},
		{"+527221234567", "MC"},
		{"+529991234567", "YN"},
		{"+529611234567", "CS"},
		{"+528711234567", "CL"},
		{"+526181234567", "DG"},
		{"+524491234567", "AS"},
		{"+522221234567", "PL"},
		// Two states share the area, so it settles neither.
		{"+528721234567", ""},
		{"+524951234567", ""},
		{"+528671234567", ""},
		// No Mexican number of ten digits.
		{"+5266712345", ""},
		{"", ""},
		{"MX.opaque", ""},
	} {
		if got := c.phone.State(); got != c.state {
			t.Errorf("%s: State = %q, want %q", c.phone, got, c.state)
		}
	}
}

// Every state has phones, and a state that a phone is given is one that a CURP
// knows.
func TestEveryStateHasAnArea(t *testing.T) {
	t.Parallel()
	const codes = "ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZYNZS"
	states, seen := map[string]bool{"": true}, map[string]bool{}
	for i := 0; i < len(codes); i += 2 {
		states[codes[i:i+2]] = true
	}
	for area := range 1000 {
		state := mexid.Phone(fmt.Sprintf("+52%03d1234567", area)).State()
		if !states[state] {
			t.Errorf("area %d is of %q, which is no state", area, state)
		}
		seen[state] = true
	}
	for state := range states {
		if !seen[state] {
			t.Errorf("no area is of %q", state)
		}
	}
}
