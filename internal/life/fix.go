package life

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// noRow makes nothing to do of a query that found nothing.
func noRow(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errNothing
	}
	return err
}

// request adds what every correction needs. Its key makes asking twice asking
// once.
func (b *business) request(with map[string]any) map[string]any {
	var key [16]byte
	for i := range key {
		key[i] = byte(b.some(256))
	}
	with["motivo"], with["evidencia"], with["pedido"] = "así se acordó", "acta 12", uuid.UUID(key).String()
	return with
}

// ask asks for a correction and remembers its folio.
func (b *business) ask(ctx context.Context, o order) error {
	r, ok, err := b.act(ctx, o)
	if ok {
		b.fixes = keep(b.fixes, r.Value["folio"].(string), 60)
	}
	return err
}

// correct asks for a change of somebody's money.
func (b *business) correct(ctx context.Context) error {
	c, err := b.someLoan(ctx, loan.LoanActive, loan.LoanWrittenOff, loan.LoanSettled, loan.LoanRecovered)
	if err != nil {
		return err
	}
	o := order{actor: []string{"agent:luis", "agent:eva", "cli:sol"}[b.some(3)]}
	amount := money.Amount(1 + b.dice.Int64N(600_00))
	with := map[string]any{"credito": c.ID.String(), "monto": amount}
	switch n := b.some(12); {
	case n < 2:
		o.name = "loan.forgive"
	case n < 4:
		o.name = "loan.goodwill"
	case n < 6:
		o.name = "loan.waive_late"
	case n < 8 && (c.Position.DaysLate > 20 || b.odds(5)):
		o.name, with = "loan.write_off", map[string]any{"credito": c.ID.String()}
	case n < 10:
		p, ok := pick(b, c.payments)
		if !ok {
			return errNothing
		}
		o.name, with = "payment.unapply", map[string]any{"pago": p.ID.String()}
	default:
		credit := b.favour(ctx, c.PersonID)
		if credit <= 0 && b.odds(90) {
			return errNothing
		}
		o.name, with = "credit.refund", map[string]any{"persona": c.PersonID.String(), "monto": max(1, min(amount, credit))}
	}
	o.with = b.request(with)
	return b.ask(ctx, o)
}

// favour is what the books hold in somebody's favour.
func (b *business) favour(ctx context.Context, person uuid.UUID) money.Amount {
	var sum money.Amount
	const held = `select coalesce(-sum(cents), 0)::bigint from ledger_line where account = 'saldo_a_favor' and owner = $1`
	if err := b.conn.QueryRow(ctx, held, person.String()).Scan(&sum); err != nil {
		return 0
	}
	return sum
}

// decide has a second person approve, reject or undo a correction.
func (b *business) decide(ctx context.Context) error {
	folio, ok := pick(b, b.fixes)
	if !ok {
		return errNothing
	}
	was, err := b.correction(ctx, folio)
	if err != nil {
		return err
	}
	o := order{name: "correction.approve", actor: []string{"agent:luis", "agent:eva", "agent:sol"}[b.some(3)], with: map[string]any{"ajuste": folio}}
	if n := b.some(10); n < 1 || was.State == lending.CorrectionDone {
		o.name, o.with = "correction.undo", map[string]any{"ajuste": folio, "motivo": "fue un error"}
	} else if n < 2 {
		o.name, o.with = "correction.reject", map[string]any{"ajuste": folio, "motivo": "no procede"}
	}
	if _, _, err := b.act(ctx, o); err != nil {
		return err
	}
	is, err := b.correction(ctx, folio)
	if err != nil || was.Kind != lending.CorrectRefund {
		return err
	}
	switch {
	case was.State == lending.CorrectionProposed && is.State == lending.CorrectionDone:
		b.cash -= was.Amount
	case was.State == lending.CorrectionDone && is.State == lending.CorrectionUndone:
		b.cash += was.Amount
	}
	return nil
}

func (b *business) correction(ctx context.Context, folio string) (c lending.Correction, err error) {
	err = b.read(ctx, func(book *lending.Book) (err error) {
		c, _, err = book.CorrectionByFolio(folio)
		return err
	})
	return c, err
}

// useCredit pays a loan with what is in its payer's favour.
func (b *business) useCredit(ctx context.Context) error {
	c, err := b.someLoan(ctx, live()...)
	if err != nil {
		return err
	}
	credit := b.favour(ctx, c.PersonID)
	if credit <= 0 && b.odds(80) {
		return errNothing
	}
	with := b.request(map[string]any{"persona": c.PersonID.String(), "credito": c.ID.String(), "monto": max(1, credit/money.Amount(1+b.some(2)))})
	delete(with, "motivo")
	delete(with, "evidencia")
	_, _, err = b.act(ctx, order{name: "credit.apply", with: with, actor: "agent:luis"})
	return err
}

// promise has somebody promise to pay, or a dialogue judge what was promised.
func (b *business) promise(ctx context.Context) error {
	c, err := b.someLoan(ctx, loan.LoanActive)
	if err != nil {
		return err
	}
	o := order{
		name: "promise.create", actor: "flow:recordatorio_pago", person: b.known(c.PersonID).id, about: lending.About{Kind: lending.AboutPayment, ID: c.ID.String()},
		with: map[string]any{"credito": c.ID.String(), "fecha": b.today().AddDays(b.some(12) - 1), "monto": max(1, c.Position.NextAmount)},
	}
	if b.odds(30) {
		var promise uuid.UUID
		if err := b.conn.QueryRow(ctx, `select id from promise where loan_id = $1 order by made_at desc limit 1`, c.ID).Scan(&promise); err != nil {
			return noRow(err)
		}
		o.name, o.with = "promise.break", map[string]any{"promesa": promise.String()}
	}
	_, _, err = b.act(ctx, o)
	return err
}

// replan puts a loan on new dates, asked for by its payer or by the desk.
func (b *business) replan(ctx context.Context) error {
	c, err := b.someLoan(ctx, loan.LoanActive)
	if err != nil {
		return err
	}
	o := order{name: "loan.restructure", actor: "agent:luis", with: map[string]any{"credito": c.ID.String(), "plan": []string{"partes", "mover"}[b.some(2)]}}
	if b.odds(60) {
		o.actor, o.person, o.about = "flow:recordatorio_pago", b.known(c.PersonID).id, lending.About{Kind: lending.AboutPayment, ID: c.ID.String()}
	}
	// The plan moves what is owed today, which the close has to have booked.
	if _, _, err := b.act(ctx, order{name: "loan.close_day", with: map[string]any{"credito": c.ID.String()}}); err != nil {
		return err
	}
	before, err := b.loan(ctx, c.ID)
	if err != nil {
		return err
	}
	owed := before.Position.Owed
	r, ok, err := b.act(ctx, o)
	if err != nil || !ok || r.Outcome != "ok" {
		return err
	}
	if after, err := b.loan(ctx, c.ID); err != nil || after.Position.Owed != owed {
		return fmt.Errorf("a new plan of %s turned %s owed into %s (%v)", c.Folio, owed, after.Position.Owed, err)
	}
	b.now = b.now.Add(1e9)
	return nil
}

// changeDistributor is what the desk does with a distributor.
func (b *business) changeDistributor(ctx context.Context) error {
	d, ok := pick(b, b.distributors())
	if !ok {
		return errNothing
	}
	with := map[string]any{"distribuidora": d.line.String()}
	o := order{actor: "agent:luis", with: with}
	switch b.some(9) {
	case 0:
		o.name, with["linea"] = "distributor.set_line", b.line()
	case 1:
		o.name, with["categoria"] = "distributor.set_category", b.category()
	case 2:
		o.name, with["sucursal"] = "distributor.set_branch", b.branch()
	case 3:
		o.name = "distributor.block"
	case 4, 5, 6:
		o.name = "distributor.unblock"
	case 7:
		o.name = "distributor.unlock"
	default:
		o.name = "distributor.close"
		if b.odds(70) {
			return errNothing
		}
	}
	if o.name != "distributor.unlock" {
		with["motivo"] = "lo pidió"
	}
	_, _, err := b.act(ctx, o)
	return err
}

// changePerson is what the desk does with a person.
func (b *business) changePerson(ctx context.Context) error {
	p, ok := pick(b, b.people)
	if !ok {
		return errNothing
	}
	with := map[string]any{"persona": p.id.String()}
	o := order{actor: "agent:eva", with: with}
	switch b.some(6) {
	case 0:
		o.name = "person.block"
	case 1, 2:
		o.name = "person.unblock"
	case 3, 4:
		o.name = "person.unlock"
	default:
		o.name, with["tope"] = "person.set_limit", money.Pesos(int64(b.some(50))*1000)
	}
	_, _, err := b.act(ctx, o)
	return err
}

// merge makes one person of two records, or two of one again.
func (b *business) merge(ctx context.Context) error {
	kept, ok1 := pick(b, b.people)
	other, ok2 := pick(b, b.people)
	if !ok1 || !ok2 {
		return errNothing
	}
	if other.into != nil && b.odds(60) {
		_, ok, err := b.act(ctx, order{name: "person.unmerge", actor: "agent:luis", with: map[string]any{
			"persona": other.into.id.String(), "telefono": other.phone, "motivo": "eran dos",
		}})
		if ok {
			other.into = nil
		}
		return err
	}
	if other.birth != kept.birth && b.odds(80) { // mostly two that may be one
		_, ok, err := b.act(ctx, order{name: "person.set_birth", actor: "agent:luis", with: map[string]any{"persona": other.id.String(), "nacimiento": kept.birth}})
		if err != nil {
			return err
		}
		if ok {
			other.birth = kept.birth
		}
	}
	r, ok, err := b.act(ctx, order{name: "person.merge", actor: "agent:luis", with: map[string]any{
		"persona": kept.id.String(), "telefono": other.phone, "motivo": "dos chips", "evidencia": "INE",
	}})
	if ok && (r.Outcome == "ok" || r.Outcome == "unchanged") {
		other.into = kept
	}
	return err
}

// takeOver imports a live loan of another system.
func (b *business) takeOver(ctx context.Context) error {
	giver, ok := pick(b, b.distributors())
	taker, ok2 := pick(b, b.people)
	if !ok || !ok2 {
		return errNothing
	}
	amount := money.Pesos(int64(1+b.some(6)) * 1000)
	r, ok, err := b.act(ctx, order{name: "vale.import", with: map[string]any{
		"origen": fmt.Sprintf("VIEJO-%d", b.some(40)), "distribuidora": giver.phone, "cliente": taker.phone, "monto": amount, "quincenas": 8,
		"entrega": b.today().AddDays(-b.some(100)), "saldo": amount / money.Amount(1+b.some(3)), "recargos": money.Pesos(int64(b.some(3)) * 60),
	}})
	if err != nil || !ok {
		return err
	}
	if id := uuid.MustParse(r.Value["id"].(string)); !slices.Contains(b.loans, id) && r.Outcome == "created" {
		b.loans = append(b.loans, id)
		b.Report.Loans++
	}
	return nil
}
