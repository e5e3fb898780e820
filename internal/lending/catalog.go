package lending

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Catalog is the closed set of actions, declared once for flows, desk, rails,
// interfaces and command line. It is immutable and safe for concurrent use.
type Catalog struct {
	byName   map[string]Action
	settings Settings
}

// use is one declared use case. Its function decides over an act; checking
// inputs, isolation and the audit row are the catalog's.
type use struct {
	name string
	flow.ActionSpec
	run func(a *act) (Result, error)
}

// Deposit is where borrowers pay in on a day, "" for nowhere of their own.
func (c Catalog) Deposit(day quincena.Date) mexid.Deposit { return c.settings.deposit(day) }

// Actions declares every action with the lender's settings.
func Actions(s Settings) Catalog {
	s = s.withDefaults()
	c := Catalog{byName: map[string]Action{}, settings: s}
	for _, group := range [][]use{
		personUses(), contactUses(), complaintUses(), requestUses(), applicationUses(), referralUses(), noticeUses(), fortnightUses(), valeUses(), reviewUses(), payoutUses(), railUses(), deliveryUses(),
		paymentUses(), correctionUses(), promiseUses(), loanUses(), planUses(), seedUses(), openingUses(), deskUses(), languageUses(), mergeUses(),
		corteUses(), relacionUses(), distributorUses(), identityUses(),
	} {
		for _, u := range group {
			c.byName[u.name] = Action{Name: u.name, ActionSpec: u.ActionSpec, Run: s.bind(u)}
		}
	}
	return c
}

// Vocabulary is what flow files may speak of; it depends on no setting.
func Vocabulary() flow.Vocabulary { return Actions(Settings{}).Vocabulary() }

// Vocabulary returns the facts, the events and the actions of this catalog.
func (c Catalog) Vocabulary() flow.Vocabulary {
	actions := make(map[string]flow.ActionSpec, len(c.byName))
	for name, a := range c.byName {
		actions[name] = a.ActionSpec
	}
	return flow.Vocabulary{Facts: factFields(), About: aboutFacts(), Actions: actions, Events: eventSpecs()}
}

// Names returns the names of all actions, sorted.
func (c Catalog) Names() []string { return slices.Sorted(maps.Keys(c.byName)) }

// Action returns the declaration of an action.
func (c Catalog) Action(name string) (Action, bool) {
	a, ok := c.byName[name]
	return a, ok
}

// Run runs an action over a Book. It changes the Book only where the action
// decided something: after an error the Book is as it was, apart from what it
// notes as Missing.
//
// The error is ErrMissing where something must be loaded first, a *fault.Fault
// where the lender refuses and the action declares no outcome "error" for it,
// and anything else is a programming error.
func (c Catalog) Run(b *Book, name string, call Call) (Result, error) {
	a, ok := c.byName[name]
	if !ok {
		return Result{}, fmt.Errorf("run %s: no such action", name)
	}
	return a.Run(b, call)
}

// bind wraps a use with what all of them need.
func (s Settings) bind(u use) func(*Book, Call) (Result, error) {
	return func(b *Book, c Call) (Result, error) {
		if err := checkInputs(u.With, c.With); err != nil {
			return Result{}, fmt.Errorf("run %s: %w", u.name, err)
		}
		a := &act{b: b.Overlay(), Call: c, set: s}
		var result Result
		err := a.mayAct(u.name)
		if err == nil {
			result, err = u.run(a)
		}
		switch {
		case errors.Is(err, ErrMissing):
			maps.Copy(b.missing, a.b.missing)
			return Result{}, fmt.Errorf("run %s: %w", u.name, err)
		case err != nil && !u.excuses(err):
			return Result{}, fmt.Errorf("run %s: %w", u.name, err)
		case err != nil:
			// What was decided before the refusal must not stay half done.
			failed := &act{b: b.Overlay(), Call: c, subject: a.subject, note: fault.CodeOf(err)}
			a, result = failed, Result{Outcome: outcomeError}
		case !result.Deferred && !slices.Contains(u.Outcomes, result.Outcome):
			return Result{}, fmt.Errorf("run %s: outcome %q is not declared", u.name, result.Outcome)
		}
		a.audit(u.name, result)
		b.Merge(a.b)
		return result, nil
	}
}

// outcomeError is the outcome by which a flow learns of a refusal that it has
// no more precise word for.
const outcomeError = "error"

// excuses reports whether a refusal becomes the outcome "error": it is an
// expected one, and the action says that callers handle that outcome.
func (u use) excuses(err error) bool {
	return fault.KindOf(err) != fault.Internal && slices.Contains(u.Outcomes, outcomeError)
}

// act is one run of an action: the Book's overlay, the call, the settings and
// what the audit row will say.
type act struct {
	Call
	b       *Book
	set     Settings
	subject Key
	note    string // for the audit; never a secret
}

func (a *act) audit(action string, r Result) {
	outcome := r.Outcome
	if r.Deferred {
		outcome = "deferred"
	}
	a.b.Audits = append(a.b.Audits, Audit{
		Actor: a.Actor, Action: action, Subject: a.subject, Outcome: outcome, Cause: a.Cause, Detail: a.note,
	})
}

// Refusal is the audit of an action that was refused and so left nothing else.
// Of its inputs only those stand in it that say which money it was about.
func Refusal(actor, cause, action string, with map[string]any, err error) Audit {
	detail := fault.CodeOf(err)
	for _, name := range []string{"source", "reference", "amount", "pago", "credito", "ajuste", "monto"} {
		switch value := with[name].(type) {
		case string, money.Amount:
			detail += fmt.Sprintf(" %s=%.64v", name, value)
		}
	}
	return Audit{Actor: actor, Action: action, Outcome: "refused", Cause: cause, Detail: detail}
}

// about names what the audit row is about.
func (a *act) about(kind Kind, id uuid.UUID) { a.subject = Key{kind, id.String()} }

// say makes a result with an outcome and nothing else.
func say(outcome string) (Result, error) { return Result{Outcome: outcome}, nil }

// with makes a result with an outcome and its fields.
func with(outcome string, value map[string]any) (Result, error) {
	return Result{Outcome: outcome, Value: value}, nil
}
