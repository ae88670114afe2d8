package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/recon"
	"tolom/store"
)

// Reconciler compares our books with those of PSPs and of the banks that they belong
// to, and keeps the cases that come of it.
type Reconciler struct {
	platform *Platform
	keep     ReconStore
}

// ReconStore is what a Reconciler keeps its comparisons in, and reads business days from.
type ReconStore interface {
	store.Reconciling
	store.Days
}

// NewReconciler makes one over the platform's own database.
func NewReconciler(p *Platform, keep ReconStore) *Reconciler { return &Reconciler{p, keep} }

// The books that can be compared.
const (
	PaymentsBook = "payments" // payments and refunds of a PSP
	PayoutsBook  = "payouts"  // payouts and positions of the PSP's bank
)

// reconLag is how long ago a period must have ended: a commit under way may still
// bring a payment that ended in the minute before.
const reconLag = 2 * time.Minute

// Comparison is what a PSP calls a comparison and over which period it is.
type Comparison struct {
	Name   string // its own, unique for ever
	Book   string // "" is PaymentsBook
	Period recon.Range
}

// check refuses what cannot be compared.
func (c *Comparison) check(now time.Time) error {
	if c.Book == "" {
		c.Book = PaymentsBook
	}
	switch {
	case !isPSPPaymentID(c.Name) || len(c.Name) > 50:
		return fault.New(fault.InvalidRequest).On("name").Because("name is your own for this comparison: 1 to 50 letters, digits, \".\", \"_\" and \"-\"")
	case c.Book != PaymentsBook && c.Book != PayoutsBook:
		return fault.New(fault.InvalidRequest).On("book").Because("book is payments or payouts")
	case c.Period.Check() != nil:
		return fault.New(fault.InvalidRequest).On("from").Because(fmt.Sprintf("from and to are minutes of UTC such as 2026-11-24T05:40Z, from before to, at most %d days", recon.MaxDays))
	case c.Period.To.Time().After(now.Add(-reconLag)):
		return fault.New(fault.InvalidRequest).On("to").Because("the period ends at least two minutes ago, so that nothing of it is still under way")
	}
	return nil
}

// Digests goes on with a comparison, or begins it, by digests of the PSP's book. each
// says that they are those of all minutes that have lines. Refused: invalid_request;
// idempotency_key_reused when the name stands for another period.
func (r *Reconciler) Digests(ctx context.Context, who access.PSP, c Comparison, digests []recon.Digest, each bool) (store.ReconRun, error) {
	return r.advance(ctx, who, c, "digests", func(run store.ReconRun) (recon.Search, error) {
		return run.Search.Compare(r.source(ctx, run), digests, each)
	})
}

// Lines goes on with a comparison by all lines that the PSP has in some of the minutes asked for.
func (r *Reconciler) Lines(ctx context.Context, who access.PSP, name string, of []recon.Range, lines []recon.Line) (store.ReconRun, error) {
	for range reconTries {
		run, err := r.named(ctx, who, name)
		if err != nil {
			return run, err
		}
		run, again, err := r.step(ctx, run, func(run store.ReconRun) (recon.Search, error) {
			return run.Search.Take(r.source(ctx, run), of, lines)
		})
		if !again {
			return run, err
		}
	}
	return store.ReconRun{}, busy()
}

// File compares a whole book. The same file of the same period under the same name is the same comparison.
func (r *Reconciler) File(ctx context.Context, who access.PSP, c Comparison, lines []recon.Line) (store.ReconRun, error) {
	lines, err := r.ourNames(ctx, who, lines)
	if err != nil {
		return store.ReconRun{}, err
	}
	return r.advance(ctx, who, c, "file", func(run store.ReconRun) (recon.Search, error) {
		return recon.Whole(r.source(ctx, run), lines, run.Period)
	})
}

// Clearing compares the clearing file, whose amounts are what payers paid and were given: what was on top of a payment of
// ours is taken off, since books are compared without it.
func (r *Reconciler) Clearing(ctx context.Context, who access.PSP, c Comparison, lines []recon.Line) (store.ReconRun, error) {
	onTop, err := r.surcharges(ctx, who, lines)
	if err != nil {
		return store.ReconRun{}, err
	}
	for i, l := range lines {
		if rest := l.Amount - onTop[l.ID]; rest > 0 {
			lines[i].Amount = rest
		}
	}
	return r.File(ctx, who, c, lines)
}

// BookFileName is how a file without a name is called.
func BookFileName(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "file-" + hex.EncodeToString(sum[:16])
}

// advance finds or begins the comparison of a name and takes a step of it.
func (r *Reconciler) advance(ctx context.Context, who access.PSP, c Comparison, origin string, step func(store.ReconRun) (recon.Search, error)) (store.ReconRun, error) {
	if err := c.check(r.platform.world.Clock.Now()); err != nil {
		return store.ReconRun{}, err
	}
	for range reconTries {
		run, err := r.open(ctx, who, c, origin)
		if err != nil {
			return run, err
		}
		run, again, err := r.step(ctx, run, step)
		if !again {
			return run, err
		}
	}
	return store.ReconRun{}, busy()
}

// open begins a comparison, or gives the one that has begun under this name.
func (r *Reconciler) open(ctx context.Context, who access.PSP, c Comparison, origin string) (store.ReconRun, error) {
	search, err := recon.Begin(c.Period)
	if err != nil {
		return store.ReconRun{}, fault.Wrap(fault.InvalidRequest, err)
	}
	run, _, err := r.keep.OpenRun(ctx, store.ReconRun{
		ID: r.platform.newID(id.Recon, who.ID.Bucket()), Owner: who.ID, Book: c.Book, Name: c.Name, Origin: origin, Period: c.Period,
		State: store.RunAsking, Search: search, CreatedAt: r.platform.world.Clock.Now(),
	})
	switch {
	case err != nil:
		return run, missing(err)
	case run.Period != c.Period || run.Book != c.Book:
		return run, fault.New(fault.IdempotencyReused).On("name").Because("this name stands for a comparison of another period or book; give this one another name")
	}
	return run, nil
}

// named finds a comparison by the PSP's own name for it.
func (r *Reconciler) named(ctx context.Context, who access.PSP, name string) (store.ReconRun, error) {
	run, err := r.keep.ReconRunNamed(ctx, who.ID, name)
	if errors.Is(err, store.ErrNotFound) {
		return run, fault.New(fault.NotFound).On("name").Because("no comparison has this name; begin with digests")
	}
	return run, missing(err)
}

// reconTries is how often a step is taken anew when another call has moved the same
// comparison or one of its cases meanwhile.
const reconTries = 8

func busy() error {
	return fault.New(fault.OutOfService).Because("others are writing the same comparison; nothing was lost, send it again")
}

// step takes one step of a comparison and writes it down; again says that somebody else was faster. A
// comparison that is done stays as it is.
func (r *Reconciler) step(ctx context.Context, run store.ReconRun, take func(store.ReconRun) (recon.Search, error)) (next store.ReconRun, again bool, err error) {
	if run.State == store.RunDone {
		return run, false, nil
	}
	search, err := take(run)
	if err != nil {
		return run, false, searching(err)
	}
	run.Search, run.Same = search, search.Same
	var changes []store.CaseChange
	if search.Done() {
		if changes, err = r.finish(ctx, &run); err != nil {
			return run, false, err
		}
	}
	err = r.keep.SaveRun(ctx, run, changes)
	switch {
	case errors.Is(err, store.ErrStale), errors.Is(err, store.ErrTaken), errors.Is(err, store.ErrRetry):
		return run, true, nil
	case errors.Is(err, store.ErrUnknown):
		return run, true, nil // read again, it is done or it is not
	case err != nil:
		return run, false, missing(err)
	}
	run.Version++
	return run, false, nil
}

// searching tells what was wrong with what the other side sent.
func searching(err error) error {
	for _, wrong := range []error{recon.ErrUnasked, recon.ErrLine, recon.ErrPeriod, recon.ErrDifferent} {
		if errors.Is(err, wrong) {
			return fault.New(fault.InvalidRequest).Because(err.Error())
		}
	}
	return missing(err)
}

// Run gives a comparison of the PSP. Refused: not_found.
func (r *Reconciler) Run(ctx context.Context, who access.PSP, name string) (store.ReconRun, error) {
	i, err := id.Parse(id.Recon, name)
	if err != nil {
		return store.ReconRun{}, fault.New(fault.NotFound)
	}
	run, err := r.keep.ReconRun(ctx, i)
	if err == nil && run.Owner != who.ID {
		err = store.ErrNotFound
	}
	return run, missing(err)
}

// Runs lists the comparisons of a PSP, newest first; of all PSPs for the empty one. It says whether there are more.
func (r *Reconciler) Runs(ctx context.Context, psp, before id.ID, limit int) ([]store.ReconRun, bool, error) {
	rows, err := r.keep.ReconRuns(ctx, psp, before, limit+1)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// Ours gives the digests of our book, of each hour or day of the period or of each
// minute that has lines. Refused: invalid_request.
func (r *Reconciler) Ours(ctx context.Context, who access.PSP, book string, period recon.Range, unit string) ([]recon.Digest, error) {
	c := Comparison{Name: "ours", Book: book, Period: period}
	if err := c.check(r.platform.world.Clock.Now()); err != nil {
		return nil, err
	}
	source := r.source(ctx, store.ReconRun{Owner: who.ID, Book: c.Book, Period: period})
	switch unit {
	case "", "minute":
		if period.Minutes() > 24*60 {
			return nil, fault.New(fault.InvalidRequest).On("from").Because("the digests of minutes are given for a day at most")
		}
		lines, err := source.Book(period)
		return lines.Minutes(), missing(err)
	case "hour", "day":
		return digestsOf(source, period.Steps(unit == "day"))
	}
	return nil, fault.New(fault.InvalidRequest).On("unit").Because("unit is minute, hour or day")
}

func digestsOf(source recon.Source, ranges []recon.Range) (all []recon.Digest, err error) {
	for _, part := range ranges {
		d, err := source.Digest(part)
		if err != nil {
			return nil, missing(err)
		}
		all = append(all, d)
	}
	return all, nil
}
