package redisdb

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// target is where a Redis is and how to enter.
type target struct {
	addrs          []string // host:port each, or one path of a socket
	user, password string
	db             int
	tls            bool
	cluster        bool
	master         string // of a sentinel group

	sentinelUser, sentinelPassword string
}

var (
	errScheme   = errors.New("scheme is none of redis, rediss, redis+sentinel, rediss+sentinel, unix")
	errNoHost   = errors.New("no host")
	errNoSocket = errors.New("no path of a socket")
	errMaster   = errors.New("sentinel needs the name of the master after the hosts")
	errDB       = errors.New("database is not a number from 0 up")
	errParam    = errors.New("unknown parameter")
	errCluster  = errors.New("several hosts need ?cluster=1 or redis+sentinel")
	errPath     = errors.New("path has too many parts")
	errSyntax   = errors.New("malformed")
)

// parse reads the forms of Check. Its errors hold no part of the URL but the
// names of parameters: the rest may hold a password.
func parse(raw string) (target, error) {
	one, hosts := splitHosts(raw)
	u, err := url.Parse(one)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return target{}, errSyntax // url.Error repeats the URL
	}
	t := target{user: u.User.Username(), tls: strings.HasPrefix(u.Scheme, "rediss")}
	t.password, _ = u.User.Password()
	sentinel := strings.HasSuffix(u.Scheme, "+sentinel")
	if err := t.params(u, sentinel); err != nil {
		return target{}, err
	}
	switch u.Scheme {
	case "unix":
		return t.atSocket(u)
	case "redis", "rediss":
		return t.atServers(u, hosts)
	case "redis+sentinel", "rediss+sentinel":
		return t.atSentinels(u, hosts)
	}
	return target{}, errScheme
}

// splitHosts takes a list of hosts out of a URL, because url.Parse knows only
// single ones. It returns the URL with a stand-in for the list, and the list.
func splitHosts(raw string) (one, hosts string) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw, ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	start := strings.LastIndex(rest[:end], "@") + 1
	if start == end {
		return raw, ""
	}
	return scheme + "://" + rest[:start] + "hosts" + rest[end:], rest[start:end]
}

func (t *target) params(u *url.URL, sentinel bool) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errSyntax
	}
	for name, values := range q {
		value := values[len(values)-1]
		switch {
		case name == "cluster" && !sentinel && u.Scheme != "unix":
			t.cluster = value == "1" || value == "true"
		case name == "db":
			if t.db, err = database(value); err != nil {
				return err
			}
		case name == "sentinel_user" && sentinel:
			t.sentinelUser = value
		case name == "sentinel_password" && sentinel:
			t.sentinelPassword = value
		default:
			return fmt.Errorf("%w %q", errParam, name)
		}
	}
	return nil
}

func (t target) atSocket(u *url.URL) (target, error) {
	if u.Host != "" || u.Path == "" || u.Path == "/" {
		return target{}, errNoSocket
	}
	t.addrs = []string{u.Path}
	return t, nil
}

func (t target) atServers(u *url.URL, hosts string) (target, error) {
	var err error
	if t.addrs, err = addresses(hosts, "6379"); err != nil {
		return target{}, err
	}
	if len(t.addrs) > 1 && !t.cluster {
		return target{}, errCluster
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		if t.db, err = database(path); err != nil {
			return target{}, err
		}
	}
	if t.cluster && t.db != 0 {
		return target{}, fmt.Errorf("a cluster has no databases: %w", errDB)
	}
	return t, nil
}

func (t target) atSentinels(u *url.URL, hosts string) (target, error) {
	var err error
	if t.addrs, err = addresses(hosts, "26379"); err != nil {
		return target{}, err
	}
	master, db, hasDB := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if t.master = master; master == "" {
		return target{}, errMaster
	}
	if hasDB {
		if t.db, err = database(db); err != nil {
			return target{}, err
		}
	}
	return t, nil
}

func database(s string) (int, error) {
	if strings.Contains(s, "/") {
		return 0, errPath
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, errDB
	}
	return int(n), nil
}

// addresses reads "host[:port],…"; an IPv6 host stands in brackets.
func addresses(hosts, port string) ([]string, error) {
	var out []string
	for part := range strings.SplitSeq(hosts, ",") {
		u, err := url.Parse("redis://" + part)
		if err != nil || u.Hostname() == "" || u.Host != part {
			return nil, errNoHost
		}
		p := port
		if u.Port() != "" {
			p = u.Port()
		}
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return nil, errSyntax
		}
		out = append(out, net.JoinHostPort(u.Hostname(), p))
	}
	return out, nil
}

// serverName is the name that the certificate must bear. In a group each server
// has its own, which the driver takes from the address that it dials.
func (t target) serverName() string {
	if t.cluster || t.master != "" {
		return ""
	}
	host, _, _ := net.SplitHostPort(t.addrs[0]) // addresses has joined it
	return host
}
