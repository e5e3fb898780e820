package rail_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"valebot/internal/rail"
)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func caller(t *testing.T, base string, client *http.Client) *rail.Caller {
	t.Helper()
	c, err := rail.NewCaller(base, rail.Keys{secret}, client, at(noon))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answering(t *testing.T, answer http.HandlerFunc) *rail.Caller {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	return caller(t, srv.URL+"/emisor", srv.Client())
}

func TestAnswersBecomeVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		verdict rail.Verdict
		err     error
		lookup  error
	}{
		{200, rail.Done, nil, nil},
		{201, rail.Done, nil, nil},
		{202, rail.Taken, nil, nil},
		{409, rail.Already, nil, nil},
		{422, rail.Rejected, nil, nil},
		{204, "", rail.ErrUnknown, rail.ErrUnknown},
		{301, "", rail.ErrRefused, rail.ErrRefused},
		{400, "", rail.ErrRefused, rail.ErrRefused},
		{401, "", rail.ErrRefused, rail.ErrRefused},
		{403, "", rail.ErrRefused, rail.ErrRefused},
		{404, "", rail.ErrRefused, rail.ErrAbsent},
		{408, "", rail.ErrUnknown, rail.ErrUnknown},
		{429, "", rail.ErrBusy, rail.ErrBusy},
		{500, "", rail.ErrUnknown, rail.ErrUnknown},
		{503, "", rail.ErrUnknown, rail.ErrUnknown},
	} {
		calls := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/otro")
			w.WriteHeader(c.status)
		})
		reply, err := calls.Submit(t.Context(), "/codes", "k", struct{}{})
		if reply.Verdict != c.verdict || !errors.Is(err, c.err) {
			t.Errorf("POST answered %d: %q, %v", c.status, reply.Verdict, err)
		}
		if _, err = calls.Lookup(t.Context(), "/codes/k"); !errors.Is(err, c.lookup) {
			t.Errorf("GET answered %d: %v", c.status, err)
		}
	}
}

func TestCallsAreSignedAndCarryTheirKey(t *testing.T) {
	t.Parallel()
	calls := answering(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || (rail.Keys{secret}).Verify(r, body, noon) != nil {
			t.Errorf("%s %s not signed", r.Method, r.RequestURI)
		}
		if want := r.Method != http.MethodGet; (r.Header.Get(rail.HeaderIdempotency) == "llave") != want {
			t.Errorf("%s with key %q", r.Method, r.Header.Get(rail.HeaderIdempotency))
		}
		if !strings.HasPrefix(r.URL.Path, "/emisor/codes") {
			t.Errorf("path %s", r.URL.Path)
		}
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, r.Method)
	})
	post, err1 := calls.Submit(t.Context(), "/codes", "llave", map[string]int{"a": 1})
	get, err2 := calls.Lookup(t.Context(), "/codes/1")
	del, err3 := calls.Withdraw(t.Context(), "/codes/1", "llave")
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if got := string(post.Body) + string(get.Body) + string(del.Body); got != "POSTGETDELETE" {
		t.Errorf("answers %s", got)
	}
}

func TestNoAnswerIsUnknown(t *testing.T) {
	t.Parallel()
	cut := answering(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := cut.Submit(t.Context(), "/codes", "k", 1); !errors.Is(err, rail.ErrUnknown) {
		t.Errorf("connection cut: %v", err)
	}
	long := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", rail.MaxBody+1))
	})
	if _, err := long.Submit(t.Context(), "/codes", "k", 1); !errors.Is(err, rail.ErrUnknown) {
		t.Errorf("endless answer: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	hang := answering(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a caller that left only after the body
		cancel()
		<-r.Context().Done()
	})
	_, err := hang.Submit(ctx, "/codes", "k", 1)
	if !errors.Is(err, rail.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("call given up: %v", err)
	}
	if strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("error quotes the address: %v", err)
	}
}

func TestCallThatCannotBeMadeIsNotUnknown(t *testing.T) {
	t.Parallel()
	calls := caller(t, "http://127.0.0.1:1", http.DefaultClient)
	if _, err := calls.Submit(t.Context(), "/codes", "k", func() {}); err == nil || errors.Is(err, rail.ErrUnknown) {
		t.Errorf("unencodable: %v", err)
	}
}

func TestNewCallerRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for base, ok := range map[string]bool{
		"http://localhost:8081":      true,
		"https://emisor.example/v1/": true,
		"localhost:8081":             false,
		"ftp://emisor.example":       false,
		"http://emisor.example/?a=1": false,
		"http://emisor.example/#x":   false,
		"":                           false,
		"http://emisor.example/%zz":  false,
	} {
		if _, err := rail.NewCaller(base, rail.Keys{secret}, http.DefaultClient, time.Now); (err == nil) != ok {
			t.Errorf("NewCaller(%q): %v", base, err)
		}
	}
	if _, err := rail.NewCaller("http://x", nil, http.DefaultClient, time.Now); err == nil {
		t.Error("no secret accepted")
	}
}
