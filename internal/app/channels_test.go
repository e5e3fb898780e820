package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"valebot/internal/message"
)

func TestChannelConfigurationProblems(t *testing.T) {
	t.Parallel()
	base := worldConfig(&world{web: httptest.NewUnstartedServer(nil)}, t.TempDir())
	base.TwilioAPIURL, base.ATMURL, base.SPEIURL = "http://twilio.test", "http://atm.test", "http://spei.test"
	base.PublicURL = "http://bot.test"
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // variable that is complained about; "" for none
	}{
		"as it is":               {func(*Config) {}, ""},
		"no number id":           {func(c *Config) { c.WhatsAppToken = "x" }, "VALEBOT_WHATSAPP_PHONE_ID"},
		"the number, not its id": {func(c *Config) { c.WhatsAppPhoneID = "+5255" }, "VALEBOT_WHATSAPP_PHONE_ID"},
		"no token":               {func(c *Config) { c.WhatsAppPhoneID = "1" }, "VALEBOT_WHATSAPP_TOKEN"},
		"no app secret":          {func(c *Config) { c.WhatsAppPhoneID, c.WhatsAppToken = "1", "x" }, "VALEBOT_WHATSAPP_APP_SECRET"},
		"short verify token":     {func(c *Config) { c.WhatsAppPhoneID, c.WhatsAppVerify = "1", "corta" }, "VALEBOT_WHATSAPP_VERIFY_TOKEN"},
		"whatsapp, complete": {func(c *Config) {
			c.WhatsAppPhoneID, c.WhatsAppToken, c.WhatsAppSecret, c.WhatsAppVerify = "1", "x", "y", "palabra-larga"
		}, ""},
		"gateway without a secret": {func(c *Config) { c.GatewayURL, c.GatewayChannel, c.GatewayName = "http://g.test", "sms", "g" }, "VALEBOT_GATEWAY_SECRET"},
		"gateway of no channel":    {func(c *Config) { c.GatewayURL, c.GatewaySecret, c.GatewayName = "http://g.test", worldSecret, "g" }, "VALEBOT_GATEWAY_CHANNEL"},
		"nameless gateway":         {func(c *Config) { c.GatewayURL, c.GatewaySecret, c.GatewayChannel = "http://g.test", worldSecret, "sms" }, "VALEBOT_GATEWAY_NAME"},
		"a gateway in place of Twilio": {func(c *Config) {
			c.GatewayURL, c.GatewaySecret, c.GatewayChannel, c.GatewayName = "http://g.test", worldSecret, "sms", "g"
			c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioSender = "", "", ""
		}, ""},
		"nobody for SMS": {func(c *Config) { c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioSender = "", "", "" }, "VALEBOT_TWILIO_ACCOUNT_SID"},
	} {
		cfg := base
		c.change(&cfg)
		err := cfg.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want+":") && !strings.Contains(err.Error(), c.want+" y") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Without live sending nothing leaves for a real provider, whichever it is.
func TestNothingLeavesUnlessLive(t *testing.T) {
	t.Parallel()
	v := newTown(t, func(c *Config) {
		c.WhatsAppPhoneID, c.WhatsAppToken, c.WhatsAppSecret, c.WhatsAppVerify = "1", "x", "y", "palabra-larga" // and Meta's own address
	})
	v.get("/healthz") // it runs
	s, err := v.app.sender()
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Send(context.Background(), message.Outbound{To: message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, Body: "hola"})
	if message.ClassOf(err) != message.Config || !strings.Contains(err.Error(), "live sending is off") {
		t.Errorf("WhatsApp: %v", err)
	}
	if _, ok := v.app.fetchers["whatsapp"]; ok {
		t.Error("files are fetched from Meta")
	}
	_, err = routes{}.Send(context.Background(), message.Outbound{})
	if message.ClassOf(err) != message.Switch {
		t.Errorf("without a provider: %v", err)
	}
	if _, err := (routes{}).Find(context.Background(), message.Outbound{}, time.Time{}); err == nil {
		t.Error("found without a provider")
	}
}

// A provider that is not configured has no door.
func TestNoDoorWithoutAProvider(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	for _, path := range []string{whatsAppPath, gatewayPath} {
		res, err := http.Post(v.url(path), "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: HTTP %d", path, res.StatusCode)
		}
	}
}
