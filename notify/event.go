package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

// These say what a fact made of its object. A fact without a line here cannot be told.
var (
	requestStatus = map[payment.FactType]payment.RequestStatus{
		payment.RequestWasScanned:  payment.RequestActive,
		payment.RequestWasPaid:     payment.RequestPaid,
		payment.RequestWasExpired:  payment.RequestExpired,
		payment.RequestWasCanceled: payment.RequestCanceled,
		payment.RequestWasPaused:   payment.RequestPaused,
		payment.RequestWasResumed:  payment.RequestActive,
	}
	paymentStatus = map[payment.FactType]payment.Status{
		payment.PaymentSucceeded: payment.Succeeded,
		payment.PaymentFailed:    payment.Failed,
		payment.PaymentCanceled:  payment.Canceled,
	}
	refundStatus = map[payment.FactType]payment.RefundStatus{
		payment.RefundWasRequested: payment.RefundRequested,
		payment.RefundDidSucceed:   payment.RefundSucceeded,
		payment.RefundWasRejected:  payment.RefundRejected,
	}
	payoutStatus = map[payment.FactType]settlement.PayoutStatus{
		payment.PayoutWasMade:     settlement.PayoutMade,
		payment.PayoutWasPaid:     settlement.PayoutPaid,
		payment.PayoutWasReturned: settlement.PayoutReturned,
	}
)

// paymentThen gives a payment as it was at a fact of its own. Every such fact
// ends the payment, so no refund was asked for yet.
func paymentThen(p payment.Payment, f payment.Fact) payment.Payment {
	if flaw.Has(flaw.EventTellsNow) {
		return p
	}
	p.Status, p.Reason, p.EndedAt = paymentStatus[f.Type], f.Reason, f.At
	p.Refunding, p.Refunded, p.FeeReturned, p.InterchangeReturned, p.SurchargeReturning, p.SurchargeReturned = 0, 0, 0, 0, 0, 0
	return p
}

// refundThen gives a refund as it was at a fact of its own.
func refundThen(r payment.Refund, f payment.Fact) payment.Refund {
	if flaw.Has(flaw.EventTellsNow) {
		return r
	}
	r.Status, r.FeeReturned, r.InterchangeReturned = refundStatus[f.Type], 0, f.Interchange
	r.EndedAt = f.At
	if f.Type == payment.RefundDidSucceed {
		r.FeeReturned = f.Fee
	}
	if f.Type == payment.RefundWasRequested {
		r.EndedAt, r.Code, r.PSPRefundID = time.Time{}, "", ""
	}
	return r
}

// payoutThen gives a payout as it was at a fact of its own.
func payoutThen(p settlement.Payout, f payment.Fact) settlement.Payout {
	p.Status, p.EndedAt = payoutStatus[f.Type], f.At
	switch f.Type {
	case payment.PayoutWasMade:
		p.PaidAt, p.EndedAt, p.Reason = time.Time{}, time.Time{}, ""
	case payment.PayoutWasPaid:
		p.Reason = ""
	}
	return p
}

// requestThen gives a request as it was at a fact of its own. Nothing is paid
// after a request has ended, so an ended one's totals are those of the row; a
// static one that was paused or resumed takes further payments, and as no fact
// holds its running totals, its events leave them at 0 rather than tell later ones.
func requestThen(r payment.Request, f payment.Fact) payment.Request {
	r.Status, r.EndedAt = requestStatus[f.Type], f.At
	if !r.Status.Final() {
		r.EndedAt, r.PaidAmount, r.PaymentsCount = time.Time{}, 0, 0
	}
	if r.ScannedAt.After(f.At) {
		r.ScannedAt = time.Time{}
	}
	return r
}

// objects are what a page of facts is about, read once.
type objects struct {
	site     wire.Site
	requests map[id.ID]payment.Request
	payments map[id.ID]payment.Payment
	refunds  map[id.ID]payment.Refund
	payouts  map[id.ID]settlement.Payout
}

// errNoObject says that a fact names an object that is not in the database, or
// is of a type that has none. It never happens while the same commit writes both.
var errNoObject = errors.New("notify: a fact has no object")

// event renders a fact. Only the fact and what never changes of the object go in.
func (o objects) event(item store.FeedItem) (wire.Event, error) {
	object, err := o.object(item.Fact)
	return wire.Event{
		ID: string(item.Fact.ID), Type: string(item.Fact.Type), CreatedAt: wire.At(item.Fact.At),
		Sequence: item.Sequence, Acked: item.Acked, Data: wire.EventData{Object: object},
	}, err
}

func (o objects) object(f payment.Fact) (any, error) {
	if _, known := requestStatus[f.Type]; known {
		if r, ok := o.requests[f.Request]; ok {
			return o.site.Request(requestThen(r, f)), nil
		}
	}
	if _, known := paymentStatus[f.Type]; known {
		if p, ok := o.payments[f.Payment]; ok {
			return o.site.Payment(paymentThen(p, f)), nil
		}
	}
	if _, known := refundStatus[f.Type]; known {
		if r, ok := o.refunds[f.Refund]; ok {
			return o.site.Refund(refundThen(r, f)), nil
		}
	}
	if _, known := payoutStatus[f.Type]; known {
		if p, ok := o.payouts[f.Payout]; ok {
			return wire.PayoutOf(payoutThen(p, f)), nil
		}
	}
	return nil, fmt.Errorf("%w: %s %s", errNoObject, f.Type, f.ID)
}

// renderer renders items of the feed from a database.
type renderer struct {
	read store.Reader
	site wire.Site
}

// events renders items, in their order, with one read of all their payments.
func (r renderer) events(ctx context.Context, items []store.FeedItem) ([]wire.Event, error) {
	o, err := r.load(ctx, items)
	if err != nil {
		return nil, err
	}
	out := make([]wire.Event, len(items))
	for i, item := range items {
		if out[i], err = o.event(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r renderer) load(ctx context.Context, items []store.FeedItem) (objects, error) {
	o := objects{site: r.site, requests: map[id.ID]payment.Request{}, payments: map[id.ID]payment.Payment{}, refunds: map[id.ID]payment.Refund{},
		payouts: map[id.ID]settlement.Payout{}}
	for _, item := range items {
		if err := r.loadOne(ctx, o, item.Fact); err != nil {
			return o, err
		}
	}
	return o, r.loadPayments(ctx, o, items)
}

// loadOne reads the request, refund or payout of a fact, unless an earlier fact had the same.
func (r renderer) loadOne(ctx context.Context, o objects, f payment.Fact) (err error) {
	if _, known := requestStatus[f.Type]; known {
		return once(o.requests, f.Request, func() (payment.Request, error) { return r.read.Request(ctx, f.Request) })
	}
	if _, known := refundStatus[f.Type]; known {
		return once(o.refunds, f.Refund, func() (payment.Refund, error) { return r.read.Refund(ctx, f.Refund) })
	}
	if _, known := payoutStatus[f.Type]; known {
		return once(o.payouts, f.Payout, func() (settlement.Payout, error) { return r.read.Payout(ctx, f.Payout) })
	}
	return nil
}

func once[T any](seen map[id.ID]T, want id.ID, read func() (T, error)) error {
	if _, ok := seen[want]; ok {
		return nil
	}
	row, err := read()
	if err == nil {
		seen[want] = row
	}
	return err
}

// mostPayments is how many payments one read may ask for.
const mostPayments = 1000

func (r renderer) loadPayments(ctx context.Context, o objects, items []store.FeedItem) error {
	var ids []id.ID
	for _, item := range items {
		_, known := paymentStatus[item.Fact.Type]
		if _, seen := o.payments[item.Fact.Payment]; known && !seen {
			o.payments[item.Fact.Payment] = payment.Payment{}
			ids = append(ids, item.Fact.Payment)
		}
	}
	clear(o.payments)
	for len(ids) > 0 {
		n := min(len(ids), mostPayments)
		rows, err := r.read.PaymentsByID(ctx, ids[:n])
		if err != nil {
			return err
		}
		for _, p := range rows {
			o.payments[p.ID] = p
		}
		ids = ids[n:]
	}
	return nil
}
