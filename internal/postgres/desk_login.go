package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/pace"
)

// LoginWait counts a try at all gates together and returns 0, or counts nothing
// and returns how long to wait if one of them is shut. It counts for all nodes:
// an attacker gains nothing by trying another one. wall is the real time.
func (s *Store) LoginWait(ctx context.Context, wall time.Time, gates []casework.Gate) (wait time.Duration, err error) {
	keys, byKey := make([][]byte, len(gates)), map[string]casework.Gate{}
	for i, g := range gates {
		sum := sha256.Sum256([]byte(g.Key))
		keys[i] = sum[:]
		byKey[string(sum[:])] = g
	}
	slices.SortFunc(keys, bytes.Compare) // locked in one order
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into login_try (key, tat) select k, '-infinity' from unnest($1::bytea[]) k on conflict do nothing`, keys); err != nil {
			return fmt.Errorf("open login gates: %w", err)
		}
		rows, _ := tx.Query(ctx, `select key, case when isfinite(tat) then tat end from login_try where key = any($1) order by key for update`, keys)
		var key []byte
		var tat *time.Time
		var buckets []pace.Bucket
		_, err := pgx.ForEachRow(rows, []any{&key, &tat}, func() error {
			g := byKey[string(key)]
			buckets = append(buckets, pace.Bucket{TAT: deref(tat), Emission: g.Every, Burst: g.Burst, Cost: 1})
			return nil
		})
		if err != nil {
			return fmt.Errorf("read login gates: %w", err)
		}
		decision := pace.Decide(wall, buckets)
		if wait = decision.Wait; !decision.Allowed {
			return nil
		}
		wait = 0
		_, err = tx.Exec(ctx, `update login_try t set tat = u.tat from unnest($1::bytea[], $2::timestamptz[]) u (key, tat) where t.key = u.key`, keys, decision.Next)
		return wrap("count login try", err)
	})
	return wait, err
}

// SecondFactor reads an agent's secret, "" if she has none, and the one that she
// was offered and has not confirmed.
func (s *Store) SecondFactor(ctx context.Context, login string) (secret, offered string, err error) {
	var sealed, pending []byte
	if err := s.pool.QueryRow(ctx, `select totp, totp_offered from agent where name = $1`, login).Scan(&sealed, &pending); err != nil {
		return "", "", one(err, "no_such_agent", "No hay nadie con ese usuario.")
	}
	a := sealer{s.vault, "agent"}
	if secret, err = a.open("totp", login, sealed); err != nil {
		return "", "", err
	}
	offered, err = a.open("totp", login, pending)
	return secret, offered, err
}

// OfferSecond keeps a secret that an agent is shown, in place of one offered before.
func (s *Store) OfferSecond(ctx context.Context, login, secret string) error {
	sealed, err := (sealer{s.vault, "agent"}).seal("totp", login, secret)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `update agent set totp_offered = $2 where name = $1`, login, sealed)
	return away(wrap("offer second factor", err))
}

// ConfirmSecond puts the offered secret in force, with fresh recovery codes. step
// is that of the code that proved it.
func (s *Store) ConfirmSecond(ctx context.Context, login string, step int64, recovery [][]byte, now time.Time) error {
	_, err := s.pool.Exec(ctx, `
update agent set totp = totp_offered, totp_offered = null, totp_step = $2, recovery = $3 where name = $1 and totp_offered is not null`, login, step, recovery)
	if err != nil {
		return away(fmt.Errorf("confirm second factor: %w", err))
	}
	return s.noteRead(ctx, "agent:"+login, "desk.second_factor", "agent", login, "on", now)
}

// DropSecond takes an agent's second factor away; by is who decided it.
func (s *Store) DropSecond(ctx context.Context, login, by string, now time.Time) error {
	if _, err := s.pool.Exec(ctx, `update agent set totp = null, totp_offered = null, recovery = '{}' where name = $1`, login); err != nil {
		return away(fmt.Errorf("drop second factor: %w", err))
	}
	return s.noteRead(ctx, "agent:"+by, "desk.second_factor", "agent", login, "off", now)
}

// UseStep takes the step of a code, once: false if it or a later one was used.
func (s *Store) UseStep(ctx context.Context, login string, step int64) (bool, error) {
	tag, err := s.pool.Exec(ctx, `update agent set totp_step = $2 where name = $1 and totp_step < $2`, login, step)
	return tag.RowsAffected() == 1, away(wrap("use code", err))
}

// UseRecovery takes a recovery code, once; hash is its SHA-256.
func (s *Store) UseRecovery(ctx context.Context, login string, hash []byte) (bool, error) {
	tag, err := s.pool.Exec(ctx, `update agent set recovery = array_remove(recovery, $2) where name = $1 and $2 = any (recovery)`, login, hash)
	return tag.RowsAffected() == 1, away(wrap("use recovery code", err))
}
