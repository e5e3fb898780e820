package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// branchOffice is a place with María and Ana, and a way to act as Luis, a
// supervisor, as Eva, an agent, and as Sol, an auditor. What is typed is a NIP.
func branchOffice(t *testing.T) (p place, as func(login, nip string, args ...string) ran) {
	t.Helper()
	p = newPlace(t)
	staff := strings.Replace(people, "password: una-frase-larga", "password: una-frase-larga, role: supervisor", 1) +
		"  - {login: eva, name: Eva Ríos, password: otra-frase-larga}\n  - {login: sol, name: Sol Paz, password: frase-de-auditora, role: auditor}\n"
	typed(staff, append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	passwords := map[string]string{"luis": "una-frase-larga", "eva": "otra-frase-larga", "sol": "frase-de-auditora"}
	return p, func(login, nip string, args ...string) ran {
		t.Helper()
		p.exec(t, `delete from login_try`) // nobody types as fast as a test
		args = append([]string{"distributor"}, args...)
		args = append(append(args, "--como", login, "--agent-password", passwords[login]), p.flags...)
		return typed(nip+"\n", args...)
	}
}

var because = []string{"--motivo", "comité 4"}

// From the application to the end of the account, as it is typed.
func TestAnAccountByHand(t *testing.T) {
	t.Parallel()
	p, as := branchOffice(t)
	do := func(nip, want string, args ...string) {
		t.Helper()
		r := as("luis", nip, append(args, because...)...).must(t, exitDone)
		says(t, r.out, want)
		if strings.Contains(r.out+r.err, "864213") {
			t.Errorf("%v prints the NIP", args)
		}
	}
	const ana = "6671234567"
	do("864213", "hecho", "apply", ana, "--sucursal", "norte", "--plazos", "4,8")
	do("864213", "ya estaba así", "apply", ana, "--sucursal", "norte", "--plazos", "4,8")
	do("", "hecho", "activate", ana, "8000", "--categoria", "plata")
	do("", "hecho", "line", ana, "9000")
	do("", "ya estaba así", "line", ana, "9000")
	do("", "hecho", "category", ana, "oro")
	do("", "hecho", "branch", ana, "sur")
	do("975310", "hecho", "pin", ana)
	do("", "hecho", "block", ana)
	p.exec(t, `update distributor set points = 10 where branch = 'sur'`)

	shown := decoded[distributorLine](t, as("luis", "", "show", ana, "--json").must(t, exitDone).out)
	want := distributorLine{
		ID: shown.ID, Phone: "+526671234567", Name: "Ana Ruiz", State: "BLOCKED", Blocked: "la bloqueó una persona: solo una persona la abre",
		Branch: "sur", Category: "oro", Limit: 9000_00, Available: 9000_00, Points: 10,
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	says(t, as("sol", "", "show", ana).must(t, exitDone).out, "bloqueada la bloqueó una persona", "10 puntos", "0 cortes sin pagar")
	do("", "hecho", "unblock", ana)
	do("", "hecho", "points", ana, "4", "--tenia", "10")
	says(t, as("luis", "", append([]string{"points", ana, "4", "--tenia", "10"}, because...)...).must(t, exitFailed).err, "Tenía 10 puntos y ahora tiene 6")
	do("", "hecho", "close", ana)
	list := decoded[[]distributorLine](t, as("sol", "", "list", "--estado", "cerrada", "--json").must(t, exitDone).out)
	if len(list) != 1 || list[0].Name != "Ana Ruiz" || list[0].Limit != 0 || list[0].Points != 6 {
		t.Errorf("closed: %+v", list)
	}
	says(t, as("sol", "", "list").must(t, exitDone).out, "María López", "2 distribuidoras")
	says(t, p.run("ledger", "verify").must(t, exitDone).out, "todo cuadra")

	for sql, want := range map[string]int{
		`select count(*) from audit where action = 'distributor.set_line' and actor = 'cli:luis' and outcome = 'ok' and detail = '$8,000 → $9,000: comité 4'`: 1,
		`select count(*) from audit where action = 'distributor.redeem_points' and detail = '10 → 6: comité 4'`:                                               1,
		`select count(*) from audit where action = 'distributor.redeem_points' and outcome = 'refused'`:                                                       1,
		`select count(*) from audit where action in ('distributor.read', 'distributor.list') and actor in ('cli:luis', 'cli:sol')`:                            4,
		`select count(*) from audit where detail like '%864213%' or detail like '%975310%'`:                                                                   0,
		`select count(*) from distributor where pin_hash like '%975310%'`:                                                                                     0,
	} {
		if got := p.count(t, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

func TestDistributorCommandsRefuse(t *testing.T) {
	t.Parallel()
	p, as := branchOffice(t)
	for _, tt := range []struct {
		login, nip, want string
		exit             int
		args             []string
	}{
		{"eva", "", "quien supervisa la mesa", exitFailed, []string{"line", "6670000001", "90000"}},
		{"sol", "", "quien supervisa la mesa", exitFailed, []string{"block", "6670000001"}},
		{"luis", "", "no es un monto", exitUsage, []string{"line", "6670000001", "mucho"}},
		{"luis", "", "Nadie con ese teléfono es distribuidora", exitFailed, []string{"block", "6671234567"}},
		{"luis", "", "No hay nadie con ese teléfono", exitFailed, []string{"block", "6679999999"}},
		{"luis", "", "Hay: cobre", exitFailed, []string{"category", "6670000001", "platino"}},
		{"luis", "12", "NIP", exitFailed, []string{"pin", "6670000001"}},
		{"luis", "", "NIP", exitFailed, []string{"pin", "6670000001"}},
		{"luis", "", "No tiene tantos puntos", exitFailed, []string{"points", "6670000001", "4", "--tenia", "0"}},
		{"luis", "", "más que cero", exitFailed, []string{"points", "6670000001", "0", "--tenia", "0"}},
	} {
		args := append(append([]string{tt.args[0]}, because...), tt.args[1:]...)
		says(t, as(tt.login, tt.nip, args...).must(t, tt.exit).err, tt.want)
	}
	says(t, as("luis", "", "block", "6670000001", "--motivo", "x").must(t, exitFailed).err, "Escribe el motivo")
	says(t, as("luis", "", "block", "6670000001").must(t, exitUsage).err, "--motivo")
	says(t, as("eva", "", "list").must(t, exitFailed).err, "supervisa o audita")
	says(t, as("eva", "", "show", "6670000001").must(t, exitFailed).err, "supervisa o audita")
	says(t, as("luis", "", "show", "6671234567").must(t, exitFailed).err, "Nadie con ese teléfono")
	if n := p.count(t, `select count(*) from distributor where state = 'ACTIVE' and limit_cents = 2000000`); n != 1 {
		t.Error("a refusal changed María's account")
	}
}

// An auditor looks and changes nothing, whatever the command.
func TestAnAuditorPostsNothing(t *testing.T) {
	t.Parallel()
	p, _ := branchOffice(t)
	post := []string{"payment", "post", "V-1", "10", "--referencia", "1", "--fecha", "2026-03-02", "--como", "sol", "--agent-password", "frase-de-auditora"}
	says(t, p.run(post...).must(t, exitFailed).err, "solo puede ver")
	if n := p.count(t, `select count(*) from payment`); n != 0 {
		t.Errorf("%d payments", n)
	}
}
