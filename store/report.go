package store

import (
	"context"
	"errors"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/report"
)

// ErrBehind says that a database does not know a position of the feed yet: it is a replica that lags.
var ErrBehind = errors.New("store: the database does not know the position yet")

// Moves is what reports are made of. It only reads, and may be asked of a replica: whoever asks says up to which
// position, and waits until Head is there.
type Moves interface {
	MoveReader
	// Head gives the last position of the feed.
	Head(ctx context.Context) (position int64, err error)
	// AsOf has do read one moment of the database, which knows the position; ErrBehind when it does not. Behind one address
	// there may be another replica at each call, and one that was restarted may know less than before: what is read
	// outside of a moment may be of several. A Memory checks the position and no more.
	AsOf(ctx context.Context, position int64, do func(MoveReader) error) error
}

// MoveReader reads the facts of reports.
type MoveReader interface {
	// Moves gives the facts that move money with places in (after, upTo]: sequences of a merchant's feed, or for the
	// empty reader positions of all; of one PSP when it is not empty. In order.
	Moves(ctx context.Context, reader, psp id.ID, after, upTo int64) ([]report.Move, error)
	// PlaceAt tells of a place, a sequence of a merchant's feed or for the empty reader a position: its position, and
	// when its fact happened. ErrNotFound.
	PlaceAt(ctx context.Context, reader id.ID, place int64) (position int64, at time.Time, err error)
	// PayableBefore gives what the entries before a moment come to on a merchant's payable balance, and whether facts
	// of before wait for their place in the feed.
	PayableBefore(ctx context.Context, merchant id.ID, at time.Time) (sum money.Amount, waiting bool, err error)
}

// ReportStatus is where a report stands. Failed and expired are final.
type ReportStatus string

// The states of a report.
const (
	ReportQueued  ReportStatus = "queued"
	ReportRunning ReportStatus = "running"
	ReportReady   ReportStatus = "ready"
	ReportFailed  ReportStatus = "failed"
	ReportExpired ReportStatus = "expired" // its file was deleted after its time
)

// Report is a report that was ordered.
type Report struct {
	ID       id.ID // rep_…
	Owner    id.ID // a merchant, a PSP or the Centre
	Origin   string
	Order    report.Order
	Position int64 // of the feed: the last that it knows
	Status   ReportStatus
	// Done of Total places of the feed were read.
	Done, Total int64
	Size        int64  // bytes of the file
	Chunks      int    // it is kept in
	Digest      string // SHA-256 of the file, in hex
	Reason      string // why it failed
	Holder      string // the node that makes it
	HeldUntil   time.Time
	Attempts    int
	CreatedAt   time.Time
	EndedAt     time.Time
	ToldAt      time.Time // when its owner was told that it is ready
}

// ReportSchedule orders a report again and again: at NextAt one of the day, week or month that ended then.
type ReportSchedule struct {
	ID        id.ID // rs_…
	Owner     id.ID
	Order     report.Order // without times
	Every     string       // "day", "week" or "month"
	NextAt    time.Time    // zero once it has ended
	CreatedAt time.Time
	EndedAt   time.Time
}

// Reports keeps what was ordered, and the files that came of it.
type Reports interface {
	// OrderReport adds a report unless one of the same owner and origin is there, and gives the one that is; ErrTaken
	// when the owner has most reports waiting or running already.
	OrderReport(ctx context.Context, r Report, most int) (Report, error)
	// Report gives a report; ErrNotFound.
	Report(ctx context.Context, report id.ID) (Report, error)
	// ReportsOf lists an owner's reports older than the cursor, newest first.
	ReportsOf(ctx context.Context, owner, before id.ID, limit int) ([]Report, error)
	// TakeReport gives the caller the report that has waited longest, or whose node has let it go, for itself until a
	// moment; ErrNotFound when nothing waits.
	TakeReport(ctx context.Context, holder string, now, until time.Time) (Report, error)
	// KeepReport notes how far a report is and, when it is not empty, its next chunk, and holds it on. ErrStale when
	// another node has it: nothing is written then.
	KeepReport(ctx context.Context, r Report, number int, chunk []byte) error
	// EndReport writes what became of a report that its Holder has: ready, failed, or queued again until HeldUntil.
	// ErrStale when another node has it.
	EndReport(ctx context.Context, r Report) error
	// ReportChunk gives a part of a file, counted from 0; ErrNotFound.
	ReportChunk(ctx context.Context, report id.ID, number int) ([]byte, error)
	// UntoldReports gives those that are ready and whose owner was not told; ToldReport notes that it was.
	UntoldReports(ctx context.Context, limit int) ([]Report, error)
	ToldReport(ctx context.Context, report id.ID, at time.Time) error
	// ExpireReports deletes the files of reports that ended before a moment, of at most limit; it returns of how many.
	ExpireReports(ctx context.Context, before time.Time, limit int) (int, error)
	// ReadyReports gives reports whose files are there, those that ended first first, behind one that ended at a moment.
	ReadyReports(ctx context.Context, ended time.Time, after id.ID, limit int) ([]Report, error)
	// ExpireReport deletes the file of a ready report; of another it changes nothing.
	ExpireReport(ctx context.Context, report id.ID) error

	// ReportSchedules are listed by their owner.
	ReportSchedules() Shelf[ReportSchedule]
	// DueSchedules gives those whose time has come.
	DueSchedules(ctx context.Context, now time.Time, limit int) ([]ReportSchedule, error)
	// MoveSchedule gives a schedule its next time, unless it stands elsewhere by now.
	MoveSchedule(ctx context.Context, schedule id.ID, from, to time.Time) error
}
