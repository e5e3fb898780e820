package redisdb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Events tell the other nodes that something happened, such as that a chat has
// a new line. They are hints: one that is told while Redis is away, or while a
// listener reconnects, is lost. Whoever listens therefore keeps a cursor of its
// own and reads from the database what it missed, after each Up.
//
// An event holds what may be seen in a log of Redis: ids, never contents. It is
// safe for concurrent use.
type Events struct {
	client *Client
	prefix string
}

// EventBytes is the most that one event may hold.
const EventBytes = 512

// NewEvents returns the events of a space. Nodes with the same space hear each
// other.
func NewEvents(c *Client, space string) *Events {
	return &Events{client: c, prefix: "valebot:{" + space + "}:events:"}
}

// Publish tells all nodes that listen to the topic, this one included. It takes
// no longer than one question to Redis. An error means that nobody may have
// heard, which must not matter to what happened.
func (e *Events) Publish(ctx context.Context, topic, event string) error {
	if len(event) > EventBytes {
		return fmt.Errorf("publish event: %d bytes, at most %d", len(event), EventBytes)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := e.client.redis.Publish(ctx, e.prefix+topic, event).Err(); err != nil {
		return fmt.Errorf("publish event: %w", err)
	}
	return nil
}

// Listener hears the events of a node. Its functions are called one at a time
// and must not block for long: a listener that does not keep up loses events.
type Listener struct {
	Topics []string                  // what it listens to; at least one, each once
	Up     func()                    // it listens from now on, again if it had to connect again: read what was missed
	Hear   func(topic, event string) // one event
}

// Listen hears events until ctx ends, connecting again whenever it has to. It
// returns nil.
func (e *Events) Listen(ctx context.Context, l Listener) error {
	names := make([]string, len(l.Topics))
	for i, topic := range l.Topics {
		names[i] = e.prefix + topic
	}
	sub := e.client.redis.Subscribe(ctx, names...)
	defer func() { _ = sub.Close() }() // nothing depends on a goodbye
	heard := sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(pulse))
	for {
		select {
		case <-ctx.Done():
			return nil
		case got := <-heard:
			e.hand(got, l)
		}
	}
}

// hand gives what came to the listener. The driver subscribes to all topics
// again after a break; the last of them says that it listens.
func (e *Events) hand(got any, l Listener) {
	switch m := got.(type) {
	case *redis.Subscription:
		if m.Kind == "subscribe" && m.Count == len(l.Topics) {
			l.Up()
		}
	case *redis.Message:
		l.Hear(strings.TrimPrefix(m.Channel, e.prefix), m.Payload)
	}
}

// pulse is how long a listener may hear nothing before it asks whether the
// connection still stands.
const pulse = 3 * time.Second
