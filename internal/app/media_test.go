package app

import (
	"net/http"
	"testing"

	"valebot/internal/message"
	"valebot/internal/sandbox"
)

// What people send is fetched from each provider and kept for the desk.
func TestFilesAreFetchedFromEachProvider(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channel message.Channel
		change  func(*Config)
	}{
		"twilio":   {message.SMS, func(*Config) {}},
		"whatsapp": {message.WhatsApp, func(*Config) {}},
		"gateway":  {message.SMS, func(c *Config) { c.GatewayChannel = "sms" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, c.change)
			for _, media := range []string{"photo", "voice"} {
				s.call(http.MethodPost, "phones/"+ana+"/messages", sandbox.Draft{Media: media, Channel: c.channel}, nil)
			}
			s.until(name, "select count(*)::int from media where state = 'stored' and size > 0 and source = '"+name+"'", 2)
		})
	}
}
