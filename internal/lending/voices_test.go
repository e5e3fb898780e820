package lending_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// The voices of the story: who calls, from which conversation.

func (w *town) byMaria(c *lending.Call) {
	c.Actor, c.Person, c.Contact = "flow:autorizacion_vale", w.maria.PersonID, "tel:"+mariaPhone
	c.About = lending.About{Kind: lending.AboutDistributor, ID: w.maria.ID.String()}
}

func (w *town) byAna(about lending.About) func(*lending.Call) {
	return func(c *lending.Call) {
		c.Actor, c.Person, c.Contact, c.About = "flow:aceptacion_vale", w.ana.ID, "tel:"+anaPhone, about
		c.Token = "token-1"
		c.Reply = lending.Reply{ProviderID: "SM-yes", Text: "sí", OfferID: "SM-offer", OfferHash: "abc"}
	}
}

func aboutVale(v lending.Vale) lending.About {
	return lending.About{Kind: lending.AboutVale, ID: v.ID.String()}
}

func aboutLoan(l lending.Loan) lending.About {
	return lending.About{Kind: lending.AboutPayment, ID: l.ID.String()}
}

// The story, step by step.

func (w *town) offerWith(pesos int64, terms int, nip string) (lending.Result, error) {
	w.t.Helper()
	return w.run("vale.authorize", map[string]any{
		"distribuidora": w.maria.ID.String(), "persona": w.ana.ID.String(),
		"monto": money.Pesos(pesos), "quincenas": terms, "nip": nip,
	}, w.byMaria)
}

// authorise makes a vale of $3,000 in 8 quincenas.
func (w *town) authorise() lending.Vale {
	w.t.Helper()
	r := w.must(w.offerWith(3000, 8, pin))
	if r.Outcome != "ok" {
		w.t.Fatalf("authorise: %s", r.Outcome)
	}
	for _, v := range all[lending.Vale](w) {
		if v.Folio == r.Value["folio"] {
			return v
		}
	}
	w.t.Fatalf("no vale %v", r.Value["folio"])
	return lending.Vale{}
}

func (w *town) verify(v lending.Vale, birth quincena.Date) string {
	w.t.Helper()
	return w.must(w.run("person.verify", map[string]any{
		"persona": w.ana.ID.String(), "nacimiento": birth,
	}, w.byAna(aboutVale(v)))).Outcome
}

// onVale runs an action whose only input is the vale, from Ana's dialogue.
func (w *town) onVale(name string, v lending.Vale) lending.Result {
	w.t.Helper()
	return w.must(w.run(name, map[string]any{"vale": v.ID.String()}, w.byAna(aboutVale(v))))
}

// accepted is a vale that Ana has accepted, and its loan.
func (w *town) accepted() (lending.Vale, lending.Loan) {
	w.t.Helper()
	v := w.authorise()
	w.verify(v, anaBirth)
	if r := w.onVale("vale.accept", v); r.Outcome != "ok" {
		w.t.Fatalf("accept: %s", r.Outcome)
	}
	v = at[lending.Vale](w, lending.KindVale, v.ID)
	return v, at[lending.Loan](w, lending.KindLoan, v.LoanID)
}

func (w *town) loan(l lending.Loan) lending.Loan { return at[lending.Loan](w, lending.KindLoan, l.ID) }

// lastAttempt is the newest attempt to pay out.
func (w *town) lastAttempt() lending.Disbursement {
	w.t.Helper()
	attempts := all[lending.Disbursement](w)
	if len(attempts) == 0 {
		w.t.Fatalf("no attempt")
	}
	return attempts[len(attempts)-1]
}

func (w *town) cardless(v lending.Vale) lending.Disbursement {
	w.t.Helper()
	if r := w.onVale("payout.cardless", v); !r.Deferred {
		w.t.Fatalf("cardless: %+v", r)
	}
	return w.lastAttempt()
}

const clabe = "032180000118359719"

func (w *town) spei(v lending.Vale) lending.Disbursement {
	w.t.Helper()
	r := w.must(w.run("payout.spei", map[string]any{"vale": v.ID.String(), "clabe": clabe}, w.byAna(aboutVale(v))))
	if !r.Deferred {
		w.t.Fatalf("spei: %+v", r)
	}
	return w.lastAttempt()
}

// rail tells what a rail says of an attempt.
func (w *town) rail(event string, id uuid.UUID) string {
	w.t.Helper()
	with := map[string]any{"disbursement": id.String()}
	switch event {
	case "code_issued":
		with["digits"], with["network"], with["expires"] = "482915637710", "BBVA", opening.Add(48*time.Hour)
	case "code_rejected", "transfer_rejected", "transfer_returned":
		with["reason"] = "sin fondos"
	case "transfer_settled":
		with["rastreo"] = ""
	}
	return w.must(w.run("rail."+event, with, func(c *lending.Call) { c.Actor = "rail" })).Outcome
}

// active is a loan whose money Ana took from the ATM.
func (w *town) active() lending.Loan {
	w.t.Helper()
	v, l := w.accepted()
	d := w.cardless(v)
	w.rail("code_issued", d.ID)
	w.rail("code_redeemed", d.ID)
	return w.loan(l)
}

func (w *town) pay(l lending.Loan, key string, amount money.Amount, on quincena.Date) (lending.Result, error) {
	w.t.Helper()
	return w.run("payment.post", map[string]any{
		"source": "panel", "reference": key, "account": l.Reference, "amount": amount, "value_date": on,
	})
}

func (w *town) today() quincena.Date { return quincena.On(w.now, quincena.Central()) }

func (w *town) goTo(d quincena.Date) { w.now = d.At(10, 0, quincena.Central()) }

func date(text string) quincena.Date {
	d, err := quincena.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// names lists the events that were emitted since a mark.
func (w *town) names(since int) []string {
	names := []string{}
	for _, e := range w.emits[since:] {
		name := e.Name
		if e.Token != "" {
			name += "=" + e.Outcome
		}
		names = append(names, name)
	}
	return names
}

var _ failer = (*testing.T)(nil)
