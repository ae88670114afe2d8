package invariant_test

import (
	"strings"
	"testing"
	"time"

	"tolom/invariant"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

// sealBefore seals what is numbered as nodes of before did, whose lines were hashed in one piece.
func sealBefore(t *testing.T, s store.Store, clock world.Clock) {
	t.Helper()
	items, err := s.Tail(t.Context(), 0, 10_000)
	must(t, err)
	tree := trail.New()
	for _, i := range items {
		tree.Append(i.Line().WholeHash())
	}
	root, err := tree.Root()
	must(t, err)
	text, err := trail.Sign(trail.Checkpoint{Origin: "tolom.example/facts", Number: 1, Size: tree.Size(), Root: root, At: clock.Now()}, platformKey)
	must(t, err)
	must(t, s.Extend(t.Context(), store.Checkpoint{Number: 1, Size: tree.Size(), Text: text, At: clock.Now()}, tree.Changed()))
}

// TestALogThatBeganBefore: lines that were hashed in one piece stand in one log with lines of now, and an edit of either is
// found and named.
func TestALogThatBeganBefore(t *testing.T) {
	clock := world.NewManual(time.Now().Truncate(time.Millisecond))
	s := store.NewMemory(clock)
	number := func(sales int) {
		for range sales {
			sold().keep(t, s)
		}
		_, err := s.Sequence(t.Context(), 1000)
		must(t, err)
	}
	number(90)
	sealBefore(t, s, clock)
	clock.Advance(6 * time.Second)
	number(90)
	sealAll(t, s, clock)
	whole := copyOf(t, s)
	if report := checkedLog(t, &whole); !report.Sound() || report.Checkpoints != 2 || report.Unsealed != 0 {
		t.Fatalf("%+v", report)
	}
	first := int(whole.checkpoints[0].Size)
	for _, at := range []int{0, 40, first - 1, first, first + 30, len(whole.rows) - 1} {
		edited := whole.clone()
		edited.rows[at].Fact.Fee++
		if report := checkedLog(t, edited); report.Sound() || report.Problems[0].Position != int64(at+1) {
			t.Errorf("the fee at %d: %v", at+1, report.Problems)
		}
		edited = whole.clone()
		for i := range edited.tiles {
			if tile := &edited.tiles[i]; tile.Level == 0 && int64(at)/trail.Width == tile.Number {
				tile.Hashes = append([]trail.Hash(nil), tile.Hashes...)
				tile.Hashes[at%trail.Width][3] ^= 1
			}
		}
		if report := checkedLog(t, edited); report.Sound() || report.Problems[0].Position != int64(at+1) {
			t.Errorf("the stored hash at %d: %v", at+1, report.Problems)
		} else if at != first && at > 0 && !strings.Contains(report.Problems[0].Text, "the line itself is as it was sealed") {
			t.Errorf("the stored hash at %d: %s", at+1, report.Problems[0].Text)
		}
	}
}

func checkedLog(t *testing.T, c *copied) invariant.TrailReport {
	t.Helper()
	report, err := invariant.CheckTrail(t.Context(), c, invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}})
	must(t, err)
	return report
}
