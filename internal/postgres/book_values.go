package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"valebot/internal/quincena"
	"valebot/internal/vault"
)

// The domain says "none" by a zero value, SQL by null. These three types stand
// between the two while a row is read or written, and nowhere else.

// instant is a time.Time whose zero is null. Times come back in UTC with whole
// microseconds, which is what the database keeps.
type instant time.Time

// TimestamptzValue implements pgtype.TimestamptzValuer.
func (i instant) TimestamptzValue() (pgtype.Timestamptz, error) {
	t := time.Time(i)
	return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()}, nil
}

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (i *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i = instant{}
	if v.Valid {
		*i = instant(v.Time.UTC())
	}
	return nil
}

// civil is a quincena.Date whose zero is null.
type civil quincena.Date

// DateValue implements pgtype.DateValuer.
func (c civil) DateValue() (pgtype.Date, error) {
	d := quincena.Date(c)
	return pgtype.Date{Time: time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC), Valid: !d.IsZero()}, nil
}

// ScanDate implements pgtype.DateScanner.
func (c *civil) ScanDate(v pgtype.Date) error {
	*c = civil{}
	if v.Valid {
		*c = civil(quincena.On(v.Time, time.UTC))
	}
	return nil
}

// optional is a uuid.UUID whose uuid.Nil is null.
type optional uuid.UUID

// UUIDValue implements pgtype.UUIDValuer.
func (o optional) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: o, Valid: uuid.UUID(o) != uuid.Nil}, nil
}

// ScanUUID implements pgtype.UUIDScanner.
func (o *optional) ScanUUID(v pgtype.UUID) error {
	*o = optional{}
	if v.Valid {
		*o = v.Bytes
	}
	return nil
}

// sealer encrypts the secret columns of one table. An empty value is null, so
// that whether a field is known can be asked in SQL.
type sealer struct {
	vault *vault.Vault
	table string
}

func (s sealer) seal(column, id, plain string) ([]byte, error) {
	if plain == "" {
		return nil, nil
	}
	return s.vault.Seal([]byte(plain), vault.Place(s.table, column, id))
}

func (s sealer) open(column, id string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := s.vault.Open(sealed, vault.Place(s.table, column, id))
	return string(plain), err
}

// asJSON encodes a value for a jsonb column.
func asJSON(value any) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", value, err)
	}
	return string(raw), nil
}
