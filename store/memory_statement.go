package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// Statement reads what a merchant's statement is made of. Payments come by the
// time of their success, refunds by the time they were asked for.
func (m *Memory) Statement(ctx context.Context, merchant id.ID, from, to time.Time) (StatementRows, error) {
	return read(ctx, m, func(t *tables) (rows StatementRows, err error) {
		payable := ledger.Of(merchant, ledger.Payable)
		if rows.Balance, err = t.balance(payable); err != nil {
			return rows, err
		}
		rows.Later = t.changedSince(payable, to)
		rows.Payments = t.succeeded(merchant, from, to)
		rows.Refunds = t.movedRefunds(merchant, from, to)
		rows.Payouts = t.movedPayouts(merchant, from, to)
		return rows, nil
	})
}

// changedSince sums what entries at or after a moment changed of an account.
func (t *tables) changedSince(a ledger.Account, moment time.Time) (sum money.Amount) {
	for _, i := range t.entriesOf[a] {
		switch e := t.entries[i]; {
		case e.At.Before(moment):
		case e.Credit == a:
			sum += e.Amount
		default:
			sum -= e.Amount
		}
	}
	return sum
}

func (t *tables) succeeded(merchant id.ID, from, to time.Time) (out []payment.Payment) {
	for _, i := range t.paymentsOf[merchant] {
		if p := t.payments[i]; p.Status == payment.Succeeded && within(p.EndedAt, from, to) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b payment.Payment) int { return a.EndedAt.Compare(b.EndedAt) })
	return out
}

func (t *tables) movedRefunds(merchant id.ID, from, to time.Time) (out []payment.Refund) {
	for _, i := range t.refundsOf[merchant] {
		r := t.refunds[i]
		if within(r.CreatedAt, from, to) || r.Status != payment.RefundRequested && within(r.EndedAt, from, to) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b payment.Refund) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

// Overdue gives requests that the clock has ended, the longest overdue first.
func (m *Memory) Overdue(ctx context.Context, now time.Time, limit int) ([]id.ID, error) {
	return read(ctx, m, func(t *tables) ([]id.ID, error) {
		var out []id.ID
		for request, at := range t.waiting {
			if !now.Before(at) {
				out = append(out, request)
			}
		}
		slices.SortFunc(out, func(a, b id.ID) int { return cmp.Or(t.waiting[a].Compare(t.waiting[b]), cmp.Compare(a, b)) })
		return out[:min(limit, len(out))], nil
	})
}
