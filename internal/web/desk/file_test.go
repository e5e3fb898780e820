package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/channel"
	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/postgres"
)

// sent lets Ana send files in one message, each of a kind.
func (o *office) sent(kinds ...string) (chatID uuid.UUID, files []uuid.UUID) {
	o.Helper()
	from := message.Address{Channel: message.SMS, Value: "+526671234567"}
	in := message.Inbound{Provider: "twilio", ProviderID: uuid.NewString(), From: from, Kind: message.Photo, ReceivedAt: o.now}
	for range kinds {
		in.Media = append(in.Media, message.Media{URL: "https://api.twilio.com/x"})
	}
	_, err := o.store.Arrive(o.Context(), []postgres.Arrival{{
		Key: from.Key(), Channel: from.Channel, Address: from.Value, Source: "twilio", SourceID: in.ProviderID,
		Kind: engine.MessageEvent, Payload: in, ReceivedAt: o.now,
	}})
	o.must(err)
	chatID = o.turn(o.queued("altas", ""))
	wanted, err := o.store.WantMedia(o.Context(), o.now, len(kinds), time.Minute)
	o.must(err)
	for i, w := range wanted {
		o.must(o.store.KeepMedia(o.Context(), w.ID, channel.File{ContentType: kinds[i], Content: []byte("<script>alert(1)</script>")}, o.now))
		files = append(files, w.ID)
	}
	return chatID, files
}

// TestFiles: a picture is shown, anything else is saved, nothing runs, and every
// reading is written down.
func TestFiles(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, files := o.sent("image/jpeg", "text/html", "image/svg+xml", "application/pdf")
	b := o.agent("luis")
	b.get(chat(id))
	b.sees("Mandó una foto", "Foto, 1 kB", "PDF, 1 kB", chat(id)+"/archivo/"+files[0].String())
	for i, want := range []string{"image/jpeg inline", "application/octet-stream attachment", "application/octet-stream attachment", "application/octet-stream attachment"} {
		answer, err := b.client.Do(b.request(http.MethodGet, chat(id)+"/archivo/"+files[i].String(), nil))
		o.must(err)
		_ = answer.Body.Close()
		h := answer.Header
		if got := h.Get("Content-Type") + " " + h.Get("Content-Disposition"); answer.StatusCode != http.StatusOK || got != want {
			t.Errorf("file %d: %d %s, want %s", i, answer.StatusCode, got, want)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Cache-Control") != "no-store" {
			t.Errorf("file %d: %v", i, h)
		}
	}
	if n := o.count("audit where action = 'media.read' and actor = 'agent:luis' and subject_id = $1", id.String()); n != 4 {
		t.Errorf("%d readings in the audit", n)
	}
}

// TestFilesOfOthers: a file is read through a chat that it belongs to and that
// the agent may see, or not at all.
func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, files := o.sent("image/jpeg")
	other := o.write("+526672345678", "hola", o.queued("pagos", ""))
	o.must(o.store.SetDuty(t.Context(), "eva", casework.RoleAgent, []string{"pagos"}))
	luis, eva := o.agent("luis"), o.agent("eva")
	for path, b := range map[string]*browser{
		chat(other) + "/archivo/" + files[0].String(): luis,
		chat(id) + "/archivo/" + uuid.NewString():     luis,
		chat(id) + "/archivo/x":                       luis,
		chat(id) + "/archivo/" + files[0].String():    eva,
	} {
		if got := b.get(path); got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	if n := o.count("audit where action = 'media.read'"); n != 0 {
		t.Error("a reading that was none is in the audit")
	}
	if got := o.browser().get(chat(id) + "/archivo/" + files[0].String()); got != http.StatusOK { // the login page
		t.Errorf("without a session: %d", got)
	}
}
