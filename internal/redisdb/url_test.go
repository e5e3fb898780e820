package redisdb

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestURLForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url  string
		want target
	}{
		{"redis://redis", target{addrs: []string{"redis:6379"}}},
		{"redis://redis:6379/0", target{addrs: []string{"redis:6379"}}},
		{"redis://u:p%40ss@10.0.0.1:7000/3", target{addrs: []string{"10.0.0.1:7000"}, user: "u", password: "p@ss", db: 3}},
		{"redis://:secret@redis?db=2", target{addrs: []string{"redis:6379"}, password: "secret", db: 2}},
		{"rediss://r.example.com/1", target{addrs: []string{"r.example.com:6379"}, db: 1, tls: true}},
		{"redis://[::1]:7000", target{addrs: []string{"[::1]:7000"}}},
		{"unix:///run/redis.sock?db=4", target{addrs: []string{"/run/redis.sock"}, db: 4}},
		{"unix://user:pw@/run/redis.sock", target{addrs: []string{"/run/redis.sock"}, user: "user", password: "pw"}},
		{"redis://a,b:7001,[::1]?cluster=1", target{addrs: []string{"a:6379", "b:7001", "[::1]:6379"}, cluster: true}},
		{"rediss://u:p@a/?cluster=true", target{addrs: []string{"a:6379"}, user: "u", password: "p", cluster: true, tls: true}},
		{"redis+sentinel://a,b:26380/mymaster", target{addrs: []string{"a:26379", "b:26380"}, master: "mymaster"}},
		{"rediss+sentinel://u:p@a/m/2?sentinel_user=su&sentinel_password=sp", target{
			addrs: []string{"a:26379"}, user: "u", password: "p", master: "m", db: 2, tls: true, sentinelUser: "su", sentinelPassword: "sp"}},
	} {
		got, err := parse(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
		} else if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(target{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.url, diff)
		}
	}
}

func TestBrokenURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]error{
		"":                                 errScheme,
		"redis":                            errScheme,
		"http://secreto@redis":             errScheme,
		"redis://":                         errNoHost,
		"redis:///0":                       errNoHost,
		"redis://u:secreto@":               errNoHost,
		"redis://a,,b?cluster=1":           errNoHost,
		"redis://a,b":                      errCluster,
		"redis://a:b:c":                    errNoHost,
		"redis://a:0":                      errSyntax,
		"redis://a:70000":                  errSyntax,
		"redis://a/x":                      errDB,
		"redis://a/-1":                     errDB,
		"redis://a/1/2":                    errPath,
		"redis://a?db=secreto":             errDB,
		"redis://a/1?cluster=1":            errDB,
		"redis://a?retries=3":              errParam,
		"redis://a?sentinel_user=x":        errParam,
		"unix://":                          errNoSocket,
		"unix://host/s":                    errNoSocket,
		"unix:///s?cluster=1":              errParam,
		"redis+sentinel://a":               errMaster,
		"redis+sentinel:///m":              errNoHost,
		"redis+sentinel://a/m?cluster=1":   errParam,
		"redis+sentinel://a/m/x":           errDB,
		"redis://u:sec%zzreto@a":           errSyntax,
		"redis://a#secreto":                errSyntax,
		"redis:secreto":                    errSyntax,
		"redis://u:secreto@a\x00b":         errNoHost,
		"redis://u:secreto@a,b c?cluster=": errNoHost,
	} {
		err := Check(url)
		if !isErr(err, want) {
			t.Errorf("%q: %v, want %v", url, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "secreto") || strings.Contains(err.Error(), "reto")) {
			t.Errorf("%q: the error %q repeats a secret", url, err)
		}
		if _, err := Open(url, quietLog()); err == nil {
			t.Errorf("%q was opened", url)
		}
	}
}

func isErr(err, want error) bool { return err != nil && strings.Contains(err.Error(), want.Error()) }

func TestServerNameOfACertificate(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"rediss://r.example.com:7000":  "r.example.com",
		"rediss://a,b?cluster=1":       "",
		"rediss+sentinel://a/mymaster": "",
	} {
		u, err := parse(url)
		if err != nil {
			t.Fatal(err)
		}
		if o := u.options(); o.TLSConfig == nil || o.TLSConfig.ServerName != want {
			t.Errorf("%s: TLS %+v, want the name %q", url, o.TLSConfig, want)
		}
	}
}

// What is accepted has an address and never panics the driver's options.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"redis://u:p@a:1/2", "rediss://a,b?cluster=1", "redis+sentinel://a,[::1]:9/m/1?sentinel_user=x", "unix:///s?db=1", "redis://@,?#",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := parse(s)
		if err != nil {
			return
		}
		if len(u.addrs) == 0 || u.addrs[0] == "" || u.db < 0 {
			t.Fatalf("%q is accepted as %+v", s, u)
		}
		u.options()
	})
}
