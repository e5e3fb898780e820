// Package redisdb is all that speaks to Redis. Redis holds the pace that several
// nodes share and carries hints from node to node; it remembers nothing: it may
// be emptied, restarted or lost at any moment and no message is lost, doubled or
// stopped by it.
//
// Callers may not assume that a call reached Redis: every call has a short
// deadline, and what cannot be asked is decided within the process.
package redisdb

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// callTime is the most that one question to Redis may take. Whoever asks is
	// deciding on a batch of messages and holds their rows meanwhile.
	callTime = 50 * time.Millisecond
	// dialTime is how long a connection may take to come up. Callers do not wait
	// for it beyond callTime; a slow connection serves the next call.
	dialTime = time.Second
)

// Client is a connection pool to one Redis: a server, a sentinel group or a
// cluster. It is safe for concurrent use.
type Client struct {
	redis redis.UniversalClient
}

// Open makes a client for the URL, in one of the forms of Check. It does not
// connect: a program must start while Redis is away. What the driver says about
// its connections goes to log at debug level, for the whole process, because the
// driver knows only one logger. The error never holds the URL, which may hold a
// password.
func Open(url string, log *slog.Logger) (*Client, error) {
	t, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("read redis url: %w", err)
	}
	redis.SetLogger(driverLog{log})
	return &Client{redis: redis.NewUniversalClient(t.options())}, nil
}

// Check says what is wrong with a Redis URL, without its text, or returns nil.
// The forms are
//
//	redis://[user:password@]host[:6379][/db]          one server
//	unix:///path/of/socket[?db=n]                     one server, by socket
//	redis://host,host[:port],…?cluster=1              a cluster, by some of its nodes
//	redis+sentinel://host[:26379],host,…/master[/db]  a sentinel group; sentinel_user
//	                                                  and sentinel_password as parameters
//
// and the same with rediss for TLS (rediss+sentinel with sentinels).
func Check(url string) error {
	_, err := parse(url)
	return err
}

// Ping reports whether Redis answers, within the time of ctx. A first connection
// takes longer than one question may.
func (c *Client) Ping(ctx context.Context) error {
	var err error
	for try := 0; try < 20 && ctx.Err() == nil; try++ {
		if err = c.redis.Ping(ctx).Err(); err == nil {
			return nil
		}
		time.Sleep(callTime)
	}
	return fmt.Errorf("ping redis: %w", err)
}

// Close lets the connections go.
func (c *Client) Close() error {
	if err := c.redis.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

// options are the driver's. By default it tries for 1.7 s before it admits that
// nobody listens; without retries it takes half a millisecond.
func (t target) options() *redis.UniversalOptions {
	o := &redis.UniversalOptions{
		Addrs: t.addrs, MasterName: t.master, IsClusterMode: t.cluster, DB: t.db,
		Username: t.user, Password: t.password, SentinelUsername: t.sentinelUser, SentinelPassword: t.sentinelPassword,
		ClientName: "valebot", DisableIdentity: true,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: dialTime, ReadTimeout: callTime, WriteTimeout: callTime, PoolTimeout: callTime,
		PoolSize: 8, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if t.tls {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.serverName()}
	}
	return o
}

// driverLog hands the driver's lines to ours. They name addresses, never keys.
type driverLog struct{ log *slog.Logger }

// Printf implements the driver's logger.
func (d driverLog) Printf(ctx context.Context, format string, args ...any) {
	d.log.DebugContext(ctx, "redis driver", "text", fmt.Sprintf(format, args...))
}
