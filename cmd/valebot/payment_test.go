package main

import (
	"strings"
	"testing"
)

const twoAgents = people + `  - {login: eva, name: Eva Ríos, password: otra-frase-larga}
`

// counter is a place with María, Ana, Luis and Eva, and a way to act as one.
func counter(t *testing.T) (p place, as func(login string, args ...string) ran) {
	t.Helper()
	p = newPlace(t)
	typed(twoAgents, append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	passwords := map[string]string{"luis": "una-frase-larga", "eva": "otra-frase-larga"}
	return p, func(login string, args ...string) ran {
		return p.run(append(args, "--como", login, "--agent-password", passwords[login])...)
	}
}

var proven = []string{"--motivo", "no es de nadie", "--evidencia", "oficio 12"}

// A deposit that nobody can place is kept, and goes back with two people.
func TestADepositOfNobody(t *testing.T) {
	t.Parallel()
	p, as := counter(t)
	post := []string{"payment", "post", "V-99999", "487.50", "--referencia", "T-1", "--fecha", "2026-03-02"}
	says(t, as("luis", post...).must(t, exitDone).out, "por identificar (no se sabe de qué crédito es)")
	says(t, as("luis", post...).must(t, exitDone).out, "ya estaba hecho")
	list := decoded[[]suspended](t, p.run("payment", "suspense", "--json").must(t, exitDone).out)
	if len(list) != 1 || list[0].Amount != 48750 || list[0].Reason != "no_such_loan" {
		t.Fatalf("suspense %+v", list)
	}
	says(t, p.run("ledger", "verify").must(t, exitDone).out, "1 depósitos y saldos a favor", "todo cuadra")

	id := list[0].ID
	says(t, as("luis", append([]string{"payment", "return", id}, proven...)...).must(t, exitDone).out, "A-00001 queda propuesto")
	says(t, p.run("correction", "list").must(t, exitDone).out, "A-00001", "devolucion", "por autorizar", "$487.50", "luis: no es de nadie")
	says(t, as("luis", "correction", "approve", "A-00001").must(t, exitFailed).err, "no puede autorizarlo")
	as("eva", "correction", "approve", "a-00001").must(t, exitDone)
	says(t, p.run("payment", "suspense").must(t, exitDone).out, "por devolver")
	as("eva", "payment", "returned", id, "--rastreo", "DEV1").must(t, exitDone)
	says(t, p.run("payment", "suspense").must(t, exitDone).out, "0 depósitos")
	says(t, p.run("ledger", "verify").must(t, exitDone).out, "todo cuadra")
}

// Two names are not two people: each needs her own password.
func TestMoneyNeedsAPassword(t *testing.T) {
	t.Parallel()
	p, _ := counter(t)
	for _, login := range []string{"eva", "nadie", ""} {
		r := p.run("correction", "approve", "A-00001", "--como", login, "--agent-password", "una-frase-larga")
		says(t, r.must(t, exitFailed).err, "no son correctos")
		if strings.Contains(r.out+r.err, "una-frase-larga") {
			t.Error("the password is printed")
		}
	}
}

func TestPaymentCommandsRefuse(t *testing.T) {
	t.Parallel()
	_, as := counter(t)
	for _, tt := range []struct {
		want string
		exit int
		args []string
	}{
		{"no es un monto", exitUsage, []string{"payment", "post", "V-1", "mucho", "--referencia", "1", "--fecha", "2026-03-02"}},
		{"no es una fecha", exitUsage, []string{"payment", "post", "V-1", "10", "--referencia", "1", "--fecha", "ayer"}},
		{"todavía no llega", exitFailed, []string{"payment", "post", "V-1", "10", "--referencia", "1", "--fecha", "2999-01-01"}},
		{"uso interno", exitFailed, []string{"payment", "post", "V-1", "10", "--origen", "quita", "--referencia", "1", "--fecha", "2026-03-02"}},
		{"No hay un préstamo", exitFailed, append([]string{"correction", "forgive", "V-00001", "10"}, proven...)},
		{"No existe", exitFailed, []string{"payment", "reverse", "0195a1b2-0000-7000-8000-000000000001", "--motivo", "x"}},
		{"No reconozco", exitFailed, []string{"payment", "reverse", "V-00001", "--motivo", "x"}},
		{"No existe ese ajuste", exitFailed, []string{"correction", "reject", "A-00009", "--motivo", "x"}},
	} {
		says(t, as("luis", tt.args...).must(t, tt.exit).err, tt.want)
	}
}
