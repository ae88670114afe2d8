package jobs

import (
	"context"
	"time"

	"tolom/store"
	"tolom/world"
)

const (
	// proofMemory is how long sessions, tickets and allowances of people are kept after their end, so that their pages
	// can still say what they were.
	proofMemory = 30 * 24 * time.Hour
	mostProofs  = 500
)

type forgetProofs struct {
	proofs store.PeopleProofs
	clock  world.Clock
}

// ForgetProofs is the pass that forgets ended sessions of people, tickets that expired and allowances that are full again.
func ForgetProofs(proofs store.PeopleProofs, clock world.Clock) Pass {
	return &forgetProofs{proofs, clock}
}

func (p *forgetProofs) Name() string         { return "people" }
func (p *forgetProofs) Every() time.Duration { return 10 * time.Minute }

func (p *forgetProofs) Step(ctx context.Context) (did int, err error) {
	return p.proofs.ForgetProofs(ctx, p.clock.Now().Add(-proofMemory), mostProofs)
}
