package flow_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tolom/fault"
	"tolom/flow"
	"tolom/internal/pgtest"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// rushing is a clock that goes on by a minute whenever somebody looks, so that nobody waits for long.
type rushing struct {
	world.Clock
	looks *atomic.Int64
}

func (r rushing) Now() time.Time {
	return r.Clock.Now().Add(time.Duration(r.looks.Add(1)) * time.Minute)
}

// library is an office whose reports are read from a standby.
type library struct {
	*office
	standby *pgtest.Cluster
	replica store.Store
	own     *flow.Reports // read from the primary
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	primary, err := pgtest.Open(pgtest.TCP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = primary.Close() })
	o := newOffice(t, place{"PostgreSQL with a standby", 1, 4, open(t, primary.DSN("postgres"), nil), world.System(), nil})
	l := &library{office: o, own: o.reports}
	l.standby, err = primary.Standby()
	o.must(err)
	t.Cleanup(func() { _ = l.standby.Close() })
	l.replica = open(t, l.standby.DSN("postgres"), nil)
	l.reads(l.replica)
	return l
}

// reads has reports read from a source.
func (l *library) reads(source store.Moves) {
	hurried := l.world
	hurried.Clock = rushing{l.world.Clock, &atomic.Int64{}}
	l.reports = flow.NewReports(l.store, source, l.registry, hurried, "")
}

// tells has the standby do something.
func (l *library) tells(statement string) {
	l.t.Helper()
	conn, err := pgx.Connect(l.ctx, l.standby.DSN("postgres"))
	l.must(err)
	defer conn.Close(l.ctx)
	_, err = conn.Exec(l.ctx, statement)
	l.must(err)
}

// trades adds a payment that the standby has, or, while it stands still, has not.
func (l *library) trades() {
	l.t.Helper()
	l.success(l.newName(), 7_000)
	l.number()
}

func (l *library) newName() string { return "later-" + string(world.NewID(l.world, "", 0).Token()) }

// truth is the report as the primary makes it.
func (l *library) truth(in wire.NewReport, position int64) []byte {
	l.t.Helper()
	in.Position = position
	_, body, err := l.own.Now(l.ctx, l.shop(), in)
	l.must(err)
	return body
}

// behindMidway does something behind the second moment that is read.
type behindMidway struct {
	store.Store
	moments int
	do      func()
}

func (b *behindMidway) AsOf(ctx context.Context, position int64, do func(store.MoveReader) error) error {
	if b.moments++; b.moments == 2 {
		b.do()
	}
	return b.Store.AsOf(ctx, position, do)
}

// TestReportsAreReadFromAStandby is the whole of --reports-db on a real standby: it lags, goes on in the middle of a
// report, dies in the middle of one. What comes out is what the primary would have made, of the same position.
func TestReportsAreReadFromAStandby(t *testing.T) {
	l := newLibrary(t)
	in := l.order("statement", "csv")
	first, body := l.made(l.shop(), in)
	if want := l.truth(in, first.Position); !bytes.Equal(body, want) {
		t.Fatalf("the standby makes\n%s\nthe primary\n%s", body, want)
	}
	l.lags(in, first, body)
	l.goesOnMidway(in)
	l.diesMidway(in)
}

// lags has the standby stand still: of what it knows it makes reports, of what it does not know none.
func (l *library) lags(in wire.NewReport, first store.Report, before []byte) {
	l.t.Helper()
	l.tells("SELECT pg_wal_replay_pause()")
	l.trades()
	old := in
	old.Position = first.Position
	if _, again := l.made(l.shop(), old); !bytes.Equal(again, before) {
		l.t.Error("a report of a position that a lagging standby knows is another one")
	}
	if _, _, err := l.reports.Now(l.ctx, l.shop(), in); !fault.Has(err, fault.OutOfService) {
		l.t.Errorf("a report of a position that the standby does not know: %v", err)
	}
	ordered, _, err := l.reports.Order(l.ctx, l.shop(), "", in)
	l.must(err)
	for range 12 { // more often than a report that fails is tried
		_, err = l.reports.MakeNext(l.ctx, "node")
		l.must(err)
	}
	if r, err := l.reports.Report(l.ctx, l.shop(), string(ordered.ID)); err != nil || r.Status != store.ReportQueued {
		l.t.Fatalf("while the standby lags the report is %s (%s), %v", r.Status, r.Reason, err)
	}
	l.tells("SELECT pg_wal_replay_resume()")
	l.isMade(in, ordered)
}

// isMade has a report made that was ordered, and compares it with the primary's.
func (l *library) isMade(in wire.NewReport, ordered store.Report) {
	l.t.Helper()
	r := ordered
	for n := 0; r.Status != store.ReportReady; n++ {
		if _, err := l.reports.MakeNext(l.ctx, "node"); err != nil || n > 300 {
			l.t.Fatalf("the report is %s (%s) after %d tries: %v", r.Status, r.Reason, n, err)
		}
		var err error
		r, err = l.reports.Report(l.ctx, l.shop(), string(ordered.ID))
		l.must(err)
		time.Sleep(20 * time.Millisecond)
	}
	_, file, err := l.reports.Open(l.ctx, l.shop(), string(ordered.ID))
	l.must(err)
	var body bytes.Buffer
	_, err = body.ReadFrom(file)
	l.must(err)
	if want := l.truth(in, r.Position); !bytes.Equal(body.Bytes(), want) {
		l.t.Errorf("the standby makes\n%s\nthe primary\n%s", body.Bytes(), want)
	}
}

// goesOnMidway has payments reach the standby while a report is being read from it.
func (l *library) goesOnMidway(in wire.NewReport) {
	l.t.Helper()
	source := &behindMidway{Store: l.replica, do: func() {
		l.trades()
		head, err := l.store.Head(l.ctx)
		l.must(err)
		for at := int64(0); at < head; time.Sleep(10 * time.Millisecond) {
			at, err = l.replica.Head(l.ctx)
			l.must(err)
		}
	}}
	l.reads(source)
	ordered, _, err := l.reports.Order(l.ctx, l.shop(), "", in)
	l.must(err)
	l.isMade(in, ordered)
	if source.moments < 2 {
		l.t.Error("nothing happened in the middle")
	}
}

// diesMidway kills the standby while a report is being read from it. The report goes back to the line, and is made when
// the standby is there again.
func (l *library) diesMidway(in wire.NewReport) {
	l.t.Helper()
	l.reads(&behindMidway{Store: l.replica, do: func() { l.must(l.standby.Kill()) }})
	ordered, _, err := l.reports.Order(l.ctx, l.shop(), "", in)
	l.must(err)
	for range 12 { // more often than a report that fails is tried
		_, err = l.reports.MakeNext(l.ctx, "node")
		l.must(err)
	}
	if r, err := l.reports.Report(l.ctx, l.shop(), string(ordered.ID)); err != nil || r.Status != store.ReportQueued || r.Size != 0 {
		l.t.Fatalf("when the standby has died the report is %s with %d bytes, %v", r.Status, r.Size, err)
	}
	l.must(l.standby.Start())
	l.isMade(in, ordered)
}

// TestReportsWaitForAStandbyThatIsAwayAtTheStart has a node come up while the standby is down: what is waited for is refused
// with the reason, what was ordered is made when the standby is there, without anybody doing anything.
func TestReportsWaitForAStandbyThatIsAwayAtTheStart(t *testing.T) {
	l := newLibrary(t)
	in := l.order("statement", "csv")
	l.must(l.standby.Stop())
	r, away, err := store.OpenReplica(l.ctx, l.standby.DSN("postgres"), store.Options{})
	l.must(err)
	t.Cleanup(func() { _ = r.Close() })
	if away == nil {
		t.Fatal("a standby that is down can be read")
	}
	l.reads(r)
	_, _, err = l.reports.Now(l.ctx, l.shop(), in)
	if f := fault.From(err); f.Code != fault.OutOfService || !strings.Contains(f.Detail, "cannot be reached") {
		t.Errorf("a report that is waited for is refused by %v", err)
	}
	ordered, _, err := l.reports.Order(l.ctx, l.shop(), "", in)
	l.must(err)
	for range 12 {
		_, err = l.reports.MakeNext(l.ctx, "node")
		l.must(err)
	}
	if r, err := l.reports.Report(l.ctx, l.shop(), string(ordered.ID)); err != nil || r.Status != store.ReportQueued {
		t.Fatalf("while the standby is down the report is %s, %v", r.Status, err)
	}
	l.must(l.standby.Start())
	l.isMade(in, ordered)
	for _, wrong := range []string{"mysql://there/tolom", "postgres://there:port/tolom"} {
		if _, _, err := store.OpenReplica(l.ctx, wrong, store.Options{}); err == nil || errors.Is(err, store.ErrRetry) {
			t.Errorf("%s is waited for: %v", wrong, err)
		}
	}
}
