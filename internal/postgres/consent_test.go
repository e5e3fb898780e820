package postgres

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/engine"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

const contactOne = "tel:+526670000001"

func (b bench) holds(purpose string) (granted *bool) {
	b.Helper()
	b.must(b.pool.QueryRow(b.Context(), `select consents($1, 'sms', $2)`, contactOne, purpose).Scan(&granted))
	return granted
}

func TestWhatIsSaidInAConversationIsConsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	yes, no := true, false
	say := func(after time.Duration, granted bool, purposes ...lending.Purpose) {
		b.must(b.InTx(t.Context(), func(ctx context.Context, tx engine.Tx) error {
			book := lending.NewBook()
			for _, p := range purposes {
				book.Consents = append(book.Consents, lending.Consent{Contact: contactOne, Purpose: p, Granted: granted, Evidence: "event 1", Actor: "flow:inicio"})
			}
			return tx.WriteBook(ctx, book, b.now.Add(after))
		}))
	}
	say(0, false, lending.ServicePurpose, lending.ReminderPurpose, lending.MarketingPurpose)
	say(time.Minute, true, lending.ServicePurpose, lending.ReminderPurpose)
	got := map[string]*bool{"service": b.holds("service"), "reminder": b.holds("reminder"), "marketing": b.holds("marketing")}
	if diff := cmp.Diff(map[string]*bool{"service": &yes, "reminder": &yes, "marketing": &no}, got); diff != "" {
		t.Error(diff)
	}
}

func TestConsentOnPaperIsAudited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	said := lending.Consent{Contact: contactOne, Purpose: lending.MarketingPurpose, Granted: true, Evidence: "S-00012, casilla 4", Actor: "luis"}
	b.must(b.Consented(t.Context(), said, b.now))
	if got := b.holds("marketing"); got == nil || !*got {
		t.Error("it does not hold")
	}
	if n := b.count(`audit where actor = 'luis' and action = 'contact.consent' and detail like '%casilla 4%'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	said.Evidence = ""
	if b.Consented(t.Context(), said, b.now) == nil {
		t.Error("consent without evidence was noted")
	}
}

// Who stops us at the provider has said so, once, whatever is reported again.
func TestBlockedAtTheProviderIsAWithdrawal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.letter(b.talk(1), "hola")
	b.post(l)
	b.accept(b.send(b.now)...)
	for range 2 {
		b.must(b.Record(t.Context(), b.now, []outbox.Report{{Status: message.Status{ID: l.ID, Rank: message.RankFailed, Class: message.OptedOut, Code: 21610}}}))
	}
	if n := b.count(`consent_entry where source = 'provider' and not granted and evidence like 'outbox:%'`); n != 3 {
		t.Errorf("%d entries, want one for each purpose", n)
	}
	if n := b.count(`contact where opted_out_at is not null`); n != 1 {
		t.Error("the contact is still written to")
	}
}

func TestTheRegisterIsReplacedWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, ok, err := b.REUSAge(t.Context()); ok || err != nil {
		t.Errorf("an age before any import: %v", err)
	}
	put := func(phones ...string) ImportedREUS {
		done, err := b.ImportREUS(t.Context(), REUS{File: "reus.csv", SHA256: sha256.Sum256([]byte(strings.Join(phones, ","))), Phones: phones, Actor: "luis"}, b.now)
		b.must(err)
		return done
	}
	first, second := put("+526670000001", "+526670000002"), put("+526670000002", "+526670000003", "+526670000004")
	if diff := cmp.Diff([]ImportedREUS{{2, 2, 0}, {3, 2, 1}}, []ImportedREUS{first, second}); diff != "" {
		t.Error(diff)
	}
	if at, ok, err := b.REUSAge(t.Context()); !ok || err != nil || !at.Equal(b.now) {
		t.Errorf("age %s, %t, %v", at, ok, err)
	}
	if n := b.count(`audit where action = 'reus.import'`); n != 2 {
		t.Errorf("%d audit rows", n)
	}
	if _, err := b.ImportREUS(t.Context(), REUS{File: "x", Phones: []string{"667 000"}, Actor: "luis"}, b.now); err == nil {
		t.Error("something that is no phone was stored")
	}
	if n := b.count(`reus`); n != 3 {
		t.Errorf("a failed import left %d", n)
	}
}

func TestContactLog(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	conv := b.talk(1)
	sent := b.letter(conv, "texto que no debe salir", func(l *engine.Letter) { l.Key = "recordatorio.hoy" })
	b.post(sent)
	b.accept(b.send(b.now)...)
	b.post(b.letter(conv, "otro", func(l *engine.Letter) {
		l.Key, l.Lane, l.Created = "promo.uno", message.LaneCampaign, b.now.Add(time.Second)
	}),
		b.letter(b.talk(2), "de otra persona"))
	b.agree(1, "reminder", false)
	log, err := b.ContactLog(t.Context(), contactOne, b.now.Add(-time.Hour), b.now.Add(time.Hour), b.now, "luis", "queja Q-00004")
	b.must(err)
	type line struct{ What, Purpose, Message, State, Local string }
	var got []line
	for _, l := range log {
		got = append(got, line{l.What, l.Purpose, l.Message, l.State, l.Local})
	}
	local := b.now.In(mazatlan(t)).Format("15:04")
	want := []line{{"sale", "service", "recordatorio.hoy", "accepted", local}, {"consentimiento", "reminder", "no quiere", "message", ""}, {"sale", "marketing", "promo.uno", "queued", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := b.count(`audit where actor = 'luis' and action = 'contact.log' and detail = 'queja Q-00004' and subject_id = '` + contactOne + `'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	if log, err := b.ContactLog(t.Context(), contactOne, b.now.Add(time.Hour), b.now.Add(2*time.Hour), b.now, "luis", "x"); err != nil || len(log) != 0 {
		t.Errorf("outside of the span: %v, %v", log, err)
	}
}

func mazatlan(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Mazatlan")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
