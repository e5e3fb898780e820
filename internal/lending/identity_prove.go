package lending

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"valebot/internal/loan"
)

// identityAsk says by what somebody at a contact in doubt can prove who she is:
// a distributor by her NIP, whoever else by the birth date on file. "unknown" is
// who can prove it to a person only.
func (a *act) identityAsk() (Result, error) {
	c, p, err := a.doubtHere()
	if err != nil {
		return Result{}, err
	}
	switch {
	case p.ID == uuid.Nil:
		return say("unknown")
	case !c.InDoubt():
		return say("proven")
	case a.lockedHere(c, p):
		return say("locked")
	}
	_, lends, err := a.lender(p)
	switch {
	case err != nil:
		return Result{}, err
	case lends:
		return say("pin")
	case p.Birth.IsZero():
		return say("unknown")
	}
	return say("birth")
}

// identityVerify compares the birth date that was given at a contact in doubt
// with the one on file.
func (a *act) identityVerify() (Result, error) {
	c, p, err := a.doubtHere()
	if err != nil {
		return Result{}, err
	}
	_, lends, err := a.lender(p)
	switch {
	case err != nil:
		return Result{}, err
	case a.lockedHere(c, p) || lends || p.Birth.IsZero():
		return say("locked")
	case p.Birth != a.date("nacimiento"):
		return a.missedHere(c)
	}
	return a.prove(c, p)
}

// identityVerifyPIN compares a distributor's NIP, which counts the wrong ones
// wherever they are given.
func (a *act) identityVerifyPIN() (Result, error) {
	c, p, err := a.doubtHere()
	if err != nil {
		return Result{}, err
	}
	d, lends, err := a.lender(p)
	switch {
	case err != nil:
		return Result{}, err
	case a.lockedHere(c, p) || !lends:
		return say("locked")
	}
	switch a.checkPIN(&d) {
	case "":
		return a.prove(c, p)
	case "pin_locked":
		c.WrongAnswers++
		a.b.PutContact(c)
		return say("locked")
	}
	return a.missedHere(c)
}

// doubtHere reads the contact of the conversation and whose it is said to be.
func (a *act) doubtHere() (Contact, Person, error) {
	a.subject = Key{KindContact, a.Contact}
	c, err := a.contact()
	if err != nil || a.Person == uuid.Nil {
		return c, Person{}, err
	}
	a.note = string(c.Doubt)
	p, err := a.b.Person(a.Person)
	return c, p, err
}

// lockedHere reports whether no more answers are heard at a contact.
func (a *act) lockedHere(c Contact, p Person) bool {
	return c.WrongAnswers >= a.set.IdentityMisses || p.LockedUntil.After(a.Now)
}

// lender is the distributor that a person is, if she has a NIP to prove it by.
func (a *act) lender(p Person) (Distributor, bool, error) {
	d, ok, err := a.b.DistributorOf(p.ID)
	return d, ok && d.State != loan.DistributorClosed && d.PINHash != "", err
}

// missedHere counts a wrong answer. After the last one only a person at the desk
// can help, however long it takes: whoever holds a stolen number has time.
func (a *act) missedHere(c Contact) (Result, error) {
	c.WrongAnswers++
	a.b.PutContact(c)
	if c.WrongAnswers >= a.set.IdentityMisses {
		return say("locked")
	}
	return say("mismatch")
}

// prove ends the doubt about a contact.
func (a *act) prove(c Contact, p Person) (Result, error) {
	if err := a.settle(c, p); err != nil {
		return Result{}, err
	}
	return say("match")
}

// settle makes a contact sure again. Where the channel had said that she moved
// there, she is written to there from now on, and what she had refused to be sent
// at the old contact is not sent at the new one either.
func (a *act) settle(c Contact, p Person) error {
	from := c.CameFrom
	c.PersonID, c.Doubted, c.Doubt, c.WrongAnswers, c.Proven, c.CameFrom = p.ID, time.Time{}, "", 0, a.Now, ""
	if from != "" {
		old, err := a.contactAt(from)
		if err != nil {
			return err
		}
		if c.OptedOut.IsZero() {
			c.OptedOut = old.OptedOut
		}
		p.Reach = c.Key
		a.b.PutPerson(p)
	}
	a.b.PutContact(c)
	a.b.Emits = append(a.b.Emits, Emit{
		Key:      EventIdentityProven + ":" + p.ID.String() + ":" + strconv.FormatInt(a.Now.UnixMicro(), 10),
		PersonID: p.ID, Name: EventIdentityProven,
	})
	return nil
}

// identityClear ends a doubt because a person at the desk made sure who it is.
func (a *act) identityClear() (Result, error) {
	reason, err := reasonGiven(a.text("motivo"))
	if err != nil {
		return Result{}, err
	}
	key := a.text("contacto")
	a.subject = Key{KindContact, key}
	c, err := a.contactAt(key)
	if err != nil {
		return Result{}, err
	}
	p, known, err := a.b.PersonAt(key)
	if err != nil || !known || !c.InDoubt() {
		return Result{Outcome: "unchanged"}, err
	}
	a.note = string(c.Doubt) + ": " + reason
	return Result{Outcome: "ok"}, a.settle(c, p)
}
