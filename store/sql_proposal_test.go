package store

import (
	"context"
	"testing"
	"time"

	"tolom/id"
	"tolom/proposal"
	"tolom/store/internal/db"
)

// TestThreatEventsOfProposalsEdited: what happened to a proposal is not changed or taken away, not even by SQL of the
// platform's own user.
func TestThreatEventsOfProposalsEdited(t *testing.T) {
	for _, dialect := range dialects {
		t.Run(dialect.name, func(t *testing.T) {
			d := dialect.open(t)
			defer d.Close()
			s := &sqlStore{d}
			p, e := proposal.New(proposal.Proposal{ID: id.New(id.Proposal, time.UnixMilli(1), 0, id.Random{})}, time.UnixMilli(1), proposal.Proposed)
			must(t, s.MoveProposal(t.Context(), func(context.Context, Desk) (proposal.Proposal, proposal.Event, error) { return p, e, nil }))
			for _, text := range []string{"UPDATE proposal_event SET by_name = 'Somebody'", "DELETE FROM proposal_event", "UPDATE proposal_event SET note = note"} {
				err := db.Do(t.Context(), d, func(tx db.Tx) error { _, err := tx.Exec(t.Context(), text); return err })
				if err == nil {
					t.Errorf("%s went through", text)
				}
			}
			events, err := s.ProposalEvents(t.Context(), p.ID)
			must(t, err)
			if len(events) != 1 || events[0].Kind != "proposed" {
				t.Errorf("the events are %+v", events)
			}
		})
	}
}
