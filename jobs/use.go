package jobs

import (
	"context"
	"time"

	"tolom/access"
)

type writeUses struct{ gate *access.Gate }

// WriteUses is the pass that writes when keys and sessions were last used, off the path of calls.
func WriteUses(gate *access.Gate) Pass { return &writeUses{gate} }

func (p *writeUses) Name() string         { return "uses" }
func (p *writeUses) Every() time.Duration { return 15 * time.Second }

func (p *writeUses) Step(ctx context.Context) (did int, err error) {
	return p.gate.WriteUses(ctx)
}
