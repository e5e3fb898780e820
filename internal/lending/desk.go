package lending

import (
	"time"

	"valebot/internal/fault"
	"valebot/internal/flow"
)

// deskUses are what people at the desk do with a person's or a distributor's
// record. Flows do not call them.
func deskUses() []use {
	person := flow.Fields{"persona": flow.Text}
	distributor := flow.Fields{"distribuidora": flow.Text}
	done := []string{"ok", "unchanged"}
	return []use{
		{"person.set_birth", flow.ActionSpec{
			With: flow.Fields{"persona": flow.Text, "nacimiento": flow.Date}, Outcomes: done,
		}, (*act).personSetBirth},
		{"person.set_limit", flow.ActionSpec{
			With: flow.Fields{"persona": flow.Text, "tope": flow.Amount}, Outcomes: done,
		}, (*act).personSetLimit},
		{"person.block", flow.ActionSpec{With: person, Outcomes: done}, personChange(func(p *Person) { p.Blocked = true })},
		{"person.unblock", flow.ActionSpec{With: person, Outcomes: done}, personChange(func(p *Person) { p.Blocked = false })},
		{"person.unlock", flow.ActionSpec{With: person, Outcomes: done}, personChange(func(p *Person) {
			p.VerifyFails, p.LockedUntil = 0, time.Time{}
		})},
		{"distributor.unlock", flow.ActionSpec{With: distributor, Outcomes: done}, (*act).distributorUnlock},
	}
}

// personChange makes an action that changes a person's row.
func personChange(change func(*Person)) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		id, err := a.id("persona")
		if err != nil {
			return Result{}, err
		}
		a.about(KindPerson, id)
		was, err := a.b.Person(id)
		if err != nil {
			return Result{}, err
		}
		now := was
		change(&now)
		if now == was {
			return say("unchanged")
		}
		a.b.PutPerson(now)
		return say("ok")
	}
}

// personSetBirth notes the birth date that a person at the desk read from an
// identity document.
func (a *act) personSetBirth() (Result, error) {
	if a.date("nacimiento").IsZero() || a.date("nacimiento").After(a.today()) {
		return Result{}, fault.New(fault.Invalid, "bad_birth", "Esa fecha de nacimiento no puede ser.")
	}
	return personChange(func(p *Person) { p.Birth = a.date("nacimiento") })(a)
}

// personSetLimit sets the most that one vale may be.
func (a *act) personSetLimit() (Result, error) {
	if a.amount("tope") < 0 {
		return Result{}, fault.New(fault.Invalid, "negative_limit", "El tope no puede ser negativo.")
	}
	a.note = a.amount("tope").String()
	return personChange(func(p *Person) { p.Limit = a.amount("tope") })(a)
}

// distributorNamed reads the distributor that the input names.
func (a *act) distributorNamed() (Distributor, error) {
	id, err := a.id("distribuidora")
	if err != nil {
		return Distributor{}, err
	}
	a.about(KindDistributor, id)
	return a.b.Distributor(id)
}

// distributorUnlock lets a distributor try her NIP again.
func (a *act) distributorUnlock() (Result, error) {
	d, err := a.distributorNamed()
	if err != nil {
		return Result{}, err
	}
	if d.PINFails == 0 && d.LockedUntil.IsZero() {
		return say("unchanged")
	}
	d.PINFails, d.LockedUntil = 0, time.Time{}
	a.b.PutDistributor(d)
	return say("ok")
}
