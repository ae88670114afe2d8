package sandbox

import "time"

// waits are the times after the first attempt when an unknown outcome is asked about, as the interaction protocol
// has it; after them the bank asks every longWait.
var waits = []time.Duration{1 * time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second, 45 * time.Second}

const longWait = 60 * time.Second

// plan is when a purchase is looked at next. It is not written down: a bank that starts again asks at once.
type plan struct {
	tries int
	since time.Time // the first attempt
	due   time.Time
}

// later is the plan after one more attempt without a result.
func (p plan) later(now time.Time) plan {
	if p.tries == 0 {
		p.since = now
	}
	p.tries++
	p.due = now.Add(longWait)
	if p.tries <= len(waits) {
		p.due = p.since.Add(waits[p.tries-1])
	}
	return p
}

// long says that the single repetitions are used up, so that the purchase is asked about in batches.
func (p plan) long() bool { return p.tries > len(waits) }

// put off plans the next attempt of a purchase.
func (b *Bank) putOff(purchase string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plans[purchase] = b.plans[purchase].later(b.Clock.Now())
}

// take hands a purchase to one caller, unless another has it or it is not due.
func (b *Bank) take(purchase string) (Purchase, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, known := b.book.purchases[purchase]
	if !known || !p.open() || b.busy[purchase] || b.dueAt(&p).After(b.Clock.Now()) {
		return Purchase{}, false
	}
	b.busy[purchase] = true
	return p, true
}

// free hands it back. A purchase that went on starts its next stage with a fresh plan.
func (b *Bank) free(before Purchase) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, before.ID)
	if now := b.book.purchases[before.ID]; now.Stage != before.Stage || !now.open() {
		delete(b.plans, before.ID)
	}
}

// dueAt is when something is to be done about an open purchase: at once, as planned, or, while the bank waits for
// its payer, when the payment's time is over.
func (b *Bank) dueAt(p *Purchase) time.Time {
	if p.Stage == Created && !p.Confirmed {
		return p.ExpiresAt
	}
	return b.plans[p.ID].due
}

// NextAt is when [Bank.Step] has something to do next.
func (b *Bank) NextAt() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.poll.due
	if b.ReconcileEvery > 0 && b.compare.due.Before(next) {
		next = b.compare.due
	}
	for _, p := range b.book.open {
		if due := b.dueAt(p); due.Before(next) {
			next = due
		}
	}
	return next
}
