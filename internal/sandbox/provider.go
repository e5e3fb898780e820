package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// ProviderConfig is what a Provider needs.
type ProviderConfig struct {
	Account, Token string // Twilio's account and auth token
	Sender         string // the server's number, E.164
	// InboundURL is the server's inbound webhook, as it is signed and reached.
	InboundURL string
	HTTP       *http.Client // nil is one with many warm connections
	// OnText is told of each message that the server hands over; it must not
	// block. It may be nil.
	OnText func(Text)
	// Statuses makes each message report sent and delivered to its callback.
	Statuses bool
}

// Provider is the Twilio stand-in alone, without phones, clock or delays: as
// fast as it can be, for benchmarks and for tests that watch every message. It
// speaks the same wire protocol. It is safe for concurrent use.
type Provider struct {
	ProviderConfig
	Menu *Menu // what goes wrong; nothing at first

	taken   atomic.Int64
	mu      sync.Mutex
	waiting map[string]chan Text // by canonical number
	past    recent
	work    sync.WaitGroup
	ctx     context.Context
	cancel  context.CancelFunc
}

// NewProvider returns a Provider. Close ends its deliveries.
func NewProvider(c ProviderConfig) *Provider {
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024}}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Provider{
		ProviderConfig: c, Menu: NewMenu(), waiting: map[string]chan Text{},
		past: recent{size: maxRecent}, ctx: ctx, cancel: cancel,
	}
}

// Close stops the deliveries of statuses and waits for them.
func (p *Provider) Close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.work.Wait()
}

// Handler is the REST API that the server sends to.
func (p *Provider) Handler() http.Handler {
	c := &carrier{
		account: p.Account, token: p.Token, now: time.Now, menu: p.Menu,
		sleep: p.sleep, take: p.take, lost: p.keep, find: p.find,
	}
	return c.handler()
}

func (p *Provider) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.ctx.Done():
		return false
	}
}

// Taken is how many messages the server has handed over.
func (p *Provider) Taken() int64 { return p.taken.Load() }

func (p *Provider) keep(t Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.past.add(t)
}

func (p *Provider) find(to, from string) []Text {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.past.find(to, from)
}

func (p *Provider) take(t Text) {
	p.taken.Add(1)
	number := canonical(t.To)
	p.mu.Lock()
	p.past.add(t)
	waiting := p.waiting[number]
	delete(p.waiting, number)
	p.mu.Unlock()
	if waiting != nil {
		waiting <- t // has room for the one message that it waits for
	}
	if p.OnText != nil {
		p.OnText(t)
	}
	if p.Statuses && t.Callback != "" {
		p.later(func() { p.report(t) })
	}
}

// later starts work that Close waits for, and nothing once it is closed.
func (p *Provider) later(work func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() == nil {
		p.work.Go(work)
	}
}

// report tells sent and then delivered, once each.
func (p *Provider) report(t Text) {
	for _, status := range []string{"sent", "delivered"} {
		form := url.Values{
			"MessageSid": {t.SID}, "MessageStatus": {status}, "SmsStatus": {status}, "To": {t.To}, "From": {t.From},
			"AccountSid": {p.Account}, "ApiVersion": {"2010-04-01"},
		}
		if _, err := postForm(p.ctx, p.HTTP, p.Token, t.Callback, t.Callback, form); err != nil {
			return // a benchmark's server may be gone already
		}
	}
}

// Inbound posts one signed SMS from a phone to the server's webhook and returns
// the message's SID once the server has answered 2xx.
func (p *Provider) Inbound(ctx context.Context, phone, text string) (id string, err error) {
	id = sid("SM")
	return id, p.InboundAs(ctx, id, phone, text)
}

// InboundAs is Inbound with a given SID, for delivering one message twice.
func (p *Provider) InboundAs(ctx context.Context, id, phone, text string) error {
	form := url.Values{
		"MessageSid": {id}, "SmsSid": {id}, "SmsMessageSid": {id}, "AccountSid": {p.Account}, "ApiVersion": {"2010-04-01"},
		"From": {phone}, "To": {p.Sender}, "Body": {text}, "NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"},
		"FromCountry": {"MX"}, "ToCountry": {"MX"}, "FromCity": {""}, "ToCity": {""},
	}
	status, err := postForm(ctx, p.HTTP, p.Token, p.InboundURL, p.InboundURL, form)
	if err != nil {
		return fmt.Errorf("post inbound: %w", err)
	}
	if status < 200 || status > 299 {
		return fmt.Errorf("post inbound: HTTP %d", status)
	}
	return nil
}

// Reply is what one Ask measured.
type Reply struct {
	Text     Text
	Accepted time.Duration // until the webhook was answered
	Answered time.Duration // until the reply was handed over
}

// Ask sends a text from a phone and waits for the next message to it. One phone
// asks one thing at a time.
func (p *Provider) Ask(ctx context.Context, phone, text string) (Reply, error) {
	number, answer := canonical(phone), make(chan Text, 1)
	p.mu.Lock()
	busy := p.waiting[number] != nil
	if !busy {
		p.waiting[number] = answer
	}
	p.mu.Unlock()
	if busy {
		return Reply{}, errors.New("ask: this phone is waiting for an answer already")
	}
	start := time.Now()
	_, err := p.Inbound(ctx, phone, text)
	r := Reply{Accepted: time.Since(start)}
	if err != nil {
		p.forget(number, answer)
		return r, err
	}
	select {
	case r.Text = <-answer:
		r.Answered = time.Since(start)
		return r, nil
	case <-ctx.Done():
		p.forget(number, answer)
		return r, fmt.Errorf("wait for reply: %w", ctx.Err())
	}
}

// forget stops waiting, unless somebody else waits on that number by now.
func (p *Provider) forget(number string, answer chan Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[number] == answer {
		delete(p.waiting, number)
	}
}
