package lending

import (
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/money"
)

// The movements of a distributor's credit line. Each changes her row and the
// memo accounts of the ledger together, so that the two can be compared:
// limit = available + held + used, none below zero.

// errLineExceeded is the refusal of a vale that the line does not cover.
var errLineExceeded = fault.New(fault.Limited, "line_exceeded", "La línea disponible no alcanza para ese monto.")

// holdLine sets an amount apart for an authorised vale.
func (a *act) holdLine(d Distributor, amount money.Amount, folio string) (Distributor, error) {
	if amount > d.Available() {
		return d, errLineExceeded
	}
	d.Held += amount
	a.b.PutDistributor(d)
	return d, a.post("línea apartada "+folio, ledger.HoldLine(d.ID.String(), amount)...)
}

// releaseHold gives back what was held for a vale that came to nothing.
func (a *act) releaseHold(distributor uuid.UUID, amount money.Amount, folio string) error {
	d, err := a.b.Distributor(distributor)
	if err != nil {
		return err
	}
	d.Held -= amount
	a.b.PutDistributor(d)
	return a.post("línea liberada "+folio, ledger.ReleaseHold(d.ID.String(), amount)...)
}

// useLine turns a hold into use when a vale is accepted.
func (a *act) useLine(distributor uuid.UUID, amount money.Amount, memo string) error {
	d, err := a.b.Distributor(distributor)
	if err != nil {
		return err
	}
	d.Held -= amount
	d.Used += amount
	a.b.PutDistributor(d)
	return a.post(memo, ledger.UseLine(d.ID.String(), amount)...)
}

// restoreLine makes paid capital available again, or takes it back where a
// payment was undone. It takes back no more than is available: what she has
// lent again meanwhile stays lent, and the loan remembers how much it released.
// It returns what really moved.
func (a *act) restoreLine(distributor uuid.UUID, amount money.Amount, folio string) (money.Amount, error) {
	d, err := a.b.Distributor(distributor)
	if err != nil {
		return 0, err
	}
	amount = max(amount, -d.Available())
	if amount == 0 {
		return 0, nil
	}
	d.Used -= amount
	a.b.PutDistributor(d)
	return amount, a.post("línea repuesta "+folio, ledger.RestoreLine(d.ID.String(), amount)...)
}

// post adds a balanced entry. Lines that cancel out make no entry.
func (a *act) post(memo string, lines ...ledger.Line) error {
	lines = ledger.Net(lines...)
	if len(lines) == 0 {
		return nil
	}
	e, err := ledger.NewEntry(a.NewID().String(), a.Now, a.Cause, memo, lines...)
	if err != nil {
		return err
	}
	a.b.Entries = append(a.b.Entries, e)
	return nil
}
