package atm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/rail"
	"valebot/internal/rail/atm"
)

const secret = "secreto-de-prueba-123"

var (
	noon   = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	expiry = time.Date(2026, 3, 5, 16, 0, 0, 0, time.UTC)
	id     = uuid.MustParse("0195a1b2-0000-7000-8000-000000000001")
)

func clock() time.Time { return noon }

func client(t *testing.T, answer http.HandlerFunc) *atm.Client {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	caller, err := rail.NewCaller(srv.URL, rail.Keys{secret}, srv.Client(), clock)
	if err != nil {
		t.Fatal(err)
	}
	return atm.NewClient(caller)
}

func saying(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "ID", id.String()))
	}
}

const issuedBody = `{"id":"ID","status":"issued","code":"482915637710","network":"BBVA","expires_at":"2026-03-05T10:00:00-06:00"}`

func issued() atm.Code {
	return atm.Code{ID: id, Status: atm.Issued, Digits: "482915637710", Network: "BBVA", Expires: expiry}
}

func TestIssue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   atm.Code
		err    error
	}{
		"later":                 {202, ``, atm.Code{ID: id, Status: atm.Pending}, nil},
		"later, with a body":    {202, `{"id":"ID","status":"pending"}`, atm.Code{ID: id, Status: atm.Pending}, nil},
		"at once":               {201, issuedBody, issued(), nil},
		"known already":         {409, ``, atm.Code{ID: id, Status: atm.Pending}, nil},
		"known already, issued": {409, issuedBody, issued(), nil},
		"rejected":              {422, `{"reason":"fuera de horario"}`, atm.Code{ID: id, Status: atm.Refused, Reason: "fuera de horario"}, nil},
		"rejected, no words":    {422, ``, atm.Code{ID: id, Status: atm.Refused}, nil},
		"fails":                 {500, ``, atm.Code{}, rail.ErrUnknown},
		"HTML":                  {200, `<html>`, atm.Code{}, rail.ErrUnknown},
		"another's code":        {201, strings.Replace(issuedBody, "ID", uuid.Max.String(), 1), atm.Code{}, rail.ErrUnknown},
		"code without digits":   {201, `{"id":"ID","status":"issued"}`, atm.Code{}, rail.ErrUnknown},
		"wrong secret":          {403, ``, atm.Code{}, rail.ErrRefused},
		"too many":              {429, ``, atm.Code{}, rail.ErrBusy},
	} {
		got, err := client(t, saying(c.status, c.body)).Issue(t.Context(), atm.Request{ID: id, Amount: 300000})
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestIssueOnTheWire(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want := `{"id":"` + id.String() + `","amount_centavos":300000,"currency":"MXN","phone_last4":"4567","expires_at":"2026-03-05T16:00:00Z"}`
		if string(body) != want || r.Method+r.URL.Path != "POST/codes" || r.Header.Get("Idempotency-Key") != id.String() {
			t.Errorf("%s %s %s", r.Method, r.URL.Path, body)
		}
		w.WriteHeader(http.StatusAccepted)
	})
	local := expiry.In(time.FixedZone("", -7*3600))
	if _, err := c.Issue(t.Context(), atm.Request{ID: id, Amount: 300000, Phone: "+526671234567", Expires: local}); err != nil {
		t.Error(err)
	}
}

func TestIssueRefusesNonsenseBeforeAsking(t *testing.T) {
	t.Parallel()
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	for _, q := range []atm.Request{{Amount: 1}, {ID: id}, {ID: id, Amount: -1}} {
		if _, err := c.Issue(t.Context(), q); err == nil {
			t.Errorf("%+v accepted", q)
		}
	}
}

func TestQueryAndCancel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   atm.Code
		err    error
	}{
		"issued":    {200, issuedBody, issued(), nil},
		"pending":   {200, `{"id":"ID","status":"pending"}`, atm.Code{ID: id, Status: atm.Pending}, nil},
		"cancelled": {200, `{"id":"ID","status":"cancelled"}`, atm.Code{ID: id, Status: atm.Cancelled}, nil},
		"too late":  {409, `{"id":"ID","status":"redeemed"}`, atm.Code{ID: id, Status: atm.Redeemed}, nil},
		"absent":    {404, ``, atm.Code{}, rail.ErrAbsent},
		"strange":   {200, `{"id":"ID","status":"lost"}`, atm.Code{}, rail.ErrUnknown},
		"away":      {502, ``, atm.Code{}, rail.ErrUnknown},
	} {
		wire := client(t, saying(c.status, c.body))
		for op, call := range map[string]func(context.Context, uuid.UUID) (atm.Code, error){"query": wire.Query, "cancel": wire.Cancel} {
			got, err := call(t.Context(), id)
			if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
				t.Errorf("%s %s: %v %s", op, name, err, diff)
			}
		}
	}
}

// told collects what a webhook did.
type told struct {
	name string
	with map[string]any
	err  error
}

func (a *told) Do(_ context.Context, name string, with map[string]any) error {
	a.name, a.with = name, with
	return a.err
}

func post(a *told, keys rail.Keys, body string) *httptest.ResponseRecorder {
	body = strings.ReplaceAll(body, "ID", id.String())
	r := httptest.NewRequest(http.MethodPost, "/webhooks/atm", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	keys.Sign(r, []byte(body), noon)
	w := httptest.NewRecorder()
	rc := rail.Receiver{Keys: rail.Keys{secret}, Now: clock, Log: slog.New(slog.DiscardHandler)}
	atm.Webhook(rc, a).ServeHTTP(w, r)
	return w
}

func TestEventsBecomeActions(t *testing.T) {
	t.Parallel()
	about := func(more ...any) map[string]any {
		with := map[string]any{"disbursement": id.String()}
		for i := 0; i < len(more); i += 2 {
			with[more[i].(string)] = more[i+1]
		}
		return with
	}
	for body, want := range map[string]told{
		`{"event":"code.issued","id":"ID","code":"482915637710","network":"BBVA","expires_at":"2026-03-05T16:00:00Z"}`: {
			name: "rail.code_issued", with: about("digits", "482915637710", "network", "BBVA", "expires", expiry),
		},
		`{"event":"code.issued","id":"ID","code":"482915637710","network":" BB\nVA\u0000 ","expires_at":"2026-03-05T16:00:00Z"}`: {
			name: "rail.code_issued", with: about("digits", "482915637710", "network", "BBVA", "expires", expiry),
		},
		`{"event":"code.redeemed","id":"ID","atm":"0042"}`:                 {name: "rail.code_redeemed", with: about()},
		`{"event":"code.expired","id":"ID"}`:                               {name: "rail.code_expired", with: about()},
		`{"event":"code.cancelled","id":"ID"}`:                             {name: "rail.code_cancelled", with: about()},
		`{"event":"code.rejected","id":"ID","reason":"sin\u0000 fondos"}`:  {name: "rail.code_rejected", with: about("reason", "sin fondos")},
		`{"event":"code.rejected","id":"ID"}`:                              {name: "rail.code_rejected", with: about("reason", "")},
		`{"event":"code.redeemed","status":"issued","id":"ID","code":"1"}`: {name: "rail.code_redeemed", with: about()},
	} {
		var got told
		w := post(&got, rail.Keys{secret}, body)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(told{})); diff != "" || w.Code != 200 {
			t.Errorf("%s answered %d: %s", body, w.Code, diff)
		}
	}
}

func TestWhatIsNoEventReachesNoAction(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `[]`, `{}`, `{"event":"code.issued"}`, `{"event":"code.melted","id":"ID"}`, `{"event":"code.redeemed","id":"7"}`,
		`{"event":"code.redeemed","id":"{ID}"}`,
		`{"event":"code.issued","id":"ID","network":"BBVA","expires_at":"2026-03-05T16:00:00Z"}`,
		`{"event":"code.issued","id":"ID","code":"123","network":"BBVA","expires_at":"2026-03-05T16:00:00Z"}`,
		`{"event":"code.issued","id":"ID","code":"12a4","network":"BBVA","expires_at":"2026-03-05T16:00:00Z"}`,
		`{"event":"code.issued","id":"ID","code":"48291563","expires_at":"2026-03-05T16:00:00Z"}`,
		`{"event":"code.issued","id":"ID","code":"48291563","network":"BBVA"}`,
		`{"event":"code.issued","id":"ID","code":48291563,"network":"BBVA","expires_at":"2026-03-05T16:00:00Z"}`,
		`{"event":"code.issued","id":"ID","code":"48291563","network":"BBVA","expires_at":"mañana"}`,
	} {
		var got told
		if w := post(&got, rail.Keys{secret}, body); w.Code != 400 || got.name != "" {
			t.Errorf("%s answered %d, did %q", body, w.Code, got.name)
		}
	}
	var got told
	if w := post(&got, rail.Keys{"otro-secreto-largo"}, `{"event":"code.redeemed","id":"ID"}`); w.Code != 403 || got.name != "" {
		t.Errorf("stranger answered %d, did %q", w.Code, got.name)
	}
}

func TestNotStoredIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	for err, code := range map[error]int{
		errors.New("connection refused"):                    503,
		fault.New(fault.NotFound, "no_such_attempt", "No."): 404,
	} {
		if w := post(&told{err: err}, rail.Keys{secret}, `{"event":"code.redeemed","id":"ID"}`); w.Code != code {
			t.Errorf("%v answered %d", err, w.Code)
		}
	}
}

func TestDigitsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("code", "code", issued())
	for _, text := range []string{log.String(), fmt.Sprint(issued()), fmt.Sprintf("%+v %#v", issued(), issued())} {
		if strings.Contains(text, "4829") {
			t.Errorf("printed %s", text)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add(`{"event":"code.issued","id":"ID","code":"482915637710","network":"BBVA","expires_at":"2026-03-05T16:00:00Z"}`)
	f.Add(`{"event":"code.rejected","id":"ID","reason":"x"}`)
	f.Add(`{"id":1}`)
	f.Fuzz(func(t *testing.T, body string) {
		var got told
		w := post(&got, rail.Keys{secret}, body)
		if (w.Code == 200) != (got.name != "") {
			t.Errorf("answered %d and did %q", w.Code, got.name)
		}
		if digits, ok := got.with["digits"].(string); ok && (len(digits) < 4 || strings.Trim(digits, "0123456789") != "") {
			t.Errorf("digits %q", digits)
		}
	})
}
