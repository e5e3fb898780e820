package life

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

const pin = "4821"

// Bounds of the town: people come until there are enough, so that it gets old.
const mostPeople, mostDistributors = 150, 25

func (b *business) newPerson(ctx context.Context) error {
	if len(b.people) >= mostPeople {
		return errNothing
	}
	_, err := b.born(ctx)
	return err
}

// born adds somebody; a few have no birth date on file.
func (b *business) born(ctx context.Context) (*person, error) {
	p := &person{phone: fmt.Sprintf("+52667%07d", b.next())}
	if b.odds(93) {
		p.birth = quincena.Date{Year: 1960 + b.some(45), Month: time.Month(1 + b.some(12)), Day: 1 + b.some(28)}
	}
	limit := money.Pesos(int64(5+b.some(45)) * 1000)
	r, ok, err := b.act(ctx, order{name: "person.upsert", with: map[string]any{
		"telefono": p.phone, "nombre": "Persona de Prueba", "nacimiento": p.birth, "tope": limit,
	}})
	if err != nil || !ok {
		return nil, err
	}
	p.id = uuid.MustParse(r.Value["id"].(string))
	b.people = append(b.people, p)
	return p, nil
}

// allTerms are the terms that a distributor may offer, those of all products.
func allTerms() []int { return []int{1, 4, 6, 8, 10, 12, 16, 24, 36} }

func (b *business) newDistributor(ctx context.Context) error {
	if len(b.distributors()) >= mostDistributors {
		return errNothing
	}
	p, err := b.born(ctx)
	if err != nil || p == nil {
		return err
	}
	r, ok, err := b.act(ctx, order{name: "distributor.apply", with: map[string]any{
		"persona": p.id.String(), "sucursal": b.branch(), "nip": pin, "plazos": allTerms(), "motivo": "lo pidió",
	}})
	if err != nil || !ok {
		return err
	}
	p.line = uuid.MustParse(r.Value["id"].(string))
	_, _, err = b.act(ctx, order{name: "distributor.activate", with: map[string]any{
		"distribuidora": p.line.String(), "linea": b.line(), "categoria": b.category(), "motivo": "la aprobó el comité",
	}})
	return err
}

func (b *business) branch() string { return []string{"matriz", "norte"}[b.some(2)] }

func (b *business) category() string { return []string{"cobre", "plata", "oro"}[b.some(3)] }

func (b *business) line() money.Amount { return money.Pesos(int64(20+b.some(130)) * 1000) }

func (b *business) distributors() []*person {
	return slices.DeleteFunc(slices.Clone(b.people), func(p *person) bool { return p.line == uuid.Nil })
}

// kept is the record under which a person is known now.
func (p *person) kept() *person {
	for p.into != nil {
		p = p.into
	}
	return p
}

func (b *business) known(id uuid.UUID) *person {
	for _, p := range b.people {
		if p.id == id {
			return p.kept()
		}
	}
	return nil
}

// authorise has a distributor give a vale. A third of the time it is of another
// product; now and then the NIP, the amount or the term is wrong.
func (b *business) authorise(ctx context.Context) error {
	giver, ok := pick(b, b.distributors())
	taker, ok2 := pick(b, b.people)
	if !ok || !ok2 {
		return b.newDistributor(ctx)
	}
	taker = taker.kept()
	product := 0
	if b.odds(40) {
		product = b.some(len(b.goods))
	}
	p := b.goods[product]
	steps := int64((p.Max - p.Min) / max(p.Step, 1))
	amount := p.Min + p.Step*money.Amount(b.dice.Int64N(steps/2+1))
	terms := p.Terms[b.some(len(p.Terms))]
	nip := pin
	switch b.some(25) {
	case 0:
		nip = "0000"
	case 1:
		amount += 50
	case 2:
		terms = 5
	case 3:
		amount = p.Max
	}
	_, ok, err := b.act(ctx, order{
		name: "vale.authorize", actor: "flow:autorizacion_vale", product: product, person: giver.id,
		about: lending.About{Kind: lending.AboutDistributor, ID: giver.line.String()},
		with: map[string]any{
			"distribuidora": giver.line.String(), "persona": taker.id.String(), "monto": amount, "quincenas": terms, "nip": nip,
		},
	})
	if err != nil || !ok {
		return err
	}
	return b.learnVales(ctx, taker)
}

// learnVales finds the vales of a person that the driver does not know yet.
func (b *business) learnVales(ctx context.Context, taker *person) error {
	return b.read(ctx, func(book *lending.Book) error {
		vales, err := book.ValesOf(taker.id)
		for _, v := range vales {
			if !slices.Contains(b.vales, v.ID) {
				b.vales = append(b.vales, v.ID)
			}
		}
		return err
	})
}

// answer has a beneficiary answer her offer, or the lender or time end it.
func (b *business) answer(ctx context.Context) error {
	id, ok := pick(b, b.vales)
	if !ok {
		return errNothing
	}
	var v lending.Vale
	if err := b.read(ctx, func(book *lending.Book) (err error) {
		v, err = book.Vale(id)
		return err
	}); err != nil {
		return err
	}
	who := b.known(v.PersonID)
	if v.State.Terminal() {
		b.vales = slices.DeleteFunc(b.vales, func(x uuid.UUID) bool { return x == id })
		return errNothing
	}
	if v.State == loan.ValeInReview {
		return b.review(ctx, v)
	}
	o := order{
		name: "vale.accept", actor: "flow:aceptacion_vale", person: who.id, about: lending.About{Kind: lending.AboutVale, ID: id.String()},
		with: map[string]any{"vale": id.String()}, product: b.some(len(b.goods)),
	}
	n := b.some(18)
	if !b.now.Before(v.Expires) && b.odds(60) {
		n = 1
	}
	switch n {
	case 0:
		o.name = "vale.decline"
	case 1:
		o.name = "vale.release"
	case 2:
		o.name, o.actor, o.person = "vale.cancel", "agent:luis", uuid.Nil
	case 3, 4:
		o.name = "vale.offered"
	case 5:
		o.name = "vale.review"
	default:
		return b.accept(ctx, o, v, who)
	}
	_, ok, err := b.act(ctx, o)
	if ok && o.name != "vale.offered" && o.name != "vale.review" {
		b.vales = slices.DeleteFunc(b.vales, func(x uuid.UUID) bool { return x == id })
	}
	return err
}

// accept verifies who it is and accepts, the second mostly within the hour.
func (b *business) accept(ctx context.Context, o order, v lending.Vale, who *person) error {
	birth := who.birth
	if birth.IsZero() || b.odds(4) {
		birth = quincena.Date{Year: 1950, Month: time.May, Day: 5}
	}
	check := o
	check.name, check.with = "person.verify", map[string]any{"persona": who.id.String(), "nacimiento": birth}
	if _, _, err := b.act(ctx, check); err != nil {
		return err
	}
	if b.odds(5) {
		b.now = b.now.Add(2 * time.Hour)
	}
	o.reply = lending.Reply{ProviderID: fmt.Sprintf("SM%d", b.next()), Text: "sí", OfferID: uuid.Nil.String(), OfferHash: "ab", Flow: "aceptacion_vale@1"}
	r, ok, err := b.act(ctx, o)
	if err != nil || !ok || r.Outcome == "error" || r.Outcome == "in_review" {
		return err
	}
	b.vales = slices.DeleteFunc(b.vales, func(x uuid.UUID) bool { return x == v.ID })
	return b.learnLoan(ctx, v.ID)
}

// review has people decide about a vale that waits for them.
func (b *business) review(ctx context.Context, v lending.Vale) error {
	o := order{name: "vale.clear", actor: []string{"agent:luis", "agent:eva", "agent:sol"}[b.some(3)], with: map[string]any{"vale": v.ID.String(), "motivo": "se revisó"}}
	if b.odds(20) {
		o.name = "vale.reject"
	}
	if _, ok, err := b.act(ctx, o); err != nil || !ok {
		return err
	}
	return b.learnLoan(ctx, v.ID)
}

// lend goes the usual way from the vale to the money in hand, so that the lender
// has loans and not only offers.
func (b *business) lend(ctx context.Context) error {
	for _, do := range []func(context.Context) error{b.authorise, b.answer, b.payOut, b.hearRail, b.hearRail} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// learnLoan finds the loan of a vale, if it became one.
func (b *business) learnLoan(ctx context.Context, vale uuid.UUID) error {
	var v lending.Vale
	err := b.read(ctx, func(book *lending.Book) (err error) {
		v, err = book.Vale(vale)
		return err
	})
	if err == nil && v.LoanID != uuid.Nil && !slices.Contains(b.loans, v.LoanID) {
		b.loans = append(b.loans, v.LoanID)
		b.accepted++
		b.Report.Loans++
	}
	return err
}

// credit is a loan as the driver reads it.
type credit struct {
	lending.Loan
	payments []lending.Payment
	attempts []lending.Disbursement
}

// someLoan draws a loan that the wanted states allow; it forgets some of those
// that are long over.
func (b *business) someLoan(ctx context.Context, wanted ...loan.LoanState) (c credit, err error) {
	for range 6 {
		id, ok := pick(b, b.loans)
		if !ok {
			return c, errNothing
		}
		if c, err = b.loan(ctx, id); err != nil {
			return c, err
		}
		over := c.State == loan.LoanSettled || c.State == loan.LoanRecovered
		if over && b.odds(4) {
			b.loans = slices.DeleteFunc(b.loans, func(x uuid.UUID) bool { return x == id })
		}
		if slices.Contains(wanted, c.State) {
			return c, nil
		}
	}
	return c, errNothing
}

func (b *business) loan(ctx context.Context, id uuid.UUID) (c credit, err error) {
	err = b.read(ctx, func(book *lending.Book) (err error) {
		if c.Loan, err = book.Loan(id); err != nil {
			return err
		}
		if c.payments, err = book.PaymentsOf(id); err != nil {
			return err
		}
		c.attempts, err = book.DisbursementsOf(c.ValeID)
		return err
	})
	return c, err
}

// payOut asks for the money of an accepted vale, by any means.
func (b *business) payOut(ctx context.Context) error {
	c, err := b.someLoan(ctx, loan.LoanPendingDisbursement)
	if err != nil {
		return err
	}
	who := b.known(c.PersonID)
	o := order{
		name: "payout.cardless", actor: "flow:aceptacion_vale", person: who.id, about: lending.About{Kind: lending.AboutVale, ID: c.ValeID.String()},
		with: map[string]any{"vale": c.ValeID.String()},
	}
	switch b.some(8) {
	case 0, 1, 2, 3:
		o.name, o.with["clabe"] = "payout.spei", "032180000118359719"
		if b.odds(10) {
			o.with["clabe"] = "032180000118359718"
		}
	case 4:
		o.name, o.person, o.actor = "payout.cancel", uuid.Nil, "agent:luis"
	}
	_, _, err = b.act(ctx, o)
	return err
}

// hearRail has a rail tell news of an attempt: mostly what comes next, at times
// anything, and after the money has settled that it came back.
func (b *business) hearRail(ctx context.Context) error {
	states := []loan.LoanState{loan.LoanPendingDisbursement}
	if b.odds(10) {
		states = append(states, loan.LoanActive, loan.LoanSettled, loan.LoanWrittenOff)
	}
	c, err := b.someLoan(ctx, states...)
	if err != nil {
		return err
	}
	if len(c.attempts) == 0 {
		return errNothing
	}
	d := c.attempts[len(c.attempts)-1]
	if b.odds(8) {
		d = c.attempts[b.some(len(c.attempts))]
	}
	name := b.news(d)
	with := map[string]any{"disbursement": d.ID.String()}
	switch name {
	case "rail.code_issued":
		with["digits"], with["network"], with["expires"] = fmt.Sprintf("%012d", b.next()), "BBVA", b.now.Add(72*time.Hour)
	case "rail.code_rejected", "rail.transfer_rejected", "rail.transfer_returned":
		with["reason"] = "sin fondos"
	case "rail.transfer_settled":
		with["rastreo"] = d.Rastreo
	}
	_, _, err = b.act(ctx, order{name: name, with: with, actor: "rail:" + string(d.Rail)})
	return err
}

func (b *business) news(d lending.Disbursement) string {
	atm := []string{"code_issued", "code_issued", "code_redeemed", "code_redeemed", "code_redeemed", "code_expired", "code_cancelled", "code_blocked", "code_rejected", "unknown"}
	spei := []string{"transfer_accepted", "transfer_settled", "transfer_settled", "transfer_settled", "transfer_rejected", "transfer_returned", "unknown"}
	all := spei
	if (d.Rail == lending.RailATM) != b.odds(2) {
		all = atm
	}
	return "rail." + all[b.some(len(all))]
}
