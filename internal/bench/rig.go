package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"valebot/internal/app"
	"valebot/internal/sandbox"
)

// rig is the program under test with the provider's stand-in, both serving.
type rig struct {
	provider *sandbox.Provider
	phones   []phone
	problem  atomic.Pointer[error]
	stop     func() error
}

// phone is a distributor's.
type phone struct {
	number string
	person string // whom she would give a vale, ten digits
	asked  bool   // the flow waits for a yes or a no
}

const (
	account = "AC00000000000000000000000000bench0"
	sender  = "+525550000000"
	public  = "http://bench.valebot.test" // what webhooks are signed over; clientTo knows the way
)

// clientTo returns a client whose every connection leads to addr and stays open.
func clientTo(addr string) *http.Client {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial, MaxIdleConns: 4096, MaxIdleConnsPerHost: 4096}}
}

// newRig builds the program on p's database, seeds a distributor and a person
// for every phone, and starts serving.
func newRig(ctx context.Context, p *place, phones int, acceptOnly bool) (*rig, error) {
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the provider: %w", err)
	}
	token := rand.Text()
	a, err := app.New(ctx, app.Config{
		Addr: "127.0.0.1:0", PublicURL: public, DataDir: filepath.Join(p.dir, "data"), DatabaseURL: p.ours,
		TwilioAccountSID: account, TwilioAuthToken: app.Secret(token), TwilioSender: sender, TwilioAPIURL: "http://" + web.Addr().String(),
		Group: 128, Senders: 64, Tuning: app.Tuning{Unpaced: true, AcceptOnly: acceptOnly},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		_ = web.Close()
		return nil, err
	}
	r := &rig{provider: sandbox.NewProvider(sandbox.ProviderConfig{
		Account: account, Token: token, Sender: sender, InboundURL: public + "/webhooks/twilio/inbound", HTTP: clientTo(a.Addr()),
	})}
	r.stop = serve(ctx, a, &http.Server{Handler: r.provider.Handler(), ReadHeaderTimeout: 5 * time.Second}, web, r.provider)
	if err := r.furnish(ctx, a, phones); err != nil {
		return nil, errors.Join(err, r.stop())
	}
	return r, nil
}

// serve runs the program and the provider until the function that it returns is
// called.
func serve(ctx context.Context, a *app.App, web *http.Server, listen net.Listener, provider *sandbox.Provider) func() error {
	ctx, cancel := context.WithCancel(ctx)
	var g errgroup.Group
	g.Go(func() error { return a.Run(ctx) })
	g.Go(func() error {
		if err := web.Serve(listen); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve provider: %w", err)
		}
		return nil
	})
	return func() error {
		cancel()
		provider.Close()
		err := errors.Join(web.Close(), g.Wait())
		a.Close()
		return err
	}
}

func (r *rig) close() error { return r.stop() }

// seeders is how many rows are seeded at once.
const seeders = 8

func (r *rig) furnish(ctx context.Context, a *app.App, phones int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(seeders)
	for i := range phones {
		p := phone{number: fmt.Sprintf("+5266710%05d", i), person: fmt.Sprintf("66720%05d", i)}
		r.phones = append(r.phones, p)
		g.Go(func() error {
			_, err := a.Seed(ctx, townOf(i, p), false)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

func townOf(i int, p phone) *app.Town {
	return &app.Town{
		Distributors: []app.Distributor{{Phone: p.number, Name: fmt.Sprintf("Distribuidora %d", i), Line: "50000", Terms: []int{4, 8, 12}, PIN: "4821"}},
		People:       []app.Person{{Phone: p.person, Name: fmt.Sprintf("Persona %d", i), Birth: "1990-03-05", Limit: "5000"}},
	}
}

// turn sends what keeps a conversation going round: a vale is asked for, quoted
// and put before the distributor, who then says no. Both are whole turns of a
// flow: a dialogue begins or ends, money is reckoned, a timer is set or
// dropped, a reply goes out.
func (r *rig) turn(ctx context.Context, p *phone) (time.Duration, error) {
	text := "VALE " + p.person + " 3000 8"
	if p.asked {
		text = "no"
	}
	reply, err := r.provider.Ask(ctx, p.number, text)
	if err != nil {
		return 0, err
	}
	p.asked = !p.asked
	return reply.Answered, nil
}

// accept sends one webhook and waits for its 200.
func (r *rig) accept(ctx context.Context, p *phone) (time.Duration, error) {
	start := time.Now()
	_, err := r.provider.Inbound(ctx, p.number, "saldo")
	return time.Since(start), err
}
