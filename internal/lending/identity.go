package lending

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
)

// Doubt is why we are not sure who holds a contact.
type Doubt string

// The doubts. A number changes hands, and with it a chat: operators give numbers
// that were not used for months to others, and who talks an operator into a new
// SIM gets every message. Whoever holds the number must then prove who she is
// before a code, a transfer, a CLABE or anything personal goes there.
const (
	DoubtMoved  Doubt = "moved"  // the channel says that her account left for another number
	DoubtDevice Doubt = "device" // the channel says that her account is on another device
	DoubtUser   Doubt = "user"   // the channel says that another user writes from the number
	DoubtSilent Doubt = "silent" // nobody had written from it for months
	DoubtNew    Doubt = "new"    // a new address of hers, as the channel says
	DoubtMerged Doubt = "merged" // the phone of a record that was merged into hers
	DoubtAsked  Doubt = "asked"  // a person at the desk wants proof
)

// InDoubt reports whether nothing personal may be said at the contact.
func (c Contact) InDoubt() bool { return !c.Doubted.IsZero() }

func identityUses() []use {
	proof := []string{"match", "mismatch", "locked", outcomeError}
	done := []string{"ok", "unchanged"}
	return []use{
		{"identity.doubt", flow.ActionSpec{
			With: flow.Fields{"contacto": flow.Text, "motivo": flow.Text}, Outcomes: done,
		}, (*act).identityDoubt},
		{"identity.moved", flow.ActionSpec{
			With: flow.Fields{"contacto": flow.Text, "hacia": flow.Text}, Outcomes: done,
		}, (*act).identityMoved},
		{"identity.user", flow.ActionSpec{
			With: flow.Fields{"contacto": flow.Text, "usuario": flow.Text, "alias": flow.Text}, Outcomes: done,
		}, (*act).identityUser},
		{"identity.ask", flow.ActionSpec{
			Outcomes: []string{"birth", "pin", "locked", "unknown", "proven", outcomeError},
		}, (*act).identityAsk},
		{"identity.verify", flow.ActionSpec{With: flow.Fields{"nacimiento": flow.Date}, Outcomes: proof}, (*act).identityVerify},
		{"identity.verify_pin", flow.ActionSpec{With: flow.Fields{"nip": flow.PIN}, Outcomes: proof}, (*act).identityVerifyPIN},
		{"identity.clear", flow.ActionSpec{
			With: flow.Fields{"contacto": flow.Text, "motivo": flow.Text}, Outcomes: done,
		}, (*act).identityClear},
		{"identity.demand", flow.ActionSpec{
			With: flow.Fields{"contacto": flow.Text, "motivo": flow.Text}, Outcomes: done,
		}, (*act).identityDemand},
	}
}

// openInDoubt lists what a conversation may still do while nobody is sure who
// holds the contact: leave, complain, warn of a fraud, prove who she is, and what
// time alone ends. All else, and so every way to money and to what is known of
// her, waits.
func openInDoubt(action string) bool {
	switch action {
	case "identity.ask", "identity.verify", "identity.verify_pin",
		"contact.opt_out", "contact.opt_in", "contact.promotions_yes", "contact.promotions_no", "contact.wrong_number",
		"complaint.open", "complaint.close", "fraud.report", "arco.request", "language.english", "language.spanish",
		"vale.release", "vale.decline", "promise.break", "request.close", "request.note", "payment.find":
		return true
	}
	return false
}

// mayAct refuses what a conversation asks for at a contact in doubt. It is asked
// of every action, so that no flow, whatever is written in it, is a way around.
func (a *act) mayAct(action string) error {
	if !a.byFlow() || a.Contact == "" || openInDoubt(action) {
		return nil
	}
	c, err := a.contactAt(a.Contact)
	if err == nil && c.InDoubt() {
		return errInDoubt
	}
	return err
}

var errInDoubt = fault.New(fault.Denied, "identity_in_doubt", "No es seguro quién tiene ese número: primero debe comprobar quién es.")

// reachedForSure refuses to pay out to a person whose messages, the code among
// them, go to a contact in doubt, whoever asks for it.
func (a *act) reachedForSure(person uuid.UUID) error {
	p, err := a.b.Person(person)
	if err == nil && p.MergedInto != uuid.Nil {
		p, err = a.b.Person(p.MergedInto)
	}
	if err != nil {
		return err
	}
	c, err := a.contactAt(p.ReachedAt())
	if err == nil && c.InDoubt() {
		return errInDoubt
	}
	return err
}

// ReachedAt is the key of the contact at which a person is written to.
func (p Person) ReachedAt() string {
	if p.Reach != "" {
		return p.Reach
	}
	return phoneKey(p)
}

// phoneKey is the contact of a person's phone on file; see message.Address.Key.
func phoneKey(p Person) string { return "tel:" + p.Phone }

// contactAt reads a contact; one of which nothing was noted has nothing.
func (a *act) contactAt(key string) (Contact, error) {
	c, err := a.b.Contact(key)
	if fault.KindOf(err) == fault.NotFound {
		return Contact{Key: key}, nil
	}
	return c, err
}

// identityDoubt notes a reason for doubt that the channel gave, and withdraws
// codes that were told there.
func (a *act) identityDoubt() (Result, error) {
	why := Doubt(a.text("motivo"))
	switch why {
	case DoubtMoved, DoubtDevice, DoubtUser, DoubtSilent, DoubtNew, DoubtAsked:
	default:
		return Result{}, fault.New(fault.Invalid, "bad_reason", "Ese motivo no se conoce.")
	}
	a.note = string(why)
	return a.doubt(a.text("contacto"), why)
}

// identityDemand is a person at the desk who wants proof: she was told that the
// number or the phone changed.
func (a *act) identityDemand() (Result, error) {
	reason, err := reasonGiven(a.text("motivo"))
	if err != nil {
		return Result{}, err
	}
	a.note = reason
	return a.doubt(a.text("contacto"), DoubtAsked)
}

func (a *act) doubt(key string, why Doubt) (Result, error) {
	a.subject = Key{KindContact, key}
	p, known, err := a.b.PersonAt(key)
	if err != nil || !known {
		return Result{Outcome: "unchanged"}, err
	}
	c, err := a.contactAt(key)
	if err != nil || c.InDoubt() {
		return Result{Outcome: "unchanged"}, err
	}
	if err := a.doubtAt(key, p.ID, why); err != nil {
		return Result{}, err
	}
	if why == DoubtNew {
		return say("ok") // no code was ever told there
	}
	return Result{Outcome: "ok"}, a.withdrawCodes(p.ID)
}

// doubtAt marks a contact of a person, unless it is marked already.
func (a *act) doubtAt(key string, person uuid.UUID, why Doubt) error {
	c, err := a.contactAt(key)
	if err != nil || c.InDoubt() {
		return err
	}
	c.PersonID, c.Doubted, c.Doubt, c.WrongAnswers = person, a.Now, why, 0
	a.b.PutContact(c)
	return nil
}

// joinContact makes a contact that of the kept person of a merge, who must prove
// herself there.
func (a *act) joinContact(key string, kept uuid.UUID) error {
	c, err := a.contactAt(key)
	if err != nil {
		return err
	}
	c.PersonID = kept
	if !c.InDoubt() {
		c.Doubted, c.Doubt, c.WrongAnswers = a.Now, DoubtMerged, 0
	}
	a.b.PutContact(c)
	return nil
}

// partContact undoes joinContact: the phone has its own record again.
func (a *act) partContact(key string, own uuid.UUID) error {
	c, err := a.contactAt(key)
	if err != nil || c.PersonID == uuid.Nil {
		return err
	}
	c.PersonID = own
	if c.Doubt == DoubtMerged {
		c.Doubted, c.Doubt, c.WrongAnswers = time.Time{}, "", 0
	}
	a.b.PutContact(c)
	return nil
}

// withdrawCodes asks the issuer to cancel the codes that a person was told and
// has not used: they may lie open on a phone that is not hers any more. The
// money is back when the issuer says so, and she gets another once she has
// proved who she is. One that is not issued yet was told to nobody and stays.
func (a *act) withdrawCodes(person uuid.UUID) error {
	loans, err := a.b.LoansOf(person)
	if err != nil {
		return err
	}
	for _, l := range loans {
		if l.State != loan.LoanPendingDisbursement {
			continue
		}
		attempts, err := a.b.DisbursementsOf(l.ValeID)
		if err != nil {
			return err
		}
		d, ok := liveAttempt(attempts)
		if !ok || d.Rail != RailATM {
			continue
		}
		c, err := a.b.Code(d.ID)
		if err != nil {
			return err
		}
		if c.State == loan.CodeIssued || c.State == loan.CodeDelivered {
			a.callRail(d, "cancel")
		}
	}
	return nil
}

// identityMoved notes that the channel says that a person's account moved from a
// contact to another. The old one is in doubt, and the new one is hers once she
// has proved it there, unless it is already somebody's: a number that changed
// hands is nobody's proof.
func (a *act) identityMoved() (Result, error) {
	from, to := a.text("contacto"), a.text("hacia")
	p, known, err := a.b.PersonAt(from)
	if err != nil || !known || from == to {
		return Result{Outcome: "unchanged"}, err
	}
	result, err := a.doubt(from, DoubtMoved)
	if err != nil {
		return Result{}, err
	}
	if _, taken, err := a.b.PersonAt(to); err != nil || taken {
		return result, err
	}
	return Result{Outcome: "ok"}, a.claim(p, from, to)
}

// claim makes a contact that of a person, in doubt until she proves it there.
func (a *act) claim(p Person, from, to string) error {
	c, err := a.contactAt(to)
	if err != nil {
		return err
	}
	c.PersonID, c.CameFrom, c.Doubted, c.Doubt, c.WrongAnswers = p.ID, from, a.Now, DoubtNew, 0
	a.b.PutContact(c)
	return nil
}

// identityUser notes the channel's own id of who writes from a contact. Another
// one than before is somebody else, or she anew. Under the id she can be known
// when the channel one day hides her number; alias is the contact of the id.
func (a *act) identityUser() (Result, error) {
	key, user := a.text("contacto"), a.text("usuario")
	a.subject = Key{KindContact, key}
	p, known, err := a.b.PersonAt(key)
	if err != nil || !known || user == "" {
		return Result{Outcome: "unchanged"}, err
	}
	c, err := a.contactAt(key)
	if err != nil || c.UserID == user {
		return Result{Outcome: "unchanged"}, err
	}
	before := c.UserID
	if before != "" && !c.InDoubt() {
		if _, err := a.doubt(key, DoubtUser); err != nil {
			return Result{}, err
		}
		if c, err = a.contactAt(key); err != nil {
			return Result{}, err
		}
	}
	c.PersonID, c.UserID = p.ID, user
	a.b.PutContact(c)
	alias := a.text("alias")
	if _, taken, err := a.b.PersonAt(alias); before != "" || alias == key || taken || err != nil {
		return Result{Outcome: "ok"}, err
	}
	return Result{Outcome: "ok"}, a.claim(p, "", alias)
}
