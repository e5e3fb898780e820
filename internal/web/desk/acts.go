package desk

import (
	"net/http"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/mexid"
)

// form is what every act on a chat names. Only texts carry a request of their
// own, so that a text that is sent twice arrives once; all else may be repeated.
func (d *Desk) form(r *http.Request, v visit) (casework.Act, error) {
	id, err := idOf(r)
	if err != nil {
		return casework.Act{}, err
	}
	request := uuid.New()
	if given := r.PostForm.Get("pedido"); given != "" {
		request, err = uuid.Parse(given)
	}
	if err != nil {
		return casework.Act{}, fault.New(fault.Invalid, "bad_form", "El formulario llegó incompleto. Vuelve a cargar la página.")
	}
	return v.act(id, epochOf(r), request), nil
}

// settle leads on after an act. What could not be done for a reason that an
// agent can understand is said on the page of the chat, with what she wrote.
func (d *Desk) settle(w http.ResponseWriter, r *http.Request, v visit, act casework.Act, err error, draft say, to string) error {
	d.Ring()
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid:
		draft.Error = fault.TextOf(err)
		return d.again(w, r, v, act.Case, statusOf(fault.KindOf(err)), draft)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (d *Desk) claim(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	err = d.cfg.Store.Claim(r.Context(), act)
	return d.settle(w, r, v, act, err, say{}, pathOf(act.Case))
}

// reply sends a text. What was typed is kept on the page if it cannot go.
func (d *Desk) reply(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	raw := r.PostForm.Get("texto")
	text, err := casework.Text(raw, casework.MaxText)
	if err == nil {
		err = d.cfg.Store.Reply(r.Context(), act, text)
	}
	if err == nil {
		d.cfg.Wake()
		err = d.cfg.Store.KeepDraft(r.Context(), act.Case, v.Agent, "", d.cfg.Wall())
	}
	return d.settle(w, r, v, act, err, say{Draft: raw}, pathOf(act.Case))
}

func (d *Desk) annotate(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	raw := r.PostForm.Get("texto")
	text, err := casework.Text(raw, casework.MaxText)
	if err == nil {
		err = d.cfg.Store.Annotate(r.Context(), act, text)
	}
	return d.settle(w, r, v, act, err, say{Jotted: raw}, pathOf(act.Case))
}

// giveBack returns a chat to the bot.
func (d *Desk) giveBack(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	outcome := casework.Outcome(r.PostForm.Get("como"))
	if !outcome.Valid() {
		err = fault.New(fault.Invalid, "bad_outcome", "Di si ya quedó resuelta o si el bot sigue donde iba.")
	} else if err = d.cfg.Store.Return(r.Context(), act, outcome); err == nil {
		d.cfg.Wake()
	}
	return d.settle(w, r, v, act, err, say{}, "/mesa?hecho=devuelta")
}

func (d *Desk) release(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	err = d.cfg.Store.Release(r.Context(), act)
	return d.settle(w, r, v, act, err, say{}, "/mesa?hecho=suelta")
}

// reveal shows a phone whole, once, to an agent who says why.
func (d *Desk) reveal(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	reason, err := casework.Text(r.PostForm.Get("motivo"), casework.MaxReason)
	if err != nil {
		return d.again(w, r, v, act.Case, http.StatusUnprocessableEntity, say{Error: "Escribe para qué necesitas el teléfono."})
	}
	if err := d.cfg.Store.Witness(r.Context(), act, "desk.reveal", reason); err != nil {
		return err
	}
	c, err := d.cfg.Store.Case(r.Context(), v.Agent, act.Case)
	if err != nil {
		return err
	}
	whole := c.Address
	if phone, ok := c.Phone(); ok {
		whole = mexid.Phone(phone).Pretty()
	}
	return d.again(w, r, v, act.Case, http.StatusOK, say{Phone: whole})
}
