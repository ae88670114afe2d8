package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

var sealKey = seal.NewPrivateKey([32]byte{4})

func sealingKey(context.Context) (seal.PrivateKey, error) { return sealKey, nil }

// sealer is the pass of one more node.
func (c *town) sealer() Pass {
	c.keys++
	return Seal(c.store, sealingKey, "tolom.example/facts", fmt.Sprint("node ", c.keys), c.clock)
}

// happens writes so many facts and numbers them.
func (c *town) happens(facts int) {
	c.Helper()
	w, _ := world.Simulated(c.clock.Now(), uint64(c.keys+100))
	c.keys++
	batch := store.Batch{ID: world.NewID(w, id.Batch, 1), Bucket: 1}
	var rows []payment.Fact
	for n := range facts {
		rows = append(rows, payment.Fact{ID: world.NewID(w, id.Event, 1), Batch: batch.ID, Ordinal: n, Type: payment.RequestWasScanned, At: c.clock.Now(), Merchant: c.merchant.ID})
	}
	tx, err := c.store.Begin(c.Context())
	c.ok(err)
	_, err = tx.Claim(c.Context(), batch, nil)
	c.ok(err)
	c.ok(tx.Save(c.Context(), store.Changes{Batch: batch, Now: c.clock.Now(), Facts: rows}))
	c.ok(tx.Commit(c.Context()))
	_, err = c.store.Sequence(c.Context(), 1000)
	c.ok(err)
}

// newest opens the newest checkpoint.
func (c *town) newest() trail.Checkpoint {
	c.Helper()
	last, err := c.store.Checkpoint(c.Context(), 0)
	c.ok(err)
	got, err := trail.Open(last.Text, []seal.PublicKey{sealKey.Public()})
	c.ok(err)
	return got
}

// TestFactsAreSealedInTime: a checkpoint is signed when there is something new, at most ten seconds after it, and
// nodes beside each other make no more of them than one alone.
func TestFactsAreSealedInTime(t *testing.T) {
	c := newTown(t)
	nodes := []Pass{c.sealer(), c.sealer(), c.sealer()}
	if c.step(nodes[0]) != 0 {
		t.Error("nothing was sealed as something")
	}
	seals := func() (n int) {
		for _, node := range nodes {
			if c.step(node) > 0 {
				n++
			}
		}
		return n
	}
	if nodes[0].Every() > 5*time.Second {
		t.Errorf("a step comes every %v: a node that rests once is late", nodes[0].Every())
	}
	for n := range 20 {
		c.happens(3)
		c.clock.Advance(nodes[0].Every())
		if made := seals(); made != 1 || c.newest().Number != int64(n+1) || c.newest().Size != int64(3*(n+1)) {
			t.Fatalf("%d checkpoints were made; the newest is %+v", made, c.newest())
		}
	}
	c.clock.Advance(time.Minute)
	if seals() != 0 {
		t.Error("a checkpoint of nothing new")
	}
}

// TestALongLogIsCaughtUpWithAtOnce in steps of bounded size.
func TestALongLogIsCaughtUpWithAtOnce(t *testing.T) {
	c := newTown(t)
	c.happens(2*mostSealed + 700)
	var steps int
	for node := c.sealer(); c.step(node) > 0; steps++ {
	}
	if steps != 2 || c.newest().Size != 2*mostSealed {
		t.Errorf("%d steps, %d lines", steps, c.newest().Size)
	}
	c.clock.Advance(sealEvery)
	if c.step(c.sealer()) != 700 || c.newest().Size != 2*mostSealed+700 {
		t.Errorf("the rest did not follow: %d lines", c.newest().Size)
	}
}

// TestOneNodeSealsAtATime, so that the others do not read all facts once more; when it dies, another goes on.
func TestOneNodeSealsAtATime(t *testing.T) {
	c := newTown(t)
	c.happens(3 * mostSealed)
	one, other := c.sealer(), c.sealer()
	for _, x := range []struct {
		node Pass
		did  int
	}{{one, mostSealed}, {other, 0}, {one, mostSealed}, {other, 0}} {
		if did := c.step(x.node); did != x.did {
			t.Errorf("sealed %d lines, want %d", did, x.did)
		}
	}
	c.clock.Advance(holdLog)
	if did := c.step(other); did != mostSealed {
		t.Errorf("after the first has died the other sealed %d lines", did)
	}
}

// TestTimesOfCheckpointsNeverGoBack, also when the clock of a node is behind.
func TestTimesOfCheckpointsNeverGoBack(t *testing.T) {
	c := newTown(t)
	c.happens(1)
	c.step(c.sealer())
	first := c.newest().At
	c.happens(1)
	c.clock.Advance(holdLog)
	behind := world.NewManual(first.Add(-time.Hour))
	c.step(Seal(c.store, sealingKey, "tolom.example/facts", "a node", behind))
	if got := c.newest(); got.Number != 2 || got.At.Before(first) {
		t.Errorf("after %v came %+v", first, got)
	}
}

// gapped is a feed that lost a line.
type gapped struct {
	*store.Memory
	lost int64
}

func (g gapped) Tail(ctx context.Context, after int64, limit int) (out []store.FeedItem, err error) {
	items, err := g.Memory.Tail(ctx, after, limit)
	for _, i := range items {
		if i.Position != g.lost {
			out = append(out, i)
		}
	}
	return out, err
}

// TestALogThatWasChangedIsNotSealedOver: the pass fails and says what to run, instead of signing what is left.
func TestALogThatWasChangedIsNotSealedOver(t *testing.T) {
	c := newTown(t)
	c.happens(5)
	if _, err := Seal(gapped{c.store, 3}, sealingKey, "tolom.example/facts", "a node", c.clock).Step(t.Context()); err == nil || !strings.Contains(err.Error(), "position 3 of the log tolom.example/facts is missing") {
		t.Errorf("a line is missing: %v", err)
	}
	c.clock.Advance(holdLog)
	c.step(c.sealer())
	c.ok(c.store.Extend(t.Context(), store.Checkpoint{Number: 2, Size: 9, At: c.clock.Now()}, nil)) // says more than the hashes hold
	c.clock.Advance(sealEvery)
	if _, err := c.sealer().Step(t.Context()); !errors.Is(err, trail.ErrTiles) {
		t.Errorf("the hashes are not those of the checkpoint: %v", err)
	}
	away := errors.New("no key")
	fresh := newTown(t)
	fresh.happens(1)
	_, err := Seal(fresh.store, func(context.Context) (seal.PrivateKey, error) { return seal.PrivateKey{}, away }, "tolom.example/facts", "a node", fresh.clock).Step(t.Context())
	if !errors.Is(err, away) {
		t.Errorf("without a key: %v", err)
	}
}
