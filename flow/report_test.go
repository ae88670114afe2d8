package flow_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// office is a platform with some payments of two shops behind it, and its reports.
type office struct {
	*kit
	reports *flow.Reports
	day     string
}

// newOffice has shops sell and give back; half of it at a till.
func newOffice(t *testing.T, p place) *office {
	k := newKit(t, p, true)
	o := &office{kit: k, reports: flow.NewReports(k.store, k.store, k.registry, k.world, "https://tolom.example")}
	store, till := k.furnish("shop", "Main")
	narrow := k.shops["shop"]
	narrow.Store, narrow.Till = store.ID, till.ID
	for n := range 12 {
		who, amount := []access.Merchant{k.shops["shop"], k.shops["bazaar"], narrow}[n%3], int64(10_000+n)
		r, _, err := k.platform.CreateRequest(k.ctx, who, key(fmt.Sprint("sale", n), "r", n), wire.NewPaymentRequest{
			Kind: "dynamic", Amount: amount, Currency: "KGS", OrderID: fmt.Sprint("=order-", n), Metadata: map[string]string{"cashier": "Кассир 1"}})
		k.must(err)
		paid := k.create([]string{"blue", "green"}[n%2], r, fmt.Sprint("own-", n, "-", r.ID.Token()))
		_, err = k.platform.Execute(k.ctx, k.psps[[]string{"blue", "green"}[n%2]], string(paid.ID))
		k.must(err)
		if n%4 == 0 {
			back, _, err := k.platform.CreateRefund(k.ctx, who, key(fmt.Sprint("back", n), "b", n), string(paid.ID), wire.NewRefund{Amount: 500, Reason: "+1"})
			k.must(err)
			_, err = k.platform.AckRefund(k.ctx, k.psps[[]string{"blue", "green"}[n%2]], string(back.ID), wire.RefundAck{Outcome: []string{"credited", "rejected"}[n/4%2]})
			k.must(err)
		}
	}
	o.number()
	o.day = k.world.Clock.Now().Add(6 * time.Hour).Format(time.DateOnly)
	return o
}

// number gives all facts their places.
func (o *office) number() {
	o.t.Helper()
	for {
		n, err := o.store.Sequence(o.ctx, 1000)
		if errors.Is(err, store.ErrRetry) {
			continue
		}
		if o.must(err); n == 0 {
			return
		}
	}
}

// order is a statement of some days around today.
func (o *office) order(kind, format string) wire.NewReport {
	now := o.world.Clock.Now()
	return wire.NewReport{Type: kind, Format: format, From: now.Add(-48 * time.Hour).Format(time.RFC3339), To: now.Add(48 * time.Hour).Format(time.RFC3339), Language: "en"}
}

func (o *office) shop() flow.Reader { return flow.MerchantReader(o.shops["shop"]) }

// made orders a report, has it made, and gives it with its file.
func (o *office) made(who flow.Reader, in wire.NewReport) (store.Report, []byte) {
	o.t.Helper()
	ordered, _, err := o.reports.Order(o.ctx, who, "", in)
	o.must(err)
	o.makeAll()
	r, file, err := o.reports.Open(o.ctx, who, string(ordered.ID))
	o.must(err)
	body, err := io.ReadAll(file)
	o.must(err)
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != r.Digest || int64(len(body)) != r.Size || r.Done != r.Total {
		o.t.Fatalf("the file has %d bytes, the report says %+v", len(body), r)
	}
	return r, body
}

func (o *office) makeAll() {
	o.t.Helper()
	for did := 1; did > 0; {
		var err error
		did, err = o.reports.MakeNext(o.ctx, "node")
		o.must(err)
	}
}

// summary is the foot of a report in JSON.
func summary(t *testing.T, body []byte) map[string]int64 {
	t.Helper()
	var r struct {
		Rows []map[string]any `json:"rows"`
		Foot map[string]int64 `json:"foot"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return r.Foot
}

// offices runs a test over each kind of store.
func offices(t *testing.T, test func(*office)) {
	for _, where := range everywhere {
		p := where(t)
		t.Run(p.name, func(t *testing.T) { test(newOffice(t, p)) })
	}
}

func TestReportsEqualTheLedger(t *testing.T) {
	offices(t, func(o *office) {
		_, body := o.made(o.shop(), o.order("statement", "json"))
		sums := summary(o.t, body)
		if sums["closing"] != int64(o.payable("shop")) || sums["opening"] != 0 || sums["count"] != 8 {
			o.t.Errorf("%v, and the ledger says %d", sums, o.payable("shop"))
		}
		var fees money.Amount = o.balance(ledger.Platform(ledger.Fees)) - o.fees
		if _, body = o.made(flow.CentreReader(), o.order("overview", "json")); o.clock != nil && summary(o.t, body)["centre"] != int64(fees) {
			o.t.Errorf("the overview says %v, the ledger %d", summary(o.t, body), fees)
		}
		for _, name := range []string{"blue", "green"} {
			psp := o.psps[name].ID
			_, body := o.made(flow.PSPReader(psp), o.order("psp_reconciliation", "json"))
			if want := -o.balance(ledger.Of(psp, ledger.Clearing)) - o.balance(ledger.Of(psp, ledger.Interchange)); summary(o.t, body)["net"] != int64(want) {
				o.t.Errorf("%s: %v, the ledger says %d", name, summary(o.t, body), want)
			}
		}
	})
}

func TestAStatementGoesOnWhereTheOneBeforeEnded(t *testing.T) {
	offices(t, func(o *office) {
		in := o.order("statement", "json")
		in.From = o.world.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		if _, body := o.made(o.shop(), in); summary(o.t, body)["opening"] != int64(o.payable("shop")) {
			o.t.Errorf("%s, and %d is owed", body, o.payable("shop"))
		}
	})
}

func TestTheSameReportOfTheSamePositionIsTheSameBytes(t *testing.T) {
	offices(t, func(o *office) {
		for _, c := range []struct {
			who  flow.Reader
			kind string
		}{{o.shop(), "statement"}, {o.shop(), "tax"}, {o.shop(), "refunds"}, {flow.PSPReader(o.psps["blue"].ID), "psp_reconciliation"}, {flow.CentreReader(), "overview"}} {
			for _, format := range []string{"csv", "json", "xlsx", "pdf"} {
				first, body := o.made(c.who, o.order(c.kind, format))
				o.success("f-"+first.ID.Token(), 7_000)
				o.number()
				again := o.order(c.kind, format)
				again.From, again.To, again.Position = first.Order.From.Format(time.RFC3339Nano), first.Order.To.Format(time.RFC3339Nano), first.Position
				if _, same := o.made(c.who, again); !bytes.Equal(body, same) {
					o.t.Errorf("%s as %s differs after further payments", c.kind, format)
				}
				again.Position = 0
				if now, later := o.made(c.who, again); now.Position <= first.Position || c.kind != "refunds" && bytes.Equal(body, later) {
					o.t.Errorf("%s as %s does not know of further payments", c.kind, format)
				}
			}
			if o.clock == nil {
				break // One kind will do on the slow one.
			}
		}
	})
}

func TestAReportOfADeadNodeIsMadeByAnother(t *testing.T) {
	offices(t, func(o *office) {
		_, want := o.made(o.shop(), o.order("statement", "csv"))
		in := o.order("statement", "csv")
		ordered, _, err := o.reports.Order(o.ctx, o.shop(), "", in)
		o.must(err)
		now := o.world.Clock.Now()
		dead, err := o.store.TakeReport(o.ctx, "dead", now, now)
		o.must(err)
		dead.Done, dead.Total = 1, 2
		o.must(o.store.KeepReport(o.ctx, dead, 0, []byte("half a file")))
		o.makeAll()
		r, file, err := o.reports.Open(o.ctx, o.shop(), string(ordered.ID))
		o.must(err)
		body, err := io.ReadAll(file)
		o.must(err)
		if r.Attempts != 2 || !bytes.Equal(body, want) {
			o.t.Errorf("after %d attempts:\n%s\nwant\n%s", r.Attempts, body, want)
		}
	})
}

func TestANodeThatStopsLetsItsReportGo(t *testing.T) {
	offices(t, func(o *office) {
		ordered, _, err := o.reports.Order(o.ctx, o.shop(), "", o.order("statement", "csv"))
		o.must(err)
		ctx, stop := context.WithCancel(o.ctx)
		o.store = &stopping{o.store, stop}
		slow := flow.NewReports(o.store, o.store, o.registry, o.world, "")
		if _, err := slow.MakeNext(ctx, "stopping"); err != nil {
			o.t.Log(err)
		}
		r, err := o.reports.Report(o.ctx, o.shop(), string(ordered.ID))
		o.must(err)
		if r.Status != store.ReportQueued {
			o.t.Errorf("it is %s until %s", r.Status, r.HeldUntil)
		}
		o.makeAll()
		if r, _, err = o.reports.Open(o.ctx, o.shop(), string(ordered.ID)); err != nil {
			o.t.Errorf("%+v: %v", r, err)
		}
	})
}

// stopping is a store over which the node is stopped when it looks for its opening balance.
type stopping struct {
	store.Store
	stop func()
}

func (s *stopping) AsOf(ctx context.Context, _ int64, do func(store.MoveReader) error) error {
	return do(stoppingReader{s.Store, s.stop})
}

type stoppingReader struct {
	store.MoveReader
	stop func()
}

func (s stoppingReader) PayableBefore(ctx context.Context, _ id.ID, _ time.Time) (money.Amount, bool, error) {
	s.stop()
	return 0, false, ctx.Err()
}

func TestEveryCallOfAReportMayFailOnce(t *testing.T) {
	o := newOffice(t, memory(t))
	_, want := o.made(o.shop(), o.order("statement", "xlsx"))
	calls, strike := 0, -1
	o.store.(*store.Memory).Fault = func(p store.Point) error {
		if p != store.ReadPoint && p != store.WritePoint {
			return nil
		}
		if calls++; calls == strike {
			return store.ErrRetry
		}
		return nil
	}
	for n := 1; ; n++ {
		strike = -1
		ordered, _, err := o.reports.Order(o.ctx, o.shop(), "", o.order("statement", "xlsx"))
		o.must(err)
		calls, strike = 0, n
		for range 20 {
			_, _ = o.reports.MakeNext(o.ctx, "node") // What went wrong is tried again.
			o.clock.Advance(2 * time.Minute)
		}
		reached := calls >= n
		strike = -1
		_, file, err := o.reports.Open(o.ctx, o.shop(), string(ordered.ID))
		if err != nil {
			t.Fatalf("call %d failed: %v", n, err)
		}
		body, err := io.ReadAll(file)
		o.must(err)
		// The clock has moved, and with it the time that is ordered; what is in it has not.
		if len(body) < len(want)*9/10 {
			t.Fatalf("call %d failed: %d bytes, want %d", n, len(body), len(want))
		}
		if !reached || n > 60 {
			break
		}
	}
}

func TestAForeignReportIsNotThere(t *testing.T) {
	offices(t, func(o *office) {
		r, _ := o.made(o.shop(), o.order("statement", "csv"))
		till := o.shop()
		till.Till = "till_other"
		for name, who := range map[string]flow.Reader{
			"another merchant": flow.MerchantReader(o.shops["bazaar"]), "a PSP": flow.PSPReader(o.psps["blue"].ID), "the centre": flow.CentreReader(), "a till": till,
		} {
			if _, err := o.reports.Report(o.ctx, who, string(r.ID)); !fault.Has(err, fault.NotFound) {
				o.t.Errorf("%s sees it: %v", name, err)
			}
			if _, _, err := o.reports.Open(o.ctx, who, string(r.ID)); !fault.Has(err, fault.NotFound) {
				o.t.Errorf("%s opens it: %v", name, err)
			}
			if list, _, err := o.reports.List(o.ctx, who, "", 20); err != nil || len(list) > 0 {
				o.t.Errorf("%s lists %v: %v", name, list, err)
			}
		}
		if _, err := o.reports.Report(o.ctx, o.shop(), "rep_nonsense"); !fault.Has(err, fault.NotFound) {
			o.t.Errorf("%v", err)
		}
	})
}

func TestAKeyOfATillOrdersWhatIsOfTheTill(t *testing.T) {
	o := newOffice(t, memory(t))
	place, till := o.furnish("bazaar", "Other")
	narrow := o.shop()
	narrow.Till = o.tillOf("shop")
	r, body := o.made(narrow, o.order("statement", "json"))
	if sums := summary(t, body); r.Order.Till != narrow.Till || sums["opening"] != 0 || sums["count"] != 4 {
		t.Errorf("%+v %v", r.Order, sums)
	}
	for field, in := range map[string]wire.NewReport{
		"store_id": {StoreID: string(place.ID)}, "till_id": {TillID: string(till.ID)},
	} {
		in.Type, in.Format, in.From = "statement", "csv", o.day
		if _, _, err := o.reports.Order(o.ctx, narrow, "", in); !fault.Has(err, fault.NotFound) {
			t.Errorf("%s of another: %v", field, err)
		}
	}
	if _, _, err := o.reports.Order(o.ctx, narrow, "", o.order("settlement", "csv")); !fault.Has(err, fault.Forbidden) {
		t.Errorf("deposits for a till: %v", err)
	}
}

// tillOf is the first till of a shop.
func (o *office) tillOf(shop string) id.ID {
	o.t.Helper()
	tills, err := o.store.Tills().List(o.ctx, o.shops[shop].ID, "", 1)
	o.must(err)
	return tills[0].ID
}

func TestTheSameKeyIsTheSameReport(t *testing.T) {
	o := newOffice(t, memory(t))
	in := o.order("statement", "csv")
	first, replayed, err := o.reports.Order(o.ctx, o.shop(), "once", in)
	if o.must(err); replayed {
		t.Error("the first is a repeat")
	}
	second, replayed, err := o.reports.Order(o.ctx, o.shop(), "once", in)
	if o.must(err); !replayed || second.ID != first.ID {
		t.Errorf("%s, then %s (%v)", first.ID, second.ID, replayed)
	}
	in.Format = "pdf"
	if _, _, err := o.reports.Order(o.ctx, o.shop(), "once", in); !fault.Has(err, fault.IdempotencyReused) {
		t.Errorf("another order under the key: %v", err)
	}
}

func TestAnOwnerWaitsForTenReports(t *testing.T) {
	o := newOffice(t, memory(t))
	for range 10 {
		_, _, err := o.reports.Order(o.ctx, o.shop(), "", o.order("statement", "csv"))
		o.must(err)
	}
	if _, _, err := o.reports.Order(o.ctx, o.shop(), "", o.order("statement", "csv")); !fault.Has(err, fault.RateLimited) {
		t.Errorf("%v", err)
	}
	if _, _, err := o.reports.Order(o.ctx, flow.CentreReader(), "", o.order("overview", "csv")); err != nil {
		t.Errorf("another owner: %v", err)
	}
}

func TestAFileIsReadFromAnywhere(t *testing.T) {
	o := newOffice(t, memory(t))
	r, want := o.made(o.shop(), o.order("statement", "pdf"))
	_, file, err := o.reports.Open(o.ctx, o.shop(), string(r.ID))
	o.must(err)
	if err := iotest.TestReader(file, want); err != nil {
		t.Error(err)
	}
	for _, at := range []int64{int64(len(want)) - 1, 0, int64(len(want)) / 2} {
		_, err := file.Seek(at, io.SeekStart)
		o.must(err)
		rest, err := io.ReadAll(file)
		if o.must(err); !bytes.Equal(rest, want[at:]) {
			t.Errorf("from %d on it is another file", at)
		}
	}
}

func TestASmallReportIsMadeAtOnce(t *testing.T) {
	o := newOffice(t, memory(t))
	_, kept := o.made(o.shop(), o.order("statement", "csv"))
	if _, now, err := o.reports.Now(o.ctx, o.shop(), o.order("statement", "csv")); err != nil || !bytes.Equal(now, kept) {
		t.Errorf("%v\n%s\n%s", err, now, kept)
	}
}

// behind is a replica that stays behind.
type behind struct{ store.Store }

func (behind) Head(context.Context) (int64, error) { return 3, nil }

func TestAReplicaThatIsBehindIsNotBelieved(t *testing.T) {
	o := newOffice(t, memory(t))
	ticking := o.world
	ticking.Clock = fast{o.clock}
	o.reports = flow.NewReports(o.store, behind{o.store}, o.registry, ticking, "")
	if _, _, err := o.reports.Now(o.ctx, o.shop(), o.order("statement", "csv")); !fault.Has(err, fault.OutOfService) {
		t.Errorf("%v", err)
	}
	ordered, _, err := o.reports.Order(o.ctx, o.shop(), "", o.order("statement", "csv"))
	o.must(err)
	if _, err := o.reports.MakeNext(o.ctx, "node"); err != nil {
		t.Error(err)
	}
	if r, err := o.reports.Report(o.ctx, o.shop(), string(ordered.ID)); err != nil || r.Status != store.ReportQueued {
		t.Errorf("%s, %v", r.Status, err)
	}
}

// fast is a clock that goes on by a minute whenever somebody looks.
type fast struct{ *world.Manual }

func (f fast) Now() time.Time { return f.Advance(time.Minute) }

func TestASchedulesReportsAreOrderedOnce(t *testing.T) {
	o := newOffice(t, memory(t))
	s, err := o.reports.Schedule(o.ctx, o.shop(), wire.NewReportSchedule{Every: "day", Type: "tax", Format: "csv"})
	o.must(err)
	if did, err := o.reports.OrderDue(o.ctx, 9); did != 0 || err != nil {
		t.Errorf("%d are due at once (%v)", did, err)
	}
	o.clock.Advance(24 * time.Hour)
	for range 3 { // nodes
		_, err := o.reports.OrderDue(o.ctx, 9)
		o.must(err)
	}
	list, _, err := o.reports.List(o.ctx, o.shop(), "", 9)
	if o.must(err); len(list) != 1 || list[0].Order.To.Sub(list[0].Order.From) != 24*time.Hour || !list[0].Order.To.Before(o.clock.Now()) {
		t.Fatalf("%+v", list)
	}
	if _, err := o.reports.EndSchedule(o.ctx, flow.MerchantReader(o.shops["bazaar"]), string(s.ID)); !fault.Has(err, fault.NotFound) {
		t.Errorf("a foreign schedule is ended: %v", err)
	}
	_, err = o.reports.EndSchedule(o.ctx, o.shop(), string(s.ID))
	o.must(err)
	o.clock.Advance(99 * 24 * time.Hour)
	if did, err := o.reports.OrderDue(o.ctx, 9); did != 0 || err != nil {
		t.Errorf("%d are due after the end (%v)", did, err)
	}
}

func TestOldFilesGo(t *testing.T) {
	o := newOffice(t, memory(t))
	r, _ := o.made(o.shop(), o.order("statement", "csv"))
	o.clock.Advance(flow.KeepFiles + time.Hour)
	if n, err := o.reports.Expire(o.ctx, 9); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, _, err := o.reports.Open(o.ctx, o.shop(), string(r.ID)); !fault.Has(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

// TestFilesAboutAnErasedTimeGoAtOnce: what a report repeats of payers goes with what it was made of, not thirty days later.
func TestFilesAboutAnErasedTimeGoAtOnce(t *testing.T) {
	for _, open := range everywhere {
		o := newOffice(t, open(t))
		in := o.order("statement", "csv")
		old, _ := o.made(o.shop(), in)
		in.From = o.world.Clock.Now().Add(-time.Hour).Format(time.RFC3339)
		young, _ := o.made(o.shop(), in)
		until := young.Order.From.Add(-time.Second)
		if n, err := o.reports.ExpireAbout(o.ctx, old.Order.From.Add(-time.Second)); n != 0 || err != nil {
			t.Errorf("%s: before its time %d went, %v", o.name, n, err)
		}
		for _, want := range []int{1, 0} {
			if n, err := o.reports.ExpireAbout(o.ctx, until); n != want || err != nil {
				t.Errorf("%s: %d went, want %d, %v", o.name, n, want, err)
			}
		}
		if _, _, err := o.reports.Open(o.ctx, o.shop(), string(old.ID)); !fault.Has(err, fault.NotFound) {
			t.Errorf("%s: the file about what was erased is there: %v", o.name, err)
		}
		if _, _, err := o.reports.Open(o.ctx, o.shop(), string(young.ID)); err != nil {
			t.Errorf("%s: the other one is gone: %v", o.name, err)
		}
	}
}
