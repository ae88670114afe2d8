package notify

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

var (
	born  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	then  = born.Add(time.Minute)
	later = born.Add(time.Hour)

	someID = func(k id.Kind) id.ID { return id.New(k, born, 7, id.Random{1}) }
)

// These are rows as they stand long after the facts under test: everything that
// could leak into an earlier event has happened.
var (
	lateRequest = payment.Request{
		ID: someID(id.Request), Merchant: someID(id.Merchant), Kind: payment.Static, Status: payment.RequestCanceled, Amount: 500, Currency: "KGS",
		CreatedAt: born, ScannedAt: later, EndedAt: later, PaidAmount: 9_000, PaymentsCount: 9,
	}
	paidRequest = payment.Request{
		ID: someID(id.Request), Merchant: someID(id.Merchant), Kind: payment.Dynamic, Status: payment.RequestPaid, Amount: 500, Currency: "KGS",
		CreatedAt: born, ScannedAt: then, EndedAt: later, PaidAmount: 500, PaymentsCount: 1,
	}
	latePayment = payment.Payment{
		ID: someID(id.Payment), Request: someID(id.Request), Merchant: someID(id.Merchant), Status: payment.Succeeded, Amount: 500, Fee: 5, Currency: "KGS",
		CreatedAt: born, EndedAt: then, Refunding: 100, Refunded: 200, FeeReturned: 2,
	}
	lateRefund = payment.Refund{
		ID: someID(id.Refund), Payment: someID(id.Payment), Request: someID(id.Request), Merchant: someID(id.Merchant), Amount: 200, Currency: "KGS",
		Status: payment.RefundRejected, Code: "account_closed", PSPRefundID: "r-1", CreatedAt: born, EndedAt: later,
	}
)

func TestRequestEventTellsTheRequestAsItWas(t *testing.T) {
	for _, c := range []struct {
		fact   payment.FactType
		at     time.Time
		row    payment.Request
		status string
		paid   int64
		count  int64
		scan   time.Time
		end    time.Time
	}{
		{payment.RequestWasScanned, then, paidRequest, "active", 0, 0, then, time.Time{}},
		{payment.RequestWasPaid, later, paidRequest, "paid", 500, 1, then, later},
		{payment.RequestWasPaused, then, lateRequest, "paused", 0, 0, time.Time{}, time.Time{}},
		{payment.RequestWasResumed, then, lateRequest, "active", 0, 0, time.Time{}, time.Time{}},
		{payment.RequestWasCanceled, later, lateRequest, "canceled", 9_000, 9, later, later},
		{payment.RequestWasExpired, later, lateRequest, "expired", 9_000, 9, later, later},
	} {
		got := site.Request(requestThen(c.row, payment.Fact{Type: c.fact, At: c.at}))
		want := site.Request(c.row)
		want.Status, want.PaidAmount, want.PaymentsCount, want.ScannedAt, want.EndedAt = c.status, c.paid, c.count, wire.At(c.scan), wire.At(c.end)
		same(t, string(c.fact), got, want)
	}
}

func TestPaymentEventTellsThePaymentAsItWas(t *testing.T) {
	for _, c := range []struct {
		fact   payment.FactType
		reason payment.Reason
		status string
		code   int
		paid   bool
	}{
		{payment.PaymentSucceeded, payment.ReasonNone, "success", 50, true},
		{payment.PaymentFailed, payment.ReasonSuspended, "error", 30, false},
		{payment.PaymentCanceled, payment.ReasonLostRace, "canceled", 40, false},
	} {
		got := site.Payment(paymentThen(latePayment, payment.Fact{Type: c.fact, At: then, Reason: c.reason}))
		want := site.Payment(latePayment)
		want.Status, want.StatusCode, want.Reason, want.RefundedAmount, want.EndedAt = c.status, c.code, string(c.reason), 0, wire.At(then)
		if !c.paid {
			want.Receipt = ""
		}
		same(t, string(c.fact), got, want)
	}
}

func TestRefundEventTellsTheRefundAsItWas(t *testing.T) {
	for _, c := range []struct {
		fact   payment.FactType
		fee    int64
		status string
		code   string
		end    time.Time
	}{
		{payment.RefundWasRequested, 0, "requested", "", time.Time{}},
		{payment.RefundDidSucceed, 2, "success", "account_closed", later},
		{payment.RefundWasRejected, 0, "rejected", "account_closed", later},
	} {
		at := c.end
		if at.IsZero() {
			at = born
		}
		row := lateRefund
		row.FeeReturned = 99
		got := site.Refund(refundThen(row, payment.Fact{Type: c.fact, At: at, Fee: money.Amount(c.fee)}))
		want := site.Refund(row)
		want.Status, want.Code, want.FeeReturned, want.EndedAt = c.status, c.code, c.fee, wire.At(c.end)
		same(t, string(c.fact), got, want)
	}
}

// same compares by the JSON that goes out.
func same(t tester, name string, got, want any) {
	t.Helper()
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("%s:\n got %s\nwant %s", name, a, b)
	}
}

func TestEveryTypeOfFactCanBeTold(t *testing.T) {
	o := objects{
		site:     site,
		requests: map[id.ID]payment.Request{paidRequest.ID: paidRequest},
		payments: map[id.ID]payment.Payment{latePayment.ID: latePayment},
		refunds:  map[id.ID]payment.Refund{lateRefund.ID: lateRefund},
		payouts:  map[id.ID]settlement.Payout{latePayout.ID: latePayout},
	}
	for _, f := range payment.FactTypes {
		item := store.FeedItem{Sequence: 3, Acked: true, Fact: payment.Fact{
			ID: someID(id.Event), Type: f, At: then, Request: paidRequest.ID, Payment: latePayment.ID, Refund: lateRefund.ID, Payout: latePayout.ID,
		}}
		e, err := o.event(item)
		if err != nil || e.ID != string(item.Fact.ID) || e.Type != string(f) || e.Sequence != 3 || !e.Acked || !e.CreatedAt.Equal(then) || e.Data.Object == nil {
			t.Errorf("%s: %+v, %v", f, e, err)
		}
	}
	if _, err := o.event(store.FeedItem{Fact: payment.Fact{Type: "payment.vanished", Payment: latePayment.ID}}); err == nil {
		t.Error("a fact of an unknown type was told")
	}
	if _, err := o.event(store.FeedItem{Fact: payment.Fact{Type: payment.PaymentFailed, Payment: someID(id.Refund)}}); err == nil {
		t.Error("a fact without its object was told")
	}
}

// TestEventsDoNotChange holds every event of a busy day to what it was when it
// was told first.
func TestEventsDoNotChange(t *testing.T) {
	c := newTown(t)
	told := map[string]string{}
	look := func() {
		t.Helper()
		for _, e := range c.feed() {
			text, err := json.Marshal(e)
			c.ok(err)
			if before, known := told[e.ID]; known && before != string(text) {
				t.Errorf("%s was told as\n%s\nand is now\n%s", e.Type, before, text)
			}
			told[e.ID] = string(text)
		}
	}
	r, fixed := c.ask(50_000), c.askStatic()
	lost := c.begin(r, 50_000)
	steps := []func(){
		func() { c.scan(r) },
		func() { c.pay(r, 50_000) },
		func() { c.pay(fixed, 700) },
		func() { c.change(c.platform.PauseRequest, fixed) },
		func() { c.change(c.platform.ResumeRequest, fixed) },
		func() { c.pay(fixed, 800) },
		func() { c.ack(c.refund(c.succeeded(r), 20_000), "credited", "") },
		func() { c.ack(c.refund(c.succeeded(r), 10_000), "rejected", "account_closed") },
		func() { c.change(c.platform.CancelRequest, fixed) },
		func() { c.clock.Advance(time.Hour); c.ok(c.platform.Expire(c.ctx, c.ask(1).ID)) },
	}
	for _, step := range steps {
		c.clock.Advance(time.Second)
		step()
		look()
	}
	got := types(c.feed())
	want := "request.scanned payment.succeeded request.paid payment.canceled payment.succeeded request.paused request.resumed payment.succeeded " +
		"refund.requested refund.succeeded refund.requested refund.rejected request.canceled"
	if got != want {
		t.Errorf("the day was told as\n%s\nwant\n%s", got, want)
	}
	if !slices.ContainsFunc(c.feed(), func(e wire.Event) bool {
		p, ok := e.Data.Object.(wire.Payment)
		return ok && p.ID == string(lost.ID) && p.Reason == "lost_race"
	}) {
		t.Error("the payment that lost the race was not told as such")
	}
}
