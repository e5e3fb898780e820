package app_test

import (
	"strings"
	"testing"

	"valebot/internal/app"
)

func TestSecretsMustBeLong(t *testing.T) {
	t.Parallel()
	const long = "secreto-de-prueba-123"
	for _, tt := range []struct {
		name   string
		change func(*app.Config)
		want   string // the variable that is named; "" for none
	}{
		{"none at all", func(*app.Config) {}, ""},
		{"long", func(c *app.Config) { c.DepositSecret = long }, ""},
		{"several", func(c *app.Config) { c.DepositSecret = long + ", otro-" + long }, ""},
		{"short deposit", func(c *app.Config) { c.Live, c.DepositSecret = true, "abc" }, "VALEBOT_DEPOSIT_SECRET"},
		{"short against a stand-in", func(c *app.Config) { c.DepositSecret = "abc" }, ""},
		{"long together", func(c *app.Config) { c.Live, c.DepositSecret = true, "aaaaaaaaaa,bbbbbbbbbb" }, "VALEBOT_DEPOSIT_SECRET"},
		{"only commas", func(c *app.Config) { c.DepositSecret = ",,,,,,,,,,,,,,,,," }, "VALEBOT_DEPOSIT_SECRET"},
		{"rail without", func(c *app.Config) { c.ATMURL = "http://localhost:1" }, "VALEBOT_ATM_SECRET"},
		{"short without a rail", func(c *app.Config) { c.Live, c.SPEISecret = true, "abc" }, "VALEBOT_SPEI_SECRET"},
		{"a token of commas", func(c *app.Config) { c.TwilioAuthToken = " , " }, "VALEBOT_TWILIO_AUTH_TOKEN"},
	} {
		cfg := app.Config{
			Addr: ":8080", PublicURL: "https://vales.example.mx", TwilioAccountSID: "AC1", TwilioAuthToken: "token", TwilioSender: "+525550000000",
			TwilioAPIURL: "http://localhost:1", WARate: 80, Group: 128, Senders: 64,
		}
		tt.change(&cfg)
		text := ""
		if err := cfg.Validate(); err != nil {
			text = err.Error()
		}
		if tt.want == "" && text != "" || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %q, want it to name %q", tt.name, text, tt.want)
		}
		if strings.Contains(text, "abc") || strings.Contains(text, "aaaa") {
			t.Errorf("%s: the secret is told: %s", tt.name, text)
		}
	}
}
