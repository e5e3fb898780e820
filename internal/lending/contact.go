package lending

import (
	"time"

	"valebot/internal/fault"
	"valebot/internal/flow"
)

func contactUses() []use {
	plain := flow.ActionSpec{Outcomes: []string{"ok", outcomeError}}
	return []use{
		{"contact.opt_out", plain, (*act).contactOptOut},
		{"contact.opt_in", plain, (*act).contactOptIn},
		{"contact.promotions_yes", plain, (*act).contactPromotionsYes},
		{"contact.promotions_no", plain, (*act).contactPromotionsNo},
		{"contact.wrong_number", plain, (*act).contactWrongNumber},
	}
}

// contactOptOut obeys BAJA: nothing goes any more but answers to what the person
// asks for. The first date stays: it is the one that proves when we were told.
func (a *act) contactOptOut() (Result, error) {
	a.consent(false, ServicePurpose, ReminderPurpose, MarketingPurpose)
	return a.changeContact(func(c *Contact) {
		if c.OptedOut.IsZero() {
			c.OptedOut = a.Now
		}
	})
}

// contactOptIn obeys ALTA. It is no yes to promotions, which are asked for by
// themselves (LFPDPPP, art. 8: consent is specific).
func (a *act) contactOptIn() (Result, error) {
	a.consent(true, ServicePurpose, ReminderPurpose)
	return a.changeContact(func(c *Contact) { c.OptedOut = time.Time{} })
}

// contactPromotionsYes notes that the person asked for promotions.
func (a *act) contactPromotionsYes() (Result, error) { return a.promotions(true) }

// contactPromotionsNo notes that the person wants no promotions; all else goes on.
func (a *act) contactPromotionsNo() (Result, error) { return a.promotions(false) }

func (a *act) promotions(granted bool) (Result, error) {
	a.consent(granted, MarketingPurpose)
	return a.changeContact(func(*Contact) {})
}

// consent notes what the contact says now about some purposes, on all channels.
func (a *act) consent(granted bool, purposes ...Purpose) {
	for _, p := range purposes {
		a.b.Consents = append(a.b.Consents, Consent{
			Contact: a.Contact, Purpose: p, Granted: granted, Evidence: a.Cause, Actor: a.Actor,
		})
	}
}

// contactWrongNumber notes that somebody else has this number, so that nobody
// writes to it until a person has looked.
func (a *act) contactWrongNumber() (Result, error) {
	return a.changeContact(func(c *Contact) {
		if c.WrongNumber.IsZero() {
			c.WrongNumber = a.Now
		}
	})
}

func (a *act) changeContact(change func(*Contact)) (Result, error) {
	a.subject = Key{KindContact, a.Contact}
	c, err := a.contact()
	if err != nil {
		return Result{}, err
	}
	change(&c)
	a.b.PutContact(c)
	return say("ok")
}

// contact reads the conversation's contact; one that has never written before
// gets its row now.
func (a *act) contact() (Contact, error) {
	if a.Contact == "" {
		return Contact{}, fault.New(fault.Invalid, "no_contact", "Esta acción necesita una conversación.")
	}
	c, err := a.b.Contact(a.Contact)
	if fault.KindOf(err) == fault.NotFound {
		return Contact{Key: a.Contact, PersonID: a.Person}, nil
	}
	return c, err
}
