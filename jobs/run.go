package jobs

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Runner drives passes in production, each at its own pace.
type Runner struct {
	log    *slog.Logger
	passes []*driven
}

// Figures of one pass since the start of the process, for metrics.
type Figures struct {
	Pass  string
	Steps int64
	Did   int64
	Fails int64
}

// driven is a pass with what it has done.
type driven struct {
	Pass
	steps, did, fails atomic.Int64
}

// NewRunner makes a runner of these passes.
func NewRunner(log *slog.Logger, passes ...Pass) *Runner {
	r := &Runner{log: log}
	for _, p := range passes {
		r.passes = append(r.passes, &driven{Pass: p})
	}
	return r
}

// Run drives the passes until ctx ends, then waits for the steps under way.
func (r *Runner) Run(ctx context.Context) {
	var group sync.WaitGroup
	for _, p := range r.passes {
		group.Go(func() { r.drive(ctx, p) })
	}
	group.Wait()
}

// Figures tells what each pass has done.
func (r *Runner) Figures() []Figures {
	out := make([]Figures, 0, len(r.passes))
	for _, p := range r.passes {
		out = append(out, Figures{Pass: p.Name(), Steps: p.steps.Load(), Did: p.did.Load(), Fails: p.fails.Load()})
	}
	return out
}

func (r *Runner) drive(ctx context.Context, p *driven) {
	failures := 0
	for ctx.Err() == nil {
		did, err := p.step(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			failures++
			r.log.Error("a pass has failed, it is tried again", "pass", p.Name(), "failures", failures, "error", err)
		case err == nil:
			failures = 0
		}
		if did == 0 || err != nil {
			sleep(ctx, pause(p.Every(), failures))
		}
	}
}

func (d *driven) step(ctx context.Context) (did int, err error) {
	did, err = d.Step(ctx)
	d.steps.Add(1)
	d.did.Add(int64(did))
	if err != nil {
		d.fails.Add(1)
	}
	return did, err
}

// longestPause is the longest that failures make a pass wait beyond its pace.
const longestPause = time.Minute

// pause is a pass's pace, doubled with each failure in a row.
func pause(every time.Duration, failures int) time.Duration {
	if every >= longestPause {
		return every
	}
	return min(every<<min(failures, 16), longestPause)
}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
