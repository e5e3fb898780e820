package mexid_test

import (
	"testing"
	"time"

	"valebot/internal/mexid"
)

func TestCURP(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		// Published examples: the CURP article of Wikipedia, and the test suites
		// of validate-curp (npm), python-stdnum and mexican-utils.
		"HEGG560427MVZRRL04":         "",
		"BEML920313HMCLNS09":         "",
		"BOXW310820HNERXN09":         "",
		"MOTR930411HJCRMN03":         "",
		"MOTR930411HNERMN03":         "",
		"SABC560626MDFLRN01":         "",
		"OEVL921024MDFLRR07":         "",
		"LOOA531113HTCPBN07":         "",
		"  motr-930411/HjCR*mn03  ":  "",
		"MOTR 930411 HJCRMN 03":      "",
		"MOTR930411HJCRMN06":         "curp_check",
		"MOTR931311HJCRMN02":         "curp_date",
		"MOTR930411HXXRMN06":         "curp_state",
		"FETO930411HJCRMN01":         "curp_word",
		"MOTR930411HJCRMÑ03":         "curp_characters",
		"INVALID_CURP":               "curp_length",
		"":                           "curp_length",
		"H22G560427MVZRRL04":         "curp_name",
		"MTTR930411HJCRMN03":         "curp_name",
		"MOTR930411ZJCRMN03":         "curp_sex",
		"MOTR930411HJCRAN03":         "curp_consonants",
		"MOTR930411HJCR1N03":         "curp_consonants",
		"MOTR9304O1HJCRMN03":         "curp_date",
		"MOTR930431HJCRMN03":         "curp_date",
		"MOTR930400HJCRMN03":         "curp_date",
		"MOTR930411HJCRMN0A":         "curp_check",
		"MOTR930411HJCRMN033":        "curp_length",
		"MOTR\u0000930411HJCRMN03":   "curp_length",
		"\U0001F600OTR930411HJCRMN0": "curp_length",
	} {
		if got, c := parsers["curp"](text); c != code {
			t.Errorf("ParseCURP(%q) = %q, code %q, want %q", text, got, c, code)
		}
	}
}

func TestCURPParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		curp        mexid.CURP
		year        int
		month       time.Month
		day         int
		sex, st, nm string
	}{
		{"HEGG560427MVZRRL04", 1956, time.April, 27, "M", "VZ", "Veracruz"},
		{"BOXW310820HNERXN09", 1931, time.August, 20, "H", "NE", "Nacido en el extranjero"},
		{"MOTR050228XSLRMNA0", 2005, time.February, 28, "X", "SL", "Sinaloa"},
		{"", 0, 0, 0, "", "", ""},
	} {
		y, m, d := c.curp.Birth()
		if y != c.year || m != c.month || d != c.day {
			t.Errorf("%s: Birth = %d %s %d", c.curp, y, m, d)
		}
		if c.curp.Sex() != c.sex || c.curp.State() != c.st || c.curp.StateName() != c.nm {
			t.Errorf("%s: %q %q %q", c.curp, c.curp.Sex(), c.curp.State(), c.curp.StateName())
		}
	}
}

// The character of homonymy decides whether 29 February '00 existed.
func TestCenturyOfACURPDecidesLeapDays(t *testing.T) {
	t.Parallel()
	right := func(body string) string {
		for d := byte('0'); d <= '9'; d++ {
			if _, code := parsers["curp"](body + string(d)); code != "curp_check" {
				return code
			}
		}
		return "no check digit is right"
	}
	for body, want := range map[string]string{
		"MOTR000229HJCRMN0": "curp_date", // 1900 was no leap year
		"MOTR000229HJCRMNA": "",          // 2000 was
		"MOTR040229XJCRMNB": "",          // and the sex X is accepted
		"MOTR050229HJCRMNA": "curp_date",
	} {
		if got := right(body); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
