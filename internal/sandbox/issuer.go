package sandbox

import (
	"crypto/rand"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/rail"
)

// Statuses of codes and transfers, as the rail protocol writes them.
const (
	pending   = "pending"
	issued    = "issued"
	redeemed  = "redeemed"
	expired   = "expired"
	cancelled = "cancelled"
	rejected  = "rejected"
	accepted  = "accepted"
	settled   = "settled"
	returned  = "returned"
)

// Amounts choose what happens, for tests that cannot reach the menu: centavos
// that end so, in an otherwise ordinary amount.
const (
	centsRejected = 1 // rejected by event
	centsSilent   = 2 // taken, and no event until asked
	centsReturned = 3 // transfers: settled, then returned
)

const (
	codeDigits = 12
	codeLife   = 24 * time.Hour      // where the request does not say
	codeMost   = 30 * 24 * time.Hour // the longest that a request may ask for
	maxCodes   = 10000               // beyond them the oldest are forgotten
)

// wireCode is a code as it travels.
type wireCode struct {
	Event   string       `json:"event,omitempty"`
	ID      string       `json:"id"`
	Status  string       `json:"status,omitempty"`
	Amount  money.Amount `json:"amount_centavos,omitempty"`
	Digits  string       `json:"code,omitempty"`
	Network string       `json:"network,omitempty"`
	Expires *time.Time   `json:"expires_at,omitempty"`
	Reason  string       `json:"reason,omitempty"`
	Phone   string       `json:"phone_last4,omitempty"`
}

// issuer is the issuer of codes with its only ATM.
type issuer struct {
	mu    sync.Mutex
	codes map[string]*wireCode
	order []string
}

func newIssuer() *issuer { return &issuer{codes: map[string]*wireCode{}} }

// ATM is the stand-in of the issuer of withdrawal codes.
func (s *Sandbox) ATM() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /codes", s.signed(s.ATMKeys, s.askCode))
	mux.HandleFunc("GET /codes/{id}", s.signed(s.ATMKeys, s.readCode))
	mux.HandleFunc("DELETE /codes/{id}", s.signed(s.ATMKeys, s.cancelCode))
	return mux
}

// signed lets through what the server signed, with its body.
func (s *Sandbox) signed(keys rail.Keys, next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rail.MaxBody))
		if err != nil {
			answerJSON(w, http.StatusBadRequest, reasonOf("unreadable body"))
			return
		}
		if keys.Verify(r, body, time.Now()) != nil {
			answerJSON(w, http.StatusForbidden, reasonOf("signature not valid"))
			return
		}
		next(w, r, body)
	}
}

func reasonOf(text string) map[string]string { return map[string]string{"reason": text} }

// askCode is POST /codes.
func (s *Sandbox) askCode(w http.ResponseWriter, r *http.Request, body []byte) {
	var q wireCode
	err := rail.Decode(body, &q)
	_, bad := uuid.Parse(q.ID)
	switch {
	case s.menu.take(ATM500):
		answerJSON(w, http.StatusInternalServerError, reasonOf("try later"))
		return
	case err != nil || bad != nil || r.Header.Get(rail.HeaderIdempotency) != q.ID:
		answerJSON(w, http.StatusBadRequest, reasonOf("id is not a UUID or not the Idempotency-Key"))
		return
	case q.Amount < money.Pesos(50) || q.Amount > money.Pesos(15000):
		answerJSON(w, http.StatusUnprocessableEntity, reasonOf("monto fuera de límites"))
		return
	}
	atOnce := s.menu.take(ATMAtOnce)
	code, fresh := s.atm.take(q, s.Clock.Now(), atOnce)
	if fresh && !atOnce {
		s.run(func() { s.decide(code) })
	}
	s.feed.publish("code", "", code.shown())
	switch {
	case s.menu.take(ATMCut):
		panic(http.ErrAbortHandler)
	case !fresh && code.Amount != q.Amount:
		answerJSON(w, http.StatusUnprocessableEntity, reasonOf("id used with another amount"))
	case !fresh:
		answerJSON(w, http.StatusConflict, code)
	case atOnce:
		answerJSON(w, http.StatusCreated, code)
	default:
		answerJSON(w, http.StatusAccepted, code)
	}
}

// take keeps a request, or finds the one that came before under the same id.
func (i *issuer) take(q wireCode, now time.Time, atOnce bool) (code wireCode, fresh bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if had := i.codes[q.ID]; had != nil {
		return *had, false
	}
	made := &wireCode{ID: q.ID, Amount: q.Amount, Phone: q.Phone, Status: pending, Expires: expiry(q.Expires, now)}
	if atOnce {
		made.issue()
	}
	i.codes[q.ID] = made
	i.order = append(i.order, q.ID)
	if len(i.order) > maxCodes {
		delete(i.codes, i.order[0])
		i.order = slices.Clone(i.order[1:])
	}
	return *made, true
}

func (c *wireCode) issue() {
	c.Status, c.Digits, c.Network = issued, digits(codeDigits), "BBVA"
}

func expiry(asked *time.Time, now time.Time) *time.Time {
	at := now.Add(codeLife)
	if asked != nil && asked.After(now) && asked.Before(now.Add(codeMost)) {
		at = *asked
	}
	at = at.UTC()
	return &at
}

func digits(n int) string {
	var b strings.Builder
	for range n {
		d, _ := rand.Int(rand.Reader, big.NewInt(10)) // never fails
		b.WriteByte(byte('0' + d.Int64()))
	}
	return b.String()
}

// decide answers a request after a while: a code, a refusal or silence.
func (s *Sandbox) decide(c wireCode) {
	if !s.sleep(s.Delays.ATM) {
		return
	}
	cents := c.Amount % money.Peso
	reject := s.menu.take(ATMRejects) || cents == centsRejected
	answer := func(c *wireCode) bool {
		switch {
		case c.Status != pending: // cancelled meanwhile
			return false
		case reject:
			c.Status, c.Reason = rejected, "cajeros fuera de servicio"
		default:
			c.issue()
		}
		return true
	}
	if !reject && (s.menu.take(ATMSilent) || cents == centsSilent) {
		if made, ok := s.atm.change(c.ID, answer); ok {
			s.feed.publish("code", "", made.shown())
		}
		return
	}
	s.turn(c.ID, answer)
}

// change alters a code under the lock. ok is false if there is none or nothing
// was to be changed.
func (i *issuer) change(id string, how func(*wireCode) bool) (c wireCode, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	had := i.codes[id]
	if had == nil || !how(had) {
		return wireCode{}, false
	}
	return *had, true
}

// turn changes a code and tells the server.
func (s *Sandbox) turn(id string, how func(*wireCode) bool) (wireCode, bool) {
	c, ok := s.atm.change(id, how)
	if !ok {
		return c, false
	}
	s.feed.publish("code", "", c.shown())
	event := wireCode{Event: "code." + c.Status, ID: c.ID, Reason: c.Reason}
	if c.Status == issued {
		event.Digits, event.Network, event.Expires = c.Digits, c.Network, c.Expires
	}
	s.notify(pathATM, s.ATMKeys, event, s.menu.take(ATMTwice))
	return c, true
}

// readCode is GET /codes/{id}.
func (s *Sandbox) readCode(w http.ResponseWriter, r *http.Request, _ []byte) {
	c, ok := s.atm.change(r.PathValue("id"), func(*wireCode) bool { return true })
	if !ok {
		answerJSON(w, http.StatusNotFound, reasonOf("no such code"))
		return
	}
	answerJSON(w, http.StatusOK, c)
}

// cancelCode is DELETE /codes/{id}.
func (s *Sandbox) cancelCode(w http.ResponseWriter, r *http.Request, _ []byte) {
	id := r.PathValue("id")
	c, ok := s.atm.change(id, func(c *wireCode) bool {
		if c.Status == pending || c.Status == issued {
			c.Status = cancelled
		}
		return true
	})
	switch {
	case !ok:
		answerJSON(w, http.StatusNotFound, reasonOf("no such code"))
	case c.Status == redeemed:
		answerJSON(w, http.StatusConflict, c)
	default:
		s.feed.publish("code", "", c.shown())
		answerJSON(w, http.StatusOK, c)
	}
}

// expire ends the codes whose time is over by the town's clock.
func (s *Sandbox) expire() {
	now := s.Clock.Now()
	for _, id := range s.atm.due(now) {
		s.turn(id, func(c *wireCode) bool {
			if c.Status != issued || now.Before(*c.Expires) {
				return false
			}
			c.Status = expired
			return true
		})
	}
}

func (i *issuer) due(now time.Time) []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var ids []string
	for _, id := range i.order {
		if c := i.codes[id]; c.Status == issued && !now.Before(*c.Expires) {
			ids = append(ids, id)
		}
	}
	return ids
}

// refusal is why the ATM keeps its cash.
func refusal(status string) error {
	switch status {
	case redeemed:
		return fault.New(fault.Conflict, "code_used", "Esa clave ya se usó.")
	case expired:
		return fault.New(fault.Conflict, "code_expired", "Esa clave ya venció.")
	case cancelled:
		return fault.New(fault.Conflict, "code_cancelled", "Esa clave está cancelada.")
	}
	return fault.New(fault.Invalid, "code_wrong", "Esa clave no es correcta. Revísala e inténtalo otra vez.")
}

// Withdraw types a code at the ATM and returns the cash. Blanks in the code do
// not matter. The server hears of it by event. Codes of its faults: code_wrong,
// code_used, code_expired, code_cancelled.
func (s *Sandbox) Withdraw(typed string) (money.Amount, error) {
	s.expire()
	typed = strings.Join(strings.Fields(typed), "")
	id, status := s.atm.lookup(typed)
	if status == issued {
		c, ok := s.turn(id, func(c *wireCode) bool {
			if c.Status != issued {
				return false
			}
			c.Status = redeemed
			return true
		})
		if ok {
			return c.Amount, nil
		}
		_, status = s.atm.lookup(typed)
	}
	return 0, refusal(status)
}

func (i *issuer) lookup(typed string) (id, status string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, id := range slices.Backward(i.order) {
		if c := i.codes[id]; typed != "" && c.Digits == typed {
			return id, c.Status
		}
	}
	return "", ""
}

// shown is a code as the page lists it: who wants the digits has to read them
// on the phone.
func (c wireCode) shown() wireCode {
	if len(c.Digits) > 4 {
		c.Digits = "••••" + c.Digits[len(c.Digits)-4:]
	}
	return c
}

// list returns the latest codes, newest first, without their digits.
func (i *issuer) list(limit int) []wireCode {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := []wireCode{}
	for _, id := range slices.Backward(i.order) {
		if len(all) < limit {
			all = append(all, i.codes[id].shown())
		}
	}
	return all
}
