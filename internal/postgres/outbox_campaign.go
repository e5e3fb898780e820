package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// turnUnit is what one segment of a campaign of weight 1 advances its turn by;
// a campaign of weight w advances by a w-th of it.
const turnUnit = 1000

// A campaign begins where the one that is furthest behind stands now, and goes on
// where its own last message stands: so a new one neither waits for those that
// came before it nor goes before their turn.
const campaignTurnSQL = `
select greatest(
    coalesce((select min(o.vft) from outbox o where o.channel = $1 and o.lane = 4 and o.settled_at is null and o.ready and o.state = 'queued'), 0),
    coalesce((select max(o.vft) from outbox o where o.campaign = $2 and o.campaign <> '' and o.settled_at is null and o.state = 'queued'), 0))`

const writeCampaignSQL = `
update outbox o set campaign = $1, vft = u.vft from unnest($2::uuid[], $3::bigint[]) as u (id, vft)
where o.id = any ($2) and o.id = u.id`

// QueueCampaign queues messages of a campaign in fair turns with the other
// campaigns of the channel: each gets its share by weight, 1 to 100, whichever
// came first and however many messages it has. All letters go by one channel.
// Whether a contact has agreed is asked when its message is sent.
func (s *Store) QueueCampaign(ctx context.Context, campaign string, weight int, letters []engine.Letter) error {
	if campaign == "" || weight < 1 || weight > 100 {
		return fault.Newf(fault.Invalid, "bad_campaign", "Una campaña lleva nombre y un peso de 1 a 100; llegó %q con %d.", campaign, weight)
	}
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if len(letters) == 0 {
			return nil
		}
		var turn int64
		if err := tx.QueryRow(ctx, campaignTurnSQL, string(letters[0].To.Channel), campaign).Scan(&turn); err != nil {
			return err
		}
		for i := range letters {
			letters[i].Lane = message.LaneCampaign
		}
		u, batch, turns := &unit{Store: s, tx: tx}, &pgx.Batch{}, newColumns(2)
		if err := u.queueLetters(batch, []engine.Change{{Letters: letters}}); err != nil {
			return err
		}
		for _, l := range letters {
			turn += turnUnit * int64(max(l.Segments, 1)) / int64(weight)
			turns.add(l.ID, turn)
		}
		batch.Queue(writeCampaignSQL, append([]any{campaign}, turns.args()...)...)
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("queue campaign: %w", err)
	}
	return nil
}

// QueueLetters queues messages that belong to no turn of a conversation.
func (s *Store) QueueLetters(ctx context.Context, letters []engine.Letter) error {
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		u, batch := &unit{Store: s, tx: tx}, &pgx.Batch{}
		if err := u.queueLetters(batch, []engine.Change{{Letters: letters}}); err != nil {
			return err
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("queue letters: %w", err)
	}
	return nil
}
