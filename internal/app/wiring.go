package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"valebot/internal/channel/twilio"
	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/rail"
	"valebot/internal/rail/atm"
	"valebot/internal/rail/spei"
	"valebot/internal/redisdb"
)

// sender makes the channel to the provider. Unless live sending is on, a real
// provider is never called.
func (a *App) sender() (outbox.Sender, error) {
	if realService(a.cfg.TwilioAPIURL) && !a.cfg.Live {
		a.log.Warn("live sending is off: nothing leaves for the provider; set VALEBOT_LIVE=1 to send")
		return held{}, nil
	}
	client, err := twilio.NewClient(twilio.Config{
		API: a.cfg.TwilioAPIURL, Account: a.cfg.TwilioAccountSID, Secret: a.cfg.TwilioAuthToken.tokens()[0],
		StatusURL: strings.TrimRight(a.cfg.PublicURL, "/") + statusPath, Timeout: 10 * time.Second,
		Buttons: a.cfg.TwilioButtons, Templates: a.cfg.TwilioTemplates,
	})
	if err != nil {
		return nil, fmt.Errorf("make twilio client: %w", err)
	}
	return from{Sender: client, sms: a.cfg.TwilioSender, whatsApp: a.cfg.whatsAppSender()}, nil
}

func (c *Config) whatsAppSender() string {
	if c.TwilioWhatsApp != "" {
		return c.TwilioWhatsApp
	}
	return c.TwilioSender
}

// from fills in our sender for each channel.
type from struct {
	outbox.Sender
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
	return f.Sender.Send(ctx, f.address(m))
}

// Find implements outbox.Sender.
func (f from) Find(ctx context.Context, m message.Outbound, since time.Time) ([]outbox.Sent, error) {
	return f.Sender.Find(ctx, f.address(m), since)
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

// usualRate is the SMS rate towards Twilio where none is configured, in segments
// per second: no operator's figure for Mexico is published, so it starts low.
const usualRate = 10

func (c *Config) limits() map[message.Channel]outbox.Limits {
	if c.Tuning.Unpaced {
		return nil
	}
	sms := c.SMSRate
	if sms == 0 && realService(c.TwilioAPIURL) {
		sms = usualRate
	}
	return map[message.Channel]outbox.Limits{
		message.SMS:      {PerSecond: sms, Burst: max(sms, 1), Pair: time.Second, PairBurst: 3},
		message.WhatsApp: {PerSecond: c.WARate, Burst: max(c.WARate, 1), Pair: 6 * time.Second, PairBurst: 45},
	}
}

// pacer shares the pace between nodes where a Redis is configured, and keeps it in
// this process elsewhere. Redis is not asked here: a node starts and is ready
// without it.
func (a *App) pacer() (outbox.Pacer, error) {
	if a.cfg.RedisURL == "" {
		return outbox.NewLocal(a.cfg.limits(), time.Now), nil
	}
	client, err := redisdb.Open(a.cfg.RedisURL, a.log)
	if err != nil {
		return nil, fmt.Errorf("VALEBOT_REDIS_URL: %w", err)
	}
	a.redis = client
	a.pacing = redisdb.NewPacer(client, redisdb.Options{
		Limits: a.cfg.limits(), Space: a.cfg.TwilioAccountSID + ":" + a.cfg.TwilioSender, Node: engine.NewID().String(),
		Now: time.Now, Log: a.log, Metrics: redisdb.NewMetrics(a.metrics),
	})
	return a.pacing, nil
}

// receipts gives the provider's reports to the outbox, with what a failure means.
type receipts struct {
	outbox *outbox.Outbox
	told   func() // the desk shows how far a message got
}

// Record implements twilio.Receipts.
func (r receipts) Record(ctx context.Context, s message.Status) error {
	if s.Rank == message.RankFailed {
		s.Class = twilio.ClassOfCode(s.Code)
	}
	defer r.told()
	return r.outbox.Record(ctx, s)
}

// payouts makes the callers of the rails that are configured.
func (a *App) payouts() (*payouts, error) {
	p := &payouts{orders: a.store, act: a.act, recheck: a.cfg.Tuning.recheck()}
	if a.cfg.ATMURL != "" {
		caller, err := a.caller(a.cfg.ATMURL, a.cfg.ATMSecret)
		if err != nil {
			return nil, fmt.Errorf("VALEBOT_ATM_URL: %w", err)
		}
		p.atm = atm.NewClient(caller)
	}
	if a.cfg.SPEIURL != "" {
		caller, err := a.caller(a.cfg.SPEIURL, a.cfg.SPEISecret)
		if err != nil {
			return nil, fmt.Errorf("VALEBOT_SPEI_URL: %w", err)
		}
		p.spei = spei.NewClient(caller)
	}
	return p, nil
}

var errRealRail = errors.New("is a real service and live sending is off (VALEBOT_LIVE=1 switches it on)")

func (a *App) caller(url string, secret Secret) (*rail.Caller, error) {
	if realService(url) && !a.cfg.Live {
		return nil, errRealRail
	}
	return rail.NewCaller(url, keysOf(secret), &http.Client{Timeout: 10 * time.Second}, time.Now)
}
