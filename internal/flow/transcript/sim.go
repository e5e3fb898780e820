package transcript

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"valebot/internal/flow"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Simulate lets somebody talk with a flow: lines from in are replies, and lines
// that begin with / are commands (/ayuda lists them). It ends with in. What was
// said can be printed as a case for a .chat file with /grabar.
func (l *Lab) Simulate(name string, channel message.Channel, in io.Reader, out io.Writer) error {
	phone, err := l.newPhone(Start{Channel: channel, Facts: Sample(l.Vocabulary, l.now()), At: l.now()})
	if err != nil {
		return err
	}
	s := sim{phone: phone, flow: name, out: out}
	if name != l.Set.Idle().Name() {
		if err := phone.Begin(name, nil); err != nil {
			return err
		}
	}
	s.show()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := s.take(strings.TrimSpace(lines.Text())); err != nil {
			s.printf("  (%v)\n", err)
		}
		s.show()
	}
	return lines.Err()
}

func (l *Lab) now() time.Time {
	if l.Start.IsZero() {
		return Monday(l.Zone)
	}
	return l.Start
}

type sim struct {
	phone  *Phone
	flow   string
	out    io.Writer
	record []string
}

// printf writes to the terminal; a terminal that is gone ends the input too.
func (s *sim) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *sim) take(text string) error {
	command, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch command {
	case "/ayuda":
		s.printf("%s", "  /sms /wa  cambia de canal    /toca ID  toca un botón    /reloj +4h  adelanta el reloj\n"+
			"  /evento NOMBRE {datos}    /nucleo acción -> resultado {datos}    /mesa resolved|returned\n  /camino  muestra los pasos    /grabar  escribe la plática como caso\n")
		return nil
	case "/sms", "/wa":
		s.phone.channel = channelOf(command[1:])
		return nil
	case "/camino":
		s.printf("  %s\n", strings.Join(s.phone.path, " → "))
		return nil
	case "/grabar":
		s.printf("== Grabado en el simulador\nflow: %s\n%s\n", s.flow, strings.Join(s.record, "\n"))
		return nil
	}
	return s.drive(command, text, rest)
}

// drive makes what a line of a chat would make, and records it.
func (s *sim) drive(command, text, rest string) error {
	verbs := map[string]string{"/toca": "tap", "/reloj": "clock", "/evento": "event", "/mesa": "desk", "/nucleo": "core"}
	verb, known := verbs[command]
	switch {
	case !known && strings.HasPrefix(text, "/"):
		return fmt.Errorf("no existe %s; /ayuda los lista", command)
	case !known:
		verb, rest = "user", text
	}
	s.record = append(s.record, verb+": "+rest)
	r := run{lab: s.phone.lab, driver: s.phone}
	l := line{verb: verb, text: rest}
	if verb == "core" {
		return r.restub(l)
	}
	return r.drive(l)
}

// show prints what the bot said since the last time.
func (s *sim) show() {
	for _, m := range s.phone.said {
		s.printf("%s  %s\n", m.At.Format("Mon 15:04"), m.show())
		for _, c := range m.Choices {
			s.printf("             [%s] %s\n", c.ID, c.Label)
		}
		s.record = append(s.record, "bot: @"+m.Key)
	}
	s.phone.said = nil
}

// Sample returns invented facts for every name of a vocabulary, for trying
// flows without a lender.
func Sample(v flow.Vocabulary, now time.Time) flow.Facts {
	out := flow.Facts{}
	for name, fields := range v.Facts {
		out[name] = map[string]any{}
		for field, t := range fields {
			out[name][field] = sampleValue(field, t, now)
		}
	}
	return out
}

func sampleValue(field string, t flow.Type, now time.Time) any {
	switch t {
	case flow.Amount:
		known := map[string]money.Amount{"pago": 487_50, "total": money.Pesos(3900), "disponible": money.Pesos(20000), "mora": money.Pesos(60), "mora_diaria": 0, "ahorro_hoy": 0}
		if a, ok := known[field]; ok {
			return a
		}
		return money.Pesos(3000)
	case flow.Int:
		return map[string]int{"quincenas": 8, "pagos_hechos": 2, "pagos_restantes": 6}[field]
	case flow.Bool:
		return field == "puede_reestructurar" || field == "conocida"
	case flow.Date:
		return quincena.On(now, now.Location()).AddDays(13)
	case flow.Stamp:
		return now.Add(72 * time.Hour)
	case flow.Ints:
		return []int{4, 6, 8, 12}
	}
	return sampleText(field)
}

func sampleText(field string) string {
	known := map[string]string{"nombre": "Ana Ruiz", "persona_nombre": "Ana Ruiz", "distribuidora": "María López", "estatus": "activa",
		"segmento": "leve", "cat": "98.4%", "liga": "vl.mx/a1b2", "folio": "V-00017", "referencia": "90011234", "estado": "OFFERED"}
	if text, ok := known[field]; ok {
		return text
	}
	return field + "-1"
}
