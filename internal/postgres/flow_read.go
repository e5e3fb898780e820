package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
)

// querier is the pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func revision(ctx context.Context, q querier) (seq int64, err error) {
	if err = q.QueryRow(ctx, `select coalesce(max(seq), 0) from flow_change`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("read revision of flows: %w", err)
	}
	return seq, nil
}

// Revision tells whether what flows are decided by has changed.
type Revision struct {
	Seq     int64 // of the change that is in force; 0 if there is none
	Stopped int   // arms of tests that were stopped
}

// FlowsRevision returns what is in force now.
func (s *Store) FlowsRevision(ctx context.Context) (r Revision, err error) {
	err = s.pool.QueryRow(ctx, `select (select coalesce(max(seq), 0) from flow_change), (select count(*) from flow_arm_stop)`).Scan(&r.Seq, &r.Stopped)
	if err != nil {
		return r, away(fmt.Errorf("read revision of flows: %w", err))
	}
	return r, nil
}

const changeSQL = `
select c.id, c.kind, c.bundle, c.people, c.author, c.note, c.at, c.approved_by, coalesce(c.seq, 0), c.in_force_at, c.withdrawn_at,
       array(select i.flow from flow_change_item i where i.change_id = c.id order by i.flow),
       array(select i.version from flow_change_item i where i.change_id = c.id order by i.flow)
from flow_change c `

// readChanges lists changes, the newest first. Their flows come without sources.
func readChanges(ctx context.Context, q querier, where string, args ...any) ([]FlowChange, error) {
	rows, _ := q.Query(ctx, changeSQL+where+` order by coalesce(c.seq, 9223372036854775807) desc, c.id desc`, args...)
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c FlowChange, err error) {
		var inForce, withdrawn *time.Time
		var names []string
		var versions []int
		err = row.Scan(&c.ID, &c.Kind, &c.Bundle, &c.People, &c.Author, &c.Note, &c.At, &c.ApprovedBy, &c.Seq, &inForce, &withdrawn, &names, &versions)
		c.InForceAt, c.Withdrawn = deref(inForce), deref(withdrawn)
		for i, name := range names {
			c.Flows = append(c.Flows, FlowVersion{Flow: name, Version: versions[i]})
		}
		return c, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("read changes of flows: %w", err))
	}
	return out, nil
}

// CurrentFlows returns the change that is in force. ok is false on a database
// whose flows were never published.
func (s *Store) CurrentFlows(ctx context.Context) (c FlowChange, ok bool, err error) {
	found, err := readChanges(ctx, s.pool, `where c.seq = (select max(seq) from flow_change)`)
	if err != nil || len(found) == 0 {
		return c, false, err
	}
	return found[0], true, nil
}

// WaitingFlows returns the change that waits for a second person.
func (s *Store) WaitingFlows(ctx context.Context) (c FlowChange, ok bool, err error) {
	found, err := readChanges(ctx, s.pool, `where c.seq is null and c.withdrawn_at is null`)
	if err != nil || len(found) == 0 {
		return c, false, err
	}
	return found[0], true, nil
}

// FlowHistory lists the changes that made a version of a flow current, or waited
// to, the newest first; "" lists all changes. Each time that the files changed
// around a version counts.
func (s *Store) FlowHistory(ctx context.Context, flow string, limit int) ([]FlowChange, error) {
	all, err := readChanges(ctx, s.pool, `where ($1 = '' or exists (select from flow_change_item i where i.change_id = c.id and i.flow = $1))
		and c.id in (select id from flow_change order by id desc limit $2)`, flow, limit)
	return all, err
}

// FlowBundle returns the packed files of a bundle.
func (s *Store) FlowBundle(ctx context.Context, sha256 string) (files []byte, err error) {
	err = s.pool.QueryRow(ctx, `select files from flow_bundle where sha256 = $1`, sha256).Scan(&files)
	if err == pgx.ErrNoRows {
		return nil, fault.Newf(fault.NotFound, "no_such_bundle", "No están guardados los archivos %.12s.", sha256)
	}
	if err != nil {
		return nil, away(fmt.Errorf("read files of flows: %w", err))
	}
	return files, nil
}

// FlowSource is a version of a flow with where its files are.
type FlowSource struct {
	FlowVersion
	Bundle      string // of the newest change in force that held it; "" if none did
	PublishedAt time.Time
}

const sourcesSQL = `
select f.flow, f.version, f.sha256, f.source, f.published_at,
       coalesce((select c.bundle from flow_change c join flow_change_item i on i.change_id = c.id
                 where i.flow = f.flow and i.version = f.version and c.seq is not null order by c.seq desc limit 1), '')
from flow_version f `

func (s *Store) sources(ctx context.Context, where string, args ...any) ([]FlowSource, error) {
	rows, _ := s.pool.Query(ctx, sourcesSQL+where+` order by f.flow, f.version`, args...)
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f FlowSource, err error) {
		err = row.Scan(&f.Flow, &f.Version, &f.SHA256, &f.Source, &f.PublishedAt, &f.Bundle)
		return f, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("read flow versions: %w", err))
	}
	return out, nil
}

// FlowSources lists the versions of a flow, or with "" those of all, the oldest
// first.
func (s *Store) FlowSources(ctx context.Context, flow string) ([]FlowSource, error) {
	return s.sources(ctx, `where $1 = '' or f.flow = $1`, flow)
}

// ThrongedFlows lists versions that people are in the middle of, in their own
// dialogue or within another flow's, however deep. Idle dialogues at rest do not count: they
// move to the newest version by themselves.
func (s *Store) ThrongedFlows(ctx context.Context, idle string) ([]FlowSource, error) {
	return s.sources(ctx, `
		where exists (select from dialogue d where d.flow = f.flow and d.version = f.version and d.status <> 'ended'
		              and not (d.flow = $1 and d.status = 'waiting'))
		or exists (select from dialogue d where d.status <> 'ended' and d.inside <> '{}' and d.inside @> array[f.flow || '@' || f.version])
		or exists (select from dialogue d where d.status <> 'ended' and d.inside = '{}' and d.step like f.flow || '/%')`, idle)
}

// Crowd is how many people stand in a step of a version.
type Crowd struct {
	Flow    string
	Version int
	Step    string
	People  int
}

// Crowds counts the people in each step of a flow, or with "" of all.
func (s *Store) Crowds(ctx context.Context, flow string) ([]Crowd, error) {
	rows, _ := s.pool.Query(ctx, `select flow, version, step, count(*) from dialogue
		where status <> 'ended' and ($1 = '' or flow = $1) group by flow, version, step order by flow, version, step`, flow)
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Crowd])
	if err != nil {
		return nil, away(fmt.Errorf("count people in flows: %w", err))
	}
	return out, nil
}

// AwaitFlows returns when a node says that the flows changed, or after patience:
// whoever waits here looks at FlowsRevision then, so that a lost word costs no
// more than that.
func (s *Store) AwaitFlows(ctx context.Context, patience time.Duration) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return away(fmt.Errorf("listen for flows: %w", err))
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "listen "+flowsChannel); err != nil {
		return away(fmt.Errorf("listen for flows: %w", err))
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = conn.Conn().WaitForNotification(limited)
	if err != nil && limited.Err() == nil {
		return away(fmt.Errorf("listen for flows: %w", err))
	}
	return ctx.Err()
}
