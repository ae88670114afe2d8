package traffic

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Deal makes the n-th payment: most are kept, one in ten is taken back before it
// is executed, and one in ten is given back after it.
func (c Customer) Deal(ctx context.Context, n int) (Deal, error) {
	switch n % 10 {
	case 3:
		return c.Withdraw(ctx, n)
	case 7:
		return c.PayBack(ctx, n)
	default:
		return c.Pay(ctx, n)
	}
}

// Load is customers who make deals until they are told to stop.
type Load struct {
	ended atomic.Bool
	group sync.WaitGroup
	mu    sync.Mutex
	deals []Deal
	ends  []time.Time // of the deals
	err   error
}

// Start has every customer make one deal after another, with a breath between two.
// next numbers the deals, also over several loads. A deal that fails ends the load:
// customers follow the protocol, so that only a wrong answer or the end of ctx is an error.
func Start(ctx context.Context, customers []Customer, next *atomic.Int64, breath time.Duration) *Load {
	l := &Load{}
	for _, c := range customers {
		l.group.Go(func() {
			for !l.ended.Load() {
				n := int(next.Add(1))
				d, err := c.Deal(ctx, n)
				l.keep(n, d, err)
				time.Sleep(breath)
			}
		})
	}
	return l
}

// keep remembers what both sides were told of a deal, which is final.
func (l *Load) keep(n int, d Deal, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.ended.Store(true)
		l.err = errors.Join(l.err, fmt.Errorf("deal %d: %w", n, err))
		return
	}
	l.deals, l.ends = append(l.deals, d), append(l.ends, time.Now())
}

// Count is how many deals have ended.
func (l *Load) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.deals)
}

// FirstAfter tells when the first deal ended after a moment; the zero time while none has.
func (l *Load) FirstAfter(at time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range l.ends {
		if end.After(at) {
			return end
		}
	}
	return time.Time{}
}

// Stop lets no new deal begin, waits until every outcome is known, and gives all deals.
func (l *Load) Stop() ([]Deal, error) {
	l.ended.Store(true)
	l.group.Wait()
	return l.deals, l.err
}
