package notify

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// TestAReportThatIsReadyIsToldUntilItIsTaken, under one id, as any event; one that is gone meanwhile is given up.
func TestAReportThatIsReadyIsToldUntilItIsTaken(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, string(ReportType))
	report, gone := world.NewID(c.world, id.Report, 3), world.NewID(c.world, id.Report, 3)
	shown := func(name id.ID) wire.Report { return wire.Report{ID: string(name), EndedAt: wire.At(c.clock.Now())} }
	c.courier.Reports = func(_ context.Context, merchant, name id.ID) (wire.Report, error) {
		if merchant != c.merchant.ID || name == gone {
			return wire.Report{}, fault.New(fault.NotFound)
		}
		return shown(name), nil
	}
	box.answer = always(http.StatusBadGateway)
	for _, name := range []id.ID{gone, report} {
		c.ok(c.endpoints.TellReport(c.ctx, c.merchant.ID, name, shown(name)))
	}
	if n := len(pending(c.log(e))); n != 2 {
		t.Fatalf("%d deliveries are to be tried again", n)
	}
	c.clock.Advance(time.Hour)
	c.pass(e)
	box.answer = nil
	c.clock.Advance(time.Hour)
	if p := c.pass(e); p.Delivered != 1 || len(pending(c.log(e))) != 0 {
		t.Errorf("when the receiver was back a pass did %+v, and %d wait", p, len(pending(c.log(e))))
	}
	var last wire.Event
	for _, got := range box.events() {
		if strings.HasSuffix(got.ID, report.Token()) {
			last = got
		} else if !strings.HasSuffix(got.ID, gone.Token()) {
			t.Errorf("an event has the id %s", got.ID)
		}
	}
	if last.Type != string(ReportType) || last.ID == "" {
		t.Errorf("the last event is %+v", last)
	}
	done := map[store.DeliveryStatus]int{}
	for _, d := range c.log(e) {
		done[d.Status]++
		if d.Status == store.DeliveryFailed && d.Error == "" {
			t.Error("nobody is told why a delivery was given up")
		}
		if d.Status == store.DeliveryDelivered {
			if again, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(d.ID)); err != nil || again.Status != store.DeliveryPending {
				t.Errorf("by hand it is %+v, %v", again, err)
			}
		}
	}
	if done[store.DeliveryDelivered] != 1 || done[store.DeliveryFailed] != 1 {
		t.Errorf("the deliveries are %v", done)
	}
	if p := c.pass(e); p.Delivered != 1 {
		t.Errorf("after a redelivery by hand a pass did %+v", p)
	}
}
