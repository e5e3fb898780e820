package desk_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/web/desk"
)

// broken is a store in which everything fails but the session.
type broken struct {
	desk.Store
	err error
}

func (b broken) SessionOf(_ context.Context, hash [32]byte, now, until time.Time, _ bool) (casework.Session, bool, error) {
	return casework.Session{Hash: hash, Agent: "luis", Name: "Luis", Role: casework.RoleAgent, CSRF: "token", Created: now, Expires: until}, true, nil
}

func (b broken) LoginWait(context.Context, time.Time, []casework.Gate) (time.Duration, error) {
	return 0, nil
}

func (b broken) AgentNamed(context.Context, string) (casework.Person, bool, error) {
	return casework.Person{}, false, b.err
}

func (b broken) ReleaseAbsent(context.Context, time.Time, time.Time) (int, error) { return 0, b.err }

func (b broken) Case(context.Context, string, uuid.UUID) (casework.Case, error) {
	return casework.Case{}, b.err
}

func (b broken) Claim(context.Context, casework.Act) error { return b.err }

func (b broken) ClaimNext(context.Context, casework.Act, string) (uuid.UUID, bool, error) {
	return uuid.Nil, false, b.err
}

func (b broken) Reply(context.Context, casework.Act, string) error { return b.err }

func (b broken) ReleaseAll(context.Context, casework.Act) error { return b.err }

func (b broken) Witness(context.Context, casework.Act, string, string) error { return b.err }

// TestFailures: people read a plain sentence, the log reads the cause.
func TestFailures(t *testing.T) {
	t.Parallel()
	const detail = "password=hunter2 of +526671234567"
	kinds := []struct {
		err    error
		status int
		text   string
	}{
		{errors.New(detail), http.StatusInternalServerError, "Algo falló de nuestro lado."},
		{fault.New(fault.Unavailable, "database_away", "La base de datos no responde.").Because(errors.New(detail)), http.StatusServiceUnavailable, "La base de datos no responde."},
		{fault.New(fault.NotFound, "no_such_chat", "Esa plática no existe."), http.StatusNotFound, "Esa plática no existe."},
		{fault.New(fault.Denied, "not_yours", "No es tuya."), http.StatusForbidden, "No es tuya."},
	}
	requests := []struct{ method, path, body string }{
		{http.MethodGet, "/mesa", ""},
		{http.MethodGet, "/mesa/c/00000000-0000-7000-8000-000000000001", ""},
		{http.MethodPost, "/mesa/siguiente", "csrf=token"},
		{http.MethodPost, "/mesa/salir", "csrf=token"},
		{http.MethodPost, "/mesa/c/00000000-0000-7000-8000-000000000001/tomar", "csrf=token&epoca=0"},
		{http.MethodPost, "/mesa/c/00000000-0000-7000-8000-000000000001/responder", "csrf=token&epoca=0&texto=hola"},
		{http.MethodPost, "/mesa/c/00000000-0000-7000-8000-000000000001/telefono", "csrf=token&epoca=0&motivo=llamar"},
		{http.MethodPost, "/mesa/entrar", "usuario=luis&clave=demo"},
	}
	for _, kind := range kinds {
		for _, one := range requests {
			var log bytes.Buffer
			d, err := desk.New(desk.Config{
				Store: broken{err: kind.err}, Wake: func() { t.Error("woken by a failure") }, Now: time.Now, Passwords: plain{},
				PublicURL: "http://localhost", Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			w := serve(d, one.method, one.path, one.body)
			if w.Code != kind.status || !strings.Contains(w.Body.String(), kind.text) || strings.Contains(w.Body.String(), "hunter2") {
				t.Errorf("%s %s with %v: %d\n%s", one.method, one.path, kind.err, w.Code, w.Body)
			}
			loud := kind.status >= 500
			if got := strings.Contains(log.String(), "desk request failed"); got != loud {
				t.Errorf("%s %s with %v: logged %v", one.method, one.path, kind.err, got)
			}
			if strings.Contains(log.String(), "00000000-0000-7000") || strings.Contains(log.String(), "hola") {
				t.Errorf("%s %s: the log holds more than the pattern: %s", one.method, one.path, log.String())
			}
		}
	}
}

func serve(d *desk.Desk, method, path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.AddCookie(&http.Cookie{Name: "mesa", Value: "x"})
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, req)
	return w
}

// TestBadForms: whatever is missing or odd in a form is refused before the store.
func TestBadForms(t *testing.T) {
	t.Parallel()
	d, err := desk.New(desk.Config{
		Store: broken{err: errors.New("asked")}, Now: time.Now, Passwords: plain{}, PublicURL: "http://localhost", Log: nopLog(),
	})
	if err != nil {
		t.Fatal(err)
	}
	const one = "/mesa/c/00000000-0000-7000-8000-000000000001"
	for _, tt := range []struct {
		path, body string
		want       int
	}{
		{one + "/tomar", "", http.StatusForbidden},
		{one + "/tomar", "csrf=otro", http.StatusForbidden},
		{one + "/tomar?csrf=token", "epoca=0", http.StatusForbidden}, // only the body counts
		{one + "/tomar", "csrf=token&pedido=1", http.StatusUnprocessableEntity},
		{"/mesa/c/x/tomar", "csrf=token", http.StatusNotFound},
		{one + "/tomar", "csrf=token&%zz", http.StatusUnprocessableEntity},
		{one + "/borrar", "csrf=token", http.StatusNotFound},
		{"/mesa/c/x/telefono", "csrf=token", http.StatusNotFound},
	} {
		if w := serve(d, http.MethodPost, tt.path, tt.body); w.Code != tt.want {
			t.Errorf("POST %s %q: %d, want %d", tt.path, tt.body, w.Code, tt.want)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		if w := serve(d, method, one, "csrf=token"); w.Code == http.StatusOK {
			t.Errorf("%s is served", method)
		}
	}
	if w := serve(d, http.MethodGet, one+"/tomar", ""); w.Code != http.StatusNotFound {
		t.Errorf("a claim by GET: %d", w.Code)
	}
}

// FuzzRequest: no path and no form makes the desk panic or answer 200 to an act
// without the token of the session.
func FuzzRequest(f *testing.F) {
	f.Add("/mesa/c/00000000-0000-7000-8000-000000000001/tomar", "epoca=0&csrf=x")
	f.Add("/mesa/siguiente", "fila=%00")
	f.Add("/mesa/entrar", "usuario=%ff")
	d, err := desk.New(desk.Config{
		Store: broken{err: errors.New("asked")}, Wake: func() {}, Now: time.Now, Passwords: plain{}, PublicURL: "http://localhost", Log: nopLog(),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		if !strings.HasPrefix(path, "/mesa") || strings.ContainsAny(path, " \r\n\x00\x7f%#?") || strings.Contains(body, "token") {
			return
		}
		for _, r := range path {
			if r < ' ' || r > '~' {
				return
			}
		}
		if w := serve(d, http.MethodPost, path, body+"&x=1"); w.Code == http.StatusOK {
			t.Errorf("POST %q %q: 200", path, body)
		}
	})
}
