// Package bench measures how many payments the platform takes on this machine,
// beside the floor that the hardware sets in the same run. A payment counts when
// it was created and executed, with its claims, entries, facts and feed rows
// written. Whoever runs it wires the parts; the package only drives them.
package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tolom/world"
)

// Result is one line of the report, as printed with --json.
type Result struct {
	Name        string  `json:"name"`
	Payments    float64 `json:"payments_per_s"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	FloorSingle float64 `json:"floor_single_per_s"`
	FloorBulk   float64 `json:"floor_bulk_per_s"`
	RatioSingle float64 `json:"ratio_single"`
	RatioBulk   float64 `json:"ratio_bulk"`
	Errors      int64   `json:"errors"`
}

// Beside sets the floors and the ratios to them.
func (r Result) Beside(single, bulk float64) Result {
	r.FloorSingle, r.FloorBulk = single, bulk
	if single > 0 {
		r.RatioSingle = r.Payments / single
	}
	if bulk > 0 {
		r.RatioBulk = r.Payments / bulk
	}
	return r
}

// Payer makes one whole payment, however many calls that takes. n is different
// for every payment of a run.
type Payer interface {
	Pay(ctx context.Context, client int, n int64) error
}

// Load is a bounded run.
type Load struct {
	Clients int
	For     time.Duration
	Warm    time.Duration // before the clock starts
}

// Run has all clients pay, one payment after another each, and measures what
// was finished between warm-up and end.
func (l Load) Run(ctx context.Context, name string, p Payer) Result {
	passed := world.Stopwatch()
	end := l.Warm + l.For
	var number, errors atomic.Int64
	took := make([][]time.Duration, l.Clients)
	var group sync.WaitGroup
	for c := range l.Clients {
		group.Go(func() {
			for ctx.Err() == nil {
				began := passed()
				if began > end {
					return
				}
				err := p.Pay(ctx, c, number.Add(1))
				done := passed()
				switch {
				case done < l.Warm || done > end:
				case err != nil:
					errors.Add(1)
				default:
					took[c] = append(took[c], done-began)
				}
			}
		})
	}
	group.Wait()
	return summary(name, slices.Concat(took...), l.For, errors.Load())
}

func summary(name string, took []time.Duration, over time.Duration, errors int64) Result {
	slices.Sort(took)
	return Result{
		Name: name, Payments: float64(len(took)) / over.Seconds(), P50: quantile(took, 0.50), P99: quantile(took, 0.99), Errors: errors,
	}
}

// quantile gives a quantile of sorted times in milliseconds; 0 for none.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := min(int(q*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[at].Microseconds()) / 1000
}
