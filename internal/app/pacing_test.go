package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// paced is a town whose pace is kept in the given Redis.
func paced(url string) func(*Config) {
	return func(c *Config) { c.RedisURL, c.Tuning.Unpaced = url, false }
}

func TestPaceIsSharedThroughRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	v := newTown(t, paced("redis://"+server.Addr()))
	has := func(part string) bool {
		return slices.ContainsFunc(server.Keys(), func(key string) bool { return strings.Contains(key, part) })
	}
	// On a busy machine a question may take too long and is then decided without Redis.
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && !(has(":sender") && has(":pair:")); {
		v.says(ana, "AYUDA", "") // any answer
	}
	if !has(":sender") || !has(":pair:") {
		t.Errorf("no sender or no pair in %v", server.Keys())
	}
	if got := metric(t, v, `valebot_redis_seconds_count{result="granted"}`); got == "" || got == "0" {
		t.Error("no question to Redis was counted")
	}
}

// A node starts, is ready and answers while nobody listens where Redis should be.
func TestRepliesGoOutWithoutRedis(t *testing.T) {
	t.Parallel()
	v := newTown(t, paced("redis://"+nowhere))
	v.says(ana, "AYUDA", "") // any answer
	v.answers("/readyz", 200)
	if got := metric(t, v, `valebot_redis_seconds_count{result="failed"}`); got == "" || got == "0" {
		t.Error("no question to Redis was counted")
	}
}

func TestRedisURLIsChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"localhost:6379", "redis://a,b", "http://redis", "redis://u:c0ntr4@h/x"} {
		err := (&Config{RedisURL: bad}).Validate()
		if err == nil || !strings.Contains(err.Error(), "VALEBOT_REDIS_URL:") {
			t.Errorf("%s is not refused: %v", bad, err)
		} else if strings.Contains(err.Error(), "c0ntr4") {
			t.Error("a password is printed")
		}
	}
	for _, good := range []string{"", "redis://redis:6379/0", "redis+sentinel://a,b/m", "unix:///run/redis.sock"} {
		if err := (&Config{RedisURL: good}).Validate(); strings.Contains(err.Error(), "VALEBOT_REDIS_URL") {
			t.Errorf("%s: %v", good, err)
		}
	}
}
