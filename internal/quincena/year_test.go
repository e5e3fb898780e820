package quincena_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/quincena"
)

// Every quincena of a leap year with the business days after and before it, made
// apart from this program. In April 2028 Holy Week ends on the 15th, and the
// last day of the month is a sunday before a holiday; so is the year's.
func TestAYearOfQuincenas(t *testing.T) {
	t.Parallel()
	want := []string{
		"2028-01-15 2028-01-17 2028-01-14", "2028-01-31 2028-01-31 2028-01-31",
		"2028-02-15 2028-02-15 2028-02-15", "2028-02-29 2028-02-29 2028-02-29",
		"2028-03-15 2028-03-15 2028-03-15", "2028-03-31 2028-03-31 2028-03-31",
		"2028-04-15 2028-04-17 2028-04-12", "2028-04-30 2028-05-02 2028-04-28",
		"2028-05-15 2028-05-15 2028-05-15", "2028-05-31 2028-05-31 2028-05-31",
		"2028-06-15 2028-06-15 2028-06-15", "2028-06-30 2028-06-30 2028-06-30",
		"2028-07-15 2028-07-17 2028-07-14", "2028-07-31 2028-07-31 2028-07-31",
		"2028-08-15 2028-08-15 2028-08-15", "2028-08-31 2028-08-31 2028-08-31",
		"2028-09-15 2028-09-15 2028-09-15", "2028-09-30 2028-10-02 2028-09-29",
		"2028-10-15 2028-10-16 2028-10-13", "2028-10-31 2028-10-31 2028-10-31",
		"2028-11-15 2028-11-15 2028-11-15", "2028-11-30 2028-11-30 2028-11-30",
		"2028-12-15 2028-12-15 2028-12-15", "2028-12-31 2029-01-02 2028-12-29",
	}
	first := quincena.Date{Year: 2028, Month: 1, Day: 15}
	var got []string
	for _, due := range quincena.Series(first, quincena.Quincenal, quincena.Pair{}, 24) {
		next := quincena.Shift(due, quincena.Following, quincena.Calendar{})
		got = append(got, fmt.Sprintf("%s %s %s", due, next, quincena.Shift(due, quincena.Preceding, quincena.Calendar{})))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The edges of months, for every frequency: what begins on the last days never
// skips a month nor comes twice in one.
func TestSeriesAtTheEdgesOfMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first string
		every quincena.Frequency
		pair  string
		want  []string
	}{
		{"2028-01-31", quincena.Monthly, "15/last", []string{"2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"}},
		{"2027-01-30", quincena.Monthly, "15/last", []string{"2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"}},
		{"2027-12-29", quincena.Monthly, "15/last", []string{"2027-12-29", "2028-01-29", "2028-02-29", "2028-03-29"}},
		{"2027-02-28", quincena.Quincenal, "15/last", []string{"2027-02-28", "2027-03-15", "2027-03-31", "2027-04-15"}},
		{"2028-02-29", quincena.Quincenal, "14/29", []string{"2028-02-29", "2028-03-14", "2028-03-29", "2028-04-14"}},
		{"2027-02-14", quincena.Quincenal, "14/29", []string{"2027-02-14", "2027-02-28", "2027-03-14", "2027-03-29"}},
		{"2027-02-28", quincena.Quincenal, "1/16", []string{"2027-03-01", "2027-03-16", "2027-04-01", "2027-04-16"}},
		{"2028-02-22", quincena.Weekly, "15/last", []string{"2028-02-22", "2028-02-29", "2028-03-07", "2028-03-14"}},
		{"2028-02-15", quincena.Catorcenal, "15/last", []string{"2028-02-15", "2028-02-29", "2028-03-14", "2028-03-28"}},
	} {
		first, p := date(t, c.first), pair(t, c.pair)
		if c.pair == "1/16" {
			first = quincena.Next(first, p)
		}
		var got []string
		for _, d := range quincena.Series(first, c.every, p, 4) {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s from %s (-want +got):\n%s", c.every, c.first, diff)
		}
	}
}
