package postgres

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/vault"
)

// told is an inbox row of the core as the engine meets it.
type told struct {
	Key, Address, Channel, Kind, State string
	Emit                               lending.Emit
}

func (b bench) told() []told {
	b.Helper()
	rows, err := b.pool.Query(b.Context(), `
select c.key, c.address, c.channel, i.kind, i.state, i.id, i.payload
from inbox i join conversation c on c.id = i.conversation_id where i.source = 'core' order by i.id`)
	b.must(err)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (told, error) {
		var one told
		var id uuid.UUID
		var payload []byte
		if err := row.Scan(&one.Key, &one.Address, &one.Channel, &one.Kind, &one.State, &id, &payload); err != nil {
			return one, err
		}
		raw, err := b.vault.Open(payload, vault.Place("inbox", "payload", id.String()))
		if err != nil {
			return one, err
		}
		return one, json.Unmarshal(raw, &one.Emit)
	})
	b.must(err)
	return all
}

func TestEmitsReachTheConversation(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	emits := []lending.Emit{
		{Key: "vale.authorized:1", PersonID: w.ana.ID, Name: "vale.authorized", About: lending.About{Kind: "vale", ID: w.vale.ID.String()},
			Data: map[string]any{"monto": money.Amount(3000_00), "vence": w.loan.Active, "quincenas": 8}},
		{Key: "outcome:2", PersonID: w.ana.ID, Name: "payout.cardless", Token: "tok", Outcome: "ok"},
		{Key: "vale.delivered:1", PersonID: w.maria.ID, Name: "vale.delivered"},
	}
	b.must(b.write(func(book *lending.Book) error {
		book.Emits = emits
		return nil
	}))
	ana := message.Address{Channel: message.SMS, Value: w.ana.Phone}.Key()
	maria := message.Address{Channel: message.SMS, Value: w.maria.Phone}.Key()
	want := []told{
		{ana, w.ana.Phone, "sms", "core", "pending", emits[0]},
		{ana, w.ana.Phone, "sms", "outcome", "pending", emits[1]},
		{maria, w.maria.Phone, "sms", "core", "pending", emits[2]},
	}
	if diff := cmp.Diff(want, b.told()); diff != "" {
		t.Errorf("inbox (-want +got):\n%s", diff)
	}
	// The same keys are the same events, for ever.
	b.must(b.write(func(book *lending.Book) error {
		book.Emits = append(emits[:2:2], emits[0])
		return nil
	}))
	if got := len(b.told()); got != 3 {
		t.Errorf("%d events after telling them again, want 3", got)
	}
}

func TestEmitsFindAnOpenConversation(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	b.must(b.exec(`insert into conversation (id, key, channel, address, created_at) values ($1, $2, 'whatsapp', $3, $4)`,
		newID(), "tel:"+w.ana.Phone, "+5216671234567", b.now))
	b.must(b.write(func(book *lending.Book) error {
		book.Emits = []lending.Emit{{Key: "k", PersonID: w.ana.ID, Name: "x"}}
		return nil
	}))
	got := b.told()
	if len(got) != 1 || got[0].Channel != "whatsapp" || got[0].Address != "+5216671234567" {
		t.Errorf("inbox = %+v", got)
	}
}

// A person made in the same Book can be told in it.
func TestEmitsForANewPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newTown(b)
	b.must(b.write(func(book *lending.Book) error {
		book.PutPerson(w.ana)
		book.Emits = []lending.Emit{{Key: "k", PersonID: w.ana.ID, Name: "x"}}
		return nil
	}))
	if got := b.told(); len(got) != 1 {
		t.Errorf("inbox = %+v", got)
	}
}

func TestEmitsWithDataThatCannotBeCarried(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	err := b.write(func(book *lending.Book) error {
		book.Emits = []lending.Emit{{Key: "k", PersonID: w.ana.ID, Name: "x", Data: map[string]any{"a": 1.5}}}
		return nil
	})
	if err == nil {
		t.Error("a float was carried")
	}
}
