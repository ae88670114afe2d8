package jobs

import (
	"context"
	"time"

	"tolom/store"
	"tolom/world"
)

// keepTills is how long sessions of tills and codes that paired them are kept after they expired, for questions about who was
// signed in.
const keepTills = 90 * 24 * time.Hour

type forgetTills struct {
	desk  store.TillAccess
	clock world.Clock
}

// ForgetTills is the pass that forgets sessions of tills and pairings ninety days after they expired.
func ForgetTills(desk store.TillAccess, clock world.Clock) Pass { return forgetTills{desk, clock} }

func (forgetTills) Name() string         { return "tills" }
func (forgetTills) Every() time.Duration { return time.Hour }

func (f forgetTills) Step(ctx context.Context) (did int, err error) {
	return f.desk.ForgetTills(ctx, f.clock.Now().Add(-keepTills), mostPruned)
}
