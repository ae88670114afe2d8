package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

// Floor measures how many rows a second a database makes durable: rows to a
// commit, from so many writers at once. The row is a request, as wide as a
// payment, on the same path as a payment's own, with nothing decided.
func Floor(ctx context.Context, l store.Ledger, w world.World, writers, rows int, over time.Duration) (perSecond float64, err error) {
	passed := world.Stopwatch()
	var written atomic.Int64
	var group sync.WaitGroup
	failed := make(chan error, writers)
	for writer := range writers {
		group.Go(func() {
			for passed() < over {
				if err := insert(ctx, l, w, writer, rows); err != nil {
					failed <- err
					return
				}
				written.Add(int64(rows))
			}
		})
	}
	group.Wait()
	select {
	case err = <-failed:
	default:
	}
	return float64(written.Load()) / passed().Seconds(), err
}

func insert(ctx context.Context, l store.Ledger, w world.World, writer, rows int) error {
	tx, err := l.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	c := store.Changes{Batch: store.Batch{ID: world.NewID(w, id.Batch, uint16(writer)), Bucket: uint16(writer)}, Now: w.Clock.Now()}
	if _, err := tx.Claim(ctx, c.Batch, nil); err != nil {
		return err
	}
	for range rows {
		c.NewRequests = append(c.NewRequests, floorRow(w))
	}
	if err := store.Finish(ctx, tx, c); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	return nil
}

// floorRow is a static request of nobody: as it is created without a fact, it
// breaks no rule that an audit looks at.
func floorRow(w world.World) payment.Request {
	return payment.Request{
		ID: world.NewID(w, id.Request, 0), Merchant: "mer_floor", Kind: payment.Static, Status: payment.RequestActive, Currency: "KGS",
		Amount: 100, Description: "floor", CreatedAt: w.Clock.Now(),
	}
}
