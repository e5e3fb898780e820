package desk_test

import (
	"net/http"
	"testing"

	"valebot/internal/casework"
)

// A supervisor takes Ana's account from her application to its end on the page
// of her chat. No page and no row of the audit holds a NIP.
func TestADistributorAtTheDesk(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, ana := o.waiting("altas")
	b := o.supervisor("luis")
	const why = "comité 4"
	line := ana
	do := func(want int, said, deed string, fields ...string) {
		t.Helper()
		b.get(chat(id))
		if got := b.post(chat(id)+"/accion/"+deed, append([]string{"sobre", line, "motivo", why}, fields...)...); got != want {
			t.Errorf("%s: %d, want %d", deed, got, want)
		}
		b.sees(said)
		b.misses("864213", "975310")
	}
	do(http.StatusUnprocessableEntity, "Revisa «Plazos", "alta-distribuidora", "sucursal", "norte", "plazos", "cuatro", "nip", "864213")
	do(http.StatusOK, "Falta activarla", "alta-distribuidora", "sucursal", "norte", "plazos", "4 8", "nip", "864213")
	o.must(o.pool.QueryRow(t.Context(), `select id::text from distributor`).Scan(&line))
	b.get(chat(id))
	b.sees("solicitante</span>", `type="password"`, "/accion/activar-linea")
	b.misses("/accion/alta-distribuidora", "/accion/cambiar-linea", "/accion/puntos")
	do(http.StatusUnprocessableEntity, "No existe esa categoría", "activar-linea", "linea", "8000", "categoria", "platino")
	o.does("distributor.activate", map[string]any{"distribuidora": line, "linea": amount(8000_00), "categoria": "", "motivo": why})
	o.exec(`update distributor set points = 10`)

	do(http.StatusOK, "Línea cambiada.", "cambiar-linea", "linea", "9000")
	b.sees("Disponible <b>$9,000</b> de $9,000", "Usado $0 · apartado $0", "sucursal norte", "10 puntos", `name="tenia" value="10"`)
	do(http.StatusUnprocessableEntity, "Revisa «Línea»", "cambiar-linea", "linea", "-1")
	do(http.StatusOK, "NIP cambiado.", "nip-nuevo", "nip", "975310")
	do(http.StatusUnprocessableEntity, "NIP", "nip-nuevo", "nip", "12")
	do(http.StatusTooManyRequests, "No tiene tantos puntos", "puntos", "puntos", "11", "tenia", "10")
	do(http.StatusOK, "Puntos canjeados.", "puntos", "puntos", "4", "tenia", "10")
	do(http.StatusConflict, "ahora tiene 6", "puntos", "puntos", "4", "tenia", "10")
	do(http.StatusOK, "Línea bloqueada.", "bloquear-linea")
	b.sees("Bloqueada la bloqueó una persona", "/accion/abrir-linea")
	do(http.StatusOK, "Cuenta cerrada.", "cerrar-linea")
	b.sees("cerrada</span>")

	if n := o.count(`audit where action = 'distributor.set_line' and actor = 'agent:luis' and detail = '$8,000 → $9,000: comité 4'`); n != 1 {
		t.Errorf("%d rows of the line in the audit", n)
	}
	if n := o.count(`audit where detail like '%864213%' or detail like '%975310%'`); n != 0 {
		t.Errorf("%d rows of the audit hold a NIP", n)
	}
	if n := o.count(`distributor where points = 6 and limit_cents = 0 and state = 'CLOSED'`); n != 1 {
		t.Error("the account is not as it was left")
	}
}

// Who does not lead the desk is neither offered these decisions nor heard.
func TestOnlySupervisorsDecideAboutDistributors(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, ana := o.waiting("altas")
	line := o.does("distributor.apply", map[string]any{
		"persona": ana, "sucursal": "norte", "nip": "864213", "plazos": []int{4}, "motivo": "expediente 31",
	}).Value["id"].(string)
	o.does("distributor.activate", map[string]any{"distribuidora": line, "linea": amount(8000_00), "categoria": "", "motivo": "comité 4"})
	for _, role := range []casework.Role{casework.RoleAgent, casework.RoleAuditor} {
		o.must(o.store.SetDuty(t.Context(), "eva", role, nil))
		b := o.agent("eva")
		b.get(chat(id))
		b.sees("Disponible <b>$8,000</b>")
		b.misses("/accion/cambiar-linea", "/accion/bloquear-linea", "/accion/puntos", "/accion/nip-nuevo")
		for _, deed := range []string{"cambiar-linea", "bloquear-linea", "cerrar-linea", "nip-nuevo", "sucursal"} {
			got := b.post(chat(id)+"/accion/"+deed, "sobre", line, "motivo", "porque sí", "linea", "90000", "nip", "1111", "sucursal", "sur")
			if got != http.StatusForbidden {
				t.Errorf("%s: %s gets %d", role, deed, got)
			}
		}
	}
	luis := o.supervisor("luis")
	luis.get(chat(id))
	if got := luis.post(chat(id)+"/accion/cambiar-linea", "sobre", line, "motivo", "comité", "linea", "9000", "csrf", "otro"); got == http.StatusOK {
		t.Error("a form of another page is heard")
	}
	if got := luis.post(chat(id)+"/accion/cambiar-linea", "sobre", ana, "motivo", "comité", "linea", "9000"); got != http.StatusConflict {
		t.Errorf("a line that is not hers: %d", got)
	}
	if n := o.count(`distributor where state = 'ACTIVE' and limit_cents = 800000 and branch = 'norte' and pin_hash = 'hash:864213'`); n != 1 {
		t.Error("somebody who may not changed the account")
	}
}
