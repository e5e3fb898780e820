package flow

// Type is the type of a slot, a fact, an action's input or a field of its result.
type Type string

// The types, with the Go type that holds a value of each at run time.
const (
	Text   Type = "text"   // string
	Int    Type = "int"    // int
	Bool   Type = "bool"   // bool
	Amount Type = "amount" // money.Amount, centavos
	Date   Type = "date"   // quincena.Date
	Stamp  Type = "stamp"  // time.Time
	Ints   Type = "ints"   // []int
	Phone  Type = "phone"  // string, E.164
	CLABE  Type = "clabe"  // string, 18 digits, check digit right
	PIN    Type = "pin"    // string, 4 to 6 digits
	Option Type = "option" // string, id of the option
)

// Fields are the named fields of a fact or of a result.
type Fields map[string]Type

// ActionSpec is what a flow may know of an action.
type ActionSpec struct {
	About    string // the fact that a flow must be about to call it; "" for any
	With     Fields // inputs; all are required
	Outcomes []string
	Result   Fields // saved by `save:`; empty if the action yields nothing
}

// EventSpec is what a flow may know of an event from the core.
type EventSpec struct {
	About   string // what a dialogue that it starts is about
	Data    Fields // what it carries; in messages as .core
	Answers bool   // it comes of what the person has just written, so that she is not written to out of the blue
}

// Vocabulary is all that flow files may speak of: a closed set, so that a
// mistyped name is found before anybody is written to.
type Vocabulary struct {
	Facts   map[string]Fields   // vale, distribuidora, cliente, pago
	About   map[string][]string // about → facts that a dialogue about it has
	Actions map[string]ActionSpec
	Events  map[string]EventSpec
	Intents []string // what people may ask for by the lexicon; empty leaves intents unchecked
}
