// Package scratch makes databases that are thrown away, for rehearsing
// conversations on the whole engine. It deletes what it finds in them: callers
// hand it nothing but databases that Create made.
package scratch

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/message"
	"valebot/internal/postgres"
)

// Database is a new database with the newest schema and nothing in it.
type Database struct {
	URL    string
	server string
	name   string
}

// Create makes a database beside the one that server names, whose user must be
// allowed to.
func Create(ctx context.Context, server string) (*Database, error) {
	d := &Database{server: server, name: "ensayo_" + strings.ReplaceAll(uuid.NewString(), "-", "")}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, fmt.Errorf("make a scratch database: the server must be named as postgres://…")
	}
	u.Path = "/" + d.name
	d.URL = u.String()
	if err := d.admin(ctx, "create database "+d.name); err != nil {
		return nil, fmt.Errorf("make a scratch database: %w", err)
	}
	if err := postgres.Migrate(ctx, d.URL); err != nil {
		_ = d.Drop(context.WithoutCancel(ctx)) // the first error is the one to tell
		return nil, err
	}
	return d, nil
}

// Drop deletes the database, whoever is still connected.
func (d *Database) Drop(ctx context.Context) error {
	if err := d.admin(ctx, "drop database if exists "+d.name+" with (force)"); err != nil {
		return fmt.Errorf("drop the scratch database: %w", err)
	}
	return nil
}

func (d *Database) admin(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, d.server)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

// Clear forgets all conversations and what belongs to them.
func Clear(ctx context.Context, s *postgres.Store) error {
	_, err := s.Pool().Exec(ctx, `
		with a as (delete from timer), b as (delete from inbox), c as (delete from dialogue), d as (delete from outbox), f as (delete from outbox_flight), e as (delete from step_log)
		delete from conversation`)
	if err != nil {
		return fmt.Errorf("forget conversations: %w", err)
	}
	return nil
}

// Contact is somebody whom we know and who wrote a moment ago.
type Contact struct {
	Key     string
	Person  uuid.UUID
	Channel message.Channel
	Address string
}

// Meet opens a conversation with her at a moment of the product's clock.
func Meet(ctx context.Context, s *postgres.Store, c Contact, at time.Time) error {
	_, err := s.Pool().Exec(ctx, `
		insert into conversation (id, key, person_id, channel, address, last_wa_in_at, created_at)
		values ($1, $2, $3, $4, $5, case when $4 = 'whatsapp' then $6::timestamptz end, $6)`,
		uuid.New(), c.Key, c.Person, string(c.Channel), c.Address, at)
	if err != nil {
		return fmt.Errorf("open a conversation: %w", err)
	}
	return nil
}
