package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"valebot/internal/channel/gateway"
	"valebot/internal/channel/twilio"
	"valebot/internal/channel/whatsapp"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/rail"
)

// Paths that providers call.
const (
	inboundPath  = "/webhooks/twilio/inbound"
	statusPath   = "/webhooks/twilio/status"
	whatsAppPath = "/webhooks/whatsapp"
	gatewayPath  = "/webhooks/gateway"
)

// routes is the way out of each channel. Every channel has one provider.
type routes map[message.Channel]outbox.Sender

var errNoRoute = errors.New("no provider is configured for this channel")

// Send implements outbox.Sender.
func (r routes) Send(ctx context.Context, m message.Outbound) (string, error) {
	if s := r[m.To.Channel]; s != nil {
		return s.Send(ctx, m)
	}
	return "", &message.SendError{Class: message.Switch, Err: errNoRoute}
}

// Find implements outbox.Sender.
func (r routes) Find(ctx context.Context, m message.Outbound, since time.Time) ([]outbox.Sent, error) {
	if s := r[m.To.Channel]; s != nil {
		return s.Find(ctx, m, since)
	}
	return nil, errNoRoute
}

// sender makes the ways to the providers. Unless live sending is on, a real
// provider is never called.
func (a *App) sender() (outbox.Sender, error) {
	out := routes{}
	a.fetchers = map[string]fetcher{}
	for _, way := range []struct {
		on       bool
		name     string
		url      string
		make     func() (outbox.Sender, error)
		channels []message.Channel
	}{
		{a.cfg.TwilioAccountSID != "", twilio.Provider, a.cfg.TwilioAPIURL, a.twilioSender, []message.Channel{message.SMS, message.WhatsApp}},
		{a.cfg.WhatsAppPhoneID != "", whatsapp.Provider, a.cfg.whatsAppURL(), a.whatsAppSender, []message.Channel{message.WhatsApp}},
		{a.cfg.GatewayURL != "", gateway.Provider, a.cfg.GatewayURL, a.gatewaySender, []message.Channel{message.Channel(a.cfg.GatewayChannel)}},
	} {
		if !way.on {
			continue
		}
		s, err := way.make()
		if err != nil {
			return nil, err
		}
		if f, ok := s.(fetcher); ok && (!realService(way.url) || a.cfg.Live) {
			a.fetchers[way.name] = f
		}
		if realService(way.url) && !a.cfg.Live {
			a.log.Warn("live sending is off: nothing leaves for the provider; set VALEBOT_LIVE=1 to send", "channels", way.channels)
			s = held{}
		}
		for _, c := range way.channels {
			out[c] = s
		}
	}
	return out, nil
}

func (a *App) twilioSender() (outbox.Sender, error) {
	tokens := a.cfg.TwilioAuthToken.tokens()
	client, err := twilio.NewClient(twilio.Config{
		API: a.cfg.TwilioAPIURL, Account: a.cfg.TwilioAccountSID, Secret: tokens[0], Secrets: tokens[1:],
		StatusURL: strings.TrimRight(a.cfg.PublicURL, "/") + statusPath, Timeout: 10 * time.Second,
		Buttons: a.cfg.TwilioButtons, Templates: a.cfg.TwilioTemplates, HTTP: a.cfg.Tuning.http(),
	})
	if err != nil {
		return nil, fmt.Errorf("make twilio client: %w", err)
	}
	a.twilio = client
	return from{Client: client, sms: a.cfg.TwilioSender, whatsApp: a.cfg.twilioWhatsApp()}, nil
}

func (c *Config) twilioWhatsApp() string {
	if c.TwilioWhatsApp != "" {
		return c.TwilioWhatsApp
	}
	return c.TwilioSender
}

// whatsAppSender makes the client of the Cloud API with its registry of templates.
func (a *App) whatsAppSender() (outbox.Sender, error) {
	a.templates = whatsapp.NewRegistry(a.store, a.clock.Now)
	client, err := whatsapp.NewClient(whatsapp.Config{
		API: a.cfg.whatsAppURL(), PhoneID: a.cfg.WhatsAppPhoneID, AccountID: a.cfg.WhatsAppAccountID, Token: string(a.cfg.WhatsAppToken),
		Templates: a.cfg.WhatsAppTemplates, Language: a.cfg.WhatsAppLanguage, Timeout: 10 * time.Second, Registry: a.templates, HTTP: a.cfg.Tuning.http(),
	})
	if err != nil {
		return nil, fmt.Errorf("make whatsapp client: %w", err)
	}
	a.cloud = client
	return client, nil
}

func (c *Config) whatsAppURL() string {
	if c.WhatsAppAPIURL != "" {
		return c.WhatsAppAPIURL
	}
	return whatsapp.DefaultAPI
}

// gatewaySender makes the client of a gateway.
func (a *App) gatewaySender() (outbox.Sender, error) {
	n := a.cfg.GatewayButtons
	client, err := gateway.NewClient(gateway.Config{
		URL: a.cfg.GatewayURL, Keys: keysOf(a.cfg.GatewaySecret), Sender: a.cfg.GatewaySender, Timeout: 10 * time.Second, Now: time.Now, HTTP: a.cfg.Tuning.http(),
		Abilities: message.Abilities{Buttons: min(n, 3), Button: 20, Rows: n, Row: 24},
	})
	if err != nil {
		return nil, fmt.Errorf("make gateway client: %w", err)
	}
	return client, nil
}

// smsURL is where text messages go.
func (c *Config) smsURL() string {
	if c.GatewayURL != "" && c.GatewayChannel == string(message.SMS) {
		return c.GatewayURL
	}
	return c.TwilioAPIURL
}

// accounts are our own at the providers. A message to another one is for the desk.
func (c *Config) accounts() []string {
	var out []string
	for _, id := range []string{c.TwilioAccountSID, c.WhatsAppPhoneID, c.gatewayName()} {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

// gatewayName is the account under which a gateway's messages are stored, "" for
// no gateway.
func (c *Config) gatewayName() string {
	if c.GatewayURL == "" {
		return ""
	}
	return c.GatewayName
}

// Rounds of the registry of templates: a webhook tells of most changes at once,
// but it may be lost, and Meta changes categories without one.
const (
	templateRound = time.Hour
	templateRetry = time.Minute
)

// followTemplates keeps the registry of templates true until ctx ends.
func (a *App) followTemplates(ctx context.Context) error {
	if a.cloud == nil {
		return nil
	}
	if err := a.templates.Load(ctx); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "templates not loaded", "err", err)
	}
	if a.cfg.WhatsAppAccountID == "" || realService(a.cfg.whatsAppURL()) && !a.cfg.Live {
		return nil
	}
	for {
		wait := templateRound
		if n, err := a.templates.Sync(ctx, a.cloud); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "templates not synchronised", "err", err)
			wait = templateRetry
		} else if err == nil {
			a.log.InfoContext(ctx, "templates synchronised", "count", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// mountChannels opens the doors of the providers that are configured.
func (a *App) mountChannels(mux *http.ServeMux) error {
	counter := a.counter("valebot_inbound_total", "Webhooks by hook and outcome.", "hook", "outcome")
	count := func(hook, outcome string) { counter.WithLabelValues(hook, outcome).Inc() }
	if a.cfg.TwilioAccountSID != "" {
		verifier, err := twilio.NewVerifier(a.cfg.PublicURL, "", a.cfg.TwilioAuthToken.tokens()...)
		if err != nil {
			return fmt.Errorf("make signature verifier: %w", err)
		}
		hooks := &twilio.Webhooks{Verifier: verifier, Inbox: a.intake, Receipts: a.receipts(), Count: count, Now: a.clock.Now}
		mux.Handle(inboundPath, hooks.Inbound())
		mux.Handle(statusPath, hooks.Status())
	}
	if a.cfg.WhatsAppPhoneID != "" {
		mux.Handle(whatsAppPath, &whatsapp.Webhook{
			Secrets: a.cfg.WhatsAppSecret.tokens(), VerifyToken: string(a.cfg.WhatsAppVerify), PhoneID: a.cfg.WhatsAppPhoneID,
			Inbox: a.intake, Receipts: a.receipts(), Registry: a.templates, Count: count, Now: a.clock.Now, Log: a.log,
		})
	}
	if a.cfg.GatewayURL != "" {
		door := &gateway.Webhook{
			Receiver: rail.Receiver{Keys: keysOf(a.cfg.GatewaySecret), Now: time.Now, Log: a.log, Count: func(result string) { count("gateway", result) }},
			Account:  a.cfg.gatewayName(), Channel: message.Channel(a.cfg.GatewayChannel), Inbox: a.intake, Receipts: a.receipts(), Now: a.clock.Now,
		}
		mux.Handle(gatewayPath, door.Handler())
	}
	return nil
}

func (a *App) receipts() receipts { return receipts{a.outbox, func() { a.desk.Ring() }} }

// from fills in our sender for each channel.
type from struct {
	*twilio.Client
	sms, whatsApp string
}

func (f from) address(m message.Outbound) message.Outbound {
	m.From = f.sms
	if m.To.Channel == message.WhatsApp {
		m.From = f.whatsApp
	}
	return m
}

// Send implements outbox.Sender.
func (f from) Send(ctx context.Context, m message.Outbound) (string, error) {
	return f.Client.Send(ctx, f.address(m))
}

// Find implements outbox.Sender.
func (f from) Find(ctx context.Context, m message.Outbound, since time.Time) ([]outbox.Sent, error) {
	return f.Client.Find(ctx, f.address(m), since)
}

// held sends nothing: messages stay queued until live sending is switched on or
// they are no longer of use.
type held struct{}

var errHeld = errors.New("live sending is off")

// Send implements outbox.Sender.
func (held) Send(context.Context, message.Outbound) (string, error) {
	return "", &message.SendError{Class: message.Config, Err: errHeld}
}

// Find implements outbox.Sender.
func (held) Find(context.Context, message.Outbound, time.Time) ([]outbox.Sent, error) {
	return nil, errHeld
}

// receipts gives the providers' reports to the outbox.
type receipts struct {
	outbox *outbox.Outbox
	told   func() // the desk shows how far a message got
}

// Record implements twilio.Receipts and whatsapp.Receipts.
func (r receipts) Record(ctx context.Context, statuses ...message.Status) error {
	defer r.told()
	return r.outbox.Record(ctx, statuses...)
}
