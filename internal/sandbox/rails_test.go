package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/money"
	"valebot/internal/rail"
	"valebot/internal/rail/atm"
	"valebot/internal/rail/spei"
)

// The clients of the rails are those that the server uses, so that both sides
// of the protocol are proved against each other.
func (v *village) caller(path string, keys rail.Keys) *rail.Caller {
	v.t.Helper()
	c, err := rail.NewCaller(v.web.URL+path, keys, v.web.Client(), time.Now)
	if err != nil {
		v.t.Fatal(err)
	}
	return c
}

func (v *village) codes() *atm.Client {
	return atm.NewClient(v.caller("/sandbox/atm", rail.Keys{secret}))
}

func (v *village) issue(amount money.Amount) (uuid.UUID, string) {
	v.t.Helper()
	id := uuid.Must(uuid.NewV7())
	got, err := v.codes().Issue(v.t.Context(), atm.Request{ID: id, Amount: amount, Phone: ana})
	if err != nil || got.Status != atm.Pending {
		v.t.Fatalf("issue: %v %v", got, err)
	}
	h := v.next()
	digits, _ := h.JSON["code"].(string)
	if h.Path != "/webhooks/atm" || h.JSON["event"] != "code.issued" || h.JSON["id"] != id.String() || len(digits) != 12 || h.JSON["network"] != "BBVA" {
		v.t.Fatalf("heard %+v", h)
	}
	return id, digits
}

func (v *village) hears(event string, id uuid.UUID) heard {
	v.t.Helper()
	h := v.next()
	if h.JSON["event"] != event || h.JSON["id"] != id.String() {
		v.t.Errorf("heard %v, want %s", h.JSON, event)
	}
	return h
}

func TestCodeIsIssuedAndRedeemedOnce(t *testing.T) {
	t.Parallel()
	v := open(t)
	id, digits := v.issue(money.Pesos(3000))
	if _, err := v.Withdraw("000000000000"); err == nil {
		t.Error("wrong code gives cash")
	}
	cash, err := v.Withdraw(digits[:4] + " " + digits[4:8] + " " + digits[8:])
	if err != nil || cash != money.Pesos(3000) {
		t.Errorf("withdrew %s, %v", cash, err)
	}
	v.hears("code.redeemed", id)
	if _, err := v.Withdraw(digits); err == nil || !strings.Contains(err.Error(), "ya se usó") {
		t.Errorf("used code: %v", err)
	}
	if c, err := v.codes().Query(t.Context(), id); err != nil || c.Status != atm.Redeemed {
		t.Errorf("query: %v %v", c, err)
	}
	if c, err := v.codes().Cancel(t.Context(), id); err != nil || c.Status != atm.Redeemed {
		t.Errorf("cancel after: %v %v", c, err)
	}
	v.quiet()
}

func TestSameRequestIsOneCode(t *testing.T) {
	t.Parallel()
	v := open(t)
	id, digits := v.issue(money.Pesos(3000))
	again, err := v.codes().Issue(t.Context(), atm.Request{ID: id, Amount: money.Pesos(3000)})
	if err != nil || again.Digits != digits {
		t.Errorf("again: %v %v", again, err)
	}
	other, err := v.codes().Issue(t.Context(), atm.Request{ID: id, Amount: money.Pesos(4000)})
	if err != nil || other.Status != atm.Refused {
		t.Errorf("other amount: %v %v", other, err)
	}
	v.quiet()
}

func TestCodeExpiresByTheTownsClock(t *testing.T) {
	t.Parallel()
	v := open(t)
	id, digits := v.issue(money.Pesos(3000))
	if v.call(http.MethodPost, "/demo/api/clock", advance{"23h"}, nil) != 200 {
		t.Fatal("clock stands")
	}
	if v.call(http.MethodPost, "/demo/api/clock", advance{"1h"}, nil) != 200 {
		t.Fatal("clock stands")
	}
	v.hears("code.expired", id)
	if _, err := v.Withdraw(digits); err == nil || !strings.Contains(err.Error(), "venció") {
		t.Errorf("old code: %v", err)
	}
	v.quiet()
}

func TestCodeLivesAsLongAsAsked(t *testing.T) {
	t.Parallel()
	v := open(t)
	want := v.clock.Now().Add(72 * time.Hour)
	id := uuid.Must(uuid.NewV7())
	if _, err := v.codes().Issue(t.Context(), atm.Request{ID: id, Amount: money.Pesos(500), Expires: want}); err != nil {
		t.Fatal(err)
	}
	if h := v.hears("code.issued", id); h.JSON["expires_at"] != want.Format(time.RFC3339) {
		t.Errorf("expires %v", h.JSON["expires_at"])
	}
	v.quiet()
}

func TestCancelledCodeGivesNothing(t *testing.T) {
	t.Parallel()
	v := open(t)
	id, digits := v.issue(money.Pesos(3000))
	if c, err := v.codes().Cancel(t.Context(), id); err != nil || c.Status != atm.Cancelled {
		t.Errorf("cancel: %v %v", c, err)
	}
	if _, err := v.Withdraw(digits); err == nil || !strings.Contains(err.Error(), "cancelada") {
		t.Errorf("cancelled code: %v", err)
	}
	if _, err := v.codes().Query(t.Context(), uuid.New()); !errors.Is(err, rail.ErrAbsent) {
		t.Errorf("unknown: %v", err)
	}
	v.quiet()
}

func TestIssuerFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  Mischief
		cents  money.Amount
		err    error
		status atm.Status // of the answer
		events string
		after  atm.Status // by query, once the events have come
	}{
		"rejects":          {ATMRejects, 0, nil, atm.Pending, "code.rejected", atm.Refused},
		"rejects by cents": {"", 1, nil, atm.Pending, "code.rejected", atm.Refused},
		"at once":          {ATMAtOnce, 0, nil, atm.Issued, "", atm.Issued},
		"fails":            {ATM500, 0, rail.ErrUnknown, "", "", ""},
		"cuts":             {ATMCut, 0, rail.ErrUnknown, "", "code.issued", atm.Issued},
		"tells twice":      {ATMTwice, 0, nil, atm.Pending, "code.issued code.issued", atm.Issued},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := open(t)
			if c.fault != "" {
				v.menu.Set(c.fault, 1)
			}
			id := uuid.Must(uuid.NewV7())
			got, err := v.codes().Issue(t.Context(), atm.Request{ID: id, Amount: money.Pesos(1000) + c.cents})
			if got.Status != c.status || !errors.Is(err, c.err) {
				t.Errorf("issue: %v %v", got, err)
			}
			for event := range strings.FieldsSeq(c.events) {
				v.hears(event, id)
			}
			now, err := v.codes().Query(t.Context(), id)
			if now.Status != c.after || (c.after == "") != errors.Is(err, rail.ErrAbsent) {
				t.Errorf("query: %v %v", now, err)
			}
			v.quiet()
		})
	}
}

func TestSilentIssuerTellsWhenAsked(t *testing.T) {
	t.Parallel()
	v := open(t)
	id := uuid.Must(uuid.NewV7())
	if _, err := v.codes().Issue(t.Context(), atm.Request{ID: id, Amount: money.Pesos(1000) + centsSilent}); err != nil {
		t.Fatal(err)
	}
	v.until(func() bool {
		c, err := v.codes().Query(t.Context(), id)
		return err == nil && c.Status == atm.Issued
	})
	v.quiet()
}

func TestIssuerRefuses(t *testing.T) {
	t.Parallel()
	v := open(t)
	stranger := atm.NewClient(v.caller("/sandbox/atm", rail.Keys{"otro-secreto-largo"}))
	if _, err := stranger.Issue(t.Context(), atm.Request{ID: uuid.New(), Amount: 100000}); !errors.Is(err, rail.ErrRefused) {
		t.Errorf("stranger: %v", err)
	}
	if c, err := v.codes().Issue(t.Context(), atm.Request{ID: uuid.New(), Amount: 1}); err != nil || c.Status != atm.Refused {
		t.Errorf("one centavo: %v %v", c, err)
	}
	for _, body := range []string{`{`, `{"id":"7"}`, `[]`} {
		if _, err := v.caller("/sandbox/atm", rail.Keys{secret}).Submit(t.Context(), "/codes", "7", body); !errors.Is(err, rail.ErrRefused) {
			t.Errorf("%s: %v", body, err)
		}
	}
	v.quiet()
}

func TestRailEventIsDeliveredUntilStored(t *testing.T) {
	t.Parallel()
	v := open(t)
	tries := 0
	v.answers(func(heard) int {
		if tries++; tries < 3 {
			return 503
		}
		return 200
	})
	id := uuid.Must(uuid.NewV7())
	if _, err := v.codes().Issue(t.Context(), atm.Request{ID: id, Amount: 100000}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		v.hears("code.issued", id)
	}
	v.quiet()
}

func order(cents money.Amount) spei.Order {
	return spei.Order{
		ID: uuid.Must(uuid.NewV7()), CLABE: "032180000118359719", Amount: money.Pesos(3000) + cents,
		Name: "Ana Ruiz", Concept: "Vale V-00017", Rastreo: "VALE2603020001",
	}
}

func TestTransfers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  Mischief
		cents  money.Amount
		err    error
		events string
		after  spei.Status
	}{
		"settles":          {"", 0, nil, "transfer.accepted transfer.settled", spei.Settled},
		"rejects":          {BankRejects, 0, nil, "transfer.rejected", spei.Refused},
		"rejects by cents": {"", 1, nil, "transfer.rejected", spei.Refused},
		"returns":          {BankReturns, 0, nil, "transfer.accepted transfer.settled transfer.returned", spei.Returned},
		"returns by cents": {"", 3, nil, "transfer.accepted transfer.settled transfer.returned", spei.Returned},
		"waits":            {BankWaits, 0, nil, "transfer.accepted", spei.Accepted},
		"fails":            {Bank500, 0, rail.ErrUnknown, "", ""},
		"cuts":             {BankCut, 0, rail.ErrUnknown, "transfer.accepted transfer.settled", spei.Settled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := open(t)
			if c.fault != "" {
				v.menu.Set(c.fault, 1)
			}
			bank, o := spei.NewClient(v.caller("/sandbox/spei", rail.Keys{secret})), order(c.cents)
			if _, err := bank.Send(t.Context(), o); !errors.Is(err, c.err) {
				t.Errorf("send: %v", err)
			}
			left := map[string]int{} // events are delivered apart, so in any order
			for event := range strings.FieldsSeq(c.events) {
				left[event]++
			}
			for range left {
				h := v.next()
				event, _ := h.JSON["event"].(string)
				left[event]--
				if h.JSON["id"] != o.ID.String() || (event == "transfer.settled") != (h.JSON["rastreo"] == o.Rastreo) {
					t.Errorf("heard %v", h.JSON)
				}
			}
			for event, n := range left {
				if n != 0 {
					t.Errorf("%s: %d not heard", event, n)
				}
			}
			now, err := bank.Query(t.Context(), o.ID)
			if now.Status != c.after || (c.after == "") != errors.Is(err, rail.ErrAbsent) {
				t.Errorf("query: %v %v", now, err)
			}
			v.quiet()
		})
	}
}

func TestTransferIsMovedByHand(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.menu.Set(BankWaits, 1)
	bank, o := spei.NewClient(v.caller("/sandbox/spei", rail.Keys{secret})), order(0)
	if _, err := bank.Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	v.hears("transfer.accepted", o.ID)
	path := "/demo/api/bank/transfers/" + o.ID.String()
	for _, c := range []struct {
		to     string
		status int
	}{{"returned", 409}, {"settled", 200}, {"settled", 409}, {"rejected", 409}, {"returned", 200}, {"stolen", 409}} {
		if got := v.call(http.MethodPost, path, transferMove{c.to}, nil); got != c.status {
			t.Errorf("to %s answered %d", c.to, got)
		}
		if c.status == 200 {
			v.hears("transfer."+c.to, o.ID)
		}
	}
	again, err := bank.Send(t.Context(), o)
	if err != nil || again.Status != spei.Returned {
		t.Errorf("sent again: %+v %v", again, err)
	}
	v.quiet()
}
