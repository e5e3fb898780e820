package desk

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

type lessonView struct {
	frame
	Case     uuid.UUID
	Text     string
	Class    string
	Counter  string
	Meanings []casework.Meaning
	Clashes  []casework.Clash
	Request  uuid.UUID
	Error    string
}

// lesson shows the form by which an agent says what a text means. It is filled
// in with a message of the chat that it was opened from.
func (d *Desk) lesson(w http.ResponseWriter, r *http.Request, v visit) error {
	view := lessonView{}
	if chat, err := uuid.Parse(r.FormValue("c")); err == nil {
		c, err := d.cfg.Store.Case(r.Context(), v.Agent, chat)
		if err != nil {
			return err
		}
		entries, _, err := d.cfg.Store.Thread(r.Context(), c, lines)
		if err != nil {
			return err
		}
		view.Case, view.Text = chat, saidIn(entries, r.FormValue("m"))
	}
	return d.showLesson(w, r, v, http.StatusOK, view)
}

// saidIn is what a person wrote in one message; "" for a secret or none.
func saidIn(entries []casework.Entry, id string) string {
	for _, e := range entries {
		if e.ID.String() == id && e.Kind == casework.In && !e.Secret {
			return e.Text
		}
	}
	return ""
}

func (d *Desk) showLesson(w http.ResponseWriter, r *http.Request, v visit, status int, view lessonView) error {
	meanings, err := d.cfg.Flows.Meanings(r.Context())
	if err != nil {
		return err
	}
	view.frame, view.Meanings, view.Request = d.frame(v, "Enseñar una respuesta"), meanings, uuid.New()
	view.Menu = "ensenanzas"
	return d.pages.show(w, status, "lesson", view)
}

// propose checks a lesson against everything that the bot was tested with, and
// keeps it for a second person if it spoils nothing.
func (d *Desk) propose(w http.ResponseWriter, r *http.Request, v visit) error {
	view := lessonView{Text: r.PostForm.Get("texto"), Class: word(r.PostForm.Get("significa")), Counter: r.PostForm.Get("contra")}
	view.Case, _ = uuid.Parse(r.PostForm.Get("c")) // thought up, if it is none
	lesson, err := lessonOf(r, v, view)
	if err == nil {
		view.Clashes, err = d.cfg.Flows.Check(r.Context(), lesson)
	}
	if fault.KindOf(err) == fault.Invalid {
		view.Error = fault.TextOf(err)
		return d.showLesson(w, r, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	if len(view.Clashes) > 0 {
		view.Error = "Así no se puede enseñar: estas respuestas se entenderían mal."
		return d.showLesson(w, r, v, http.StatusConflict, view)
	}
	if err := d.cfg.Store.Propose(r.Context(), lesson); err != nil {
		return err
	}
	http.Redirect(w, r, "/mesa/ensenanzas?hecho=propuesta", http.StatusSeeOther)
	return nil
}

func lessonOf(r *http.Request, v visit, view lessonView) (casework.Lesson, error) {
	request, err := uuid.Parse(r.PostForm.Get("pedido"))
	if err != nil {
		return casework.Lesson{}, fault.New(fault.Invalid, "bad_form", "El formulario llegó incompleto. Vuelve a cargar la página.")
	}
	text, err := casework.Text(view.Text, casework.MaxReason)
	if err != nil {
		return casework.Lesson{}, err
	}
	l := casework.Lesson{ID: request, At: v.now, Author: v.Agent, Name: v.Name, Case: view.Case, Text: text, Class: view.Class}
	for line := range strings.Lines(view.Counter) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		counter, err := casework.Text(line, casework.MaxReason)
		if err != nil || len(l.Counter) == casework.MaxCounter {
			return l, fault.Newf(fault.Invalid, "counter", "Escribe hasta %d ejemplos, uno por línea.", casework.MaxCounter)
		}
		l.Counter = append(l.Counter, counter)
	}
	return l, nil
}

type lessonsView struct {
	frame
	Open   []casework.Lesson
	Done   []casework.Lesson
	Self   string
	Error  string
	Notice string
}

// lessons lists what waits for a second person, and what the bot was taught.
func (d *Desk) lessons(w http.ResponseWriter, r *http.Request, v visit) error {
	return d.showLessons(w, r, v, http.StatusOK, lessonsView{Notice: notices()[r.FormValue("hecho")]})
}

func (d *Desk) showLessons(w http.ResponseWriter, r *http.Request, v visit, status int, view lessonsView) error {
	var err error
	if view.Open, err = d.cfg.Store.Lessons(r.Context(), casework.Proposed); err != nil {
		return err
	}
	if view.Done, err = d.cfg.Store.Lessons(r.Context(), casework.Accepted); err != nil {
		return err
	}
	if err := d.cfg.Store.Witness(r.Context(), v.act(uuid.Nil, 0, uuid.New()), "desk.lessons", ""); err != nil {
		return err
	}
	view.frame, view.Self = d.frame(v, "Enseñanzas"), v.Agent
	view.Menu = "ensenanzas"
	return d.pages.show(w, status, "lessons", view)
}

// decide accepts or refuses a lesson.
func (d *Desk) decide(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	l, err := d.cfg.Store.Lesson(r.Context(), id)
	if err != nil {
		return err
	}
	told := "Descartada."
	if r.PostForm.Get("como") == "aceptar" {
		told, err = d.cfg.Flows.Accept(r.Context(), l, v.Agent)
	} else {
		err = d.cfg.Store.Decide(r.Context(), id, v.Agent, casework.Refused, v.now)
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
		return d.showLessons(w, r, v, http.StatusOK, lessonsView{Notice: told})
	case kind == fault.Conflict, kind == fault.Denied, kind == fault.Invalid:
		return d.showLessons(w, r, v, statusOf(kind), lessonsView{Error: fault.TextOf(err)})
	}
	return err
}
