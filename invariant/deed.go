package invariant

import (
	"context"
	"fmt"

	"tolom/id"
	"tolom/proposal"
	"tolom/store"
	"tolom/trail"
)

// CheckDeeds computes the log of what people did again, from the events themselves, as CheckTrail does for facts. It also
// holds each proposal, as it is now, to its events: what was proposed, who decided, and what came of it.
func CheckDeeds(ctx context.Context, s store.Auditor, o TrailOptions) (TrailReport, error) {
	c := newTrailCheck(ctx, o)
	err := s.Audit(ctx, func(a store.Archive) error {
		log, open := a.Deeds(), map[id.ID]int64{}
		c.archive = log
		c.lines = func(after int64) ([]checkedLine, error) { return deedLines(ctx, log, after, open) }
		c.rest = func() error { return c.deedRest(log, open) }
		return c.run()
	})
	return c.report, err
}

// deedLines reads a page of the log of deeds. open takes proposals that have more events than were met.
func deedLines(ctx context.Context, a store.DeedArchive, after int64, open map[id.ID]int64) (out []checkedLine, err error) {
	page, err := a.DeedPage(ctx, after, pageSize)
	for _, row := range page {
		l := checkedLine{position: row.Position, named: row.Name, of: row.Of}
		if row.At.IsZero() {
			l.broken = "the event is gone"
		} else if l.hash = row.Hash(); row.Of == trail.OfProposals {
			l.broken = proposalBroken(row)
			if open[row.Name] = row.Number; row.Number == row.Proposal.Version {
				delete(open, row.Name)
			}
		}
		out = append(out, l)
	}
	return out, err
}

// proposalBroken says how a proposal is not what its event tells; "" when it is.
func proposalBroken(row store.DeedRow) string {
	p := row.Proposal
	switch {
	case p.ID == "":
		return "the proposal is gone"
	case p.Digest() != row.Digest:
		return "the proposal does not say any more what it said then"
	case row.Number > p.Version:
		return fmt.Sprintf("the proposal knows of %d events and this is number %d", p.Version, row.Number)
	case row.Number == 1 && (p.ProposedBy.ID != row.By || p.ProposedBy.Name != row.ByName || !p.ProposedAt.Equal(row.At)):
		return "the proposal names another proposer or time"
	case row.Number == 1 && p.AtOnce != (row.Kind != string(proposal.Proposed)):
		return "the proposal says otherwise whether one person was enough"
	}
	if decided := row.Kind == string(proposal.Approved) || row.Kind == string(proposal.Rejected) || row.Kind == string(proposal.Withdrawn); decided && row.Number > 1 &&
		(p.DecidedBy.ID != row.By || p.DecidedBy.Name != row.ByName || !p.DecidedAt.Equal(row.At)) {
		return "the proposal names another person who decided it, or another time"
	}
	if row.Number == p.Version {
		return lastBroken(row, p)
	}
	return ""
}

// lastBroken says how a proposal is not where its last event has brought it.
func lastBroken(row store.DeedRow, p proposal.Proposal) string {
	switch {
	case string(p.Status) != row.Kind:
		return fmt.Sprintf("the proposal is called %s, and its last event is %s", p.Status, row.Kind)
	case row.Number > 1 && p.Status.Final() && p.Status != proposal.Rejected && p.Status != proposal.Withdrawn && p.Outcome != row.Detail:
		return "the proposal has another outcome"
	case p.Status.Final() && !p.EndedAt.Equal(row.At):
		return "the proposal names another end"
	}
	return ""
}

// deedRest counts what has no place yet, and looks for proposals whose last events are not there.
func (c *trailCheck) deedRest(a store.DeedArchive, open map[id.ID]int64) error {
	waiting, err := a.DeedsWaiting(c.ctx)
	c.report.Unsealed += waiting
	for name, last := range open {
		if waiting == 0 && err == nil {
			c.broken(0, checkedLine{named: name, of: "proposal"}, "it knows of more events than the %d that there are", last)
		}
	}
	return err
}
