package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/trail"
)

// Trail keeps the log that shows whether a numbered fact was changed: hashes, and signed checkpoints of them. It is
// written beside the path of money, from the feed.
type Trail interface {
	// Checkpoint gives a checkpoint by its number, the newest for 0; ErrNotFound.
	Checkpoint(ctx context.Context, number int64) (Checkpoint, error)
	// Tiles gives those of the named tiles that there are, as they were last written.
	Tiles(ctx context.Context, names []trail.Name) ([]trail.Tile, error)
	// Extend writes the next checkpoint with the tiles that are new or longer, one commit. ErrRetry when a
	// checkpoint of this number was written by another: nothing is kept then.
	Extend(ctx context.Context, c Checkpoint, tiles []trail.Tile) error
}

// OneTile gives one tile of a log; [trail.ErrTiles] when it is not there.
func OneTile(ctx context.Context, log Trail, name trail.Name) (trail.Tile, error) {
	tiles, err := log.Tiles(ctx, []trail.Name{name})
	if err == nil && len(tiles) != 1 {
		err = trail.ErrTiles
	}
	return append(tiles, trail.Tile{})[0], err
}

// Checkpoint is a signed checkpoint of the log, with what the text says of itself as columns.
type Checkpoint struct {
	Number int64 // from 1
	Size   int64 // lines of the log
	Text   string
	At     time.Time
}

// LogRow is what is written at a place of the feed, whether or not it is as it must be.
type LogRow struct {
	FeedItem           // Fact is empty when there is none of that id
	Named    id.ID     // the fact that the feed names there
	At       time.Time // by the feed
	Shards   [2]int64  // of the fact: by the feed, and by its own row
}

// Line is the place as a line of the log.
func (i FeedItem) Line() trail.Line {
	return trail.Line{Position: i.Position, Reader: i.Reader, Sequence: i.Sequence, Fact: i.Fact}
}
