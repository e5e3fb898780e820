package engine_test

import (
	"fmt"
	"testing"
	"time"

	"valebot/flows"
	"valebot/internal/engine"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/locales"
)

// Many distributors type their NIP in one moment. All of them get their folio in
// one group, whatever number of folios is kept in stock; and no NIP is compared
// twice, since comparing is slow on purpose.
func TestACrowdAuthorisesInOneGroup(t *testing.T) {
	t.Parallel()
	groups := 0
	l := newLabOf(t, flows.FS, locales.FS, func(c *engine.Config) { c.Group, c.OnCommit = 256, func(engine.Done) { groups++ } })
	const crowd = 120 // needs more rounds of the stock than a turn may have
	var compared []string
	l.rules.VerifyPIN = func(encoded, pin string) bool {
		compared = append(compared, encoded)
		return encoded == "h"+pin
	}
	var givers []string
	for i := range crowd {
		giver := fmt.Sprintf("+5266710%05d", i)
		givers = append(givers, giver)
		l.person(fmt.Sprintf("+5266720%05d", i), "Persona")
		l.act("distributor.upsert", map[string]any{
			"telefono": giver, "nombre": "Distribuidora", "nacimiento": quincena.Date{}, "linea": money.Pesos(20000),
			"plazos": []int{8}, "nip": fmt.Sprint(1000 + i),
		})
	}
	for _, says := range []func(i int) string{
		func(i int) string { return fmt.Sprintf("VALE 66720%05d 3000 8", i) },
		func(int) string { return "si" },
		func(i int) string { return fmt.Sprint(1000 + i) },
	} {
		l.add(time.Minute)
		for i, giver := range givers {
			l.write(giver, says(i))
		}
		groups = 0
		l.drain()
		if len(compared) == 0 {
			l.deliver("")
		}
	}
	check(t, groups, 2) // the authorisations, and the offers that follow from them
	check(t, one[int](l, `select count(*) from vale where state = 'AUTHORISED'`), crowd)
	check(t, one[int](l, `select count(*) from inbox where attempts > 0 or fault <> ''`), 0)
	check(t, len(compared), crowd)
}
