package channeltest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"valebot/internal/message"
)

// patience bounds calls that are expected to be answered.
const patience = 2 * time.Minute

// try sends one message to a provider that answers so.
func try(t *testing.T, a Adapter, m message.Outbound, answer http.HandlerFunc) (*Provider, string, error) {
	t.Helper()
	p := NewProvider(t, answer)
	id, err := a.Client(t, p.URL, p.Way(t), patience).Send(t.Context(), m)
	return p, id, err
}

func (a Adapter) taken(id string) http.HandlerFunc {
	status, body := a.Taken(id)
	return Say(Answer{Status: status, Body: body})
}

func sent(t *testing.T, a Adapter) {
	m := a.text()
	p, id, err := try(t, a, m, a.taken("id-9"))
	if err != nil || id != "id-9" {
		t.Fatalf("sent: %q, %v", id, err)
	}
	r := p.Only(t)
	if r.Method != http.MethodPost || r.Header.Get("User-Agent") != "valebot" {
		t.Errorf("%s by %q", r.Method, r.Header.Get("User-Agent"))
	}
	if !strings.Contains(r.Body+r.Header.Get("Idempotency-Key"), m.ID.String()) {
		t.Error("our id does not travel: an unanswered send could not be tied to its message")
	}
	if shown := a.Shown(t, r); len(shown) != 1 || shown[0] != m.Body {
		t.Errorf("shows %q", shown)
	}
}

// choices: every label reaches the person, as something to tap or in the text with
// its number, however many there are.
func choices(t *testing.T, a Adapter) {
	for _, n := range []int{1, 3, 4, 10, 12} {
		m := a.text()
		m.Body = "¿Cual prefieres?"
		for i := range n {
			m.Choices = append(m.Choices, message.Choice{ID: fmt.Sprintf("q:%d", i), Label: fmt.Sprintf("Opcion %c", 'A'+i)})
		}
		p, _, err := try(t, a, m, a.taken("id-9"))
		if err != nil {
			t.Errorf("%d choices: %v", n, err)
			continue
		}
		shown := strings.Join(a.Shown(t, p.Only(t)), "\n")
		for i, c := range m.Choices {
			if a.To.Channel == message.SMS {
				break // the text was written for SMS, choices and all
			}
			if !strings.Contains(shown, c.Label) {
				t.Errorf("%d choices: choice %d is nowhere in %q", n, i+1, shown)
			}
		}
		if !strings.Contains(shown, m.Body) {
			t.Errorf("%d choices: the question is not in %q", n, shown)
		}
	}
}

func length(t *testing.T, a Adapter) {
	m := a.text()
	m.Body = strings.Repeat("a", a.Longest)
	if _, _, err := try(t, a, m, a.taken("id-9")); err != nil {
		t.Errorf("%d characters: %v", a.Longest, err)
	}
	m.Body += "a"
	p, _, err := try(t, a, m, a.taken("id-9"))
	if message.ClassOf(err) != message.Fatal || len(p.Requests()) != 0 {
		t.Errorf("%d characters: %v after %d requests, want a refusal of our own", a.Longest+1, err, len(p.Requests()))
	}
}

// answers: what the provider says decides whether it may have the message.
func answers(t *testing.T, a Adapter) {
	_, good := a.Taken("id-9")
	cases := map[string]struct {
		answer Answer
		want   message.Class
	}{
		"busy":          {a.Busy, message.Safe},
		"down":          {a.Down, message.Ambiguous},
		"down, HTML":    {Answer{Status: 502, Body: "<h1>Bad gateway</h1>"}, message.Ambiguous},
		"200 with HTML": {Answer{Status: 200, Body: "<!doctype html><h1>hola</h1>"}, message.Ambiguous},
		"201 half JSON": {Answer{Status: 201, Body: good[:len(good)/2]}, message.Ambiguous},
		"200 empty":     {Answer{Status: 200}, message.Ambiguous},
		"401":           {Answer{Status: 401, Body: "{}"}, message.Config},
		"404":           {Answer{Status: 404, Body: "no"}, message.Config},
	}
	if a.OptedOut != nil {
		cases["opted out"] = struct {
			answer Answer
			want   message.Class
		}{*a.OptedOut, message.OptedOut}
	}
	for name, c := range cases {
		m := a.text()
		_, id, err := try(t, a, m, Say(c.answer))
		if got := message.ClassOf(err); err == nil || got != c.want {
			t.Errorf("%s: %q, class %s (%v), want %s", name, id, got, err, c.want)
			continue
		}
		if secret := spill(err.Error(), m); secret != "" {
			t.Errorf("%s: the error repeats %q: %v", name, secret, err)
		}
	}
	_, _, err := try(t, a, a.text(), Say(Answer{Status: a.Busy.Status, Body: a.Busy.Body, Header: http.Header{"Retry-After": {"7"}}}))
	var e *message.SendError
	if !errors.As(err, &e) || e.RetryAfter != 7*time.Second || e.Hold == message.HoldNobody {
		t.Errorf("busy for 7 s: %+v", e)
	}
}

// cut: the provider read everything and then the line went.
func cut(t *testing.T, a Adapter) {
	m := a.text()
	_, _, err := try(t, a, m, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if message.ClassOf(err) != message.Ambiguous || err == nil || spill(err.Error(), m) != "" {
		t.Errorf("line cut: %v", err)
	}
}

// hang: the provider takes the request and never answers.
func hang(t *testing.T, a Adapter) {
	asked := make(chan struct{})
	p := NewProvider(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := a.Client(t, p.URL, p.Way(t), patience).Send(ctx, a.text())
	if message.ClassOf(err) != message.Ambiguous || err == nil {
		t.Errorf("given up while waiting: %v", err)
	}
}

// refused: nobody listens, so nobody can have the message.
func refused(t *testing.T, a Adapter) {
	const nowhere = "http://127.0.0.1:1" // a port that was free a moment ago may be somebody's by now
	m := a.text()
	_, err := a.Client(t, nowhere, nil, patience).Send(t.Context(), m)
	if message.ClassOf(err) != message.Safe || err == nil || spill(err.Error(), m) != "" {
		t.Errorf("nobody listens: %v", err)
	}
}

// redirect: neither the message nor the credentials follow it.
func redirect(t *testing.T, a Adapter) {
	other := NewProvider(t, a.taken("id-9"))
	_, _, err := try(t, a, a.text(), func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	if err == nil || len(other.Requests()) != 0 {
		t.Errorf("followed to another host: %v, %d requests", err, len(other.Requests()))
	}
}
