package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"valebot/internal/casework"
	"valebot/internal/message"
	"valebot/internal/quincena"
	"valebot/internal/rail"
	"valebot/internal/sandbox"
	"valebot/testdata"
)

// Demo is the program with a town of stand-ins around it: phones, a provider, an
// ATM, a bank. They talk with it over HTTP only.
type Demo struct {
	App     *App
	sandbox *sandbox.Sandbox
	http    *http.Server
	listen  net.Listener
	log     *slog.Logger
}

// DemoAgent is the login of the demo's desk.
const (
	DemoAgent    = "luis"
	DemoPassword = "demo"
)

// NewDemo builds the program against the stand-ins, which listen on addr, and
// seeds the sample town. Every secret is made afresh.
func NewDemo(ctx context.Context, cfg Config, addr string, log *slog.Logger) (*Demo, error) {
	listen, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the phones page: %w", err)
	}
	base := localURL(listen.Addr().String())
	cfg.TwilioAccountSID, cfg.TwilioAuthToken, cfg.TwilioSender = "AC00000000000000000000000000000d3m0", Secret(rand.Text()), "+525550000000"
	cfg.TwilioAPIURL, cfg.ATMURL, cfg.SPEIURL = base+"/sandbox/twilio", base+"/sandbox/atm", base+"/sandbox/spei"
	cfg.ATMSecret, cfg.SPEISecret, cfg.DepositSecret = Secret(rand.Text()), Secret(rand.Text()), Secret(rand.Text())
	cfg.SMSRate, cfg.WARate = 80, 80
	if cfg.GatewayChannel != "" {
		cfg.GatewayURL, cfg.GatewaySecret, cfg.GatewayName = base+"/sandbox/gateway", Secret(rand.Text()), "pasarela"
	}
	cfg.WhatsAppPhoneID, cfg.WhatsAppAccountID, cfg.WhatsAppAPIURL = "1055500000000", "2055500000000", base+"/sandbox/whatsapp"
	cfg.WhatsAppToken, cfg.WhatsAppSecret, cfg.WhatsAppVerify = Secret(rand.Text()), Secret(rand.Text()), Secret(rand.Text())
	cfg.TwilioButtons = map[int]string{}
	for n := 1; n <= 10; n++ {
		cfg.TwilioButtons[n] = sandbox.ButtonTemplate(n)
	}
	if cfg.DataDir == "" {
		dir, err := cfg.Dir()
		if err != nil {
			return nil, err
		}
		cfg.DataDir = filepath.Join(dir, "demo")
	}
	menu := sandbox.NewMenu()
	cfg.Tuning.Transport = menu.Weather(&http.Transport{MaxIdleConnsPerHost: cfg.Senders, IdleConnTimeout: time.Minute})
	app, err := New(ctx, cfg, log)
	if err != nil {
		_ = listen.Close()
		return nil, err
	}
	d := &Demo{App: app, listen: listen, log: log}
	if err := d.furnish(ctx, base+"/sandbox", menu); err != nil {
		_ = listen.Close()
		app.Close()
		return nil, err
	}
	return d, nil
}

// furnish seeds the town and builds the stand-ins.
func (d *Demo) furnish(ctx context.Context, base string, menu *sandbox.Menu) error {
	town, err := ParseTown("town.yaml", testdata.Town)
	if err != nil {
		return err
	}
	if _, err := d.App.Seed(ctx, town, false); err != nil {
		return err
	}
	for login, name := range map[string]string{DemoAgent: "Luis", "eva": "Eva"} { // two, so that one can approve what the other publishes
		if err := d.App.PutAgent(ctx, login, name, DemoPassword); err != nil {
			return err
		}
		if err := d.App.store.SetDuty(ctx, login, casework.RoleSupervisor, nil); err != nil {
			return err
		}
	}
	cfg, own := d.App.cfg, localURL(d.App.Addr())
	d.sandbox, err = sandbox.New(sandbox.Config{
		PublicURL: cfg.PublicURL, DeliverURL: own, TwilioAccount: cfg.TwilioAccountSID, TwilioToken: string(cfg.TwilioAuthToken), Sender: cfg.TwilioSender,
		ATMKeys: rail.Keys{string(cfg.ATMSecret)}, SPEIKeys: rail.Keys{string(cfg.SPEISecret)}, PaymentKeys: rail.Keys{string(cfg.DepositSecret)},
		Cloud: &sandbox.CloudConfig{
			PhoneID: cfg.WhatsAppPhoneID, AccountID: cfg.WhatsAppAccountID, Token: string(cfg.WhatsAppToken), AppSecret: string(cfg.WhatsAppSecret),
		},
		Base:    base,
		Menu:    menu,
		Gateway: gatewayOf(cfg),
		Clock:   demoClock{d.App, demoRest}, Zone: quincena.Central(), Story: story{d.App.store, &d.App.drafts}, People: phonesOf(town),
		Links:  []sandbox.Link{{Title: "Mesa", Text: DemoAgent + " / " + DemoPassword, URL: own + "/mesa"}},
		Doors:  doors(),
		Delays: sandbox.Delays{Status: 400 * time.Millisecond, ATM: 700 * time.Millisecond, Bank: 1500 * time.Millisecond},
		Log:    d.log,
	})
	if err != nil {
		return fmt.Errorf("build sandbox: %w", err)
	}
	d.http = &http.Server{Handler: d.sandbox.Handler(), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 32 << 10}
	return nil
}

// gatewayOf is the reference gateway, if the demo goes by it.
func gatewayOf(cfg Config) *sandbox.GatewayConfig {
	if cfg.GatewayURL == "" {
		return nil
	}
	return &sandbox.GatewayConfig{Keys: rail.Keys{string(cfg.GatewaySecret)}, Channel: message.Channel(cfg.GatewayChannel)}
}

// doors are where to go on from the phones page.
func doors() []sandbox.Link {
	return []sandbox.Link{
		{Title: "Quiero escribir flujos", Text: "Abre flows/README.md: en 15 minutos agregas una pregunta y la pruebas. «valebot flow lint» y «flow test» te cuidan."},
		{Title: "Quiero conectar Twilio", Text: "Pon tus credenciales en VALEBOT_TWILIO_… y corre «valebot doctor»: revisa todo sin mandar nada."},
		{Title: "Quiero integrar mi sistema", Text: "docs/rails.md explica, con ejemplos, cómo emitir claves, transferir y avisar pagos con peticiones firmadas."},
	}
}

// Page is the address of the phones page.
func (d *Demo) Page() string { return localURL(d.listen.Addr().String()) + "/demo" }

// Desk is the address of the desk.
func (d *Demo) Desk() string { return localURL(d.App.Addr()) + "/mesa" }

// Run runs both until ctx ends.
func (d *Demo) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.App.Run(ctx) })
	g.Go(func() error {
		if err := d.http.Serve(d.listen); err != http.ErrServerClosed {
			return fmt.Errorf("serve phones page: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		d.sandbox.Close()
		return d.http.Close()
	})
	return g.Wait()
}

// Close lets go of everything.
func (d *Demo) Close() {
	_ = d.listen.Close() // closed already after a serve
	d.App.Close()
}

// demoClock pushes the clock from one thing that is due to the next, so that
// days gone by in a second look like days gone by.
type demoClock struct {
	app  *App
	rest time.Duration // the longest wait at each stop for what is due there
}

// demoRest is patient enough for everything that goes well, and short enough for
// the page not to seem dead while a provider hangs.
const demoRest = 3 * time.Second

// Now implements sandbox.Clock.
func (c demoClock) Now() time.Time { return c.app.clock.Now() }

// maxHops bounds how many due moments one push stops at.
const maxHops = 200

// Advance implements sandbox.Clock.
func (c demoClock) Advance(ctx context.Context, to time.Time) error {
	for range maxHops {
		next, ok, err := c.nextStop(ctx, to)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := c.hop(ctx, next); err != nil {
			return err
		}
	}
	return c.hop(ctx, to)
}

// nextStop is the next due timer or held message, or the next morning, before to.
func (c demoClock) nextStop(ctx context.Context, to time.Time) (time.Time, bool, error) {
	now := c.app.clock.Now()
	stop := quincena.On(now, quincena.Central()).AddDays(1).At(9, 30, quincena.Central())
	timer, timed, err := c.app.store.NextTimer(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	letter, held, err := c.app.store.NextDue(ctx, now)
	if err != nil {
		return time.Time{}, false, err
	}
	if timed && timer.Before(stop) {
		stop = timer
	}
	if held && letter.Before(stop) {
		stop = letter
	}
	if !stop.After(now) {
		stop = now.Add(time.Millisecond)
	}
	return stop, stop.Before(to), nil
}

// hop moves the clock and lets what is due happen and be said.
func (c demoClock) hop(ctx context.Context, to time.Time) error {
	if err := c.app.clock.push(ctx, to); err != nil {
		return err
	}
	if _, err := c.app.works.Tick(ctx); err != nil {
		return err
	}
	if _, err := c.app.engine.Drain(ctx); err != nil {
		return err
	}
	c.app.outbox.Wake()
	return c.app.store.Quiet(ctx, c.app.clock.Now(), c.rest)
}
