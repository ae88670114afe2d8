package store

import (
	"context"
	"fmt"
	"slices"

	"tolom/ledger"
	"tolom/money"
	"tolom/store/internal/db"
)

// sqlTx is a transaction of the engine. After an error only Rollback may follow.
type sqlTx struct {
	tx     db.Tx
	failed bool
}

// Begin opens a transaction.
func (s *sqlStore) Begin(ctx context.Context) (Tx, error) {
	tx, err := s.d.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &sqlTx{tx: tx}, nil
}

// step runs one step; after an error no other step runs.
func (x *sqlTx) step(do func() error) error {
	if x.failed {
		return errEnded
	}
	x.failed = true
	if err := do(); err != nil {
		return err
	}
	x.failed = false
	return nil
}

// Claim inserts the batch, then the claims. ErrTaken when the batch was
// committed before or is a tombstone.
func (x *sqlTx) Claim(ctx context.Context, batch Batch, claims []Claim) (taken []Claim, err error) {
	err = x.step(func() error {
		if taken, err = takeClaims(ctx, x.tx, batch, claims); err != nil {
			return fmt.Errorf("store: claim batch %s and its names: %w", batch.ID, err)
		}
		return nil
	})
	return taken, err
}

// Load locks requests, then balances, then reads what the locks cover, then the clock.
func (x *sqlTx) Load(ctx context.Context, needs []Need, lock []ledger.Account) (view View, err error) {
	err = x.step(func() error {
		if view, err = loadView(ctx, x.tx, needs, lock); err != nil {
			return fmt.Errorf("store: load: %w", err)
		}
		return nil
	})
	return view, err
}

// start claims and loads in one round trip. With balances to lock, which come
// between the requests and what the locks cover, and of names that were taken
// before, it takes more.
func (x *sqlTx) start(ctx context.Context, batch Batch, claims []Claim, needs []Need, lock []ledger.Account) (taken []Claim, view View, err error) {
	if len(lock) > 0 {
		if taken, err = x.Claim(ctx, batch, claims); err != nil {
			return nil, view, err
		}
		view, err = x.Load(ctx, needs, lock)
		return taken, view, err
	}
	err = x.step(func() error {
		if taken, view, err = startBatch(ctx, x.tx, batch, claims, needs); err != nil {
			return fmt.Errorf("store: claim batch %s and its names, and load: %w", batch.ID, err)
		}
		return nil
	})
	return taken, view, err
}

func startBatch(ctx context.Context, tx db.Tx, batch Batch, claims []Claim, needs []Need) (taken []Claim, view View, err error) {
	t, err := newTaking(batch, claims)
	if err != nil {
		return nil, view, err
	}
	l := &loader{needs: needs, view: View{Balances: map[ledger.Account]money.Amount{}}}
	if err := tx.Ask(ctx, slices.Concat([]db.Question{{KeepPlans: true}}, t.questions(), l.lockRequests(), l.lockPayouts(), l.lockFiles(), l.look())...); err != nil {
		return nil, view, err
	}
	if taken, err = t.lost(ctx, tx); err != nil {
		return nil, view, err
	}
	view, err = l.seen(ctx, tx)
	return taken, view, err
}

// Save writes the changes: rows first, and balances last, because others wait for those.
func (x *sqlTx) Save(ctx context.Context, c Changes) error {
	return x.step(func() error {
		if err := weighDeltas(ctx, x.tx, c.Deltas); err != nil {
			return err
		}
		steps, err := c.steps()
		if err != nil {
			return fmt.Errorf("store: save: %w", err)
		}
		err = x.tx.Run(ctx, steps...)
		if err == nil && c.raises() {
			err = noteRaised(ctx, x.tx, &c)
		}
		if err != nil {
			return fmt.Errorf("store: save: %w", err)
		}
		return nil
	})
}

// finish saves the changes and makes them durable, in one round trip unless there
// are floors to be weighed before, or caps of which to note that no cap bounds this.
func (x *sqlTx) finish(ctx context.Context, c Changes) error {
	if c.raises() {
		if err := x.Save(ctx, c); err != nil {
			return err
		}
		return x.Commit(ctx)
	}
	var steps []db.Step
	err := x.step(func() (err error) {
		if err := weighDeltas(ctx, x.tx, c.Deltas); err != nil {
			return err
		}
		if steps, err = c.steps(); err != nil {
			return fmt.Errorf("store: save: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	x.failed = true
	if err := x.tx.Finish(ctx, steps...); err != nil {
		return fmt.Errorf("store: save and commit: %w", err)
	}
	return nil
}

// Commit makes it durable.
func (x *sqlTx) Commit(ctx context.Context) error {
	if x.failed {
		return errEnded
	}
	x.failed = true
	if err := x.tx.Commit(ctx); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// Rollback undoes everything; harmless after Commit.
func (x *sqlTx) Rollback() {
	x.failed = true
	x.tx.Rollback()
}

// Settle decides the outcome of a batch: its tombstone waits for the
// transaction that may still hold the id, and then finds a row or none.
func (s *sqlStore) Settle(ctx context.Context, batch Batch) (committed bool, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		buried, err := tx.Exec(ctx, "INSERT INTO batch (id, bucket, facts) VALUES ($1, $2, $3) ON CONFLICT (id, bucket) DO NOTHING",
			string(batch.ID), int64(batch.Bucket), int64(tombstoneFacts))
		if err != nil || buried == 1 {
			return err
		}
		facts, err := number(ctx, tx, "SELECT facts FROM batch WHERE id = $1 AND bucket = $2", string(batch.ID), int64(batch.Bucket))
		committed = facts != tombstoneFacts
		if err == nil && committed {
			// The answer is a commit too, which a standby must have: the one it is about may never have got there.
			_, err = tx.Exec(ctx, "UPDATE batch SET facts = facts WHERE id = $1 AND bucket = $2", string(batch.ID), int64(batch.Bucket))
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store: settle batch %s: %w", batch.ID, err)
	}
	return committed, nil
}

// tombstoneFacts marks a batch that can never be committed.
const tombstoneFacts = -1
