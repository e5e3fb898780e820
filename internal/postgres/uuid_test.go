package postgres

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/postgres/pgtest"
)

func TestUUIDsTravelAsBytes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.Open(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }() // the test has what it wanted
	speakUUID(conn)
	id, none := uuid.New(), (*uuid.UUID)(nil)
	for _, test := range []struct {
		name, sql string
		arg       any
		into      any
		want      any
	}{
		{"one", "select $1::uuid", id, new(uuid.UUID), &id},
		{"one as text", "select $1::uuid::text", id, new(string), ptr(id.String())},
		{"a pointer", "select $1::uuid", &id, new(*uuid.UUID), ptr(&id)},
		{"null", "select $1::uuid", none, new(*uuid.UUID), &none},
		{"many", "select $1::uuid[]", []uuid.UUID{id, uuid.Max}, new([]uuid.UUID), &[]uuid.UUID{id, uuid.Max}},
		{"many, some null", "select $1::uuid[]", []*uuid.UUID{&id, nil}, new([]*uuid.UUID), &[]*uuid.UUID{&id, nil}},
		{"none at all", "select $1::uuid[]", []uuid.UUID{}, new([]uuid.UUID), &[]uuid.UUID{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := conn.QueryRow(ctx, test.sql, test.arg).Scan(test.into); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, test.into); diff != "" {
				t.Error(diff)
			}
		})
	}
	var into uuid.UUID
	if err := conn.QueryRow(ctx, "select null::uuid").Scan(&into); !errors.Is(err, errNoUUID) {
		t.Errorf("null into a uuid: %v", err)
	}
}

func ptr[T any](value T) *T { return &value }
