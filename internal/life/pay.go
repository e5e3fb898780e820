package life

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// received is a deposit that the lender took.
type received struct {
	source, reference string
	amount            money.Amount
	relacion          bool // of a distributor, on a relación
}

// bringsCash reports whether money of a source comes from outside.
func bringsCash(source string) bool {
	return !slices.Contains([]string{"quita", "bonificacion", "condonacion", "saldo", "comision", "apertura"}, source)
}

// live are the states in which a loan takes money.
func live() []loan.LoanState { return []loan.LoanState{loan.LoanActive, loan.LoanWrittenOff} }

// pay has somebody pay something of a loan: what is due, a part, all, too much;
// today, late told or with a day that cannot be; by any hint; at times again
// under a key that was used.
func (b *business) pay(ctx context.Context) error {
	states := live()
	if b.odds(4) {
		states = append(states, loan.LoanSettled, loan.LoanRecovered, loan.LoanPendingDisbursement)
	}
	c, err := b.someLoan(ctx, states...)
	if err != nil {
		return err
	}
	d := received{source: []string{"stp", "oxxo", "panel"}[b.some(3)], reference: fmt.Sprintf("T%d", b.next()), amount: b.worth(c)}
	if old, ok := pick(b, b.keys); ok && !old.relacion && b.odds(6) {
		d.source, d.reference = old.source, old.reference
		if b.odds(50) {
			d.amount = old.amount
		}
	}
	if b.odds(60) {
		return b.deposit(ctx, d, "payment.post", map[string]any{"account": []string{c.Reference, c.Folio, c.ID.String()}[b.some(3)]})
	}
	with := map[string]any{"account": "", "clabe": "", "phone": "", "operation_date": quincena.Date{}}
	switch b.some(4) {
	case 0:
		with["account"] = c.Reference
	case 1:
		with["clabe"] = clabe(c.Folio)
	case 2:
		with["phone"] = b.known(c.PersonID).phone
	default:
		with["account"], with["clabe"] = c.Folio, clabe(c.Folio)
	}
	return b.deposit(ctx, d, "payment.receive", with)
}

// worth draws an amount for a loan.
func (b *business) worth(c credit) money.Amount {
	p := c.Position
	amount := p.NextAmount
	switch n := b.some(20); {
	case n < 2:
		amount = money.Amount(1 + b.dice.Int64N(int64(max(p.NextAmount, 1))))
	case n < 4:
		amount = p.Owed
	case n < 5:
		amount = p.Owed + money.Amount(b.dice.Int64N(300_00))
	case n < 7:
		amount = money.Amount(1 + b.dice.Int64N(2000_00))
	case n < 10 && p.Overdue > 0:
		amount = p.Overdue
	case n < 11:
		amount = money.Amount(b.dice.Int64N(3) - 1)
	}
	return amount
}

// valueDay is the day of a deposit: mostly today.
func (b *business) valueDay() quincena.Date {
	switch n := b.some(20); {
	case n < 5:
		return b.today().AddDays(-b.some(25))
	case n < 6:
		return b.today().AddDays(b.some(3) - 1)
	}
	return b.today()
}

// deposit tells the lender of a deposit and counts its cash.
func (b *business) deposit(ctx context.Context, d received, name string, with map[string]any) error {
	with["source"], with["reference"], with["amount"], with["value_date"] = d.source, d.reference, d.amount, b.valueDay()
	isNew := !slices.ContainsFunc(b.keys, func(k received) bool { return k.source == d.source && k.reference == d.reference })
	r, ok, err := b.act(ctx, order{name: name, with: with, actor: "rail:" + d.source})
	if err != nil || !ok {
		return err
	}
	if isNew {
		b.Report.Payments++
		b.cash += d.amount
		b.keys = keep(b.keys, d, 400)
	} else if won(r) {
		return fmt.Errorf("the deposit %s %s was taken twice: %s", d.source, d.reference, r.Outcome)
	}
	return nil
}

// clabe is the CLABE of a loan: prefix, folio in seven digits, check digit.
func clabe(folio string) string {
	digits := strings.TrimPrefix(folio, "V-")
	digits = depositCLABE + strings.Repeat("0", max(0, 7-len(digits))) + digits
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * []int{3, 7, 1}[i%3] % 10
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// reverse takes back any payment of a loan, also one that is a part of a
// distributor's deposit or no deposit at all.
func (b *business) reverse(ctx context.Context) error {
	c, err := b.someLoan(ctx, loan.LoanActive, loan.LoanWrittenOff, loan.LoanSettled, loan.LoanRecovered)
	if err != nil {
		return err
	}
	p, ok := pick(b, c.payments)
	if !ok {
		return errNothing
	}
	o := order{name: "payment.bounce", with: map[string]any{"pago": p.ID.String(), "motivo": "rebotó"}, actor: "agent:luis"}
	if b.odds(50) && p.Operated.IsZero() {
		o = order{name: "payment.reverse", with: map[string]any{"source": p.Source, "reference": p.Reference, "reason": "rebotó"}, actor: "rail:" + p.Source}
	}
	_, ok, err = b.act(ctx, o)
	if err == nil && ok && p.State == loan.PaymentPosted && bringsCash(p.Source) {
		b.cash -= p.Amount
	}
	return err
}

// stray is money that nobody can place.
func (b *business) stray(ctx context.Context) error {
	d := received{source: "stp", reference: fmt.Sprintf("T%d", b.next()), amount: money.Amount(1 + b.dice.Int64N(1500_00))}
	account := fmt.Sprintf("9%07d0", b.some(1000))
	if c, err := b.someLoan(ctx, loan.LoanSettled, loan.LoanPendingDisbursement); err == nil && b.odds(50) {
		account = c.Folio
	}
	return b.deposit(ctx, d, "payment.post", map[string]any{"account": account})
}

// settleStray has people work off the deposits in suspense.
func (b *business) settleStray(ctx context.Context) error {
	p, err := b.suspended(ctx)
	if err != nil {
		return err
	}
	who := []string{"agent:luis", "agent:eva", "agent:sol"}[b.some(3)]
	if p.State == loan.PaymentReturnRequested {
		_, ok, err := b.act(ctx, order{name: "payment.returned", actor: who, with: map[string]any{"pago": p.ID.String(), "rastreo": "RET" + p.Reference}})
		if ok {
			b.cash -= p.Amount
		}
		return err
	}
	with := b.request(map[string]any{"pago": p.ID.String()})
	if b.odds(30) {
		return b.ask(ctx, order{name: "payment.return", actor: who, with: with})
	}
	c, err := b.someLoan(ctx, loan.LoanActive, loan.LoanWrittenOff, loan.LoanSettled)
	if err != nil {
		return err
	}
	with["cuenta"], with["fecha"] = c.Folio, quincena.Date{}
	if b.odds(60) {
		with["fecha"] = b.today()
	}
	return b.ask(ctx, order{name: "payment.match", actor: who, with: with})
}

// suspended draws a deposit that waits for somebody.
func (b *business) suspended(ctx context.Context) (p lending.Payment, err error) {
	var id uuid.UUID
	const waiting = `select id from payment where state in ('UNMATCHED', 'RETURN_REQUESTED') order by received_at desc, reference limit 1 offset $1`
	if err := b.conn.QueryRow(ctx, waiting, b.some(8)).Scan(&id); err != nil {
		return p, noRow(err)
	}
	err = b.read(ctx, func(book *lending.Book) (err error) {
		p, err = book.Payment(id)
		return err
	})
	return p, err
}

// payRelacion has a distributor pay her latest relación, or by the number of an
// older one, with money or out of her commission.
func (b *business) payRelacion(ctx context.Context) error {
	who, ok := pick(b, b.distributors())
	if !ok {
		return errNothing
	}
	var r lending.Relacion
	var found bool
	var d lending.Distributor
	if err := b.read(ctx, func(book *lending.Book) (err error) {
		if d, err = book.Distributor(who.line); err != nil {
			return err
		}
		if r, found, err = book.RelacionOf(who.line); err != nil || !found || r.Previous == uuid.Nil || !b.odds(10) {
			return err
		}
		r, err = book.Relacion(r.Previous)
		return err
	}); err != nil {
		return err
	}
	if !found {
		return errNothing
	}
	in := received{source: []string{"stp", "oxxo"}[b.some(2)], reference: fmt.Sprintf("D%d", b.next()), relacion: true, amount: b.relacionWorth(r)}
	account := []string{r.Reference, r.Folio}[b.some(2)]
	if b.odds(20) {
		in.source, in.amount = lending.SourceCommission, max(1, d.Commission)
		if b.odds(20) {
			in.amount += 1
		}
	}
	name := "relacion.pay"
	if bringsCash(in.source) && b.odds(30) {
		name = "payment.post"
	}
	_, ok, err := b.act(ctx, order{name: name, actor: "rail:" + in.source, with: map[string]any{
		"source": in.source, "reference": in.reference, "account": account, "amount": in.amount, "value_date": b.valueDay(),
	}})
	if err != nil || !ok {
		return err
	}
	b.Report.Payments++
	b.keys = keep(b.keys, in, 400)
	if bringsCash(in.source) {
		b.cash += in.amount
	}
	return nil
}

func (b *business) relacionWorth(r lending.Relacion) money.Amount {
	switch b.some(4) {
	case 0:
		return money.Amount(1 + b.dice.Int64N(int64(max(1, r.Total))))
	case 1:
		return r.Total + money.Amount(b.dice.Int64N(500_00))
	}
	return max(1, r.Uncovered())
}

// reverseRelacion undoes a distributor's deposit with all its parts.
func (b *business) reverseRelacion(ctx context.Context) error {
	k, ok := pick(b, slices.DeleteFunc(slices.Clone(b.keys), func(k received) bool { return !k.relacion }))
	if !ok {
		return errNothing
	}
	out, err := b.posted(ctx, k)
	if err != nil {
		return err
	}
	_, ok, err = b.act(ctx, order{name: "relacion.reverse", actor: "agent:luis", with: map[string]any{
		"source": k.source, "reference": k.reference, "reason": "rebotó",
	}})
	if ok && bringsCash(k.source) {
		b.cash -= out
	}
	return err
}

// posted is what taking back a distributor's deposit would take from the cash:
// its excess and those of its parts that were not taken back by themselves.
func (b *business) posted(ctx context.Context, k received) (money.Amount, error) {
	var sum money.Amount
	err := b.read(ctx, func(book *lending.Book) error {
		d, ok, err := book.DepositByKey(k.source, k.reference)
		if err != nil || !ok || d.State != loan.PaymentPosted {
			return err
		}
		sum = d.Excess
		for _, folio := range d.Folios {
			p, ok, err := book.PaymentByKey(lending.PaymentKey(k.source, k.reference+"/"+folio, quincena.Date{}))
			if err != nil {
				return err
			}
			if ok && p.State == loan.PaymentPosted {
				sum += p.Amount
			}
		}
		return nil
	})
	return sum, err
}
