package sandbox

import (
	"context"
	"errors"
	"time"
)

// Step does once what is due: advances purchases, asks for states in batches, gives refunds back. did counts the
// changes of the books; with 0, wait until [Bank.NextAt]. A platform that does not answer is no error; errors are
// the journal's, after which the bank must be started again, and that of ctx.
func (b *Bank) Step(ctx context.Context) (did int, err error) {
	for _, part := range []func(context.Context) (int, error){b.advanceAll, b.states, b.refunds, b.reconcile} {
		n, err := part(ctx)
		did += n
		if err = errors.Join(err, ctx.Err()); err != nil {
			return did, err
		}
	}
	return did, nil
}

func (b *Bank) advanceAll(ctx context.Context) (did int, err error) {
	for _, name := range b.due() {
		moved, err := b.advance(ctx, name)
		if err != nil || ctx.Err() != nil {
			return did, err
		}
		if moved {
			did++
		}
	}
	return did, nil
}

// runPause is how long Run rests when nothing is due.
const runPause = 100 * time.Millisecond

// Run steps until ctx ends, which is no error, or the journal fails.
func (b *Bank) Run(ctx context.Context) error {
	ticker := time.NewTicker(runPause)
	defer ticker.Stop()
	for {
		did, err := b.Step(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case did > 0:
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
