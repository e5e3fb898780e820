package desk_test

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"valebot/internal/casework"
)

// code is what the agent's telephone shows now.
func (b *browser) code(secret string) string {
	b.Helper()
	code, err := totp.GenerateCode(secret, b.wall)
	b.must(err)
	return code
}

// protect switches the second factor on and returns its secret and the codes for
// who lost her telephone.
func (b *browser) protect() (secret string, recovery []string) {
	b.Helper()
	b.get("/mesa/seguridad")
	found := regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`).FindStringSubmatch(b.last)
	if found == nil {
		b.Fatalf("no secret is offered:\n%s", b.last)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	b.post("/mesa/seguridad/activar", "codigo", b.code(secret))
	b.sees("Listo: al entrar")
	for _, m := range regexp.MustCompile(`<li><code>([A-Z2-7 ]+)</code>`).FindAllStringSubmatch(b.last, -1) {
		recovery = append(recovery, m[1])
	}
	return secret, recovery
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.agent("luis")
	b.get("/mesa/seguridad")
	if got := b.get("/mesa/seguridad/codigo.png"); got != http.StatusOK || !strings.HasPrefix(b.last, "\x89PNG") {
		t.Errorf("picture: %d", got)
	}
	b.get("/mesa/seguridad")
	if got := b.post("/mesa/seguridad/activar", "codigo", "000000x"); got != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code switches it on: %d", got)
	}
	secret, recovery := b.protect()
	if len(recovery) != 8 {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	if got := b.get("/mesa/seguridad/codigo.png"); got != http.StatusNotFound {
		t.Errorf("the secret is shown again: %d", got)
	}
	b.get("/mesa/seguridad")
	b.misses(recovery[0], secret[:4]+" ")
	if n := o.count("agent where position($1 in encode(totp, 'escape')) > 0", secret); n != 0 {
		t.Error("the secret is stored in the clear")
	}

	o.wall = o.wall.Add(time.Minute)
	try := func(code string) int {
		return o.browser().post("/mesa/entrar", "usuario", "luis", "clave", "demo", "codigo", code)
	}
	for _, code := range []string{"", "000000", "abc"} {
		if got := try(code); got != http.StatusUnauthorized {
			t.Errorf("code %q: %d", code, got)
		}
	}
	right := b.code(secret)
	if got := try(right); got != http.StatusOK {
		t.Errorf("the right code: %d", got)
	}
	if got := try(right); got != http.StatusUnauthorized {
		t.Errorf("a code opens twice: %d", got)
	}
	o.wall = o.wall.Add(10 * time.Minute)
	lower := strings.ToLower(strings.ReplaceAll(recovery[0], " ", ""))
	if got := try(lower); got != http.StatusOK {
		t.Errorf("a recovery code: %d", got)
	}
	if got := try(recovery[0]); got != http.StatusUnauthorized {
		t.Errorf("a recovery code opens twice: %d", got)
	}
	if got := o.browser().post("/mesa/entrar", "usuario", "luis", "clave", "x", "codigo", recovery[1]); got != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d", got)
	}
	if got := try(recovery[1]); got != http.StatusOK {
		t.Errorf("a wrong password used the code up: %d", got)
	}
	b.get("/mesa/seguridad")
	if got := b.post("/mesa/seguridad/quitar", "codigo", "123456"); got != http.StatusUnprocessableEntity {
		t.Errorf("taken away by a wrong code: %d", got)
	}
	b.post("/mesa/seguridad/quitar", "codigo", recovery[2])
	b.sees("Ya no se te pedirá un código.")
	if got := try(""); got != http.StatusOK {
		t.Errorf("without a second factor: %d", got)
	}
	if n := o.count("audit where action = 'desk.second_factor' and subject_id = 'luis'"); n != 2 {
		t.Errorf("%d rows in the audit", n)
	}
}

// TestCodeRace: of many logins at once with one code, one gets in.
func TestCodeRace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.agent("luis")
	b.protect()
	var in atomic.Int32
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if ok, err := o.store.UseStep(t.Context(), "luis", 1<<40); err != nil {
				t.Error(err)
			} else if ok {
				in.Add(1)
			}
		})
	}
	wait.Wait()
	if in.Load() != 1 {
		t.Errorf("%d logins by one code", in.Load())
	}
}

// TestTriesCountOnAllNodes: another node knows of the tries at the first, and
// many at once get no more through than one after the other.
func TestTriesCountOnAllNodes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	gates := []casework.Gate{{Key: "n:luis", Every: time.Minute, Burst: 5}, {Key: "a:1.2.3.4", Every: time.Second, Burst: 30}}
	other := []casework.Gate{gates[1], gates[0]} // locked in one order, whatever they are named in
	var through atomic.Int32
	var wait sync.WaitGroup
	for i := range 24 {
		wait.Go(func() {
			mine := gates
			if i%2 == 1 {
				mine = other
			}
			left, err := o.store.LoginWait(t.Context(), o.wall, mine)
			if err != nil {
				t.Error(err)
			} else if left == 0 {
				through.Add(1)
			}
		})
	}
	wait.Wait()
	if through.Load() != 5 {
		t.Errorf("%d of 24 tries got through, want 5", through.Load())
	}
	if left, err := o.store.LoginWait(t.Context(), o.wall, gates[1:]); err != nil || left != 0 {
		t.Errorf("the address was charged for refused tries: %v %v", left, err)
	}
	if n := o.count("login_try where position('luis' in encode(key, 'escape')) > 0"); n != 0 {
		t.Error("a login is kept in the clear")
	}
}

// TestProxies: the header of a proxy of ours names who tries; anybody else's
// names whom it likes and is not heard.
func TestProxies(t *testing.T) {
	t.Parallel()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		name    string
		trusted []netip.Prefix
		header  func(i int) string
		stopped bool // after many tries from what the header calls different addresses
	}{
		{"nobody is trusted", nil, func(i int) string { return spot(i) }, true},
		{"a proxy of ours", loopback, func(i int) string { return spot(i) }, false},
		{"two proxies of ours", loopback, func(i int) string { return spot(i) + ", 10.1.1.1" }, false},
		{"a forged beginning", loopback, func(i int) string { return spot(i) + ", 9.9.9.9" }, true},
		{"nonsense", loopback, func(int) string { return "unknown" }, true},
		{"no header", loopback, func(int) string { return "" }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, tt.trusted...)
			b := o.browser()
			stopped := false
			for i := range 36 {
				req := b.request(http.MethodPost, "/mesa/entrar", map[string][]string{"usuario": {"n" + strings.Repeat("x", i)}, "clave": {"x"}})
				req.Header.Set("X-Forwarded-For", tt.header(i))
				stopped = b.do(req) == http.StatusTooManyRequests
			}
			if stopped != tt.stopped {
				t.Errorf("stopped: %v", stopped)
			}
		})
	}
}

func spot(i int) string { return netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String() }
