package lending

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/mexid"
)

// mergeUses join two records of one person, and part them again. Only people
// call them: that two phones are one person's is nothing that a phone can prove.
func mergeUses() []use {
	return []use{
		{"person.merge", flow.ActionSpec{
			With:     flow.Fields{"persona": flow.Text, "telefono": flow.Text, "motivo": flow.Text, "evidencia": flow.Text},
			Outcomes: []string{"ok", "unchanged"},
		}, (*act).personMerge},
		{"person.unmerge", flow.ActionSpec{
			With: flow.Fields{"persona": flow.Text, "telefono": flow.Text, "motivo": flow.Text}, Outcomes: []string{"ok", "unchanged"},
		}, (*act).personUnmerge},
	}
}

// personMerge makes the person with a phone part of the one that is named. Her
// loans, vales, complaints, requests and conversations are found under the kept
// one; no record but the two persons' changes, so that personUnmerge restores
// all. A saldo a favor stays in the name in which it was booked. At the other
// phone nothing of the kept one is said until she has proved there who she is.
func (a *act) personMerge() (Result, error) {
	kept, other, err := a.twoPersons()
	if err != nil {
		return Result{}, err
	}
	evidence, err := reasonGiven(a.text("evidencia"))
	if err != nil {
		return Result{}, err
	}
	a.note += ": " + evidence
	if other.MergedInto == kept.ID {
		return say("unchanged")
	}
	if err := a.mayMerge(kept, other); err != nil {
		return Result{}, err
	}
	other.MergedInto = kept.ID
	kept.Holds++
	a.b.PutPerson(other)
	a.b.PutPerson(kept)
	return Result{Outcome: "ok"}, a.joinContact(phoneKey(other), kept.ID)
}

// personUnmerge undoes personMerge. What happened to the kept person meanwhile
// stays hers.
func (a *act) personUnmerge() (Result, error) {
	kept, other, err := a.twoPersons()
	if err != nil {
		return Result{}, err
	}
	if other.MergedInto != kept.ID {
		return say("unchanged")
	}
	other.MergedInto = uuid.Nil
	kept.Holds--
	a.b.PutPerson(other)
	a.b.PutPerson(kept)
	return Result{Outcome: "ok"}, a.partContact(phoneKey(other), other.ID)
}

// twoPersons reads the kept person and the one with the phone, and notes why.
func (a *act) twoPersons() (kept, other Person, err error) {
	id, err := a.id("persona")
	if err != nil {
		return kept, other, err
	}
	phone, err := mexid.ParsePhone(a.text("telefono"))
	if err != nil {
		return kept, other, err
	}
	reason, err := reasonGiven(a.text("motivo"))
	if err != nil {
		return kept, other, err
	}
	kept, err1 := a.b.Person(id)
	other, ok, err2 := a.b.recordAt(string(phone))
	if err := errors.Join(err1, err2); err != nil {
		return kept, other, err
	}
	if !ok {
		return kept, other, fault.New(fault.NotFound, "no_such_person", "No hay nadie con ese teléfono.")
	}
	a.about(KindPerson, other.ID)
	a.note = kept.ID.String() + ": " + reason
	return kept, other, nil
}

// reasonMost is how long a reason or a piece of evidence may be, in characters.
const reasonMost = 200

func reasonGiven(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || utf8.RuneCountInString(text) > reasonMost {
		return "", fault.New(fault.Invalid, "no_reason", "Escribe por qué y cómo consta, en menos de 200 letras.")
	}
	return text, nil
}

// mayMerge refuses what is or may be two people, and what would free somebody
// from a block.
func (a *act) mayMerge(kept, other Person) error {
	switch {
	case kept.ID == other.ID:
		return fault.New(fault.Invalid, "same_person", "Es el mismo registro.")
	case kept.MergedInto != uuid.Nil || other.MergedInto != uuid.Nil || other.Holds > 0:
		return fault.New(fault.Conflict, "merged_already", "Uno de los dos ya está unido a otro; sepáralo primero.")
	case other.Blocked != kept.Blocked:
		return fault.New(fault.Conflict, "one_blocked", "Uno de los dos está bloqueado: decide primero si lo está la persona.")
	case kept.LockedUntil.After(a.Now) || other.LockedUntil.After(a.Now):
		return fault.New(fault.Conflict, "identity_locked", "Falló las preguntas de identidad: espera o desbloquéala primero.")
	case !kept.Birth.IsZero() && !other.Birth.IsZero() && kept.Birth != other.Birth:
		return fault.New(fault.Conflict, "births_differ", "Nacieron en días distintos: son dos personas.")
	}
	if _, lends, err := a.b.DistributorOf(other.ID); err != nil {
		return err
	} else if lends {
		return fault.New(fault.Conflict, "is_distributor", "Ese registro es de una distribuidora: une el otro a este.")
	}
	if err := a.notHerOwnClient(kept, other); err != nil {
		return err
	}
	return a.mayMergeDebts(kept, other)
}

// notHerOwnClient refuses to make a distributor the client of herself.
func (a *act) notHerOwnClient(kept, other Person) error {
	d, lends, err := a.b.DistributorOf(kept.ID)
	if err != nil || !lends {
		return err
	}
	vales, err1 := a.b.ValesOf(other.ID)
	loans, err2 := a.b.LoansOf(other.ID)
	hers := slices.ContainsFunc(vales, func(v Vale) bool { return v.DistributorID == d.ID }) ||
		slices.ContainsFunc(loans, func(l Loan) bool { return l.DistributorID == d.ID })
	if hers {
		return fault.New(fault.Conflict, "own_client", "Tiene vales de esa misma distribuidora: nadie se presta a sí misma.")
	}
	return errors.Join(err1, err2)
}

// mayMergeDebts refuses to put two debts together unless the same birth date
// stands on both records.
func (a *act) mayMergeDebts(kept, other Person) error {
	if !kept.Birth.IsZero() && kept.Birth == other.Birth {
		return nil
	}
	one, err1 := a.owing(kept.ID)
	two, err2 := a.owing(other.ID)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if one && two {
		return fault.New(fault.Conflict, "both_owe", "Los dos deben y falta su fecha de nacimiento: anótala de su INE en ambos.")
	}
	return nil
}

// owing reports whether a person owes anything, or has a vale that she may accept.
func (a *act) owing(person uuid.UUID) (bool, error) {
	vales, err1 := a.b.ValesOf(person)
	loans, err2 := a.b.LoansOf(person)
	for _, l := range loans {
		if l.State != loan.LoanSettled {
			return true, errors.Join(err1, err2)
		}
	}
	return len(vales) > 0, errors.Join(err1, err2)
}

// recordAt finds the record that holds a phone itself, merged or not.
func (b *Book) recordAt(phone string) (Person, bool, error) {
	return first[Person](b, Key{KindPersonByPhone, phone}, KindPerson)
}

// belongs reports whether what is in the name of owner is a person's: hers, or
// of a record that was merged into hers.
func (b *Book) belongs(owner, person uuid.UUID) (bool, error) {
	if owner == person {
		return true, nil
	}
	if owner == uuid.Nil || person == uuid.Nil {
		return false, nil
	}
	p, err := b.Person(owner)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return p.MergedInto == person, err
}
