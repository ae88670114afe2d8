package store

import (
	"context"

	"tolom/ledger"
)

// A Tx may take two of its steps at once, where that saves a round trip. What they
// do is the same; a Tx that wraps another, as those of tests do, takes them one by one.
type (
	starter interface {
		start(ctx context.Context, batch Batch, claims []Claim, needs []Need, lock []ledger.Account) ([]Claim, View, error)
	}
	finisher interface {
		finish(ctx context.Context, c Changes) error
	}
)

// Start is Claim and then Load.
func Start(ctx context.Context, tx Tx, batch Batch, claims []Claim, needs []Need, lock []ledger.Account) (taken []Claim, view View, err error) {
	if both, ok := tx.(starter); ok {
		return both.start(ctx, batch, claims, needs, lock)
	}
	if taken, err = tx.Claim(ctx, batch, claims); err != nil {
		return nil, view, err
	}
	view, err = tx.Load(ctx, needs, lock)
	return taken, view, err
}

// Finish is Save and then Commit, with the errors of both.
func Finish(ctx context.Context, tx Tx, c Changes) error {
	if both, ok := tx.(finisher); ok {
		return both.finish(ctx, c)
	}
	if err := tx.Save(ctx, c); err != nil {
		return err
	}
	return tx.Commit(ctx)
}
