package archive_test

import (
	"testing"
	"time"

	"tolom/archive"
	"tolom/store"
	"tolom/trail"
)

// TestAMonthOfALogThatBeganBefore: an archive says of each line in which of the two ways the log has hashed it, so that it
// proves itself as others do.
func TestAMonthOfALogThatBeganBefore(t *testing.T) {
	clock := system.Clock
	s := store.NewMemory(clock)
	c := newTown(t, s, system)
	for range 30 {
		_, err := c.pay(t.Context())
		must(t, err)
	}
	_, err := s.Sequence(t.Context(), 1000)
	must(t, err)
	items, err := s.Tail(t.Context(), 0, 1000)
	must(t, err)
	tree := trail.New()
	for _, i := range items {
		tree.Append(i.Line().WholeHash())
	}
	root, err := tree.Root()
	must(t, err)
	at := clock.Now().Add(-time.Minute)
	text, err := trail.Sign(trail.Checkpoint{Origin: "tolom.example/facts", Number: 1, Size: tree.Size(), Root: root, At: at}, sealKey)
	must(t, err)
	must(t, s.Extend(t.Context(), store.Checkpoint{Number: 1, Size: tree.Size(), Text: text, At: at}, tree.Changed()))
	c.live(20)
	now := clock.Now()
	path, made, err := archive.MakeMonth(t.Context(), s, t.TempDir(), now.In(time.FixedZone("", 6*60*60)).Format("2006-01"), now.AddDate(0, 3, 0))
	must(t, err)
	proven, err := archive.ReadMonth(path, sealedBy)
	if err != nil || proven.Payments != 50 || made.To <= tree.Size() {
		t.Fatalf("%+v, %v", proven, err)
	}
	forged(t, path)
}
