package app

import (
	"testing"
	"time"
)

// A webhook that never came is made up for by the list, once; one that did come
// is not answered again; a status that was lost is known after all.
func TestPollRepairsWhatWebhooksLost(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.says(beto, "saldo", "No debes nada")
	v.quiet() // what the list says of the answer finds it by the provider's id, which is stored now
	lost := text{sid: newSID(), to: worldSender, body: "saldo", at: time.Now().Add(-3 * time.Minute)}
	v.mu.Lock()
	sent := v.texts[0].sid
	v.listed = []map[string]any{
		{"sid": lost.sid, "account_sid": worldAccount, "from": ana, "to": worldSender, "body": "saldo", "direction": "inbound", "status": "received", "num_media": "0", "date_created": lost.at.UTC().Format(time.RFC1123Z)},
		{"sid": sent, "account_sid": worldAccount, "direction": "outbound-api", "status": "delivered", "body": "x", "to": beto, "date_created": lost.at.UTC().Format(time.RFC1123Z)},
	}
	v.mu.Unlock()
	for range 2 {
		if err := v.app.pollOnce(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	v.hears(ana, "No debes nada")
	v.silence(ana)
	v.wants(map[string]int64{
		"select count(*) from inbox where kind = 'message'":                           2,
		"select count(*) from outbox":                                                 2,
		"select count(*) from outbox where rank = 6":                                  1,
		"select count(*) from poll_mark where read_to > now() - interval '1 minute'":  1,
		"select count(*) from inbox where received_at < now() - interval '2 minutes'": 1,
	})
}
