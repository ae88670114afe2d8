package access

import (
	"context"
	"errors"
	"sync"
	"time"

	"tolom/fault"
	"tolom/seal"
	"tolom/store"
)

const (
	// mostNonces is how many go to one commit.
	mostNonces = 256
	// nonceTime bounds one commit.
	nonceTime = 5 * time.Second
	// nonceTries is how often one that was rolled back is tried.
	nonceTries = 4
)

// spender uses up nonces, many to a commit: while one commit is under way, those that come wait together for the next.
type spender struct {
	desk  store.Nonces
	alone bool // each goes to a commit of its own

	mu      sync.Mutex
	waiting []*spending
	writing bool
}

// spending is a nonce on its way.
type spending struct {
	nonce store.Nonce
	done  chan struct{}
	fresh bool
	err   error
}

// SpendAlone has each nonce go to a commit of its own within its caller's time, so that no caller waits for another
// through a channel: for simulations, which decide themselves who waits. It is called before the gate is used.
func (g *Gate) SpendAlone() { g.nonces.alone = true }

// spend uses a nonce; signature_replayed when it was used before, unavailable when nobody can tell.
func (s *spender) spend(ctx context.Context, n store.Nonce) error {
	mine := &spending{nonce: n, done: make(chan struct{})}
	if s.alone {
		s.commitIn(ctx, []*spending{mine})
		return mine.outcome()
	}
	s.mu.Lock()
	s.waiting = append(s.waiting, mine)
	first := !s.writing
	s.writing = true
	s.mu.Unlock()
	if first {
		s.write(ctx)
	}
	select {
	case <-mine.done:
	case <-ctx.Done():
		return fault.Wrap(fault.OutOfService, ctx.Err())
	}
	return mine.outcome()
}

// outcome is what its caller is told.
func (s *spending) outcome() error {
	switch {
	case s.err != nil:
		return fault.Wrap(fault.OutOfService, s.err).Because("the request was not let in; sign it anew and repeat it")
	case !s.fresh:
		return fault.New(fault.SignatureReplayed).On(seal.HeaderSignatureInput).Because("the nonce was used before with this key: a request is signed anew, with a new nonce, each time it is sent")
	}
	return nil
}

// write commits what waits. Who came first does it for all, and hands over to a goroutine when more have come
// meanwhile, so that nobody waits for others' nonces after his own.
func (s *spender) write(ctx context.Context) {
	ctx = context.WithoutCancel(ctx) // The others are not given up because this caller leaves.
	s.commit(ctx, s.next())
	if more := s.next(); more != nil {
		go func() {
			for ; more != nil; more = s.next() {
				s.commit(ctx, more)
			}
		}()
	}
}

// next takes what waits; nil, and the pen is down, when nothing does.
func (s *spender) next() []*spending {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.waiting), mostNonces)
	if n == 0 {
		s.writing = false
		return nil
	}
	batch := s.waiting[:n:n]
	s.waiting = s.waiting[n:]
	return batch
}

func (s *spender) commit(ctx context.Context, batch []*spending) {
	ctx, cancel := context.WithTimeout(ctx, nonceTime)
	defer cancel()
	s.commitIn(ctx, batch)
}

func (s *spender) commitIn(ctx context.Context, batch []*spending) {
	nonces := make([]store.Nonce, len(batch))
	for i, one := range batch {
		nonces[i] = one.nonce
	}
	fresh, err := s.desk.Spend(ctx, nonces)
	for n := 1; n < nonceTries && errors.Is(err, store.ErrRetry); n++ {
		fresh, err = s.desk.Spend(ctx, nonces)
	}
	for i, one := range batch {
		if one.err = err; err == nil {
			one.fresh = fresh[i]
		}
		close(one.done)
	}
}
