package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"time"

	"tolom/id"
	"tolom/sheet"
	"tolom/store"
)

const (
	// ChunkSize is how large the parts of a file are but the last.
	ChunkSize = 256 << 10
	// mostBytes is the largest file.
	mostBytes = 2 << 30
	// lease is how long a node has a report for itself without writing anything of it.
	lease = time.Minute
	// tellEvery is how often progress is written while no chunk is.
	tellEvery = time.Second
	// mostAttempts is how often a report is tried that fails; between two tries it rests, longer each time. One whose facts
	// are not there yet has not failed, however long a replica lags.
	mostAttempts = 8
)

// errTooLarge says that a file is larger than is kept.
var errTooLarge = errors.New("flow: the file of the report is larger than 2 GiB: order a shorter time")

// MakeNext makes the report that has waited longest, if one waits, and says how many it made: none or one. On several
// nodes each makes another. A report whose node dies is made by another one, from its beginning and with the same bytes.
func (r *Reports) MakeNext(ctx context.Context, holder string) (did int, err error) {
	now := r.world.Clock.Now()
	job, err := r.kept.TakeReport(ctx, holder, now, now.Add(lease))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	f := &filing{Reports: r, ctx: ctx, report: job, digest: sha256.New(), told: now}
	failed := r.write(ctx, f, job, f.progress)
	if failed == nil {
		failed = f.flush()
	}
	if err := f.end(failed); err != nil && !errors.Is(err, store.ErrStale) {
		return 1, errors.Join(failed, err)
	}
	return 1, nil
}

// filing is a report whose file is being kept, part by part.
type filing struct {
	*Reports
	ctx    context.Context
	report store.Report
	buffer []byte
	digest hash.Hash
	told   time.Time
}

// Write keeps the file's next bytes.
func (f *filing) Write(p []byte) (int, error) {
	if f.report.Size += int64(len(p)); f.report.Size > mostBytes {
		return 0, errTooLarge
	}
	f.digest.Write(p)
	f.buffer = append(f.buffer, p...)
	for len(f.buffer) >= ChunkSize {
		if err := f.keep(f.buffer[:ChunkSize]); err != nil {
			return 0, err
		}
		f.buffer = append(f.buffer[:0], f.buffer[ChunkSize:]...)
	}
	return len(p), nil
}

// keep writes one part, and holds the report on.
func (f *filing) keep(part []byte) error {
	now := f.world.Clock.Now()
	f.report.HeldUntil, f.told = now.Add(lease), now
	err := f.kept.KeepReport(f.ctx, f.report, f.report.Chunks, part)
	if err == nil && len(part) > 0 {
		f.report.Chunks++
	}
	return err
}

// progress notes how far the report is, not more often than is worth a commit.
func (f *filing) progress(done, total int64) error {
	f.report.Done, f.report.Total = done, total
	if f.world.Clock.Now().Sub(f.told) < tellEvery {
		return f.ctx.Err()
	}
	return f.keep(nil)
}

func (f *filing) flush() error {
	if len(f.buffer) == 0 {
		return nil
	}
	return f.keep(f.buffer)
}

// end writes what came of the report: ready, failed for good, or to be tried again. A node that stops lets go at once.
func (f *filing) end(failed error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.ctx), 10*time.Second)
	defer cancel()
	r, now := f.report, f.world.Clock.Now()
	switch {
	case failed == nil:
		r.Status, r.EndedAt, r.Digest = store.ReportReady, now, hex.EncodeToString(f.digest.Sum(nil))
		r.Done = r.Total
	case errors.Is(failed, store.ErrStale):
		return failed
	case f.ctx.Err() != nil:
		r.Status, r.HeldUntil = store.ReportQueued, now
	case errors.Is(failed, sheet.ErrTooLong), errors.Is(failed, errTooLarge), r.Attempts >= mostAttempts && !errors.Is(failed, errNotYet):
		r.Status, r.EndedAt, r.Reason = store.ReportFailed, now, whyFailed(failed)
	default:
		r.Status, r.HeldUntil = store.ReportQueued, now.Add(time.Second<<min(r.Attempts, 8))
	}
	if r.Status != store.ReportReady {
		r.Size, r.Chunks = 0, 0
	}
	return f.kept.EndReport(ctx, r)
}

// whyFailed tells an owner why a report failed, without the words of a database.
func whyFailed(failed error) string {
	switch {
	case errors.Is(failed, sheet.ErrTooLong):
		return "The report has more rows than the format holds: take csv or json, or a shorter time."
	case errors.Is(failed, errTooLarge):
		return "The file would be larger than 2 GiB: take a shorter time."
	}
	return fmt.Sprintf("It was tried %d times and could not be made; order it again, and tell the centre if that fails too.", mostAttempts)
}

// Expire deletes the files of reports whose time is over; it returns of how many.
func (r *Reports) Expire(ctx context.Context, limit int) (int, error) {
	return r.kept.ExpireReports(ctx, r.world.Clock.Now().Add(-KeepFiles), limit)
}

// ExpireAbout deletes the files of reports about a time until whose end all that is personal of payers was deleted: what
// they repeat of it would outlive it by up to KeepFiles. It returns of how many. A report that is made afterwards reads
// rows that have nothing personal any more.
func (r *Reports) ExpireAbout(ctx context.Context, until time.Time) (did int, err error) {
	for at, last := (time.Time{}), id.ID(""); ; {
		ready, err := r.kept.ReadyReports(ctx, at, last, mostLooked)
		if err != nil {
			return did, err
		}
		for _, row := range ready {
			at, last = row.EndedAt, row.ID
			if row.Order.From.After(until) {
				continue
			}
			if err := r.kept.ExpireReport(ctx, row.ID); err != nil {
				return did, err
			}
			did++
		}
		if len(ready) < mostLooked {
			return did, nil
		}
	}
}

// mostLooked is how many reports are looked at in one read.
const mostLooked = 500
