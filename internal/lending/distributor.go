package lending

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// distributorUses are what people at the desk decide about a distributor, from
// her application to the end of her account. Each takes a reason (motivo), which
// the audit keeps with what was there before and what is there now.
func distributorUses() []use {
	one := flow.Fields{"distribuidora": flow.Text}
	done := []string{"ok", "unchanged"}
	uses := []use{
		{"distributor.apply", flow.ActionSpec{
			With:     flow.Fields{"persona": flow.Text, "sucursal": flow.Text, "nip": flow.PIN, "plazos": flow.Ints},
			Outcomes: done, Result: flow.Fields{"id": flow.Text},
		}, (*act).distributorApply},
		{"distributor.activate", flow.ActionSpec{
			With: flow.Fields{"distribuidora": flow.Text, "linea": flow.Amount, "categoria": flow.Text}, Outcomes: done,
		}, (*act).distributorActivate},
		{"distributor.set_line", flow.ActionSpec{
			With: flow.Fields{"distribuidora": flow.Text, "linea": flow.Amount}, Outcomes: done,
		}, (*act).distributorSetLine},
		{"distributor.set_category", flow.ActionSpec{
			With: flow.Fields{"distribuidora": flow.Text, "categoria": flow.Text}, Outcomes: done,
		}, (*act).distributorSetCategory},
		{"distributor.set_branch", flow.ActionSpec{
			With: flow.Fields{"distribuidora": flow.Text, "sucursal": flow.Text}, Outcomes: done,
		}, (*act).distributorSetBranch},
		{"distributor.redeem_points", flow.ActionSpec{
			With: flow.Fields{"distribuidora": flow.Text, "puntos": flow.Int, "tenia": flow.Int}, Outcomes: []string{"ok"},
		}, (*act).distributorRedeem},
		{"distributor.set_pin", flow.ActionSpec{
			With: flow.Fields{"distribuidora": flow.Text, "nip": flow.PIN}, Outcomes: done,
		}, (*act).distributorSetPIN},
		{"distributor.block", flow.ActionSpec{With: one, Outcomes: done}, distributorMove(loan.DistributorDoBlock, loan.DistributorBlocked)},
		{"distributor.unblock", flow.ActionSpec{With: one, Outcomes: done}, distributorMove(loan.DistributorDoUnblock, loan.DistributorActive)},
		{"distributor.close", flow.ActionSpec{With: one, Outcomes: done}, (*act).distributorClose},
	}
	for i := range uses {
		uses[i].With["motivo"] = flow.Text
		uses[i].run = reasoned(uses[i].run)
	}
	return uses
}

// reasoned makes a decision one that only a person takes, and only for a reason:
// no flow, whatever is written in it, gives its reader a line.
func reasoned(run func(*act) (Result, error)) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		reason := strings.TrimSpace(a.text("motivo"))
		switch n := utf8.RuneCountInString(reason); {
		case a.byFlow():
			return Result{}, fault.New(fault.Denied, "distributor_needs_person", "Eso lo decide una persona.")
		case n < 3 || n > 200:
			return Result{}, fault.New(fault.Invalid, "distributor_without_reason", "Escribe el motivo, en 3 a 200 letras.")
		}
		r, err := run(a)
		if a.note != "" {
			a.note += ": "
		}
		a.note += reason
		return r, err
	}
}

// changed notes for the audit what was there before and what is there now.
func (a *act) changed(was, now string) { a.note = orElse(was, "nada") + " → " + orElse(now, "nada") }

// distributorApply notes that a person wants to be a distributor. She may do
// nothing until she is activated.
func (a *act) distributorApply() (Result, error) {
	person, err := a.id("persona")
	if err != nil {
		return Result{}, err
	}
	if err := checkPINForm(a.text("nip"), false); err != nil {
		return Result{}, err
	}
	if a.text("sucursal") == "" || !goodTerms(a.ints("plazos")) {
		return Result{}, fault.New(fault.Invalid, "bad_application", "Falta la sucursal o los plazos que puede ofrecer.")
	}
	if _, err := a.b.Person(person); err != nil {
		return Result{}, err
	}
	d, ok, err := a.b.DistributorOf(person)
	if err != nil {
		return Result{}, err
	}
	if ok {
		a.about(KindDistributor, d.ID)
		return with("unchanged", map[string]any{"id": d.ID.String()})
	}
	d = Distributor{
		ID: a.NewID(), PersonID: person, State: loan.DistributorApplicant, Terms: a.ints("plazos"),
		Branch: a.text("sucursal"), PINHash: a.Hash(a.text("nip")),
	}
	a.about(KindDistributor, d.ID)
	a.changed("", string(d.State)+" "+d.Branch+" "+fmt.Sprint(d.Terms))
	a.b.PutDistributor(d)
	return with("ok", map[string]any{"id": d.ID.String()})
}

// distributorActivate gives an applicant her line and her category.
func (a *act) distributorActivate() (Result, error) {
	d, err := a.distributorNamed()
	switch {
	case err != nil:
		return Result{}, err
	case d.State == loan.DistributorActive:
		return say("unchanged")
	case !a.set.Programme.has(a.text("categoria")):
		return Result{}, a.noCategory()
	}
	if err := walk(&d.State, loan.DistributorDoActivate); err != nil {
		return Result{}, err
	}
	d.Category = a.text("categoria")
	return a.grant(d, a.amount("linea"))
}

// noCategory refuses a category that the programme lacks, naming those it has.
func (a *act) noCategory() error {
	var names []string
	for _, c := range a.set.Programme.Categories {
		names = append(names, c.Name)
	}
	return fault.Newf(fault.Invalid, "no_such_category", "No existe esa categoría. Hay: %s.", orElse(strings.Join(names, ", "), "ninguna"))
}

// distributorSetLine raises or lowers a credit line, never below what is in use.
func (a *act) distributorSetLine() (Result, error) {
	d, err := a.distributorNamed()
	switch {
	case err != nil:
		return Result{}, err
	case d.State == loan.DistributorClosed || d.State == loan.DistributorApplicant:
		return Result{}, fault.New(fault.Conflict, "distributor_not_active", "Esa distribuidora no está activa.")
	case d.Limit == a.amount("linea"):
		return say("unchanged")
	}
	return a.grant(d, a.amount("linea"))
}

// grant writes a distributor with another limit, in her row and in the books.
func (a *act) grant(d Distributor, limit money.Amount) (Result, error) {
	if limit < 0 || limit > money.Max {
		return Result{}, fault.New(fault.Invalid, "bad_line", "La línea no puede ser negativa.")
	}
	if limit < d.Held+d.Used {
		return Result{}, errLineInUse
	}
	a.changed(d.Limit.String(), limit.String())
	more := limit - d.Limit
	d.Limit = limit
	a.b.PutDistributor(d)
	return Result{Outcome: "ok"}, a.post("línea otorgada", ledger.GrantLine(d.ID.String(), more)...)
}

var errLineInUse = fault.New(fault.Conflict, "line_in_use", "La línea no puede quedar por debajo de lo que ya está usado.")

// distributorSetCategory changes what a distributor earns on the vales that she
// authorises from now on.
func (a *act) distributorSetCategory() (Result, error) {
	if !a.set.Programme.has(a.text("categoria")) {
		return Result{}, a.noCategory()
	}
	return a.distributorChange(func(d *Distributor) { d.Category = a.text("categoria") })
}

// distributorSetBranch moves a distributor to another branch. What its corte
// has made already stays.
func (a *act) distributorSetBranch() (Result, error) {
	if a.text("sucursal") == "" {
		return Result{}, fault.New(fault.Invalid, "no_branch", "Falta la sucursal.")
	}
	return a.distributorChange(func(d *Distributor) { d.Branch = a.text("sucursal") })
}

func (a *act) distributorChange(change func(*Distributor)) (Result, error) {
	d, err := a.distributorNamed()
	if err != nil {
		return Result{}, err
	}
	was := d
	change(&d)
	if was.Category == d.Category && was.Branch == d.Branch {
		return say("unchanged")
	}
	a.changed(was.Category+" "+was.Branch, d.Category+" "+d.Branch)
	a.b.PutDistributor(d)
	return say("ok")
}

// distributorSetPIN gives a distributor a new NIP and frees her from the lock
// of the old one.
func (a *act) distributorSetPIN() (Result, error) {
	if err := checkPINForm(a.text("nip"), false); err != nil {
		return Result{}, err
	}
	d, err := a.distributorNamed()
	if err != nil {
		return Result{}, err
	}
	d.PINHash, d.PINFails, d.LockedUntil = a.Hash(a.text("nip")), 0, time.Time{}
	a.b.PutDistributor(d)
	return say("ok")
}

// distributorRedeem takes points that were handed over as something else. tenia
// are those that the caller saw: a click that comes twice meets another balance.
func (a *act) distributorRedeem() (Result, error) {
	d, err := a.distributorNamed()
	switch {
	case err != nil:
		return Result{}, err
	case a.int("puntos") <= 0:
		return Result{}, fault.New(fault.Invalid, "points_not_positive", "Los puntos deben ser más que cero.")
	case a.int("tenia") != d.Points:
		return Result{}, a.pointsChanged(d)
	case a.int("puntos") > d.Points:
		return Result{}, fault.New(fault.Limited, "points_short", "No tiene tantos puntos.")
	}
	d.Points -= a.int("puntos")
	a.changed(strconv.Itoa(a.int("tenia")), strconv.Itoa(d.Points))
	a.b.PutDistributor(d)
	return say("ok")
}

// pointsChanged refuses to take points from a balance that the caller did not
// see. Whether the first try came through or somebody else redeemed as many
// cannot be told apart, so a person looks.
func (a *act) pointsChanged(d Distributor) error {
	hint := "Revisa antes de canjear."
	if d.Points == a.int("tenia")-a.int("puntos") {
		hint = "Parece que ese canje ya se hizo: revisa antes de repetirlo."
	}
	return fault.Newf(fault.Conflict, "points_changed", "Tenía %d puntos y ahora tiene %d. %s", a.int("tenia"), d.Points, hint)
}

// distributorMove makes an action by which a person moves a distributor to a
// state. What a person blocks, no payment unblocks.
func distributorMove(e loan.DistributorEvent, to loan.DistributorState) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		d, err := a.distributorNamed()
		if err != nil {
			return Result{}, err
		}
		if d.State == to && !d.Arrears {
			return say("unchanged")
		}
		was := d.State
		if d.State != to {
			if err := walk(&d.State, e); err != nil {
				return Result{}, err
			}
		}
		d.Arrears = false
		a.changed(string(was), string(d.State))
		a.b.PutDistributor(d)
		return say("ok")
	}
}

// distributorClose ends an account of which nothing is in use. Her line goes.
func (a *act) distributorClose() (Result, error) {
	d, err := a.distributorNamed()
	switch {
	case err != nil:
		return Result{}, err
	case d.State == loan.DistributorClosed:
		return say("unchanged")
	case d.Held+d.Used > 0:
		return Result{}, errLineInUse
	}
	if err := walk(&d.State, loan.DistributorDoClose); err != nil {
		return Result{}, err
	}
	return a.grant(d, 0)
}

// prevale reports whether an offer goes beyond what a first vale may be: to
// somebody who has never paid an instalment, while the whole line is free.
func (a *act) prevale(o offer) bool {
	d := o.distributor
	return o.person.PaidCount == 0 && d.Held+d.Used == 0 && o.amount <= d.Available() &&
		o.amount > a.set.Programme.Prevale.most(d.Available())
}

func goodTerms(terms []int) bool {
	for _, n := range terms {
		if n < 1 {
			return false
		}
	}
	return len(terms) > 0
}
