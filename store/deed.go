package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/proposal"
	"tolom/trail"
)

// Deeds keeps the log of what people did: a second log beside that of facts, over the events of people and of proposals.
type Deeds interface {
	// Deeds gives its hashes and checkpoints.
	Deeds() Trail
	// NumberDeeds gives places to events that have none, the oldest first, so many of each kind at most: those of people
	// since a moment, and those of proposals that were made within thirty days before it or since; the zero moment is of
	// all. It says how many. ErrRetry when another did it at the same time.
	NumberDeeds(ctx context.Context, since time.Time, limit int) (int, error)
	// DeedHead gives the last position, 0 when there is none.
	DeedHead(ctx context.Context) (int64, error)
	// DeedPage gives places after a position, with what stands there.
	DeedPage(ctx context.Context, after int64, limit int) ([]DeedRow, error)
}

// DeedArchive is the log of deeds of one moment.
type DeedArchive interface {
	SealedPages
	// DeedPage gives places after a position, with what stands there, whether or not it is as it must be.
	DeedPage(ctx context.Context, after int64, limit int) ([]DeedRow, error)
	// DeedsWaiting counts events that have no place.
	DeedsWaiting(ctx context.Context) (int64, error)
}

// SealedPages are the checkpoints and hashes of a log.
type SealedPages interface {
	// CheckpointPage gives checkpoints by number.
	CheckpointPage(ctx context.Context, after int64, limit int) ([]Checkpoint, error)
	// TilesOf gives those of the named tiles that there are; TileAfter names the next that there is, ErrNotFound.
	TilesOf(ctx context.Context, names []trail.Name) ([]trail.Tile, error)
	TileAfter(ctx context.Context, after trail.Name) (trail.Name, error)
}

// DeedRow is a place of the log of deeds.
type DeedRow struct {
	trail.Deed // as the event says; At is zero when there is none
	// Proposal is what the event is about, as it is now; without an id where there is none.
	Proposal proposal.Proposal
}

// proposalMemory is how long before a moment a proposal may have been made of which something happens then: none lives longer.
const proposalMemory = 30 * 24 * time.Hour

// deedFloors are the ids from which events are looked for: ids carry their time, so that their keys find them.
func deedFloors(since time.Time) (people, proposals id.ID) {
	if since.IsZero() {
		return "", ""
	}
	return id.New(id.PersonEvent, since, 0, id.Random{}), id.New(id.Proposal, since.Add(-proposalMemory), 0, id.Random{})
}

// deedOfPerson and deedOfProposal are events as lines.
func deedOfPerson(e PersonEvent) trail.Deed {
	return trail.Deed{Of: trail.OfPeople, Name: e.ID, At: e.At, Kind: e.Kind, By: e.By, Owner: e.Owner, Person: e.Person, Detail: e.Detail, Address: e.Address}
}

func deedOfProposal(e proposal.Event) trail.Deed {
	return trail.Deed{Of: trail.OfProposals, Name: e.Proposal, Number: e.Number, At: e.At, Kind: e.Kind, By: e.By.ID, ByName: e.By.Name, Detail: e.Note, Digest: e.Digest}
}
