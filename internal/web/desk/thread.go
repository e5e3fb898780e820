package desk

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/quincena"
)

// lines bounds how much of a chat is shown at once; todo=1 shows more.
const (
	lines    = 60
	allLines = 1000
)

type threadView struct {
	frame
	rowView
	Why     casework.Why
	Lines   []lineView
	More    bool
	Panel   casework.Panel
	Mine    bool   // the agent who looks has the chat
	Theirs  bool   // another agent has it
	Via     string // how a reply would go: "SMS", or "WhatsApp, quedan 3 h 12 min"; "" if it cannot
	SMS     bool   // it would go by SMS, whose length counts
	NoWay   string // why a reply cannot go
	Request uuid.UUID
	Others  []string // who else has the chat open
	Writers []string // who else is writing in it
	say
}

// say is what a page tells after an act.
type say struct {
	Error  string
	Notice string
	Phone  string // revealed, on this one page
	Draft  string // a reply that did not go
	Jotted string // a note that was not kept
}

type lineView struct {
	casework.Entry
	Day   string // set on the first line of a day
	Time  string
	Files []casework.File
	Chat  uuid.UUID // whose files they are
}

func (d *Desk) thread(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	view, err := d.look(r, v, id)
	if err != nil {
		return err
	}
	if !fresh(r) {
		if err := d.cfg.Store.Witness(r.Context(), v.act(id, view.Epoch, view.Request), "desk.read", ""); err != nil {
			return err
		}
	}
	view.Notice = notices()[r.FormValue("hecho")]
	return d.live(w, r, "thread", view)
}

func idOf(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return uuid.Nil, fault.New(fault.NotFound, "no_such_chat", "Esa plática no existe.")
	}
	return id, nil
}

// look reads everything that the page of a chat shows.
func (d *Desk) look(r *http.Request, v visit, id uuid.UUID) (threadView, error) {
	ctx, limit := r.Context(), lines
	if r.FormValue("todo") == "1" {
		limit = allLines
	}
	c, err := d.cfg.Store.Case(ctx, v.Agent, id)
	if err != nil {
		return threadView{}, err
	}
	thread, steps, err := d.cfg.Store.Thread(ctx, c, limit)
	if err != nil {
		return threadView{}, err
	}
	panel, err := d.cfg.Store.Panel(ctx, c.Person, c.Key, v.now)
	if err != nil {
		return threadView{}, err
	}
	drafts, err := d.cfg.Store.Drafts(ctx, id, v.Agent)
	if err != nil {
		return threadView{}, err
	}
	files, err := d.cfg.Store.Files(ctx, id, limit)
	if err != nil {
		return threadView{}, err
	}
	view := viewOf(c, v, thread, steps, panel)
	view.Lines = filed(view.Lines, files)
	view.Draft = casework.DraftOf(drafts, v.Agent)
	view.Writers = casework.Writers(drafts, v.Agent, d.cfg.Wall())
	view.Others = d.watch.others(id, v.Agent)
	view.frame = d.frame(v, nameOf(c))
	view.frame.Refresh = r.URL.RequestURI()
	if r.Method != http.MethodGet {
		view.frame.Refresh = pathOf(id)
	}
	view.Stream = "/mesa/vivo?c=" + id.String()
	view.More = limit == lines && len(thread) >= lines
	return view, nil
}

func viewOf(c casework.Case, v visit, thread []casework.Entry, steps []casework.Step, panel casework.Panel) threadView {
	casework.Locate(thread, steps)
	why := casework.Explain(steps, thread)
	thread = append(thread, panel.Facts()...)
	casework.Sort(thread)
	view := threadView{
		rowView: rowOf(c, v.now), Why: why, Lines: linesOf(c.ID, thread, v.now), Panel: panel, Request: uuid.New(),
		Mine: c.Owner == casework.Agent && c.Agent == v.Agent, Theirs: c.Owner == casework.Agent && c.Agent != v.Agent,
	}
	to, err := c.Route(v.now)
	switch {
	case err != nil:
		view.NoWay = fault.TextOf(err)
	case to.Channel == message.WhatsApp:
		view.Via = "WhatsApp, quedan " + span(c.WindowLeft(v.now))
	default:
		view.Via, view.SMS = "SMS", true
	}
	return view
}

func linesOf(chat uuid.UUID, thread []casework.Entry, now time.Time) []lineView {
	zone := quincena.Central()
	out := make([]lineView, len(thread))
	last := ""
	for i, e := range thread {
		at := e.At.In(zone)
		out[i] = lineView{Entry: e, Time: at.Format("15:04"), Chat: chat}
		if day := dayName(at, now.In(zone)); day != last {
			out[i].Day, last = day, day
		}
	}
	return slices.Clip(out)
}

// again shows a chat after an act that did not go through, with what the agent
// had written.
func (d *Desk) again(w http.ResponseWriter, r *http.Request, v visit, id uuid.UUID, status int, what say) error {
	view, err := d.look(r, v, id)
	if err != nil {
		return err
	}
	if what.Draft == "" {
		what.Draft = view.Draft
	}
	view.say = what
	return d.pages.show(w, status, "thread", view)
}
