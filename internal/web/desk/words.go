package desk

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/message"
	"valebot/internal/mexid"
	"valebot/internal/quincena"
	"valebot/internal/statement"
)

// words are the functions with which templates speak to agents.
func words() template.FuncMap {
	return template.FuncMap{
		"cola": queueName, "motivo": reasonOf, "oyo": heardAs, "camino": ticks, "paso": stepName, "dia": day,
		"estado": loanState, "vale": valeState, "entrega": payoutState, "linea": lineState, "adjunto": attachment, "mascara": masked,
		"duda": doubted, "barra": bar, "lista": listed, "puede": offered, "campo": fieldOf, "peticion": requestName, "hora": hour, "relacion": statement.State, "decision": decisionName, "significado": meaningName, "version": versionName, "rutaflujo": flowPath, "porciento": percent,
	}
}

// nameOf is what a chat is called in a list.
func nameOf(c casework.Case) string {
	if c.Name != "" {
		return c.Name
	}
	return "Número desconocido"
}

// masked hides a phone for reading: the last four digits tell chats apart.
func masked(c casework.Case) string {
	phone, ok := c.Phone()
	if !ok {
		return c.Masked()
	}
	pretty := []rune(mexid.Phone(phone).Pretty())
	for i := range pretty {
		if i < len(pretty)-4 && pretty[i] != ' ' {
			pretty[i] = '•'
		}
	}
	return string(pretty)
}

// span is a time that has passed, as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "menos de 1 min"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	case d < 48*time.Hour:
		return "1 día"
	}
	return fmt.Sprintf("%d días", int(d.Hours())/24)
}

func dayName(at, now time.Time) string {
	y1, m1, d1 := at.Date()
	switch y2, m2, d2 := now.Date(); {
	case y1 == y2 && m1 == m2 && d1 == d2:
		return "Hoy"
	case at.YearDay()+1 == now.YearDay() && y1 == y2:
		return "Ayer"
	}
	return day(quincena.Date{Year: y1, Month: m1, Day: d1})
}

// day is a date as agents read it: "15-mar".
func day(d quincena.Date) string { return d.Short() }

func channelName(c message.Channel) string {
	if c == message.WhatsApp {
		return "WhatsApp"
	}
	return "SMS"
}

func queueName(queue string) string {
	switch queue {
	case "":
		return "Sin fila"
	case "desconocidos":
		return "Números desconocidos"
	}
	return strings.ToUpper(queue[:1]) + queue[1:]
}

func reasonOf(c casework.Case) string {
	switch {
	case c.Reason != "":
		return c.Reason
	case c.Owner == casework.Bot:
		return "El bot la está atendiendo"
	}
	return "Pidió ayuda"
}

// preview is a message on one line of a list.
func preview(e casework.Entry) string {
	switch {
	case e.Kind == "":
		return "Sin mensajes todavía"
	case e.Secret:
		return "••••"
	case e.Text != "":
		return strings.Join(strings.Fields(e.Text), " ")
	}
	return attachment(e)
}

// attachment names what came without text.
func attachment(e casework.Entry) string {
	switch e.What {
	case message.Photo:
		return "Mandó una foto"
	case message.Voice:
		return "Mandó una nota de voz"
	case message.Document:
		return "Mandó un documento"
	case message.Location:
		return "Mandó su ubicación"
	case message.Contact:
		return "Mandó un contacto"
	case message.Tap:
		return "Tocó un botón"
	case message.Unsupported:
		return "Mandó algo que no podemos mostrar"
	}
	return "Mensaje vacío"
}

// heardAs says what a message was understood as.
func heardAs(e casework.Entry) string {
	switch kind, rest, _ := strings.Cut(e.Heard, ":"); kind {
	case "":
		if e.Pending {
			return "por leer"
		}
		return "no se entendió"
	case "yes":
		return "entendido: sí"
	case "no":
		return "entendido: no"
	case "interrupt":
		return "pidió " + rest
	case "intent":
		return "quería: " + strings.ReplaceAll(rest, "_", " ")
	case "desk", "unknown":
		return ""
	default:
		if word, ok := heardWords()[kind]; ok {
			return "entendido: " + word
		}
		return "entendido: " + strings.ReplaceAll(kind, "_", " ")
	}
}

func heardWords() map[string]string {
	return map[string]string{
		"amount": "un monto", "date": "una fecha", "birthdate": "fecha de nacimiento", "option": "una opción", "phone": "un teléfono",
		"clabe": "una CLABE", "pin": "un NIP", "int": "un número", "name": "un nombre", "text": "texto libre", "terms": "pidió condiciones",
		"change": "quiere cambiar", "greet": "un saludo", "thanks": "gracias", "photo": "una foto",
	}
}

// ticks says how far a message of ours got.
func ticks(e casework.Entry) string {
	switch e.State {
	case "queued":
		return "◷ en cola"
	case "sending":
		return "◷ saliendo"
	case "unknown":
		return "? sin confirmar"
	case "cancelled":
		return "✗ cancelado: " + e.Reason
	case "suggested":
		return "✎ sugerido, no se mandó"
	case "accepted":
		return delivered(e.Rank)
	}
	return "✗ no salió: " + e.Reason
}

func delivered(rank message.Rank) string {
	switch {
	case rank >= message.RankRead:
		return "✓✓ leído"
	case rank == message.RankDelivered:
		return "✓✓ entregado"
	}
	return "✓ enviado"
}

// stepName writes a step of a flow for reading.
func stepName(step string) string { return strings.ReplaceAll(step, "_", " ") }

func loanState(c casework.Credit) string {
	switch c.State {
	case loan.LoanPendingDisbursement:
		return "por entregar"
	case loan.LoanSettled:
		return "liquidado"
	case loan.LoanWrittenOff:
		return "castigado"
	case loan.LoanActive:
		if c.Overdue > 0 {
			return "atrasado"
		}
		return "al corriente"
	}
	return "cerrado"
}

func valeState(s loan.ValeState) string {
	switch s {
	case loan.ValeAuthorised:
		return "autorizado, por ofrecer"
	case loan.ValeOffered:
		return "ofrecido, espera su respuesta"
	case loan.ValeInReview:
		return "en revisión"
	case loan.ValeAccepted:
		return "aceptado"
	}
	return strings.ToLower(string(s))
}

func payoutState(state string) string {
	switch loan.DisbursementState(state) {
	case loan.DisbursementSettled:
		return "dinero entregado"
	case loan.DisbursementAccepted:
		return "dinero en camino"
	case loan.DisbursementRejected:
		return "la entrega fue rechazada"
	case loan.DisbursementReturned:
		return "el dinero regresó"
	case loan.DisbursementCancelled:
		return "entrega cancelada"
	case loan.DisbursementUnknown:
		return "entrega sin confirmar"
	}
	return "entrega en proceso"
}

func lineState(l casework.Line) string {
	if l.Locked {
		return "NIP bloqueado"
	}
	return l.Standing()
}

// bar is a loan's instalments, one word each: paid, late or due.
func bar(c casework.Credit) []string {
	out := make([]string, c.N)
	for i := range out {
		switch {
		case i < c.N-c.Left:
			out[i] = "paid"
		case i == c.N-c.Left && c.Overdue > 0:
			out[i] = "late"
		default:
			out[i] = "due"
		}
	}
	return out
}

// listed writes names for reading: "Eva, Luis y Ana".
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " y " + names[last]
}

// offerView is what a template needs to show the deeds of one target.
type offerView struct {
	threadView
	Target string
	Deeds  []casework.Deed
}

// offered lists what may be done to a target, for the template of the panel.
func offered(v threadView, on, id string) offerView {
	out := offerView{threadView: v, Target: id}
	if !v.ReadOnly {
		target, _ := uuid.Parse(id) // a contact's key is none
		out.Deeds = v.Panel.Offered(casework.Target(on), target, v.Leads)
	}
	return out
}

// fieldOf is the type of an HTML input.
func fieldOf(kind casework.FieldKind) string {
	switch kind {
	case casework.DateField:
		return "date"
	case casework.StampField:
		return "datetime-local"
	case casework.PINField:
		return "password"
	case casework.SeenField:
		return "hidden"
	}
	return "text"
}

// hour is an instant as agents read it: "15-mar 10:02".
func hour(at time.Time) string {
	local := at.In(quincena.Central())
	return quincena.On(at, quincena.Central()).Short() + " " + local.Format("15:04")
}

// decisionName says what was decided about an application.
func decisionName(d lending.Decision) string {
	if d == lending.Undecided {
		return "por decidir"
	}
	return string(d)
}

// meaningName is a class of the lexicon in an agent's words.
func meaningName(class string) string {
	if name, ok := meaningNames()[class]; ok {
		return name
	}
	return strings.ReplaceAll(class, "_", " ")
}

func meaningNames() map[string]string {
	return map[string]string{
		"yes": "sí", "assent": "sí (va, sale, órale)", "accept": "sí, acepto", "no": "no", "deny": "no quiero",
		"human": "quiere una persona", "balance": "pregunta su saldo", "complaint": "se queja", "opt_out": "pide BAJA", "opt_in": "pide ALTA",
		"wrong_number": "número equivocado", "not_me": "no soy yo", "fraud": "sospecha un fraude", "already_paid": "ya pagó",
		"cannot_pay": "no puede pagar", "promise": "promete pagar", "later": "más tarde", "help": "pide ayuda", "greet": "saluda", "thanks": "da las gracias",
		"goodbye": "se despide", "are_you_bot": "pregunta si es un robot", "insult": "insulta", "payment_date": "pregunta cuándo paga",
		"payment_plan": "pide un plan de pagos", "request_loan": "quiere un vale", "who_are_you": "pregunta quiénes somos",
	}
}

func versionName(state string) string {
	switch state {
	case "current":
		return "rige"
	case "ending":
		return "terminando"
	case "waiting":
		return "espera aprobación"
	case "archived":
		return "archivado"
	}
	return "anterior"
}

// percent is a share for reading; nothing of nothing is none.
func percent(n, of int) string {
	if of <= 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", (n*100+of/2)/of)
}

// doubted says in words why nobody is sure who holds a contact.
func doubted(why lending.Doubt) string {
	words := map[lending.Doubt]string{
		lending.DoubtMoved: "WhatsApp avisó que cambió de número", lending.DoubtDevice: "WhatsApp avisó que cambió de teléfono",
		lending.DoubtUser: "ahora escribe otra cuenta de WhatsApp", lending.DoubtSilent: "llevaba más de seis meses sin escribir",
		lending.DoubtNew: "es una dirección nueva", lending.DoubtMerged: "se unió con otro registro y aquí no ha comprobado quién es",
		lending.DoubtAsked: "alguien de la mesa pidió que lo compruebe",
	}
	if text, ok := words[why]; ok {
		return text
	}
	return string(why)
}
