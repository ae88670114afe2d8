package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

// mostSealed is how many lines one step adds to the log.
const mostSealed = 5000

// sealPage is how many facts are read at once.
const sealPage = 1000

// sealEvery is the time between two checkpoints while facts come; twice that is promised.
const sealEvery = 5 * time.Second

// Sealing is what the log needs of a store.
type Sealing interface {
	store.Trail
	// Tail gives facts of all readers after a position.
	Tail(ctx context.Context, after int64, limit int) ([]store.FeedItem, error)
	// Head gives the last position.
	Head(ctx context.Context) (int64, error)
	// Hold lets one holder at a time do what has a name, for so long.
	Hold(ctx context.Context, name id.ID, holder string, lasts time.Duration) (bool, error)
}

// leaf is a line of a log as the sealer adds it.
type leaf struct {
	position int64
	hash     trail.Hash
}

// sealer adds numbered lines to a log. It reads what was written before it, so it costs no commit of a payment anything.
type sealer struct {
	name   string
	log    store.Trail
	head   func(ctx context.Context) (int64, error)
	lines  func(ctx context.Context, after int64, limit int) ([]leaf, error)
	number func(ctx context.Context) error // gives lines their places first; nil where somebody else does
	hold   func(ctx context.Context) (bool, error)
	key    func(context.Context) (seal.PrivateKey, error)
	origin string
	clock  world.Clock
}

// The names that the node which seals a log holds. holdLog is for how long: a step renews it, and it is over
// before the next checkpoint is promised, so that another node goes on when this one has died.
const (
	theLog   = id.ID("log_00000000000000000000000000")
	theDeeds = id.ID("log_00000000000000000000000001")
	holdLog  = 3 * time.Second
)

// Seal is the pass that writes the log of facts and signs a checkpoint of it. On several nodes one does it, the
// holder that comes first: reading all facts on each of them would cost the database as much again for every node.
// Nothing depends on that. Should two do it at once, one is first with the checkpoint and the other finds it done.
func Seal(kept Sealing, key func(context.Context) (seal.PrivateKey, error), origin, holder string, clock world.Clock) Pass {
	s := &sealer{name: "seal", log: kept, head: kept.Head, key: key, origin: origin, clock: clock}
	s.hold = func(ctx context.Context) (bool, error) { return kept.Hold(ctx, theLog, holder, holdLog) }
	s.lines = func(ctx context.Context, after int64, limit int) (out []leaf, err error) {
		items, err := kept.Tail(ctx, after, limit)
		for _, i := range items {
			out = append(out, leaf{i.Position, i.Line().Hash()})
		}
		return out, err
	}
	return s
}

func (s *sealer) Name() string         { return s.name }
func (s *sealer) Every() time.Duration { return sealEvery }

// Step adds what was numbered since the newest checkpoint and signs the next. Nothing new makes no checkpoint.
func (s *sealer) Step(ctx context.Context) (did int, err error) {
	last, err := s.log.Checkpoint(ctx, 0)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	now := s.clock.Now()
	if rests, err := s.rests(ctx, now, last); rests || err != nil {
		return 0, err
	}
	if alone, err := s.hold(ctx); !alone || err != nil {
		return 0, err
	}
	if s.number != nil {
		if err := s.number(ctx); err != nil && !errors.Is(err, store.ErrRetry) {
			return 0, err
		}
	}
	tree, err := s.resume(ctx, last.Size)
	if err != nil {
		return 0, err
	}
	if did, err = s.grow(ctx, tree); err != nil || did == 0 {
		return 0, err
	}
	err = s.sign(ctx, tree, trail.Checkpoint{Origin: s.origin, Number: last.Number + 1, At: later(now, last.At)})
	if errors.Is(err, store.ErrRetry) {
		return 0, nil
	}
	return did, err
}

// rests says that this node or another has just signed a checkpoint and there is little to add to it.
func (s *sealer) rests(ctx context.Context, now time.Time, last store.Checkpoint) (bool, error) {
	if age := now.Sub(last.At); age < 0 || age >= sealEvery-time.Second {
		return false, nil
	}
	head, err := s.head(ctx)
	return head-last.Size < mostSealed, err
}

// later gives now, or the moment of the last checkpoint where this node's clock is behind: the log's times never go back.
func later(now, last time.Time) time.Time {
	if now.Before(last) {
		return last
	}
	return now.Truncate(time.Millisecond)
}

func (s *sealer) resume(ctx context.Context, size int64) (*trail.Tree, error) {
	edge, err := s.log.Tiles(ctx, trail.Edge(size))
	if err != nil {
		return nil, err
	}
	tree, err := trail.Resume(size, edge)
	if err != nil {
		return nil, fmt.Errorf("jobs: the log %s cannot go on, its stored hashes were changed; `tolom audit verify` says more: %w", s.origin, err)
	}
	return tree, nil
}

// grow adds lines. A log has no gaps; one that shows is no reason to seal what follows it.
func (s *sealer) grow(ctx context.Context, tree *trail.Tree) (did int, err error) {
	for did < mostSealed {
		lines, err := s.lines(ctx, tree.Size(), sealPage)
		if err != nil || len(lines) == 0 {
			return did, err
		}
		for _, l := range lines {
			if l.position != tree.Size()+1 {
				return 0, fmt.Errorf("jobs: position %d of the log %s is missing, so it cannot go on; `tolom audit verify` says more", tree.Size()+1, s.origin)
			}
			tree.Append(l.hash)
			did++
		}
	}
	return did, nil
}

func (s *sealer) sign(ctx context.Context, tree *trail.Tree, c trail.Checkpoint) (err error) {
	c.Size = tree.Size()
	if c.Root, err = tree.Root(); err != nil {
		return err
	}
	key, err := s.key(ctx)
	if err != nil {
		return err
	}
	text, err := trail.Sign(c, key)
	if err != nil {
		return err
	}
	return s.log.Extend(ctx, store.Checkpoint{Number: c.Number, Size: c.Size, Text: text, At: c.At}, tree.Changed())
}
