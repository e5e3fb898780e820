package lending

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// checkInputs proves that a call gives exactly the declared inputs with the Go
// types that their flow types stand for. Anything else is a caller's bug.
func checkInputs(declared flow.Fields, given map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		value, ok := given[name]
		if !ok {
			return fmt.Errorf("input %s is missing", name)
		}
		if !hasType(declared[name], value) {
			return fmt.Errorf("input %s is %T, not %s", name, value, declared[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := declared[name]; !ok {
			return fmt.Errorf("input %s is not declared", name)
		}
	}
	return nil
}

func hasType(t flow.Type, value any) bool {
	ok := false
	switch t {
	case flow.Int:
		_, ok = value.(int)
	case flow.Bool:
		_, ok = value.(bool)
	case flow.Amount:
		_, ok = value.(money.Amount)
	case flow.Date:
		_, ok = value.(quincena.Date)
	case flow.Stamp:
		_, ok = value.(time.Time)
	case flow.Ints:
		_, ok = value.([]int)
	default: // Text, Phone, CLABE, PIN, Option
		_, ok = value.(string)
	}
	return ok
}

// The readers below rely on checkInputs: a wrong name is a bug of this package
// that every test of the action meets.

func (a *act) text(name string) string         { return a.With[name].(string) }
func (a *act) amount(name string) money.Amount { return a.With[name].(money.Amount) }
func (a *act) date(name string) quincena.Date  { return a.With[name].(quincena.Date) }
func (a *act) int(name string) int             { return a.With[name].(int) }
func (a *act) ints(name string) []int          { return a.With[name].([]int) }
func (a *act) stamp(name string) time.Time     { return a.With[name].(time.Time) }

// id reads an input that names an entity by its key.
func (a *act) id(name string) (uuid.UUID, error) {
	id, err := uuid.Parse(a.text(name))
	if err != nil {
		return uuid.Nil, fault.Newf(fault.Invalid, "bad_id", "No reconozco ese identificador (%s).", name).Because(err)
	}
	return id, nil
}

// today is the lender's business date.
func (a *act) today() quincena.Date { return quincena.On(a.Now, a.set.Zone) }

// byFlow reports whether a conversation's flow is calling, so that the person
// of the conversation must be entitled to what she names.
func (a *act) byFlow() bool { return strings.HasPrefix(a.Actor, "flow:") }

// entitled refuses a flow whose person is not the one that the entity belongs to.
func (a *act) entitled(owner uuid.UUID) error {
	if !a.byFlow() {
		return nil
	}
	hers, err := a.b.belongs(owner, a.Person)
	if err == nil && !hers {
		return errNotYours
	}
	return err
}
