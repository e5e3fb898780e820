package twilio_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
)

// guarded takes the calls that come with one secret, which can be changed, and
// refuses the others as Twilio does.
type guarded struct {
	mu     sync.Mutex
	secret string
}

func (g *guarded) takes(secret string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.secret = secret
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	_, given, _ := r.BasicAuth()
	good := given == g.secret
	g.mu.Unlock()
	if good {
		answer(http.StatusCreated, `{"sid":"SM1","status":"queued"}`)(w, r)
		return
	}
	answer(http.StatusUnauthorized, `{"code":20003,"message":"Authenticate","status":401}`)(w, r)
}

// secrets are those of the calls that came since the last look.
func (p *provider) secrets() (given []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		given = append(given, c.secret)
	}
	p.calls = nil
	return given
}

// While the token is changed both are configured, in whatever order: the one that
// Twilio takes is found by one refused call and used from then on, and found again
// when the change is taken back.
func TestTokenRotation(t *testing.T) {
	t.Parallel()
	g := &guarded{}
	p := newProvider(t, g.ServeHTTP)
	c := p.client(t, func(c *twilio.Config) { c.Secret, c.Secrets = "old", []string{"new", "newer"} })
	for _, step := range []struct {
		takes string
		want  []string
	}{
		{"old", []string{"old"}},
		{"new", []string{"old", "new"}},
		{"new", []string{"new"}},
		{"old", []string{"new", "old"}},
		{"newer", []string{"old", "new", "newer"}},
		{"newer", []string{"newer"}},
	} {
		g.takes(step.takes)
		if sid, err := c.Send(t.Context(), text()); err != nil || sid != "SM1" {
			t.Errorf("Twilio takes %s: %q, %v", step.takes, sid, err)
		}
		if diff := cmp.Diff(step.want, p.secrets()); diff != "" {
			t.Errorf("Twilio takes %s: %s", step.takes, diff)
		}
	}
}

// A token that nobody takes is our own fault, said once, and no secret is kept in
// place of the one that worked.
func TestNoTokenIsTaken(t *testing.T) {
	t.Parallel()
	g := &guarded{}
	p := newProvider(t, g.ServeHTTP)
	c := p.client(t, func(c *twilio.Config) { c.Secret, c.Secrets = "old", []string{"new"} })
	g.takes("revoked")
	for range 2 {
		_, err := c.Send(t.Context(), text())
		var refused *message.SendError
		if !errors.As(err, &refused) || refused.Class != message.Config || refused.Hold != message.HoldSender || refused.Code != 20003 {
			t.Errorf("%v", err)
		}
		if diff := cmp.Diff([]string{"old", "new"}, p.secrets()); diff != "" {
			t.Error(diff)
		}
	}
}

// A refusal for any other reason, and a call of which nothing is known, are never
// made again: Twilio may have the message.
func TestOnlyAnUnknownLoginIsTriedAgain(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{
		http.StatusForbidden:           `{"code":20005}`,
		http.StatusTooManyRequests:     `{"code":20429}`,
		http.StatusInternalServerError: `<html>`,
		http.StatusBadRequest:          `{"code":21211}`,
		http.StatusCreated:             `{broken`,
	} {
		p := newProvider(t, answer(status, body))
		c := p.client(t, func(c *twilio.Config) { c.Secret, c.Secrets = "old", []string{"new"} })
		if _, err := c.Send(t.Context(), text()); err == nil {
			t.Errorf("%d: no error", status)
		}
		if diff := cmp.Diff([]string{"old"}, p.secrets()); diff != "" {
			t.Errorf("%d: %s", status, diff)
		}
	}
}

// Many at once find the new token, and each message goes once.
func TestTokenRotationOfManyAtOnce(t *testing.T) {
	t.Parallel()
	g := &guarded{}
	p := newProvider(t, g.ServeHTTP)
	c := p.client(t, func(c *twilio.Config) { c.Secret, c.Secrets = "old", []string{"new"} })
	g.takes("new")
	var wg sync.WaitGroup
	const sends = 32
	for range sends {
		wg.Go(func() {
			if _, err := c.Send(t.Context(), text()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	taken := 0
	for _, secret := range p.secrets() {
		if secret == "new" {
			taken++
		}
	}
	if taken != sends {
		t.Errorf("%d messages were taken %d times", sends, taken)
	}
}
