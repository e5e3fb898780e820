package channel

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"valebot/internal/fault"
	"valebot/internal/message"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0": 0, "-3": 0, "ayer": 0, "99999999999": 10 * time.Minute, "86400": 10 * time.Minute, "Wed, 21 Oct 2026 07:28:00 GMT": 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {value}}); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// A certificate that cannot be trusted is found out before anything is said, so
// the provider cannot have the message.
func TestBadCertificateIsSafe(t *testing.T) {
	t.Parallel()
	called := false
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	_, err := NewCaller(nil, 10*time.Second).Do(t.Context(), http.MethodPost, srv.URL+"/secreto", "cuerpo", nil)
	if err == nil || message.ClassOf(err) != message.Safe || called || strings.Contains(err.Error(), "secreto") {
		t.Errorf("%v, called %t", err, called)
	}
	if _, err := NewCaller(nil, time.Second).Do(t.Context(), http.MethodPost, "::", "", nil); message.ClassOf(err) != message.Config {
		t.Errorf("no URL: %v", err)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"hola": "hola", "a\x00b": "ab", "a\xffb": "a\uFFFDb", "ñañaña": "ñañañ"} {
		if got := Clean(in, 5); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Only the open network may be called: not this machine, not its neighbours, not
// the addresses where clouds keep their keys.
func TestPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8:443": true, "[2606:4700::1111]:443": true,
		"127.0.0.1:443": false, "10.1.2.3:443": false, "192.168.1.1:80": false, "172.16.0.1:80": false, "169.254.169.254:80": false, "100.64.0.1:80": false,
		"0.0.0.0:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "[::1]:443": false, "[fe80::1]:443": false, "[fd00::1]:443": false, "[::ffff:127.0.0.1]:443": false,
		"api.twilio.com:443": false, "": false,
	} {
		if got := public(address) == nil; got != want {
			t.Errorf("%s: %t, want %t", address, got, want)
		}
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	f := &Fetcher{Hosts: []string{"api.twilio.com", ".twiliocdn.com"}}
	for link, want := range map[string]bool{
		"https://api.twilio.com/x": true, "https://API.twilio.com/x": true, "https://mms.twiliocdn.com/x?Signature=1": true,
		"http://api.twilio.com/x": false, "https://api.twilio.com.evil.example/x": false, "https://evil.example/api.twilio.com": false, "https://twiliocdn.com/x": false,
		"https://eviltwiliocdn.com/": false, "https://user:pass@api.twilio.com/x": false, "https://api.twilio.com:8443/x": false, "file:///etc/passwd": false, "": false, "%zz": false,
		"https://169.254.169.254/latest": false, "//api.twilio.com/x": false,
	} {
		_, err := f.allowed(link)
		if (err == nil) != want || err != nil && fault.CodeOf(err) != "media_host" {
			t.Errorf("%q: %v", link, err)
		}
	}
}

// A name of the provider's that resolves to a private address is not called.
func TestPrivateAddressBehindAGoodName(t *testing.T) {
	t.Parallel()
	called := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "https://")
	_, err := (&Fetcher{Hosts: []string{host}}).Fetch(t.Context(), srv.URL+"/x")
	if fault.CodeOf(err) != "media_host" || called {
		t.Errorf("%v, called %t", err, called)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var trusted, other *httptest.Server
	seen := map[string]string{}
	other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen["other"] = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write([]byte("foto"))
	}))
	defer other.Close()
	trusted = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen["trusted"] = r.Header.Get("Authorization")
		switch r.URL.Path {
		case "/there":
			http.Redirect(w, r, other.URL+"/foto", http.StatusTemporaryRedirect)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/evil":
			http.Redirect(w, r, "http://evil.example/", http.StatusFound)
		}
	}))
	defer trusted.Close()
	name := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	f := &Fetcher{
		Hosts: []string{name(trusted), name(other)}, Trusted: []string{name(trusted)}, Local: true,
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Basic s3cr3t") },
	}
	file, err := f.Fetch(t.Context(), trusted.URL+"/there")
	if err != nil || string(file.Content) != "foto" || seen["trusted"] != "Basic s3cr3t" || seen["other"] != "" {
		t.Errorf("%+v %v; credentials seen %v", file, err, seen)
	}
	for path, code := range map[string]string{"/round": "media_host", "/evil": "media_host"} {
		if _, err := f.Fetch(t.Context(), trusted.URL+path); fault.CodeOf(err) != code {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFilesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, size int
		kind, code   string
		passes       bool
	}{
		"taken":     {200, 10, "application/pdf", "", false},
		"exactly":   {200, MaxFile, "video/mp4", "", false},
		"too large": {200, MaxFile + 1, "video/mp4", "media_size", false},
		"empty":     {200, 0, "image/png", "media_size", false},
		"HTML":      {200, 10, "text/html", "media_type", false},
		"SVG":       {200, 10, "image/svg+xml", "media_type", false},
		"a program": {200, 10, "application/x-msdownload", "media_type", false},
		"no type":   {200, 10, ";", "media_type", false},
		"gone":      {404, 0, "image/png", "media_gone", false},
		"gone too":  {410, 0, "image/png", "media_gone", false},
		"denied":    {401, 0, "image/png", "", true},
		"down":      {503, 0, "image/png", "", true},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(c.status)
			_, _ = w.Write(make([]byte, c.size)) // the client may stop reading
		}))
		f := &Fetcher{Hosts: []string{strings.TrimPrefix(srv.URL, "http://")}, Local: true}
		file, err := f.Fetch(t.Context(), srv.URL+"/secreto?Key=abc")
		switch {
		case c.passes && (err == nil || fault.KindOf(err) == fault.Invalid || strings.Contains(err.Error(), "abc")),
			!c.passes && c.code == "" && (err != nil || len(file.Content) != c.size), c.code != "" && fault.CodeOf(err) != c.code:
			t.Errorf("%s: %d bytes, %v", name, len(file.Content), err)
		}
		srv.Close()
	}
}
