package redisdb

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	beat  = 5 * time.Second  // between two signs of life
	quiet = 15 * time.Second // after which a node is no longer counted
)

// counter says that the node is alive and returns how many are.
func (c *Client) counter(o Options) func(context.Context) (int, error) {
	script := redis.NewScript(nodesLua)
	return func(ctx context.Context) (int, error) {
		n, err := script.Run(ctx, c.redis, []string{nodesKey(o)}, o.Node, quiet.Milliseconds()).Int()
		if err != nil {
			return 0, fmt.Errorf("count nodes: %w", err)
		}
		return n, nil
	}
}

func nodesKey(o Options) string { return "valebot:{" + o.Space + "}:nodes" }

// Run gives a sign of life every few seconds until ctx ends, so that the nodes
// know how many they are before Redis is lost. It returns nil. A node that stops
// is counted for 15 s more, which makes the others slower in an outage, never
// faster.
func (p *Pacer) Run(ctx context.Context) error {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		p.heartbeat(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// heartbeat does not pass the breaker: it is rare, and its failure must not keep
// messages from asking.
func (p *Pacer) heartbeat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if n, err := p.count(ctx); err == nil {
		p.share(n)
	}
}
