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

// sealedLog is what a Memory keeps of a log's hashes.
type sealedLog struct {
	tiles       map[trail.Name][]trail.Hash
	checkpoints []Checkpoint // by number, which counts from 1
}

// memoryLog is one of the logs of a Memory.
type memoryLog struct {
	m  *Memory
	of func(*tables) *sealedLog
}

func (m *Memory) factLog() memoryLog {
	return memoryLog{m, func(t *tables) *sealedLog { return &t.sealed }}
}

// Checkpoint, Tiles and Extend are of the log of facts.
func (m *Memory) Checkpoint(ctx context.Context, number int64) (Checkpoint, error) {
	return m.factLog().Checkpoint(ctx, number)
}

// Tiles gives those of the named tiles that there are.
func (m *Memory) Tiles(ctx context.Context, names []trail.Name) ([]trail.Tile, error) {
	return m.factLog().Tiles(ctx, names)
}

// Extend writes a checkpoint and its tiles.
func (m *Memory) Extend(ctx context.Context, c Checkpoint, tiles []trail.Tile) error {
	return m.factLog().Extend(ctx, c, tiles)
}

// Checkpoint gives a checkpoint by its number, the newest for 0.
func (l memoryLog) Checkpoint(ctx context.Context, number int64) (Checkpoint, error) {
	return read(ctx, l.m, func(t *tables) (Checkpoint, error) {
		all := l.of(t).checkpoints
		last := int64(len(all))
		if number == 0 {
			number = last
		}
		if number < 1 || number > last {
			return Checkpoint{}, ErrNotFound
		}
		return all[number-1], nil
	})
}

// Tiles gives those of the named tiles that there are.
func (l memoryLog) Tiles(ctx context.Context, names []trail.Name) ([]trail.Tile, error) {
	return read(ctx, l.m, func(t *tables) ([]trail.Tile, error) { return tilesOf(l.of(t).tiles, names), nil })
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
func (l memoryLog) Extend(ctx context.Context, c Checkpoint, tiles []trail.Tile) error {
	return l.m.write(ctx, func(t *tables) error {
		kept := l.of(t)
		if c.Number != int64(len(kept.checkpoints))+1 {
			return ErrRetry
		}
		c.At = whole(c.At)
		kept.checkpoints = append(kept.checkpoints, c)
		if kept.tiles == nil {
			kept.tiles = map[trail.Name][]trail.Hash{}
		}
		for _, tile := range tiles {
			kept.tiles[tile.Name()] = slices.Clone(tile.Hashes)
		}
		return nil
	})
}

// copy copies a log; a changed tile is another list.
func (l sealedLog) copy() sealedLog {
	return sealedLog{maps.Clone(l.tiles), slices.Clone(l.checkpoints)}
}

// addTrail copies the log and finds the facts that have no place although their batch has.
func (a *memoryArchive) addTrail(t *tables) {
	a.sealedLog, a.strays = t.sealed.copy(), map[id.ID]bool{}
	for _, f := range a.facts {
		_, placed := t.placeOf[f.ID]
		if _, waits := t.unnumbered[f.Batch]; !placed && !waits {
			a.strays[f.ID] = true
		}
	}
}

// CheckpointPage gives checkpoints by number.
func (l sealedLog) CheckpointPage(_ context.Context, after int64, limit int) ([]Checkpoint, error) {
	return page(l.checkpoints, limit, func(c Checkpoint) int { return cmp.Compare(c.Number, after) }), nil
}

// TilesOf gives those of the named tiles that there are.
func (l sealedLog) TilesOf(_ context.Context, names []trail.Name) ([]trail.Tile, error) {
	return tilesOf(l.tiles, names), nil
}

// TileAfter names the next tile that there is.
func (l sealedLog) TileAfter(_ context.Context, after trail.Name) (trail.Name, error) {
	names := slices.SortedFunc(maps.Keys(l.tiles), trail.Name.Compare)
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
