package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/report"
	"tolom/sheet"
	"tolom/store"
)

var reports = chapter{name: "Reports", apart: true, sentences: []sentence{
	{"A report comes back as it was ordered, the newest first", reportOrdered},
	{"The same owner and origin are one report, and an owner has so many waiting at most", reportOnce},
	{"What waits longest is taken first, by one node at a time", reportTaken},
	{"A node that lets its time pass loses a report, and what it writes afterwards is refused", reportLost},
	{"A file comes back in its parts, and goes after its time", reportFile},
	{"Whoever was not told of a report is found until it was", reportTold},
	{"Of many nodes at once one gets a report", reportRace},
	{"A schedule is due from its time on and moves once", reportSchedule},
	{"Moves are the facts that move money, with their objects, by reader, by PSP, and all", reportMoves},
	{"Places tell of positions and times; a balance before a moment says whether facts wait", reportPlaces},
}}

func (k *kit) order(owner id.ID, origin string) store.Report {
	return store.Report{
		ID: k.newID(id.Report, owner.Bucket()), Owner: owner, Origin: origin, Position: 17, Status: store.ReportQueued, CreatedAt: epoch,
		Order: report.Order{Type: report.OfStatement, From: epoch, To: epoch.Add(day), Store: "st_1", Format: sheet.XLSX, Language: "ky", Cashier: "Кассир 1"},
	}
}

// ordered orders a report that must be taken.
func (k *kit) ordered(owner id.ID, origin string) store.Report {
	k.t.Helper()
	return ask(k.OrderReport(k.ctx, k.order(owner, origin), 100)).get(k)
}

// take takes the next report until an hour after a moment.
func (k *kit) take(holder string, now time.Time) store.Report {
	k.t.Helper()
	return ask(k.TakeReport(k.ctx, holder, now, now.Add(time.Hour))).get(k)
}

func reportOrdered(k *kit) {
	shop := k.newShop().merchant
	want := k.order(shop, "a")
	equal(k, ask(k.OrderReport(k.ctx, want, 1)).get(k), want)
	equal(k, ask(k.Report(k.ctx, want.ID)).get(k), want)
	second := k.ordered(shop, "b")
	k.ordered(k.newShop().merchant, "a")
	equal(k, ask(k.ReportsOf(k.ctx, shop, "", 9)).get(k), []store.Report{second, want})
	equal(k, ask(k.ReportsOf(k.ctx, shop, second.ID, 9)).get(k), []store.Report{want})
	equal(k, ask(k.ReportsOf(k.ctx, shop, "", 1)).get(k), []store.Report{second})
	ask(k.Report(k.ctx, k.newID(id.Report, 1))).missing(k)
}

func reportOnce(k *kit) {
	shop := k.newShop().merchant
	first := k.ordered(shop, "a")
	equal(k, k.ordered(shop, "a"), first)
	_, err := k.OrderReport(k.ctx, k.order(shop, "b"), 1)
	k.is(err, store.ErrTaken)
	equal(k, ask(k.OrderReport(k.ctx, k.order(shop, "a"), 1)).get(k), first) // a repeated order is no further one
	ask(k.OrderReport(k.ctx, k.order(store.Centre, "b"), 1)).get(k)
}

func reportTaken(k *kit) {
	shop := k.newShop().merchant
	first, second := k.ordered(shop, "a"), k.ordered(shop, "b")
	got := k.take("node 1", epoch)
	first.Status, first.Holder, first.HeldUntil, first.Attempts = store.ReportRunning, "node 1", epoch.Add(time.Hour), 1
	equal(k, got, first)
	equal(k, k.take("node 2", epoch).ID, second.ID)
	ask(k.TakeReport(k.ctx, "node 3", epoch, epoch.Add(time.Hour))).missing(k)
}

func reportLost(k *kit) {
	shop := k.newShop().merchant
	k.ordered(shop, "a")
	old := k.take("node 1", epoch)
	k.must(k.KeepReport(k.ctx, old, 0, []byte("half")))
	later := epoch.Add(time.Hour)
	held := k.take("node 2", later)
	equal(k, held.ID, old.ID)
	equal(k, held.Attempts, 2)
	ask(k.ReportChunk(k.ctx, old.ID, 0)).missing(k) // the next node begins anew
	k.is(k.KeepReport(k.ctx, old, 1, []byte("late")), store.ErrStale)
	old.Status = store.ReportReady
	k.is(k.EndReport(k.ctx, old), store.ErrStale)
	equal(k, ask(k.Report(k.ctx, old.ID)).get(k), held)
	again := k.take("node 2", later.Add(time.Hour)) // the same node after a restart
	k.is(k.KeepReport(k.ctx, held, 0, []byte("of before")), store.ErrStale)
	k.must(k.KeepReport(k.ctx, again, 0, []byte("of now")))
}

func reportFile(k *kit) {
	shop := k.newShop().merchant
	k.ordered(shop, "a")
	r := k.take("node", epoch)
	r.Done, r.Total, r.HeldUntil = 5, 10, epoch.Add(2*time.Hour)
	parts := [][]byte{bytes.Repeat([]byte{0, 1, 255, '\''}, 70_000), []byte("ң")}
	for n, part := range parts {
		k.must(k.KeepReport(k.ctx, r, n, part))
	}
	equal(k, ask(k.Report(k.ctx, r.ID)).get(k), r)
	r.Status, r.Done, r.Size, r.Chunks, r.Digest, r.EndedAt = store.ReportReady, 10, 280_002, 2, "ab", epoch.Add(time.Hour)
	k.must(k.EndReport(k.ctx, r))
	equal(k, ask(k.Report(k.ctx, r.ID)).get(k), r)
	for n, part := range parts {
		equal(k, ask(k.ReportChunk(k.ctx, r.ID, n)).get(k), part)
	}
	ask(k.ReportChunk(k.ctx, r.ID, 2)).missing(k)
	equal(k, ask(k.ReadyReports(k.ctx, r.EndedAt.Add(-time.Millisecond), "", 9)).get(k), []store.Report{r})
	equal(k, ask(k.ReadyReports(k.ctx, r.EndedAt, "", 9)).get(k), []store.Report{r})
	equal(k, ask(k.ReadyReports(k.ctx, r.EndedAt, r.ID, 9)).get(k), nil)
	equal(k, ask(k.ReadyReports(k.ctx, time.Time{}, "", 0)).get(k), nil)
	equal(k, ask(k.ExpireReports(k.ctx, r.EndedAt, 9)).get(k), 0)
	equal(k, ask(k.ExpireReports(k.ctx, r.EndedAt.Add(time.Millisecond), 9)).get(k), 1)
	ask(k.ReportChunk(k.ctx, r.ID, 0)).missing(k)
	r.Status = store.ReportExpired
	equal(k, ask(k.Report(k.ctx, r.ID)).get(k), r)
	k.must(k.ExpireReport(k.ctx, r.ID))
	equal(k, ask(k.Report(k.ctx, r.ID)).get(k), r)
}

func reportTold(k *kit) {
	shop := k.newShop().merchant
	k.ordered(shop, "a")
	k.ordered(shop, "b")
	r := k.take("node", epoch)
	r.Status, r.EndedAt = store.ReportReady, epoch
	k.must(k.EndReport(k.ctx, r))
	equal(k, ask(k.UntoldReports(k.ctx, 9)).get(k), []store.Report{r})
	k.must(k.ToldReport(k.ctx, r.ID, epoch))
	equal(k, ask(k.UntoldReports(k.ctx, 9)).get(k), nil)
}

func reportRace(k *kit) {
	const nodes = 8
	k.ordered(k.newShop().merchant, "a")
	var won atomic.Int64
	var group sync.WaitGroup
	for n := range nodes {
		group.Go(func() {
			if _, err := k.TakeReport(k.ctx, fmt.Sprint("node ", n), epoch, epoch.Add(time.Hour)); err == nil {
				won.Add(1)
			} else if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrRetry) {
				won.Add(100)
			}
		})
	}
	group.Wait()
	equal(k, won.Load(), 1)
}

func reportSchedule(k *kit) {
	shop := k.newShop().merchant
	s := store.ReportSchedule{ID: k.newID(id.ReportPlan, shop.Bucket()), Owner: shop, Every: "day", NextAt: epoch, CreatedAt: epoch,
		Order: report.Order{Type: report.OfTax, Format: sheet.PDF, Language: "ru", Till: "till_1"}}
	k.must(k.ReportSchedules().Put(k.ctx, s))
	equal(k, ask(k.ReportSchedules().List(k.ctx, shop, "", 9)).get(k), []store.ReportSchedule{s})
	equal(k, ask(k.DueSchedules(k.ctx, epoch.Add(-time.Millisecond), 9)).get(k), nil)
	equal(k, ask(k.DueSchedules(k.ctx, epoch, 9)).get(k), []store.ReportSchedule{s})
	k.must(k.MoveSchedule(k.ctx, s.ID, epoch, epoch.Add(day)))
	k.must(k.MoveSchedule(k.ctx, s.ID, epoch, epoch.Add(9*day))) // another node, later
	s.NextAt = epoch.Add(day)
	equal(k, ask(k.ReportSchedules().Get(k.ctx, s.ID)).get(k), s)
	s.NextAt, s.EndedAt = time.Time{}, epoch
	k.must(k.ReportSchedules().Put(k.ctx, s))
	equal(k, ask(k.DueSchedules(k.ctx, epoch.Add(99*day), 9)).get(k), nil)
}

// kinds are moves as short as a test needs them.
func kinds(moves []report.Move) (out []string) {
	for _, m := range moves {
		out = append(out, fmt.Sprint(m.Position, " ", m.Kind(), " ", int64(m.Change())))
	}
	return out
}

func reportMoves(k *kit) {
	s, r := k.newRequest(payment.Static)
	other, foreign := k.newRequest(payment.Static)
	p := k.sale(s, r, 1000, epoch)
	f := k.giveBack(p, 100, epoch)
	q := k.sale(other, foreign, 50, epoch)
	k.ends(f, false, epoch)
	k.sequence(99)
	all := ask(k.Moves(k.ctx, "", "", 0, 99)).get(k)
	equal(k, kinds(all), []string{"1 payment 1000", "2 refund -100", "3 payment 50", "4 refund_rejected 100"})
	equal(k, kinds(ask(k.Moves(k.ctx, "", "", 1, 3)).get(k)), kinds(all[1:3]))
	equal(k, ask(k.Moves(k.ctx, s.merchant, "", 0, 99)).get(k), []report.Move{all[0], all[1], all[3]})
	equal(k, ask(k.Moves(k.ctx, s.merchant, "", 1, 2)).get(k), all[1:2])
	equal(k, ask(k.Moves(k.ctx, "", other.psp, 0, 99)).get(k), all[2:3])
	equal(k, all[0].PSPPaymentID, p.PSPPaymentID)
	equal(k, all[1].RefundRef, f.Ref)
	equal(k, all[2].Store, q.Store)
	equal(k, all[2].Till, q.Till)
}

func reportPlaces(k *kit) {
	s, r := k.newRequest(payment.Static)
	other, foreign := k.newRequest(payment.Static)
	k.sale(other, foreign, 50, epoch)
	k.sale(s, r, 7, epoch.Add(time.Second))
	k.sequence(99)
	position, at, err := k.PlaceAt(k.ctx, s.merchant, 1)
	k.must(err)
	equal(k, position, int64(2))
	equal(k, at, epoch.Add(time.Second))
	_, at, err = k.PlaceAt(k.ctx, "", 1)
	k.must(err)
	equal(k, at, epoch)
	_, _, err = k.PlaceAt(k.ctx, s.merchant, 2)
	k.is(err, store.ErrNotFound)
	k.sale(s, r, 5, epoch.Add(time.Minute))
	for _, c := range []struct {
		before  time.Time
		sum     int64
		waiting bool
	}{{epoch, 0, false}, {epoch.Add(time.Second), 0, false}, {epoch.Add(time.Minute), 7, false}, {epoch.Add(time.Hour), 12, true}} {
		sum, waiting, err := k.PayableBefore(k.ctx, s.merchant, c.before)
		k.must(err)
		equal(k, int64(sum), c.sum)
		equal(k, waiting, c.waiting)
	}
	k.must(k.AsOf(k.ctx, 2, func(at store.MoveReader) error {
		moves, err := at.Moves(k.ctx, s.merchant, "", 0, 9)
		equal(k, len(moves), 1)
		return err
	}))
	k.is(k.AsOf(k.ctx, 3, func(store.MoveReader) error {
		return errors.New("a position that is not there yet was read")
	}), store.ErrBehind)
}
