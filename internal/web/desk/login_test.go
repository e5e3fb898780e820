package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"valebot/internal/web/desk"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if _, err := o.pool.Exec(t.Context(), `insert into agent values ('vieja', 'Vieja', 'plain:demo', now(), now())`); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, login, password string
		want                  int
	}{
		{"right", "luis", "demo", http.StatusOK},
		{"upper case and blanks", " LUIS ", "demo", http.StatusOK},
		{"wrong password", "luis", "nope", http.StatusUnauthorized},
		{"empty password", "luis", "", http.StatusUnauthorized},
		{"unknown name", "nadie", "demo", http.StatusUnauthorized},
		{"no name", "", "", http.StatusUnauthorized},
		{"disabled", "vieja", "demo", http.StatusUnauthorized},
		{"NUL", "lu\x00is no", "demo", http.StatusUnauthorized},
		{"broken UTF-8", "\xff\xfe", "demo", http.StatusUnauthorized},
		{"longer than any name", strings.Repeat("ñ", 5000), "demo", http.StatusUnauthorized},
		{"markup", `<script>alert(1)</script>`, "x", http.StatusUnauthorized},
	}
	for _, tt := range tests {
		b := o.browser()
		if got := b.post("/mesa/entrar", "usuario", tt.login, "clave", tt.password); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
		if tt.want == http.StatusOK {
			b.sees("Siguiente")
		} else {
			b.sees("El usuario, la contraseña o el código no coinciden.")
			b.misses("<script>alert")
		}
	}
}

func TestPagesNeedASession(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"/mesa", "/mesa/", "/mesa/c/00000000-0000-7000-8000-000000000001", "/mesa/nada"} {
		if got := b.get(path); got != http.StatusSeeOther {
			t.Errorf("%s without a session: %d", path, got)
		}
	}
	req := b.request(http.MethodGet, "/mesa", nil)
	req.Header.Set("X-Mesa", "fresh")
	if got := b.do(req); got != http.StatusUnauthorized {
		t.Errorf("news without a session: %d", got)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, tt := range []struct {
		public, host string
		secure       bool
	}{
		{"http://localhost:8080", "example.com", false}, {"https://mesa.example", "mesa.example", true}, {"http://mesa.example", "mesa.example", true},
		{"https://localhost", "example.com", true}, {"https://mesa.example", "localhost:8080", false}, {"https://mesa.example", "[::1]:8080", false},
		{"https://mesa.example", "localhost.evil.example", true},
	} {
		d, err := desk.New(desk.Config{Store: o.store, Now: time.Now, Passwords: plain{}, PublicURL: tt.public, Log: nopLog()})
		if err != nil {
			t.Fatal(err)
		}
		c := loginCookie(t, d.Handler(), tt.host)
		if c.Secure != tt.secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/mesa" {
			t.Errorf("%s, asked as %s: cookie %+v", tt.public, tt.host, c)
		}
		if n := o.count("agent_session where token_hash = $1", []byte(c.Value)); n != 0 {
			t.Error("the token itself is stored")
		}
	}
	if _, err := desk.New(desk.Config{PublicURL: "localhost"}); err == nil {
		t.Error("New took a public URL without a host")
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.agent("luis")
	o.wall = o.wall.Add(7 * time.Hour)
	b.get("/mesa")
	b.sees("Terminar turno")
	o.wall = o.wall.Add(7 * time.Hour)
	b.get("/mesa")
	b.sees("Terminar turno") // the click seven hours ago kept it alive
	o.wall = o.wall.Add(8*time.Hour + time.Minute)
	b.get("/mesa")
	b.sees("Entrar a la mesa")
}

// TestNewsDoNotKeepAlive: a forgotten page asks for news all night.
func TestNewsDoNotKeepAlive(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.agent("luis")
	for range 9 {
		o.wall = o.wall.Add(time.Hour)
		req := b.request(http.MethodGet, "/mesa", nil)
		req.Header.Set("X-Mesa", "fresh")
		b.do(req)
	}
	b.get("/mesa")
	b.sees("Entrar a la mesa")
}

func TestTooManyTries(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.browser()
	refused := 0
	for range 12 {
		if b.post("/mesa/entrar", "usuario", "luis", "clave", "x") == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 4 {
		t.Errorf("%d of 12 tries were refused, want 4", refused)
	}
	if got := b.post("/mesa/entrar", "usuario", "luis", "clave", "demo"); got != http.StatusTooManyRequests {
		t.Errorf("the right password right after: %d", got)
	}
	o.wall = o.wall.Add(time.Minute)
	if got := b.post("/mesa/entrar", "usuario", "luis", "clave", "demo"); got != http.StatusOK {
		t.Errorf("the right password a minute later: %d", got)
	}
	for i := range 40 {
		b.post("/mesa/entrar", "usuario", "n"+strings.Repeat("x", i), "clave", "x")
	}
	if got := b.post("/mesa/entrar", "usuario", "eva", "clave", "demo"); got != http.StatusTooManyRequests {
		t.Errorf("many names from one address: %d", got)
	}
}

func TestForeignForms(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", "pidió hablar con una persona"))
	b := o.agent("luis")
	b.get(chat(id))
	right := b.form()
	for name, spoil := range map[string]func(*http.Request){
		"cross-site":      func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"foreign origin":  func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"same-site cross": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
	} {
		req := b.request(http.MethodPost, chat(id)+"/tomar", right)
		spoil(req)
		if got := b.do(req); got != http.StatusForbidden {
			t.Errorf("%s: %d", name, got)
		}
	}
	for _, token := range []string{"", "x", strings.ToLower(right.Get("csrf"))} {
		b.get(chat(id))
		if got := b.post(chat(id)+"/tomar", "csrf", token); got != http.StatusForbidden {
			t.Errorf("token %q: %d", token, got)
		}
	}
	if n := o.count("conversation where owner = 'agent'"); n != 0 {
		t.Error("a foreign form took the chat")
	}
	b.get(chat(id))
	if got := b.post(chat(id) + "/tomar"); got != http.StatusOK {
		t.Errorf("own form: %d", got)
	}
}

func TestHeadersAndFiles(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for path, kind := range map[string]string{
		"/mesa/entrar": "text/html", "/mesa/archivos/desk.css": "text/css", "/mesa/archivos/desk.js": "text/javascript",
	} {
		answer, err := http.Get(o.web.URL + path)
		o.must(err)
		answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), kind) ||
			!strings.HasPrefix(policy, "default-src 'none'; style-src 'self'; script-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %d %v", path, answer.StatusCode, answer.Header)
		}
	}
	b := o.browser()
	for _, path := range []string{"/mesa/archivos/board.html", "/mesa/archivos/..%2fdesk.go", "/mesa/archivos/"} {
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		if got := b.get(path); got == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}

func TestLargeForm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.write("+526671234567", "hola", o.queued("general", ""))
	b := o.agent("luis")
	b.get(chat(id))
	if got := b.post(chat(id)+"/responder", "texto", strings.Repeat("x", 40<<10)); got != http.StatusUnprocessableEntity {
		t.Errorf("40 KiB: %d", got)
	}
	b.get(chat(id))
	if got := b.post(chat(id)+"/responder", "texto", strings.Repeat("x", 1001)); got != http.StatusUnprocessableEntity {
		t.Errorf("1,001 letters: %d", got)
	}
	b.sees("caben 1000", strings.Repeat("x", 1001))
}
