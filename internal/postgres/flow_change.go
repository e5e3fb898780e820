package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
)

// People says what becomes of those who are in the middle of a flow when it
// changes.
type People string

// The choices.
const (
	LeavePeople    People = "leave"    // they finish in the version that they are in
	MovePeople     People = "migrate"  // questions that the new version also asks are asked anew in it
	HandOverPeople People = "handover" // who waits in a step that is gone is given to a person
)

// ChangeKind says what sort of change of the flows it was.
type ChangeKind string

// The kinds.
const (
	AtStart    ChangeKind = "start"    // the first start on an empty database
	Published  ChangeKind = "publish"  // somebody published files
	Drafted    ChangeKind = "draft"    // a file was saved where drafts run
	RolledBack ChangeKind = "rollback" // one flow went back to an older version
)

// FlowChange is one change of the flows: all flows of one bundle of files, which
// were checked together.
type FlowChange struct {
	ID         int64
	Kind       ChangeKind
	Bundle     string // hex SHA-256 of the files
	People     People
	Author     string
	Note       string
	At         time.Time
	ApprovedBy string    // "" where nobody else had to approve
	Seq        int64     // order of coming into force; 0 while it waits for a second person
	InForceAt  time.Time // zero while it waits
	Withdrawn  time.Time // another one was proposed before it was approved; zero if not
	Flows      []FlowVersion
}

// Proposal is a change that somebody asks for.
type Proposal struct {
	FlowChange        // Flows with their sources; Seq, InForceAt and ApprovedBy are the store's to say
	Files      []byte // of the bundle, packed
	FourEyes   bool   // it comes into force only when a second person approves
	// After, if not 0, is the Seq that the change was made on: it is refused with
	// fault.Conflict "flows_moved" if another one came into force meanwhile.
	After int64
	// Act, if not "", is noted in the audit with what it was done to, whether the
	// change waits or not: flow.archive, flow.unarchive.
	Act, Subject string
}

// changeLock orders changes of the flows between nodes.
const changeLock = 4012026

// ProposeFlows stores a change, and puts it in force unless a second person must
// approve it. Changes that wait for approval are withdrawn: there is one
// proposal at a time. A version that was published with other content is
// refused with fault.Conflict "flow_changed".
func (s *Store) ProposeFlows(ctx context.Context, p Proposal) (FlowChange, error) {
	c := p.FlowChange
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockFlows(ctx, tx, p.After); err != nil {
			return err
		}
		waits, err := mustWait(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := pinFlows(ctx, tx, c.Flows, c.At); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into flow_bundle (sha256, files) values ($1, $2) on conflict do nothing`, c.Bundle, p.Files)
		if err != nil {
			return fmt.Errorf("keep files of flows: %w", err)
		}
		if _, err := tx.Exec(ctx, `update flow_change set withdrawn_at = $1 where seq is null and withdrawn_at is null`, c.At); err != nil {
			return fmt.Errorf("withdraw older proposals: %w", err)
		}
		if err := insertChange(ctx, tx, &c); err != nil {
			return err
		}
		if err := s.noteAct(ctx, tx, p, c, waits); err != nil || waits {
			return err
		}
		return enforce(ctx, tx, &c, "", c.At)
	})
	return c, err
}

// noteAct writes what was done to one flow into the audit.
func (s *Store) noteAct(ctx context.Context, tx pgx.Tx, p Proposal, c FlowChange, waits bool) error {
	if p.Act == "" {
		return nil
	}
	outcome := "ok"
	if waits {
		outcome = "waiting"
	}
	_, err := tx.Exec(ctx, `insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
		values ($1, $2, $3, $4, 'flow', $5, $6, $7, $8)`, s.newID(), c.At, c.Author, p.Act, p.Subject, outcome, s.newID().String(), c.Note)
	if err != nil {
		return fmt.Errorf("note what was done to flow %s: %w", p.Subject, err)
	}
	return nil
}

// pinFlows notes versions. One that was published with other content is refused:
// people may be in the middle of it.
func pinFlows(ctx context.Context, tx pgx.Tx, versions []FlowVersion, now time.Time) error {
	for _, v := range versions {
		var sha string
		err := tx.QueryRow(ctx, `insert into flow_version (flow, version, sha256, source, published_at) values ($1, $2, $3, $4, $5)
			on conflict (flow, version) do update set flow = excluded.flow returning sha256`, v.Flow, v.Version, v.SHA256, v.Source, now).Scan(&sha)
		if err != nil {
			return fmt.Errorf("pin flow %s: %w", v.Flow, err)
		}
		if sha != v.SHA256 {
			return fault.Newf(fault.Conflict, "flow_changed",
				"El flujo %s v%d ya se publicó con otro contenido. Sube su `version:` a %d para no cambiarle la plática a quien está en medio.",
				v.Flow, v.Version, v.Version+1)
		}
	}
	return nil
}

// lockFlows lets one change of the flows happen at a time.
func lockFlows(ctx context.Context, tx pgx.Tx, after int64) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, changeLock); err != nil {
		return fmt.Errorf("lock flows: %w", err)
	}
	if after == 0 {
		return nil
	}
	now, err := revision(ctx, tx)
	if err == nil && now != after {
		return fault.New(fault.Conflict, "flows_moved", "Alguien más publicó mientras tanto. Revisa otra vez con `valebot flow diff`.")
	}
	return err
}

func insertChange(ctx context.Context, tx pgx.Tx, c *FlowChange) error {
	err := tx.QueryRow(ctx, `insert into flow_change (kind, bundle, people, author, note, at) values ($1, $2, $3, $4, $5, $6) returning id`,
		string(c.Kind), c.Bundle, string(c.People), c.Author, c.Note, c.At).Scan(&c.ID)
	if err != nil {
		return fmt.Errorf("store change of flows: %w", err)
	}
	rows := newColumns(2)
	for _, v := range c.Flows {
		rows.add(v.Flow, v.Version)
	}
	if rows.empty() {
		return nil
	}
	_, err = tx.Exec(ctx, `insert into flow_change_item (change_id, flow, version) select $3, * from unnest($1::text[], $2::int[])`,
		append(rows.args(), c.ID)...)
	if err != nil {
		return fmt.Errorf("store versions of change: %w", err)
	}
	return nil
}

// flowsChannel is where nodes hear that the flows changed.
const flowsChannel = "valebot_flows"

// enforce puts a change in force and tells the other nodes.
func enforce(ctx context.Context, tx pgx.Tx, c *FlowChange, by string, at time.Time) error {
	err := tx.QueryRow(ctx, `update flow_change set seq = (select coalesce(max(seq), 0) + 1 from flow_change), in_force_at = $2, approved_by = $3
		where id = $1 and seq is null and withdrawn_at is null returning seq`, c.ID, at, by).Scan(&c.Seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.Conflict, "not_waiting", "Esa publicación ya no espera aprobación.")
	}
	if err != nil {
		return fmt.Errorf("put flows in force: %w", err)
	}
	c.InForceAt, c.ApprovedBy = at, by
	if _, err := tx.Exec(ctx, `select pg_notify($1, $2::text)`, flowsChannel, fmt.Sprint(c.Seq)); err != nil {
		return fmt.Errorf("tell the other nodes: %w", err)
	}
	return nil
}

// ApproveFlows puts the change that waits in force. Whoever wrote it may not
// approve it: fault.Denied "same_eyes". Without one that waits: fault.NotFound
// "nothing_waits".
func (s *Store) ApproveFlows(ctx context.Context, by string, at time.Time) (FlowChange, error) {
	var c FlowChange
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockFlows(ctx, tx, 0); err != nil {
			return err
		}
		found, err := readChanges(ctx, tx, `where seq is null and withdrawn_at is null`)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "nothing_waits", "No hay ninguna publicación que espere aprobación.")
		}
		if c = found[0]; c.Author == by {
			return fault.Newf(fault.Denied, "same_eyes", "%s la propuso; la tiene que aprobar otra persona.", by)
		}
		return enforce(ctx, tx, &c, by, at)
	})
	return c, err
}
