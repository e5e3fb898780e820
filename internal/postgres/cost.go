package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/quincena"
	"valebot/internal/tariff"
)

// billedColumns are what costSQL knows a message by.
const billedColumns = `o.id, o.attempt, o.conversation_id, o.dialogue_id, o.channel, o.lane, o.template, o.campaign, o.segments, o.state`

// costSQL bills the messages of "moved" (billedColumns, and now) at the price
// of the moment, as "m": a template by the category that the provider gave it,
// or by the lane where it said nothing. Each hand-over is billed once.
const costSQL = `
insert into message_cost (message_id, attempt, conversation_id, dialogue_id, at, channel, category, campaign, segments, micropesos, example)
select m.id, m.attempt, m.conversation_id, m.dialogue_id, m.now, m.channel, k.category, m.campaign, m.segments, p.micropesos * m.segments,
       coalesce(p.example, false)
from moved m
cross join lateral (select case when m.channel = 'sms' then 'segment' when m.template = '' then 'service'
    else coalesce((select lower(w.category) from wa_template w where w.name = m.template order by w.language limit 1),
                  case m.lane when 0 then 'authentication' when 4 then 'marketing' else 'utility' end) end as category) k
left join lateral (select q.micropesos, q.example from message_price q
    where q.channel = m.channel and q.category = k.category and q.from_at <= m.now order by q.from_at desc limit 1) p on true`

const dropPricesSQL = `
delete from message_price p where not exists (
    select from unnest($1::text[], $2::text[], $3::timestamptz[]) as u (channel, category, from_at)
    where u.channel = p.channel and u.category = p.category and u.from_at = p.from_at)`

const savePricesSQL = `
insert into message_price (channel, category, from_at, micropesos, example)
select channel, category, from_at, micropesos, example
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::bool[]) as u (channel, category, from_at, micropesos, example)
order by channel, category, from_at
on conflict (channel, category, from_at) do update set micropesos = excluded.micropesos, example = excluded.example
where (message_price.micropesos, message_price.example) <> (excluded.micropesos, excluded.example)`

// SavePrices puts the prices of a file in place of those before. What messages
// have cost stays as it is. Days begin at midnight in central Mexico.
func (s *Store) SavePrices(ctx context.Context, prices []tariff.Price) error {
	keys, c := newColumns(3), newColumns(5)
	for _, p := range prices {
		from := p.From.At(0, 0, quincena.Central())
		keys.add(string(p.Channel), string(p.Category), from)
		c.add(string(p.Channel), string(p.Category), from, int64(p.Each), p.Example)
	}
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if c.empty() {
			_, err := tx.Exec(ctx, `delete from message_price`)
			return err
		}
		if _, err := tx.Exec(ctx, dropPricesSQL, keys.args()...); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, savePricesSQL, c.args()...)
		return err
	})
	return wrap("save prices", err)
}

// Cost is what the messages of one group cost.
type Cost struct {
	Key        string            `json:"key"`  // id of the conversation, folio, campaign, day, or channel and category
	Taken      int               `json:"sent"` // hand-overs that a provider took; one tried again counts again
	Segments   int               `json:"segments"`
	Micropesos tariff.Micropesos `json:"micropesos"` // millionths of a peso
	Unpriced   int               `json:"unpriced"`   // of those taken, for which there was no price that day
	Example    int               `json:"example"`    // of those taken, at a price that is only an example
}

// costKeys say what each grouping names a message by. A message about no credit,
// or of no campaign, has the key ”.
func costKeys() map[string]string {
	return map[string]string{
		"conversation": `m.conversation_id::text`,
		"campaign":     `m.campaign`,
		"day":          `(m.at at time zone $3)::date::text`,
		"channel":      `m.channel || ' ' || m.category`,
		"credit": `coalesce((select v.folio from dialogue d left join loan l on l.id = case when d.about_kind = 'pago' then d.about_id::uuid end
			join vale v on v.id = case when d.about_kind = 'vale' then d.about_id::uuid else l.vale_id end where d.id = m.dialogue_id), '')`,
	}
}

const costsSQL = `
select key, count(*), sum(segments), coalesce(sum(micropesos), 0)::bigint, count(*) filter (where micropesos is null), count(*) filter (where example)
from (select %s as key, m.segments, m.micropesos, m.example from message_cost m where m.at >= $1 and m.at < $2 and $3 <> '') x
group by key order by key`

// Costs adds up what messages cost that providers took from one moment until
// before another, by conversation, credit (the folio of its vale), campaign, day
// (of central Mexico) or channel, sorted by key. Any other grouping is refused
// with the code bad_grouping.
func (s *Store) Costs(ctx context.Context, from, to time.Time, by string) ([]Cost, error) {
	key, ok := costKeys()[by]
	if !ok {
		return nil, fault.Newf(fault.Invalid, "bad_grouping", "No se puede agrupar por %q: usa conversation, credit, campaign, day o channel.", by)
	}
	rows, _ := s.pool.Query(ctx, fmt.Sprintf(costsSQL, key), from, to, quincena.Central().String())
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Cost])
	if err != nil {
		return nil, away(fmt.Errorf("read costs: %w", err))
	}
	return all, nil
}
