package storetest

import (
	"slices"
	"sync"
	"sync/atomic"

	"tolom/id"
	"tolom/store"
	"tolom/trail"
)

var sealing = chapter{name: "The log of facts", apart: true, sentences: []sentence{
	{"A log that was never sealed has no checkpoint and no hashes", sealNothing},
	{"Checkpoints and tiles come back as they were written, the newest checkpoint for 0", sealOnce},
	{"A tile that grew is written over, others stay", sealMore},
	{"A checkpoint of a number that is taken is refused, and its tiles with it", sealTwice},
	{"Of many nodes that seal at once one does", sealRace},
	{"An audit sees checkpoints by number, tiles, and which there are", sealArchive},
	{"An audit sees each place of the feed with its fact, and no strays", sealPlaces},
}}

// tile makes a tile whose hashes begin with a byte.
func tile(level int, number int64, hashes ...byte) trail.Tile {
	t := trail.Tile{Level: level, Number: number}
	for _, b := range hashes {
		t.Hashes = append(t.Hashes, trail.Hash{b, 0, 255})
	}
	return t
}

func checkpoint(number, size int64) store.Checkpoint {
	return store.Checkpoint{Number: number, Size: size, Text: "tolom.example/facts\n1\n— ünsigned\n", At: epoch}
}

func sealNothing(k *kit) {
	_, err := k.Checkpoint(k.ctx, 0)
	k.is(err, store.ErrNotFound)
	_, err = k.Checkpoint(k.ctx, 1)
	k.is(err, store.ErrNotFound)
	equal(k, len(ask(k.Tiles(k.ctx, []trail.Name{{}})).get(k)), 0)
}

func sealOnce(k *kit) {
	first, second := checkpoint(1, 2), checkpoint(2, 300)
	k.must(k.Extend(k.ctx, first, []trail.Tile{tile(0, 0, 1, 2)}))
	k.must(k.Extend(k.ctx, second, []trail.Tile{tile(0, 1, 9), tile(1, 0, 7)}))
	for number, want := range []store.Checkpoint{second, first, second} {
		equal(k, ask(k.Checkpoint(k.ctx, int64(number))).get(k), want)
	}
	got := ask(k.Tiles(k.ctx, []trail.Name{{Level: 1}, {Number: 1}, {Level: 2}, {}})).get(k)
	equal(k, got, []trail.Tile{tile(1, 0, 7), tile(0, 1, 9), tile(0, 0, 1, 2)})
}

func sealMore(k *kit) {
	k.must(k.Extend(k.ctx, checkpoint(1, 1), []trail.Tile{tile(0, 0, 1), tile(1, 0, 5)}))
	k.must(k.Extend(k.ctx, checkpoint(2, 3), []trail.Tile{tile(0, 0, 1, 2, 3)}))
	equal(k, ask(k.Tiles(k.ctx, []trail.Name{{}, {Level: 1}})).get(k), []trail.Tile{tile(0, 0, 1, 2, 3), tile(1, 0, 5)})
}

func sealTwice(k *kit) {
	k.must(k.Extend(k.ctx, checkpoint(1, 1), []trail.Tile{tile(0, 0, 1)}))
	k.is(k.Extend(k.ctx, checkpoint(1, 2), []trail.Tile{tile(0, 0, 8), tile(0, 1, 9)}), store.ErrRetry)
	equal(k, ask(k.Checkpoint(k.ctx, 0)).get(k), checkpoint(1, 1))
	equal(k, ask(k.Tiles(k.ctx, []trail.Name{{}, {Number: 1}})).get(k), []trail.Tile{tile(0, 0, 1)})
}

func sealRace(k *kit) {
	const nodes = 8
	var won atomic.Int64
	var group sync.WaitGroup
	for range nodes {
		group.Go(func() {
			if k.Extend(k.ctx, checkpoint(1, 1), []trail.Tile{tile(0, 0, 1)}) == nil {
				won.Add(1)
			}
		})
	}
	group.Wait()
	equal(k, won.Load(), 1)
}

func sealArchive(k *kit) {
	k.must(k.Extend(k.ctx, checkpoint(1, 1), []trail.Tile{tile(0, 0, 1)}))
	k.must(k.Extend(k.ctx, checkpoint(2, 2), []trail.Tile{tile(0, 0, 1, 2), tile(1, 0, 3)}))
	k.must(k.Audit(k.ctx, func(a store.Archive) error {
		equal(k, ask(a.CheckpointPage(k.ctx, 0, 1)).get(k), []store.Checkpoint{checkpoint(1, 1)})
		equal(k, ask(a.CheckpointPage(k.ctx, 1, 9)).get(k), []store.Checkpoint{checkpoint(2, 2)})
		equal(k, ask(a.TilesOf(k.ctx, []trail.Name{{}})).get(k), []trail.Tile{tile(0, 0, 1, 2)})
		equal(k, ask(a.TileAfter(k.ctx, trail.Name{Level: -1})).get(k), trail.Name{})
		equal(k, ask(a.TileAfter(k.ctx, trail.Name{})).get(k), trail.Name{Level: 1})
		_, err := a.TileAfter(k.ctx, trail.Name{Level: 1})
		k.is(err, store.ErrNotFound)
		return nil
	}))
}

func sealPlaces(k *kit) {
	a, b := k.newShop(), k.newShop()
	facts := k.told(epoch, a, b, a)
	k.sequence(10)
	k.told(epoch, b) // waits for its place, and is no stray
	k.must(k.Audit(k.ctx, func(archive store.Archive) error {
		rows := ask(archive.LogPage(k.ctx, 1, 9)).get(k)
		equal(k, idsOf(rows, func(r store.LogRow) id.ID { return r.Named }), facts[1:])
		for i, r := range rows {
			shard := int64(r.Named.Bucket())
			equal(k, r.Position, int64(i+2))
			equal(k, r.Fact.ID, r.Named)
			equal(k, r.Reader, r.Fact.Merchant)
			equal(k, r.At, r.Fact.At)
			equal(k, r.Shards, [2]int64{shard, shard})
		}
		equal(k, slices.IndexFunc(rows, func(r store.LogRow) bool { return r.Sequence < 1 }), -1)
		strays, last, err := archive.StrayPage(k.ctx, "", 9)
		k.must(err)
		equal(k, len(strays), 0)
		equal(k, last != "", true)
		_, end, err := archive.StrayPage(k.ctx, last, 9)
		k.must(err)
		equal(k, end, id.ID(""))
		return nil
	}))
}
