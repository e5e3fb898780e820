package app

import (
	"cmp"
	"context"
	"slices"

	"valebot/internal/money"
	"valebot/internal/postgres"
	"valebot/internal/sandbox"
)

// story tells the phones page what happened inside: steps and ledger lines.
type story struct {
	store  *postgres.Store
	drafts *drafts
}

// Since implements sandbox.Story.
func (s story) Since(ctx context.Context, seq int64, limit int) ([]sandbox.Line, error) {
	happened, err := s.store.Happened(ctx, seq, limit)
	if err != nil {
		return nil, err
	}
	lines := make([]sandbox.Line, 0, len(happened))
	for _, h := range happened {
		line := sandbox.Line{Seq: h.Seq, At: h.At, Kind: h.Kind, Phone: h.Phone, Flow: h.Flow, Text: h.Text}
		for _, m := range h.Moves {
			line.Moves = append(line.Moves, moveOf(m))
		}
		lines = append(lines, line)
	}
	if note, ok := s.drafts.since(seq); ok {
		lines = append(lines, note)
		slices.SortStableFunc(lines, func(a, b sandbox.Line) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	return lines, nil
}

func moveOf(m postgres.Move) sandbox.Move {
	if m.Cents < 0 {
		return sandbox.Move{Account: m.Account, Credit: money.Amount(-m.Cents).String()}
	}
	return sandbox.Move{Account: m.Account, Debit: money.Amount(m.Cents).String()}
}
