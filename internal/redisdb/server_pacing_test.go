package redisdb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"valebot/internal/message"
	"valebot/internal/outbox"
)

// nodeOn is a pacer with a client of its own, as another node would have it.
func nodeOn(t *testing.T, url, name string, l outbox.Limits) *Pacer {
	t.Helper()
	return NewPacer(open(t, url), Options{Limits: limited(l), Space: "shop", Node: name, Now: time.Now, Log: quietLog()})
}

// until asks again and again until done; it fails when patience is at its end.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !done() {
		if ctx.Err() != nil {
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

func TestNodesShareOneRate(t *testing.T) {
	t.Parallel()
	if !needReal(t) {
		return
	}
	_, url := realServer(t)
	const rate, burst, enough = 1000, 20, 300
	start := time.Now()
	var granted atomic.Int64
	var nodes sync.WaitGroup
	for n := range 3 {
		p := nodeOn(t, url, fmt.Sprint(n), outbox.Limits{PerSecond: rate, Burst: burst})
		p.ask = patientAsk(p.ask) // a slow machine must not make it an outage
		nodes.Go(func() {
			for i := 0; granted.Load() < enough; i++ {
				if p.Take(context.Background(), sms(i, message.LaneCode)).Wait == 0 {
					granted.Add(1)
				}
			}
		})
	}
	nodes.Wait()
	if room := burst + rate*time.Since(start).Seconds() + 1; float64(granted.Load()) > room {
		t.Errorf("%d went where %.0f were allowed", granted.Load(), room)
	}
}

// patientAsk lifts the deadline of each call.
func patientAsk(ask func(context.Context, request) (outbox.Room, error)) func(context.Context, request) (outbox.Room, error) {
	return func(ctx context.Context, r request) (outbox.Room, error) {
		return ask(context.WithoutCancel(ctx), r)
	}
}

func TestKilledAndBack(t *testing.T) {
	t.Parallel()
	if !needReal(t) {
		return
	}
	server, url := realServer(t)
	c := open(t, url)
	o := Options{Limits: limited(outbox.Limits{PerSecond: 100, Burst: 100}), Space: "shop", Node: "a", Now: time.Now, Log: quietLog()}
	p := NewPacer(c, o)
	p = newPacer(o, time.Millisecond, p.ask, p.count)
	until(t, "a campaign, which goes only with Redis", func() bool { return p.Take(t.Context(), sms(1, message.LaneCampaign)).Wait == 0 })
	server.kill()
	for i := range 20 {
		if wait := p.Take(t.Context(), sms(i, message.LaneCode)).Wait; wait != 0 {
			t.Fatalf("without Redis, code %d waits %s", i, wait)
		}
	}
	if p.Take(t.Context(), sms(1, message.LaneCampaign)).Wait == 0 {
		t.Error("without Redis, a campaign goes on")
	}
	server.start()
	until(t, "the sender's freeze after the recovery", func() bool {
		p.Take(t.Context(), sms(1, message.LaneCampaign))
		return p.debt(message.SMS) == debt{}
	})
	b, _ := p.senderBucket(message.SMS, 1, 0)
	full, err := c.redis.Get(t.Context(), b.key).Int64()
	if err != nil {
		t.Fatal(err)
	}
	now, err := c.redis.Time(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	elapsed := 1990*time.Millisecond - time.UnixMicro(full).Sub(now) // 1 s of silence and 99 units of a hundredth
	if elapsed < 0 || elapsed > patience {
		t.Errorf("the bucket is full %s from the freeze that was wanted", elapsed)
	}
}

func TestHungServerStopsNoCode(t *testing.T) {
	t.Parallel()
	if !needReal(t) {
		return
	}
	server, url := realServer(t)
	p := nodeOn(t, url, "a", outbox.Limits{PerSecond: 1000, Burst: 1000})
	p.Take(t.Context(), sms(0, message.LaneCode))
	server.signal(syscall.SIGSTOP)
	for i := range 50 {
		if wait := p.Take(t.Context(), sms(i, message.LaneCode)).Wait; wait != 0 {
			t.Fatalf("beside a hung server, code %d waits %s", i, wait)
		}
	}
	server.signal(syscall.SIGCONT)
}

// Open's own client, with its short deadlines, must reach a server.
func TestOpenReaches(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	c, err := Open(url, quietLog())
	if err != nil {
		t.Fatal(err)
	}
	until(t, "an answer", func() bool { return c.redis.Ping(t.Context()).Err() == nil })
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestForgottenScriptsAreSentAgain(t *testing.T) {
	t.Parallel()
	c := open(t, anyServer(t))
	p := NewPacer(c, Options{Limits: limited(outbox.Limits{PerSecond: 10, Burst: 10}), Space: "shop", Now: time.Now, Log: quietLog()})
	ask := patientAsk(p.ask)
	for range 3 {
		r, _ := p.requestFor(sms(1, message.LaneCode))
		if _, err := ask(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := c.redis.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeysNamePhonesToNobodyAndEnd(t *testing.T) {
	t.Parallel()
	c := open(t, anyServer(t))
	const slow = quiet - time.Second // keys outlive every pause of the machine
	o := Options{Limits: limited(outbox.Limits{PerSecond: 1, Burst: 10, Pair: slow, PairBurst: 3}), Space: "shop", Node: "a", Now: time.Now, Log: quietLog()}
	p := NewPacer(c, o)
	long := sms(1, message.LaneCode)
	long.Segments = int(slow / time.Second)
	r, _ := p.requestFor(long)
	if _, err := p.ask(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := p.count(context.Background()); err != nil {
		t.Fatal(err)
	}
	keys, err := c.redis.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 3 {
		t.Fatalf("keys %v, %v; want sender, pair and nodes", keys, err)
	}
	for _, key := range keys {
		if strings.Contains(key, "667") {
			t.Errorf("key %q holds a phone", key)
		}
		life, err := c.redis.PTTL(t.Context(), key).Result()
		if err != nil || life <= 0 || life > quiet {
			t.Errorf("key %q lives %s, %v", key, life, err)
		}
	}
}

func TestNodesCountEachOther(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	for i, name := range []string{"a", "b", "c", "b"} {
		p := nodeOn(t, url, name, outbox.Limits{PerSecond: 10, Burst: 10})
		n, err := p.count(context.Background())
		if want := min(i+1, 3); err != nil || n != want {
			t.Errorf("beat %d: %d nodes, %v; want %d", i, n, err, want)
		}
	}
}

func TestSilentNodesAreNotCounted(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	p := nodeOn(t, url, "a", outbox.Limits{})
	c := open(t, url)
	if err := c.redis.Do(t.Context(), "ZADD", nodesKey(p.o), "1", "dead").Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.count(context.Background()); err != nil || n != 1 {
		t.Errorf("%d nodes, %v; want 1", n, err)
	}
}

// All buckets of one message live on one node of a cluster; otherwise it refuses
// the script.
func TestCluster(t *testing.T) {
	t.Parallel()
	if !needReal(t) {
		return
	}
	port := runOnPort(t, "--cluster-enabled", "yes", "--save", "", "--dir", t.TempDir())
	admin := open(t, "redis://127.0.0.1:"+port)
	if err := admin.redis.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "the cluster", func() bool {
		info, err := admin.redis.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	asksAndCounts(t, "redis://127.0.0.1:"+port+"?cluster=1")
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	if !needReal(t) {
		return
	}
	dir := t.TempDir()
	master := runOnPort(t, "--save", "", "--dir", dir)
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("dir %s\nsentinel monitor shop 127.0.0.1 %s 1\n", dir, master)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	guard := runOnPort(t, conf, "--sentinel")
	asksAndCounts(t, "redis+sentinel://127.0.0.1:"+guard+"/shop")
}

// asksAndCounts shows that both scripts run behind a URL.
func asksAndCounts(t *testing.T, url string) {
	t.Helper()
	p := nodeOn(t, url, "a", outbox.Limits{PerSecond: 10, Burst: 1, Pair: time.Minute, PairBurst: 1})
	r, _ := p.requestFor(sms(1, message.LaneCode))
	if room, err := p.ask(context.Background(), r); err != nil || room.Wait != 0 {
		t.Fatalf("first question: wait %s, %v", room.Wait, err)
	}
	if room, err := p.ask(context.Background(), r); err != nil || room.Wait <= 0 {
		t.Errorf("second question: wait %s, %v", room.Wait, err)
	}
	if n, err := p.count(context.Background()); err != nil || n != 1 {
		t.Errorf("%d nodes, %v; want 1", n, err)
	}
}

func TestMetricsTellWhatBecameOfEachQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, metricsTell)
}

func metricsTell(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := &shaky{}
	p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 1}))
	p.o.Metrics = NewMetrics(registry)
	p.Take(t.Context(), sms(1, message.LaneCode))
	s.set(func(s *shaky) { s.down = true })
	for range 5 {
		p.Take(t.Context(), sms(1, message.LaneCode))
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[labelOr(m, f.GetName())] = m.GetHistogram().GetSampleCount() + uint64(m.GetGauge().GetValue())
		}
	}
	for name, want := range map[string]uint64{"granted": 1, "failed": 3, "away": 2, "valebot_redis_away": 1} {
		if got[name] != want {
			t.Errorf("%s = %d, want %d (%v)", name, got[name], want, got)
		}
	}
}

func labelOr(m *dto.Metric, name string) string {
	if len(m.GetLabel()) > 0 {
		return m.GetLabel()[0].GetValue()
	}
	return name
}
