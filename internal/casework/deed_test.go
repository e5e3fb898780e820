package casework

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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
	kinds := map[flow.Type]FieldKind{flow.Amount: AmountField, flow.Date: DateField, flow.Stamp: StampField, flow.Text: TextField, flow.Option: OptionField,
		flow.Int: CountField, flow.Ints: CountsField, flow.PIN: PINField}
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
			if f.Kind == SeenField {
				given[f.Name] = CountField
			}
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
		{"puntos", map[string]string{"puntos": "4", "tenia": "10", "motivo": "licuadora"},
			map[string]any{"distribuidora": target, "puntos": 4, "tenia": 10, "motivo": "licuadora"}},
		{"puntos", map[string]string{"puntos": "4", "motivo": "licuadora"}, nil},
		{"puntos", map[string]string{"puntos": "1.5", "tenia": "10", "motivo": "licuadora"}, nil},
		{"puntos", map[string]string{"puntos": "99999999999999999999", "tenia": "10", "motivo": "licuadora"}, nil},
		{"alta-distribuidora", map[string]string{"sucursal": "norte", "plazos": "4, 8 12", "nip": "4821", "motivo": "expediente"},
			map[string]any{"persona": target, "sucursal": "norte", "plazos": []int{4, 8, 12}, "nip": "4821", "motivo": "expediente"}},
		{"alta-distribuidora", map[string]string{"sucursal": "norte", "plazos": "4 ocho", "nip": "4821", "motivo": "expediente"}, nil},
		{"alta-distribuidora", map[string]string{"sucursal": "norte", "plazos": " , ", "nip": "4821", "motivo": "expediente"}, nil},
		{"nip-nuevo", map[string]string{"nip": "", "motivo": "lo olvidó"}, nil},
		{"bloquear-linea", nil, nil},
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
	p.Client.Locked, p.Client.Blocked = true, true
	if got := names(p, OnPerson, uuid.Nil, true); cmp.Diff([]string{"desbloquear-identidad", "tope", "nacimiento", "desbloquear", "unir", "separar"}, got) != "" {
		t.Errorf("a blocked person offers %v", got)
	}
}

// Supervisors are offered what changes something about a distributor, agents only
// the lock of her NIP.
func TestOfferedOfALine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		line  *Line
		on    Target
		leads bool
		want  string
	}{
		"nobody's":  {nil, OnPerson, true, "tope nacimiento bloquear unir separar alta-distribuidora"},
		"applicant": {&Line{State: loan.DistributorApplicant}, OnDistributor, true, "activar-linea categoria sucursal nip-nuevo cerrar-linea"},
		"in use": {&Line{State: loan.DistributorActive, Used: 1, Points: 3}, OnDistributor, true,
			"cambiar-linea categoria sucursal nip-nuevo puntos bloquear-linea"},
		"blocked": {&Line{State: loan.DistributorBlocked, Locked: true}, OnDistributor, true,
			"cambiar-linea categoria sucursal nip-nuevo abrir-linea cerrar-linea nip-libre"},
		"closed":      {&Line{State: loan.DistributorClosed, Points: 3}, OnDistributor, true, ""},
		"to an agent": {&Line{State: loan.DistributorBlocked, Locked: true, Points: 3}, OnDistributor, false, "nip-libre"},
	} {
		var got []string
		for _, d := range (Panel{Client: &Client{}, Line: tt.line}).Offered(tt.on, uuid.Nil, tt.leads) {
			got = append(got, d.Name)
		}
		if diff := cmp.Diff(strings.Fields(tt.want), got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The form for points carries those that the page showed, and no other does: what
// Deeds lists is not touched.
func TestTheFormCarriesWhatWasShown(t *testing.T) {
	t.Parallel()
	for _, points := range []int{7, 9} {
		p := Panel{Line: &Line{State: loan.DistributorActive, Points: points}}
		for _, d := range p.Offered(OnDistributor, uuid.Nil, true) {
			for _, f := range d.Fields {
				if f.Kind == SeenField && (len(f.Words) != 1 || f.Words[0].Value != strconv.Itoa(points)) {
					t.Errorf("%s carries %v of %d", d.Name, f.Words, points)
				}
			}
		}
	}
	if d, _ := DeedNamed("puntos"); len(d.Fields) != 3 || d.Fields[1].Words != nil {
		t.Errorf("the list was changed: %+v", d.Fields)
	}
}

func TestUnpaidCortes(t *testing.T) {
	t.Parallel()
	for state, want := range map[loan.RelacionState]int{
		loan.RelacionPaid: 0, loan.RelacionGenerated: 2, loan.RelacionPartial: 2, loan.RelacionOverdue: 3, loan.RelacionCarried: 3,
	} {
		if got := Unpaid(state, 2); got != want {
			t.Errorf("%s: %d, want %d", state, got, want)
		}
	}
}

func TestWhyALineIsBlocked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line           Line
		standing, want string
	}{
		{Line{State: loan.DistributorApplicant}, "solicitante", ""},
		{Line{State: loan.DistributorActive, Unpaid: 2}, "activa", ""},
		{Line{State: loan.DistributorBlocked, Unpaid: 2}, "bloqueada", "una persona"},
		{Line{State: loan.DistributorBlocked, Arrears: true, Unpaid: 1}, "bloqueada", "un corte sin pagar"},
		{Line{State: loan.DistributorBlocked, Arrears: true, Unpaid: 3}, "bloqueada", "3 cortes sin pagar"},
		{Line{State: loan.DistributorClosed}, "cerrada", ""},
	} {
		if got := tt.line.WhyBlocked(); tt.line.Standing() != tt.standing || !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%+v: %s, %q", tt.line, tt.line.Standing(), got)
		}
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
