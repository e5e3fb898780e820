package casework

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// TestDeedsFitTheirActions: every form gives exactly the inputs that its action
// declares, with their types, and has words for every outcome.
func TestDeedsFitTheirActions(t *testing.T) {
	t.Parallel()
	kinds := map[flow.Type]FieldKind{flow.Amount: AmountField, flow.Date: DateField, flow.Stamp: StampField, flow.Text: TextField, flow.Option: OptionField}
	catalog := lending.Actions(lending.Settings{})
	seen := map[string]bool{}
	for _, d := range Deeds() {
		action, ok := catalog.Action(d.Action)
		if !ok {
			t.Errorf("%s: no action %s", d.Name, d.Action)
			continue
		}
		if seen[d.Name] || d.Title == "" {
			t.Errorf("%s is there twice or has no title", d.Name)
		}
		seen[d.Name] = true
		given := map[string]FieldKind{d.Input: TextField}
		for _, f := range d.Fields {
			given[f.Name] = f.Kind
			if f.Label == "" || (f.Kind == OptionField) != (len(f.Words) > 0) {
				t.Errorf("%s: field %s has no label or no words", d.Name, f.Name)
			}
		}
		want := map[string]FieldKind{}
		for name, kind := range action.With {
			want[name] = kinds[kind]
		}
		if diff := cmp.Diff(want, given); diff != "" {
			t.Errorf("%s (-action +form):\n%s", d.Name, diff)
		}
		for _, outcome := range action.Outcomes {
			if outcome != "error" && d.Done[outcome] == "" {
				t.Errorf("%s has no words for %s", d.Name, outcome)
			}
		}
	}
}

func TestDeedInputs(t *testing.T) {
	t.Parallel()
	target := uuid.NewString()
	for _, tt := range []struct {
		deed string
		form map[string]string
		want map[string]any // nil is refused
	}{
		{"promesa", map[string]string{"fecha": "2026-03-15", "monto": " $487.50 "},
			map[string]any{"credito": target, "fecha": quincena.Date{Year: 2026, Month: 3, Day: 15}, "monto": money.Amount(487_50)}},
		{"promesa", map[string]string{"fecha": "2026-02-30", "monto": "1"}, nil},
		{"promesa", map[string]string{"fecha": "2026-03-15", "monto": "0"}, nil},
		{"promesa", map[string]string{"fecha": "2026-03-15", "monto": "-5"}, nil},
		{"promesa", map[string]string{"fecha": "2026-03-15"}, nil},
		{"plan", map[string]string{"plan": "mover"}, map[string]any{"credito": target, "plan": "mover"}},
		{"plan", map[string]string{"plan": "regalar"}, nil},
		{"visita", map[string]string{"cobrador": "Pedro", "cuando": "2026-03-15T10:30"},
			map[string]any{"credito": target, "cobrador": "Pedro", "cuando": time.Date(2026, 3, 15, 10, 30, 0, 0, quincena.Central())}},
		{"visita", map[string]string{"cobrador": "Pedro", "cuando": "mañana"}, nil},
		{"visita", map[string]string{"cobrador": strings.Repeat("x", 201), "cuando": "2026-03-15T10:30"}, nil},
		{"bloquear", nil, map[string]any{"persona": target}},
	} {
		d, ok := DeedNamed(tt.deed)
		if !ok {
			t.Fatalf("no deed %s", tt.deed)
		}
		got, err := d.Inputs(target, func(name string) string { return tt.form[name] })
		if tt.want == nil {
			if fault.CodeOf(err) != "bad_field" {
				t.Errorf("%s %v: %v", tt.deed, tt.form, err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s %v: %v\n%s", tt.deed, tt.form, err, diff)
		}
	}
}

func TestPanelHolds(t *testing.T) {
	t.Parallel()
	id := func(n byte) uuid.UUID { return uuid.UUID{n} }
	p := Panel{
		Client: &Client{ID: id(1)}, Loans: []Credit{{ID: id(2), Vale: id(3)}}, Vales: []Offer{{ID: id(4)}}, Line: &Line{ID: id(5)},
		Requests: []Request{{ID: id(6), Kind: lending.RequestARCO}},
	}
	for _, tt := range []struct {
		on   Target
		id   string
		want bool
	}{
		{OnPerson, id(1).String(), true}, {OnPerson, id(2).String(), false}, {OnLoan, id(2).String(), true}, {OnLoan, id(3).String(), false},
		{OnPayout, id(3).String(), true}, {OnPayout, id(4).String(), false}, {OnVale, id(4).String(), true}, {OnVale, id(3).String(), false},
		{OnDistributor, id(5).String(), true}, {OnRequest, id(6).String(), true}, {OnApplication, id(1).String(), false},
		{OnContact, "tel:+526671234567", true}, {OnContact, "tel:+526671234568", false}, {OnLoan, "", false}, {OnPerson, "1", false},
	} {
		if got := p.Holds(tt.on, tt.id, "tel:+526671234567"); got != tt.want {
			t.Errorf("holds %s %s: %v", tt.on, tt.id, got)
		}
	}
	p.Requests = append(p.Requests, Request{ID: id(7), Kind: lending.RequestApplication})
	if !p.Holds(OnApplication, id(1).String(), "") {
		t.Error("an open application is not seen")
	}
	var nobody Panel
	for _, on := range []Target{OnPerson, OnDistributor, OnApplication, OnLoan, OnVale, OnPayout, OnRequest} {
		if nobody.Holds(on, uuid.Nil.String(), "tel:+526671234567") {
			t.Errorf("an empty panel holds %s", on)
		}
	}
}

func TestOffered(t *testing.T) {
	t.Parallel()
	names := func(p Panel, on Target, id uuid.UUID, leads bool) (out []string) {
		for _, d := range p.Offered(on, id, leads) {
			out = append(out, d.Name)
		}
		return out
	}
	settled := Panel{Loans: []Credit{{ID: uuid.UUID{1}, State: loan.LoanSettled}}}
	if got := names(settled, OnLoan, uuid.UUID{1}, true); cmp.Diff([]string{"plan", "factura"}, got) != "" {
		t.Errorf("a settled loan offers %v", got)
	}
	p := Panel{Client: &Client{}, Line: &Line{State: loan.DistributorBlocked, Locked: true}}
	if got := names(p, OnPerson, uuid.Nil, false); got != nil {
		t.Errorf("an agent is offered %v", got)
	}
	if got := names(p, OnPerson, uuid.Nil, true); cmp.Diff([]string{"tope", "nacimiento", "bloquear", "unir", "separar"}, got) != "" {
		t.Errorf("a supervisor is offered %v", got)
	}
	if got := names(p, OnDistributor, uuid.Nil, true); cmp.Diff([]string{"nip-libre", "abrir-linea"}, got) != "" {
		t.Errorf("a blocked line offers %v", got)
	}
	p.Client.Locked, p.Client.Blocked = true, true
	if got := names(p, OnPerson, uuid.Nil, true); cmp.Diff([]string{"desbloquear-identidad", "tope", "nacimiento", "desbloquear", "unir", "separar"}, got) != "" {
		t.Errorf("a blocked person offers %v", got)
	}
}

func FuzzDeedInputs(f *testing.F) {
	f.Add("2026-03-15T10:30", "487.50")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, d := range Deeds() {
			with, err := d.Inputs("x", func(name string) string {
				if name == "monto" || name == "tope" {
					return b
				}
				return a
			})
			if err == nil && len(with) != len(d.Fields)+1 {
				t.Errorf("%s reads %q and %q into %v", d.Name, a, b, with)
			}
		}
	})
}
