package desk

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"valebot/internal/fault"
)

//go:embed page
var files embed.FS

// pages are the parsed templates, by name.
type pages map[string]*template.Template

// parsePages reads all templates once, so that a broken one stops the program
// and not an agent.
func parsePages() (pages, error) {
	out := pages{}
	for _, name := range []string{"login", "board", "thread", "complaints", "complaint", "requests", "funds", "flows", "flow", "lesson", "lessons", "security", "search", "error"} {
		t, err := template.New("").Funcs(words()).ParseFS(files, "page/frame.html", "page/parts.html", "page/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

// frame is what every page has.
type frame struct {
	Title    string
	Agent    string // "" before the login
	CSRF     string
	Menu     string // which entry of the menu this is
	Leads    bool   // a supervisor looks
	ReadOnly bool   // an auditor looks
	Refresh  string // address from which the script brings what is new; "" if nothing
	Stream   string // address that tells when there is something new; "" if nothing does
}

// show renders a page whole before the first byte leaves, so that a failure is
// still an error page.
func (p pages) show(w http.ResponseWriter, status int, name string, view any) error {
	return p.render(w, status, name, "frame", view)
}

func (p pages) render(w http.ResponseWriter, status int, name, part string, view any) error {
	var body bytes.Buffer
	if err := p[name].ExecuteTemplate(&body, part, view); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a browser that left is no error
	return nil
}

type errorView struct {
	frame
	Text string
}

// fail turns an error into a page. Only the log sees what is not for people.
func (d *Desk) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	kind := fault.KindOf(err)
	if kind == fault.Internal || kind == fault.Unavailable {
		d.cfg.Log.ErrorContext(r.Context(), "desk request failed", "method", r.Method, "path", r.Pattern, "err", err)
	}
	view := errorView{frame: frame{Title: "No se pudo"}, Text: fault.TextOf(err)}
	if v != nil {
		view.frame.Agent, view.frame.CSRF = v.Name, v.CSRF
	}
	if err := d.pages.show(w, statusOf(kind), "error", view); err != nil {
		d.cfg.Log.ErrorContext(r.Context(), "error page not rendered", "err", err)
		http.Error(w, view.Text, http.StatusInternalServerError)
	}
}

func statusOf(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func (d *Desk) nowhere(http.ResponseWriter, *http.Request, visit) error {
	return fault.New(fault.NotFound, "no_such_page", "Esa página no existe.")
}

// asset serves the style sheet and the script.
func (d *Desk) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if name != "desk.css" && name != "desk.js" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	sub, err := fs.Sub(files, "page")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeFileFS(w, r, sub, name)
}
