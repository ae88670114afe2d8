package invariant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
)

// TrailOptions say what the log of facts is held against.
type TrailOptions struct {
	// Keys are those that checkpoints may be signed with.
	Keys []seal.PublicKey
	// Kept are checkpoints that somebody kept outside the database, already opened: what the platform cannot take
	// back. Without one, a log that was cut off together with its checkpoints looks like a younger log.
	Kept []trail.Checkpoint
}

// TrailProblem is one thing that is not as it was sealed.
type TrailProblem struct {
	Position int64  // of the line; 0 when it is of no single line
	Fact     id.ID  // the fact, event or proposal there, where one is known
	Of       string // what that is; "" for a fact
	Text     string
}

// String is one line for people.
func (p TrailProblem) String() string {
	of := cmp.Or(p.Of, "fact")
	switch {
	case p.Position == 0 && p.Fact == "":
		return p.Text
	case p.Position == 0:
		return fmt.Sprintf("%s %s: %s", of, p.Fact, p.Text)
	case p.Fact == "":
		return fmt.Sprintf("position %d: %s", p.Position, p.Text)
	}
	return fmt.Sprintf("position %d, %s %s: %s", p.Position, of, p.Fact, p.Text)
}

// TrailReport is what an audit of the log found.
type TrailReport struct {
	Lines       int64 // that were computed again
	Checkpoints int64
	Unsealed    int64 // lines that came after the newest checkpoint
	Newest      trail.Checkpoint
	Problems    []TrailProblem // the first line that was changed is the first with a position
}

// Sound says that everything is as it was sealed.
func (r TrailReport) Sound() bool { return len(r.Problems) == 0 }

// CheckTrail computes the log of facts again, from the facts, and compares it with the stored hashes, with all
// checkpoints, and with those that were kept outside. It stops at the first line that is not as it was sealed: what
// follows a changed line says nothing more.
func CheckTrail(ctx context.Context, s store.Auditor, o TrailOptions) (TrailReport, error) {
	c := newTrailCheck(ctx, o)
	err := s.Audit(ctx, func(a store.Archive) error {
		c.archive = a
		c.lines = func(after int64) ([]checkedLine, error) { return factLines(ctx, a, after) }
		c.rest = func() error { return c.strays(a) }
		return c.run()
	})
	return c.report, err
}

// checkedLine is a line of a log as it is kept.
type checkedLine struct {
	position int64
	named    id.ID
	of       string
	hash     trail.Hash
	before   trail.Hash // as lines were hashed before, where there was another way; zero where not
	broken   string     // what is wrong with it beyond its hash; "" for nothing
}

// factLines reads a page of the log of facts.
func factLines(ctx context.Context, a store.Archive, after int64) (out []checkedLine, err error) {
	page, err := a.LogPage(ctx, after, pageSize)
	for _, row := range page {
		l := checkedLine{position: row.Position, named: row.Named}
		switch {
		case row.Fact.ID == "":
			l.broken = "the fact is gone"
		case row.Shards[0] != row.Shards[1] || row.Shards[1] != int64(row.Named.Bucket()) || !row.At.Equal(row.Fact.At):
			l.broken = "the feed and the fact disagree about its shard or its time"
		default:
			l.hash, l.before = row.Line().Hash(), row.Line().WholeHash()
		}
		out = append(out, l)
	}
	return out, err
}

func newTrailCheck(ctx context.Context, o TrailOptions) *trailCheck {
	return &trailCheck{ctx: ctx, options: o, tree: trail.New(), facts: map[int64]checkedLine{}}
}

// trailCheck is one audit of the log.
type trailCheck struct {
	ctx     context.Context
	archive store.SealedPages
	lines   func(after int64) ([]checkedLine, error) // a page of them
	rest    func() error                             // looks at what is beside the log, when the log is whole
	options TrailOptions
	report  TrailReport

	tree   *trail.Tree
	stages []stage               // checkpoints that are still ahead, by size
	facts  map[int64]checkedLine // by position, since the last stage
	held   int64                 // up to here the lines are proven to be as they were sealed
	leaves trail.Tile            // the stored hashes of the lines that are looked at
	before bool                  // the last line was hashed as lines were before
}

// stage is a size at which the root is known.
type stage struct {
	trail.Checkpoint
	whence string
}

func (c *trailCheck) broken(position int64, l checkedLine, format string, args ...any) {
	c.report.Problems = append(c.report.Problems, TrailProblem{position, l.named, l.of, fmt.Sprintf(format, args...)})
}

func (c *trailCheck) run() error {
	if err := c.readCheckpoints(); err != nil {
		return err
	}
	for _, k := range c.options.Kept {
		c.stages = append(c.stages, stage{k, "the checkpoint that was kept outside"})
	}
	slices.SortStableFunc(c.stages, func(a, b stage) int { return int(min(1, max(-1, a.Size-b.Size))) })
	whole, err := c.walk()
	if err != nil || !whole {
		return err
	}
	if len(c.stages) > 0 {
		s := c.stages[0]
		return c.stop(c.tree.Size()+1, checkedLine{}, "it is missing: %s covers %d lines and the log ends after %d", s.whence, s.Size, c.tree.Size())
	}
	c.report.Unsealed = c.tree.Size() - c.report.Newest.Size
	return c.checkRest()
}

// readCheckpoints opens all of them. One that cannot be believed is a problem; its size is no stage.
func (c *trailCheck) readCheckpoints() error {
	var before store.Checkpoint
	rows := stream[store.Checkpoint]{page: func(after store.Checkpoint) ([]store.Checkpoint, error) {
		return c.archive.CheckpointPage(c.ctx, after.Number, pageSize)
	}}
	return rows.all(func(row *store.Checkpoint) {
		c.report.Checkpoints++
		name := fmt.Sprintf("checkpoint %d", row.Number)
		if row.Number != before.Number+1 {
			c.broken(0, checkedLine{}, "%s follows checkpoint %d: what was between is gone", name, before.Number)
		}
		got, err := trail.Open(row.Text, c.options.Keys)
		switch {
		case err != nil:
			c.broken(0, checkedLine{}, "%s: %v", name, err)
		case strings.Count(row.Text, "\n— ") != 1:
			c.broken(0, checkedLine{}, "%s has rows of signatures that the platform did not write", name)
		case got.Number != row.Number || got.Size != row.Size || !got.At.Equal(row.At):
			c.broken(0, checkedLine{}, "%s was signed as number %d with %d lines at %v, and is written down otherwise", name, got.Number, got.Size, got.At)
		case got.Size <= before.Size || got.At.Before(before.At) || c.report.Newest.Origin != "" && got.Origin != c.report.Newest.Origin:
			c.broken(0, checkedLine{}, "%s does not follow from the one before", name)
		default:
			c.report.Newest = got
			c.stages = append(c.stages, stage{got, name})
		}
		before = *row
	})
}

// walk computes the log line by line; false when it met a line that is not as it was sealed.
func (c *trailCheck) walk() (whole bool, err error) {
	whole = true
	for after := int64(0); whole; {
		page, err := c.lines(after)
		if err != nil || len(page) == 0 {
			return whole, err
		}
		for _, l := range page {
			if whole, err = c.line(l); err != nil || !whole {
				return false, err
			}
			after = l.position
		}
	}
	return whole, nil
}

// line takes a line of the log.
func (c *trailCheck) line(l checkedLine) (whole bool, err error) {
	position := c.tree.Size() + 1
	switch {
	case l.position != position:
		return false, c.stop(position, checkedLine{}, "it is missing; position %d with %s %s follows", l.position, cmp.Or(l.of, "fact"), l.named)
	case l.broken != "":
		return false, c.stop(position, l, "%s", l.broken)
	}
	if l.hash, err = c.hashOf(l); err != nil {
		return false, err
	}
	c.report.Lines++
	c.facts[position] = l
	c.tree.Append(l.hash)
	for len(c.stages) > 0 && c.stages[0].Size == position {
		if whole, err = c.reach(c.stages[0]); err != nil || !whole {
			return false, err
		}
		c.stages = c.stages[1:]
	}
	return true, nil
}

// hashOf gives the line's hash in the way in which the stored one was made; where that is neither, in that of the line
// before. Both ways are of the whole line, and what was sealed is the root.
func (c *trailCheck) hashOf(l checkedLine) (trail.Hash, error) {
	if l.before == (trail.Hash{}) {
		return l.hash, nil
	}
	name := trail.Name{Number: (l.position - 1) / trail.Width}
	if c.leaves.Hashes == nil || c.leaves.Number != name.Number {
		stored, err := c.archive.TilesOf(c.ctx, []trail.Name{name})
		if err != nil {
			return trail.Hash{}, err
		}
		c.leaves = append(stored, trail.Tile{Number: name.Number, Hashes: []trail.Hash{}})[0]
	}
	if at := (l.position - 1) % trail.Width; at < int64(len(c.leaves.Hashes)) {
		switch c.leaves.Hashes[at] {
		case l.before:
			c.before = true
		case l.hash:
			c.before = false
		}
	}
	if c.before {
		return l.before, nil
	}
	return l.hash, nil
}

// stop tells of a line that cannot be computed. When one before it, since the last checkpoint, is not as its stored
// hash says, that one is the first.
func (c *trailCheck) stop(position int64, l checkedLine, format string, args ...any) error {
	first, _, err := c.compare(c.tree.Changed(), false)
	if err == nil && first.Position > c.held {
		c.broken(first.Position, c.facts[first.Position], "it is not what its stored hash was made of, and more is missing after it")
	}
	c.broken(position, l, format, args...)
	return err
}

// reach compares the log with a checkpoint of its size, and with the stored hashes.
func (c *trailCheck) reach(s stage) (whole bool, err error) {
	root, err := c.tree.Root()
	if err != nil {
		return false, err
	}
	other, same, err := c.compare(c.tree.Changed(), s.Size == c.report.Newest.Size)
	if err != nil {
		return false, err
	}
	switch {
	case root != s.Root && other.Position > c.held:
		c.broken(other.Position, c.facts[other.Position], "it is not what was sealed by %s", s.whence)
	case root != s.Root:
		c.broken(c.held+1, c.facts[c.held+1], "it or one of the lines up to %d is not what was sealed by %s; the stored hashes were changed with it", s.Size, s.whence)
	case !same && other.Position > 0:
		c.broken(other.Position, c.facts[other.Position], "%s (the line itself is as it was sealed by %s)", other.Text, s.whence)
	case !same:
		c.broken(0, checkedLine{}, "%s (the lines up to %d are as they were sealed by %s)", other.Text, s.Size, s.whence)
	}
	c.held = s.Size
	clear(c.facts)
	return root == s.Root && same, nil
}

// compare finds the first stored hash that is not as computed. Stored tiles may be longer, but at the end of the log.
func (c *trailCheck) compare(tiles []trail.Tile, end bool) (first TrailProblem, same bool, err error) {
	slices.SortFunc(tiles, func(a, b trail.Tile) int {
		if a.Level != b.Level {
			return a.Level - b.Level
		}
		return int(a.Number - b.Number)
	})
	for _, t := range tiles {
		stored, err := c.archive.TilesOf(c.ctx, []trail.Name{t.Name()})
		if err != nil {
			return first, false, err
		}
		var hashes []trail.Hash
		if len(stored) == 1 {
			hashes = stored[0].Hashes
		}
		at := differ(t.Hashes, hashes, end)
		if at < 0 {
			continue
		}
		first.Text = fmt.Sprintf("a stored hash was changed: number %d of tile %d, level %d", at+1, t.Number, t.Level)
		if t.Level == 0 {
			first.Position = t.Number*trail.Width + int64(at) + 1
		}
		return first, false, nil
	}
	return first, true, nil
}

// differ gives the place of the first hash that differs, -1 when all agree.
func differ(computed, stored []trail.Hash, exact bool) int {
	for i, h := range computed {
		if i >= len(stored) || stored[i] != h {
			return i
		}
	}
	if (exact || len(computed) == trail.Width) && len(stored) > len(computed) { // A full tile never grows.
		return len(computed)
	}
	return -1
}

// checkRest looks for what is there beside the log.
func (c *trailCheck) checkRest() error {
	if err := c.checkTiles(); err != nil {
		return err
	}
	return c.rest()
}

// strays looks for facts without a place.
func (c *trailCheck) strays(a store.Archive) error {
	for after := id.ID(""); ; {
		strays, last, err := a.StrayPage(c.ctx, after, pageSize)
		if err != nil || last == "" {
			return err
		}
		for _, fact := range strays {
			c.broken(0, checkedLine{named: fact}, "it has no place in the log, although what was written with it has")
		}
		after = last
	}
}

// checkTiles looks for tiles that the log does not have. Those that it has were compared.
func (c *trailCheck) checkTiles() error {
	after := trail.Name{Level: math.MinInt32}
	for level, last := range append(trail.Edge(c.report.Newest.Size), trail.Name{Level: math.MaxInt32}) {
		next, err := c.archive.TileAfter(c.ctx, after)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil && next != (trail.Name{Level: level}) || err == nil && last.Level == math.MaxInt32 {
			c.broken(0, checkedLine{}, "there are stored hashes that a log of %d lines, as many as its newest checkpoint covers, does not have: tile %d of level %d", c.report.Newest.Size, next.Number, next.Level)
			return nil
		}
		after = last
	}
	return nil
}
