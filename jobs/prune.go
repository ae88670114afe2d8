package jobs

import (
	"context"
	"time"

	"tolom/flaw"
	"tolom/flow"
	"tolom/store"
	"tolom/world"
)

const (
	// keepKeys is how long an idempotency key is remembered at least; the
	// merchants are promised thirty days.
	keepKeys = 30 * 24 * time.Hour
	// mostPruned is how many are deleted in one commit, so that none is long.
	mostPruned = 500
)

type prune struct {
	post  store.Post
	clock world.Clock
}

// Prune is the pass that forgets idempotency keys after thirty days. Other
// claims (order ids, ids of PSPs, references of refunds) are kept for ever.
func Prune(post store.Post, clock world.Clock) Pass { return &prune{post, clock} }

func (p *prune) Name() string         { return "prune" }
func (p *prune) Every() time.Duration { return 10 * time.Minute }

func (p *prune) Step(ctx context.Context) (did int, err error) {
	keep := keepKeys
	if flaw.Has(flaw.PruneEarly) {
		keep = 0
	}
	return p.post.PruneClaims(ctx, flow.IdempotencyScope, p.clock.Now().Add(-keep), mostPruned)
}
