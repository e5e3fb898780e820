package app

import (
	"context"
	"time"

	"valebot/internal/redisdb"
)

// deskTopic is what nodes tell each other that the desk may be out of date by.
const deskTopic = "desk"

// gossip tells the other nodes' desks that something happened, at most every so
// often. What is lost is found by their sweep.
type gossip struct {
	events *redisdb.Events
	bell   chan struct{}
}

// tell never blocks.
func (g *gossip) tell() {
	select {
	case g.bell <- struct{}{}:
	default:
	}
}

// gossipEvery bounds what a busy node asks of Redis.
const gossipEvery = 150 * time.Millisecond

func (g *gossip) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.bell:
		}
		_ = g.events.Publish(ctx, deskTopic, "1") // a hint: nothing depends on it
		pause(ctx, gossipEvery)
	}
}

// listen hears the other nodes until ctx ends.
func (g *gossip) listen(ctx context.Context, hear func()) error {
	return g.events.Listen(ctx, redisdb.Listener{Topics: []string{deskTopic}, Up: hear, Hear: func(_, _ string) { hear() }})
}
