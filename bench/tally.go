package bench

import (
	"context"
	"errors"
	"fmt"

	"tolom/invariant"
	"tolom/store"
)

// Drain numbers whatever facts wait for their places. It may run beside the
// platform's own sequencers.
func Drain(ctx context.Context, s store.Post) error {
	for {
		facts, err := s.Sequence(ctx, 1000)
		if err != nil && !errors.Is(err, store.ErrRetry) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if err == nil && facts == 0 {
			return nil
		}
	}
}

// Judge audits the database after runs: every rule holds, every fact has its
// place, and every run's PSP has as many successful payments as it was told of.
// One whose answer was lost may or may not be among them.
func Judge(ctx context.Context, s store.Auditor, runs []Tally) (invariant.Report, error) {
	report, err := invariant.Check(ctx, s)
	if err != nil {
		return report, err
	}
	err = report.Err()
	if report.Waiting > 0 {
		err = errors.Join(err, fmt.Errorf("bench: %d facts have no place in the feed", report.Waiting))
	}
	for _, t := range runs {
		if n := report.Succeeded[t.PSP]; n < t.Paid || n > t.Paid+t.Failed {
			err = errors.Join(err, fmt.Errorf("bench: %d payments of %s succeeded, %d were acknowledged and %d had no answer", n, t.PSP, t.Paid, t.Failed))
		}
	}
	return report, err
}
