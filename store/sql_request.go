package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store/internal/db"
)

type request = payment.Request

var requestTable = db.NewTable("request",
	db.String("id", func(r *request) *string { return (*string)(&r.ID) }),
	db.Derived("bucket", func(r *request) int64 { return int64(r.ID.Bucket()) }),
	db.String("merchant", func(r *request) *string { return (*string)(&r.Merchant) }),
	db.String("store", func(r *request) *string { return (*string)(&r.Store) }),
	db.String("till", func(r *request) *string { return (*string)(&r.Till) }),
	db.String("kind", func(r *request) *string { return (*string)(&r.Kind) }),
	db.String("status", func(r *request) *string { return (*string)(&r.Status) }).Mutable(),
	db.Int64("amount", func(r *request) *int64 { return (*int64)(&r.Amount) }),
	db.String("currency", func(r *request) *string { return &r.Currency }),
	db.Bool("amount_editable", func(r *request) *bool { return &r.AmountEditable }),
	db.String("description", func(r *request) *string { return &r.Description }),
	db.String("order_id", func(r *request) *string { return &r.OrderID }),
	db.JSON("extra", func(r *request) *[]payment.Extra { return &r.Extra }, func(v []payment.Extra) bool { return len(v) == 0 }),
	db.String("success_url", func(r *request) *string { return &r.SuccessURL }),
	db.JSON("metadata", func(r *request) *map[string]string { return &r.Metadata }, func(v map[string]string) bool { return len(v) == 0 }),
	db.String("payload", func(r *request) *string { return &r.Payload }),
	db.Time("created_at", func(r *request) *time.Time { return &r.CreatedAt }),
	db.Time("expires_at", func(r *request) *time.Time { return &r.ExpiresAt }).Mutable(),
	db.Time("scanned_at", func(r *request) *time.Time { return &r.ScannedAt }).Mutable(),
	db.Time("ended_at", func(r *request) *time.Time { return &r.EndedAt }).Mutable(),
	db.Int64("paid_amount", func(r *request) *int64 { return (*int64)(&r.PaidAmount) }).Mutable(),
	db.Int64("payments_count", func(r *request) *int64 { return &r.PaymentsCount }).Mutable(),
	db.Int64("version", func(r *request) *int64 { return &r.Version }),
)

// summed selects requests with the totals that stand in rows of their own.
var summed = "SELECT " + requestTable.Columns() + ", " + totalOf("amount") + ", " + totalOf("payments") + " FROM request AS t "

func totalOf(column string) string {
	return "CAST(coalesce((SELECT sum(x." + column + ") FROM request_total AS x WHERE x.request = t.id AND x.bucket = t.bucket), 0) AS bigint)"
}

func findRequests(ctx context.Context, q db.Querier, tail string, args ...any) (out []request, err error) {
	var amount, count int64
	reader := requestTable.Reader(&amount, &count)
	err = q.Query(ctx, summed+tail, func(scan db.Scan) error {
		r, err := reader.Row(scan)
		r.PaidAmount += money.Amount(amount)
		r.PaymentsCount += count
		out = append(out, r)
		return err
	}, args...)
	return out, err
}

// Request gives a request with its running totals.
func (s *sqlStore) Request(ctx context.Context, name id.ID) (payment.Request, error) {
	return one(findRequests(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// RequestsByID gives those that exist.
func (s *sqlStore) RequestsByID(ctx context.Context, names []id.ID) ([]payment.Request, error) {
	return findRequests(ctx, s.d, "WHERE t.id = ANY($1) ORDER BY t.id", texts(names))
}

// Requests lists a merchant's requests, newest first.
func (s *sqlStore) Requests(ctx context.Context, f RequestFilter) ([]payment.Request, error) {
	var c filter
	c.where("t.merchant = $", string(f.Merchant)).
		// The index of orders leaves out requests without one, and must be told so.
		when("t.order_id = $ AND t.order_id <> ''", f.OrderID).
		when("t.store = $", string(f.Store)).
		when("t.till = $", string(f.Till)).
		when("t.status = $", string(f.Status)).
		when("t.kind = $", string(f.Kind)).
		when("t.id < $", string(f.Before)).
		created(id.Request, f.From, f.To)
	tail, args := c.tail("t.id DESC", f.Limit)
	return findRequests(ctx, s.d, tail, args...)
}
