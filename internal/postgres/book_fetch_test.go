package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
)

// keyed is an entity under its key.
type keyed struct {
	key   lending.Key
	value any
}

func (w town) all() []keyed {
	key := func(k lending.Kind, id uuid.UUID) lending.Key { return lending.Key{Kind: k, ID: id.String()} }
	return []keyed{
		{key(lending.KindPerson, w.maria.ID), w.maria},
		{key(lending.KindPerson, w.ana.ID), w.ana},
		{key(lending.KindDistributor, w.distributor.ID), w.distributor},
		{key(lending.KindVale, w.vale.ID), w.vale},
		{key(lending.KindLoan, w.loan.ID), w.loan},
		{key(lending.KindDisbursement, w.disbursement.ID), w.disbursement},
		{key(lending.KindCode, w.code.ID), w.code},
		{key(lending.KindPayment, w.payment.ID), w.payment},
		{key(lending.KindPromise, w.promise.ID), w.promise},
		{key(lending.KindComplaint, w.complaint.ID), w.complaint},
		{key(lending.KindRequest, w.request.ID), w.request},
		{key(lending.KindCorte, w.corte.ID), w.corte},
		{key(lending.KindRelacion, w.relacion.ID), w.relacion},
		{key(lending.KindRelacionRows, w.relacion.ID), w.rows},
		{key(lending.KindDeposit, w.deposit.ID), w.deposit},
		{key(lending.KindPayment, w.stray.ID), w.stray},
		{key(lending.KindCorrection, w.correction.ID), w.correction},
		{key(lending.KindReferral, w.referral.ID), w.referral},
		{lending.Key{Kind: lending.KindContact, ID: w.contact.Key}, w.contact},
	}
}

func TestEveryEntitySurvivesTheStore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	var keys []lending.Key
	for _, one := range w.all() {
		keys = append(keys, one.key)
	}
	book := b.load(keys...)
	for _, one := range w.all() {
		record := book.At(one.key)
		if record == nil || record.Rev != 1 || record.Dirty {
			t.Errorf("%s: record %+v", one.key.Kind, record)
			continue
		}
		if diff := cmp.Diff(one.value, record.Value, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-written +read):\n%s", one.key.Kind, diff)
		}
	}
	read, err := book.Vale(w.vale.ID)
	if err != nil || !read.Quote.Intact() || read.Quote.Terms.Hash() != w.vale.TermsHash {
		t.Errorf("terms read back have hash %s, want %s (%v)", read.Quote.Terms.Hash(), w.vale.TermsHash, err)
	}
}

// What is unknown stays unknown, and comes back as a zero value.
func TestEmptyFieldsSurviveTheStore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newTown(b)
	w.ana.Birth, w.ana.LockedUntil = w.maria.Birth, w.maria.LockedUntil
	w.distributor.Terms, w.distributor.LockedUntil = nil, w.maria.LockedUntil
	w.vale.State, w.vale.LoanID, w.vale.Evidence, w.vale.AcceptedAt = loan.ValeAuthorised, uuid.Nil, lending.Evidence{}, w.maria.LockedUntil
	w.contact = lending.Contact{Key: "whatsapp:abc"}
	w.complaint.PersonID, w.complaint.Answered = uuid.Nil, w.maria.LockedUntil
	b.must(b.write(func(book *lending.Book) error {
		book.PutPerson(w.maria)
		book.PutPerson(w.ana)
		book.PutDistributor(w.distributor)
		book.AddVale(w.vale)
		book.PutContact(w.contact)
		book.PutComplaint(w.complaint)
		return nil
	}))
	for _, one := range w.all() {
		switch one.key.Kind {
		case lending.KindPerson, lending.KindDistributor, lending.KindVale, lending.KindContact, lending.KindComplaint:
			got := b.load(one.key).At(one.key).Value
			if diff := cmp.Diff(one.value, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-written +read):\n%s", one.key.Kind, diff)
			}
		}
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	open := w.vale
	open.ID, open.Folio, open.State, open.LoanID = newID(), "V-00018", loan.ValeOffered, uuid.Nil
	closed := open
	closed.ID, closed.Folio, closed.State = newID(), "V-00019", loan.ValeExpired
	early := w.payment
	early.ID, early.Reference, early.ValueDate = newID(), "R0", w.payment.ValueDate.AddDays(-1)
	b.must(b.write(func(book *lending.Book) error {
		book.PutVale(open)
		book.PutVale(closed)
		book.PutPayment(early)
		return nil
	}))
	anaID, valeID, loanID := w.ana.ID.String(), w.vale.ID.String(), w.loan.ID.String()
	tests := []struct {
		kind lending.Kind
		id   string
		of   lending.Kind
		want []string
	}{
		{lending.KindPersonByPhone, w.ana.Phone, lending.KindPerson, []string{anaID}},
		{lending.KindPersonByPhone, "+520000000000", lending.KindPerson, nil},
		{lending.KindDistributorByPerson, w.maria.ID.String(), lending.KindDistributor, []string{w.distributor.ID.String()}},
		{lending.KindDistributorByPerson, anaID, lending.KindDistributor, nil},
		{lending.KindValesByPerson, anaID, lending.KindVale, []string{open.ID.String()}},
		{lending.KindLoansByPerson, anaID, lending.KindLoan, []string{loanID}},
		{lending.KindDisbursementsByVale, valeID, lending.KindDisbursement, []string{w.disbursement.ID.String()}},
		{lending.KindPaymentsByLoan, loanID, lending.KindPayment, []string{early.ID.String(), w.payment.ID.String()}},
		{lending.KindPaymentByKey, "panel|R1", lending.KindPayment, []string{w.payment.ID.String()}},
		{lending.KindPaymentByKey, "stp@2026-03-02|RASTREO1", lending.KindPayment, []string{w.stray.ID.String()}},
		{lending.KindPaymentByKey, "stp@2026-03-03|RASTREO1", lending.KindPayment, nil},
		{lending.KindPaymentByKey, "stp|RASTREO1", lending.KindPayment, nil},
		{lending.KindPaymentsByPerson, anaID, lending.KindPayment, []string{early.ID.String(), w.payment.ID.String()}},
		{lending.KindPaymentsByPerson, w.maria.ID.String(), lending.KindPayment, nil},
		{lending.KindCorrectionsByPerson, anaID, lending.KindCorrection, []string{w.correction.ID.String()}},
		{lending.KindCorrectionByFolio, "A-00002", lending.KindCorrection, []string{w.correction.ID.String()}},
		{lending.KindCorrectionByFolio, "A-00009", lending.KindCorrection, nil},
		{lending.KindRequestsByPerson, anaID, lending.KindRequest, []string{w.request.ID.String()}},
		{lending.KindRequestsByPerson, w.maria.ID.String(), lending.KindRequest, nil},
		{lending.KindLoansByDistributor, w.distributor.ID.String(), lending.KindLoan, []string{loanID}},
		{lending.KindCorteByBranch, "centro", lending.KindCorte, []string{w.corte.ID.String()}},
		{lending.KindCorteByBranch, "sur", lending.KindCorte, nil},
		{lending.KindRelacionBy, w.distributor.ID.String(), lending.KindRelacion, []string{w.relacion.ID.String()}},
		{lending.KindRelacionBy, anaID, lending.KindRelacion, nil},
		{lending.KindRelacionByReference, w.relacion.Reference, lending.KindRelacion, []string{w.relacion.ID.String()}},
		{lending.KindRelacionByReference, w.relacion.Folio, lending.KindRelacion, []string{w.relacion.ID.String()}},
		{lending.KindDepositByKey, "stp|D1", lending.KindDeposit, []string{w.deposit.ID.String()}},
		{lending.KindDepositByKey, "stp|D2", lending.KindDeposit, nil},
		{lending.KindDepositsBy, w.distributor.ID.String(), lending.KindDeposit, []string{w.deposit.ID.String()}},
		{lending.KindDepositsBy, loanID, lending.KindDeposit, nil},
		{lending.KindComplaintsByPerson, anaID, lending.KindComplaint, []string{w.complaint.ID.String()}},
		{lending.KindComplaintsByPerson, w.maria.ID.String(), lending.KindComplaint, nil},
		{lending.KindReferralByWord, w.referral.Word, lending.KindReferral, []string{w.referral.ID.String()}},
		{lending.KindReferralByWord, "AMIGA-2A2A2A", lending.KindReferral, nil},
		{lending.KindReferralsBy, w.maria.ID.String(), lending.KindReferral, []string{w.referral.ID.String()}},
		{lending.KindReferralsBy, anaID, lending.KindReferral, nil},
		{lending.KindPaymentByKey, "panel|R9", lending.KindPayment, nil},
		{lending.KindPaymentByKey, "panel", lending.KindPayment, nil},
		{lending.KindPromisesByLoan, loanID, lending.KindPromise, []string{w.promise.ID.String()}},
		{lending.KindLoanByReference, "00000179", lending.KindLoan, []string{loanID}},
		{lending.KindLoanByReference, "V-00017", lending.KindLoan, []string{loanID}},
		{lending.KindLoanByReference, "V-99999", lending.KindLoan, nil},
		{lending.KindLoansByPerson, "no es un id", lending.KindLoan, nil},
	}
	// All at once, so that every row must find the look-up that asked for it.
	var keys []lending.Key
	for _, tt := range tests {
		keys = append(keys, lending.Key{Kind: tt.kind, ID: tt.id})
	}
	book := b.load(keys...)
	for _, tt := range tests {
		got, err := listed(book, tt.kind, tt.id)
		if err != nil {
			t.Errorf("%s %s: %v", tt.kind, tt.id, err)
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.kind, tt.id, diff)
		}
		for _, id := range got {
			if record := book.At(lending.Key{Kind: tt.of, ID: id}); record == nil || record.Value == nil {
				t.Errorf("%s lists %s, which it did not load", tt.kind, id)
			}
		}
	}
}

// listed reads what a look-up told, through the Book's own methods.
func listed(b *lending.Book, kind lending.Kind, id string) ([]string, error) {
	parsed, _ := uuid.Parse(id) // not every id is one
	switch kind {
	case lending.KindPersonByPhone:
		p, ok, err := b.PersonByPhone(id)
		return oneID(p.ID, ok), err
	case lending.KindDistributorByPerson:
		d, ok, err := b.DistributorOf(parsed)
		return oneID(d.ID, ok), err
	case lending.KindPaymentByKey:
		p, ok, err := b.PaymentByKey(id)
		return oneID(p.ID, ok), err
	case lending.KindCorteByBranch:
		c, ok, err := b.CorteOf(id)
		return oneID(c.ID, ok), err
	case lending.KindRelacionBy:
		r, ok, err := b.RelacionOf(parsed)
		return oneID(r.ID, ok), err
	case lending.KindRelacionByReference:
		r, ok, err := b.RelacionByReference(id)
		return oneID(r.ID, ok), err
	case lending.KindDepositsBy:
		all, err := b.DepositsBy(parsed)
		return idsOf(all, func(d lending.Deposit) uuid.UUID { return d.ID }), err
	case lending.KindDepositByKey:
		d, ok, err := b.DepositByKey("stp", id[4:])
		return oneID(d.ID, ok), err
	case lending.KindLoanByReference:
		l, ok, err := b.LoanByReference(id)
		return oneID(l.ID, ok), err
	case lending.KindValesByPerson:
		all, err := b.ValesOf(parsed)
		return idsOf(all, func(v lending.Vale) uuid.UUID { return v.ID }), err
	case lending.KindLoansByPerson:
		if parsed == uuid.Nil {
			return nil, nil
		}
		all, err := b.LoansOf(parsed)
		return idsOf(all, func(l lending.Loan) uuid.UUID { return l.ID }), err
	case lending.KindDisbursementsByVale:
		all, err := b.DisbursementsOf(parsed)
		return idsOf(all, func(d lending.Disbursement) uuid.UUID { return d.ID }), err
	case lending.KindPaymentsByLoan:
		all, err := b.PaymentsOf(parsed)
		return idsOf(all, func(p lending.Payment) uuid.UUID { return p.ID }), err
	case lending.KindPaymentsByPerson:
		all, err := b.PaymentsBy(parsed)
		return idsOf(all, func(p lending.Payment) uuid.UUID { return p.ID }), err
	case lending.KindCorrectionsByPerson:
		all, err := b.CorrectionsOf(parsed)
		return idsOf(all, func(c lending.Correction) uuid.UUID { return c.ID }), err
	case lending.KindCorrectionByFolio:
		c, ok, err := b.CorrectionByFolio(id)
		return oneID(c.ID, ok), err
	case lending.KindReferralByWord:
		r, ok, err := b.ReferralByWord(id)
		return oneID(r.ID, ok), err
	case lending.KindReferralsBy:
		all, err := b.ReferralsBy(parsed)
		return idsOf(all, func(r lending.Referral) uuid.UUID { return r.ID }), err
	case lending.KindPromisesByLoan:
		all, err := b.PromisesOf(parsed)
		return idsOf(all, func(p lending.Promise) uuid.UUID { return p.ID }), err
	case lending.KindRequestsByPerson:
		all, err := b.RequestsOf(parsed)
		return idsOf(all, func(r lending.Request) uuid.UUID { return r.ID }), err
	case lending.KindLoansByDistributor:
		all, err := b.LoansBy(parsed)
		return idsOf(all, func(l lending.Loan) uuid.UUID { return l.ID }), err
	case lending.KindComplaintsByPerson:
		all, err := b.ComplaintsOf(parsed)
		return idsOf(all, func(c lending.Complaint) uuid.UUID { return c.ID }), err
	}
	return nil, fmt.Errorf("no test for %s", kind)
}

func oneID(id uuid.UUID, ok bool) []string {
	if !ok {
		return nil
	}
	return []string{id.String()}
}

func idsOf[T any](all []T, id func(T) uuid.UUID) []string {
	var ids []string
	for _, value := range all {
		ids = append(ids, id(value).String())
	}
	return ids
}

// The SQL of the look-ups names states; they must be those that Go calls terminal.
func TestLookupsLeaveOutExactlyTheTerminal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	for _, m := range machines() {
		if m.name != "vale" && m.name != "loan" {
			continue
		}
		for state := range statesOf(m) {
			terminal := loan.ValeState(state).Terminal()
			key := lending.Key{Kind: lending.KindValesByPerson, ID: w.ana.ID.String()}
			if m.name == "loan" {
				terminal = loan.LoanState(state).Terminal()
				key.Kind = lending.KindLoansByPerson
			}
			b.forceState(m.name, state)
			got, err := listed(b.load(key), key.Kind, key.ID)
			if err != nil || (len(got) == 0) != terminal {
				t.Errorf("%s %s: terminal is %v, the look-up lists %d (%v)", m.name, state, terminal, len(got), err)
			}
		}
	}
}

// forceState puts the rows of a table in a state, past the trigger and checks.
func (b bench) forceState(table, state string) {
	b.Helper()
	b.must(b.exec(`alter table ` + table + ` disable trigger user`))
	if table == "vale" {
		b.must(b.exec(`alter table vale drop constraint if exists vale_check`))
		b.must(b.exec(`update vale set review = '{"why": "monto", "decided_by": "luis"}'`))
	}
	b.must(b.exec(`update `+table+` set state = $1`, state))
}

func statesOf(m machine) map[string]bool {
	states := map[string]bool{m.start: true}
	for _, row := range m.rows {
		states[row.Source], states[row.Destination] = true, true
	}
	return states
}

func TestFetchTellsOfTheAbsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	kinds := []lending.Kind{
		lending.KindPerson, lending.KindDistributor, lending.KindVale, lending.KindLoan, lending.KindDisbursement,
		lending.KindCode, lending.KindPayment, lending.KindPromise, lending.KindComplaint, lending.KindContact,
	}
	ids := []string{newID().String(), "V-00017", "", "'; drop table person; --", "{" + newID().String() + "}"}
	var keys []lending.Key
	for _, kind := range kinds {
		for _, id := range ids {
			keys = append(keys, lending.Key{Kind: kind, ID: id})
		}
	}
	book := b.load(keys...)
	for _, key := range keys {
		if record := book.At(key); record == nil || record.Value != nil || record.Rev != 0 {
			t.Errorf("%v: %+v", key, record)
		}
	}
	if _, err := book.Person(uuid.MustParse(ids[0])); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Person = %v, want not found", err)
	}
	if _, err := book.Person(newID()); !errors.Is(err, lending.ErrMissing) {
		t.Errorf("Person = %v, want missing", err)
	}
}

func TestFetchRefusesAnUnknownKind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	err := b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		return fetch(ctx, tx, b.Store, lending.NewBook(), []lending.Key{{Kind: "dragon", ID: "1"}})
	})
	if err == nil {
		t.Error("fetch of an unknown kind succeeded")
	}
}

// A folio is reserved for each asker and no more, so that the next one follows on.
func TestFoliosAreReservedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	key := func(series string) lending.Key { return lending.Key{Kind: lending.KindNextFolio, ID: series} }
	var all []string
	for askers := 1; askers <= 3; askers++ {
		book := b.load(append(slices.Repeat([]lending.Key{key("V")}, askers), key("Q"))...)
		for range askers {
			folio, err := book.NextFolio("V")
			b.must(err)
			all = append(all, folio)
		}
		if _, err := book.NextFolio("V"); !errors.Is(err, lending.ErrMissing) {
			t.Errorf("an exhausted series says %v, want missing", err)
		}
	}
	if want := []string{"V-00001", "V-00002", "V-00003", "V-00004", "V-00005", "V-00006"}; !slices.Equal(all, want) {
		t.Errorf("folios = %v, want %v", all, want)
	}
	folio, err := b.load(key("Q")).NextFolio("Q")
	if err != nil || folio != "Q-00004" {
		t.Errorf("NextFolio(Q) = %s, %v", folio, err)
	}
}
