package desk

import (
	"net/http"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// deed does a named action for the person of a chat. The form names what it is
// done to; what does not belong to the person of the chat is refused.
func (d *Desk) deed(w http.ResponseWriter, r *http.Request, v visit) error {
	act, err := d.form(r, v)
	if err != nil {
		return err
	}
	deed, ok := casework.DeedNamed(r.PathValue("deed"))
	if !ok || deed.Leads && !v.Role.Leads() {
		return fault.New(fault.Denied, "no_such_deed", "Eso no lo puedes hacer con tu usuario.")
	}
	told, err := d.perform(r, v, act, deed)
	d.Ring()
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid, fault.Denied, fault.Limited:
		return d.again(w, r, v, act.Case, statusOf(fault.KindOf(err)), say{Error: fault.TextOf(err)})
	}
	if err != nil {
		return err
	}
	return d.again(w, r, v, act.Case, http.StatusOK, say{Notice: told})
}

func (d *Desk) perform(r *http.Request, v visit, act casework.Act, deed casework.Deed) (told string, err error) {
	ctx, target := r.Context(), word(r.PostForm.Get("sobre"))
	c, err := d.cfg.Store.Case(ctx, v.Agent, act.Case)
	if err != nil {
		return "", err
	}
	panel, err := d.cfg.Store.Panel(ctx, c.Person, c.Key, v.now)
	if err != nil {
		return "", err
	}
	if !panel.Holds(deed.On, target, c.Key) {
		return "", fault.New(fault.Conflict, "not_of_this_chat", "Eso ya cambió mientras lo veías. Revisa el panel y vuelve a intentarlo.")
	}
	with, err := deed.Inputs(target, r.PostForm.Get)
	if err != nil {
		return "", err
	}
	result, err := d.cfg.Deeds.Act(ctx, "agent:"+v.Agent, act.Request.String(), deed.Action, with)
	if err != nil {
		return "", err
	}
	d.cfg.Wake()
	if err := d.cfg.Store.Witness(ctx, act, "desk.act", deed.Title+": "+deed.Told(result.Outcome)); err != nil {
		return "", err
	}
	if deed.Then == "" || result.Outcome != "ok" {
		return deed.Told(result.Outcome), nil
	}
	err = d.cfg.Store.Return(ctx, act, deed.Then)
	d.cfg.Wake()
	return deed.Told(result.Outcome), err
}
