package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// patience is how long the server may take over one round trip, longer than any
	// wait for a lock. Without a bound a connection whose other end is gone, and that
	// nothing on the way has closed, would hold up its caller for ever: a lane, the
	// sequencer, everything. A commit that takes longer has its connection cut, which
	// leaves the server to finish by itself.
	patience = 15 * time.Second
	// connectWithin bounds making a connection and asking an idle one whether it is alive.
	connectWithin = 5 * time.Second
)

// errSilent says that the server did not answer in time.
var errSilent = errors.New("db: the server does not answer")

// within gives one round trip its time. When it is over, its connection is cut and
// all others of the pool are taken for dead too: most likely they go the same way.
func (d *postgresDB) within(ctx context.Context, do func(context.Context) error) error {
	if ctx.Value(unhurried{}) != nil {
		return d.explain(do(ctx))
	}
	timed, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	err := d.silent(ctx, timed, do(timed))
	if errors.Is(err, errSilent) {
		d.pool.Reset()
	}
	return d.explain(err)
}

// silent tells an end of our patience from an end of the caller's.
func (d *postgresDB) silent(ctx, timed context.Context, err error) error {
	if err != nil && ctx.Err() == nil && errors.Is(timed.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w within %v", errSilent, d.patience)
	}
	return err
}

// Unhurried lets the statements under ctx take as long as they need: for filling
// a database and looking at all of it, which nobody waits for.
func Unhurried(ctx context.Context) context.Context { return context.WithValue(ctx, unhurried{}, true) }

type unhurried struct{}
