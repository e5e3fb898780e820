package desk

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
)

// mineView is the value of fila that asks for the agent's own chats. A queue
// cannot have that name, since a queue's name is one lower-case word of a flow
// and this one is reserved here.
const mineView = "mias"

type boardView struct {
	frame
	View   string // "" for all queues, a queue, or mineView
	Queues []queueView
	All    int
	Mine   int
	Asked  []askedView // what people asked for, by kind
	Upset  askedView   // complaints that nobody has answered
	Rows   []rowView
	Notice string
}

type queueView struct {
	casework.Tally
	Wait    string
	Current bool
}

type rowView struct {
	casework.Case
	Who     string
	Text    string // of the last message
	Ours    bool   // the last message is ours
	Wait    string
	Level   string // how long the wait is: ok, warn, late, or idle if we wait for the person
	Channel string
}

// board lists who waits. Looking at it also brings back the chats of agents who
// went home without saying so.
func (d *Desk) board(w http.ResponseWriter, r *http.Request, v visit) error {
	ctx, view := r.Context(), word(r.FormValue("fila"))
	if _, err := d.cfg.Store.ReleaseAbsent(ctx, v.now, d.cfg.Wall()); err != nil {
		return err
	}
	waiting, mine, err := d.cfg.Store.Queues(ctx, v.Agent)
	if err != nil {
		return err
	}
	cases, err := d.listed(r, v, view)
	if err != nil {
		return err
	}
	page := boardView{frame: d.frame(v, "Bandeja"), View: view, Mine: mine, Notice: notices()[r.FormValue("hecho")]}
	if page.Asked, page.Upset, err = d.asked(r, v); err != nil {
		return err
	}
	page.Refresh, page.Stream = "/mesa?"+url.Values{"fila": {view}}.Encode(), "/mesa/vivo"
	for _, t := range waiting {
		page.All += t.Count
		page.Queues = append(page.Queues, queueView{Tally: t, Wait: span(v.now.Sub(t.Oldest)), Current: t.Queue == view})
	}
	for _, c := range cases {
		page.Rows = append(page.Rows, rowOf(c, v.now))
	}
	return d.live(w, r, "board", page)
}

func (d *Desk) listed(r *http.Request, v visit, view string) ([]casework.Case, error) {
	if view == mineView {
		return d.cfg.Store.CasesOf(r.Context(), v.Agent)
	}
	return d.cfg.Store.CasesWaiting(r.Context(), v.Agent, view)
}

func (d *Desk) frame(v visit, title string) frame {
	return frame{Title: title, Agent: v.Name, CSRF: v.CSRF, ReadOnly: !v.Role.Acts(), Leads: v.Role.Leads()}
}

// Waits that the list shows in amber and red.
const (
	warnAfter = 10 * time.Minute
	lateAfter = 30 * time.Minute
)

func rowOf(c casework.Case, now time.Time) rowView {
	wait := c.Waiting()
	length := now.Sub(wait.Since)
	row := rowView{
		Case: c, Who: nameOf(c), Text: preview(c.Last), Ours: c.Last.Kind == casework.Out, Wait: span(length),
		Level: "ok", Channel: channelName(c.Channel),
	}
	switch {
	case !wait.Ours:
		row.Level = "idle"
	case length >= lateAfter:
		row.Level = "late"
	case length >= warnAfter:
		row.Level = "warn"
	}
	return row
}

// next takes the chat that is due next.
func (d *Desk) next(w http.ResponseWriter, r *http.Request, v visit) error {
	queue := word(r.PostForm.Get("fila"))
	if queue == mineView {
		queue = ""
	}
	id, ok, err := d.cfg.Store.ClaimNext(r.Context(), v.act(uuid.Nil, 0, uuid.New()), queue)
	if err != nil {
		return err
	}
	d.Ring()
	if !ok {
		http.Redirect(w, r, "/mesa?"+url.Values{"fila": {queue}, "hecho": {"nadie"}}.Encode(), http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, pathOf(id), http.StatusSeeOther)
	return nil
}

func pathOf(id uuid.UUID) string { return "/mesa/c/" + id.String() }

// notices are the sentences that follow a redirect, by the word in its address,
// so that no text of an address ever reaches a page.
func notices() map[string]string {
	return map[string]string{
		"nadie":      "Nadie espera. Buen trabajo.",
		"devuelta":   "Devuelta al bot.",
		"suelta":     "La plática volvió a la fila.",
		"propuesta":  "Propuesta. Cuando otra persona la acepte, el bot la entenderá.",
		"contestada": "Contestada. El bot le pregunta si quedó resuelta.",
	}
}

func epochOf(r *http.Request) int {
	epoch, err := strconv.ParseInt(r.PostForm.Get("epoca"), 10, 32) // as wide as the column
	if err != nil {
		return -1 // matches no chat
	}
	return int(epoch)
}
