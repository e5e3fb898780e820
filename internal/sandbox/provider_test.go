package sandbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// exchange is a Provider with a server that answers each inbound text.
func exchange(t *testing.T, change func(*ProviderConfig)) (p *Provider, silent <-chan struct{}) {
	t.Helper()
	var api *httptest.Server
	ignored := make(chan struct{}, 10)
	answer := func(form url.Values) {
		reply := url.Values{"To": {form.Get("From")}, "From": {ours}, "Body": {"eco " + form.Get("Body")}, "StatusCallback": {api.URL + "/status?m=1"}}
		r, _ := http.NewRequest(http.MethodPost, api.URL+"/2010-04-01/Accounts/"+account+"/Messages.json", strings.NewReader(reply.Encode()))
		r.SetBasicAuth(account, token)
		status, err := send(api.Client(), r)
		if err != nil || status != http.StatusCreated {
			t.Errorf("reply: %d %v", status, err)
		}
	}
	mux := http.NewServeMux()
	api = httptest.NewServer(mux)
	c := ProviderConfig{Account: account, Token: token, Sender: ours, InboundURL: api.URL + "/webhooks/twilio/inbound"}
	if change != nil {
		change(&c)
	}
	p = NewProvider(c)
	mux.Handle("/2010-04-01/", p.Handler())
	mux.HandleFunc("/webhooks/twilio/inbound", func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() != nil || r.Header.Get("X-Twilio-Signature") != twilioSignature(token, c.InboundURL, r.PostForm) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		switch r.PostForm.Get("Body") {
		case "silencio":
			ignored <- struct{}{}
		case "error":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			go answer(r.PostForm)
		}
	})
	t.Cleanup(func() { p.Close(); api.Close() })
	return p, ignored
}

func TestAskMeasuresAReply(t *testing.T) {
	t.Parallel()
	p, _ := exchange(t, nil)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			phone := "+52667" + sid("")[:7] + string(rune('a'+i%26))
			phone = strings.Map(func(r rune) rune {
				if r > '9' {
					return '0' + r%10
				}
				return r
			}, phone)
			got, err := p.Ask(t.Context(), phone, "hola")
			if err != nil || got.Text.Body != "eco hola" || got.Accepted <= 0 || got.Answered < got.Accepted/1000 {
				t.Errorf("asked: %+v %v", got, err)
			}
		})
	}
	all.Wait()
	if p.Taken() != 50 {
		t.Errorf("took %d", p.Taken())
	}
}

func TestAskFailsAsTheServerDoes(t *testing.T) {
	t.Parallel()
	p, silent := exchange(t, nil)
	if _, err := p.Ask(t.Context(), ana, "error"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("server error: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := p.Ask(ctx, ana, "silencio")
		done <- err
	}()
	<-silent
	if _, err := p.Ask(t.Context(), ana, "hola"); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("two questions at once: %v", err)
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("silence answered")
	}
	if got, err := p.Ask(t.Context(), ana, "otra vez"); err != nil || got.Text.Body != "eco otra vez" {
		t.Errorf("after silence: %+v %v", got, err)
	}
}

func TestProviderTellsTextsAndStatuses(t *testing.T) {
	t.Parallel()
	statuses := make(chan string, 10)
	listener := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		statuses <- r.PostForm.Get("MessageStatus")
	}))
	t.Cleanup(listener.Close)
	texts := make(chan Text, 1)
	p, _ := exchange(t, func(c *ProviderConfig) { c.Statuses, c.OnText = true, func(t Text) { texts <- t } })
	api := httptest.NewServer(p.Handler())
	t.Cleanup(api.Close)
	form := url.Values{"To": {ana}, "From": {ours}, "Body": {"x"}, "StatusCallback": {listener.URL + "/s"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api.URL+"/2010-04-01/Accounts/"+account+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(account, token)
	if status, err := send(api.Client(), r); err != nil || status != 201 {
		t.Fatal(status, err)
	}
	if got := <-texts; got.Body != "x" || got.To != ana {
		t.Errorf("told %+v", got)
	}
	if a, b := <-statuses, <-statuses; a != "sent" || b != "delivered" {
		t.Errorf("statuses %s %s", a, b)
	}
	if got := p.find(ana, ours); len(got) != 1 {
		t.Errorf("lists %+v", got)
	}
}

func TestOneMessageCanBeDeliveredTwice(t *testing.T) {
	t.Parallel()
	p, _ := exchange(t, nil)
	for range 2 {
		if err := p.InboundAs(t.Context(), "SM1", ana, "silencio"); err != nil {
			t.Error(err)
		}
	}
}

// A sender may be faster than any stand-in behind it; this says how fast ours is.
func BenchmarkProviderTakes(b *testing.B) {
	p := NewProvider(ProviderConfig{Account: account, Token: token, Sender: ours})
	defer p.Close()
	api := httptest.NewServer(p.Handler())
	defer api.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	form := url.Values{"To": {ana}, "From": {ours}, "Body": {"Recibimos tu pago. Gracias por cumplir, Ana."}}.Encode()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest(http.MethodPost, api.URL+"/2010-04-01/Accounts/"+account+"/Messages.json", strings.NewReader(form))
			r.SetBasicAuth(account, token)
			if status, err := send(client, r); err != nil || status != http.StatusCreated {
				b.Error(status, err)
			}
		}
	})
}
