package desk

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"valebot/internal/casework"
)

// The login lets so many tries through: per name against guessing one password,
// per address against trying many names. They are counted in the database, for
// all nodes.
const (
	nameBurst    = 8
	nameEvery    = 30 * time.Second
	addressBurst = 30
	addressEvery = 5 * time.Second
	hashesAtOnce = 2 // a password's hash takes 19 MiB
)

// gates are where a try is counted.
func gates(login, address string) []casework.Gate {
	return []casework.Gate{
		{Key: "n:" + login, Every: nameEvery, Burst: nameBurst},
		{Key: "a:" + address, Every: addressEvery, Burst: addressBurst},
	}
}

// slots bounds how many passwords are hashed at once.
type slots chan struct{}

func newSlots() slots { return make(slots, hashesAtOnce) }

// take waits for room; call what it returns when done.
func (s slots) take() (release func()) {
	s <- struct{}{}
	return func() { <-s }
}

// addressOf is the address that connected, or, where that is a proxy of ours, the
// last address of its header that is none. A header that came through nobody we
// trust could name any.
func (d *Desk) addressOf(r *http.Request) string {
	from := hostOf(r.RemoteAddr)
	if !d.trusts(from) {
		return from
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		hop = strings.TrimSpace(hop)
		if _, err := netip.ParseAddr(hop); err != nil {
			return from
		}
		if from = hop; !d.trusts(hop) {
			return hop
		}
	}
	return from
}

func (d *Desk) trusts(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(d.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}
