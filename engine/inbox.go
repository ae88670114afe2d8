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
	class   Class
	lane    *lane
	done    chan answer // holds one, so that answering never waits
	told    bool        // the lane has answered
}

// answer is what a caller is told.
type answer struct {
	result  any
	refusal *fault.Error
	err     error
}

// answer tells the caller, once: who was told to ask is not told again.
func (t *ticket) answer(a answer) {
	if t.told {
		return
	}
	t.told = true
	t.done <- a
}

// Class says what waits longer when there is more to do than can be done. What is
// nearest to its end goes first: a payer who has confirmed before one who is about
// to, and both before a merchant who asks.
type Class int

// The classes, first to last.
const (
	Finish Class = iota // execute, cancel, acknowledge
	Open                // create, refund
	Ask                 // make a request, scan
	classes
)

// share is the part of the queue, in quarters, up to which a class is let in: when
// the queue fills, new requests are refused first and executes last.
var share = [classes]int{Finish: 4, Open: 3, Ask: 2}

// inbox holds the tickets of a lane, a queue a class.
type inbox struct {
	mu     sync.Mutex
	queues [classes][]*ticket
	taken  int // under way: those of the last take
	closed bool
	stuck  bool          // nothing is let in until the database takes a write
	wake   chan struct{} // holds one: there may be work
}

func (b *inbox) size() (n int) {
	for _, q := range b.queues {
		n += len(q)
	}
	return n
}

// room says whether the class is let in.
func (b *inbox) room(c Class, limit int) bool {
	return !b.closed && !b.stuck && b.size() < max(limit*share[c]/4, 1)
}

// put adds a ticket; false when the inbox is too full for its class, or closed.
func (b *inbox) put(t *ticket, limit int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.room(t.class, limit) {
		return false
	}
	b.queues[t.class] = append(b.queues[t.class], t)
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// take removes up to limit tickets, of the first classes first, and in the order
// they came within a class. One ticket of each class that waits is always taken,
// so that none waits for ever. A ticket that claims a name which an earlier one of
// the same batch claims stays for the next, so that it sees the first one's commit.
func (b *inbox) take(limit int) (out []*ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[store.Name]bool{}
	for c := range b.queues {
		most := limit - len(out)
		for later := c + 1; later < len(b.queues); later++ {
			if len(b.queues[later]) > 0 && most > 1 {
				most--
			}
		}
		var taken []*ticket
		taken, b.queues[c] = split(b.queues[c], most, seen)
		out = append(out, taken...)
	}
	b.taken = len(out)
	return out
}

// count gives how many tickets wait, and how many are under way.
func (b *inbox) count() (waiting, taken int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size(), b.taken
}

// split takes up to most tickets of a queue whose names are not seen yet.
func split(queue []*ticket, most int, seen map[store.Name]bool) (taken, rest []*ticket) {
	for i, t := range queue {
		if len(taken) >= most {
			return taken, append(rest, queue[i:]...)
		}
		if repeats(seen, t.claims) {
			rest = append(rest, t)
			continue
		}
		taken = append(taken, t)
	}
	return taken, rest
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
	return b.size() == 0
}
