package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tolom/id"
	"tolom/payment"
	"tolom/trail"
)

// Checkpoint gives a checkpoint by its number, the newest for 0.
func (m *Memory) Checkpoint(ctx context.Context, number int64) (Checkpoint, error) {
	return read(ctx, m, func(t *tables) (Checkpoint, error) {
		last := int64(len(t.checkpoints))
		if number == 0 {
			number = last
		}
		if number < 1 || number > last {
			return Checkpoint{}, ErrNotFound
		}
		return t.checkpoints[number-1], nil
	})
}

// Tiles gives those of the named tiles that there are.
func (m *Memory) Tiles(ctx context.Context, names []trail.Name) ([]trail.Tile, error) {
	return read(ctx, m, func(t *tables) ([]trail.Tile, error) { return tilesOf(t.tiles, names), nil })
}

func tilesOf(tiles map[trail.Name][]trail.Hash, names []trail.Name) (out []trail.Tile) {
	for _, n := range names {
		if hashes, there := tiles[n]; there {
			out = append(out, trail.Tile{Level: n.Level, Number: n.Number, Hashes: slices.Clone(hashes)})
		}
	}
	return out
}

// Extend writes a checkpoint and its tiles.
func (m *Memory) Extend(ctx context.Context, c Checkpoint, tiles []trail.Tile) error {
	return m.write(ctx, func(t *tables) error {
		if c.Number != int64(len(t.checkpoints))+1 {
			return ErrRetry
		}
		c.At = whole(c.At)
		t.checkpoints = append(t.checkpoints, c)
		for _, tile := range tiles {
			t.tiles[tile.Name()] = slices.Clone(tile.Hashes)
		}
		return nil
	})
}

// addTrail copies the log and finds the facts that have no place although their batch has.
func (a *memoryArchive) addTrail(t *tables) {
	a.checkpoints, a.tiles, a.strays = slices.Clone(t.checkpoints), make(map[trail.Name][]trail.Hash, len(t.tiles)), map[id.ID]bool{}
	for name, hashes := range t.tiles {
		a.tiles[name] = hashes // a changed tile is another list
	}
	for _, f := range a.facts {
		_, placed := t.placeOf[f.ID]
		if _, waits := t.unnumbered[f.Batch]; !placed && !waits {
			a.strays[f.ID] = true
		}
	}
}

func (a *memoryArchive) CheckpointPage(_ context.Context, after int64, limit int) ([]Checkpoint, error) {
	return page(a.checkpoints, limit, func(c Checkpoint) int { return cmp.Compare(c.Number, after) }), nil
}

func (a *memoryArchive) TilesOf(_ context.Context, names []trail.Name) ([]trail.Tile, error) {
	return tilesOf(a.tiles, names), nil
}

func (a *memoryArchive) TileAfter(_ context.Context, after trail.Name) (trail.Name, error) {
	names := slices.SortedFunc(maps.Keys(a.tiles), trail.Name.Compare)
	for _, n := range names {
		if n.Compare(after) > 0 {
			return n, nil
		}
	}
	return trail.Name{}, ErrNotFound
}

func (a *memoryArchive) LogPage(_ context.Context, after int64, limit int) (out []LogRow, err error) {
	for _, n := range page(a.feed, limit, func(n Numbered) int { return cmp.Compare(n.Position, after) }) {
		shard := int64(n.Fact.ID.Bucket())
		out = append(out, LogRow{FeedItem: n.FeedItem, Named: n.Fact.ID, At: n.Fact.At, Shards: [2]int64{shard, shard}})
	}
	return out, nil
}

func (a *memoryArchive) StrayPage(_ context.Context, after id.ID, limit int) (strays []id.ID, last id.ID, err error) {
	for _, f := range page(a.facts, limit, func(f payment.Fact) int { return cmp.Compare(f.ID, after) }) {
		if last = f.ID; a.strays[last] {
			strays = append(strays, last)
		}
	}
	return strays, last, nil
}
