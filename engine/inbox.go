package engine

import (
	"context"
	"sync"

	"tolom/fault"
	"tolom/store"
)

// ticket is a command on its way, with the caller who waits for it.
type ticket struct {
	ctx     context.Context
	command Command
	claims  []store.Claim
	done    chan answer // holds one, so that answering never waits
}

// answer is what a caller is told.
type answer struct {
	result  any
	refusal *fault.Error
	err     error
}

func (t *ticket) answer(a answer) { t.done <- a }

// inbox holds the tickets of a lane in the order they came.
type inbox struct {
	mu      sync.Mutex
	tickets []*ticket
	closed  bool
	wake    chan struct{} // holds one: there may be work
}

// put adds a ticket; false when the inbox is full or closed.
func (b *inbox) put(t *ticket, limit int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.tickets) >= limit {
		return false
	}
	b.tickets = append(b.tickets, t)
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// take removes up to limit tickets. A ticket that claims a name which an
// earlier one of the same batch claims stays for the next, so that it sees the
// first one's commit.
func (b *inbox) take(limit int) (out []*ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[store.Name]bool{}
	var rest []*ticket
	for i, t := range b.tickets {
		if len(out) == limit {
			rest = append(rest, b.tickets[i:]...)
			break
		}
		if repeats(seen, t.claims) {
			rest = append(rest, t)
			continue
		}
		out = append(out, t)
	}
	b.tickets = rest
	return out
}

// repeats says whether one of the names was seen, and notes them all.
func repeats(seen map[store.Name]bool, claims []store.Claim) (again bool) {
	for _, c := range claims {
		n := store.Name{Scope: c.Scope, Key: c.Key}
		again = again || seen[n]
		seen[n] = true
	}
	return again
}

// close refuses further tickets; those inside are still served.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.tickets) == 0
}
