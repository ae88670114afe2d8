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

// Bulk fills a database with what a long time of payments leaves, for
// measurements on a full one. It is no way to take payments: nothing is decided,
// locked or weighed.
type Bulk interface {
	// Fill writes new requests, payments that have ended, their facts, entries and
	// names, what they add to balances and totals, and the places of the facts in
	// the feed, all in one commit.
	Fill(ctx context.Context, c Changes, claims []Claim) error
	// Analyse has the database look at what it holds, as it does by itself in time.
	Analyse(ctx context.Context) error
}

var _ Bulk = (*sqlStore)(nil)

// Fill loads the rows and numbers the facts.
func (s *sqlStore) Fill(ctx context.Context, c Changes, claims []Claim) error {
	if len(c.Facts) == 0 || len(c.Requests)+len(c.Payments)+len(c.Refunds)+len(c.NewRefunds) > 0 {
		return errors.New("store: fill takes new requests, payments and at least a fact")
	}
	ctx = db.Unhurried(ctx)
	err := db.Do(ctx, s.d, func(tx db.Tx) error {
		if err := loadRows(ctx, tx, c, claims); err != nil {
			return err
		}
		totals, err := addTotals(c.Totals)
		if err != nil {
			return err
		}
		deltas, err := addDeltas(c.Deltas)
		if err != nil {
			return err
		}
		if err := tx.Run(ctx, totals, deltas); err != nil {
			return err
		}
		return loadFeed(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("store: fill: %w", err)
	}
	return nil
}

func loadRows(ctx context.Context, tx db.Tx, c Changes, claims []Claim) error {
	sorted := slices.SortedFunc(slices.Values(claims), func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
	})
	requests, err := requestTable.Rows(c.NewRequests)
	if err != nil {
		return err
	}
	payments, err := paymentTable.Rows(c.NewPayments)
	if err != nil {
		return err
	}
	facts, err := factTable.Rows(c.ownFacts())
	if err != nil {
		return err
	}
	for _, t := range []struct {
		name string
		rows []db.Vector
	}{
		{"batch", batchVectors(c)}, {"claim", claimVectors(sorted)}, {"request", requests}, {"payment", payments},
		{"fact", facts}, {"entry", entryVectors(c.Entries)},
	} {
		if err := db.Load(ctx, tx, t.name, t.rows); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}

// loadFeed gives the facts the next places, as a sequencer that ran at once would.
func loadFeed(ctx context.Context, tx db.Tx, c Changes) (err error) {
	q := &sequencer{tx: tx, heads: map[id.ID]int64{}}
	if q.position, err = number(ctx, tx, lockPlatform); err != nil {
		return err
	}
	q.batches = []pending{{name: string(c.Batch.ID), bucket: int64(c.Batch.Bucket), facts: int64(len(c.Facts))}}
	for _, f := range c.Facts {
		q.facts = append(q.facts, unplaced{
			name: string(f.ID), batch: string(c.Batch.ID), reader: string(f.Merchant),
			bucket: int64(f.ID.Bucket()), ordinal: int64(f.Ordinal), at: db.Millis(f.At),
		})
	}
	if err := q.readHeads(ctx); err != nil {
		return err
	}
	steps := q.steps()
	if err := db.Load(ctx, tx, "feed", steps[0].Rows); err != nil {
		return err
	}
	return tx.Run(ctx, steps[1:]...)
}

// Analyse refreshes the statistics by which statements are planned.
func (s *sqlStore) Analyse(ctx context.Context) error {
	ctx = db.Unhurried(ctx)
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "ANALYZE")
		return err
	})
}
