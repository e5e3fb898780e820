package clockwork

import (
	"context"
	"fmt"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/quincena"
)

// CorteStore is what cutting needs of the database.
type CorteStore interface {
	// Branches lists the branches that have distributors, sorted.
	Branches(ctx context.Context) ([]string, error)
	// Corte reads a corte by its id.
	Corte(ctx context.Context, id string) (lending.Corte, error)
	// DistributorsToCut lists up to limit distributors of a corte after an id, in
	// their order, that have active loans and no relación in it yet.
	DistributorsToCut(ctx context.Context, corte, after string, limit int) ([]string, error)
	// LateRelaciones lists up to limit relaciones after an id whose date is past
	// and that nobody has noted as late.
	LateRelaciones(ctx context.Context, today quincena.Date, after string, limit int) ([]string, error)
}

// ActMany runs an action once per set of inputs, in one transaction.
type ActMany func(ctx context.Context, actor, cause, name string, with []map[string]any) ([]lending.Result, error)

// Cutter makes the cortes that are due and notes which relaciones are late. It
// may be broken off anywhere and run again: a corte that is closing goes on with
// the distributors that have no relación yet.
type Cutter struct {
	Store    CorteStore
	Act      ActMany
	Batch    int             // distributors in a transaction
	Progress func(CorteDone) // hears of every batch; may be nil
	Actor    string          // who asks: "clockwork", "cli"
}

// CorteDone is what cutting a branch did.
type CorteDone struct {
	Branch     string        `json:"branch"`
	Corte      string        `json:"corte"`
	From       quincena.Date `json:"from"`
	To         quincena.Date `json:"to"`
	CutOn      quincena.Date `json:"cut_on"`
	State      string        `json:"state"`
	Relaciones int           `json:"relaciones"` // made now
	Empty      int           `json:"empty"`      // distributors with nothing to pay
}

// Run cuts every branch whose day has come, and catches up with days that were
// missed. It returns one line per corte that it opened, went on with or found
// waiting for its day.
func (c Cutter) Run(ctx context.Context, today quincena.Date) ([]CorteDone, error) {
	branches, err := c.Store.Branches(ctx)
	if err != nil {
		return nil, err
	}
	var all []CorteDone
	for _, branch := range branches {
		for {
			done, err := c.Branch(ctx, branch, today)
			if err != nil {
				return all, fmt.Errorf("cut %s: %w", branch, err)
			}
			if all = append(all, done); done.State != string(loan.CorteClosed) {
				break
			}
		}
	}
	return all, nil
}

// Branch goes on with the corte of a branch that is not closed, opening the next
// if there is none, and closes it if its day has come.
func (c Cutter) Branch(ctx context.Context, branch string, today quincena.Date) (CorteDone, error) {
	id, err := c.open(ctx, branch)
	if err != nil {
		return CorteDone{}, err
	}
	corte, err := c.Store.Corte(ctx, id)
	if err != nil {
		return CorteDone{}, err
	}
	done := CorteDone{Branch: branch, Corte: id, From: corte.From, To: corte.To, CutOn: corte.CutOn, State: string(corte.State)}
	if today.Before(corte.CutOn) {
		return done, nil
	}
	if err := c.one(ctx, "corte.start", id); err != nil {
		return done, err
	}
	done.State = string(loan.CorteClosing)
	if err := c.relaciones(ctx, &done); err != nil {
		return done, err
	}
	if err := c.one(ctx, "corte.finish", id); err != nil {
		return done, err
	}
	done.State = string(loan.CorteClosed)
	return done, nil
}

func (c Cutter) open(ctx context.Context, branch string) (string, error) {
	results, err := c.Act(ctx, c.Actor, "corte:"+branch, "corte.open", []map[string]any{{"sucursal": branch}})
	if err != nil {
		return "", err
	}
	return results[0].Value["id"].(string), nil
}

func (c Cutter) one(ctx context.Context, name, corte string) error {
	_, err := c.Act(ctx, c.Actor, "corte:"+corte, name, []map[string]any{{"corte": corte}})
	return err
}

// relaciones makes those that a corte lacks, set by set.
func (c Cutter) relaciones(ctx context.Context, done *CorteDone) error {
	after := ""
	for {
		ids, err := c.Store.DistributorsToCut(ctx, done.Corte, after, c.Batch)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		with := make([]map[string]any, len(ids))
		for i, id := range ids {
			with[i] = map[string]any{"corte": done.Corte, "distribuidora": id}
		}
		results, err := c.Act(ctx, c.Actor, "corte:"+done.Corte, "relacion.generate", with)
		if err != nil {
			return err
		}
		for _, r := range results {
			switch r.Outcome {
			case "ok":
				done.Relaciones++
			case "nothing":
				done.Empty++
			}
		}
		if c.Progress != nil {
			c.Progress(*done)
		}
	}
}

// Late notes which relaciones are past their date, and returns how many.
func (c Cutter) Late(ctx context.Context, today quincena.Date) (int, error) {
	n, after := 0, ""
	for {
		ids, err := c.Store.LateRelaciones(ctx, today, after, c.Batch)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		after = ids[len(ids)-1]
		with := make([]map[string]any, len(ids))
		for i, id := range ids {
			with[i] = map[string]any{"relacion": id}
		}
		if _, err := c.Act(ctx, c.Actor, "late:"+today.String(), "relacion.expire", with); err != nil {
			return n, err
		}
		n += len(ids)
	}
}
