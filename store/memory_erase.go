package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tolom/id"
	"tolom/payment"
)

// Erase goes through the rows of a kind. Memory looks at all of them and at each change
// again: it holds no more than a test does.
func (m *Memory) Erase(ctx context.Context, what Personal, before time.Time, limit int) (done int, err error) {
	e, known := erasures[what]
	if !known {
		return 0, fmt.Errorf("store: nothing is personal of %q", what)
	}
	bound := id.ID(boundID(e.kind, before.Add(-skew)))
	err = m.write(ctx, func(t *tables) error {
		switch what {
		case PersonalPayments:
			done = erased(t.payments, bound, limit, erasePayment)
		case PersonalRequests:
			done = erased(t.requests, bound, limit, eraseRequest)
		case PersonalRefunds:
			done = erased(t.refunds, bound, limit, eraseRefund)
		case PersonalDeliveries:
			done = erased(t.deliveries, bound, limit, eraseDelivery)
		}
		return nil
	})
	return done, err
}

// erased replaces rows that have something personal.
func erased[T any](rows map[id.ID]T, bound id.ID, limit int, erase func(*T) bool) (done int) {
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if name >= bound || done == limit {
			break
		}
		row := rows[name]
		if erase(&row) {
			rows[name] = row
			done++
		}
	}
	return done
}

func erasePayment(p *payment.Payment) bool {
	had := p.Payer.Key+p.Payer.BIC+p.ReceiptID != "" || p.Payer.NameMasked != "" && p.Payer.NameMasked != payment.Erased
	if p.EndedAt.IsZero() || !had {
		return false
	}
	p.Payer.Key, p.Payer.NameMasked, p.Payer.BIC, p.ReceiptID = "", payment.Erased, "", ""
	return true
}

func eraseRequest(r *payment.Request) bool {
	if r.EndedAt.IsZero() || r.Payload == "" {
		return false
	}
	r.Description, r.Extra, r.Metadata, r.SuccessURL, r.Payload = payment.Erased, nil, nil, "", ""
	return true
}

func eraseRefund(r *payment.Refund) bool {
	if r.EndedAt.IsZero() || r.Reason == "" || r.Reason == payment.Erased {
		return false
	}
	r.Reason = payment.Erased
	return true
}

func eraseDelivery(d *Delivery) bool {
	if !d.NextAt.IsZero() || d.Request+d.Reply+d.Error+d.ReplyHeaders == "" {
		return false
	}
	d.Request, d.Reply, d.Error, d.ReplyHeaders = "", "", "", ""
	return true
}
