package lending

import (
	"fmt"
	"slices"
	"strings"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
)

func seedUses() []use {
	outcomes, result := []string{"created", "changed", "unchanged"}, flow.Fields{"id": flow.Text, "cambios": flow.Text}
	return []use{
		{"person.upsert", flow.ActionSpec{
			With: flow.Fields{
				"telefono": flow.Phone, "nombre": flow.Text, "nacimiento": flow.Date, "tope": flow.Amount,
			},
			Outcomes: outcomes, Result: result,
		}, (*act).personUpsert},
		{"distributor.upsert", flow.ActionSpec{
			With: flow.Fields{
				"telefono": flow.Phone, "nombre": flow.Text, "nacimiento": flow.Date,
				"linea": flow.Amount, "plazos": flow.Ints, "nip": flow.PIN,
			},
			Outcomes: outcomes, Result: result,
		}, (*act).distributorUpsert},
	}
}

// changes collects what an upsert changed, in words for the operator. Secrets
// are named and not shown.
type changes struct {
	isNew bool
	words []string
}

func (c *changes) see(name string, old, now any) {
	if was, is := fmt.Sprint(old), fmt.Sprint(now); was != is && !c.isNew {
		c.words = append(c.words, name+": "+was+" → "+is)
	}
}

func (c *changes) seeSecret(name string, changed bool) {
	if changed && !c.isNew {
		c.words = append(c.words, name+": cambia")
	}
}

func (c *changes) result(id string) (Result, error) {
	outcome := "changed"
	switch {
	case c.isNew:
		outcome, c.words = "created", []string{"alta"}
	case len(c.words) == 0:
		outcome = "unchanged"
	}
	return with(outcome, map[string]any{"id": id, "cambios": strings.Join(c.words, "; ")})
}

// personUpsert adds a person or brings what a list says of her up to date. A
// zero birth date leaves the one on file. A dry run is a run whose Book is
// thrown away.
func (a *act) personUpsert() (Result, error) {
	if a.amount("tope") < 0 {
		return Result{}, fault.New(fault.Invalid, "negative_limit", "El tope no puede ser negativo.")
	}
	var c changes
	p, err := a.upsertPerson(&c)
	if err != nil {
		return Result{}, err
	}
	c.see("tope", p.Limit, a.amount("tope"))
	p.Limit = a.amount("tope")
	if c.isNew || len(c.words) > 0 {
		a.b.PutPerson(p)
	}
	return c.result(p.ID.String())
}

// upsertPerson reads or makes the person with a phone and gives her the name
// and birth date of the call. It does not write her.
func (a *act) upsertPerson(c *changes) (Person, error) {
	phone, err := mexid.ParsePhone(a.text("telefono"))
	if err != nil {
		return Person{}, err
	}
	name, err := cleanName(a.text("nombre"))
	if err != nil {
		return Person{}, err
	}
	p, ok, err := a.b.PersonByPhone(string(phone))
	if err != nil {
		return Person{}, err
	}
	if !ok {
		c.isNew = true
		p = a.newPerson(string(phone), name)
	}
	a.about(KindPerson, p.ID)
	c.see("nombre", p.Name, name)
	p.Name = name
	if birth := a.date("nacimiento"); !birth.IsZero() {
		c.seeSecret("nacimiento", birth != p.Birth)
		p.Birth = birth
	}
	return p, nil
}

// distributorUpsert adds a distributor with her line or brings it up to date.
// An empty NIP leaves the one on file; a new distributor needs one.
func (a *act) distributorUpsert() (Result, error) {
	if err := a.checkLine(); err != nil {
		return Result{}, err
	}
	var c changes
	p, err := a.upsertPerson(&c)
	if err != nil {
		return Result{}, err
	}
	if c.isNew || len(c.words) > 0 {
		a.b.PutPerson(p)
	}
	d, ok, err := a.b.DistributorOf(p.ID)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		c.isNew = true
		d = Distributor{
			ID: a.NewID(), PersonID: p.ID, State: loan.DistributorApplicant,
			Branch: MainBranch, Category: a.set.Programme.First,
		}
		if err := walk(&d.State, loan.DistributorDoActivate); err != nil {
			return Result{}, err
		}
	}
	a.about(KindDistributor, d.ID)
	return a.upsertLine(&c, d)
}

// checkLine refuses a line that cannot be.
func (a *act) checkLine() error {
	if a.amount("linea") < 0 || a.amount("linea") > money.Max {
		return fault.New(fault.Invalid, "bad_line", "La línea no puede ser negativa.")
	}
	terms := a.ints("plazos")
	if len(terms) == 0 || slices.Min(terms) < 1 {
		return fault.New(fault.Invalid, "bad_terms", "Faltan los plazos que puede ofrecer.")
	}
	return checkPINForm(a.text("nip"), true)
}

// checkPINForm refuses what is not four to six digits; emptyOK lets "" pass.
func checkPINForm(pin string, emptyOK bool) error {
	digits := strings.IndexFunc(pin, func(r rune) bool { return r < '0' || r > '9' }) < 0
	if (pin == "" && emptyOK) || (digits && len(pin) >= 4 && len(pin) <= 6) {
		return nil
	}
	return fault.New(fault.Invalid, "bad_pin_form", "El NIP debe tener de 4 a 6 dígitos.")
}

// upsertLine brings limit, terms and NIP of a distributor up to date.
func (a *act) upsertLine(c *changes, d Distributor) (Result, error) {
	limit, terms, pin := a.amount("linea"), a.ints("plazos"), a.text("nip")
	if limit < d.Held+d.Used {
		return Result{}, errLineInUse
	}
	c.see("línea", d.Limit, limit)
	c.see("plazos", d.Terms, terms)
	grant := limit - d.Limit
	d.Limit, d.Terms = limit, slices.Clone(terms)
	switch {
	case pin == "" && d.PINHash == "":
		return Result{}, fault.New(fault.Invalid, "pin_missing", "Falta el NIP de la distribuidora.")
	case pin != "" && (d.PINHash == "" || !a.Verify(d.PINHash, pin)):
		c.seeSecret("NIP", true)
		d.PINHash, d.PINFails = a.Hash(pin), 0
	}
	if c.isNew || len(c.words) > 0 {
		a.b.PutDistributor(d)
	}
	if err := a.post("línea otorgada", ledger.GrantLine(d.ID.String(), grant)...); err != nil {
		return Result{}, err
	}
	return c.result(d.ID.String())
}
