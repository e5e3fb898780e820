// Package lending holds the use cases of the lender, each a named action with
// typed inputs and named outcomes: authorise a vale, accept it, pay it out,
// take a payment, note a promise. Flows, the desk, rails and the command line
// call the same actions.
//
// An action is a pure function over a Book, the working set of entities of one
// transaction. It reads the clock and makes ids only through its Call. What an
// action finds missing in the Book is loaded by the caller, who then runs the
// action again from the start; so an action must not keep state of its own.
//
// What happens outside, news of rails above all, may come twice, late or in
// another order: every action may be told again and then changes nothing. One
// transaction may take several steps of a state machine at once (a vale goes
// from AUTHORISED to CONVERTED), so a store that checks transitions checks that
// the new state can be reached.
//
// The ledger shows a loan as of its Position: capital from the day the money is
// in hand; interest, fees and IVA as they fall due or are paid before; late
// fees when the day is closed or something is paid.
package lending

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
)

// ErrMissing says that a Book does not hold what was asked for, so that nobody
// knows yet whether it exists. The caller loads Book.Missing and runs again.
var ErrMissing = errors.New("not loaded yet")

// Kind names a sort of entity, or a way to look one up.
type Kind string

// Entities, by id.
const (
	KindPerson       Kind = "person"
	KindDistributor  Kind = "distributor"
	KindVale         Kind = "vale"
	KindLoan         Kind = "loan"
	KindDisbursement Kind = "disbursement"
	KindCode         Kind = "code"
	KindPayment      Kind = "payment"
	KindPromise      Kind = "promise"
	KindComplaint    Kind = "complaint"
	KindContact      Kind = "contact" // ID is the contact key
	KindRequest      Kind = "request"
	KindCorte        Kind = "corte"
	KindRelacion     Kind = "relacion"
	KindRelacionRows Kind = "relacion_rows" // ID is the relación's
	KindDeposit      Kind = "deposit"
	KindCorrection   Kind = "correction"
	KindReferral     Kind = "referral"
)

// Look-ups: what is loaded is a list of ids, and the entities themselves.
const (
	KindPersonByPhone       Kind = "person_by_phone"       // ID is E.164
	KindDistributorByPerson Kind = "distributor_by_person" // ID is the person's id
	KindValesByPerson       Kind = "vales_by_person"       // those that are not terminal
	KindLoansByPerson       Kind = "loans_by_person"       // those that are not terminal
	KindDisbursementsByVale Kind = "disbursements_by_vale" // all attempts, oldest first
	KindPaymentsByLoan      Kind = "payments_by_loan"      // all, by value date then receipt
	KindPaymentByKey        Kind = "payment_by_key"        // ID is PaymentKey
	KindPaymentsByPerson    Kind = "payments_by_person"    // all that were matched, by value date then receipt
	KindCorrectionsByPerson Kind = "corrections_by_person" // all, oldest first
	KindCorrectionByFolio   Kind = "correction_by_folio"
	KindPromisesByLoan      Kind = "promises_by_loan"      // all, oldest first
	KindComplaintsByPerson  Kind = "complaints_by_person"  // those that are not closed, oldest first
	KindRequestsByPerson    Kind = "requests_by_person"    // those that are open, oldest first
	KindLoansByDistributor  Kind = "loans_by_distributor"  // those that are active
	KindLoanByReference     Kind = "loan_by_reference"     // ID is the payment reference or the folio
	KindCorteByBranch       Kind = "corte_by_branch"       // the latest; ID is the branch
	KindRelacionBy          Kind = "relacion_by"           // the latest of a distributor
	KindRelacionByReference Kind = "relacion_by_reference" // ID is the payment reference or the folio
	KindDepositsBy          Kind = "deposits_by"           // all of a distributor, by receipt
	KindDepositByKey        Kind = "deposit_by_key"        // ID is source + "|" + reference
	KindReferralByWord      Kind = "referral_by_word"      // ID is the word
	KindReferralsBy         Kind = "referrals_by"          // all of a person, oldest first
	KindNextFolio           Kind = "next_folio"            // ID is V, Q, S, R or A; the number is reserved when loaded
)

// Key names one entity or one look-up.
type Key struct {
	Kind Kind
	ID   string
}

// Record is an entity of a Book with what the store needs to write it back.
type Record struct {
	Value any
	Old   any   // as loaded; nil if it was made in this Book
	Rev   int64 // revision as loaded; 0 if it was made in this Book
	Dirty bool
}

// Emit is an event for a person's conversation, written with the transaction.
type Emit struct {
	Key      string    // deduplicates: the same key is one event for ever
	PersonID uuid.UUID // whose conversation
	Name     string    // "vale.authorized"
	About    About
	Token    string // set when it answers an action that a dialogue waits for
	Outcome  string // with Token
	Data     map[string]any
}

// About says what an event or a dialogue is about.
type About struct {
	Kind string `json:"kind,omitempty"` // vale, distribuidora, pago
	ID   string `json:"id,omitempty"`   // vale id, distributor id, loan id
}

// RailCall is work for a rail, done after the transaction and outside of it.
type RailCall struct {
	Rail         Rail
	Op           string // issue, cancel, query, transfer
	Disbursement uuid.UUID
}

// Audit is one line of who did what. Detail holds no secret.
type Audit struct {
	Actor   string
	Action  string
	Subject Key
	Outcome string
	Cause   string
	Detail  string
}

// Purpose is what somebody is written to for. Consent is given and withdrawn by
// purpose (LFPDPPP; marketing also REUS).
type Purpose string

// The purposes: what happened to her money, what she has to pay, and offers.
const (
	ServicePurpose   Purpose = "service"
	ReminderPurpose  Purpose = "reminder"
	MarketingPurpose Purpose = "marketing"
)

// Consent is one line of the consent ledger: what a contact said about being
// written to for a purpose, on one channel or on all. It is never changed; a later line
// holds.
type Consent struct {
	Contact  string
	Channel  string // "" is all of them
	Purpose  Purpose
	Granted  bool
	Evidence string // the event in which it was said
	Actor    string
}

// Book is the working set of one transaction. Its zero value is not usable.
type Book struct {
	base    *Book
	records map[Key]*Record
	lists   map[Key][]string
	missing map[Key]struct{}

	Entries []ledger.Entry
	Emits   []Emit
	Calls   []RailCall
	Audits  []Audit

	Consents []Consent
}

// NewBook returns an empty Book.
func NewBook() *Book {
	return &Book{records: map[Key]*Record{}, lists: map[Key][]string{}, missing: map[Key]struct{}{}}
}

// Overlay returns a Book that reads through to b and keeps its own changes, so
// that one conversation's work can be dropped without touching another's.
func (b *Book) Overlay() *Book {
	o := NewBook()
	o.base = b
	return o
}

// Merge puts an overlay's changes into b.
func (b *Book) Merge(o *Book) {
	for key, r := range o.records {
		if old := b.records[key]; old != nil {
			b.records[key] = &Record{Value: r.Value, Old: old.Old, Rev: old.Rev, Dirty: true}
			continue
		}
		b.records[key] = r
	}
	maps.Copy(b.lists, o.lists)
	b.Entries = append(b.Entries, o.Entries...)
	b.Emits = append(b.Emits, o.Emits...)
	b.Calls = append(b.Calls, o.Calls...)
	b.Audits = append(b.Audits, o.Audits...)
	b.Consents = append(b.Consents, o.Consents...)
}

// Load tells the Book of an entity that the store holds, and its revision. One
// already there stays. A nil value says that the store has no such entity.
func (b *Book) Load(key Key, value any, rev int64) {
	if _, ok := b.records[key]; !ok {
		b.records[key] = &Record{Value: value, Old: value, Rev: rev}
	}
}

// LoadList tells the Book what a look-up found, nothing included.
func (b *Book) LoadList(key Key, ids []string) { b.lists[key] = ids }

// Missing returns what was asked for and not held, sorted, and forgets it.
func (b *Book) Missing() []Key {
	keys := slices.SortedFunc(maps.Keys(b.missing), compareKeys)
	clear(b.missing)
	return keys
}

// Changed returns the keys of a kind that must be written, sorted by id.
func (b *Book) Changed(kind Kind) []Key {
	var keys []Key
	for key, r := range b.records {
		if key.Kind == kind && r.Dirty {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

// At returns the record of a key that the Book itself holds.
func (b *Book) At(key Key) *Record { return b.records[key] }

func compareKeys(x, y Key) int {
	if c := strings.Compare(string(x.Kind), string(y.Kind)); c != 0 {
		return c
	}
	return strings.Compare(x.ID, y.ID)
}

// find returns the record through all layers, or nil.
func (b *Book) find(key Key) *Record {
	for at := b; at != nil; at = at.base {
		if r := at.records[key]; r != nil {
			return r
		}
	}
	return nil
}

// list returns the ids that a look-up found, or ErrMissing.
func (b *Book) list(key Key) ([]string, error) {
	for at := b; at != nil; at = at.base {
		if ids, ok := at.lists[key]; ok {
			return ids, nil
		}
	}
	b.missing[key] = struct{}{}
	return nil, fmt.Errorf("look up %s: %w", key.Kind, ErrMissing)
}

// get reads an entity: ErrMissing if it was never loaded, fault.NotFound if the
// store has none.
func get[T any](b *Book, key Key) (T, error) {
	var zero T
	r := b.find(key)
	if r == nil {
		b.missing[key] = struct{}{}
		return zero, fmt.Errorf("read %s: %w", key.Kind, ErrMissing)
	}
	value, ok := r.Value.(T)
	if !ok {
		return zero, fault.Newf(fault.NotFound, "no_such_"+string(key.Kind), "No existe ese registro (%s).", key.Kind)
	}
	return value, nil
}

// put changes or adds an entity.
func put[T any](b *Book, key Key, value T) {
	r := b.records[key]
	if r == nil {
		r = &Record{}
		if below := b.find(key); below != nil {
			r.Old, r.Rev = below.Old, below.Rev
		}
		b.records[key] = r
	}
	r.Value, r.Dirty = value, true
}

// link adds an id to a look-up that is loaded, so that what was made in this
// Book is found by the same Book.
func (b *Book) link(key Key, id string) {
	if ids, err := b.list(key); err == nil {
		b.lists[key] = append(slices.Clone(ids), id)
		return
	}
	delete(b.missing, key)
}

// many reads all entities that a look-up found.
func many[T any](b *Book, lookup Key, kind Kind) ([]T, error) {
	ids, err := b.list(lookup)
	if err != nil {
		return nil, err
	}
	all := make([]T, 0, len(ids))
	for _, id := range ids {
		one, err := get[T](b, Key{kind, id})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
