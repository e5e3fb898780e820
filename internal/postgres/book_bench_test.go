package postgres

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
)

// BenchmarkBook loads and writes what authorising one vale takes (a
// distributor, a person, a new vale, a ledger entry, an event, an audit line),
// in transactions of several vales. One operation is one vale.
func BenchmarkBook(b *testing.B) {
	for _, group := range []int{1, 8, 32, 128} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			s := newBench(b)
			w := newTown(s)
			lines := make([]lending.Distributor, group)
			s.must(s.write(func(book *lending.Book) error {
				book.PutPerson(w.ana)
				for i := range lines {
					p, d := w.maria, w.distributor
					p.ID, p.Phone = newID(), fmt.Sprintf("+52667%07d", i)
					d.ID, d.PersonID, d.Used = newID(), p.ID, 0
					lines[i] = d
					book.PutPerson(p)
					book.PutDistributor(d)
				}
				return nil
			}))
			folio := 0
			for b.Loop() {
				folio++
				if folio%group == 0 {
					s.must(s.authoriseAll(w, lines, folio))
				}
			}
		})
	}
}

func (b bench) authoriseAll(w town, lines []lending.Distributor, folio int) error {
	return b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		book := lending.NewBook()
		keys := []lending.Key{{Kind: lending.KindPerson, ID: w.ana.ID.String()}}
		for _, d := range lines {
			keys = append(keys, lending.Key{Kind: lending.KindDistributor, ID: d.ID.String()})
		}
		if err := fetch(ctx, tx, b.Store, book, keys); err != nil {
			return err
		}
		for i := range lines {
			d, err := book.Distributor(lines[i].ID)
			if err != nil {
				return err
			}
			d.PINFails++
			book.PutDistributor(d)
			v := w.vale
			v.ID, v.Folio, v.DistributorID = newID(), fmt.Sprintf("V-%d-%d", folio, i), d.ID
			v.State, v.LoanID = loan.ValeAuthorised, uuid.Nil
			book.PutVale(v)
			e, err := ledger.NewEntry(newID().String(), b.now, "c", "m", ledger.HoldLine(d.ID.String(), 100_00)...)
			if err != nil {
				return err
			}
			book.Entries = append(book.Entries, e)
			book.Emits = append(book.Emits, lending.Emit{Key: v.Folio, PersonID: w.ana.ID, Name: "vale.authorized"})
			book.Audits = append(book.Audits, lending.Audit{Actor: "bench", Action: "vale.authorize", Outcome: "ok"})
		}
		return writeBook(ctx, tx, b.vault, book, b.now, newID)
	})
}
