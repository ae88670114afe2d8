package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tolom/flaw"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/world"
)

// mostExpired is how many requests one step ends.
const mostExpired = 200

// expire ends requests and payments whose time is over. Reads do the same for
// what they show; this pass is for what nobody looks at, so that its merchant is told.
type expire struct {
	read  store.Reader
	end   func(ctx context.Context, request id.ID) error
	clock world.Clock
	// last are the requests of the last step. One that is still overdue then is
	// not so by the database's clock, which decides, and counts as nothing done.
	last map[id.ID]bool
}

// Expire is the pass that ends what is overdue.
func Expire(read store.Reader, platform *flow.Platform, clock world.Clock) Pass {
	return &expire{read: read, end: platform.Expire, clock: clock}
}

func (e *expire) Name() string         { return "expire" }
func (e *expire) Every() time.Duration { return time.Second }

// Step ends the oldest of what is overdue. One that cannot be ended holds up no
// other of the step, and is told of in the error.
func (e *expire) Step(ctx context.Context) (did int, err error) {
	if flaw.Has(flaw.ExpireSleeps) {
		return 0, nil
	}
	overdue, err := e.read.Overdue(ctx, e.clock.Now(), mostExpired)
	if err != nil {
		return 0, err
	}
	var failures []error
	seen := map[id.ID]bool{}
	for _, request := range overdue {
		if ctx.Err() != nil {
			return did, ctx.Err()
		}
		seen[request] = true
		err := e.end(ctx, request)
		switch {
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", request, err))
		case !e.last[request]:
			did++
		}
	}
	e.last = seen
	return did, errors.Join(failures...)
}
