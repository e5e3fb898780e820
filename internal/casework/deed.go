package casework

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Deed is something that an agent does for the person of a chat: a named action
// of the lending core, the same that flows call, with the form that asks for its
// inputs.
type Deed struct {
	Name   string // of its address: "promesa"
	Action string // of the lending core: "promise.create"
	Title  string // of the button
	Hint   string // what happens then, or what the client will read
	On     Target // what it is done to; its id is the first input
	Input  string // by which the action knows that id
	Fields []Field
	Leads  bool    // only a supervisor may
	Then   Outcome // how the chat goes back to the bot afterwards; "" leaves it
	Done   map[string]string
}

// Target is what a deed is done to.
type Target string

// The targets.
const (
	OnLoan        Target = "credito"
	OnVale        Target = "vale"
	OnPayout      Target = "entrega" // a vale that became a loan and is not paid out
	OnPerson      Target = "persona"
	OnContact     Target = "contacto"
	OnDistributor Target = "distribuidora"
	OnApplication Target = "solicitud" // of the person, whom the action names
	OnRequest     Target = "peticion"
)

// Field is one input of a deed.
type Field struct {
	Name  string
	Label string
	Kind  FieldKind
	Words []Word // of an option; the one that the page showed of a SeenField
}

// Word is one answer of an option.
type Word struct{ Value, Label string }

// FieldKind says how a field is written and read.
type FieldKind string

// The kinds of field.
const (
	AmountField FieldKind = "monto"
	DateField   FieldKind = "fecha"
	StampField  FieldKind = "hora" // a local date and time of central Mexico
	TextField   FieldKind = "texto"
	OptionField FieldKind = "opcion"
	CountField  FieldKind = "cuantos" // a whole number
	CountsField FieldKind = "lista"   // whole numbers, with spaces or commas between
	PINField    FieldKind = "nip"     // not shown while it is typed
	SeenField   FieldKind = "visto"   // a whole number that the page showed, so that what changed meanwhile is noticed
)

// Deeds lists everything that can be done from a chat, in the order of the panel.
func Deeds() []Deed {
	deeds := loanDeeds()
	deeds = append(deeds, applicationDeeds()...)
	deeds = append(deeds, personDeeds()...)
	return append(deeds, distributorDeeds()...)
}

func loanDeeds() []Deed {
	plans := []Word{{"partes", "Partir en dos su próximo pago"}, {"mover", "Pasar su próximo pago al final"}}
	return []Deed{
		{Name: "promesa", Action: "promise.create", Title: "Registrar promesa", On: OnLoan, Input: "credito",
			Hint:   "Guarda el día en que dijo que paga. Hasta entonces no se le recuerda.",
			Fields: []Field{{"fecha", "Día", DateField, nil}, {"monto", "Monto", AmountField, nil}},
			Done:   map[string]string{"ok": "Promesa registrada.", "not_allowed": "No se puede: ya tiene promesas rotas o ese día queda muy lejos."}},
		{Name: "plan", Action: "loan.restructure", Title: "Cambiar su plan", On: OnLoan, Input: "credito",
			Hint:   "Debe lo mismo, con otras fechas.",
			Fields: []Field{{"plan", "Nuevo plan", OptionField, plans}},
			Done:   map[string]string{"ok": "Plan cambiado. El panel muestra las fechas nuevas.", "needs_approval": "El producto no permite ese cambio para este crédito."}},
		{Name: "visita", Action: "visit.schedule", Title: "Avisar una visita", On: OnLoan, Input: "credito",
			Hint:   "El cliente lee quién va, cuándo y por cuánto, y puede pedir otra hora.",
			Fields: []Field{{"cobrador", "Quién va", TextField, nil}, {"cuando", "Cuándo", StampField, nil}},
			Done:   map[string]string{"ok": "Se le avisará de la visita."}},
		{Name: "factura", Action: "invoice.issued", Title: "Avisar su factura", On: OnLoan, Input: "credito",
			Hint:   "El cliente recibe la liga de su factura de intereses.",
			Fields: []Field{{"mes", "Mes", TextField, nil}, {"liga", "Liga", TextField, nil}},
			Done:   map[string]string{"ok": "Se le avisará de su factura."}},
		{Name: "clave", Action: "payout.cardless", Title: "Darle una clave de retiro", On: OnPayout, Input: "vale",
			Hint: "Pide al cajero una clave nueva. Le llega a ella y aquí no se ve.",
			Done: map[string]string{"ok": "Clave pedida: le llegará por mensaje.", "": "Clave pedida: le llegará por mensaje.", "unavailable": "Ahora no hay cajeros disponibles. Prueba más tarde."}},
		{Name: "sin-entrega", Action: "payout.cancel", Title: "Cancelar la entrega", On: OnPayout, Input: "vale",
			Done: map[string]string{"ok": "Se pidió cancelar la entrega.", "nothing": "No hay una entrega que cancelar."}},
		{Name: "cancelar-vale", Action: "vale.cancel", Title: "Cancelar el vale", On: OnVale, Input: "vale",
			Hint: "La línea de la distribuidora se libera y se le avisa.", Done: map[string]string{"ok": "Vale cancelado."}},
	}
}

func applicationDeeds() []Deed {
	reasons := []Word{{"ingresos", "Sus ingresos no alcanzan"}, {"documentos", "Sus documentos no se pudieron comprobar"}, {"historial", "Su historial de pagos"}}
	decided := func(text string) map[string]string {
		return map[string]string{"ok": text, "not_found": "Esa solicitud ya no está abierta."}
	}
	return []Deed{
		{Name: "aprobar", Action: "application.approve", Title: "Aprobar", On: OnApplication, Input: "persona", Then: Resolved,
			Hint: "El bot le dice que sí y hasta cuánto.", Fields: []Field{{"tope", "Hasta cuánto", AmountField, nil}}, Done: decided("Solicitud aprobada; el bot se lo dice.")},
		{Name: "contraoferta", Action: "application.counter", Title: "Ofrecerle menos", On: OnApplication, Input: "persona", Then: Resolved,
			Hint: "El bot le ofrece ese monto y le pregunta si lo quiere.", Fields: []Field{{"monto", "Cuánto", AmountField, nil}}, Done: decided("Contraoferta hecha; el bot le pregunta.")},
		{Name: "rechazar", Action: "application.reject", Title: "Rechazar", On: OnApplication, Input: "persona", Then: Resolved,
			Hint:   "El bot le dice por qué y desde cuándo puede volver a pedirlo.",
			Fields: []Field{{"motivo", "Por qué", OptionField, reasons}, {"desde", "Puede volver desde", DateField, nil}}, Done: decided("Solicitud rechazada; el bot se lo explica.")},
		{Name: "atendida", Action: "request.close", Title: "Ya quedó atendida", On: OnRequest, Input: "solicitud",
			Done: map[string]string{"ok": "Solicitud cerrada.", "error": "Esa solicitud ya no está abierta."}},
	}
}

func personDeeds() []Deed {
	changed := func(text string) map[string]string {
		return map[string]string{"ok": text, "unchanged": "Ya estaba así."}
	}
	return []Deed{
		{Name: "numero-bueno", Action: "contact.confirm_number", Title: "Sí es su número", On: OnContact, Input: "contacto", Done: changed("Número confirmado.")},
		{Name: "identidad-comprobada", Action: "identity.clear", Title: "Ya comprobé quién es", On: OnContact, Input: "contacto",
			Hint:   "Vuelve a recibir sus mensajes y su dinero en este número. Queda anotado que tú lo comprobaste.",
			Fields: []Field{{"motivo", "Cómo lo comprobaste", TextField, nil}}, Done: changed("Listo: este número ya es de confianza.")},
		{Name: "pedir-identidad", Action: "identity.demand", Title: "Que compruebe quién es", On: OnContact, Input: "contacto",
			Hint:   "Si avisó que cambió de número o de teléfono, o algo no cuadra. Hasta que lo compruebe no se le dice nada de su dinero y se cancelan sus claves sin usar.",
			Fields: []Field{{"motivo", "Por qué", TextField, nil}}, Done: changed("Cuando escriba, el bot le pide que compruebe quién es.")},
		{Name: "desbloquear-identidad", Action: "person.unlock", Title: "Dejarla intentar de nuevo", On: OnPerson, Input: "persona",
			Hint: "Falló las preguntas de identidad.", Done: changed("Puede intentarlo otra vez.")},
		{Name: "tope", Action: "person.set_limit", Title: "Cambiar su tope", On: OnPerson, Input: "persona", Leads: true,
			Fields: []Field{{"tope", "Tope por vale", AmountField, nil}}, Done: changed("Tope cambiado.")},
		{Name: "nacimiento", Action: "person.set_birth", Title: "Anotar su fecha de nacimiento", On: OnPerson, Input: "persona", Leads: true,
			Hint: "Como la dice su INE.", Fields: []Field{{"nacimiento", "Nació el", DateField, nil}}, Done: changed("Fecha anotada.")},
		{Name: "bloquear", Action: "person.block", Title: "Bloquear", On: OnPerson, Input: "persona", Leads: true, Hint: "No podrá recibir vales.", Done: changed("Bloqueada.")},
		{Name: "desbloquear", Action: "person.unblock", Title: "Desbloquear", On: OnPerson, Input: "persona", Leads: true, Done: changed("Desbloqueada.")},
		{Name: "unir", Action: "person.merge", Title: "Unir con otro registro suyo", On: OnPerson, Input: "persona", Leads: true,
			Hint:   "El otro teléfono también es suyo: sus vales, créditos y pláticas se ven aquí. Se puede deshacer.",
			Fields: []Field{{"telefono", "Su otro teléfono", TextField, nil}, {"motivo", "Por qué", TextField, nil}, {"evidencia", "Cómo consta", TextField, nil}},
			Done:   map[string]string{"ok": "Unidos: lo del otro teléfono se ve aquí.", "unchanged": "Ya estaban unidos."}},
		{Name: "separar", Action: "person.unmerge", Title: "Separar un registro unido", On: OnPerson, Input: "persona", Leads: true,
			Fields: []Field{{"telefono", "El teléfono que se separa", TextField, nil}, {"motivo", "Por qué", TextField, nil}},
			Done:   map[string]string{"ok": "Separados: cada teléfono tiene lo suyo.", "unchanged": "No estaban unidos."}},
	}
}

// DeedNamed finds a deed by its name.
func DeedNamed(name string) (Deed, bool) {
	for _, d := range Deeds() {
		if d.Name == name {
			return d, true
		}
	}
	return Deed{}, false
}

// Offered lists the deeds that make sense for a target of this panel.
func (p Panel) Offered(on Target, id uuid.UUID, leads bool) []Deed {
	var out []Deed
	for _, d := range Deeds() {
		if d.On == on && (leads || !d.Leads) && p.fits(d, id) {
			out = append(out, p.shown(d))
		}
	}
	return out
}

// fits leaves out what would change nothing.
func (p Panel) fits(d Deed, id uuid.UUID) bool {
	c := p.Client
	if d.On == OnDistributor || d.Name == "alta-distribuidora" {
		return p.fitsLine(d)
	}
	switch d.Name {
	case "numero-bueno":
		return c != nil && c.Wrong
	case "identidad-comprobada", "pedir-identidad":
		return c != nil && (c.Doubt != "") == (d.Name == "identidad-comprobada")
	case "desbloquear-identidad":
		return c != nil && c.Locked
	case "bloquear":
		return c != nil && !c.Blocked
	case "desbloquear":
		return c != nil && c.Blocked
	case "promesa", "visita":
		for _, l := range p.Loans {
			if l.ID == id {
				return l.State == "ACTIVE"
			}
		}
	}
	return true
}

// Holds reports whether a target belongs to the person of this panel, so that a
// form of one chat cannot reach into another. key is the contact of the chat.
func (p Panel) Holds(on Target, id, key string) bool {
	is := func(one uuid.UUID) bool { return one != uuid.Nil && one.String() == id }
	switch on {
	case OnContact:
		return id == key
	case OnPerson:
		return p.Client != nil && is(p.Client.ID)
	case OnDistributor:
		return p.Line != nil && is(p.Line.ID)
	case OnApplication:
		return p.Client != nil && is(p.Client.ID) && p.Application() != nil
	}
	for _, l := range p.Loans {
		if on == OnLoan && is(l.ID) || on == OnPayout && is(l.Vale) {
			return true
		}
	}
	for _, v := range p.Vales {
		if on == OnVale && is(v.ID) {
			return true
		}
	}
	for _, r := range p.Requests {
		if on == OnRequest && is(r.ID) {
			return true
		}
	}
	return false
}

// Application is the open application of the person, or nil.
func (p Panel) Application() *Request {
	for i := range p.Requests {
		if p.Requests[i].Kind == "alta" {
			return &p.Requests[i]
		}
	}
	return nil
}

// Inputs reads a form into what the action takes. read returns a field as it was
// written. Faults: Invalid with code bad_field, naming the field.
func (d Deed) Inputs(target string, read func(name string) string) (map[string]any, error) {
	with := map[string]any{d.Input: target}
	for _, f := range d.Fields {
		value, ok := f.parse(strings.TrimSpace(read(f.Name)))
		if !ok {
			return nil, fault.Newf(fault.Invalid, "bad_field", "Revisa «%s».", f.Label)
		}
		with[f.Name] = value
	}
	return with, nil
}

func (f Field) parse(raw string) (value any, ok bool) {
	switch f.Kind {
	case AmountField:
		m, err := money.Parse(raw)
		return m, err == nil && m > 0
	case DateField:
		day, err := quincena.ParseDate(raw)
		return day, err == nil
	case StampField:
		at, err := time.ParseInLocation("2006-01-02T15:04", raw, quincena.Central())
		return at, err == nil
	case OptionField:
		for _, w := range f.Words {
			if w.Value == raw {
				return raw, true
			}
		}
		return nil, false
	case CountField, SeenField:
		n, err := strconv.Atoi(raw)
		return n, err == nil
	case CountsField:
		return counts(raw)
	case PINField:
		return raw, raw != "" // the action says what is wrong with it
	}
	text, err := Text(raw, MaxReason)
	return text, err == nil
}

// counts reads whole numbers with spaces or commas between them.
func counts(raw string) (list []int, ok bool) {
	for _, word := range strings.FieldsFunc(raw, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, false
		}
		list = append(list, n)
	}
	return list, len(list) > 0
}

// Told is what to say of an outcome.
func (d Deed) Told(outcome string) string {
	if text, ok := d.Done[outcome]; ok {
		return text
	}
	return "No se pudo hacer: " + outcome + "."
}
