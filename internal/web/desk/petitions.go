package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/lending"
)

// askedView is one entry of the rail for what people asked for.
type askedView struct {
	Kind  lending.RequestKind
	Name  string
	Count int
	Left  string // until the first deadline
	Late  bool
}

// asked counts what people asked for, for the rail.
func (d *Desk) asked(r *http.Request, v visit) (asked []askedView, upset askedView, err error) {
	requests, complaints, err := d.cfg.Store.Petitions(r.Context(), v.Agent)
	for _, t := range requests {
		asked = append(asked, askedOf(t, requestName(t.Kind), v.now))
	}
	return asked, askedOf(complaints, "Quejas por contestar", v.now), err
}

func askedOf(t casework.KindTally, name string, now time.Time) askedView {
	view := askedView{Kind: t.Kind, Name: name, Count: t.Count}
	if t.Count > 0 {
		view.Left, view.Late = leftUntil(t.DueBy, now)
	}
	return view
}

// leftUntil says how long there is until a deadline.
func leftUntil(due, now time.Time) (text string, late bool) {
	if !due.After(now) {
		return "venció hace " + span(now.Sub(due)), true
	}
	left := due.Sub(now)
	if left > 24*time.Hour && left <= 72*time.Hour { // hours count where days are few
		return fmt.Sprintf("quedan %d h", int(left.Hours())), false
	}
	return "quedan " + span(left), false
}

// requestName is what people at the desk call a kind of request.
func requestName(kind lending.RequestKind) string {
	switch kind {
	case lending.RequestReceipt:
		return "Comprobantes por revisar"
	case lending.RequestFraud:
		return "Avisos de fraude"
	case lending.RequestARCO:
		return "Datos personales (ARCO)"
	case lending.RequestOpinion:
		return "Opiniones"
	case lending.RequestRenewal:
		return "Quieren renovar"
	case lending.RequestPlan:
		return "Aceptaron un plan nuevo"
	case lending.RequestApplication:
		return "Solicitudes de vale"
	case "":
		return "Todas las solicitudes"
	}
	return string(kind)
}

type complaintsView struct {
	frame
	Columns []columnView
}

type columnView struct {
	Clock casework.Clock
	Rows  []complaintRow
}

type complaintRow struct {
	casework.Complaint
	Left string
	Late bool
}

// complaints is the board of complaints, by clock.
func (d *Desk) complaints(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := d.cfg.Store.Complaints(r.Context(), v.Agent, v.now)
	if err != nil {
		return err
	}
	page := complaintsView{frame: d.frame(v, "Quejas")}
	page.Menu, page.Refresh, page.Stream = "quejas", "/mesa/quejas", "/mesa/vivo"
	for _, clock := range casework.Clocks() {
		column := columnView{Clock: clock}
		for _, q := range all {
			if q.Clock(v.now) == clock {
				column.Rows = append(column.Rows, complaintRowOf(q, v.now))
			}
		}
		page.Columns = append(page.Columns, column)
	}
	return d.live(w, r, "complaints", page)
}

func complaintRowOf(q casework.Complaint, now time.Time) complaintRow {
	row := complaintRow{Complaint: q}
	switch q.Clock(now) {
	case casework.Finished:
		row.Left = "cerrada"
	case casework.Verdict:
		row.Left = "contestada"
	default:
		row.Left, row.Late = leftUntil(q.DueBy, now)
	}
	return row
}

type complaintView struct {
	frame
	complaintRow
	OnTime  bool
	Request uuid.UUID
	Error   string
	Notice  string
	Draft   string
}

// complaint shows one complaint and the form that answers it.
func (d *Desk) complaint(w http.ResponseWriter, r *http.Request, v visit) error {
	return d.showComplaint(w, r, v, http.StatusOK, complaintView{Notice: notices()[r.FormValue("hecho")]})
}

func (d *Desk) showComplaint(w http.ResponseWriter, r *http.Request, v visit, status int, view complaintView) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	q, err := d.cfg.Store.ComplaintAt(r.Context(), v.Agent, id, v.now)
	if err != nil {
		return err
	}
	view.frame, view.complaintRow, view.OnTime, view.Request = d.frame(v, "Queja "+q.Folio), complaintRowOf(q, v.now), q.OnTime(v.now), uuid.New()
	view.Menu = "quejas"
	return d.pages.show(w, status, "complaint", view)
}

// resolve answers a complaint: the text goes to who complained and is kept with
// the complaint, and the bot asks her whether that settles it. Each of the three
// may be done again, so that a form which broke off is simply sent once more.
func (d *Desk) resolve(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	raw := r.PostForm.Get("texto")
	err = d.answer(r, v, id, raw)
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid:
		return d.showComplaint(w, r, v, statusOf(fault.KindOf(err)), complaintView{Error: fault.TextOf(err), Draft: raw})
	}
	if err != nil {
		return err
	}
	d.Ring()
	http.Redirect(w, r, "/mesa/quejas/"+id.String()+"?hecho=contestada", http.StatusSeeOther)
	return nil
}

func (d *Desk) answer(r *http.Request, v visit, id uuid.UUID, raw string) error {
	ctx := r.Context()
	text, err := casework.Text(raw, casework.MaxText)
	if err != nil {
		return err
	}
	request, err := uuid.Parse(r.PostForm.Get("pedido"))
	if err != nil {
		return fault.New(fault.Invalid, "bad_form", "El formulario llegó incompleto. Vuelve a cargar la página.")
	}
	q, err := d.cfg.Store.ComplaintAt(ctx, v.Agent, id, v.now)
	if err != nil {
		return err
	}
	if q.State == lending.ComplaintClosed {
		return fault.New(fault.Conflict, "closed", "Esa queja ya está cerrada.")
	}
	c, err := d.cfg.Store.Case(ctx, v.Agent, q.Case)
	if err != nil {
		return err
	}
	act := v.act(c.ID, c.Epoch, request)
	if err := d.cfg.Store.Reply(ctx, act, text); err != nil {
		return err
	}
	if _, err := d.cfg.Deeds.Act(ctx, "agent:"+v.Agent, request.String(), "complaint.resolve", map[string]any{"queja": id.String(), "resolucion": text}); err != nil {
		return err
	}
	// Given back, the flow goes on to its question; the chat may have been the
	// bot's until a moment ago.
	if act.Epoch, err = d.epochNow(r, v, c.ID); err != nil {
		return err
	}
	err = d.cfg.Store.Return(ctx, act, casework.Resolved)
	d.cfg.Wake()
	return err
}

func (d *Desk) epochNow(r *http.Request, v visit, id uuid.UUID) (int, error) {
	c, err := d.cfg.Store.Case(r.Context(), v.Agent, id)
	return c.Epoch, err
}

type requestsView struct {
	frame
	Kind  lending.RequestKind
	Name  string
	Kinds []askedView
	Rows  []requestRow
}

type requestRow struct {
	casework.Request
	What string
	Left string
	Late bool
}

// requests lists what people asked for, by deadline.
func (d *Desk) requests(w http.ResponseWriter, r *http.Request, v visit) error {
	kind := lending.RequestKind(word(r.FormValue("tipo")))
	all, err := d.cfg.Store.Requests(r.Context(), v.Agent, kind)
	if err != nil {
		return err
	}
	page := requestsView{frame: d.frame(v, "Solicitudes"), Kind: kind, Name: requestName(kind)}
	if page.Kinds, _, err = d.asked(r, v); err != nil {
		return err
	}
	page.Menu, page.Refresh, page.Stream = "solicitudes", "/mesa/solicitudes?"+url.Values{"tipo": {string(kind)}}.Encode(), "/mesa/vivo"
	for _, q := range all {
		row := requestRow{Request: q, What: requestName(q.Kind)}
		row.Left, row.Late = leftUntil(q.DueBy, v.now)
		page.Rows = append(page.Rows, row)
	}
	return d.live(w, r, "requests", page)
}
