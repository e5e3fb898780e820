package app

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/quincena"
	"valebot/internal/rail"
	"valebot/internal/rail/atm"
	"valebot/internal/rail/spei"
	"valebot/internal/redisdb"
)

// usualRate is the SMS rate towards Twilio where none is configured, in segments
// per second: no operator's figure for Mexico is published, so it starts low.
const usualRate = 10

// minBurst lets a sender of one a second make up for the moments by which its
// database is late; without it each of them would be lost.
const minBurst = 2

func (c *Config) limits() map[message.Channel]outbox.Limits {
	if c.Tuning.Unpaced {
		return nil
	}
	sms := c.SMSRate
	if sms == 0 && realService(c.smsURL()) {
		sms = usualRate
	}
	return map[message.Channel]outbox.Limits{
		message.SMS:      {PerSecond: sms, Burst: max(sms, minBurst), Pair: time.Second, PairBurst: 3},
		outbox.Account:   {PerSecond: c.Account, Burst: max(c.Account, minBurst)},
		message.WhatsApp: {PerSecond: c.WARate, Burst: max(c.WARate, minBurst), Pair: 6 * time.Second, PairBurst: 45},
	}
}

// days says on which days reminders and campaigns may go; nil is every day.
func (c *Config) days() func(quincena.Date) bool {
	if c.Days != "habiles" {
		return nil
	}
	return quincena.NewCalendar().IsBusinessDay
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
	a.gossip = &gossip{redisdb.NewEvents(client, a.cfg.TwilioAccountSID+":"+a.cfg.TwilioSender), make(chan struct{}, 1)}
	a.pacing = redisdb.NewPacer(client, redisdb.Options{
		Limits: a.cfg.limits(), Space: a.cfg.TwilioAccountSID + ":" + a.cfg.TwilioSender, Node: engine.NewID().String(),
		Now: time.Now, Log: a.log, Metrics: redisdb.NewMetrics(a.metrics),
	})
	return a.pacing, nil
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
