package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/report"
	"tolom/world"
)

// replicaPause is how long a replica that could not be opened is left alone, and replicaPatience how long opening it may take.
const (
	replicaPause    = time.Second
	replicaPatience = 5 * time.Second
)

// Replica is where moves are read that may be away: while it cannot be reached, each reading fails with ErrRetry and nothing
// else does, and the first one after it is back opens it. It may be used by many at once.
type Replica struct {
	dsn     string
	options Options

	mu     sync.Mutex // held while it is opened, by one
	open   Store
	failed error
	at     time.Time // when it was last tried
	closed bool
}

var _ Moves = (*Replica)(nil)

// OpenReplica names a replica. away is why it cannot be read now: it does not answer, or has not heard of a migration yet.
// What no waiting mends is an error: ErrDSN, ErrForeign, ErrNewer.
func OpenReplica(ctx context.Context, dsn string, o Options) (r *Replica, away, err error) {
	if o.Clock == nil {
		o.Clock = world.System().Clock
	}
	r = &Replica{dsn: dsn, options: o}
	switch _, err := r.reach(ctx); {
	case err == nil, errors.Is(err, ErrRetry) && (errors.Is(r.failed, ErrRetry) || errors.Is(r.failed, ErrOlder)):
		return r, err, nil
	default:
		return nil, nil, r.failed
	}
}

// reach gives the store behind the name, opened if it is not.
func (r *Replica) reach(ctx context.Context) (Store, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, fmt.Errorf("%w: the replica is closed", ErrRetry)
	case r.open != nil:
		return r.open, nil
	case r.failed != nil && r.options.Clock.Now().Sub(r.at) < replicaPause:
		return nil, r.away()
	}
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), replicaPatience) // Others wait for it too.
	defer stop()
	r.open, r.failed = Open(within, r.dsn, r.options)
	if r.at = r.options.Clock.Now(); r.failed != nil {
		return nil, r.away()
	}
	return r.open, nil
}

func (r *Replica) away() error {
	return fmt.Errorf("%w: the replica cannot be read: %w", ErrRetry, r.failed)
}

// Moves gives facts that move money.
func (r *Replica) Moves(ctx context.Context, reader, psp id.ID, after, upTo int64) ([]report.Move, error) {
	s, err := r.reach(ctx)
	if err != nil {
		return nil, err
	}
	return s.Moves(ctx, reader, psp, after, upTo)
}

// PlaceAt tells of a place.
func (r *Replica) PlaceAt(ctx context.Context, reader id.ID, place int64) (position int64, at time.Time, err error) {
	s, err := r.reach(ctx)
	if err != nil {
		return 0, at, err
	}
	return s.PlaceAt(ctx, reader, place)
}

// PayableBefore gives what a merchant's entries of before come to.
func (r *Replica) PayableBefore(ctx context.Context, merchant id.ID, at time.Time) (sum money.Amount, waiting bool, err error) {
	s, err := r.reach(ctx)
	if err != nil {
		return 0, false, err
	}
	return s.PayableBefore(ctx, merchant, at)
}

// Head gives the last position that the replica knows.
func (r *Replica) Head(ctx context.Context) (position int64, err error) {
	s, err := r.reach(ctx)
	if err != nil {
		return 0, err
	}
	return s.Head(ctx)
}

// AsOf has do read one moment of the replica.
func (r *Replica) AsOf(ctx context.Context, position int64, do func(MoveReader) error) error {
	s, err := r.reach(ctx)
	if err != nil {
		return err
	}
	return s.AsOf(ctx, position, do)
}

// Close closes it for good.
func (r *Replica) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed = true; r.open == nil {
		return nil
	}
	return r.open.Close()
}
