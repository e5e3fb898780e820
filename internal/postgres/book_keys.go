package postgres

import (
	"context"
	"fmt"

	"valebot/internal/fault"
	"valebot/internal/vault"
)

// CheckKeys makes sure that this database was written with the keys of this
// store, and marks a new database with them. Call it once at start, before
// anything is written: a lost or wrong keyset would otherwise show only when
// the first person writes. Another keyset is a fault, Invalid, wrong_keys.
func (s *Store) CheckKeys(ctx context.Context) error {
	place := vault.Place("key_check", "sealed", "one")
	mark, err := s.vault.Seal([]byte("valebot"), place)
	if err != nil {
		return err
	}
	if _, err := s.pool.Exec(ctx, "insert into key_check (sealed) values ($1) on conflict do nothing", mark); err != nil {
		return away(fmt.Errorf("mark database with keys: %w", err))
	}
	var sealed []byte
	if err := s.pool.QueryRow(ctx, "select sealed from key_check").Scan(&sealed); err != nil {
		return away(fmt.Errorf("read mark of keys: %w", err))
	}
	if _, err := s.vault.Open(sealed, place); err != nil {
		return fault.New(fault.Invalid, "wrong_keys",
			"Las llaves no son las de esta base de datos. Recupera el archivo de llaves con el que se creó.").Because(err)
	}
	return nil
}
