package desk

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

const (
	cookieName = "mesa"
	idle       = 8 * time.Hour // a session ends after so long without a click
)

// visit is one request of an agent who is logged in.
type visit struct {
	casework.Session
	now time.Time // of the product
}

// act starts an act of the agent on a chat, as the form describes it.
func (v visit) act(id uuid.UUID, epoch int, request uuid.UUID) casework.Act {
	return casework.Act{Case: id, Agent: v.Agent, Epoch: epoch, Request: request, At: v.now}
}

// page is a handler that may fail; one function turns its error into a page.
type page func(w http.ResponseWriter, r *http.Request) error

func (d *Desk) open(do page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := do(w, r); err != nil {
			d.fail(w, r, nil, err)
		}
	})
}

// session lets only agents through, and on unsafe methods only forms that carry
// the token of the session.
func (d *Desk) session(do func(w http.ResponseWriter, r *http.Request, v visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok, err := d.visitor(r)
		switch {
		case err != nil:
			d.fail(w, r, nil, err)
		case !ok && fresh(r):
			w.WriteHeader(http.StatusUnauthorized) // the script then leads to the login
		case !ok:
			http.Redirect(w, r, "/mesa/entrar", http.StatusSeeOther)
		default:
			if err := d.checked(r, v); err != nil {
				d.fail(w, r, &v, err)
			} else if err := do(w, r, v); err != nil {
				d.fail(w, r, &v, err)
			}
		}
	})
}

func (d *Desk) checked(r *http.Request, v visit) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "bad_form", "El formulario llegó incompleto o es demasiado largo.").Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(r.PostForm.Get("csrf")), []byte(v.CSRF)) != 1 {
		return fault.New(fault.Denied, "csrf", "Esa página ya venció. Vuelve a cargarla e inténtalo otra vez.")
	}
	if !v.Role.Acts() && !forReaders(r.URL.Path) {
		return fault.New(fault.Denied, "read_only", "Tu usuario solo puede ver: no cambia nada ni contesta.")
	}
	return nil
}

// forReaders are the forms that change nothing of anybody else's.
func forReaders(path string) bool {
	return path == "/mesa/salir" || path == "/mesa/buscar" || strings.HasPrefix(path, "/mesa/seguridad/")
}

// visitor reads the session of a request. Looking for news does not keep it alive.
func (d *Desk) visitor(r *http.Request) (visit, bool, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return visit{}, false, nil // no cookie is no session
	}
	wall := d.cfg.Wall()
	s, ok, err := d.cfg.Store.SessionOf(r.Context(), sha256.Sum256([]byte(cookie.Value)), wall, wall.Add(idle), !fresh(r))
	return visit{s, d.cfg.Now()}, ok, err
}

// fresh reports a request of the script that looks for news.
func fresh(r *http.Request) bool {
	return r.Header.Get("X-Mesa") == "fresh" || r.Header.Get("Accept") == "text/event-stream"
}

type loginView struct {
	frame
	Login string
	Error string
}

func (d *Desk) loginPage(w http.ResponseWriter, r *http.Request) error {
	_, ok, err := d.visitor(r)
	if err != nil {
		return err
	}
	if ok {
		http.Redirect(w, r, "/mesa", http.StatusSeeOther)
		return nil
	}
	return d.pages.show(w, http.StatusOK, "login", loginView{frame: frame{Title: "Entrar"}})
}

// login gives the same answer, after the same work, for a wrong password, a name
// that does not exist and one that was disabled.
func (d *Desk) login(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "bad_form", "El formulario llegó incompleto.").Because(err)
	}
	login := strings.ToLower(strings.TrimSpace(word(r.PostForm.Get("usuario"))))
	wait, err := d.cfg.Store.LoginWait(r.Context(), d.cfg.Wall(), gates(login, d.addressOf(r)))
	if err != nil {
		return err
	}
	if wait > 0 {
		w.Header().Set("Retry-After", "60")
		return d.refused(w, http.StatusTooManyRequests, login, "Demasiados intentos. Espera un minuto.")
	}
	known, ok, err := d.cfg.Store.AgentNamed(r.Context(), login)
	if err != nil {
		return err
	}
	release := d.slots.take()
	right := d.cfg.Passwords.VerifyPassword(known.PasswordHash, r.PostForm.Get("clave"))
	release()
	if right && ok && !known.Disabled {
		if right, err = d.second(r, known.Login, r.PostForm.Get("codigo")); err != nil {
			return err
		}
	}
	if !right || !ok || known.Disabled {
		return d.refused(w, http.StatusUnauthorized, login, "El usuario, la contraseña o el código no coinciden.")
	}
	return d.admit(w, r, known)
}

// maxWord is more than any name of an agent or of a queue has, in bytes.
const maxWord = 200

// word is a name that came in a form or an address, fit to look up: the database
// takes neither NUL nor broken UTF-8, and what nobody is called needs no memory.
func word(raw string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(raw[:min(len(raw), maxWord)], ""), "\x00", "")
}

func (d *Desk) refused(w http.ResponseWriter, status int, login, text string) error {
	return d.pages.show(w, status, "login", loginView{frame: frame{Title: "Entrar"}, Login: login, Error: text})
}

// admit opens a session under a new token, of which only the hash is kept.
func (d *Desk) admit(w http.ResponseWriter, r *http.Request, p casework.Person) error {
	token, wall := rand.Text(), d.cfg.Wall()
	s := casework.Session{Hash: sha256.Sum256([]byte(token)), Agent: p.Login, CSRF: rand.Text(), Created: wall, Expires: wall.Add(idle)}
	if err := d.cfg.Store.OpenSession(r.Context(), s); err != nil {
		return err
	}
	http.SetCookie(w, d.cookie(r, token, 0))
	d.cfg.Log.InfoContext(r.Context(), "agent logged in", "agent", p.Login)
	http.Redirect(w, r, "/mesa", http.StatusSeeOther)
	return nil
}

// cookie lasts as long as the browser; the server decides when it is too old. It
// needs https, except for a browser on this machine, which asks for localhost:
// no page elsewhere can make another browser name that host here.
func (d *Desk) cookie(r *http.Request, token string, maxAge int) *http.Cookie {
	secure := d.secure && !local(&url.URL{Scheme: "http", Host: r.Host})
	return &http.Cookie{
		Name: cookieName, Value: token, Path: "/mesa", MaxAge: maxAge, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
	}
}

// logout ends the shift: nobody may wait for an agent who went home.
func (d *Desk) logout(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := d.cfg.Store.ReleaseAll(r.Context(), v.act(uuid.Nil, 0, uuid.New())); err != nil {
		return err
	}
	if err := d.cfg.Store.CloseSession(r.Context(), v.Hash); err != nil {
		return err
	}
	http.SetCookie(w, d.cookie(r, "", -1))
	http.Redirect(w, r, "/mesa/entrar", http.StatusSeeOther)
	return nil
}
