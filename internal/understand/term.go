package understand

// Unit is what a term counts.
type Unit uint8

// The units of time.
const (
	UnitNone Unit = iota
	UnitQuincena
	UnitMonth
	UnitWeek
	UnitCatorcena
	UnitYear
	UnitDay
	UnitPayment // "6 pagos": as many as the product's own period
	UnitHour
	UnitMinute
	UnitOther // counts something, but no term: percent, metres
)

// String returns the Spanish singular, "" for none.
func (u Unit) String() string {
	return [...]string{"", "quincena", "mes", "semana", "catorcena", "año", "dia", "pago", "hora", "minuto", ""}[u]
}

func addUnits(add func(word string, u Unit)) {
	for u, words := range [...][]string{
		UnitQuincena:  {"quincena", "quincenas", "quincenal", "quincenales", "quincenita", "quincenitas", "quinsena", "quinsenas", "qna", "qnas", "quin"},
		UnitMonth:     {"mes", "meses", "mensual", "mensuales", "mensualidad", "mensualidades", "mesesitos"},
		UnitWeek:      {"semana", "semanas", "semanita", "semanitas", "semanal", "semanales"},
		UnitCatorcena: {"catorcena", "catorcenas"},
		UnitYear:      {"ano", "anos"},
		UnitDay:       {"dia", "dias", "diitas"},
		UnitPayment:   {"pago", "pagos", "plazo", "plazos", "cuota", "cuotas", "parcialidad", "parcialidades", "abono", "abonos", "letras"},
		UnitHour:      {"hora", "horas", "hr", "hrs", "horitas"},
		UnitMinute:    {"minuto", "minutos", "min", "mins", "segundo", "segundos", "ratito"},
		UnitOther:     {"porciento", "km", "kg", "kilos", "metros", "vez", "veces", "casetas", "personas", "ml", "litros", "anios"},
	} {
		for _, w := range words {
			add(w, Unit(u))
		}
	}
}

// Term is a number of periods.
type Term struct {
	Count int
	Unit  Unit // UnitNone when only the number was said ("a ocho")
}

// Term returns the one term of the message: "6 quincenas", "a ocho", "8".
func (r Reading) Term() (Term, bool) {
	var buf [maxSpans]span
	var found Term
	n := 0
	spans := r.spans(&buf)
	if r.alternatives(spans) {
		return Term{}, false
	}
	for _, s := range spans {
		if t, ok := r.term(s); ok {
			found = t
			n++
		}
	}
	if n == 0 {
		return r.bareTerm(spans)
	}
	return found, n == 1
}

func (r *Reading) term(s span) (Term, bool) {
	count, ok := s.value.Whole()
	if !ok || s.bad || count < 1 || count > 400 || s.to >= r.tok.n {
		return Term{}, false
	}
	at := s.to
	if r.repeated(s) {
		at++
	}
	unit := r.u.units[r.tok.all[at].id]
	if unit == UnitNone || unit >= UnitHour {
		return Term{}, false
	}
	return Term{int(count), unit}, true
}

// repeated says that the number stands in brackets behind the same number ("6
// (seis) quincenas"), with its unit behind the bracket.
func (r *Reading) repeated(s span) bool {
	if s.from < 2 || s.to+1 >= r.tok.n || r.tok.all[s.to].mark != ')' || r.tok.all[s.from-1].mark != '(' {
		return false
	}
	first, ok := r.numberAt(s.from - 2)
	return ok && first.to == s.from-1 && first.value == s.value
}

func (r *Reading) bareTerm(spans []span) (Term, bool) {
	var found Term
	n := 0
	for _, s := range spans {
		count, ok := s.value.Whole()
		if !ok || s.bad || count < 1 || count > 60 || s.article || r.moneyAfter(s.to) || r.currencyBefore(s) {
			continue
		}
		if len(spans) > 1 && !(s.from > 0 && (r.u.is(&r.tok.all[s.from-1], "a") || r.u.is(&r.tok.all[s.from-1], "en"))) {
			continue
		}
		found = Term{Count: int(count)}
		n++
	}
	return found, n == 1
}

func (r *Reading) currencyBefore(s span) bool {
	return s.from > 0 && r.tok.all[s.from-1].kind == kindMark && r.tok.all[s.from-1].mark == '$'
}
