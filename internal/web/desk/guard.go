package desk

import (
	"sync"
	"time"

	"valebot/internal/pace"
)

// The login lets so many tries through: per name against guessing one password,
// per address against trying many names.
const (
	nameBurst    = 8
	nameEvery    = 30 * time.Second
	addressBurst = 30
	addressEvery = 5 * time.Second
	maxBuckets   = 10_000
	hashesAtOnce = 2 // a password's hash takes 19 MiB
)

// guard limits tries of the login, in the memory of this process: behind several
// nodes each allows as much.
type guard struct {
	mu    sync.Mutex
	tats  map[string]time.Time
	slots chan struct{}
}

func newGuard() *guard {
	return &guard{tats: map[string]time.Time{}, slots: make(chan struct{}, hashesAtOnce)}
}

// wait counts a try and returns 0, or how long to wait if there were too many.
func (g *guard) wait(now time.Time, login, address string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	keys := [...]string{"n:" + login, "a:" + address}
	decision := pace.Decide(now, []pace.Bucket{
		{TAT: g.tats[keys[0]], Emission: nameEvery, Burst: nameBurst, Cost: 1},
		{TAT: g.tats[keys[1]], Emission: addressEvery, Burst: addressBurst, Cost: 1},
	})
	if !decision.Allowed {
		return decision.Wait
	}
	if len(g.tats) > maxBuckets {
		g.sweep(now)
	}
	for i, key := range keys {
		g.tats[key] = decision.Next[i]
	}
	return 0
}

// sweep forgets buckets that are empty again, and everything if that is not
// enough: memory goes before memory of tries.
func (g *guard) sweep(now time.Time) {
	for key, tat := range g.tats {
		if tat.Before(now) {
			delete(g.tats, key)
		}
	}
	if len(g.tats) > maxBuckets {
		clear(g.tats)
	}
}

// slot waits for room to hash a password; call what it returns when done.
func (g *guard) slot() (release func()) {
	g.slots <- struct{}{}
	return func() { <-g.slots }
}
