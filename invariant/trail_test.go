package invariant_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/jobs"
	"tolom/money"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

var platformKey = seal.NewPrivateKey([32]byte{1})

func signing(context.Context) (seal.PrivateKey, error) { return platformKey, nil }

// sealAll adds to the log whatever is numbered.
func sealAll(t *testing.T, s jobs.Sealing, clock world.Clock) {
	t.Helper()
	_, err := jobs.Seal(s, signing, "tolom.example/facts", "a node", clock).Step(t.Context())
	must(t, err)
}

// sealed makes sales and seals them in four checkpoints.
func sealed(t *testing.T, s store.Store, sales int) {
	t.Helper()
	clock := world.NewManual(time.Now())
	for n := range sales {
		sold().keep(t, s)
		if n%(sales/4) == sales/4-1 {
			_, err := s.Sequence(t.Context(), 1000)
			must(t, err)
			sealAll(t, s, clock)
			clock.Advance(6 * time.Second)
		}
	}
}

// copied is everything that an audit of the log reads, laid open for changes.
type copied struct {
	store.Archive
	rows        []store.LogRow
	checkpoints []store.Checkpoint
	tiles       []trail.Tile
	strays      []id.ID
}

func copyOf(t *testing.T, s store.Auditor) (c copied) {
	t.Helper()
	must(t, s.Audit(t.Context(), func(a store.Archive) (err error) {
		if c.rows, err = a.LogPage(t.Context(), 0, 100_000); err == nil {
			c.checkpoints, err = a.CheckpointPage(t.Context(), 0, 1000)
		}
		size := int64(len(c.rows))
		for level := 0; size > 0 && err == nil; level, size = level+1, size>>trail.Height {
			for n := range (size-1)>>trail.Height + 1 {
				var tiles []trail.Tile
				tiles, err = a.TilesOf(t.Context(), []trail.Name{{Level: level, Number: n}})
				c.tiles = append(c.tiles, tiles...)
			}
		}
		return err
	}))
	return c
}

// clone copies what an edit changes.
func (c copied) clone() *copied {
	c.rows, c.checkpoints, c.tiles = slices.Clone(c.rows), slices.Clone(c.checkpoints), slices.Clone(c.tiles)
	return &c
}

func (c *copied) Audit(_ context.Context, do func(store.Archive) error) error { return do(c) }

func after[T any](rows []T, beyond func(T) bool, limit int) []T {
	at := slices.IndexFunc(rows, beyond)
	if at < 0 {
		return nil
	}
	return rows[at:min(len(rows), at+limit)]
}

func (c *copied) LogPage(_ context.Context, position int64, limit int) ([]store.LogRow, error) {
	return after(c.rows, func(r store.LogRow) bool { return r.Position > position }, limit), nil
}

func (c *copied) CheckpointPage(_ context.Context, number int64, limit int) ([]store.Checkpoint, error) {
	return after(c.checkpoints, func(r store.Checkpoint) bool { return r.Number > number }, limit), nil
}

func (c *copied) TilesOf(_ context.Context, names []trail.Name) (out []trail.Tile, err error) {
	for _, t := range c.tiles {
		if slices.Contains(names, t.Name()) {
			out = append(out, t)
		}
	}
	return out, nil
}

func (c *copied) TileAfter(_ context.Context, after trail.Name) (next trail.Name, err error) {
	err = store.ErrNotFound
	for _, t := range c.tiles {
		if n := t.Name(); n.Compare(after) > 0 && (err != nil || n.Compare(next) < 0) {
			next, err = n, nil
		}
	}
	return next, err
}

func (c *copied) StrayPage(_ context.Context, after id.ID, _ int) ([]id.ID, id.ID, error) {
	if after != "" {
		return nil, "", nil
	}
	return c.strays, "evt_last", nil
}

func (c *copied) tile(r *rand.Rand) (t *trail.Tile, at int) {
	t = &c.tiles[r.IntN(len(c.tiles))]
	t.Hashes = slices.Clone(t.Hashes)
	return t, r.IntN(len(t.Hashes))
}
func (c *copied) row(r *rand.Rand) *store.LogRow { return &c.rows[r.IntN(len(c.rows))] }
func (c *copied) checkpoint(r *rand.Rand) *store.Checkpoint {
	return &c.checkpoints[r.IntN(len(c.checkpoints))]
}

// anotherText changes a character.
func anotherText[T ~string](s *T, r *rand.Rand) {
	b := []byte(*s + "x")
	b[r.IntN(len(b))] ^= byte(1 + r.IntN(127))
	*s = T(b)
}

// hashEdits are the edits of hashes and checkpoints, which are of one kind in both logs.
func hashEdits() (out []logEdit) {
	for _, e := range edits {
		if slices.Contains([]string{"a stored hash", "stored hashes cut off", "a stored hash too many", "a tile taken away", "a tile added", "a character of a checkpoint",
			"a row under a checkpoint", "the size beside a checkpoint", "the time beside a checkpoint", "a checkpoint taken away"}, e.name) {
			out = append(out, e)
		}
	}
	return out
}

// logEdit changes one thing of a log, and gives the line that must be named; 0 for any.
type logEdit struct {
	name string
	make func(*copied, *rand.Rand) (line int64)
}

// edits change one thing of a log. Those of facts name the line that must be named.
var edits = []logEdit{
	{"a field of a fact", func(c *copied, r *rand.Rand) int64 {
		row := c.row(r)
		fields[r.IntN(len(fields))](&row.Fact, r)
		return row.Position
	}},
	{"the amount of a fact", func(c *copied, r *rand.Rand) int64 {
		row := c.row(r)
		row.Fact.Amount += money.Amount(1 + r.Int64N(1e6))
		return row.Position
	}},
	{"whose feed a line is in", func(c *copied, r *rand.Rand) int64 { row := c.row(r); anotherText(&row.Reader, r); return row.Position }},
	{"the number of a line in its feed", func(c *copied, r *rand.Rand) int64 {
		row := c.row(r)
		row.Sequence += 1 + r.Int64N(9)
		return row.Position
	}},
	{"the shard of a fact", func(c *copied, r *rand.Rand) int64 { row := c.row(r); row.Shards[r.IntN(2)]++; return row.Position }},
	{"the time in the feed", func(c *copied, r *rand.Rand) int64 {
		row := c.row(r)
		row.At = row.At.Add(time.Millisecond)
		return row.Position
	}},
	{"a fact taken away", func(c *copied, r *rand.Rand) int64 { row := c.row(r); row.Fact = payment.Fact{}; return row.Position }},
	{"a line taken away", func(c *copied, r *rand.Rand) int64 {
		at := r.IntN(len(c.rows))
		position := c.rows[at].Position
		c.rows = without(c.rows, at)
		return position
	}},
	{"a line taken away and the others moved up", func(c *copied, r *rand.Rand) int64 {
		at := r.IntN(len(c.rows))
		c.rows = without(c.rows, at)
		c.renumber()
		return int64(at + 1)
	}},
	{"a line inserted", func(c *copied, r *rand.Rand) int64 {
		at, row := r.IntN(len(c.rows)), *c.row(r)
		row.Fact.Amount++
		c.rows = slices.Insert(c.rows, at, row)
		c.renumber()
		return int64(at + 1)
	}},
	{"two lines swapped", func(c *copied, r *rand.Rand) int64 {
		at := r.IntN(len(c.rows) - 1)
		c.rows[at], c.rows[at+1] = c.rows[at+1], c.rows[at]
		c.renumber()
		return int64(at + 1)
	}},
	{"a fact without a place", func(c *copied, r *rand.Rand) int64 { c.strays = []id.ID{c.row(r).Named}; return 0 }},
	{"a stored hash", func(c *copied, r *rand.Rand) int64 {
		t, at := c.tile(r)
		t.Hashes[at][r.IntN(32)] ^= byte(1 + r.IntN(255))
		return 0
	}},
	{"stored hashes cut off", func(c *copied, r *rand.Rand) int64 { t, at := c.tile(r); t.Hashes = t.Hashes[:at]; return 0 }},
	{"a stored hash too many", func(c *copied, r *rand.Rand) int64 {
		t, at := c.tile(r)
		t.Hashes = append(t.Hashes, t.Hashes[at])
		return 0
	}},
	{"a tile taken away", func(c *copied, r *rand.Rand) int64 { c.tiles = without(c.tiles, r.IntN(len(c.tiles))); return 0 }},
	{"a tile added", func(c *copied, r *rand.Rand) int64 { c.tiles = append(c.tiles, trail.Tile{Number: 99}); return 0 }},
	{"a character of a checkpoint", func(c *copied, r *rand.Rand) int64 { anotherText(&c.checkpoint(r).Text, r); return 0 }},
	{"a row under a checkpoint", func(c *copied, r *rand.Rand) int64 {
		c.checkpoint(r).Text += "— tolom.example/facts AAAAAAAAAA==\n"
		return 0
	}},
	{"the size beside a checkpoint", func(c *copied, r *rand.Rand) int64 { c.checkpoint(r).Size++; return 0 }},
	{"the time beside a checkpoint", func(c *copied, r *rand.Rand) int64 { k := c.checkpoint(r); k.At = k.At.Add(time.Millisecond); return 0 }},
	{"a checkpoint taken away", func(c *copied, r *rand.Rand) int64 {
		c.checkpoints = without(c.checkpoints, r.IntN(len(c.checkpoints)))
		return 0
	}},
	{"a fact changed, all hashes made anew, the checkpoints signed by another", func(c *copied, r *rand.Rand) int64 {
		c.row(r).Fact.Amount++
		c.forge(seal.NewPrivateKey([32]byte{2}))
		return 0
	}},
	{"a fact and all hashes changed", func(c *copied, r *rand.Rand) int64 {
		signed := slices.Clone(c.checkpoints)
		c.row(r).Fact.Amount++
		c.forge(platformKey)
		c.checkpoints = signed
		return 0
	}},
	{"the end cut off with its hashes and checkpoints", func(c *copied, r *rand.Rand) int64 {
		last := len(c.checkpoints) - 1 - r.IntN(2)
		c.checkpoints = c.checkpoints[:last]
		c.rows = c.rows[:c.checkpoints[last-1].Size]
		c.forge(platformKey)
		return int64(len(c.rows) + 1)
	}},
	{"all made anew with the platform's own key", func(c *copied, r *rand.Rand) int64 {
		c.row(r).Fact.Amount++
		c.forge(platformKey)
		return 0
	}},
}

// fields change one field of a fact each.
var fields = []func(*payment.Fact, *rand.Rand){
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.ID, r) },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Batch, r) },
	func(f *payment.Fact, r *rand.Rand) { f.Ordinal++ },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Type, r) },
	func(f *payment.Fact, r *rand.Rand) { f.At = f.At.Add(-time.Millisecond) },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Merchant, r) },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.PSP, r) },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Request, r) },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Payment, r) },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Refund, r) },
	func(f *payment.Fact, r *rand.Rand) { f.Fee += money.Amount(1 + r.Int64N(100)) },
	func(f *payment.Fact, r *rand.Rand) { f.Interchange-- },
	func(f *payment.Fact, r *rand.Rand) { anotherText(&f.Reason, r) },
}

func (c *copied) renumber() {
	for i := range c.rows {
		c.rows[i].Position = int64(i + 1)
	}
}

// forge makes hashes and checkpoints anew, as somebody with a key would.
func (c *copied) forge(key seal.PrivateKey) {
	tree, at, tiles := trail.New(), 0, map[trail.Name]trail.Tile{}
	for _, row := range c.rows {
		tree.Append(row.Line().Hash())
		if at < len(c.checkpoints) && c.checkpoints[at].Size == tree.Size() {
			k := &c.checkpoints[at]
			root, _ := tree.Root()
			k.Text, _ = trail.Sign(trail.Checkpoint{Origin: "tolom.example/facts", Number: k.Number, Size: k.Size, Root: root, At: k.At}, key)
			for _, t := range tree.Changed() {
				tiles[t.Name()] = t
			}
			at++
		}
	}
	c.tiles = nil
	for _, t := range tiles {
		c.tiles = append(c.tiles, t)
	}
}

// TestThreatAuditLogEdited makes ten thousand random edits of a log, one at a time, each detected; those of lines by
// the line that was changed first.
func TestThreatAuditLogEdited(t *testing.T) {
	s := store.NewMemory(system.Clock)
	sealed(t, s, 140)
	original := copyOf(t, s)
	kept, err := trail.Open(original.checkpoints[len(original.checkpoints)-1].Text, []seal.PublicKey{platformKey.Public()})
	must(t, err)
	o := invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}, Kept: []trail.Checkpoint{kept}}
	report, err := invariant.CheckTrail(t.Context(), original.clone(), o)
	if err != nil || !report.Sound() || report.Lines != 280 || report.Checkpoints != 4 || report.Unsealed != 0 {
		t.Fatalf("the log as it was sealed: %+v, %v", report, err)
	}
	const want = 10_000
	r := rand.New(rand.NewPCG(5, 6))
	for n := range want {
		edit := edits[n%len(edits)]
		c := original.clone()
		line := edit.make(c, r)
		report, err := invariant.CheckTrail(t.Context(), c, o)
		if err != nil || report.Sound() {
			t.Fatalf("edit %d (%s) was not detected: %v", n, edit.name, err)
		}
		if first := firstLine(report); line > 0 && first.Position != line {
			t.Fatalf("edit %d (%s) of line %d was called: %v", n, edit.name, line, report.Problems)
		}
	}
	t.Logf("%d random edits of a log of %d lines, %d not detected", want, len(original.rows), 0)
}

func firstLine(r invariant.TrailReport) (first invariant.TrailProblem) {
	for _, p := range r.Problems {
		if p.Position > 0 {
			return p
		}
	}
	return first
}

// TestAChangedLineIsNamedWithItsFact as somebody reads it.
func TestAChangedLineIsNamedWithItsFact(t *testing.T) {
	s := store.NewMemory(system.Clock)
	sealed(t, s, 8)
	c := copyOf(t, s).clone()
	c.rows[6].Fact.Amount = 1
	report, err := invariant.CheckTrail(t.Context(), c, invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}})
	must(t, err)
	want := fmt.Sprintf("position 7, fact %s: it is not what was sealed by checkpoint 2", c.rows[6].Named)
	if len(report.Problems) != 1 || report.Problems[0].String() != want {
		t.Errorf("it is called\n%v\nwant\n%s", report.Problems, want)
	}
}

// TestALogOnEveryStore is as it was sealed, goes on after more facts, and counts what is not sealed yet.
func TestALogOnEveryStore(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			sealed(t, s, 160)
			sold().keep(t, s)
			_, err := s.Sequence(t.Context(), 1000)
			must(t, err)
			report, err := invariant.CheckTrail(t.Context(), s, invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}})
			if err != nil || !report.Sound() || report.Lines != 322 || report.Unsealed != 2 || report.Checkpoints != 4 {
				t.Errorf("%+v, %v", report, err)
			}
			if !strings.HasPrefix(report.Newest.Origin, "tolom.example/") || report.Newest.Size != 320 {
				t.Errorf("the newest checkpoint is %+v", report.Newest)
			}
		})
	}
}
