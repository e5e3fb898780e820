package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/message"
	"valebot/internal/vault"
)

// StatsQuery says which turns of a flow are counted.
type StatsQuery struct {
	Flow    string
	Version int       // 0 = all
	Arm     string    // only dialogues that heard this wording, "tono_aviso:b"; "" = all
	From    time.Time // inclusive
	To      time.Time // exclusive
}

// StepStats is what people did in a step. Counts are of visits unless said
// otherwise; a dialogue may visit a step several times.
type StepStats struct {
	Step       string
	Entered    int
	Answered   int           // replies that were understood there
	Replies    int           // replies that were meant for the question, understood or not
	FirstTime  int           // dialogues whose first reply there was understood
	FirstAsked int           // dialogues that replied there at all
	Dwell      time.Duration // median between entering and leaving; 0 if nobody left
	Left       int           // gone by after: silence
	HandedOver int           // chats given to a person from there
}

// turnsSQL are the turns that count.
const turnsSQL = `
with turns as (
    select s.* from step_log s
    where s.flow = $1 and ($2 = 0 or s.version = $2) and s.at >= $3 and s.at < $4
      and ($5 = '' or exists (select from step_log a where a.dialogue_id = s.dialogue_id and ('arm ' || $5) = any(a.effects))))
`

const stepStatsSQL = turnsSQL + `,
entered as (
    select u.step, count(*) as n from turns t, unnest(t.path) with ordinality as u (step, i)
    where u.i > 1 or t.event like 'started%' group by u.step),
replies as (
    select from_step as step, dialogue_id, heard <> '' as clear, row_number() over (partition by dialogue_id, from_step order by id) as nth
    from turns where event = 'replied' and heard not like 'interrupt:%'),
replied as (
    select step, count(*) as n, count(*) filter (where clear) as clear, count(*) filter (where nth = 1) as dialogues,
           count(*) filter (where nth = 1 and clear) as first
    from replies group by step),
moves as (
    select from_step as step, at - lag(at) over (partition by dialogue_id order by id) as stay, event not like 'started%' as left_it
    from turns where cardinality(path) > 1 or event like 'started%'),
dwell as (
    select step, percentile_cont(0.5) within group (order by extract(epoch from stay)) as median
    from moves where left_it and stay is not null group by step),
silent as (
    select t.path[u.i] as step, count(*) as n from turns t, unnest(t.ways) with ordinality as u (way, i) where u.way = 'after' group by 1),
handed as (
    select from_step as step, count(*) as n from turns where exists (select from unnest(effects) e where e like 'handoff %') group by 1)
select step, coalesce(e.n, 0), coalesce(r.clear, 0), coalesce(r.n, 0), coalesce(r.first, 0), coalesce(r.dialogues, 0), coalesce(d.median, 0),
       coalesce(s.n, 0), coalesce(h.n, 0)
from entered e full join replied r using (step) full join dwell d using (step) full join silent s using (step) full join handed h using (step)
order by step`

func (q StatsQuery) args() []any { return []any{q.Flow, q.Version, q.From, q.To, q.Arm} }

// FlowSteps counts what people did in each step, by the name of the step.
func (s *Store) FlowSteps(ctx context.Context, q StatsQuery) ([]StepStats, error) {
	rows, _ := s.pool.Query(ctx, stepStatsSQL, q.args()...)
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (st StepStats, err error) {
		var seconds float64
		err = row.Scan(&st.Step, &st.Entered, &st.Answered, &st.Replies, &st.FirstTime, &st.FirstAsked, &seconds, &st.Left, &st.HandedOver)
		st.Dwell = time.Duration(seconds * float64(time.Second)).Round(time.Second)
		return st, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("count steps: %w", err))
	}
	return out, nil
}

// WayCount is how often a step was left by an outcome.
type WayCount struct {
	Step    string
	Outcome string
	N       int
}

// FlowWays counts by which outcome steps were left.
func (s *Store) FlowWays(ctx context.Context, q StatsQuery) ([]WayCount, error) {
	rows, _ := s.pool.Query(ctx, turnsSQL+`
		select t.path[u.i], u.way, count(*) from turns t, unnest(t.ways) with ordinality as u (way, i) group by 1, 2 order by 1, 2`, q.args()...)
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[WayCount])
	if err != nil {
		return nil, away(fmt.Errorf("count ways: %w", err))
	}
	return out, nil
}

// OutcomeCount is how often dialogues ended so. An empty Outcome counts those
// that are still open. Arm is "" where no wording was under test.
type OutcomeCount struct {
	Version int
	Arm     string
	Outcome string
	N       int
}

const outcomesSQL = turnsSQL + `,
began as (select distinct dialogue_id from turns),
arms as (
    select distinct t.dialogue_id, substr(e, 5) as arm from turns t, unnest(t.effects) e where e like 'arm %')
select d.version, coalesce(a.arm, ''), d.outcome, count(*)
from began b join dialogue d on d.id = b.dialogue_id left join arms a on a.dialogue_id = d.id
group by 1, 2, 3 order by 1, 2, 4 desc, 3`

// FlowOutcomes counts how the dialogues ended, by version and by arm. A dialogue
// under several tests counts in each of its arms.
func (s *Store) FlowOutcomes(ctx context.Context, q StatsQuery) ([]OutcomeCount, error) {
	rows, _ := s.pool.Query(ctx, outcomesSQL, q.args()...)
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OutcomeCount])
	if err != nil {
		return nil, away(fmt.Errorf("count outcomes: %w", err))
	}
	return out, nil
}

// maxUnclear bounds how many replies are opened for one report.
const maxUnclear = 2000

// Unclear is a reply that a step did not understand. It is what somebody wrote:
// whoever shows it masks it first.
type Unclear struct {
	Step string
	Text string
}

// UnclearReplies opens the newest replies that were not understood, but for
// answers that are secret. That actor read them is written down.
func (s *Store) UnclearReplies(ctx context.Context, q StatsQuery, actor string, now time.Time) ([]Unclear, error) {
	rows, _ := s.pool.Query(ctx, turnsSQL+`
		select t.from_step, i.id, i.payload from turns t join inbox i on i.id = t.event_id
		where t.event = 'replied' and t.heard = '' and i.kind = 'message' and not i.secret order by t.id desc limit $6`, append(q.args(), maxUnclear)...)
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unclear, err error) {
		var id uuid.UUID
		var sealed []byte
		if err := row.Scan(&u.Step, &id, &sealed); err != nil {
			return u, err
		}
		var in message.Inbound
		err = openJSON(s.vault, sealed, vault.Place("inbox", "payload", id.String()), &in)
		u.Text = in.Body
		return u, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("read unclear replies: %w", err))
	}
	return out, s.noteRead(ctx, actor, "flow.unclear", "flow", q.Flow, fmt.Sprintf("%d replies", len(out)), now)
}

// noteRead writes down that somebody read what people wrote.
func (s *Store) noteRead(ctx context.Context, actor, action, kind, id, detail string, now time.Time) error {
	_, err := s.pool.Exec(ctx, `insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
		values ($1, $2, $3, $4, $5, $6, 'ok', $7, $8)`, s.newID(), now, actor, action, kind, id, s.newID().String(), detail)
	if err != nil {
		return away(fmt.Errorf("write down what was read: %w", err))
	}
	return nil
}
