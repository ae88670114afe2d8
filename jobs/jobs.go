// Package jobs holds what the clock has to do: end what is overdue, forget what
// was kept long enough. A pass is a step without goroutines or timers; Run drives
// passes in production. On several nodes they run side by side and are harmless:
// whoever comes second finds nothing to do.
package jobs

import (
	"context"
	"time"
)

// Pass is one kind of work that comes back by itself.
type Pass interface {
	// Name is one word for logs and metrics.
	Name() string
	// Every is the time from one step to the next when there is nothing to do.
	Every() time.Duration
	// Step does a bounded part of what is due now and says how much that was; as
	// long as it did something, there may be more. An error says that something
	// was left, and may come with work done.
	Step(ctx context.Context) (did int, err error)
}
