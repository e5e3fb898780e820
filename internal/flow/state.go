package flow

import (
	"encoding/json"
	"fmt"
	"time"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// State is where a dialogue stands. It is a value: a turn returns a new one and
// leaves the old one as it was. Its JSON form keeps the types of its values
// exactly. It holds secrets, so whoever stores it encrypts it.
type State struct {
	flow    string // the sub-flow that the step is in; "" is the dialogue's own flow
	version int    // of flow
	step    string
	slots   map[string]any
	told    []string // volunteered slots whose question has not been met yet
	asked   bool     // the step's question was asked
	parked  bool     // the question waits for the floor
	unclear int      // replies in a row that were not understood
	acts    int      // actions called so far; makes tokens differ
	token   string   // of the step's action under way
	pending pending  // the interrupt's action under way
	held    string   // why a person has the chat: "step", or the interrupt's name
	core    map[string]any
	late    []late  // what happened while a person had the chat
	callers []frame // flows that wait for a sub-flow to end, the dialogue's own first
}

// pending is an interrupt whose action has not answered yet.
type pending struct {
	Name  string `json:"name,omitempty"`
	Token string `json:"token,omitempty"`
	Mute  bool   `json:"mute,omitempty"` // the provider has confirmed already; say nothing
}

// late is an event that waits until the bot has the chat again.
type late struct {
	kind   EventKind
	name   string
	token  string
	result map[string]any
}

// frame is where a flow waits while a flow that it called is under way.
type frame struct {
	flow    string // "" is the dialogue's own flow
	version int
	step    string
	slots   map[string]any
	told    []string
}

// Step returns the name of the step at which the dialogue stands; within a
// sub-flow, its name goes before: "clabe/pide".
func (s State) Step() string {
	if s.flow == "" {
		return s.step
	}
	return s.flow + "/" + s.step
}

// Within returns the sub-flow in which the dialogue stands, with its version;
// "" and 0 outside of any.
func (s State) Within() (flow string, version int) { return s.flow, s.version }

// Inside returns the sub-flows that the dialogue is inside of, the outermost
// first, as "name@version": it comes back into each of them.
func (s State) Inside() []string {
	var out []string
	for _, f := range s.callers {
		if f.flow != "" {
			out = append(out, fmt.Sprintf("%s@%d", f.flow, f.version))
		}
	}
	if s.flow != "" {
		out = append(out, fmt.Sprintf("%s@%d", s.flow, s.version))
	}
	return out
}

// Slot returns the value of a slot.
func (s State) Slot(name string) (any, bool) {
	v, ok := s.slots[name]
	return v, ok
}

// At returns the state moved to another step, for migration: the question there
// is asked anew. Sub-flows are left: the step is one of the dialogue's own flow.
func (s State) At(step string) State {
	if len(s.callers) > 0 {
		own := s.callers[0]
		s.flow, s.version, s.slots, s.told, s.callers = "", 0, own.slots, own.told, nil
	}
	s.step, s.asked, s.parked, s.unclear, s.token, s.pending = step, false, true, 0, "", pending{}
	return s
}

type stateJSON struct {
	Flow    string           `json:"flow,omitempty"`
	Version int              `json:"version,omitempty"`
	Step    string           `json:"step"`
	Slots   map[string]typed `json:"slots,omitempty"`
	Told    []string         `json:"told,omitempty"`
	Asked   bool             `json:"asked,omitempty"`
	Parked  bool             `json:"parked,omitempty"`
	Unclear int              `json:"unclear,omitempty"`
	Acts    int              `json:"acts,omitempty"`
	Token   string           `json:"token,omitempty"`
	Pending pending          `json:"pending,omitzero"`
	Held    string           `json:"held,omitempty"`
	Core    map[string]typed `json:"core,omitempty"`
	Late    []lateJSON       `json:"late,omitempty"`
	Callers []frameJSON      `json:"callers,omitempty"`
}

type frameJSON struct {
	Flow    string           `json:"flow,omitempty"`
	Version int              `json:"version,omitempty"`
	Step    string           `json:"step"`
	Slots   map[string]typed `json:"slots,omitempty"`
	Told    []string         `json:"told,omitempty"`
}

type lateJSON struct {
	Kind   EventKind        `json:"kind"`
	Name   string           `json:"name"`
	Token  string           `json:"token,omitempty"`
	Result map[string]typed `json:"result,omitempty"`
}

// typed is a value with the name of its type.
type typed struct {
	Type  Type            `json:"t"`
	Value json.RawMessage `json:"v"`
}

const recordType Type = "record"

// MarshalJSON writes the state with the type of every value.
func (s State) MarshalJSON() ([]byte, error) {
	out := stateJSON{Flow: s.flow, Version: s.version, Step: s.step, Told: s.told, Asked: s.asked, Parked: s.parked, Unclear: s.unclear,
		Acts: s.acts, Token: s.token, Pending: s.pending, Held: s.held}
	var err error
	if out.Slots, err = encodeAll(s.slots); err != nil {
		return nil, fmt.Errorf("write state: %w", err)
	}
	if out.Core, err = encodeAll(s.core); err != nil {
		return nil, fmt.Errorf("write state: %w", err)
	}
	for _, l := range s.late {
		result, err := encodeAll(l.result)
		if err != nil {
			return nil, fmt.Errorf("write state: %w", err)
		}
		out.Late = append(out.Late, lateJSON{l.kind, l.name, l.token, result})
	}
	for _, f := range s.callers {
		slots, err := encodeAll(f.slots)
		if err != nil {
			return nil, fmt.Errorf("write state: %w", err)
		}
		out.Callers = append(out.Callers, frameJSON{f.flow, f.version, f.step, slots, f.told})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *State) UnmarshalJSON(data []byte) error {
	var in stateJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	out := State{flow: in.Flow, version: in.Version, step: in.Step, told: in.Told, asked: in.Asked, parked: in.Parked, unclear: in.Unclear,
		acts: in.Acts, token: in.Token, pending: in.Pending, held: in.Held}
	var err error
	if out.slots, err = decodeAll(in.Slots); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	if out.core, err = decodeAll(in.Core); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	for _, l := range in.Late {
		result, err := decodeAll(l.Result)
		if err != nil {
			return fmt.Errorf("read state: %w", err)
		}
		out.late = append(out.late, late{l.Kind, l.Name, l.Token, result})
	}
	for _, f := range in.Callers {
		slots, err := decodeAll(f.Slots)
		if err != nil {
			return fmt.Errorf("read state: %w", err)
		}
		out.callers = append(out.callers, frame{f.Flow, f.Version, f.Step, slots, f.Told})
	}
	*s = out
	return nil
}

func encodeAll(values map[string]any) (map[string]typed, error) {
	if values == nil {
		return nil, nil
	}
	out := make(map[string]typed, len(values))
	for name, v := range values {
		t, err := encode(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

func encode(v any) (typed, error) {
	t, inner := kindOf(v), v
	if t == "" {
		return typed{}, fmt.Errorf("a %T cannot be kept", v)
	}
	if m, ok := v.(map[string]any); ok {
		fields, err := encodeAll(m)
		if err != nil {
			return typed{}, err
		}
		inner = fields
	}
	if at, ok := v.(time.Time); ok {
		inner = at.UTC() // a moment is the same in every zone, and texts of equal states are equal
	}
	data, err := json.Marshal(inner)
	return typed{t, data}, err
}

// kindOf returns the type under which a value is kept, or "".
func kindOf(v any) Type {
	switch v.(type) {
	case string:
		return Text
	case int:
		return Int
	case bool:
		return Bool
	case money.Amount:
		return Amount
	case quincena.Date:
		return Date
	case time.Time:
		return Stamp
	case []int:
		return Ints
	case map[string]any:
		return recordType
	}
	return ""
}

func decodeAll(values map[string]typed) (map[string]any, error) {
	if values == nil {
		return nil, nil
	}
	out := make(map[string]any, len(values))
	for name, t := range values {
		v, err := t.decode()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = v
	}
	return out, nil
}

func (t typed) decode() (any, error) {
	switch t.Type {
	case Text:
		return decodeAs[string](t.Value)
	case Int:
		return decodeAs[int](t.Value)
	case Bool:
		return decodeAs[bool](t.Value)
	case Amount:
		return decodeAs[money.Amount](t.Value)
	case Date:
		return decodeAs[quincena.Date](t.Value)
	case Stamp:
		return decodeAs[time.Time](t.Value)
	case Ints:
		return decodeAs[[]int](t.Value)
	case recordType:
		fields, err := decodeAs[map[string]typed](t.Value)
		if err != nil {
			return nil, err
		}
		return decodeAll(fields)
	}
	return nil, fmt.Errorf("there is no type %q", t.Type)
}

func decodeAs[T any](data []byte) (T, error) {
	var v T
	err := json.Unmarshal(data, &v)
	return v, err
}

// fits reports whether a value has the Go type of t.
func fits(t Type, v any) bool {
	if got := kindOf(v); got != Text {
		return got == t
	}
	return typeOf(t) == typeOf(Text)
}
