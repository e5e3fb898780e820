package twilio_test

import (
	"testing"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
)

func TestClassOfCode(t *testing.T) {
	t.Parallel()
	for class, codes := range map[message.Class][]int{
		message.Safe:      {20429},
		message.Ambiguous: {20500, 20503},
		message.Config:    {20003, 20404, 21212, 21408, 21606, 21703, 21705, 21709, 30002, 30018, 30024, 30032, 30034, 63007, 63008, 10002},
		message.OptedOut:  {21610},
		message.BadNumber: {21211, 21604, 21614, 30005, 30006},
		message.Defer:     {21611, 30001, 30003, 30008, 30017, 30022, 30023, 63009, 63010, 63012, 63018, 63019, 63020, 30999, 39999, 0, 99999},
		message.Switch:    {21612, 30004, 30007, 63003, 63016, 63024, 63032, 63033, 63049, 63999},
		message.Fatal:     {21602, 21617, 21620, 21623, 21656, 30036, 63005, 63013, 63021, 63026, 63027, 63028, 63030, 63031, 63034, 63040, 63041, 21999},
	} {
		for _, code := range codes {
			if got := twilio.ClassOfCode(code); got != class {
				t.Errorf("ClassOfCode(%d) = %s, want %s", code, got, class)
			}
		}
	}
}
