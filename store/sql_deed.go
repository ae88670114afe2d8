package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/proposal"
	"tolom/store/internal/db"
	"tolom/trail"
)

// Deeds gives the hashes and checkpoints of the log of deeds.
func (s *sqlStore) Deeds() Trail { return trailOf(s.d, "deed") }

// The events that have no place yet.
const (
	placelessPeople    = "WHERE t.id >= $1 AND NOT EXISTS (SELECT 1 FROM deed AS d WHERE d.source = 'person_event' AND d.name = t.id AND d.number = 0)"
	placelessProposals = "WHERE t.proposal >= $1 AND NOT EXISTS (SELECT 1 FROM deed AS d WHERE d.source = 'proposal_event' AND d.name = t.proposal AND d.number = t.number)"
)

// NumberDeeds gives places to events. Of two nodes that do it at once the key of places lets one through.
func (s *sqlStore) NumberDeeds(ctx context.Context, since time.Time, limit int) (n int, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		n = 0
		head, err := number(ctx, tx, deedHead)
		if err != nil {
			return err
		}
		waiting, err := placeless(ctx, tx, since, limit)
		if err != nil {
			return err
		}
		for _, d := range waiting {
			n++
			if _, err := tx.Exec(ctx, "INSERT INTO deed (position, source, name, number) VALUES ($1, $2, $3, $4)", head+int64(n), d.Of, string(d.Name), d.Number); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrTaken) {
		return 0, fmt.Errorf("%w: another node was faster: %w", ErrRetry, err)
	}
	return n, err
}

func placeless(ctx context.Context, q db.Querier, since time.Time, limit int) (out []trail.Deed, err error) {
	from, fromProposal := deedFloors(since)
	people, err := personEventTable.Find(ctx, q, placelessPeople+" ORDER BY t.id LIMIT $2", string(from), int64(limit))
	if err != nil {
		return nil, err
	}
	moved, err := proposalEventTable.Find(ctx, q, placelessProposals+" ORDER BY t.proposal, t.number LIMIT $2", string(fromProposal), int64(limit))
	for _, e := range people {
		out = append(out, deedOfPerson(e))
	}
	for _, e := range moved {
		out = append(out, deedOfProposal(e))
	}
	slices.SortFunc(out, oldestDeed)
	return out, err
}

// oldestDeed orders events by their time; what a proposal went through in one moment stays in its order.
func oldestDeed(a, b trail.Deed) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Number, b.Number))
}

const deedHead = "SELECT coalesce(max(t.position), 0) FROM deed AS t"

// DeedHead gives the last position.
func (s *sqlStore) DeedHead(ctx context.Context) (int64, error) { return number(ctx, s.d, deedHead) }

// DeedPage gives places with what stands there.
func (s *sqlStore) DeedPage(ctx context.Context, after int64, limit int) ([]DeedRow, error) {
	return deedPage(ctx, s.d, after, limit)
}

func deedPage(ctx context.Context, q db.Querier, after int64, limit int) (out []DeedRow, err error) {
	var events, proposals []id.ID
	var name string
	err = q.Query(ctx, "SELECT t.position, t.source, t.name, t.number FROM deed AS t WHERE t.position > $1 ORDER BY t.position LIMIT $2", func(scan db.Scan) error {
		var r DeedRow
		err := scan(&r.Position, &r.Of, &name, &r.Number)
		if r.Name = id.ID(name); r.Of == trail.OfPeople {
			events = append(events, r.Name)
		} else {
			proposals = append(proposals, r.Name)
		}
		out = append(out, r)
		return err
	}, after, int64(limit))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return out, fillDeeds(ctx, q, out, events, proposals)
}

// deedName is what an event goes by.
type deedName struct {
	of     string
	name   id.ID
	number int64
}

func nameOfDeed(d trail.Deed) deedName { return deedName{d.Of, d.Name, d.Number} }

// fillDeeds puts events and proposals where they belong. A place whose event is gone stays without a time.
func fillDeeds(ctx context.Context, q db.Querier, out []DeedRow, events, proposals []id.ID) error {
	found, about := map[deedName]trail.Deed{}, map[id.ID]proposal.Proposal{}
	people, err := personEventTable.Find(ctx, q, "WHERE t.id = ANY($1)", texts(events))
	if err != nil {
		return err
	}
	moved, err := proposalEventTable.Find(ctx, q, "WHERE t.proposal = ANY($1)", texts(proposals))
	if err != nil {
		return err
	}
	now, err := proposalTable.Find(ctx, q, "WHERE t.id = ANY($1)", texts(proposals))
	for _, e := range people {
		found[nameOfDeed(deedOfPerson(e))] = deedOfPerson(e)
	}
	for _, e := range moved {
		found[nameOfDeed(deedOfProposal(e))] = deedOfProposal(e)
	}
	for _, p := range now {
		about[p.ID] = p
	}
	for i, r := range out {
		if d, there := found[nameOfDeed(r.Deed)]; there {
			d.Position = r.Position
			out[i].Deed = d
		}
		out[i].Proposal = about[r.Name]
	}
	return err
}

// Deeds gives the log of deeds of the archive's moment.
func (a sqlArchive) Deeds() DeedArchive { return sqlDeedArchive{sqlLog{a.q, "deed"}} }

// sqlDeedArchive is the log of deeds of one moment.
type sqlDeedArchive struct{ sqlLog }

func (a sqlDeedArchive) DeedPage(ctx context.Context, after int64, limit int) ([]DeedRow, error) {
	return deedPage(ctx, a.q, after, limit)
}

func (a sqlDeedArchive) DeedsWaiting(ctx context.Context) (int64, error) {
	people, err := number(ctx, a.q, "SELECT count(*) FROM person_event AS t "+placelessPeople, "")
	if err != nil {
		return 0, err
	}
	moved, err := number(ctx, a.q, "SELECT count(*) FROM proposal_event AS t "+placelessProposals, "")
	return people + moved, err
}
