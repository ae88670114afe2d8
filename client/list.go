package client

import (
	"context"
	"iter"
	"net/url"
	"time"

	"tolom/wire"
)

// Filter narrows a list. Zero fields leave it as it is; a field that a list does not know is refused by the platform.
type Filter struct {
	Limit     int       // size of a page, 1 to 100; the platform's default is 20
	After     string    // cursor of the page before
	OrderID   string    // payment requests only
	Kind      string    // payment requests only: "dynamic" or "static"
	Status    string    // payment requests, payments and refunds
	StoreID   string    // payment requests only
	TillID    string    // payment requests and payments
	RequestID string    // payments only: of one payment request
	PaymentID string    // refunds only: of one payment
	From, To  time.Time // created at or after From and before To
}

func (f Filter) call(path string) call {
	what := get(path, "limit", count(f.Limit), "after", f.After, "order_id", f.OrderID, "kind", f.Kind,
		"status", f.Status, "store_id", f.StoreID, "till_id", f.TillID,
		"payment_request_id", f.RequestID, "payment_id", f.PaymentID)
	setTime(what.query, "created_from", f.From)
	setTime(what.query, "created_to", f.To)
	return what
}

func setTime(query url.Values, name string, at time.Time) {
	if !at.IsZero() {
		query.Set(name, at.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
}

// All walks a list through all its pages, such as All(ctx, Filter{}, merchant.Payments). It ends after the first
// error.
func All[T any](ctx context.Context, f Filter, page func(context.Context, Filter) (wire.List[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			list, err := page(ctx, f)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range list.Data {
				if !yield(item, nil) {
					return
				}
			}
			// A page that promises more but does not say where would be asked for ever.
			if !list.HasMore || list.After == "" || list.After == f.After {
				return
			}
			f.After = list.After
		}
	}
}
