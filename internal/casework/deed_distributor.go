package casework

import (
	"strconv"

	"valebot/internal/loan"
)

// distributorDeeds are what is done to a distributor's account. All but the lock
// of her NIP are decisions of a supervisor, for a reason that the audit keeps.
func distributorDeeds() []Deed {
	changed := func(text string) map[string]string {
		return map[string]string{"ok": text, "unchanged": "Ya estaba así."}
	}
	why := Field{"motivo", "Por qué", TextField, nil}
	line, category := Field{"linea", "Línea", AmountField, nil}, Field{"categoria", "Categoría", TextField, nil}
	branch, pin := Field{"sucursal", "Sucursal", TextField, nil}, Field{"nip", "NIP, de 4 a 6 cifras", PINField, nil}
	deeds := []Deed{
		{Name: "alta-distribuidora", Action: "distributor.apply", Title: "Quiere ser distribuidora", On: OnPerson, Input: "persona",
			Hint:   "Queda como solicitante: no autoriza nada hasta que se active.",
			Fields: []Field{branch, {"plazos", "Plazos que puede ofrecer, como 4 8 12", CountsField, nil}, pin}, Done: changed("Solicitud guardada. Falta activarla.")},
		{Name: "activar-linea", Action: "distributor.activate", Title: "Activarla", Hint: "Desde ese momento puede autorizar vales.", Fields: []Field{line, category}, Done: changed("Activa: ya puede autorizar vales.")},
		{Name: "cambiar-linea", Action: "distributor.set_line", Title: "Cambiar su línea", Hint: "Nunca por debajo de lo usado y apartado.", Fields: []Field{line}, Done: changed("Línea cambiada.")},
		{Name: "categoria", Action: "distributor.set_category", Title: "Cambiar su categoría", Hint: "Vale para los vales que autorice desde ahora.", Fields: []Field{category}, Done: changed("Categoría cambiada.")},
		{Name: "sucursal", Action: "distributor.set_branch", Title: "Cambiar su sucursal", Hint: "Sus próximos cortes son los de esa sucursal.", Fields: []Field{branch}, Done: changed("Sucursal cambiada.")},
		{Name: "nip-nuevo", Action: "distributor.set_pin", Title: "Darle un NIP nuevo", Hint: "El anterior deja de servir. Comprueba antes quién es.", Fields: []Field{pin}, Done: changed("NIP cambiado.")},
		{Name: "puntos", Action: "distributor.redeem_points", Title: "Canjear puntos", Hint: "Si sus puntos ya no son los que ves, no se canjea nada.",
			Fields: []Field{{"puntos", "Cuántos", CountField, nil}, {"tenia", "Los que tiene", SeenField, nil}}, Done: changed("Puntos canjeados.")},
		{Name: "bloquear-linea", Action: "distributor.block", Title: "Bloquear su línea", Hint: "Aunque pague, solo una persona la vuelve a abrir.", Done: changed("Línea bloqueada.")},
		{Name: "abrir-linea", Action: "distributor.unblock", Title: "Abrir su línea", Hint: "Aunque deba cortes: revisa antes cuántos.", Done: changed("Línea abierta.")},
		{Name: "cerrar-linea", Action: "distributor.close", Title: "Cerrar su cuenta", Hint: "Su línea queda en cero. No se puede deshacer.", Done: changed("Cuenta cerrada.")},
	}
	for i := range deeds {
		if deeds[i].Input == "" {
			deeds[i].On, deeds[i].Input = OnDistributor, "distribuidora"
		}
		deeds[i].Leads, deeds[i].Fields = true, append(deeds[i].Fields, why)
	}
	return append(deeds, Deed{
		Name: "nip-libre", Action: "distributor.unlock", Title: "Dejarla intentar su NIP", On: OnDistributor, Input: "distribuidora",
		Done: changed("Puede intentar su NIP otra vez."),
	})
}

// fitsLine leaves out what would change nothing of a distributor's account.
func (p Panel) fitsLine(d Deed) bool {
	if d.Name == "alta-distribuidora" {
		return p.Line == nil
	}
	if p.Line == nil || p.Line.State == loan.DistributorClosed {
		return false
	}
	switch state := p.Line.State; d.Name {
	case "nip-libre":
		return p.Line.Locked
	case "activar-linea":
		return state == loan.DistributorApplicant
	case "cambiar-linea":
		return state != loan.DistributorApplicant
	case "puntos":
		return p.Line.Points > 0
	case "bloquear-linea":
		return state == loan.DistributorActive
	case "abrir-linea":
		return state == loan.DistributorBlocked
	case "cerrar-linea":
		return p.Line.Held+p.Line.Used == 0
	}
	return true
}

// shown fills in what the page tells the form that it showed.
func (p Panel) shown(d Deed) Deed {
	fields := make([]Field, len(d.Fields))
	copy(fields, d.Fields)
	for i, f := range fields {
		if f.Kind == SeenField && p.Line != nil {
			fields[i].Words = []Word{{strconv.Itoa(p.Line.Points), f.Label}}
		}
	}
	d.Fields = fields
	return d
}
