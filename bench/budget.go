package bench

import (
	"context"
	"fmt"

	"tolom/store"
)

// Budget is what one payment costs the database. Of SQLite only Stored is known.
type Budget struct {
	Payments                       int64
	Inserts, Updates, IndexEntries float64
	Stored, Log                    float64 // bytes
	Counted                        bool
}

// Measure makes payments and tells what each of them wrote, numbering included.
func Measure(ctx context.Context, s store.Store, clients int, payments int64, p Payer) (Budget, Tally, error) {
	gauge, ok := s.(store.Gauge)
	if !ok {
		return Budget{}, Tally{}, fmt.Errorf("bench: this store cannot tell what writing costs")
	}
	if err := Drain(ctx, s); err != nil {
		return Budget{}, Tally{}, err
	}
	before, err := gauge.Mark(ctx)
	if err != nil {
		return Budget{}, Tally{}, err
	}
	tally := Times(ctx, clients, payments, p)
	if err := Drain(ctx, s); err != nil {
		return Budget{}, tally, err
	}
	w, err := gauge.Written(ctx, before)
	if err != nil || tally.Paid == 0 {
		return Budget{}, tally, err
	}
	each := func(n int64) float64 { return float64(n) / float64(tally.Paid) }
	return Budget{
		Payments: tally.Paid, Inserts: each(w.Inserts), Updates: each(w.Updates), IndexEntries: each(w.IndexEntries),
		Stored: each(w.Stored), Log: each(w.Log), Counted: w.Counted,
	}, tally, nil
}

// String says it in one line.
func (b Budget) String() string {
	if !b.Counted {
		return fmt.Sprintf("budget of a payment (mean of %d): %.0f bytes stored; rows and index entries are counted on PostgreSQL, by a superuser", b.Payments, b.Stored)
	}
	return fmt.Sprintf("budget of a payment (mean of %d, feed included): %.1f inserts, %.1f updates, %.1f index entries, %.0f bytes stored, %.0f bytes of log",
		b.Payments, b.Inserts, b.Updates, b.IndexEntries, b.Stored, b.Log)
}
