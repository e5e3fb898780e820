package desk

import (
	"io"
	"net/http"
	"net/url"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// leading lets only supervisors through.
func leading(do func(w http.ResponseWriter, r *http.Request, v visit) error) func(w http.ResponseWriter, r *http.Request, v visit) error {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		if !v.Role.Leads() {
			return fault.New(fault.Denied, "not_leading", "Eso lo decide una persona que supervisa.")
		}
		return do(w, r, v)
	}
}

type flowsView struct {
	frame
	casework.FlowsPage
	Mine   bool // what waits was proposed by who looks
	Error  string
	Notice string
	Note   string
}

func (d *Desk) flows(w http.ResponseWriter, r *http.Request, v visit) error {
	return d.showFlows(w, r, v, http.StatusOK, flowsView{})
}

func (d *Desk) showFlows(w http.ResponseWriter, r *http.Request, v visit, status int, view flowsView) error {
	page, err := d.cfg.Flows.Flows(r.Context())
	if err != nil {
		return err
	}
	view.frame, view.FlowsPage = d.frame(v, "Flujos"), page
	view.Menu = "flujos"
	view.Mine = page.Waiting != nil && page.Waiting.Author == v.Agent
	return d.pages.show(w, status, "flows", view)
}

// changed shows the flows after a change, or why there was none.
func (d *Desk) changed(w http.ResponseWriter, r *http.Request, v visit, told string, err error, note string) error {
	switch kind := fault.KindOf(err); {
	case err == nil:
		return d.showFlows(w, r, v, http.StatusOK, flowsView{Notice: told})
	case kind == fault.Internal || kind == fault.Unavailable:
		return err
	default:
		return d.showFlows(w, r, v, statusOf(kind), flowsView{Error: fault.TextOf(err), Note: note})
	}
}

// publish proposes the files of this machine in the agent's name.
func (d *Desk) publish(w http.ResponseWriter, r *http.Request, v visit) error {
	raw := r.PostForm.Get("nota")
	note, err := casework.Text(raw, casework.MaxReason)
	if err != nil {
		return d.changed(w, r, v, "", fault.New(fault.Invalid, "no_note", "Escribe qué cambia y por qué."), raw)
	}
	told, err := d.cfg.Flows.Publish(r.Context(), v.Agent, note)
	return d.changed(w, r, v, told, err, raw)
}

func (d *Desk) approve(w http.ResponseWriter, r *http.Request, v visit) error {
	told, err := d.cfg.Flows.Approve(r.Context(), v.Agent)
	return d.changed(w, r, v, told, err, "")
}

func (d *Desk) rollback(w http.ResponseWriter, r *http.Request, v visit) error {
	note, err := casework.Text(r.PostForm.Get("nota"), casework.MaxReason)
	if err != nil {
		return d.changed(w, r, v, "", fault.New(fault.Invalid, "no_note", "Escribe por qué regresa."), "")
	}
	told, err := d.cfg.Flows.Rollback(r.Context(), v.Agent, word(r.PathValue("flow")), note)
	return d.changed(w, r, v, told, err, "")
}

type flowView struct {
	frame
	casework.FlowPage
}

func (d *Desk) flow(w http.ResponseWriter, r *http.Request, v visit) error {
	page, err := d.cfg.Flows.Flow(r.Context(), word(r.PathValue("flow")))
	if err != nil {
		return err
	}
	view := flowView{frame: d.frame(v, "Flujo "+page.Flow), FlowPage: page}
	view.Menu = "flujos"
	return d.pages.show(w, http.StatusOK, "flow", view)
}

// drawing is the picture of a flow. Looked at by itself it may run nothing and
// bring nothing, like any page of the desk; only its own colours count.
func (d *Desk) drawing(w http.ResponseWriter, r *http.Request, _ visit) error {
	svg, err := d.cfg.Flows.Drawing(r.Context(), word(r.PathValue("flow")))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	_, _ = io.WriteString(w, svg) // a browser that left is no error
	return nil
}

func flowPath(name string) string { return "/mesa/flujos/" + url.PathEscape(name) }
