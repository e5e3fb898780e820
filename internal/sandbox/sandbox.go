// Package sandbox holds stand-ins for the outside world, for demos, tests and
// benchmarks: Twilio, Meta's WhatsApp API, a reference gateway, an issuer of withdrawal codes with its ATM, a bank, a till
// for payments, the phones of a small town and the hand that moves the clock.
//
// They are peers. They speak the real wire protocols over HTTP with base URLs
// and secrets, and know nothing of the server but what the wire says; so a
// server may not assume from anything here that it talks to a stand-in. All
// state is in memory, bounded, and gone with the process. Nothing here may be
// reachable where real money moves: the phones page lets anybody be anybody.
package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"valebot/internal/quincena"
	"valebot/internal/rail"
)

// Clock is the business clock of the demo, which can be pushed forward.
type Clock interface {
	Now() time.Time
	// Advance moves the clock to a later time and returns once what was due
	// until then has been set going.
	Advance(ctx context.Context, to time.Time) error
}

// Story tells what happened inside the server, for the strip under the phones.
type Story interface {
	// Since returns at most limit lines with a Seq above the one given, oldest
	// first; with a seq below zero the latest ones, oldest first as well.
	Since(ctx context.Context, seq int64, limit int) ([]Line, error)
}

// Line is one line of the story.
type Line struct {
	Seq   int64     `json:"seq"` // above zero, never falling
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`            // step: a conversation moved; entry: the ledger moved; note: anything else
	Phone string    `json:"phone,omitempty"` // whose conversation, E.164; "" for none
	Flow  string    `json:"flow,omitempty"`  // with step: the flow's name
	Text  string    `json:"text"`            // the steps' names, joined by " → ", the entry's memo, or a sentence
	Moves []Move    `json:"moves,omitempty"` // with entry: its lines
}

// Move is one line of a ledger entry, ready to be read.
type Move struct {
	Account string `json:"account"`
	Debit   string `json:"debit,omitempty"`  // "$3,000"
	Credit  string `json:"credit,omitempty"` // "$3,000"
}

// Person has a phone on the page from the start.
type Person struct {
	Phone   string // E.164
	Name    string
	Role    string // "distribuidora", "beneficiaria"
	Prefill string // what the message box holds at first
}

// Link is a door from the page to somewhere else.
type Link struct{ Title, Text, URL string }

// Delays are the waits that make the demo lifelike. Zero is no wait at all.
type Delays struct {
	Status time.Duration // between two delivery statuses of a message
	ATM    time.Duration // until the issuer answers
	Bank   time.Duration // between two states of a transfer
}

// Config is what a Sandbox needs. Fields without a default are required.
type Config struct {
	PublicURL string // base URL of the server, over which its webhooks are signed
	// DeliverURL is where webhooks really go, if the public URL does not lead to
	// the server from here; "" is PublicURL.
	DeliverURL string

	TwilioAccount string            // AC…
	TwilioToken   string            // auth token: signs webhooks, authenticates REST calls
	Sender        string            // the server's number, E.164
	Templates     map[string]string // text of approved content templates by SID, with {{1}}, {{2}}…

	Gateway *GatewayConfig // one channel by the reference gateway; nil for none
	Cloud   *CloudConfig   // WhatsApp by Meta's API; nil leaves WhatsApp to Twilio
	// Base is where Handler's /sandbox is reached by the server, for the files
	// that phones send; "" writes Twilio's own address, where nothing is.
	Base string

	ATMKeys     rail.Keys
	SPEIKeys    rail.Keys
	PaymentKeys rail.Keys

	Clock  Clock
	Zone   *time.Location // of the page; nil is Mexico's centre
	Story  Story          // nil hides the strip
	People []Person
	Links  []Link // desk, flows…; shown in the page's head
	Doors  []Link // shown at the page's end
	Delays Delays
	Retry  []time.Duration // waits before a webhook is delivered again; nil is about a minute in all
	HTTP   *http.Client    // nil is one of our own
	Menu   *Menu           // what goes wrong; nil is a menu of our own, with nothing on it
	Log    *slog.Logger
}

// Sandbox is the whole town. It is safe for concurrent use.
type Sandbox struct {
	Config
	feed   *feed
	menu   *Menu
	phones *town
	atm    *issuer
	bank   *bank

	ctx    context.Context // ends with Close; deliveries outlive the requests that cause them
	cancel context.CancelFunc
	work   sync.WaitGroup
	// closing keeps work from being added while Close waits for it.
	closing sync.Mutex
	posts   chan struct{} // bounds concurrent deliveries
	told    atomic.Int64  // up to where the story was published

	keeping sync.Mutex
	kept    func() // a delivery that waits for the next message; nil for none
}

// maxPosts is how many webhooks are under way at once.
const maxPosts = 64

// New checks the configuration and opens the town. Close ends it.
func New(c Config) (*Sandbox, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sandbox{
		Config: c, feed: newFeed(), menu: c.Menu,
		atm: newIssuer(), bank: newBank(),
		ctx: ctx, cancel: cancel, posts: make(chan struct{}, maxPosts),
	}
	s.phones = newTown(s.People)
	s.run(s.pulse)
	return s, nil
}

func (c *Config) complete() error {
	var problems []error
	need := func(ok bool, what string) {
		if !ok {
			problems = append(problems, errors.New("sandbox needs "+what))
		}
	}
	need(strings.HasPrefix(c.PublicURL, "http"), "the server's public URL")
	need(strings.HasPrefix(c.TwilioAccount, "AC"), "a Twilio account (AC…)")
	need(c.TwilioToken != "", "a Twilio auth token")
	need(c.Sender != "", "the server's number")
	need(c.Gateway == nil || len(c.Gateway.Keys) > 0, "a secret shared with the gateway")
	need(c.Cloud == nil || c.Cloud.PhoneID != "" && c.Cloud.Token != "" && c.Cloud.AppSecret != "", "the ids and secrets of the Cloud API")
	need(c.Clock != nil, "a clock")
	need(c.Log != nil, "a logger")
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	c.DeliverURL = strings.TrimRight(c.DeliverURL, "/")
	if c.Zone == nil {
		c.Zone = quincena.Central()
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: maxPosts, IdleConnTimeout: time.Minute}}
	}
	if c.Menu == nil {
		c.Menu = NewMenu()
	}
	if c.Retry == nil {
		c.Retry = []time.Duration{250 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}
	}
	return errors.Join(problems...)
}

// Close stops all deliveries and waits for them. It may be called again.
func (s *Sandbox) Close() {
	s.closing.Lock()
	s.cancel()
	s.closing.Unlock()
	s.work.Wait()
}

// run starts work that Close waits for, and nothing once it is closed: a request
// may still be under way then.
func (s *Sandbox) run(work func()) {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.ctx.Err() == nil {
		s.work.Go(work)
	}
}

// sleep waits, or reports false if the sandbox closes meanwhile.
func (s *Sandbox) sleep(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// pulse does what happens by itself: codes expire, the story goes on.
func (s *Sandbox) pulse() {
	for s.sleep(time.Second) {
		s.expire()
		if s.Story != nil && s.feed.watched() {
			s.tell()
		}
	}
}

// tell publishes the story's news.
func (s *Sandbox) tell() {
	lines, err := s.Story.Since(s.ctx, s.told.Load(), 200)
	if err != nil {
		s.Log.Debug("story not read", "error", err)
		return
	}
	for _, line := range lines {
		s.told.Store(max(s.told.Load(), line.Seq))
		s.feed.publish("story", line.Phone, line)
	}
}

// recall returns the latest lines for a page that opens. If nobody watched until
// now, the news begin after them; else the page itself leaves out what it has.
func (s *Sandbox) recall(ctx context.Context) []Line {
	if s.Story == nil {
		return []Line{}
	}
	lines, err := s.Story.Since(ctx, -1, 100)
	if err != nil {
		s.Log.Warn("story not read", "error", err)
		return []Line{}
	}
	if len(lines) > 0 && !s.feed.watched() {
		s.told.Store(lines[len(lines)-1].Seq)
	}
	return append([]Line{}, lines...)
}

// Handler serves everything: the page and its API under /demo, Twilio under
// /sandbox/twilio, Meta's API under /sandbox/whatsapp, the reference gateway
// under /sandbox/gateway, the issuer under /sandbox/atm, the bank under /sandbox/spei.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/sandbox/twilio/", http.StripPrefix("/sandbox/twilio", s.Twilio()))
	if s.Gateway != nil {
		mux.Handle("/sandbox/gateway/", http.StripPrefix("/sandbox/gateway", s.bridge()))
	}
	if s.Cloud != nil {
		mux.Handle("/sandbox/whatsapp/", http.StripPrefix("/sandbox/whatsapp", s.cloud()))
	}
	mux.Handle("/sandbox/atm/", http.StripPrefix("/sandbox/atm", s.ATM()))
	mux.Handle("/sandbox/spei/", http.StripPrefix("/sandbox/spei", s.Bank()))
	mux.Handle("/demo", s.demo())
	mux.Handle("/demo/", s.demo())
	return mux
}
