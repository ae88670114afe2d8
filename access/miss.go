package access

import (
	"net/netip"
	"sync"
	"time"
)

// How those are slowed who ask for public pages that are not there: thirty of a network are free, and one more every two
// seconds; each further one waits two seconds and costs its connection. Pages that are there are never counted nor held
// up, whoever else sits behind the same address.
const (
	missesOfOne  = 30
	missEvery    = 2 * time.Second
	missWait     = 2 * time.Second
	waitingOfOne = 32   // of a network; a further one is not held, and told to go
	waitingOfAll = 1024 // of a node
	mostMissers  = 10_000
)

// misses counts, for each network, what it asked for that is not there.
type misses struct {
	mu      sync.Mutex
	one     map[netip.Prefix]allowance
	waiting map[netip.Prefix]int
	all     int // that wait
}

// Missed notes that somebody at an address asked for a public page that is not there. wait is how long the answer is to
// be held, 0 for at once; over says that there are too many already. Call left when the answer goes out.
func (g *Gate) Missed(from netip.Addr) (wait time.Duration, over bool, left func()) {
	now, x, who := g.clock.Now(), &g.misses, network(from)
	x.mu.Lock()
	defer x.mu.Unlock()
	one := x.one[who].now(now, missEvery)
	if x.one == nil || len(x.one) >= mostMissers {
		x.one, x.waiting = map[netip.Prefix]allowance{}, map[netip.Prefix]int{}
	}
	if one.used < missesOfOne {
		one.used++
		x.one[who] = one
		return 0, false, func() {}
	}
	x.one[who] = one
	if x.waiting[who] >= waitingOfOne || x.all >= waitingOfAll {
		return 0, true, func() {}
	}
	x.waiting[who]++
	x.all++
	return missWait, false, func() { x.leave(who) }
}

func (x *misses) leave(who netip.Prefix) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.all--
	if x.waiting[who]--; x.waiting[who] <= 0 {
		delete(x.waiting, who)
	}
}
