package desk_test

import (
	"testing"
	"time"

	"valebot/internal/casework"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, ana := o.waiting("pagos")
	o.complained("Q-00007", ana, o.now.Add(time.Hour))
	o.applied("S-00008", "arco", ana)
	o.does("person.upsert", map[string]any{"telefono": "+526679999999", "nombre": "Ána María Peña", "nacimiento": born(1980), "tope": amount(0)})
	b := o.agent("luis")
	b.get("/mesa/buscar")
	find := func(q string, want ...string) {
		b.Helper()
		b.post("/mesa/buscar", "q", q)
		b.sees(want...)
		b.misses("6671234567", "+52667")
	}
	find("667 123 4567", "Ana Ruiz", chat(id))
	find("4567", "Ana Ruiz", chat(id))
	find("RUIZ ana", "Ana Ruiz", chat(id))
	find("ana", "Ana Ruiz", "Ána María Peña", "sin plática")
	find("pena", "Ána María Peña")
	find("q7", "Q-00007", "Queja", "/mesa/quejas/")
	find("S-00008", "S-00008", "Solicitud", "$3,000", chat(id))
	for _, q := range []string{"V-99999", "$1.23", "nadie", "66799", "%", "' or true --"} {
		find(q, "No hay nada así")
	}
	if n := o.count("audit where action = 'desk.search' and actor = 'agent:luis'"); n != 12 {
		t.Errorf("%d searches in the audit", n)
	}
	if n := o.count("audit where action = 'desk.search' and (detail || subject_id) ~ 'ruiz|4567'"); n != 0 {
		t.Error("the audit repeats what was looked for")
	}

	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleAgent, []string{"altas"}))
	eva := o.agent("eva")
	for _, q := range []string{"6671234567", "ana", "Q-00007", "S-00008", "4567"} {
		eva.get("/mesa/buscar")
		eva.post("/mesa/buscar", "q", q)
		eva.sees("No hay nada así")
	}
	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleAuditor, nil))
	eva.get("/mesa/buscar")
	eva.post("/mesa/buscar", "q", "ana ruiz")
	eva.sees(chat(id))
}
