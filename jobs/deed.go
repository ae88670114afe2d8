package jobs

import (
	"context"
	"time"

	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

const (
	// mostDeeds is how many events of each kind get places in one commit.
	mostDeeds = 500
	// deedMemory is how far back events without a place are looked for, once a node has looked at all of them.
	deedMemory = time.Hour
)

// Deeding is what the log of deeds needs of a store.
type Deeding interface {
	store.Deeds
	// Hold lets one holder at a time do what has a name, for so long.
	Hold(ctx context.Context, name id.ID, holder string, lasts time.Duration) (bool, error)
}

// SealDeeds is the pass that gives what people did a place, writes the log of it, and signs a checkpoint, as Seal does for
// facts. Events that were written before there was this log get their places when it first runs.
func SealDeeds(kept Deeding, key func(context.Context) (seal.PrivateKey, error), origin, holder string, clock world.Clock) Pass {
	s := &sealer{name: "deeds", log: kept.Deeds(), head: kept.DeedHead, key: key, origin: origin, clock: clock}
	s.hold = func(ctx context.Context) (bool, error) { return kept.Hold(ctx, theDeeds, holder, holdLog) }
	s.lines = func(ctx context.Context, after int64, limit int) (out []leaf, err error) {
		rows, err := kept.DeedPage(ctx, after, limit)
		for _, r := range rows {
			out = append(out, leaf{r.Position, r.Hash()})
		}
		return out, err
	}
	seen := false // That there is nothing older than deedMemory without a place.
	s.number = func(ctx context.Context) error {
		since := time.Time{}
		if seen {
			since = clock.Now().Add(-deedMemory)
		}
		n, err := kept.NumberDeeds(ctx, since, mostDeeds)
		if seen = seen || err == nil && n < mostDeeds; err != nil {
			return err
		}
		return nil
	}
	return s
}
