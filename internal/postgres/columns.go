package postgres

import (
	"fmt"
	"reflect"
	"strings"
)

// columns gathers rows as typed columns, which is what unnest takes. Each
// column becomes a slice of the type of its first value, so that pgx encodes it
// without guessing.
type columns struct {
	values []reflect.Value
	width  int
}

func newColumns(width int) *columns {
	return &columns{values: make([]reflect.Value, width), width: width}
}

// add appends one row. The type of each place must be the same in every row.
func (c *columns) add(row ...any) {
	if len(row) != c.width {
		panic(fmt.Sprintf("row of %d values for %d columns", len(row), c.width))
	}
	for i, value := range row {
		v := reflect.ValueOf(value)
		if !c.values[i].IsValid() {
			c.values[i] = reflect.MakeSlice(reflect.SliceOf(v.Type()), 0, 16)
		}
		c.values[i] = reflect.Append(c.values[i], v)
	}
}

func (c *columns) empty() bool { return !c.values[0].IsValid() }

// args are the columns as arguments of a query.
func (c *columns) args() []any {
	out := make([]any, c.width)
	for i, v := range c.values {
		if v.IsValid() {
			out[i] = v.Interface()
		}
	}
	return out
}

// joined writes a list as one text for the step log.
func joined(list []string) string { return strings.Join(list, "\x1f") }
