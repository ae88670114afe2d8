package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/report"
)

// AsOf sees that the position is known. What is read after that may be of later moments.
func (m *Memory) AsOf(ctx context.Context, position int64, do func(MoveReader) error) error {
	head, err := m.Head(ctx)
	if err != nil {
		return err
	}
	if head < position {
		return fmt.Errorf("%w: it is at %d, not at %d", ErrBehind, head, position)
	}
	return do(m)
}

// Moves gives the facts that move money, with their objects.
func (m *Memory) Moves(ctx context.Context, reader, psp id.ID, after, upTo int64) ([]report.Move, error) {
	return read(ctx, m, func(t *tables) (out []report.Move, err error) {
		for place := after + 1; place <= upTo; place++ {
			item, there := t.placed(reader, place)
			if !there {
				break
			}
			if f := item.Fact; slices.Contains(report.MovingFacts, f.Type) && (psp == "" || f.PSP == psp) {
				out = append(out, t.move(item))
			}
		}
		return out, nil
	})
}

// placed gives what is at a place, a sequence of a merchant's feed or for the empty reader a position.
func (t *tables) placed(reader id.ID, place int64) (item FeedItem, there bool) {
	if reader == platform {
		if there = place >= 1 && place <= int64(len(t.feed)); there {
			item = t.feed[place-1]
		}
		return item, there
	}
	of := t.feedOf[reader]
	if there = place >= 1 && place <= int64(len(of)); there {
		item = t.feed[of[place-1]]
	}
	return item, there
}

func (t *tables) move(item FeedItem) report.Move {
	p, r, x := t.payments[item.Fact.Payment], t.requests[item.Fact.Request], t.refunds[item.Fact.Refund]
	return report.Move{Position: item.Position, Fact: item.Fact, Store: p.Store, Till: p.Till, PSPPaymentID: p.PSPPaymentID, OrderID: r.OrderID,
		Cashier: r.Metadata[report.CashierKey], PSPRefundID: x.PSPRefundID, RefundRef: x.Ref, RefundReason: x.Reason}
}

// PlaceAt tells of a place of the feed.
func (m *Memory) PlaceAt(ctx context.Context, reader id.ID, place int64) (position int64, at time.Time, err error) {
	item, err := read(ctx, m, func(t *tables) (FeedItem, error) {
		item, there := t.placed(reader, place)
		if !there {
			return item, ErrNotFound
		}
		return item, nil
	})
	return item.Position, item.Fact.At, err
}

// PayableBefore works back from the balance now.
func (m *Memory) PayableBefore(ctx context.Context, merchant id.ID, at time.Time) (sum money.Amount, waiting bool, err error) {
	sum, err = read(ctx, m, func(t *tables) (money.Amount, error) {
		payable := ledger.Of(merchant, ledger.Payable)
		now, err := t.balance(payable)
		for _, u := range t.unnumbered {
			waiting = waiting || len(u.facts) > 0 && u.at.Before(at)
		}
		return now - t.changedSince(payable, at), err
	})
	return sum, waiting, err
}
