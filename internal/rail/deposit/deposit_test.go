package deposit_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/rail"
	"valebot/internal/rail/deposit"
)

const secret = "secreto-de-prueba-123"

var noon = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)

type told struct {
	name string
	with map[string]any
	err  error
}

func (a *told) Do(_ context.Context, name string, with map[string]any) error {
	a.name, a.with = name, with
	return a.err
}

func post(a *told, keys rail.Keys, body string) int {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/payments", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	keys.Sign(r, []byte(body), noon)
	w := httptest.NewRecorder()
	rc := rail.Receiver{Keys: rail.Keys{secret}, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)}
	deposit.Webhook(rc, a).ServeHTTP(w, r)
	return w.Code
}

const good = `{"source":"oxxo","reference":"T-991","account_reference":"v-00017 ","amount_centavos":48750,"value_date":"2026-03-15"}`

func TestDepositBecomesPayment(t *testing.T) {
	t.Parallel()
	var got told
	if code := post(&got, rail.Keys{secret}, good); code != 200 {
		t.Fatalf("answered %d", code)
	}
	want := map[string]any{
		"source": "oxxo", "reference": "T-991", "operation_date": quincena.Date{},
		"account": "V-00017", "clabe": "", "phone": "",
		"amount": money.Amount(48750), "value_date": quincena.Date{Year: 2026, Month: time.March, Day: 15},
	}
	if diff := cmp.Diff(want, got.with); diff != "" || got.name != "payment.receive" {
		t.Error(got.name, diff)
	}
}

// What a payer wrote is never a reason to refuse her money.
func TestHintsAreTidiedAndNeverRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ hints, account, clabe, phone string }{
		{`"account_reference":" 9000 0001 9"`, "900000019", "", ""},
		{`"account_reference":""`, "", "", ""},
		{`"account_reference":"pago de Ñoña\u0000\n"`, "PAGODEÑOÑA", "", ""},
		{`"account_reference":"` + strings.Repeat("é", 200) + `"`, strings.Repeat("É", 120), "", ""},
		{`"clabe":"646180 1234 00000178","phone":"667 123 4567"`, "", "646180123400000178", "+526671234567"},
		{`"phone":"no tengo"`, "", "", ""},
	} {
		body := `{"source":"stp","reference":"R1","operation_date":"2026-03-15","amount_centavos":1,"value_date":"2026-03-15",` + tt.hints + `}`
		var got told
		if code := post(&got, rail.Keys{secret}, body); code != 200 {
			t.Errorf("%s answered %d", tt.hints, code)
		}
		if got.with["account"] != tt.account || got.with["clabe"] != tt.clabe || got.with["phone"] != tt.phone ||
			got.with["operation_date"] != (quincena.Date{Year: 2026, Month: time.March, Day: 15}) {
			t.Errorf("%s became %v", tt.hints, got.with)
		}
	}
}

func TestWhatIsNoDepositIsRefused(t *testing.T) {
	t.Parallel()
	bad := []string{``, `{}`, `"x"`}
	for _, c := range [][2]string{
		{`"oxxo"`, `""`}, {`"oxxo"`, `"OXXO"`}, {`"oxxo"`, `"a|b"`}, {`"oxxo"`, `"` + strings.Repeat("a", 21) + `"`},
		{`"T-991"`, `""`}, {`"T-991"`, `"a b"`}, {`"T-991"`, `"ñ"`}, {`"T-991"`, `"` + strings.Repeat("9", 65) + `"`},
		{`48750`, `0`}, {`48750`, `-5`}, {`48750`, `487.50`}, {`48750`, `"48750"`}, {`48750`, `99999999999999999`},
		{`"2026-03-15"`, `""`}, {`"2026-03-15"`, `"2026-02-30"`}, {`"2026-03-15"`, `"15/03/2026"`},
	} {
		bad = append(bad, strings.Replace(good, c[0], c[1], 1))
	}
	for _, body := range bad {
		var got told
		if code := post(&got, rail.Keys{secret}, body); code != 400 || got.name != "" {
			t.Errorf("%s answered %d, did %q", body, code, got.name)
		}
	}
	var got told
	if code := post(&got, rail.Keys{"otro-secreto-largo"}, good); code != 403 || got.name != "" {
		t.Errorf("stranger answered %d", code)
	}
}

func TestLenderMayRefuse(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]int{fault.Conflict: 409, fault.Invalid: 422, fault.NotFound: 404, fault.Unavailable: 503} {
		err := fmt.Errorf("run payment.receive: %w", fault.New(kind, "x", "X."))
		if code := post(&told{err: err}, rail.Keys{secret}, good); code != want {
			t.Errorf("%s answered %d, want %d", kind, code, want)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add(good)
	f.Add(`{"amount_centavos":1e3}`)
	f.Fuzz(func(t *testing.T, body string) {
		var got told
		code := post(&got, rail.Keys{secret}, body)
		if (code == 200) != (got.name != "") {
			t.Errorf("answered %d and did %q", code, got.name)
		}
		if amount, ok := got.with["amount"].(money.Amount); ok && (amount <= 0 || amount > money.Max) {
			t.Errorf("amount %d", amount)
		}
	})
}
