package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/vault"
)

// StepTrouble is how often a step of a flow was come to and how often it failed.
type StepTrouble struct {
	Flow    string
	Step    string
	Entered int
	Started int // of them, at the beginning of a dialogue
	Handed  int // chats given to a person from there
	Unclear int // replies that were not understood there
}

const troubleSQL = `
with turns as (select flow, event, heard, from_step, path, effects from step_log where at >= $1 and at < $2),
marks as (
    select t.flow, u.step, 1 as entered, (u.i = 1)::int as started, 0 as handed, 0 as unclear
    from turns t, unnest(t.path) with ordinality as u (step, i) where u.i > 1 or t.event like 'started%'
    union all
    select flow, from_step, 0, 0, 1, 0 from turns where exists (select from unnest(effects) e where e like 'handoff %')
    union all
    select flow, from_step, 0, 0, 0, 1 from turns where event = 'replied' and heard = '')
select flow, step, sum(entered)::int, sum(started)::int, sum(handed)::int, sum(unclear)::int from marks where step <> '' group by flow, step order by flow, step`

// Troubles counts, for all flows at once, what happened in their steps between
// two instants.
func (s *Store) Troubles(ctx context.Context, from, to time.Time) ([]StepTrouble, error) {
	rows, _ := s.pool.Query(ctx, troubleSQL, from, to)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[StepTrouble])
	if err != nil {
		return nil, away(fmt.Errorf("count troubles of flows: %w", err))
	}
	return all, nil
}

// lessonBody is what of a lesson a person wrote.
type lessonBody struct {
	Text    string   `json:"text"`
	Counter []string `json:"counter,omitempty"`
}

// Propose keeps a lesson until a second person decides about it.
func (s *Store) Propose(ctx context.Context, l casework.Lesson) error {
	body, err := sealJSON(s.vault, lessonBody{l.Text, l.Counter}, vault.Place("lexicon_lesson", "body", l.ID.String()))
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `insert into lexicon_lesson (id, at, author, conversation_id, class, body) values ($1, $2, $3, $4, $5, $6)
on conflict (id) do nothing`, l.ID, l.At, l.Author, optional(l.Case), l.Class, body)
	if err != nil {
		return away(fmt.Errorf("write lesson: %w", err))
	}
	return s.noteRead(ctx, "agent:"+l.Author, "desk.teach", "lesson", l.ID.String(), l.Class, l.At)
}

const lessonSQL = `
select l.id, l.at, l.author, a.full_name, l.conversation_id, l.class, l.body, l.state, coalesce(b.full_name, ''), l.decided_at
from lexicon_lesson l join agent a on a.name = l.author left join agent b on b.name = l.decided_by `

// Lessons lists lessons of a state, the oldest decision first.
func (s *Store) Lessons(ctx context.Context, state casework.LessonState) ([]casework.Lesson, error) {
	rows, _ := s.pool.Query(ctx, lessonSQL+`where l.state = $1 order by coalesce(l.decided_at, l.at), l.id limit 1000`, state)
	all, err := pgx.CollectRows(rows, s.scanLesson)
	if err != nil {
		return nil, away(fmt.Errorf("list lessons: %w", err))
	}
	return all, nil
}

// Lesson reads one lesson; fault.NotFound if there is none.
func (s *Store) Lesson(ctx context.Context, id uuid.UUID) (casework.Lesson, error) {
	rows, _ := s.pool.Query(ctx, lessonSQL+`where l.id = $1`, id)
	l, err := pgx.CollectExactlyOneRow(rows, s.scanLesson)
	if err != nil {
		return l, one(err, "no_such_lesson", "Esa enseñanza no existe.")
	}
	return l, nil
}

func (s *Store) scanLesson(row pgx.CollectableRow) (casework.Lesson, error) {
	var l casework.Lesson
	var sealed []byte
	err := row.Scan(&l.ID, (*instant)(&l.At), &l.Author, &l.Name, (*optional)(&l.Case), &l.Class, &sealed, &l.State, &l.By, (*instant)(&l.Decided))
	if err != nil {
		return l, err
	}
	var body lessonBody
	err = openJSON(s.vault, sealed, vault.Place("lexicon_lesson", "body", l.ID.String()), &body)
	l.Text, l.Counter = body.Text, body.Counter
	return l, err
}

// Decide accepts or refuses a lesson in the name of somebody who is not its
// author. Faults: Denied with code own_lesson, Conflict with code decided,
// NotFound.
func (s *Store) Decide(ctx context.Context, id uuid.UUID, by string, state casework.LessonState, now time.Time) error {
	tag, err := s.pool.Exec(ctx, `
update lexicon_lesson set state = $3, decided_by = $2, decided_at = $4 where id = $1 and state = 'proposed' and author <> $2`, id, by, state, now)
	if err != nil {
		return away(fmt.Errorf("decide lesson: %w", err))
	}
	if tag.RowsAffected() == 0 {
		l, err := s.Lesson(ctx, id)
		switch {
		case err != nil:
			return err
		case l.Author == by:
			return fault.New(fault.Denied, "own_lesson", "Lo que tú enseñas lo acepta otra persona.")
		}
		return fault.New(fault.Conflict, "decided", "Otra persona ya decidió sobre esto.")
	}
	return s.noteRead(ctx, "agent:"+by, "desk.lesson", "lesson", id.String(), string(state), now)
}
