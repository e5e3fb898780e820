package postgres

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
)

func TestAnUpdateGrowsTheRevision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	for want := int64(2); want < 5; want++ {
		b.must(b.write(func(book *lending.Book) error {
			p, err := book.Person(w.ana.ID)
			p.Broken++
			if err == nil {
				book.PutPerson(p)
			}
			return err
		}))
		key := lending.Key{Kind: lending.KindPerson, ID: w.ana.ID.String()}
		if record := b.load(key).At(key); record.Rev != want || record.Value.(lending.Person).Broken != int(want) {
			t.Errorf("record = %+v, want revision %d", record, want)
		}
	}
}

// Every kind of entity refuses a write whose revision is old, and writes
// nothing of the whole Book.
func TestAStaleWriteIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	changes := map[string]func(*lending.Book){
		"person":          func(book *lending.Book) { book.PutPerson(w.ana) },
		"distributor":     func(book *lending.Book) { book.PutDistributor(w.distributor) },
		"vale":            func(book *lending.Book) { book.PutVale(w.vale) },
		"loan":            func(book *lending.Book) { book.PutLoan(w.loan) },
		"disbursement":    func(book *lending.Book) { book.PutDisbursement(w.disbursement) },
		"withdrawal_code": func(book *lending.Book) { book.PutCode(w.code) },
		"payment":         func(book *lending.Book) { book.PutPayment(w.payment) },
		"promise":         func(book *lending.Book) { book.PutPromise(w.promise) },
		"contact":         func(book *lending.Book) { book.PutContact(w.contact) },
	}
	for table, change := range changes {
		t.Run(table, func(t *testing.T) {
			err := b.inTx(func(ctx context.Context, tx pgx.Tx) error {
				book := lending.NewBook()
				var keys []lending.Key
				for _, one := range w.all() {
					keys = append(keys, one.key)
				}
				if err := fetch(ctx, tx, b.Store, book, keys); err != nil {
					return err
				}
				change(book)
				book.Audits = []lending.Audit{{Actor: "test", Action: "x", Outcome: table}}
				if err := b.exec("update " + table + " set rev = rev + 1"); err != nil {
					return err
				}
				return writeBook(ctx, tx, b.vault, book, b.now, newID)
			})
			if fault.KindOf(err) != fault.Conflict || fault.CodeOf(err) != "stale" {
				t.Errorf("writeBook = %v, want stale", err)
			}
		})
	}
	var written int
	b.must(b.pool.QueryRow(b.Context(), "select count(*) from audit").Scan(&written))
	if written != 0 {
		t.Errorf("%d audit lines of refused transactions", written)
	}
}

// The doors through which money passes, tried past every check of the actions.
func TestUniqueKeysAtTheDoors(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	tests := []struct {
		name string
		door *fault.Fault
		put  func(*lending.Book)
	}{
		{"a second live attempt for a loan", errPayoutLive, func(book *lending.Book) {
			x := w.disbursement
			x.ID, x.State, x.Rastreo = newID(), loan.DisbursementSending, "VB2"
			book.PutDisbursement(x)
		}},
		{"a clave de rastreo used again", errRastreo, func(book *lending.Book) {
			x := w.disbursement
			x.ID, x.State = newID(), loan.DisbursementRejected
			book.PutDisbursement(x)
		}},
		{"the same deposit again", errPayment, func(book *lending.Book) {
			p := w.payment
			p.ID = newID()
			book.PutPayment(p)
		}},
		{"a second open promise", errPromiseOpen, func(book *lending.Book) {
			p := w.promise
			p.ID = newID()
			book.PutPromise(p)
		}},
		{"a second loan of a vale", errLoanExists, func(book *lending.Book) {
			l := w.loan
			l.ID, l.Folio, l.Reference = newID(), "V-00018", "00000188"
			book.PutLoan(l)
		}},
		{"a phone that is somebody's", errPhone, func(book *lending.Book) {
			p := w.ana
			p.ID = newID()
			book.PutPerson(p)
		}},
		{"a person who is two distributors", errKnown, func(book *lending.Book) {
			d := w.distributor
			d.ID = newID()
			book.PutDistributor(d)
		}},
		{"a folio used again", errKnown, func(book *lending.Book) {
			v := w.vale
			v.ID, v.State, v.LoanID = newID(), loan.ValeAuthorised, uuid.Nil
			book.PutVale(v)
		}},
		{"a payment reference used again", errKnown, func(book *lending.Book) {
			v, l := w.vale, w.loan
			v.ID, v.Folio, v.LoanID = newID(), "V-00019", newID()
			l.ID, l.ValeID, l.Folio = v.LoanID, v.ID, v.Folio
			book.PutVale(v)
			book.PutLoan(l)
		}},
		{"a contact made twice", errKnown, func(book *lending.Book) { book.PutContact(w.contact) }},
		{"a complaint's folio used again", errKnown, func(book *lending.Book) {
			c := w.complaint
			c.ID = newID()
			book.PutComplaint(c)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := b.write(func(book *lending.Book) error {
				tt.put(book)
				return nil
			})
			if fault.KindOf(err) != fault.Conflict || !wasStale(err) || !errors.Is(err, tt.door) {
				t.Errorf("write = %v, want stale because %s", err, tt.door.Code)
			}
		})
	}
}

func TestAnotherAttemptAfterAFailedOne(t *testing.T) {
	t.Parallel()
	for _, state := range []loan.DisbursementState{loan.DisbursementRejected, loan.DisbursementReturned, loan.DisbursementCancelled} {
		b := newBench(t)
		w := newTown(b)
		w.disbursement.State = state
		b.must(b.write(func(book *lending.Book) error {
			w.put(book)
			x := w.disbursement
			x.ID, x.State, x.Rastreo = newID(), loan.DisbursementCreated, "VB2"
			book.AddDisbursement(x)
			return nil
		}))
	}
}

func TestTheDatabaseRefusesWhatGoWouldNot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	tests := map[string]func(*lending.Book){
		"a vale of nothing": func(book *lending.Book) {
			v := w.vale
			v.ID, v.Folio, v.Quote.Terms.Principal = newID(), "V-2", 0
			book.PutVale(v)
		},
		"a vale that is converted without a loan": func(book *lending.Book) {
			v := w.vale
			v.ID, v.Folio, v.LoanID = newID(), "V-3", uuid.Nil
			book.PutVale(v)
		},
		"a vale of nobody": func(book *lending.Book) {
			v := w.vale
			v.ID, v.Folio, v.LoanID, v.PersonID = newID(), "V-4", newID(), newID()
			book.PutVale(v)
		},
		"an event for nobody": func(book *lending.Book) {
			book.Emits = []lending.Emit{{Key: "k", PersonID: newID(), Name: "x"}}
		},
		"a negative debt": func(book *lending.Book) {
			l := w.loan
			l.ID, l.Position.Owed = newID(), -1
			book.PutLoan(l)
		},
	}
	for name, put := range tests {
		err := b.write(func(book *lending.Book) error {
			put(book)
			return nil
		})
		if err == nil || wasStale(err) {
			t.Errorf("%s: write = %v", name, err)
		}
	}
}

// A line out of its bounds can only come from a torn read, so it is refused as
// stale, and the whole decision is taken again on what holds now.
func TestALineBeyondItsLimitIsATornRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	for name, change := range map[string]func(*lending.Distributor){
		"held beyond the limit": func(d *lending.Distributor) { d.Held = 20000_00 },
		"held below nothing":    func(d *lending.Distributor) { d.Held = -1 },
		"used below nothing":    func(d *lending.Distributor) { d.Used = -1 },
	} {
		err := b.write(func(book *lending.Book) error {
			d := w.distributor
			d.ID, d.PersonID = newID(), w.ana.ID
			change(&d)
			book.PutDistributor(d)
			return nil
		})
		if !errors.Is(err, errTorn) || !wasStale(err) {
			t.Errorf("%s: write = %v", name, err)
		}
	}
}

// Twenty transactions take from one line at once. Each that was too slow runs
// again; none is lost, and the ledger says the same as the row.
func TestConcurrentTransactionsLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	before, err := b.Verify(t.Context())
	b.must(err)
	const takers = 20
	var group sync.WaitGroup
	for range takers {
		group.Go(func() {
			for {
				err := b.write(func(book *lending.Book) error { return holdHundred(b, book, w.distributor.ID) })
				if err == nil {
					return
				}
				if !wasStale(err) {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	key := lending.Key{Kind: lending.KindDistributor, ID: w.distributor.ID.String()}
	d := b.load(key).At(key).Value.(lending.Distributor)
	if d.Held != takers*100_00 {
		t.Errorf("held = %s, want %d times $100", d.Held, takers)
	}
	r, err := b.Verify(t.Context())
	if err != nil || len(r.Differences) != 0 || r.Entries != before.Entries+takers {
		t.Errorf("Verify = %+v, %v", r, err)
	}
}

// wasStale reports whether the engine would run everything again.
func wasStale(err error) bool { return fault.CodeOf(err) == "stale" }

func holdHundred(b bench, book *lending.Book, distributor uuid.UUID) error {
	d, err := book.Distributor(distributor)
	if err != nil {
		return err
	}
	d.Held += 100_00
	book.PutDistributor(d)
	e, err := ledger.NewEntry(newID().String(), b.now, "c", "m", ledger.HoldLine(d.ID.String(), 100_00)...)
	book.Entries = append(book.Entries, e)
	return err
}

// What is secret is nowhere in the tables, in any column, as text or as bytes.
func TestSecretsAreEncrypted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	b.must(b.write(func(book *lending.Book) error {
		book.Emits = []lending.Emit{{Key: "k", PersonID: w.ana.ID, Name: "payout.code", Data: map[string]any{"clave": secretDigits}}}
		return nil
	}))
	rows, err := b.pool.Query(t.Context(), "select table_name from information_schema.tables where table_schema = 'public'")
	b.must(err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	b.must(err)
	seen := 0
	for _, table := range tables {
		var dump string
		b.must(b.pool.QueryRow(t.Context(), `select coalesce(string_agg(t::text, e'\n'), '') from `+pgx.Identifier{table}.Sanitize()+` t`).Scan(&dump))
		seen += len(dump)
		for name, secret := range map[string]string{"code": secretDigits, "CLABE": secretCLABE, "birth": secretBirth, "reply": secretReply} {
			if strings.Contains(dump, secret) || strings.Contains(dump, hexOf(secret)) {
				t.Errorf("table %s shows the %s", table, name)
			}
		}
	}
	if seen < 1000 {
		t.Errorf("the dump has only %d bytes: it shows nothing", seen)
	}
}

func hexOf(s string) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for i := range len(s) {
		out.WriteByte(digits[s[i]>>4])
		out.WriteByte(digits[s[i]&15])
	}
	return out.String()
}

// A field copied to another row does not open there.
func TestASealedFieldBelongsToItsRow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	b.must(b.exec("update person set birth = (select birth from person where id = $1) where id = $2", w.ana.ID, w.maria.ID))
	err := b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		return fetch(ctx, tx, b.Store, lending.NewBook(), []lending.Key{{Kind: lending.KindPerson, ID: w.maria.ID.String()}})
	})
	if err == nil || strings.Contains(err.Error(), secretBirth) {
		t.Errorf("fetch = %v", err)
	}
}

func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	settle(b)
	b.must(b.write(func(book *lending.Book) error {
		book.Audits = []lending.Audit{
			{Actor: "flow:x", Action: "vale.accept", Subject: lending.Key{Kind: lending.KindVale, ID: "1"}, Outcome: "ok", Cause: "e1", Detail: "d"},
			{Actor: "cli", Action: "seed", Outcome: "ok"},
		}
		return nil
	}))
	var actor, action, kind, outcome, detail string
	b.must(b.pool.QueryRow(t.Context(), "select actor, action, subject_kind, outcome, detail from audit where cause = 'e1'").
		Scan(&actor, &action, &kind, &outcome, &detail))
	if actor != "flow:x" || action != "vale.accept" || kind != "vale" || outcome != "ok" || detail != "d" {
		t.Errorf("audit = %s %s %s %s %s", actor, action, kind, outcome, detail)
	}
	for _, sql := range []string{
		"update audit set outcome = 'no'", "delete from audit",
		"update ledger_entry set memo = 'x'", "delete from ledger_entry", "update ledger_entry set cents = cents",
	} {
		if err := b.exec(sql); err == nil || !strings.Contains(err.Error(), "append only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestARefusalThatNobodyKnowsStaysItself(t *testing.T) {
	t.Parallel()
	plain := errors.New("disk full")
	if got := translate(plain); got != plain || wasStale(got) || wasStale(nil) {
		t.Errorf("translate = %v", got)
	}
}
