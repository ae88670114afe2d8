package invariant_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/jobs"
	"tolom/proposal"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

// deedTown is a store in which people sign in, propose and decide, a minute after each other.
type deedTown struct {
	*testing.T
	store store.Store
	world world.World
	clock *world.Manual
}

func newDeedTown(t *testing.T, s store.Store) *deedTown {
	w, clock := world.Simulated(time.Now().Truncate(time.Millisecond), 9)
	return &deedTown{t, s, w, clock}
}

func (d *deedTown) signsIn() {
	d.Helper()
	d.clock.Advance(time.Minute)
	who := world.NewID(d.world, id.Person, 3)
	must(d.T, d.store.AddPersonEvents(d.Context(), []store.PersonEvent{{ID: world.NewID(d.world, id.PersonEvent, 3), Owner: store.Centre, Person: who, By: who, Kind: "signed_in",
		Detail: "totp", Address: "192.0.2.7", At: d.clock.Now()}}))
}

// proposes has something proposed and decided by commands.
func (d *deedTown) proposes(commands ...proposal.Command) {
	d.Helper()
	d.clock.Advance(time.Minute)
	p, e := proposal.New(proposal.Proposal{ID: world.NewID(d.world, id.Proposal, 0), Action: "limits.set", Target: "mer_1", Body: `{"daily":5}`, Reason: "асыр",
		Summary: []proposal.Line{{Name: "daily", Before: "0", After: "5", As: proposal.Amount}}, ProposedBy: proposal.Person{ID: "prs_a", Name: "Operator A"}}, d.clock.Now(), proposal.Proposed)
	for i := 0; ; i++ {
		must(d.T, d.store.MoveProposal(d.Context(), func(context.Context, store.Desk) (proposal.Proposal, proposal.Event, error) { return p, e, nil }))
		if p.Version++; i == len(commands) {
			return
		}
		d.clock.Advance(time.Second)
		if a, approves := commands[i].(proposal.Approve); approves {
			a.Digest = p.Digest()
			commands[i] = a
		}
		var err error
		p, e, err = proposal.Decide(p, commands[i], d.clock.Now())
		must(d.T, err)
	}
}

var approver = proposal.Person{ID: "prs_b", Name: "Approver B"}

// lives through some days of the centre, sealed after each several of them.
func (d *deedTown) lives(days, several int) {
	d.Helper()
	for day := range days {
		for range 6 {
			d.signsIn()
		}
		d.proposes(proposal.Approve{By: approver}, proposal.Finish{Outcome: "key_1"})
		d.proposes(proposal.Reject{By: approver, Reason: "too much"})
		d.proposes(proposal.Withdraw{By: proposal.Person{ID: "prs_a", Name: "Operator A"}})
		d.proposes(proposal.Approve{By: approver}, proposal.Fail{Outcome: "not_found"})
		d.proposes()
		if day%several == several-1 {
			d.seals()
		}
	}
}

func (d *deedTown) seals() {
	d.Helper()
	_, err := jobs.SealDeeds(d.store, signing, "tolom.example/deeds", "a node", d.clock).Step(d.Context())
	must(d.T, err)
	d.clock.Advance(time.Minute)
}

// deedCopy is everything that an audit of the log of deeds reads, laid open for changes.
type deedCopy struct {
	copied
	lines   []store.DeedRow
	waiting int64
}

// deedView is an archive that shows it.
type deedView struct {
	store.Archive
	c *deedCopy
}

func (v deedView) Deeds() store.DeedArchive { return v.c }

func (c *deedCopy) Audit(_ context.Context, do func(store.Archive) error) error {
	return do(deedView{c: c})
}

func (c *deedCopy) DeedPage(_ context.Context, position int64, limit int) ([]store.DeedRow, error) {
	return after(c.lines, func(r store.DeedRow) bool { return r.Position > position }, limit), nil
}

func (c *deedCopy) DeedsWaiting(context.Context) (int64, error) { return c.waiting, nil }

func (c *deedCopy) clone() *deedCopy {
	return &deedCopy{*c.copied.clone(), slices.Clone(c.lines), c.waiting}
}

func deedsOf(t *testing.T, s store.Auditor) *deedCopy {
	t.Helper()
	c := &deedCopy{}
	must(t, s.Audit(t.Context(), func(a store.Archive) (err error) {
		log := a.Deeds()
		if c.lines, err = log.DeedPage(t.Context(), 0, 100_000); err == nil {
			c.checkpoints, err = log.CheckpointPage(t.Context(), 0, 1000)
		}
		for name := (trail.Name{Level: -1}); err == nil; {
			if name, err = log.TileAfter(t.Context(), name); err == nil {
				var tiles []trail.Tile
				tiles, err = log.TilesOf(t.Context(), []trail.Name{name})
				c.tiles = append(c.tiles, tiles...)
			}
		}
		return nil
	}))
	return c
}

func (c *deedCopy) line(r *rand.Rand) *store.DeedRow { return &c.lines[r.IntN(len(c.lines))] }

// moved is a line about a proposal.
func (c *deedCopy) moved(r *rand.Rand) *store.DeedRow {
	for {
		if l := c.line(r); l.Of == trail.OfProposals {
			return l
		}
	}
}

// changes has all lines of a proposal show it changed, as they would; it gives the first of them.
func (c *deedCopy) changes(name id.ID, do func(*proposal.Proposal)) (first int64) {
	for i := range c.lines {
		if l := &c.lines[i]; l.Of == trail.OfProposals && l.Name == name {
			if do(&l.Proposal); first == 0 {
				first = l.Position
			}
		}
	}
	return first
}

func (c *deedCopy) renumber() {
	for i := range c.lines {
		c.lines[i].Position = int64(i + 1)
	}
}

// forge makes hashes and checkpoints anew, as somebody with a key would.
func (c *deedCopy) forge(key seal.PrivateKey) {
	tree, at, tiles := trail.New(), 0, map[trail.Name]trail.Tile{}
	for _, l := range c.lines {
		tree.Append(l.Hash())
		if at < len(c.checkpoints) && c.checkpoints[at].Size == tree.Size() {
			k := &c.checkpoints[at]
			root, _ := tree.Root()
			k.Text, _ = trail.Sign(trail.Checkpoint{Origin: "tolom.example/deeds", Number: k.Number, Size: k.Size, Root: root, At: k.At}, key)
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

// deedFields change one field of a line each.
var deedFields = []func(*trail.Deed, *rand.Rand){
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Name, r) },
	func(d *trail.Deed, r *rand.Rand) { d.At = d.At.Add(-time.Millisecond) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Kind, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.By, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.ByName, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Owner, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Person, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Detail, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Address, r) },
	func(d *trail.Deed, r *rand.Rand) { anotherText(&d.Digest, r) },
	func(d *trail.Deed, r *rand.Rand) { d.Number++ },
}

// proposalFields change what a proposal says, or what it says of its fate.
var proposalFields = []func(*proposal.Proposal, *rand.Rand){
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.Action, r) },
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.Target, r) },
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.Body, r) },
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.Reason, r) },
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.ProposedBy.ID, r) },
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.ProposedBy.Name, r) },
	func(p *proposal.Proposal, _ *rand.Rand) { p.ProposedAt = p.ProposedAt.Add(time.Second) },
	func(p *proposal.Proposal, _ *rand.Rand) { p.ExpiresAt = p.ExpiresAt.Add(time.Second) },
	func(p *proposal.Proposal, _ *rand.Rand) {
		p.Summary = []proposal.Line{{Name: "daily", Before: "0", After: "6", As: proposal.Amount}}
	},
	func(p *proposal.Proposal, _ *rand.Rand) { p.AtOnce = !p.AtOnce },
	func(p *proposal.Proposal, r *rand.Rand) { anotherText(&p.Status, r) },
	func(p *proposal.Proposal, _ *rand.Rand) { p.Version++ },
}

// deedEdits change one thing of the log, or of what it tells of, and give the line that must be named; 0 for any.
var deedEdits = []struct {
	name string
	make func(*deedCopy, *rand.Rand) (line int64)
}{
	{"a field of a line", func(c *deedCopy, r *rand.Rand) int64 {
		l := c.line(r)
		deedFields[r.IntN(len(deedFields))](&l.Deed, r)
		return l.Position
	}},
	{"who did it", func(c *deedCopy, r *rand.Rand) int64 { l := c.line(r); l.By = "prs_somebody_else"; return l.Position }},
	{"an event taken away", func(c *deedCopy, r *rand.Rand) int64 { l := c.line(r); l.At = time.Time{}; return l.Position }},
	{"a line taken away", func(c *deedCopy, r *rand.Rand) int64 {
		at := r.IntN(len(c.lines))
		position := c.lines[at].Position
		c.lines = without(c.lines, at)
		return position
	}},
	{"a line taken away and the others moved up", func(c *deedCopy, r *rand.Rand) int64 {
		at := r.IntN(len(c.lines))
		c.lines = without(c.lines, at)
		c.renumber()
		return int64(at + 1)
	}},
	{"a line inserted", func(c *deedCopy, r *rand.Rand) int64 {
		at, l := r.IntN(len(c.lines)), *c.line(r)
		l.Detail += "!"
		c.lines = slices.Insert(c.lines, at, l)
		c.renumber()
		return int64(at + 1)
	}},
	{"two lines swapped", func(c *deedCopy, r *rand.Rand) int64 {
		at := r.IntN(len(c.lines) - 1)
		c.lines[at], c.lines[at+1] = c.lines[at+1], c.lines[at]
		c.renumber()
		return int64(at + 1)
	}},
	{"what a proposal says", func(c *deedCopy, r *rand.Rand) int64 {
		do := proposalFields[r.IntN(len(proposalFields))]
		seed := r.Uint64()
		c.changes(c.moved(r).Name, func(p *proposal.Proposal) { do(p, rand.New(rand.NewPCG(seed, 1))) })
		return 0
	}},
	{"who decided a proposal", func(c *deedCopy, r *rand.Rand) int64 {
		for {
			if l := c.moved(r); l.Proposal.DecidedBy.ID != "" {
				c.changes(l.Name, func(p *proposal.Proposal) { p.DecidedBy.ID = "prs_somebody_else" })
				return 0
			}
		}
	}},
	{"what came of a proposal", func(c *deedCopy, r *rand.Rand) int64 {
		for {
			if l := c.moved(r); l.Proposal.Outcome != "" {
				c.changes(l.Name, func(p *proposal.Proposal) { p.Outcome = "key_2" })
				return 0
			}
		}
	}},
	{"a proposal taken away", func(c *deedCopy, r *rand.Rand) int64 {
		return c.changes(c.moved(r).Name, func(p *proposal.Proposal) { *p = proposal.Proposal{} })
	}},
	{"a line changed, all hashes made anew, the checkpoints signed by another", func(c *deedCopy, r *rand.Rand) int64 {
		c.line(r).Address = "192.0.2.8"
		c.forge(seal.NewPrivateKey([32]byte{2}))
		return 0
	}},
	{"a line and all hashes changed", func(c *deedCopy, r *rand.Rand) int64 {
		signed := slices.Clone(c.checkpoints)
		c.line(r).Detail += "x"
		c.forge(platformKey)
		c.checkpoints = signed
		return 0
	}},
	{"the end cut off with its hashes and checkpoints", func(c *deedCopy, r *rand.Rand) int64 {
		last := len(c.checkpoints) - 1 - r.IntN(2)
		c.checkpoints = c.checkpoints[:last]
		c.lines = c.lines[:c.checkpoints[last-1].Size]
		c.forge(platformKey)
		return int64(len(c.lines) + 1)
	}},
	{"all made anew with the platform's own key", func(c *deedCopy, r *rand.Rand) int64 {
		c.line(r).Detail += "x"
		c.forge(platformKey)
		return 0
	}},
	{"the checkpoints of the log of facts in its place", func(c *deedCopy, r *rand.Rand) int64 {
		k := c.checkpoint(r)
		k.Text, _ = trail.Sign(trail.Checkpoint{Origin: "tolom.example/facts", Number: k.Number, Size: k.Size, Root: trail.Hash{1}, At: k.At}, platformKey)
		return 0
	}},
}

// TestThreatDeedsEdited makes ten thousand random edits of the log of what people did, of its hashes and checkpoints, and of
// proposals that it tells of, one at a time, each detected.
func TestThreatDeedsEdited(t *testing.T) {
	d := newDeedTown(t, store.NewMemory(system.Clock))
	d.lives(16, 4)
	original := deedsOf(t, d.store)
	kept, err := trail.Open(original.checkpoints[len(original.checkpoints)-1].Text, []seal.PublicKey{platformKey.Public()})
	must(t, err)
	o := invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}, Kept: []trail.Checkpoint{kept}}
	report, err := invariant.CheckDeeds(t.Context(), original.clone(), o)
	if err != nil || !report.Sound() || report.Lines != 272 || report.Checkpoints != 4 || report.Unsealed != 0 {
		t.Fatalf("the log as it was sealed: %+v, %v", report, err)
	}
	edits := deedEdits
	for _, e := range hashEdits() {
		edits = append(edits, struct {
			name string
			make func(*deedCopy, *rand.Rand) int64
		}{e.name, func(c *deedCopy, r *rand.Rand) int64 { return e.make(&c.copied, r) }})
	}
	const want = 10_000
	r := rand.New(rand.NewPCG(5, 6))
	for n := range want {
		edit := edits[n%len(edits)]
		c := original.clone()
		line := edit.make(c, r)
		report, err := invariant.CheckDeeds(t.Context(), c, o)
		if err != nil || report.Sound() {
			t.Fatalf("edit %d (%s) was not detected: %v", n, edit.name, err)
		}
		if first := firstLine(report); line > 0 && first.Position != line {
			t.Fatalf("edit %d (%s) of line %d was called: %v", n, edit.name, line, report.Problems)
		}
	}
	t.Logf("%d random edits of %d kinds of a log of %d lines, 0 not detected", want, len(edits), len(original.lines))
}

// TestDeedsOnEveryStore are as they were sealed, and what was not sealed yet is counted.
func TestDeedsOnEveryStore(t *testing.T) {
	for _, p := range everywhere {
		t.Run(p.name, func(t *testing.T) {
			d := newDeedTown(t, p.open(t))
			d.lives(2, 1)
			d.signsIn()
			d.proposes(proposal.Approve{By: approver})
			report, err := invariant.CheckDeeds(t.Context(), d.store, invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}})
			if err != nil || !report.Sound() || report.Lines != 34 || report.Unsealed != 3 || report.Checkpoints != 2 || report.Newest.Origin != "tolom.example/deeds" {
				t.Errorf("%+v, %v", report, err)
			}
			d.seals()
			report, err = invariant.CheckDeeds(t.Context(), d.store, invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}})
			if err != nil || !report.Sound() || report.Lines != 37 || report.Unsealed != 0 {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
}
