package casework

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Query{
		"":                               {},
		"  ":                             {},
		"667 123 4567":                   {Phone: "+526671234567"},
		"+52 (667) 123-4567":             {Phone: "+526671234567"},
		"4567":                           {Tail: "4567"},
		"123 4567":                       {Tail: "1234567"},
		"45":                             {},
		"V-00017":                        {Folio: "V-00017"},
		"v17":                            {Folio: "V-00017"},
		"q 3":                            {Folio: "Q-00003"},
		"R-1234567":                      {Folio: "R-1234567"},
		"$487.50":                        {Amount: 487_50},
		"$1,500":                         {Amount: 1500_00},
		"$":                              {},
		"$abc":                           {},
		"Ana Ruíz":                       {Words: []string{"ana", "ruiz"}},
		"Peña":                           {Words: []string{"pena"}},
		"a":                              {},
		"%":                              {},
		"100%_\\ ana":                    {Words: []string{"100", "ana"}},
		"uno dos tres cuatro cinco seis": {Words: []string{"uno", "dos", "tres", "cuatro", "cinco"}},
		"ana\x00 \xff":                   {Words: []string{"ana"}},
	} {
		if diff := cmp.Diff(want, ParseQuery(raw)); diff != "" {
			t.Errorf("%q:\n%s", raw, diff)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add("V-00017")
	f.Add("$1,500")
	f.Fuzz(func(t *testing.T, raw string) {
		q := ParseQuery(raw)
		set := 0
		for _, is := range []bool{q.Phone != "", q.Tail != "", q.Folio != "", q.Amount != 0, len(q.Words) > 0} {
			if is {
				set++
			}
		}
		if set > 1 || q.Empty() != (set == 0) || strings.ContainsAny(strings.Join(q.Words, ""), "%_\\\x00") {
			t.Errorf("%q is read as %+v", raw, q)
		}
	})
}
