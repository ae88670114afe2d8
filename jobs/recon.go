package jobs

import (
	"context"
	"time"

	"tolom/flow"
)

// mostDue is how many cases one step looks at.
const mostDue = 100

// reconcile looks again at differences that time should have healed, and at cases whose
// correction was not approved.
type reconcile struct {
	recon     *flow.Reconciler
	proposals *flow.Proposals
}

// Reconcile is the pass that looks at differences between books when they are due.
func Reconcile(r *flow.Reconciler, p *flow.Proposals) Pass { return &reconcile{r, p} }

func (r *reconcile) Name() string         { return "reconcile" }
func (r *reconcile) Every() time.Duration { return 15 * time.Second }

// Step judges what is due, and brings back what was not approved.
func (r *reconcile) Step(ctx context.Context) (did int, err error) {
	if did, err = r.recon.Due(ctx, mostDue); err != nil || r.proposals == nil {
		return did, err
	}
	back, err := r.recon.Undecided(ctx, r.proposals, mostDue)
	return did + back, err
}
