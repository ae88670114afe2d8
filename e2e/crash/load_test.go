package crash

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tolom/internal/traffic"
)

// load is clients that pay until they are told to stop.
type load struct {
	p     *place
	ended atomic.Bool
	group sync.WaitGroup
	mu    sync.Mutex
	deals []traffic.Deal
	ends  []time.Time // of the deals
	err   error
}

// startLoad has all clients pay, take back and give back.
func (p *place) startLoad() *load {
	l := &load{p: p}
	for range clients {
		customer := p.people.Customer(p.node.URL(), p.calls, &p.unknown)
		l.group.Go(func() {
			for !l.ended.Load() {
				l.one(customer)
			}
		})
	}
	return l
}

// one makes a deal and keeps what both sides were told. It does not end before
// that is final, unless the platform answers what it must not.
func (l *load) one(c traffic.Customer) {
	n := int(l.p.next.Add(1))
	deal := c.Pay
	switch n % 10 {
	case 3:
		deal = c.Withdraw
	case 7:
		deal = c.PayBack
	}
	d, err := deal(l.p.ctx, n)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.ended.Store(true)
		l.err = errors.Join(l.err, fmt.Errorf("deal %d: %w", n, err))
		return
	}
	l.deals, l.ends = append(l.deals, d), append(l.ends, time.Now())
}

// firstAfter tells when the first deal ended after a moment; the zero time while none has.
func (l *load) firstAfter(at time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range l.ends {
		if end.After(at) {
			return end
		}
	}
	return time.Time{}
}

// count is how many deals have ended.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.deals)
}

// stop lets no new deal begin, waits until every outcome is known and adds the
// deals to those that the place remembers.
func (l *load) stop() ([]traffic.Deal, error) {
	l.ended.Store(true)
	l.group.Wait()
	for _, d := range l.deals {
		l.p.owed[d.Shop] += d.Net
	}
	l.p.deals = append(l.p.deals, l.deals...)
	return l.deals, l.err
}
