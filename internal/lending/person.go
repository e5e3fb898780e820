package lending

import (
	"strings"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
)

func personUses() []use {
	found := flow.Fields{
		"id": flow.Text, "nombre": flow.Text, "bloqueada": flow.Bool,
		"saldo_vencido": flow.Amount, "tope": flow.Amount,
	}
	return []use{
		{"person.find", flow.ActionSpec{
			About: AboutDistributor, With: flow.Fields{"telefono": flow.Phone},
			Outcomes: []string{"found", "not_found", outcomeError}, Result: found,
		}, (*act).personFind},
		{"person.create", flow.ActionSpec{
			About: AboutDistributor, With: flow.Fields{"telefono": flow.Phone, "nombre": flow.Text},
			Outcomes: []string{"ok", "duplicate", outcomeError}, Result: found,
		}, (*act).personCreate},
		{"person.verify", flow.ActionSpec{
			About: AboutVale, With: flow.Fields{"persona": flow.Text, "nacimiento": flow.Date},
			Outcomes: []string{"match", "mismatch", "locked", outcomeError},
		}, (*act).personVerify},
	}
}

// personFind tells a distributor about the person with a phone. She learns a
// name, whether a vale is possible and what stands in its way; nothing of other
// distributors' vales.
func (a *act) personFind() (Result, error) {
	if _, err := a.distributorOfCaller(); err != nil {
		return Result{}, err
	}
	phone, err := mexid.ParsePhone(a.text("telefono"))
	if err != nil {
		return Result{}, err
	}
	p, ok, err := a.b.PersonByPhone(string(phone))
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return say("not_found")
	}
	a.about(KindPerson, p.ID)
	return a.describe("found", p)
}

// personCreate adds a person by what a distributor knows of her: a phone and a
// name. Without a birth date nothing can be accepted in her name by the bot
// alone.
func (a *act) personCreate() (Result, error) {
	if _, err := a.distributorOfCaller(); err != nil {
		return Result{}, err
	}
	phone, err := mexid.ParsePhone(a.text("telefono"))
	if err != nil {
		return Result{}, err
	}
	name, err := cleanName(a.text("nombre"))
	if err != nil {
		return Result{}, err
	}
	if p, ok, err := a.b.PersonByPhone(string(phone)); err != nil {
		return Result{}, err
	} else if ok {
		a.about(KindPerson, p.ID)
		return a.describe("duplicate", p)
	}
	p := a.newPerson(string(phone), name)
	a.b.PutPerson(p)
	a.about(KindPerson, p.ID)
	return a.describe("ok", p)
}

// newPerson makes a person that the Book then knows to have nothing yet. It is
// not written.
func (a *act) newPerson(phone, name string) Person {
	p := Person{
		ID: a.NewID(), Phone: phone, Name: name, Limit: a.set.NewLimit,
		Segment: segmentOfNobody, Created: a.Now,
	}
	for _, none := range []Kind{KindLoansByPerson, KindValesByPerson, KindDistributorByPerson, KindRequestsByPerson, KindComplaintsByPerson, KindReferralsBy} {
		a.b.LoadList(Key{none, p.ID.String()}, nil)
	}
	return p
}

// segmentOfNobody is how somebody without a history pays, until shown otherwise.
const segmentOfNobody = string(loan.Punctual)

// describe says what a distributor may know of a person.
func (a *act) describe(outcome string, p Person) (Result, error) {
	overdue, err := a.overdue(p.ID)
	if err != nil {
		return Result{}, err
	}
	return with(outcome, map[string]any{
		"id": p.ID.String(), "nombre": p.Name, "bloqueada": p.Blocked,
		"saldo_vencido": overdue, "tope": p.Limit,
	})
}

// overdue is what a person owes past its enforceable date, over all her loans.
func (a *act) overdue(person uuid.UUID) (money.Amount, error) {
	loans, err := a.b.LoansOf(person)
	if err != nil {
		return 0, err
	}
	payments, err := paymentsOf(a.b, loans)
	if err != nil {
		return 0, err
	}
	var sum money.Amount
	for i, l := range loans {
		sum += position(l, payments[i], a.today()).Overdue
	}
	return sum, nil
}

// distributorOfCaller returns the distributor that the conversation's person is.
func (a *act) distributorOfCaller() (Distributor, error) {
	d, ok, err := a.b.DistributorOf(a.Person)
	if err != nil {
		return Distributor{}, err
	}
	if !ok {
		return Distributor{}, fault.New(fault.Denied, "not_distributor", "Solo una distribuidora puede hacer eso.")
	}
	return d, nil
}

// nameMost is longer than any name on a Mexican voter card.
const nameMost = 80

// cleanName folds the blanks of a name and refuses what cannot be one.
func cleanName(text string) (string, error) {
	name := strings.Join(strings.Fields(text), " ")
	letters := strings.IndexFunc(name, func(r rune) bool { return r >= 'A' }) >= 0
	if !letters || len(name) > nameMost {
		return "", fault.New(fault.Invalid, "bad_name", "Escribe nombre y apellidos, con letras.")
	}
	return name, nil
}

// personVerify compares the birth date that a person gave with the one on
// file. The match is noted on the vale that the dialogue is about, so that it
// serves this acceptance and no other.
func (a *act) personVerify() (Result, error) {
	id, err := a.id("persona")
	if err != nil {
		return Result{}, err
	}
	a.about(KindPerson, id)
	if err := a.entitled(id); err != nil {
		return Result{}, err
	}
	p, err := a.b.Person(id)
	if err != nil {
		return Result{}, err
	}
	vale, err := a.valeInHand()
	if err != nil {
		return Result{}, err
	}
	switch {
	case p.LockedUntil.After(a.Now):
		return say("locked")
	case p.Birth.IsZero():
		return Result{}, fault.New(fault.Conflict, "birth_unknown", "No tenemos su fecha de nacimiento; una persona debe revisar su INE.")
	case p.Birth != a.date("nacimiento"):
		return a.birthMissed(p)
	}
	p.VerifyFails = 0
	a.b.PutPerson(p)
	vale.Evidence.Identity = identityByBirth
	vale.Evidence.At = a.Now
	a.b.PutVale(vale)
	return say("match")
}

// identityByBirth is what the evidence says about how a person was recognised.
const identityByBirth = "birth_date_match"

func (a *act) birthMissed(p Person) (Result, error) {
	p.VerifyFails++
	outcome := "mismatch"
	if p.VerifyFails >= a.set.BirthMisses {
		p.VerifyFails, p.LockedUntil = 0, a.Now.Add(a.set.BirthLock)
		outcome = "locked"
	}
	a.b.PutPerson(p)
	return say(outcome)
}

// valeInHand is the vale that the dialogue is about.
func (a *act) valeInHand() (Vale, error) {
	if a.About.Kind != AboutVale {
		return Vale{}, fault.New(fault.Invalid, "not_about_vale", "Esta conversación no trata de un vale.")
	}
	id, err := uuid.Parse(a.About.ID)
	if err != nil {
		return Vale{}, fault.New(fault.Invalid, "bad_id", "No reconozco ese identificador (vale).").Because(err)
	}
	v, err := a.b.Vale(id)
	if err != nil {
		return Vale{}, err
	}
	return v, a.entitled(v.PersonID)
}
