package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/store/internal/db"
)

// sequencer numbers the facts of some batches. The row with the last position is
// its lock. A second one does not wait there: what it would do is being done, and a
// commit of its own for the few batches that came meanwhile would cost the others.
type sequencer struct {
	tx       db.Tx
	position int64 // the last one given
	batches  []pending
	facts    []unplaced
	heads    map[id.ID]int64 // of the readers concerned
}

// pending is a committed batch whose facts have no place yet.
type pending struct {
	name, first, last string
	bucket, facts     int64
}

// unplaced is a fact without a place.
type unplaced struct {
	name, batch, reader string
	bucket, ordinal, at int64
}

// Sequence numbers the facts of the oldest batches. A second one that runs at
// the same time gets ErrRetry; should it not, the key of positions refuses it.
func (s *sqlStore) Sequence(ctx context.Context, limit int) (facts int, err error) {
	tx, err := s.d.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	q := &sequencer{tx: tx, heads: map[id.ID]int64{}}
	if err = q.run(ctx, limit); errors.Is(err, ErrTaken) {
		err = fmt.Errorf("%w: another sequencer was faster: %w", ErrRetry, err)
	}
	if err != nil {
		return 0, err
	}
	return len(q.facts), nil
}

// lockPlatform locks the row with the last position.
const lockPlatform = "SELECT last FROM feed_head WHERE reader = '' AND bucket = 0 FOR NO KEY UPDATE"

// run numbers and commits. Without anything to number there is nothing to commit.
func (q *sequencer) run(ctx context.Context, limit int) error {
	alone := false
	lock := db.Question{Text: lockPlatform + " SKIP LOCKED", Each: func(scan db.Scan) error {
		alone = true
		return scan(&q.position)
	}}
	if err := q.tx.Ask(ctx, db.Question{KeepPlans: true}, lock, q.choose(limit)); err != nil {
		return err
	}
	if !alone {
		return fmt.Errorf("%w: another sequencer is at work", ErrRetry)
	}
	if len(q.batches) == 0 {
		return nil
	}
	if err := q.collect(ctx); err != nil {
		return err
	}
	if err := q.readHeads(ctx); err != nil {
		return err
	}
	return q.tx.Finish(ctx, q.steps()...)
}

// choose picks the oldest batches by the database's time.
func (q *sequencer) choose(limit int) db.Question {
	return db.Question{Text: "SELECT id, bucket, facts, first_fact, last_fact FROM batch" +
		" WHERE position IS NULL AND facts > 0 ORDER BY happened_at, id LIMIT $1", Args: []any{int64(limit)}, Each: func(scan db.Scan) error {
		var b pending
		err := scan(&b.name, &b.bucket, &b.facts, &b.first, &b.last)
		q.batches = append(q.batches, b)
		return err
	}}
}

// collect reads the facts of the batches: a range of ids, because these begin
// with the time, and what others wrote at that time is left out.
func (q *sequencer) collect(ctx context.Context) error {
	first, last, names, want := q.batches[0].first, "", make([]string, len(q.batches)), int64(0)
	place := make(map[string]int, len(q.batches))
	for i, b := range q.batches {
		first, last, want = min(first, b.first), max(last, b.last), want+b.facts
		names[i], place[b.name] = b.name, i
	}
	err := q.tx.Query(ctx, "SELECT t.id, t.bucket, t.batch, t.ordinal, CASE WHEN t.merchant <> '' THEN t.merchant WHEN t.psp <> '' THEN t.psp ELSE t.participant END,"+
		" t.happened_at FROM fact AS t"+
		" WHERE t.id >= $1 AND t.id <= $2 AND t.batch = ANY($3)", func(scan db.Scan) error {
		var f unplaced
		err := scan(&f.name, &f.bucket, &f.batch, &f.ordinal, &f.reader, &f.at)
		q.facts = append(q.facts, f)
		return err
	}, first, last, names)
	if err == nil && int64(len(q.facts)) != want {
		return fmt.Errorf("store: %d batches tell of %d facts, but there are %d", len(q.batches), want, len(q.facts))
	}
	slices.SortFunc(q.facts, func(a, b unplaced) int {
		return cmp.Or(cmp.Compare(place[a.batch], place[b.batch]), cmp.Compare(a.ordinal, b.ordinal), cmp.Compare(a.name, b.name))
	})
	return err
}

func (q *sequencer) readHeads(ctx context.Context) error {
	var readers []string
	for _, f := range q.facts {
		if _, known := q.heads[id.ID(f.reader)]; !known {
			q.heads[id.ID(f.reader)] = 0
			readers = append(readers, f.reader)
		}
	}
	// Locked in order, because a reader that acknowledges facts changes its row too.
	return q.tx.Query(ctx, "SELECT t.reader, t.last FROM feed_head AS t WHERE t.reader = ANY($1) ORDER BY t.reader FOR NO KEY UPDATE", func(scan db.Scan) error {
		var reader string
		var last int64
		err := scan(&reader, &last)
		q.heads[id.ID(reader)] = last
		return err
	}, readers)
}

var (
	feedInsert = db.Insertion("feed", "", feedVectors(0)...)
	headPut    = db.Insertion("feed_head", "ON CONFLICT (reader, bucket) DO UPDATE SET last = excluded.last", headVectors(0)...)
	batchPlace = db.Change("batch", "", 2, placeVectors(0)...)
)

func feedVectors(n int) []db.Vector {
	return []db.Vector{
		db.Ints("position", make([]int64, n)), db.Texts("reader", make([]string, n)), db.Ints("sequence", make([]int64, n)),
		db.Texts("fact", make([]string, n)), db.Ints("bucket", make([]int64, n)), db.Ints("happened_at", make([]int64, n)),
	}
}

func headVectors(n int) []db.Vector {
	return []db.Vector{db.Texts("reader", make([]string, n)), db.Ints("bucket", make([]int64, n)), db.Ints("last", make([]int64, n))}
}

func placeVectors(n int) []db.Vector {
	return []db.Vector{db.Texts("id", make([]string, n)), db.Ints("bucket", make([]int64, n)), db.Ints("position", make([]int64, n))}
}

// steps gives out the numbers and lays them out as statements.
func (q *sequencer) steps() []db.Step {
	places := placeVectors(len(q.batches))
	next := q.position + 1
	for i, b := range q.batches {
		places[0].Texts[i], places[1].Ints[i], places[2].Ints[i] = b.name, b.bucket, next
		next += b.facts
	}
	feed := feedVectors(len(q.facts))
	for i, f := range q.facts {
		q.position++
		q.heads[id.ID(f.reader)]++
		feed[0].Ints[i], feed[1].Texts[i], feed[2].Ints[i] = q.position, f.reader, q.heads[id.ID(f.reader)]
		feed[3].Texts[i], feed[4].Ints[i], feed[5].Ints[i] = f.name, f.bucket, f.at
	}
	q.heads[platform] = q.position
	return []db.Step{
		{Many: feedInsert, Rows: feed, Want: int64(len(q.facts))},
		{Many: headPut, Rows: q.headRows(), Want: int64(len(q.heads))},
		{Many: batchPlace, Rows: places, Want: int64(len(q.batches))},
	}
}

func (q *sequencer) headRows() []db.Vector {
	readers := make([]id.ID, 0, len(q.heads))
	for reader := range q.heads {
		readers = append(readers, reader)
	}
	slices.Sort(readers)
	rows := headVectors(len(readers))
	for i, reader := range readers {
		rows[0].Texts[i], rows[1].Ints[i], rows[2].Ints[i] = string(reader), int64(reader.Bucket()), q.heads[reader]
	}
	return rows
}
