package flow

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// days is a number of days in an expression: pago.vence + days(1).
type days int

// program is a compiled expression.
type program struct {
	text string
	code *vm.Program
	kind reflect.Type // of its value
}

// exprError says where in the text an expression is wrong; offset and width
// are in characters.
type exprError struct {
	offset, width int
	text          string
}

func (e *exprError) Error() string { return e.text }

// typeOf is the Go type of values of a type, for the expression checker.
func typeOf(t Type) reflect.Type {
	switch t {
	case Int:
		return reflect.TypeFor[int]()
	case Bool:
		return reflect.TypeFor[bool]()
	case Amount:
		return reflect.TypeFor[money.Amount]()
	case Date:
		return reflect.TypeFor[quincena.Date]()
	case Stamp:
		return reflect.TypeFor[time.Time]()
	case Ints:
		return reflect.TypeFor[[]int]()
	default: // texts of every kind
		return reflect.TypeFor[string]()
	}
}

func exprType(t Type) types.Type { return types.TypeOf(reflect.Zero(typeOf(t)).Interface()) }

func record(fields Fields) types.Map {
	m := types.Map{}
	for name, t := range fields {
		m[name] = exprType(t)
	}
	return m
}

// scope is what the expressions of one flow may name.
type scope struct {
	names   types.Map
	options []expr.Option
}

func newScope(facts map[string]Fields, slots types.Map) *scope {
	names := types.Map{
		"slots": slots,
		"today": types.TypeOf(func() quincena.Date { return quincena.Date{} }),
		"days":  types.TypeOf(func(int) days { return 0 }),
	}
	for name, fields := range facts {
		names[name] = record(fields)
	}
	s := &scope{names: names, options: []expr.Option{
		expr.Env(names), expr.DisableAllBuiltins(), expr.Optimize(false), expr.MaxNodes(200),
	}}
	s.options = append(s.options, operators()...)
	return s
}

// operators teaches the expression language about money and dates. A plain
// number beside an amount is pesos, which is what people mean by it.
func operators() []expr.Option {
	type amount = money.Amount
	type date = quincena.Date
	compared := []any{
		new(func(amount, amount) bool), new(func(amount, int) bool), new(func(int, amount) bool),
		new(func(date, date) bool), new(func(time.Time, time.Time) bool),
	}
	var out []expr.Option
	overload := func(op, name string, fn func(a, b any) any, shapes ...any) {
		call := func(args ...any) (any, error) { return fn(args[0], args[1]), nil }
		out = append(out, expr.Function(name, call, shapes...), expr.Operator(op, name))
	}
	overload("<", "_less", func(a, b any) any { return compare(a, b) < 0 }, compared...)
	overload("<=", "_most", func(a, b any) any { return compare(a, b) <= 0 }, compared...)
	overload(">", "_more", func(a, b any) any { return compare(a, b) > 0 }, compared...)
	overload(">=", "_least", func(a, b any) any { return compare(a, b) >= 0 }, compared...)
	overload("==", "_same", func(a, b any) any { return compare(a, b) == 0 }, compared...)
	overload("!=", "_other", func(a, b any) any { return compare(a, b) != 0 }, compared...)
	overload("+", "_plus", plus,
		new(func(amount, amount) amount), new(func(amount, int) amount), new(func(int, amount) amount), new(func(date, days) date))
	overload("-", "_minus", minus, new(func(amount, amount) amount), new(func(amount, int) amount), new(func(date, days) date))
	overload("*", "_times", times, new(func(amount, int) amount), new(func(int, amount) amount))
	return out
}

// centavos reads an operand: an amount, or a number of pesos.
func centavos(v any) money.Amount {
	switch v := v.(type) {
	case money.Amount:
		return v
	case int:
		return money.Pesos(int64(v))
	}
	return 0
}

func compare(a, b any) int {
	switch a := a.(type) {
	case quincena.Date:
		d, _ := b.(quincena.Date)
		return a.Compare(d)
	case time.Time:
		t, _ := b.(time.Time)
		return a.Compare(t)
	}
	x, y := centavos(a), centavos(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func plus(a, b any) any {
	if d, ok := a.(quincena.Date); ok {
		n, _ := b.(days)
		return d.AddDays(int(n))
	}
	return centavos(a) + centavos(b)
}

func minus(a, b any) any {
	if d, ok := a.(quincena.Date); ok {
		n, _ := b.(days)
		return d.AddDays(-int(n))
	}
	return centavos(a) - centavos(b)
}

func times(a, b any) any {
	if n, ok := a.(int); ok {
		a, b = b, n
	}
	n, _ := b.(int)
	return centavos(a) * money.Amount(n)
}

// maxExpression bounds an expression's text.
const maxExpression = 500

// compile checks and compiles an expression against what the flow declares.
func (s *scope) compile(text string, more ...expr.Option) (*program, *exprError) {
	if len(text) > maxExpression {
		return nil, &exprError{0, 1, fmt.Sprintf("the expression is too long: at most %d characters", maxExpression)}
	}
	code, err := expr.Compile(text, append(append([]expr.Option{}, s.options...), more...)...)
	if err != nil {
		return nil, explainExpr(text, err)
	}
	root := code.Node()
	guard := &unitGuard{}
	ast.Walk(&root, guard)
	if guard.found != nil {
		return nil, guard.found
	}
	return &program{text: text, code: code, kind: root.Type()}, nil
}

// condition compiles an expression that must be true or false.
func (s *scope) condition(text string) (*program, *exprError) { return s.compile(text, expr.AsBool()) }

func explainExpr(text string, err error) *exprError {
	var at *file.Error
	if !errors.As(err, &at) {
		return &exprError{0, len([]rune(text)), plainTypes(err.Error())}
	}
	offset := at.Column
	width := max(1, at.To-at.From)
	if offset >= len([]rune(text)) {
		offset, width = max(0, len([]rune(text))-1), 1
	}
	return &exprError{offset, width, plainTypes(at.Message)}
}

// plainTypes replaces Go's names of types by those of the flow language.
func plainTypes(text string) string {
	return strings.NewReplacer("money.Amount", "amount", "quincena.Date", "date", "time.Time", "stamp",
		"flow.days", "days", "map[string]interface {}", "record", "[]int", "ints").Replace(text)
}

// unitGuard finds arithmetic that the language would do on bare centavos, and
// ranges and loops, whose size an operator cannot see.
type unitGuard struct{ found *exprError }

// Visit looks at one node.
func (g *unitGuard) Visit(n *ast.Node) {
	if f, ok := (*n).(*ast.BuiltinNode); ok && g.found == nil {
		g.found = &exprError{f.Location().From, len(f.Name), f.Name + " is not part of the flow language"}
	}
	b, ok := (*n).(*ast.BinaryNode)
	if !ok || g.found != nil {
		return
	}
	at := b.Location()
	if b.Operator == ".." {
		g.found = &exprError{at.From, 2, "ranges (..) are not part of the flow language"}
		return
	}
	if !hasUnit(b.Left.Type()) && !hasUnit(b.Right.Type()) || b.Operator == "??" || b.Operator == "in" {
		return
	}
	g.found = &exprError{at.From, max(1, at.To-at.From), plainTypes(fmt.Sprintf("invalid operation: %s (mismatched types %v and %v)", b.Operator, b.Left.Type(), b.Right.Type()))}
}

func hasUnit(t reflect.Type) bool {
	return t == reflect.TypeFor[money.Amount]() || t == reflect.TypeFor[quincena.Date]() || t == reflect.TypeFor[days]() || t == reflect.TypeFor[time.Time]()
}

// run evaluates the expression. It fails where a slot that it needs was never set.
func (p *program) run(values map[string]any) (any, error) {
	out, err := vm.Run(p.code, values)
	if err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", p.text, err)
	}
	return out, nil
}

// holds evaluates a condition.
func (p *program) holds(values map[string]any) (bool, error) {
	out, err := p.run(values)
	if err != nil {
		return false, err
	}
	is, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("evaluate %q: not true or false", p.text)
	}
	return is, nil
}
