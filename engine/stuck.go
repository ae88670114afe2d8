package engine

import (
	"context"
	"time"

	"tolom/fault"
)

// refuseAfter is how long a lane may try in vain before it refuses: callers were
// promised an answer within two seconds, and a disk that is full, or a database that is
// gone, may stay so for hours.
const refuseAfter = 2 * time.Second

// failed notes one more failure in a row. When they have lasted too long the lane is
// stuck: everything that waits is answered, and nothing is let in until the database
// has taken a write again.
func (l *lane) failed() {
	now := l.e.world.Clock.Now()
	if l.retries++; l.retries == 1 {
		l.since = now
	}
	if now.Sub(l.since) >= refuseAfter {
		l.inbox.halt()
		l.shed()
	}
}

// worked ends a row of failures.
func (l *lane) worked() {
	l.retries = 0
	l.inbox.resume()
}

// shed answers everything that waits. What was rolled back, or never begun, was not
// done, and its callers are told so. A commit whose outcome is not known stays to be
// settled; its callers are told to ask, and it is not run again if it did not happen.
func (l *lane) shed() {
	for _, g := range l.groups {
		refuse(g.tickets)
	}
	l.groups = nil
	for !l.inbox.empty() {
		refuse(l.inbox.take(l.e.config.MaxQueue))
	}
	if l.unknown != nil {
		for _, t := range l.unknown.tickets {
			t.answer(answer{err: context.DeadlineExceeded})
		}
	}
}

func refuse(tickets []*ticket) {
	for _, t := range tickets {
		t.answer(answer{refusal: notWriting()})
	}
}

// notWriting is what callers of a stuck lane are told.
func notWriting() *fault.Error {
	return fault.New(fault.OutOfService).Because("the database takes no writes now; nothing was done, try again later")
}

// probe asks the database for a write on behalf of nobody: it settles a batch that
// never was. A stuck lane cannot wait for a caller to try, because a node that says
// it is not ready is sent none.
func (l *lane) probe(ctx context.Context) time.Duration {
	if _, err := l.e.ledger.Settle(ctx, l.newBatch()); err != nil {
		return l.backoff()
	}
	l.worked()
	return 0
}

// probing says that the lane is stuck and holds nothing for anybody.
func (l *lane) probing() bool { return l.unknown == nil && l.inbox.halted() }

// Stuck says that the database has taken no write for some time, so that commands
// are refused. It ends by itself.
func (e *Engine) Stuck() bool {
	for _, l := range e.lanes {
		if l.inbox.halted() {
			return true
		}
	}
	return false
}

func (b *inbox) halt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stuck = true
}

func (b *inbox) resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stuck = false
}

func (b *inbox) halted() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stuck
}
