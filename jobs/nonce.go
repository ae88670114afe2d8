package jobs

import (
	"context"
	"time"

	"tolom/access"
	"tolom/store"
	"tolom/world"
)

// mostForgotten is how many nonces are deleted in one commit. A busy platform uses ten thousand a second, so the
// steps are larger than those of other passes.
const mostForgotten = 5000

type forget struct {
	nonces store.Nonces
	clock  world.Clock
}

// ForgetNonces is the pass that forgets the nonces of signatures that are too old to be accepted on any node.
func ForgetNonces(nonces store.Nonces, clock world.Clock) Pass { return &forget{nonces, clock} }

func (p *forget) Name() string         { return "forget" }
func (p *forget) Every() time.Duration { return 30 * time.Second }

func (p *forget) Step(ctx context.Context) (did int, err error) {
	return p.nonces.ForgetNonces(ctx, p.clock.Now().Add(-access.NonceMemory), mostForgotten)
}
