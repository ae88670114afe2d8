package jobs

import (
	"context"
	"time"

	"tolom/flow"
)

// mostProposals is how many proposals one step brings further.
const mostProposals = 50

// continueProposals carries out what was approved and not carried out yet, as when a node died in between, and ends what nobody has
// decided in time.
type continueProposals struct{ proposals *flow.Proposals }

// Propose is the pass that brings proposals to their ends.
func Propose(p *flow.Proposals) Pass { return continueProposals{p} }

func (continueProposals) Name() string         { return "proposals" }
func (continueProposals) Every() time.Duration { return 5 * time.Second }

func (c continueProposals) Step(ctx context.Context) (int, error) {
	return c.proposals.Continue(ctx, mostProposals)
}
