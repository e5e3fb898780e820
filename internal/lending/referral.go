package lending

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/quincena"
	"valebot/internal/understand"
)

// Referral is a word that a person passes on to one other person, whom we do
// not know and do not write to: she writes to us with the word, or does not.
type Referral struct {
	ID         uuid.UUID
	Word       string // AMIGA-7FK3Q2; unique
	ReferrerID uuid.UUID
	Made       time.Time
	Expires    time.Time
	Taken      time.Time // when somebody came with it; zero until then
	TakenBy    uuid.UUID // who came with it; uuid.Nil until then
}

func referralUses() []use {
	word := flow.Fields{"palabra": flow.Text}
	return []use{
		{"referral.open", flow.ActionSpec{
			Outcomes: []string{"ok", "not_now", "too_many", outcomeError},
			Result:   flow.Fields{"palabra": flow.Text, "numero": flow.Text, "vence": flow.Date, "desde": flow.Date},
		}, (*act).referralOpen},
		{"referral.find", flow.ActionSpec{
			With: word, Outcomes: []string{"ok", "used", "unknown", "own", "client", "too_often", outcomeError},
			Result: flow.Fields{"quien": flow.Text, "aviso": flow.Text},
		}, (*act).referralFind},
		{"referral.accept", flow.ActionSpec{
			With:     flow.Fields{"palabra": flow.Text, "nombre": flow.Text},
			Outcomes: []string{"ok", "used", "client", outcomeError},
			Result:   flow.Fields{"quien": flow.Text, "distribuidora": flow.Bool},
		}, (*act).referralAccept},
	}
}

// referralOpen gives a person in good standing a word to pass on. It tells when
// the word expires, or from when there is another one.
func (a *act) referralOpen() (Result, error) {
	if a.Person == uuid.Nil {
		return Result{}, fault.New(fault.Invalid, "no_contact", "Esta acción necesita una conversación.")
	}
	a.about(KindPerson, a.Person)
	may, err := a.mayRefer()
	if err != nil || !may {
		return Result{Outcome: "not_now"}, err
	}
	all, err := a.b.ReferralsBy(a.Person)
	if err != nil {
		return Result{}, err
	}
	if i := len(all) - a.set.Programme.Referrals.Most; i >= 0 && all[i].Made.AddDate(0, 0, referralSpan).After(a.Now) {
		return with("too_many", map[string]any{
			"palabra": "", "numero": "", "vence": quincena.Date{}, "desde": quincena.On(all[i].Made.AddDate(0, 0, referralSpan), a.set.Zone).AddDays(1),
		})
	}
	id := a.NewID()
	r := Referral{
		ID: id, Word: referralWord(id), ReferrerID: a.Person, Made: a.Now, Expires: a.Now.AddDate(0, 0, a.set.Programme.Referrals.Days),
	}
	a.b.AddReferral(r)
	a.about(KindReferral, id)
	return with("ok", map[string]any{
		"palabra": r.Word, "numero": orElse(a.set.Programme.Referrals.Number, thisNumber), "vence": quincena.On(r.Expires, a.set.Zone), "desde": quincena.Date{},
	})
}

// thisNumber stands for the number that people write to where the programme
// does not say it: the one that they have the message from.
const thisNumber = "este celular"

// referralSpan is the time over which words are counted, in days.
const referralSpan = 30

// mayRefer reports whether a person is one of ours and owes nothing that is
// late: who brings people must be known by more than a word of her own.
func (a *act) mayRefer() (bool, error) {
	p, err := a.b.Person(a.Person)
	if err != nil {
		return false, err
	}
	d, distributor, err := a.b.DistributorOf(p.ID)
	if err != nil {
		return false, err
	}
	loans, err := a.b.LoansOf(p.ID)
	if err != nil {
		return false, err
	}
	overdue, err := a.overdue(p.ID)
	if err != nil || p.Blocked || overdue > 0 {
		return false, err
	}
	if distributor && d.State != loan.DistributorClosed {
		return d.State == loan.DistributorActive && !d.Arrears, nil
	}
	return p.PaidCount > 0 || len(loans) > 0, nil
}

// The characters of a word: none that is mistaken for another when it is read
// aloud or copied by hand.
const (
	wordDigits  = "23456789"
	wordLetters = "ABCDEFGHJKMNPQRSTVWXYZ"
)

// referralWord makes a word out of the random half of an id: a digit, a letter
// and four of either, 142 million words in all.
func referralWord(id uuid.UUID) string {
	n := binary.BigEndian.Uint64(id[8:])
	var word strings.Builder
	word.WriteString(understand.InvitationPrefix)
	for _, from := range []string{wordDigits, wordLetters, wordDigits + wordLetters, wordDigits + wordLetters, wordDigits + wordLetters, wordDigits + wordLetters} {
		word.WriteByte(from[n%uint64(len(from))])
		n /= uint64(len(from))
	}
	return word.String()
}

// referralFind says what a word is worth to who wrote it, and by whose first
// name it was passed on: nothing more of her. Words that nobody gave out are
// counted, so that a machine cannot try them one by one.
func (a *act) referralFind() (Result, error) {
	c, err := a.contact()
	if err != nil {
		return Result{}, err
	}
	a.subject = Key{KindContact, a.Contact}
	if c.Missed == a.today() && c.Misses >= a.set.ReferralMisses {
		return nobody("too_often")
	}
	r, ok, err := a.b.ReferralByWord(a.text("palabra"))
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return a.wordMissed(c)
	}
	a.about(KindReferral, r.ID)
	outcome, err := a.worth(r)
	if err != nil || outcome != "ok" {
		return Result{Outcome: outcome, Value: map[string]any{"quien": "", "aviso": ""}}, err
	}
	referrer, err := a.b.Person(r.ReferrerID)
	if err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"quien": firstName(referrer.Name), "aviso": a.set.LinkBase + "/aviso"})
}

func nobody(outcome string) (Result, error) {
	return with(outcome, map[string]any{"quien": "", "aviso": ""})
}

// wordMissed counts a word that nobody gave out.
func (a *act) wordMissed(c Contact) (Result, error) {
	if c.Missed != a.today() {
		c.Missed, c.Misses = a.today(), 0
	}
	c.Misses++
	a.b.PutContact(c)
	return nobody("unknown")
}

// worth says whether the conversation's contact may come with a word.
func (a *act) worth(r Referral) (string, error) {
	if a.Person != uuid.Nil {
		own, err := a.b.belongs(r.ReferrerID, a.Person)
		if own || err != nil {
			return "own", err
		}
		return "client", nil
	}
	if !r.Taken.IsZero() || !r.Expires.After(a.Now) {
		return "used", nil
	}
	return "ok", nil
}

// firstName is as much of a name as others may know.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// referralAccept makes a person out of who came with a word and said yes to
// being written to: by her name, her phone and nothing else. The word is then
// used, and who passed it on hears that somebody came, not who.
func (a *act) referralAccept() (Result, error) {
	r, ok, err := a.b.ReferralByWord(a.text("palabra"))
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, fault.New(fault.NotFound, "no_such_referral", "No existe esa palabra.")
	}
	a.about(KindReferral, r.ID)
	if outcome, err := a.worth(r); err != nil || outcome != "ok" {
		return noWay(outcome, err)
	}
	p, err := a.newcomer()
	if err != nil {
		return Result{}, err
	}
	referrer, err := a.b.Person(r.ReferrerID)
	if err != nil {
		return Result{}, err
	}
	d, distributor, err := a.b.DistributorOf(referrer.ID)
	if err != nil {
		return Result{}, err
	}
	a.b.PutPerson(p)
	r.Taken, r.TakenBy = a.Now, p.ID
	a.b.PutReferral(r)
	a.b.Emits = append(a.b.Emits, Emit{
		Key: EventReferralTaken + ":" + r.ID.String(), PersonID: referrer.ID, Name: EventReferralTaken,
	})
	return with("ok", map[string]any{
		"quien": firstName(referrer.Name), "distribuidora": distributor && d.State == loan.DistributorActive,
	})
}

// noWay is the answer to who cannot come with a word any more.
func noWay(outcome string, err error) (Result, error) {
	if outcome == "own" {
		outcome = "client"
	}
	return Result{Outcome: outcome, Value: map[string]any{"quien": "", "distribuidora": false}}, err
}

// newcomer is the person that writes, by the name that she gives. Her yes is
// noted for what has to do with her vale and for nothing else.
func (a *act) newcomer() (Person, error) {
	name, err := cleanName(a.text("nombre"))
	if err != nil {
		return Person{}, err
	}
	phone, err := mexid.ParsePhone(strings.TrimPrefix(a.Contact, "tel:"))
	if err != nil {
		return Person{}, err
	}
	c, err := a.contact()
	if err != nil {
		return Person{}, err
	}
	p := a.newPerson(string(phone), name)
	c.PersonID, c.OptedOut = p.ID, time.Time{}
	a.b.PutContact(c)
	a.consent(true, ServicePurpose)
	return p, nil
}

// Referral reads a referral by id.
func (b *Book) Referral(id uuid.UUID) (Referral, error) {
	return get[Referral](b, Key{KindReferral, id.String()})
}

// PutReferral changes a referral.
func (b *Book) PutReferral(r Referral) { put(b, Key{KindReferral, r.ID.String()}, r) }

// AddReferral adds a referral made in this transaction.
func (b *Book) AddReferral(r Referral) {
	b.PutReferral(r)
	b.lists[Key{KindReferralByWord, r.Word}] = []string{r.ID.String()}
	b.link(Key{KindReferralsBy, r.ReferrerID.String()}, r.ID.String())
}

// ReferralByWord finds a referral by its word; ok is false if nobody gave it out.
func (b *Book) ReferralByWord(word string) (r Referral, ok bool, err error) {
	return first[Referral](b, Key{KindReferralByWord, word}, KindReferral)
}

// ReferralsBy reads the referrals of a person, oldest first.
func (b *Book) ReferralsBy(person uuid.UUID) ([]Referral, error) {
	return many[Referral](b, Key{KindReferralsBy, person.String()}, KindReferral)
}
