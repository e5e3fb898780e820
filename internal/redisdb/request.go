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
// frozen is set. Those that all contacts share come before the contact's own.
type request struct {
	frozen  time.Duration // whole microseconds, with the burst that is taken away; 0 = no freeze
	halve   bool          // the sender's rate gives way
	slowed  string        // key of how far it has
	shared  int           // how many of the buckets are not the contact's own
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
	ch, reserve := c.To.Channel, outbox.Reserve(c.Lane)
	r.slowed = p.key(ch, "slowed")
	if b, limited := p.senderBucket(ch, max(c.Segments, 1), reserve); limited {
		r.buckets = append(r.buckets, b)
		r.frozen = p.frozenFor(ch, p.debt(ch))
	}
	if l := p.o.Limits[outbox.Account]; l.PerSecond > 0 {
		r.buckets = append(r.buckets, bucketFor(p.key(outbox.Account, "account"), pace.Per(l.PerSecond, time.Second), l.Burst, 1, reserve))
	}
	r.shared = len(r.buckets)
	if l := p.o.Limits[ch]; l.Pair > 0 {
		key := p.key(ch, "pair:"+digest(c.To.Key()))
		r.buckets = append(r.buckets, bucketFor(key, l.Pair, l.PairBurst, 1, 0))
	}
	return r, len(r.buckets) > 0
}

// key names a bucket. What stands in braces decides the node of a cluster: all
// buckets of one message live together, and so do the channels of an account.
func (p *Pacer) key(ch message.Channel, rest string) string {
	return "valebot:{" + p.o.Space + "}:" + string(ch) + ":" + rest
}

// digest keeps phone numbers out of the lists and slow logs of Redis.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// args are the script's arguments.
func (r request) args() (keys []string, args []any) {
	halve := 0
	if r.halve {
		halve = 1
	}
	args = append(args, r.frozen.Microseconds(), halve, r.shared)
	for _, b := range r.buckets {
		keys = append(keys, b.key)
		args = append(args, b.fill.Microseconds(), b.room.Microseconds())
	}
	return append(keys, r.slowed), args
}

// asker puts requests to the script.
func (c *Client) asker(script *redis.Script) func(context.Context, request) (outbox.Room, error) {
	return func(ctx context.Context, r request) (outbox.Room, error) {
		keys, args := r.args()
		answer, err := script.Run(ctx, c.redis, keys, args...).Int64Slice()
		if err != nil || len(answer) != 3 {
			return outbox.Room{}, fmt.Errorf("ask for room: %d numbers: %w", len(answer), err)
		}
		return outbox.Room{
			Wait: time.Duration(answer[0]) * time.Microsecond,
			Pair: int(answer[1]) > r.shared,
			Next: max(0, time.Duration(answer[2])*time.Microsecond),
		}, nil
	}
}
