package spei_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/rail"
	"valebot/internal/rail/spei"
)

const secret = "secreto-de-prueba-123"

var (
	noon = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	id   = uuid.MustParse("0195a1b2-0000-7000-8000-000000000001")
)

func clock() time.Time { return noon }

func client(t *testing.T, answer http.HandlerFunc) *spei.Client {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	caller, err := rail.NewCaller(srv.URL, rail.Keys{secret}, srv.Client(), clock)
	if err != nil {
		t.Fatal(err)
	}
	return spei.NewClient(caller)
}

func saying(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "ID", id.String()))
	}
}

func order() spei.Order {
	return spei.Order{ID: id, CLABE: "032180000118359719", Amount: 300000, Name: "Ana Ruiz", Concept: "Vale V-00017", Rastreo: "VALE2603020001"}
}

func TestSend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   spei.Transfer
		err    error
	}{
		"later":         {202, ``, spei.Transfer{ID: id, Status: spei.Pending}, nil},
		"accepted":      {201, `{"id":"ID","status":"accepted"}`, spei.Transfer{ID: id, Status: spei.Accepted}, nil},
		"settled":       {201, `{"id":"ID","status":"settled","rastreo":"X1"}`, spei.Transfer{ID: id, Status: spei.Settled, Rastreo: "X1"}, nil},
		"known already": {409, ``, spei.Transfer{ID: id, Status: spei.Pending}, nil},
		"known, and so": {409, `{"id":"ID","status":"returned","reason":"cuenta cerrada"}`, spei.Transfer{ID: id, Status: spei.Returned, Reason: "cuenta cerrada"}, nil},
		"rejected":      {422, `{"reason":"CLABE"}`, spei.Transfer{ID: id, Status: spei.Refused, Reason: "CLABE"}, nil},
		"fails":         {500, ``, spei.Transfer{}, rail.ErrUnknown},
		"HTML":          {200, `<html>`, spei.Transfer{}, rail.ErrUnknown},
		"another's":     {201, `{"id":"` + uuid.Max.String() + `","status":"accepted"}`, spei.Transfer{}, rail.ErrUnknown},
		"no clave":      {201, `{"id":"ID","status":"settled"}`, spei.Transfer{}, rail.ErrUnknown},
		"wrong secret":  {401, ``, spei.Transfer{}, rail.ErrRefused},
	} {
		got, err := client(t, saying(c.status, c.body)).Send(t.Context(), order())
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestSendOnTheWire(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want := `{"id":"` + id.String() + `","clabe":"032180000118359719","amount_centavos":300000,"name":"Ana Ruiz","concept":"Vale V-00017","rastreo":"VALE2603020001"}`
		if string(body) != want || r.Method+r.URL.Path != "POST/transfers" || r.Header.Get("Idempotency-Key") != id.String() {
			t.Errorf("%s %s %s", r.Method, r.URL.Path, body)
		}
		w.WriteHeader(http.StatusAccepted)
	})
	if _, err := c.Send(t.Context(), order()); err != nil {
		t.Error(err)
	}
}

func TestSendRefusesNonsenseBeforeAsking(t *testing.T) {
	t.Parallel()
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	for name, change := range map[string]func(*spei.Order){
		"no id":       func(o *spei.Order) { o.ID = uuid.Nil },
		"no amount":   func(o *spei.Order) { o.Amount = 0 },
		"short CLABE": func(o *spei.Order) { o.CLABE = "123" },
		"no clave":    func(o *spei.Order) { o.Rastreo = "" },
	} {
		o := order()
		change(&o)
		if _, err := c.Send(t.Context(), o); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	if _, err := client(t, saying(404, "")).Query(t.Context(), id); !errors.Is(err, rail.ErrAbsent) {
		t.Errorf("absent: %v", err)
	}
	got, err := client(t, saying(200, `{"id":"ID","status":"pending"}`)).Query(t.Context(), id)
	if err != nil || got.Status != spei.Pending {
		t.Errorf("pending: %+v %v", got, err)
	}
}

func TestValidRastreo(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"MBAN01002603020001": true, "a": true, strings.Repeat("9", 30): true,
		"": false, strings.Repeat("9", 31): false, "A B": false, "Ñ1": false, "A-1": false,
	} {
		if spei.ValidRastreo(s) != want {
			t.Errorf("ValidRastreo(%q) = %t", s, !want)
		}
	}
}

type told struct {
	name string
	with map[string]any
}

func (a *told) Do(_ context.Context, name string, with map[string]any) error {
	a.name, a.with = name, with
	return nil
}

func post(a *told, keys rail.Keys, body string) int {
	body = strings.ReplaceAll(body, "ID", id.String())
	r := httptest.NewRequest(http.MethodPost, "/webhooks/spei", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	keys.Sign(r, []byte(body), noon)
	w := httptest.NewRecorder()
	rc := rail.Receiver{Keys: rail.Keys{secret}, Now: clock, Log: slog.New(slog.DiscardHandler)}
	spei.Webhook(rc, a).ServeHTTP(w, r)
	return w.Code
}

func TestEventsBecomeActions(t *testing.T) {
	t.Parallel()
	only := map[string]any{"disbursement": id.String()}
	for body, want := range map[string]told{
		`{"event":"transfer.accepted","id":"ID"}`:                           {"rail.transfer_accepted", only},
		`{"event":"transfer.settled","id":"ID","rastreo":"VALE2603020001"}`: {"rail.transfer_settled", map[string]any{"disbursement": id.String(), "rastreo": "VALE2603020001"}},
		`{"event":"transfer.rejected","id":"ID","reason":"CLABE"}`:          {"rail.transfer_rejected", map[string]any{"disbursement": id.String(), "reason": "CLABE"}},
		`{"event":"transfer.returned","id":"ID","reason":"cerrada"}`:        {"rail.transfer_returned", map[string]any{"disbursement": id.String(), "reason": "cerrada"}},
	} {
		var got told
		if code := post(&got, rail.Keys{secret}, body); code != 200 || !cmp.Equal(want, got, cmp.AllowUnexported(told{})) {
			t.Errorf("%s answered %d, did %+v", body, code, got)
		}
	}
}

func TestWhatIsNoEventReachesNoAction(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `7`, `{"event":"transfer.lost","id":"ID"}`, `{"event":"transfer.settled","id":"ID"}`, `{"event":"transfer.settled","id":"ID","rastreo":"A B"}`, `{"event":"transfer.accepted","id":""}`} {
		var got told
		if code := post(&got, rail.Keys{secret}, body); code != 400 || got.name != "" {
			t.Errorf("%s answered %d, did %q", body, code, got.name)
		}
	}
	var got told
	if code := post(&got, rail.Keys{"otro-secreto-largo"}, `{"event":"transfer.accepted","id":"ID"}`); code != 403 || got.name != "" {
		t.Errorf("stranger answered %d", code)
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add(`{"event":"transfer.settled","id":"ID","rastreo":"VALE2603020001"}`)
	f.Add(`{"event":"transfer.returned","id":"ID","reason":"\u0000"}`)
	f.Fuzz(func(t *testing.T, body string) {
		var got told
		code := post(&got, rail.Keys{secret}, body)
		if (code == 200) != (got.name != "") {
			t.Errorf("answered %d and did %q", code, got.name)
		}
		if reason, ok := got.with["reason"].(string); ok && strings.Contains(reason, "\x00") {
			t.Errorf("reason %q", reason)
		}
	})
}
