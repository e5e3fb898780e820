package rail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"valebot/internal/fault"
	"valebot/internal/rail"
)

func receive(r *http.Request, answer error) (code int, result, body string, called bool) {
	rc := rail.Receiver{Keys: rail.Keys{secret}, Now: at(noon), Log: slog.New(slog.DiscardHandler), Count: func(s string) { result = s }}
	w := httptest.NewRecorder()
	rc.Handler(func(context.Context, []byte) error { called = true; return answer }).ServeHTTP(w, r)
	return w.Code, result, strings.TrimSpace(w.Body.String()), called
}

func TestOnlySignedBoundedJSONIsLookedAt(t *testing.T) {
	t.Parallel()
	keys := rail.Keys{secret}
	unsigned := httptest.NewRequest(http.MethodPost, "/webhooks/atm", strings.NewReader("{}"))
	get := httptest.NewRequest(http.MethodGet, "/webhooks/atm", nil)
	form := signed(keys, "a=1")
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	broken := httptest.NewRequest(http.MethodPost, "/webhooks/atm", failing{})
	for name, c := range map[string]struct {
		r      *http.Request
		code   int
		result string
	}{
		"signed":   {signed(keys, "{}"), 200, "stored"},
		"unsigned": {unsigned, 403, "unsigned"},
		"stranger": {signed(rail.Keys{"otro-secreto-largo"}, "{}"), 403, "unsigned"},
		"get":      {get, 405, "malformed"},
		"form":     {form, 415, "malformed"},
		"broken":   {broken, 400, "malformed"},
		"huge":     {signed(keys, strings.Repeat("x", rail.MaxBody+1)), 413, "malformed"},
	} {
		code, result, _, called := receive(c.r, nil)
		if code != c.code || result != c.result || called != (c.code == 200) {
			t.Errorf("%s: %d %s, looked at %t", name, code, result, called)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("reset by peer") }

func TestAnswerSaysWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		code   int
		result string
		body   string
	}{
		"malformed":   {fmt.Errorf("read code: %w: 482913", rail.ErrMalformed), 400, "malformed", `{"status":"error","code":"malformed","text":"The body is not an event of this protocol."}`},
		"invalid":     {fault.New(fault.Invalid, "zero", "Cero."), 422, "refused", `{"status":"error","code":"zero","text":"Cero."}`},
		"unknown id":  {fault.New(fault.NotFound, "no_such", "No existe."), 404, "refused", `{"status":"error","code":"no_such","text":"No existe."}`},
		"conflict":    {fmt.Errorf("post: %w", fault.New(fault.Conflict, "other_amount", "Otro monto.")), 409, "refused", `{"status":"error","code":"other_amount","text":"Otro monto."}`},
		"store away":  {fault.New(fault.Unavailable, "db", "Sin base."), 503, "failed", `{"status":"error","code":"db","text":"Sin base."}`},
		"our mistake": {errors.New("nil map of 482913"), 503, "failed", `{"status":"error","code":"internal","text":"Algo falló de nuestro lado. Inténtalo otra vez en unos minutos."}`},
		"fine":        {nil, 200, "stored", `{"status":"stored"}`},
	} {
		code, result, body, _ := receive(signed(rail.Keys{secret}, "{}"), c.err)
		if code != c.code || result != c.result || body != c.body {
			t.Errorf("%s: %d %s %s", name, code, result, body)
		}
	}
}

func TestReceiverNeedsNoCounter(t *testing.T) {
	t.Parallel()
	rc := rail.Receiver{Keys: rail.Keys{secret}, Now: at(noon), Log: slog.New(slog.DiscardHandler)}
	w := httptest.NewRecorder()
	rc.Handler(func(context.Context, []byte) error { return nil }).ServeHTTP(w, signed(rc.Keys, "{}"))
	if w.Code != 200 {
		t.Errorf("answered %d", w.Code)
	}
}

func TestDecodeNeverQuotesItsInput(t *testing.T) {
	t.Parallel()
	var into struct {
		Code string `json:"code"`
	}
	for _, body := range []string{`{"code":482915637710}`, `{"code":"482915637710"`, `{"code":"4"}{"code":"482915637710"}`, ``, `482915637710`} {
		err := rail.Decode([]byte(body), &into)
		if !errors.Is(err, rail.ErrMalformed) || strings.Contains(err.Error(), "4829") {
			t.Errorf("Decode(%s): %v", body, err)
		}
	}
	if err := rail.Decode([]byte(`{"code":"4829","nuevo":[1]} `), &into); err != nil || into.Code != "4829" {
		t.Errorf("unknown member: %v %q", err, into.Code)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"sin fondos":             "sin fondos",
		"a\x00b\nc":              "abc",
		"mal\xff":                "mal",
		strings.Repeat("ñ", 100): strings.Repeat("ñ", 80),
		"":                       "",
	} {
		if got := rail.Reason(in); got != want || !utf8.ValidString(got) {
			t.Errorf("Reason(%q) = %q", in, got)
		}
	}
}
