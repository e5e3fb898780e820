package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/postgres"
	"valebot/internal/rail"
	"valebot/internal/rail/atm"
	"valebot/internal/rail/spei"
)

// payouts makes the calls to the rails. A call whose outcome is unknown is
// never made again before the rail was asked how it stands.
type payouts struct {
	orders interface {
		PayoutOrder(ctx context.Context, id uuid.UUID) (postgres.PayoutOrder, error)
	}
	atm  *atm.Client  // nil if none is configured
	spei *spei.Client // nil if none is configured
	act  func(ctx context.Context, actor, cause, name string, with map[string]any) error
	// recheck is how long a rail that has taken a request may stay silent before it
	// is asked: its event may have been lost.
	recheck time.Duration
}

// run makes one call. It is a postgres.RailRunner.
func (p *payouts) run(ctx context.Context, call lending.RailCall, first bool) error {
	order, err := p.orders.PayoutOrder(ctx, call.Disbursement)
	if err != nil {
		return err
	}
	d := order.Disbursement
	if call.Op != "cancel" && d.State != loan.DisbursementSending && d.State != loan.DisbursementUnknown {
		return nil // the rail's event has already settled it
	}
	name, with, err := p.ask(ctx, call, order, first)
	switch {
	case errors.Is(err, rail.ErrUnknown):
		if d.State == loan.DisbursementSending {
			if actErr := p.tell(ctx, d, "rail.unknown", map[string]any{"disbursement": d.ID.String()}); actErr != nil {
				return errors.Join(err, actErr)
			}
		}
		return err
	case err != nil:
		return err
	case name == "":
		return postgres.Again{After: p.recheck}
	}
	return p.tell(ctx, d, name, with)
}

// tell gives the lending core what the rail said. A refusal for good is the end
// of the job: the core has its reasons and has noted them.
func (p *payouts) tell(ctx context.Context, d lending.Disbursement, name string, with map[string]any) error {
	err := p.act(ctx, "rail:"+string(d.Rail), d.ID.String(), name, with)
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// ask calls the rail and returns the action that tells what it said, if anything.
func (p *payouts) ask(ctx context.Context, call lending.RailCall, order postgres.PayoutOrder, first bool) (string, map[string]any, error) {
	switch {
	case call.Rail == lending.RailATM && p.atm != nil:
		code, err := p.askATM(ctx, call.Op, order, first)
		if err != nil {
			return "", nil, err
		}
		name, with, _ := code.Action()
		return name, with, nil
	case call.Rail == lending.RailSPEI && p.spei != nil:
		transfer, err := p.askSPEI(ctx, order, first)
		if err != nil {
			return "", nil, err
		}
		name, with, _ := transfer.Action()
		return name, with, nil
	case call.Rail == lending.RailATM:
		return "rail.code_rejected", map[string]any{"disbursement": order.Disbursement.ID.String(), "reason": "sin emisor configurado"}, nil
	case call.Rail == lending.RailSPEI:
		return "rail.transfer_rejected", map[string]any{"disbursement": order.Disbursement.ID.String(), "reason": "sin banco configurado"}, nil
	}
	return "", nil, fmt.Errorf("no rail %q", call.Rail)
}

func (p *payouts) askATM(ctx context.Context, op string, order postgres.PayoutOrder, first bool) (atm.Code, error) {
	d := order.Disbursement
	if op == "cancel" {
		return p.atm.Cancel(ctx, d.ID)
	}
	if !first {
		code, err := p.atm.Query(ctx, d.ID)
		if !errors.Is(err, rail.ErrAbsent) {
			return code, err
		}
	}
	return p.atm.Issue(ctx, atm.Request{ID: d.ID, Amount: d.Amount, Phone: order.Phone})
}

func (p *payouts) askSPEI(ctx context.Context, order postgres.PayoutOrder, first bool) (spei.Transfer, error) {
	d := order.Disbursement
	if !first {
		transfer, err := p.spei.Query(ctx, d.ID)
		if !errors.Is(err, rail.ErrAbsent) {
			return transfer, err
		}
	}
	return p.spei.Send(ctx, spei.Order{
		ID: d.ID, CLABE: d.Account, Amount: d.Amount, Name: order.Name, Concept: "Vale " + order.Folio, Rastreo: d.Rastreo,
	})
}
