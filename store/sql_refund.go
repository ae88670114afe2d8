package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store/internal/db"
)

type refund = payment.Refund

var refundTable = db.NewTable("refund",
	db.String("id", func(r *refund) *string { return (*string)(&r.ID) }),
	db.Derived("bucket", func(r *refund) int64 { return int64(r.ID.Bucket()) }),
	db.String("payment", func(r *refund) *string { return (*string)(&r.Payment) }),
	db.String("request", func(r *refund) *string { return (*string)(&r.Request) }),
	db.String("merchant", func(r *refund) *string { return (*string)(&r.Merchant) }),
	db.String("psp", func(r *refund) *string { return (*string)(&r.PSP) }),
	db.String("psp_payment_id", func(r *refund) *string { return &r.PSPPaymentID }),
	db.Int64("amount", func(r *refund) *int64 { return (*int64)(&r.Amount) }),
	db.String("currency", func(r *refund) *string { return &r.Currency }),
	db.String("status", func(r *refund) *string { return (*string)(&r.Status) }).Mutable(),
	db.String("reason", func(r *refund) *string { return &r.Reason }),
	db.String("ref", func(r *refund) *string { return &r.Ref }),
	db.String("psp_refund_id", func(r *refund) *string { return &r.PSPRefundID }).Mutable(),
	db.String("code", func(r *refund) *string { return &r.Code }).Mutable(),
	db.Int64("charge", func(r *refund) *int64 { return (*int64)(&r.Charge) }),
	db.Int64("fee_returned", func(r *refund) *int64 { return (*int64)(&r.FeeReturned) }).Mutable(),
	db.Int64("surcharge_returned", func(r *refund) *int64 { return (*int64)(&r.SurchargeReturned) }),
	db.Int64("interchange_returned", func(r *refund) *int64 { return (*int64)(&r.InterchangeReturned) }).Mutable(),
	db.Time("created_at", func(r *refund) *time.Time { return &r.CreatedAt }),
	db.Time("ended_at", func(r *refund) *time.Time { return &r.EndedAt }).Mutable(),
	db.Int64("version", func(r *refund) *int64 { return &r.Version }),
)

// Refund gives a refund.
func (s *sqlStore) Refund(ctx context.Context, name id.ID) (payment.Refund, error) {
	return one(refundTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// Refunds lists the refunds of a merchant or of a PSP.
func (s *sqlStore) Refunds(ctx context.Context, f RefundFilter) ([]payment.Refund, error) {
	var c filter
	c.when("t.merchant = $", string(f.Merchant)).
		when("t.psp = $", string(f.PSP)).
		when("t.payment = $", string(f.Payment)).
		when("t.status = $", string(f.Status)).
		when("(SELECT p.store FROM payment AS p WHERE p.id = t.payment AND p.bucket = t.bucket) = $", string(f.Store)).
		when("(SELECT p.till FROM payment AS p WHERE p.id = t.payment AND p.bucket = t.bucket) = $", string(f.Till))
	if err := c.owned(); err != nil {
		return nil, err
	}
	order := "t.id DESC"
	if f.Ascending {
		order = "t.id"
		c.when("t.id > $", string(f.After))
	} else {
		c.when("t.id < $", string(f.Before))
	}
	tail, args := c.tail(order, f.Limit)
	return refundTable.Find(ctx, s.d, tail, args...)
}
