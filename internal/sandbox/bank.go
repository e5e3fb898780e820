package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"valebot/internal/money"
	"valebot/internal/rail"
)

// wireTransfer is a transfer as it travels.
type wireTransfer struct {
	Event   string       `json:"event,omitempty"`
	ID      string       `json:"id"`
	Status  string       `json:"status,omitempty"`
	CLABE   string       `json:"clabe,omitempty"`
	Amount  money.Amount `json:"amount_centavos,omitempty"`
	Name    string       `json:"name,omitempty"`
	Concept string       `json:"concept,omitempty"`
	Rastreo string       `json:"rastreo,omitempty"`
	Reason  string       `json:"reason,omitempty"`
}

// bank is the bank that makes transfers.
type bank struct {
	mu        sync.Mutex
	transfers map[string]*wireTransfer
	order     []string
}

func newBank() *bank { return &bank{transfers: map[string]*wireTransfer{}} }

// Bank is the stand-in of the bank that makes SPEI transfers.
func (s *Sandbox) Bank() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /transfers", s.signed(s.SPEIKeys, s.askTransfer))
	mux.HandleFunc("GET /transfers/{id}", s.signed(s.SPEIKeys, s.readTransfer))
	return mux
}

// askTransfer is POST /transfers.
func (s *Sandbox) askTransfer(w http.ResponseWriter, r *http.Request, body []byte) {
	var q wireTransfer
	err := rail.Decode(body, &q)
	_, bad := uuid.Parse(q.ID)
	switch {
	case s.menu.take(Bank500):
		answerJSON(w, http.StatusInternalServerError, reasonOf("try later"))
		return
	case err != nil || bad != nil || r.Header.Get(rail.HeaderIdempotency) != q.ID:
		answerJSON(w, http.StatusBadRequest, reasonOf("id is not a UUID or not the Idempotency-Key"))
		return
	case len(q.CLABE) != 18 || q.Rastreo == "" || q.Amount <= 0:
		answerJSON(w, http.StatusUnprocessableEntity, reasonOf("cuenta, clave de rastreo o monto no válidos"))
		return
	}
	t, fresh := s.bank.take(q)
	if fresh {
		s.feed.publish("transfer", "", t.shown())
		s.run(func() { s.settle(t) })
	}
	switch {
	case s.menu.take(BankCut):
		panic(http.ErrAbortHandler)
	case !fresh && (t.Amount != q.Amount || t.CLABE != q.CLABE):
		answerJSON(w, http.StatusUnprocessableEntity, reasonOf("id used with another order"))
	case !fresh:
		answerJSON(w, http.StatusConflict, t)
	default:
		answerJSON(w, http.StatusAccepted, t)
	}
}

func (b *bank) take(q wireTransfer) (t wireTransfer, fresh bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if had := b.transfers[q.ID]; had != nil {
		return *had, false
	}
	q.Event, q.Reason, q.Status = "", "", pending
	b.transfers[q.ID] = &q
	b.order = append(b.order, q.ID)
	if len(b.order) > maxCodes {
		delete(b.transfers, b.order[0])
		b.order = slices.Clone(b.order[1:])
	}
	return q, true
}

// settle leads a transfer through its life.
func (s *Sandbox) settle(t wireTransfer) {
	if !s.sleep(s.Delays.Bank) {
		return
	}
	cents := t.Amount % money.Peso
	if s.menu.take(BankRejects) || cents == centsRejected {
		s.move(t.ID, rejected, "la cuenta no existe")
		return
	}
	s.move(t.ID, accepted, "")
	if s.menu.take(BankWaits) || cents == centsSilent || !s.sleep(s.Delays.Bank) {
		return
	}
	s.move(t.ID, settled, "")
	if (s.menu.take(BankReturns) || cents == centsReturned) && s.sleep(s.Delays.Bank) {
		s.move(t.ID, returned, "cuenta cancelada")
	}
}

// mayMove says which states of a transfer may follow which.
func mayMove(from, to string) bool {
	switch to {
	case accepted:
		return from == pending
	case settled, rejected:
		return from == pending || from == accepted
	case returned:
		return from == settled
	}
	return false
}

// move changes a transfer's state and tells the server. It reports whether that
// was possible.
func (s *Sandbox) move(id, to, reason string) bool {
	s.bank.mu.Lock()
	t := s.bank.transfers[id]
	if t == nil || !mayMove(t.Status, to) {
		s.bank.mu.Unlock()
		return false
	}
	t.Status, t.Reason = to, reason
	now := *t
	s.bank.mu.Unlock()
	s.feed.publish("transfer", "", now.shown())
	event := wireTransfer{Event: "transfer." + to, ID: id, Reason: reason}
	if to == settled {
		event.Rastreo = now.Rastreo
	}
	s.notify(pathSPEI, s.SPEIKeys, event, false)
	return true
}

// readTransfer is GET /transfers/{id}.
func (s *Sandbox) readTransfer(w http.ResponseWriter, r *http.Request, _ []byte) {
	s.bank.mu.Lock()
	t := s.bank.transfers[r.PathValue("id")]
	var now wireTransfer
	if t != nil {
		now = *t
	}
	s.bank.mu.Unlock()
	if t == nil {
		answerJSON(w, http.StatusNotFound, reasonOf("no such transfer"))
		return
	}
	answerJSON(w, http.StatusOK, now)
}

// shown is a transfer as the page lists it.
func (t wireTransfer) shown() wireTransfer {
	if len(t.CLABE) > 4 {
		t.CLABE = "••••" + t.CLABE[len(t.CLABE)-4:]
	}
	return t
}

func (b *bank) list(limit int) []wireTransfer {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := []wireTransfer{}
	for _, id := range slices.Backward(b.order) {
		if len(all) < limit {
			all = append(all, b.transfers[id].shown())
		}
	}
	return all
}

// notify delivers a rail event until the server takes it.
func (s *Sandbox) notify(path string, keys rail.Keys, event any, twice bool) {
	body, err := json.Marshal(event)
	if err != nil {
		panic("sandbox: event cannot be encoded: " + err.Error()) // our own types only
	}
	deliver := func() bool {
		return s.attempt(s.PublicURL+path, func() (int, error) {
			_, status, err := s.postSigned(s.ctx, path, keys, body)
			return status, err
		})
	}
	s.run(func() { s.persist(deliver) })
	if twice {
		s.run(func() { s.persist(deliver) })
	}
}

// postSigned makes one signed call to the server and returns its answer. The
// signature carries the wall's time: the town's clock may be weeks ahead.
func (s *Sandbox) postSigned(ctx context.Context, path string, keys rail.Keys, body []byte) ([]byte, int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.via(s.PublicURL+path), bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	keys.Sign(r, body, time.Now())
	res, err := s.HTTP.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, rail.MaxBody))
	return answer, res.StatusCode, err
}
