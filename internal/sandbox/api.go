package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// shownPhones is how many phones the page carries.
const shownPhones = 12

// demo serves the page and what it and the terminal chat call.
func (s *Sandbox) demo() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/api/state", s.getState)
	mux.HandleFunc("GET /demo/api/events", func(w http.ResponseWriter, r *http.Request) { s.feed.serve(w, r, "") })
	mux.HandleFunc("GET /demo/api/phones/{phone}/events", func(w http.ResponseWriter, r *http.Request) {
		s.feed.serve(w, r, canonical(r.PathValue("phone")))
	})
	mux.HandleFunc("GET /demo/api/clock", s.getClock)
	mux.HandleFunc("POST /demo/api/clock", take(s.postClock))
	mux.HandleFunc("POST /demo/api/phones/{phone}/messages", take(s.postMessage))
	mux.HandleFunc("POST /demo/api/phones/{phone}/channel", take(s.postChannel))
	mux.HandleFunc("POST /demo/api/atm/withdrawals", take(s.postWithdrawal))
	mux.HandleFunc("POST /demo/api/bank/transfers/{id}", take(s.postTransfer))
	mux.HandleFunc("POST /demo/api/payments", take(s.postPayment))
	mux.HandleFunc("POST /demo/api/faults", take(s.postFault))
	s.page(mux)
	return http.NewCrossOriginProtection().Handler(mux)
}

// take reads a JSON body of a fixed shape before the handler sees the request.
// Only JSON is taken: a form on a foreign page cannot send it.
func take[T any](next func(w http.ResponseWriter, r *http.Request, in T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			fail(w, http.StatusUnsupportedMediaType, "Manda JSON.")
			return
		}
		var in T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			fail(w, http.StatusBadRequest, "No entiendo la petición: revisa los nombres y los tipos de sus campos.")
			return
		}
		next(w, r, in)
	}
}

func fail(w http.ResponseWriter, status int, text string) {
	answerJSON(w, status, map[string]string{"error": text})
}

// state is everything that the page shows at first.
type state struct {
	Seq       int64            `json:"seq"` // events after it are news
	Clock     face             `json:"clock"`
	Phones    []view           `json:"phones"`
	Codes     []wireCode       `json:"codes"`
	Transfers []wireTransfer   `json:"transfers"`
	Faults    map[Mischief]int `json:"faults"`
	Menu      []dish           `json:"menu"`
	Story     []Line           `json:"story"`
}

func (s *Sandbox) getState(w http.ResponseWriter, r *http.Request) {
	answerJSON(w, http.StatusOK, state{
		Seq: s.feed.last(), Clock: faceOf(s.Clock.Now(), s.Zone), Phones: s.phones.views(shownPhones),
		Codes: s.atm.list(20), Transfers: s.bank.list(20), Faults: s.menu.State(), Menu: card(),
		Story: s.recall(r.Context()),
	})
}

func (s *Sandbox) getClock(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, faceOf(s.Clock.Now(), s.Zone))
}

type advance struct {
	Advance string `json:"advance"` // 3h, 1d, quincena, or an instant in RFC 3339
}

func (s *Sandbox) postClock(w http.ResponseWriter, r *http.Request, in advance) {
	to, err := leap(in.Advance, s.Clock.Now(), s.Zone)
	if err != nil {
		fail(w, http.StatusBadRequest, "El reloj entiende 3h, 1d o quincena, y solo va hacia adelante.")
		return
	}
	if err := s.Clock.Advance(r.Context(), to); err != nil {
		s.Log.Error("clock not advanced", "error", err)
		fail(w, http.StatusInternalServerError, "El reloj no se pudo mover. Mira la bitácora.")
		return
	}
	s.expire()
	now := faceOf(s.Clock.Now(), s.Zone)
	s.feed.publish("clock", "", now)
	answerJSON(w, http.StatusOK, now)
}

// maxTyped bounds what a phone sends; Twilio's own limit is 1,600 characters.
const maxTyped = 10000

func (s *Sandbox) postMessage(w http.ResponseWriter, r *http.Request, in Draft) {
	number := canonical(r.PathValue("phone"))
	switch {
	case !plausible(number):
		fail(w, http.StatusBadRequest, "El teléfono va como +526671234567.")
	case len(in.Text) > maxTyped:
		fail(w, http.StatusRequestEntityTooLarge, "El mensaje es demasiado largo.")
	case in.Channel != "" && in.Channel != message.SMS && in.Channel != message.WhatsApp:
		fail(w, http.StatusBadRequest, "El canal es sms o whatsapp.")
	default:
		answerJSON(w, http.StatusAccepted, s.Type(number, in))
	}
}

type channelChoice struct {
	Channel message.Channel `json:"channel"`
}

func (s *Sandbox) postChannel(w http.ResponseWriter, r *http.Request, in channelChoice) {
	if in.Channel != message.SMS && in.Channel != message.WhatsApp {
		fail(w, http.StatusBadRequest, "El canal es sms o whatsapp.")
		return
	}
	number := canonical(r.PathValue("phone"))
	s.phones.use(number, in.Channel, s.Clock.Now())
	s.feed.publish("channel", number, map[string]any{"phone": number, "channel": in.Channel})
	answerJSON(w, http.StatusOK, in)
}

type withdrawal struct {
	Code string `json:"code"`
}

func (s *Sandbox) postWithdrawal(w http.ResponseWriter, _ *http.Request, in withdrawal) {
	cash, err := s.Withdraw(in.Code)
	if err != nil {
		fail(w, http.StatusUnprocessableEntity, fault.TextOf(err))
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"amount_centavos": cash, "text": "Toma tu dinero: " + cash.String()})
}

type transferMove struct {
	To string `json:"to"` // settled, rejected or returned
}

func (s *Sandbox) postTransfer(w http.ResponseWriter, r *http.Request, in transferMove) {
	reasons := map[string]string{settled: "", rejected: "la cuenta no existe", returned: "cuenta cancelada"}
	reason, ok := reasons[in.To]
	if !ok || !s.move(r.PathValue("id"), in.To, reason) {
		fail(w, http.StatusConflict, "Esa transferencia ya no puede pasar a ese estado.")
		return
	}
	answerJSON(w, http.StatusOK, in)
}

// payment is a payment as the till's form has it.
type payment struct {
	Account   string `json:"account_reference"`
	Amount    string `json:"amount"`     // pesos, as people write them
	ValueDate string `json:"value_date"` // "" is today
	Reference string `json:"reference"`  // "" makes a new one; the same again is the same deposit
	Source    string `json:"source"`     // "" is panel
}

// wirePayment is a deposit as it travels.
type wirePayment struct {
	Source    string        `json:"source"`
	Reference string        `json:"reference"`
	Account   string        `json:"account_reference"`
	Amount    money.Amount  `json:"amount_centavos"`
	ValueDate quincena.Date `json:"value_date"`
}

func (p payment) wire(today quincena.Date) (wirePayment, error) {
	amount, err := money.Parse(p.Amount)
	if err != nil {
		return wirePayment{}, err
	}
	out := wirePayment{Source: p.Source, Reference: p.Reference, Account: strings.TrimSpace(p.Account), Amount: amount, ValueDate: today}
	if out.Source == "" {
		out.Source = "panel"
	}
	if out.Reference == "" {
		out.Reference = strings.ToUpper(sid("P")[:13])
	}
	if p.ValueDate != "" {
		out.ValueDate, err = quincena.ParseDate(p.ValueDate)
	}
	return out, err
}

// receipt is what the till says: the server's answer to its signed call.
type receipt struct {
	Reference string          `json:"reference"`
	ValueDate quincena.Date   `json:"value_date"`
	Status    int             `json:"status"`
	Answer    json.RawMessage `json:"answer,omitempty"`
}

func (s *Sandbox) postPayment(w http.ResponseWriter, r *http.Request, in payment) {
	p, err := in.wire(quincena.On(s.Clock.Now(), s.Zone))
	if err != nil {
		fail(w, http.StatusBadRequest, "Escribe el monto como 487.50 y la fecha como 2026-03-15.")
		return
	}
	body, err := json.Marshal(p)
	if err != nil {
		fail(w, http.StatusBadRequest, "Ese pago no se puede escribir.")
		return
	}
	answer, status, err := s.postSigned(r.Context(), pathPayments, s.PaymentKeys, body)
	if err != nil {
		fail(w, http.StatusBadGateway, "El servidor no contestó. Cobra otra vez con la misma referencia: no se duplica.")
		return
	}
	got := receipt{Reference: p.Reference, ValueDate: p.ValueDate, Status: status}
	if json.Valid(answer) {
		got.Answer = answer
	}
	s.feed.publish("payment", "", map[string]any{"at": s.Clock.Now().Truncate(time.Second), "amount": p.Amount.String(), "reference": p.Reference, "status": status})
	answerJSON(w, http.StatusOK, got)
}

type mishap struct {
	Name  Mischief `json:"name"`
	Times int      `json:"times"` // 0 switches it off, below zero is until then
}

func (s *Sandbox) postFault(w http.ResponseWriter, _ *http.Request, in mishap) {
	if !known(in.Name) || in.Times > 10000 {
		fail(w, http.StatusBadRequest, "Esa falla no está en el menú.")
		return
	}
	s.menu.Set(in.Name, in.Times)
	s.feed.publish("faults", "", s.menu.State())
	answerJSON(w, http.StatusOK, s.menu.State())
}
