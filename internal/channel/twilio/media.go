package twilio

import (
	"context"
	"net/http"

	"valebot/internal/channel"
	"valebot/internal/message"
)

// mediaHosts are where Twilio keeps what people send. Its API answers with a
// redirect to one of the others, whose address is a key in itself: credentials
// go to the API alone.
var mediaHosts = []string{"api.twilio.com", "media.twiliocdn.com", "mms.twiliocdn.com", ".media.twiliocdn.com", "s3-external-1.amazonaws.com", "content-media.twilio.com"}

// Fetch gets a file that a person sent. Errors as those of channel.Fetcher.
func (c *Client) Fetch(ctx context.Context, m message.Media) (channel.File, error) {
	f := &channel.Fetcher{
		Hosts: mediaHosts, Trusted: []string{"api.twilio.com"},
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", c.logins[c.login.Load()]) },
	}
	if c.host.Host != "api.twilio.com" {
		f.Hosts, f.Trusted, f.Local = []string{c.host.Host}, []string{c.host.Host}, true // a stand-in
	}
	if c.transport != nil {
		f.HTTP = c.transport
	}
	return f.Fetch(ctx, m.URL)
}
