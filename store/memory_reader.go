package store

import (
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// row gives a row by its id; ErrNotFound.
func row[T any](rows map[id.ID]T, name id.ID) (T, error) {
	found, ok := rows[name]
	if !ok {
		return found, ErrNotFound
	}
	return found, nil
}

// Request gives a request with its running totals.
func (m *Memory) Request(ctx context.Context, request id.ID) (payment.Request, error) {
	return read(ctx, m, func(t *tables) (payment.Request, error) {
		if _, err := row(t.requests, request); err != nil {
			return payment.Request{}, err
		}
		return t.summed(request), nil
	})
}

// RequestsByID gives those that exist.
func (m *Memory) RequestsByID(ctx context.Context, ids []id.ID) ([]payment.Request, error) {
	return read(ctx, m, func(t *tables) (out []payment.Request, err error) {
		for _, i := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			if _, found := t.requests[i]; found {
				out = append(out, t.summed(i))
			}
		}
		return out, nil
	})
}

// summed gives a request with the totals that stand in rows of their own.
func (t *tables) summed(request id.ID) payment.Request {
	r, sum := copyRequest(t.requests[request]), t.totals[request]
	r.PaidAmount += sum.amount
	r.PaymentsCount += sum.count
	return r
}

// Payment gives a payment.
func (m *Memory) Payment(ctx context.Context, pay id.ID) (payment.Payment, error) {
	return read(ctx, m, func(t *tables) (payment.Payment, error) { return row(t.payments, pay) })
}

// Refund gives a refund.
func (m *Memory) Refund(ctx context.Context, refund id.ID) (payment.Refund, error) {
	return read(ctx, m, func(t *tables) (payment.Refund, error) { return row(t.refunds, refund) })
}

// Claim gives a claim.
func (m *Memory) Claim(ctx context.Context, name Name) (Claim, error) {
	return read(ctx, m, func(t *tables) (Claim, error) {
		c, found := t.claims[name]
		if !found {
			return Claim{}, ErrNotFound
		}
		return c, nil
	})
}

// Balance gives the sum of an account's slices.
func (m *Memory) Balance(ctx context.Context, a ledger.Account) (money.Amount, error) {
	return read(ctx, m, func(t *tables) (money.Amount, error) { return t.balance(a) })
}

func (t *tables) balance(a ledger.Account) (sum money.Amount, err error) {
	rows := t.balances[a]
	if rows == nil {
		return 0, nil
	}
	for _, row := range rows {
		if sum, err = money.Add(sum, row.amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// Requests lists a merchant's requests.
func (m *Memory) Requests(ctx context.Context, f RequestFilter) ([]payment.Request, error) {
	return read(ctx, m, func(t *tables) ([]payment.Request, error) {
		ids := newestFirst(older(t.requestsOf[f.Merchant], f.Before))
		return gather(ids, f.Limit, t.summed, f.fits), nil
	})
}

// Payments lists the payments of a merchant or of a PSP.
func (m *Memory) Payments(ctx context.Context, f PaymentFilter) ([]payment.Payment, error) {
	return read(ctx, m, func(t *tables) ([]payment.Payment, error) {
		ids := newestFirst(older(t.paymentsOf[f.Merchant+f.PSP], f.Before))
		return gather(ids, f.Limit, func(i id.ID) payment.Payment { return t.payments[i] }, f.fits), nil
	})
}

// PaymentsByID gives those that exist.
func (m *Memory) PaymentsByID(ctx context.Context, ids []id.ID) ([]payment.Payment, error) {
	return read(ctx, m, func(t *tables) ([]payment.Payment, error) {
		var found []id.ID
		for _, i := range ids {
			if _, exists := t.payments[i]; exists {
				found = append(found, i)
			}
		}
		return pick(t.payments, found), nil
	})
}

// Refunds lists the refunds of a merchant or of a PSP.
func (m *Memory) Refunds(ctx context.Context, f RefundFilter) ([]payment.Refund, error) {
	return read(ctx, m, func(t *tables) ([]payment.Refund, error) {
		ids := t.refundsOf[f.Merchant+f.PSP]
		if f.Ascending {
			ids = newer(ids, f.After)
		} else {
			ids = newestFirst(older(ids, f.Before))
		}
		return gather(ids, f.Limit, func(i id.ID) payment.Refund { return t.refunds[i] }, func(r payment.Refund) bool {
			return f.fits(r) && (f.Store == "" && f.Till == "" || f.at(t.payments[r.Payment]))
		}), nil
	})
}

func newestFirst(ids []id.ID) []id.ID {
	out := slices.Clone(ids)
	slices.Reverse(out)
	return out
}

// gather fetches rows in the given order until the limit is reached.
func gather[T any](ids []id.ID, limit int, fetch func(id.ID) T, fits func(T) bool) (out []T) {
	for _, i := range ids {
		if len(out) >= limit {
			break
		}
		if row := fetch(i); fits(row) {
			out = append(out, row)
		}
	}
	return out
}

// matches says whether a field passes a filter that may be off.
func matches[T comparable](filter, field T) bool {
	var off T
	return filter == off || filter == field
}

// within says whether a moment is in [from, to); a zero bound is none.
func within(moment, from, to time.Time) bool {
	return (from.IsZero() || !moment.Before(from)) && (to.IsZero() || moment.Before(to))
}

func (f RequestFilter) fits(r payment.Request) bool {
	return matches(f.OrderID, r.OrderID) && matches(f.Store, r.Store) && matches(f.Till, r.Till) &&
		matches(f.Status, r.Status) && matches(f.Kind, r.Kind) && within(r.CreatedAt, f.From, f.To)
}

func (f PaymentFilter) fits(p payment.Payment) bool {
	return matches(f.Request, p.Request) && matches(f.Store, p.Store) && matches(f.Till, p.Till) && matches(f.Status, p.Status) && within(p.CreatedAt, f.From, f.To)
}

func (f RefundFilter) fits(r payment.Refund) bool {
	return matches(f.Payment, r.Payment) && matches(f.Status, r.Status)
}

// at says whether a refund's payment was taken where the filter says.
func (f RefundFilter) at(p payment.Payment) bool {
	return matches(f.Store, p.Store) && matches(f.Till, p.Till)
}
