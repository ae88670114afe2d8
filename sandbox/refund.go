package sandbox

import (
	"context"
	"time"

	"tolom/flaw"
	"tolom/money"
	"tolom/wire"
)

// poll is where the look for refunds stands.
type poll struct {
	due   time.Time
	after string
}

// mostRefunds is how many refunds are fetched at a time.
const mostRefunds = 100

// refunds gives money back. A refund is written down before it is acknowledged, and credited once by its id however
// often it is offered; the platform offers it until it has the acknowledgement.
func (b *Bank) refunds(ctx context.Context) (did int, err error) {
	after, due := b.pollNow()
	if !due {
		return 0, nil
	}
	page, problem := b.refundPage(ctx, after)
	if problem != nil {
		b.pollLater("", false)
		return 0, nil
	}
	for _, offered := range page.Data {
		moved, err := b.giveBack(ctx, offered)
		if err != nil {
			return did, err
		}
		if moved {
			did++
		}
	}
	b.pollLater(page.After, page.HasMore && page.After != "" && page.After != after)
	return did, nil
}

// refundPage fetches a page of refunds. A failure is logged, unless the bank is being stopped.
func (b *Bank) refundPage(ctx context.Context, after string) (wire.List[wire.PSPRefund], error) {
	call, cancel := context.WithTimeout(ctx, b.CallTime)
	defer cancel()
	page, err := b.PSP.Refunds(call, after, mostRefunds)
	if err != nil && ctx.Err() == nil {
		b.Log.Warn("refunds could not be listed", "why", err)
	}
	return page, err
}

// pollNow starts a look, if it is time; nobody else looks until pollLater.
func (b *Bank) pollNow() (after string, due bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.Clock.Now()
	if b.poll.due.After(now) {
		return "", false
	}
	b.poll.due = now.Add(b.RefundEvery)
	return b.poll.after, true
}

// pollLater says where the next look begins: at the next page, at once, or at the first one after a while.
func (b *Bank) pollLater(after string, more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.poll = poll{due: b.Clock.Now().Add(b.RefundEvery)}
	if more {
		b.poll = poll{due: b.Clock.Now(), after: after}
	}
}

// giveBack books one refund, unless that is done, and acknowledges it. A lost acknowledgement is sent again at the
// next look.
func (b *Bank) giveBack(ctx context.Context, offered wire.PSPRefund) (moved bool, err error) {
	r, booked := b.refundOf(offered.ID)
	if !booked || flaw.Has(flaw.RefundTwice) {
		e, ready := b.verdict(offered)
		if !ready {
			return false, nil
		}
		if err := b.note(e); err != nil {
			return false, err
		}
		r, _ = b.refundOf(offered.ID)
	}
	ack := wire.RefundAck{Outcome: "rejected", Code: r.Reason, PSPRefundID: "db-" + r.ID}
	if r.Credited {
		ack = wire.RefundAck{Outcome: "credited", PSPRefundID: "db-" + r.ID}
	}
	ctx, cancel := context.WithTimeout(ctx, b.CallTime)
	defer cancel()
	if _, err := b.PSP.AckRefund(ctx, r.ID, ack); err != nil {
		b.Log.Warn("a refund could not be acknowledged", "refund", r.ID, "why", err)
	}
	return !booked, nil
}

func (b *Bank) refundOf(name string) (Refund, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, known := b.book.refunds[name]
	return r, known
}

// verdict decides about a refund. It is not ready while the bank has not yet learnt how the purchase ended; that
// there is a refund says it succeeded, but only the payment's status counts.
func (b *Bank) verdict(offered wire.PSPRefund) (e entry, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, known := b.book.purchases[offered.PSPPaymentID]
	e = entry{Event: refundRejected, Refund: offered.ID, Purchase: offered.PSPPaymentID, Amount: money.Amount(offered.Amount), Fee: money.Amount(offered.Fee)}
	switch {
	case !known || p.Payment != offered.PaymentID && p.Stage.Final():
		e.Reason = "unknown_payment"
	case !p.Stage.Final():
		return e, false
	case p.Stage != Succeeded:
		e.Reason = "not_captured"
	case !p.covers(e.Amount, e.Fee):
		e.Reason = "exceeds_payment"
	default:
		e.Event, e.Reason = refundCredited, offered.Reason
	}
	return e, true
}
