package access

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// tillSession is a session with the key whose power it has.
type tillSession struct {
	session store.TillSession
	key     store.Key
}

// Session recognises who is signed in to the point of sale by a token; unauthorized when the session or its key has
// ended. session is its id.
func (g *Gate) Session(ctx context.Context, token string, from netip.Addr) (who Merchant, session id.ID, err error) {
	if _, err := seal.ParseKey(token, seal.TillToken); err != nil {
		return who, "", refused(seal.ErrKey)
	}
	now, hash := g.clock.Now(), seal.HashKey(token)
	s, ok := g.sessions.get(hash, now)
	if !ok {
		if s.session, err = g.desk.TillSessionByHash(ctx, hash); err != nil {
			return who, "", refused(err)
		}
		if s.key, err = g.desk.Keys().Get(ctx, s.session.Key); err != nil {
			return who, "", refused(err)
		}
		g.sessions.put(hash, s, now)
	}
	if !s.session.EndedAt.IsZero() || !now.Before(s.session.ExpiresAt) || !works(s.key, now) || s.key.Owner.Kind() != id.Merchant {
		return who, "", refused(store.ErrNotFound)
	}
	if who, err = g.welcome(s.key, from); err != nil {
		return who, "", err
	}
	g.uses.note(s.session.ID, now)
	return who, s.session.ID, nil
}

// How often codes of tills may be tried: five wrong ones from a network, then one a minute; sixty on a node, then one a
// second. So a code that lives ten minutes meets at most 660 guesses of 30^8 on a node.
const (
	guessesOfOne = 5
	guessEvery   = time.Minute
	guessesOfAll = 60
	allEvery     = time.Second
	mostGuessers = 10_000
)

// guesses slows those who try codes of tills.
type guesses struct {
	mu  sync.Mutex
	one map[netip.Prefix]allowance
	all allowance
}

// allowance fills by one in every step, up to its most. The zero value is full.
type allowance struct {
	used int
	at   time.Time // since when used counts
}

func (a allowance) now(now time.Time, every time.Duration) allowance {
	if steps := int(now.Sub(a.at) / every); steps > 0 {
		a.used, a.at = max(0, a.used-steps), now
	}
	return a
}

// Guess lets somebody at an address try a code; rate_limited when too many were wrong. Call right when the code was.
func (g *Gate) Guess(from netip.Addr) (right func(), err error) {
	now, x, who := g.clock.Now(), &g.guesses, network(from)
	x.mu.Lock()
	defer x.mu.Unlock()
	one, all := x.one[who].now(now, guessEvery), x.all.now(now, allEvery)
	if one.used >= guessesOfOne || all.used >= guessesOfAll {
		return nil, fault.New(fault.RateLimited).Because("too many wrong codes were tried: wait some minutes")
	}
	one.used++
	all.used++
	if x.one == nil || len(x.one) >= mostGuessers {
		x.one = map[netip.Prefix]allowance{}
	}
	x.one[who], x.all = one, all
	return func() { x.giveBack(who) }, nil
}

func (x *guesses) giveBack(who netip.Prefix) {
	x.mu.Lock()
	defer x.mu.Unlock()
	one := x.one[who]
	one.used = max(0, one.used-1)
	x.one[who] = one
	x.all.used = max(0, x.all.used-1)
}

// network is what one caller can choose its addresses from: all of an IPv4 address, half of an IPv6 one.
func network(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
