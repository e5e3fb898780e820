package postgres

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// photo is a message with two files, as an adapter stored it.
func (b bench) photo(id string) {
	b.Helper()
	m := message.Inbound{Provider: "twilio", Account: "AC1", ProviderID: id, From: message.Address{Channel: message.SMS, Value: "+526671234567"}, Kind: message.Photo,
		Media: []message.Media{{URL: "https://api.twilio.com/a"}, {ID: "902", Name: "ine.pdf"}}}
	_, err := b.Arrive(b.Context(), []Arrival{{
		Key: m.From.Key(), Channel: message.SMS, Address: m.From.Value, Source: "twilio", SourceID: "AC1:" + id, Kind: engine.MessageEvent, Payload: m, ReceivedAt: b.now,
	}})
	b.must(err)
}

func TestMediaIsFetchedOnceAndKeptEncrypted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.photo("SM1")
	b.photo("SM1") // delivered again
	wanted, err := b.WantMedia(t.Context(), b.now, 10, time.Minute)
	b.must(err)
	if len(wanted) != 2 || wanted[0].Provider != "twilio" || wanted[0].Tries != 0 {
		t.Fatalf("wanted %+v", wanted)
	}
	if again, err := b.WantMedia(t.Context(), b.now, 10, time.Minute); err != nil || len(again) != 0 {
		t.Errorf("two fetch the same: %+v %v", again, err)
	}
	for _, w := range wanted {
		if w.File.URL == "" {
			b.must(b.MissMedia(t.Context(), w.ID, time.Time{}, "el proveedor ya no lo tiene", b.now))
			continue
		}
		b.must(b.KeepMedia(t.Context(), w.ID, channel.File{ContentType: "image/jpeg", Content: []byte("una foto secreta")}, b.now))
		b.must(b.KeepMedia(t.Context(), w.ID, channel.File{ContentType: "image/png", Content: []byte("otra")}, b.now)) // too late
		var raw []byte
		b.must(b.pool.QueryRow(t.Context(), `select content from media where id = $1`, w.ID).Scan(&raw))
		if bytes.Contains(raw, []byte("secreta")) {
			t.Error("kept in the clear")
		}
		f, err := b.ReadMedia(t.Context(), "agent:luis", w.ID, b.now)
		if err != nil || string(f.Content) != "una foto secreta" || f.ContentType != "image/jpeg" {
			t.Errorf("read %+v %v", f, err)
		}
	}
	var conv uuid.UUID
	var audits int
	b.must(b.pool.QueryRow(t.Context(), `select conversation_id from inbox where source_id = 'AC1:SM1'`).Scan(&conv))
	b.must(b.pool.QueryRow(t.Context(), `select count(*) from audit where action = 'media.read' and actor = 'agent:luis' and subject_id = $1`, conv.String()).Scan(&audits))
	if audits != 1 {
		t.Errorf("%d audit rows of one reading", audits)
	}
	entries, err := b.MediaOf(t.Context(), conv, 10)
	if err != nil || len(entries) != 2 || entries[0].State != "stored" || entries[0].Size != 16 || entries[1].State != "gone" || entries[1].Reason == "" {
		t.Errorf("entries %+v %v", entries, err)
	}
	if _, err := b.ReadMedia(t.Context(), "agent:luis", entries[1].ID, b.now); fault.CodeOf(err) != "media_absent" {
		t.Errorf("read what is gone: %v", err)
	}
}

func TestMediaComesUpAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.photo("SM1")
	first, err := b.WantMedia(t.Context(), b.now, 1, time.Minute)
	b.must(err)
	b.must(b.MissMedia(t.Context(), first[0].ID, b.now.Add(time.Hour), "", b.now))
	at := func(d time.Duration) int {
		got, err := b.WantMedia(t.Context(), b.now.Add(d), 10, time.Second)
		b.must(err)
		return len(got)
	}
	if now, soon := at(0), at(59*time.Minute); now != 1 || soon != 1 { // the other file, whose taker died
		t.Errorf("now %d, soon %d", now, soon)
	}
	if later := at(61 * time.Minute); later != 2 {
		t.Errorf("after an hour %d", later)
	}
}

func TestPollMarkNeverGoesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if at, err := b.ReadTo(t.Context(), "twilio"); err != nil || !at.IsZero() {
		t.Errorf("%s %v", at, err)
	}
	for _, to := range []time.Time{b.now, b.now.Add(time.Hour), b.now.Add(time.Minute)} {
		b.must(b.MarkRead(t.Context(), "twilio", to))
	}
	if at, err := b.ReadTo(t.Context(), "twilio"); err != nil || !at.Equal(b.now.Add(time.Hour)) {
		t.Errorf("%s %v", at, err)
	}
}
