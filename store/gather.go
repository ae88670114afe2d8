package store

import (
	"context"
	"sync"

	"tolom/id"
	"tolom/payment"
)

// Gathered gives a reader that reads single requests and payments together: while
// one read is under way, those that are asked for meanwhile wait and are read by the
// next one, all at once. A lone caller waits for nothing; under load a row costs a
// part of a round trip instead of a whole one. A read still begins after it was
// asked for, so it sees what its caller was told of.
func Gathered(r Reader) Reader {
	return &gathered{Reader: r,
		payments: gathering[payment.Payment]{one: r.Payment, many: r.PaymentsByID, name: func(p payment.Payment) id.ID { return p.ID }},
		requests: gathering[payment.Request]{one: r.Request, many: r.RequestsByID, name: func(q payment.Request) id.ID { return q.ID }},
	}
}

type gathered struct {
	Reader
	payments gathering[payment.Payment]
	requests gathering[payment.Request]
}

// Payment gives a payment; ErrNotFound.
func (g *gathered) Payment(ctx context.Context, pay id.ID) (payment.Payment, error) {
	return g.payments.get(ctx, pay)
}

// Request gives a request with its running totals; ErrNotFound.
func (g *gathered) Request(ctx context.Context, request id.ID) (payment.Request, error) {
	return g.requests.get(ctx, request)
}

// mostGathered is how many rows one read asks for.
const mostGathered = 500

// gathering reads rows of one kind, one read at a time. It has no goroutine of its own:
// whoever finds it idle reads, and whoever ends lets the first of those who came
// meanwhile read for all of them.
type gathering[T any] struct {
	one  func(context.Context, id.ID) (T, error)
	many func(context.Context, []id.ID) ([]T, error)
	name func(T) id.ID

	mu     sync.Mutex
	busy   bool
	rounds []*round[T] // that wait, first come first served; all but the last are full
}

// round is rows that are read together.
type round[T any] struct {
	names []id.ID
	turn  chan struct{} // closed when its first member is to read
	done  chan struct{} // closed when rows and err are there
	rows  map[id.ID]T
	err   error
}

func (g *gathering[T]) get(ctx context.Context, name id.ID) (row T, err error) {
	r, place := g.join(name)
	if r == nil {
		defer g.next()
		return g.one(ctx, name)
	}
	if place == 0 {
		// It reads for others too, so it neither leaves before its turn nor takes them
		// with it when its own caller goes.
		<-r.turn
		g.read(context.WithoutCancel(ctx), r)
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		return row, ctx.Err()
	}
	row, found := r.rows[name]
	switch {
	case r.err != nil:
		return row, r.err
	case !found:
		return row, ErrNotFound
	}
	return row, nil
}

// join gives no round to a caller who may read at once, others their place in one.
func (g *gathering[T]) join(name id.ID) (*round[T], int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.busy {
		g.busy = true
		return nil, 0
	}
	if n := len(g.rounds); n == 0 || len(g.rounds[n-1].names) == mostGathered {
		g.rounds = append(g.rounds, &round[T]{turn: make(chan struct{}), done: make(chan struct{})})
	}
	r := g.rounds[len(g.rounds)-1]
	r.names = append(r.names, name)
	return r, len(r.names) - 1
}

// next gives the turn to the round that has waited longest.
func (g *gathering[T]) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy = len(g.rounds) > 0; g.busy {
		close(g.rounds[0].turn)
		g.rounds = g.rounds[1:]
	}
}

func (g *gathering[T]) read(ctx context.Context, r *round[T]) {
	defer g.next()
	defer close(r.done)
	rows, err := g.many(ctx, r.names)
	r.err, r.rows = err, make(map[id.ID]T, len(rows))
	for _, row := range rows {
		r.rows[g.name(row)] = row
	}
}
