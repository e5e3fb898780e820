package lending

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// emitJSON is an Emit between the transaction that wrote it and the turn that
// reads it.
type emitJSON struct {
	Key      string            `json:"key"`
	PersonID uuid.UUID         `json:"person_id"`
	Name     string            `json:"name"`
	About    About             `json:"about,omitzero"`
	Token    string            `json:"token,omitempty"`
	Outcome  string            `json:"outcome,omitempty"`
	Data     map[string]tagged `json:"data,omitempty"`
}

// tagged is one value of Data under the name of its type, so that it comes back
// as what it was. Exactly one field is set.
type tagged struct {
	Text   *string            `json:"text,omitempty"`
	Int    *int               `json:"int,omitempty"`
	Bool   *bool              `json:"bool,omitempty"`
	Amount *money.Amount      `json:"amount,omitempty"`
	Date   *quincena.Date     `json:"date,omitempty"`
	Stamp  *time.Time         `json:"stamp,omitempty"`
	Ints   *[]int             `json:"ints,omitempty"`
	Fields *map[string]tagged `json:"fields,omitempty"`
}

// MarshalJSON writes the event with the types of its data, which are those of
// flow.Type and records of them. Another type is an error of the action.
func (e Emit) MarshalJSON() ([]byte, error) {
	data, err := tagAll(e.Data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(emitJSON{e.Key, e.PersonID, e.Name, e.About, e.Token, e.Outcome, data})
}

// UnmarshalJSON reads what MarshalJSON wrote, every value with its type.
func (e *Emit) UnmarshalJSON(raw []byte) error {
	var in emitJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	var data map[string]any // nil and empty are the same on the way, nil when read
	if len(in.Data) > 0 {
		var err error
		if data, err = untagAll(in.Data); err != nil {
			return err
		}
	}
	*e = Emit{in.Key, in.PersonID, in.Name, in.About, in.Token, in.Outcome, data}
	return nil
}

func tagAll(values map[string]any) (map[string]tagged, error) {
	if values == nil {
		return nil, nil
	}
	all := make(map[string]tagged, len(values))
	for name, value := range values {
		one, err := tag(value)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		all[name] = one
	}
	return all, nil
}

func tag(value any) (tagged, error) {
	switch v := value.(type) {
	case string:
		return tagged{Text: &v}, nil
	case int:
		return tagged{Int: &v}, nil
	case bool:
		return tagged{Bool: &v}, nil
	case money.Amount:
		return tagged{Amount: &v}, nil
	case quincena.Date:
		return tagged{Date: &v}, nil
	case time.Time:
		return tagged{Stamp: &v}, nil
	case []int:
		return tagged{Ints: &v}, nil
	case map[string]any:
		fields, err := tagAll(v)
		return tagged{Fields: &fields}, err
	}
	return tagged{}, fmt.Errorf("a %T cannot be carried", value)
}

func untagAll(values map[string]tagged) (map[string]any, error) {
	all := make(map[string]any, len(values))
	for name, one := range values {
		value, err := one.value()
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		all[name] = value
	}
	return all, nil
}

func (t tagged) value() (any, error) {
	switch {
	case t.Text != nil:
		return *t.Text, nil
	case t.Int != nil:
		return *t.Int, nil
	case t.Bool != nil:
		return *t.Bool, nil
	case t.Amount != nil:
		return *t.Amount, nil
	case t.Date != nil:
		return *t.Date, nil
	case t.Stamp != nil:
		return *t.Stamp, nil
	case t.Ints != nil:
		return *t.Ints, nil
	case t.Fields != nil:
		return untagAll(*t.Fields)
	}
	return nil, fmt.Errorf("a value without a type")
}
