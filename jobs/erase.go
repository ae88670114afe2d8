package jobs

import (
	"context"
	"time"

	"tolom/store"
	"tolom/world"
)

// mostErased is how many rows are gone through in one commit, so that none is long.
const mostErased = 500

type erase struct {
	from  store.Eraser
	days  int
	clock world.Clock
}

// Erase is the pass that deletes what is personal of payers after so many days; 0 is never.
// What happened stays: amounts, times, ids, books and the log have nothing personal.
func Erase(from store.Eraser, days int, clock world.Clock) Pass { return &erase{from, days, clock} }

func (p *erase) Name() string         { return "erase" }
func (p *erase) Every() time.Duration { return time.Hour }

func (p *erase) Step(ctx context.Context) (did int, err error) {
	if p.days == 0 {
		return 0, nil
	}
	before := p.clock.Now().Add(-time.Duration(p.days) * 24 * time.Hour)
	for _, what := range store.Personals {
		n, err := p.from.Erase(ctx, what, before, mostErased)
		if did += n; err != nil {
			return did, err
		}
	}
	return did, nil
}
