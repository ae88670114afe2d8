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

	"tolom/id"
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
	Errors      int64   `json:"errors"` // while it was measured

	// What a payment took of the processors, and how the engines wrote it.
	ProgramUS float64 `json:"cpu_program_us_per_payment,omitempty"` // this process, clients included
	ServerUS  float64 `json:"cpu_database_us_per_payment,omitempty"`
	Commits   float64 `json:"commits_per_s,omitempty"`
	Commands  float64 `json:"commands_per_commit,omitempty"`

	// Budget is what a payment writes; of the first measurement of a bench.
	Budget *Budget `json:"budget,omitempty"`

	Tally `json:"-"`
}

// Tally is what all payments of a run came to, warm-up and end included, to be
// compared with what the database says of the PSP that made them.
type Tally struct {
	PSP    id.ID
	Paid   int64 // acknowledged as successful
	Failed int64 // not acknowledged: they may have succeeded or not
	First  error // of the failures
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
	Meter   Meter         // read when the clock starts and when it ends; may be nil
}

// run is a load under way.
type run struct {
	Load
	passed func() time.Duration
	payer  Payer
	number atomic.Int64
	errors atomic.Int64

	mu    sync.Mutex
	took  []time.Duration
	tally Tally
}

// Run has all clients pay, one payment after another each, and measures what
// was finished between warm-up and end.
func (l Load) Run(ctx context.Context, name string, p Payer) Result {
	r := &run{Load: l, passed: world.Stopwatch(), payer: p}
	var group sync.WaitGroup
	for c := range l.Clients {
		group.Go(func() { r.client(ctx, c) })
	}
	used := r.measure(ctx)
	group.Wait()
	out := summary(name, r.took, l.For, r.errors.Load()).spent(used, l.For)
	out.Tally = r.tally
	return out
}

// measure reads the meter when the clock starts and when it ends.
func (r *run) measure(ctx context.Context) (used Usage) {
	if r.Meter == nil {
		return used
	}
	wait(ctx, r.Warm-r.passed())
	before := r.Meter.Read()
	wait(ctx, r.Warm+r.For-r.passed())
	return r.Meter.Read().minus(before)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// spent shares out what was used among the payments.
func (r Result) spent(u Usage, over time.Duration) Result {
	r.Commits = float64(u.Commits) / over.Seconds()
	if payments := r.Payments * over.Seconds(); payments > 0 {
		r.ProgramUS = float64(u.Program.Microseconds()) / payments
		r.ServerUS = float64(u.Server.Microseconds()) / payments
	}
	if u.Commits > 0 {
		r.Commands = float64(u.Commands) / float64(u.Commits)
	}
	return r
}

// client is one payer, who keeps its own notes until the end.
func (r *run) client(ctx context.Context, c int) {
	var took []time.Duration
	var tally Tally
	end := r.Warm + r.For
	for began := r.passed(); ctx.Err() == nil && began <= end; {
		err := r.payer.Pay(ctx, c, r.number.Add(1))
		done := r.passed()
		tally.note(err)
		switch {
		case done < r.Warm || done > end:
		case err != nil:
			r.errors.Add(1)
		default:
			took = append(took, done-began)
		}
		began = done
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = append(r.took, took...)
	r.tally.add(tally)
}

// Times has clients make so many payments and tells what they came to.
func Times(ctx context.Context, clients int, payments int64, p Payer) (tally Tally) {
	var mu sync.Mutex
	var number atomic.Int64
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			var own Tally
			for n := number.Add(1); n <= payments && ctx.Err() == nil; n = number.Add(1) {
				own.note(p.Pay(ctx, c, n))
			}
			mu.Lock()
			defer mu.Unlock()
			tally.add(own)
		})
	}
	group.Wait()
	return tally
}

func (t *Tally) note(err error) {
	if err == nil {
		t.Paid++
		return
	}
	t.Failed++
	if t.First == nil {
		t.First = err
	}
}

func (t *Tally) add(o Tally) {
	t.Paid, t.Failed = t.Paid+o.Paid, t.Failed+o.Failed
	if t.First == nil {
		t.First = o.First
	}
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
