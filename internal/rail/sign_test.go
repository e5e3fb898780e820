package rail_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"valebot/internal/rail"
)

const secret = "secreto-de-prueba-123"

var noon = time.Unix(1772442000, 0)

// The expected sums were computed with openssl dgst -sha256 -hmac.
func TestSignatureEqualsAnIndependentClient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, url, body, want string }{
		{"POST", "http://x/webhooks/atm", `{"id":"x"}`, "458c84801a53c8069e252ee29ff79bf518011039c529c33774bce82d918c1d7a"},
		{"GET", "http://x/a/codes/1?x=2", "", "5bc4df29d9b5808d1e82fb022b44bb3678cd563e00f89e18ef4327094f1b07cc"},
	} {
		r, err := http.NewRequest(c.method, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		rail.Keys{secret}.Sign(r, []byte(c.body), noon)
		if got := r.Header.Get(rail.HeaderSignature); got != "v1="+c.want {
			t.Errorf("%s %s signed %s, want v1=%s", c.method, c.url, got, c.want)
		}
		if got := r.Header.Get(rail.HeaderTimestamp); got != "1772442000" {
			t.Errorf("timestamp %s", got)
		}
	}
}

func signed(keys rail.Keys, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/atm", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	keys.Sign(r, []byte(body), noon)
	return r
}

func TestVerify(t *testing.T) {
	t.Parallel()
	old, fresh := "antiguo-secreto-0001", "nuevo-secreto-000002"
	good := func() *http.Request { return signed(rail.Keys{fresh}, "{}") }
	with := func(change func(*http.Request)) *http.Request { r := good(); change(r); return r }
	both := rail.Keys{fresh, old}
	for name, c := range map[string]struct {
		r    *http.Request
		body string
		now  time.Time
		keys rail.Keys
		ok   bool
	}{
		"good":                 {good(), "{}", noon, both, true},
		"older secret":         {signed(rail.Keys{old}, "{}"), "{}", noon, both, true},
		"retired secret":       {signed(rail.Keys{old}, "{}"), "{}", noon, rail.Keys{fresh}, false},
		"no secret configured": {good(), "{}", noon, nil, false},
		"other body":           {good(), "{ }", noon, both, false},
		"just early enough":    {good(), "{}", noon.Add(-rail.Tolerance), both, true},
		"just late enough":     {good(), "{}", noon.Add(rail.Tolerance), both, true},
		"too late":             {good(), "{}", noon.Add(rail.Tolerance + time.Second), both, false},
		"too early":            {good(), "{}", noon.Add(-rail.Tolerance - time.Second), both, false},
		"other method":         {with(func(r *http.Request) { r.Method = "PUT" }), "{}", noon, both, false},
		"other path":           {with(func(r *http.Request) { r.RequestURI = "/webhooks/spei" }), "{}", noon, both, false},
		"query added":          {with(func(r *http.Request) { r.RequestURI += "?a=1" }), "{}", noon, both, false},
		"prefix stripped":      {with(func(r *http.Request) { r.URL.Path = "/atm" }), "{}", noon, both, true},
		"no signature":         {with(func(r *http.Request) { r.Header.Del(rail.HeaderSignature) }), "{}", noon, both, false},
		"no timestamp":         {with(func(r *http.Request) { r.Header.Del(rail.HeaderTimestamp) }), "{}", noon, both, false},
		"timestamp not a time": {with(func(r *http.Request) { r.Header.Set(rail.HeaderTimestamp, "ayer") }), "{}", noon, both, false},
		"unknown version":      {with(func(r *http.Request) { swap(r, "v1=", "v2=") }), "{}", noon, both, false},
		"other versions beside": {with(func(r *http.Request) {
			r.Header.Set(rail.HeaderSignature, "v2=zz, "+r.Header.Get(rail.HeaderSignature))
		}), "{}", noon, both, true},
		"short sum": {with(func(r *http.Request) { r.Header.Set(rail.HeaderSignature, "v1=00") }), "{}", noon, both, false},
		"lost among many": {with(func(r *http.Request) {
			r.Header.Set(rail.HeaderSignature, strings.Repeat("v1="+strings.Repeat("00", 32)+",", 4)+r.Header.Get(rail.HeaderSignature))
		}), "{}", noon, both, false},
	} {
		if err := c.keys.Verify(c.r, []byte(c.body), c.now); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func swap(r *http.Request, from, to string) {
	r.Header.Set(rail.HeaderSignature, strings.Replace(r.Header.Get(rail.HeaderSignature), from, to, 1))
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]int{
		secret:                          1,
		secret + ", otro-secreto-largo": 2,
		" " + secret + " ,":             1,
		"":                              0,
		" , ":                           0,
		"corto":                         0,
		secret + ",corto":               0,
	} {
		keys, err := rail.ParseKeys(list)
		if len(keys) != want || (err == nil) != (want > 0) {
			t.Errorf("ParseKeys(%q) = %d keys, %v", list, len(keys), err)
		}
		if err != nil && strings.Contains(err.Error(), "corto") {
			t.Error("error quotes a secret")
		}
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	t.Parallel()
	keys := rail.Keys{secret}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "keys", keys)
	for _, text := range []string{log.String(), fmt.Sprint(keys), fmt.Sprintf("%v %s %#v", keys, keys, keys)} {
		if strings.Contains(text, secret) {
			t.Errorf("printed %s", text)
		}
	}
}
