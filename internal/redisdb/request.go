package redisdb

import (
	"context"
	"crypto/sha256"
	_ "embed" // the scripts
	"encoding/hex"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/pace"
)

//go:embed pace.lua
var paceLua string

//go:embed nodes.lua
var nodesLua string

// bucket is one limit as the script sees it.
type bucket struct {
	key        string
	fill, room time.Duration // whole microseconds
}

// request is one question to the script. The first bucket is the sender's, if
// frozen is set.
type request struct {
	frozen  time.Duration // whole microseconds, with the burst that is taken away; 0 = no freeze
	buckets []bucket
}

// micros rounds up to what the script counts in, so that no rate is exceeded:
// at 7,000 a second 0.1 % is lost.
func micros(d time.Duration) time.Duration {
	return (d + time.Microsecond - 1).Truncate(time.Microsecond)
}

// bucketFor translates one limit. The shares are those of pace.Bucket: what a
// lane leaves to more urgent ones, but never less than the request itself.
func bucketFor(key string, emission time.Duration, burst, cost, reserve int) bucket {
	emission = micros(emission)
	whole, fill := time.Duration(max(burst, 1))*emission, time.Duration(cost)*emission
	room := max(fill, whole-whole/100*time.Duration(reserve))
	return bucket{key, fill, room.Truncate(time.Microsecond)}
}

// senderBucket is the limit of a whole channel; ok is false if it has none.
func (p *Pacer) senderBucket(ch message.Channel, cost, reserve int) (b bucket, ok bool) {
	l := p.o.Limits[ch]
	em := pace.Per(l.PerSecond, time.Second)
	return bucketFor(p.key(ch, "sender"), em, l.Burst, cost, reserve), em > 0
}

// requestFor asks room for a message; ok is false if nothing limits it.
func (p *Pacer) requestFor(c outbox.Candidate) (r request, ok bool) {
	if b, limited := p.senderBucket(c.To.Channel, max(c.Segments, 1), reserve(c.Lane)); limited {
		r.buckets = append(r.buckets, b)
		r.frozen = p.frozenFor(c.To.Channel, p.debt(c.To.Channel))
	}
	if l := p.o.Limits[c.To.Channel]; l.Pair > 0 {
		key := p.key(c.To.Channel, "pair:"+digest(c.To.Key()))
		r.buckets = append(r.buckets, bucketFor(key, l.Pair, l.PairBurst, 1, 0))
	}
	return r, len(r.buckets) > 0
}

// key names a bucket. What stands in braces decides the node of a cluster, so
// that the buckets of one message live together and channels may live apart.
func (p *Pacer) key(ch message.Channel, rest string) string {
	return "valebot:{" + string(ch) + ":" + p.o.Space + "}:" + rest
}

// digest keeps phone numbers out of the lists and slow logs of Redis.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// reserve is the share of the burst, in percent, that a lane leaves to the more
// urgent ones; the same as within one process.
func reserve(lane message.Lane) int {
	return [...]int{0, 10, 25, 40, 60}[min(max(int(lane), 0), 4)]
}

// args are the script's arguments.
func (r request) args() (keys []string, args []any) {
	args = append(args, r.frozen.Microseconds())
	for _, b := range r.buckets {
		keys = append(keys, b.key)
		args = append(args, b.fill.Microseconds(), b.room.Microseconds())
	}
	return keys, args
}

// asker puts requests to the script; it returns how long to wait.
func (c *Client) asker(script *redis.Script) func(context.Context, request) (time.Duration, error) {
	return func(ctx context.Context, r request) (time.Duration, error) {
		keys, args := r.args()
		wait, err := script.Run(ctx, c.redis, keys, args...).Int64()
		if err != nil {
			return 0, fmt.Errorf("ask for room: %w", err)
		}
		return time.Duration(wait) * time.Microsecond, nil
	}
}
