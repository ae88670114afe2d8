package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store/internal/db"
)

type pay = payment.Payment

var paymentTable = db.NewTable("payment",
	db.String("id", func(p *pay) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *pay) int64 { return int64(p.ID.Bucket()) }),
	db.String("request", func(p *pay) *string { return (*string)(&p.Request) }),
	db.String("merchant", func(p *pay) *string { return (*string)(&p.Merchant) }),
	db.String("store", func(p *pay) *string { return (*string)(&p.Store) }),
	db.String("till", func(p *pay) *string { return (*string)(&p.Till) }),
	db.String("psp", func(p *pay) *string { return (*string)(&p.PSP) }),
	db.String("psp_payment_id", func(p *pay) *string { return &p.PSPPaymentID }),
	db.Int("status", func(p *pay) *int { return (*int)(&p.Status) }).Mutable(),
	db.Int64("amount", func(p *pay) *int64 { return (*int64)(&p.Amount) }),
	db.String("currency", func(p *pay) *string { return &p.Currency }),
	db.Int64("fee", func(p *pay) *int64 { return (*int64)(&p.Fee) }),
	db.Int64("surcharge", func(p *pay) *int64 { return (*int64)(&p.Surcharge) }),
	db.Int64("interchange", func(p *pay) *int64 { return (*int64)(&p.Interchange) }),
	db.Bool("fee_refundable", func(p *pay) *bool { return &p.FeeRefundable }),
	db.String("tariff", func(p *pay) *string { return (*string)(&p.Tariff) }),
	db.String("payer_key", func(p *pay) *string { return &p.Payer.Key }),
	db.String("payer_name_masked", func(p *pay) *string { return &p.Payer.NameMasked }),
	db.String("payer_kind", func(p *pay) *string { return &p.Payer.Kind }),
	db.String("payer_bic", func(p *pay) *string { return &p.Payer.BIC }),
	db.String("receipt_id", func(p *pay) *string { return &p.ReceiptID }).Mutable(),
	db.String("reason", func(p *pay) *string { return (*string)(&p.Reason) }).Mutable(),
	db.Time("created_at", func(p *pay) *time.Time { return &p.CreatedAt }),
	db.Time("expires_at", func(p *pay) *time.Time { return &p.ExpiresAt }),
	db.Time("ended_at", func(p *pay) *time.Time { return &p.EndedAt }).Mutable(),
	db.Int64("refunding", func(p *pay) *int64 { return (*int64)(&p.Refunding) }).Mutable(),
	db.Int64("refunded", func(p *pay) *int64 { return (*int64)(&p.Refunded) }).Mutable(),
	db.Int64("fee_returned", func(p *pay) *int64 { return (*int64)(&p.FeeReturned) }).Mutable(),
	db.Int64("surcharge_returning", func(p *pay) *int64 { return (*int64)(&p.SurchargeReturning) }).Mutable(),
	db.Int64("surcharge_returned", func(p *pay) *int64 { return (*int64)(&p.SurchargeReturned) }).Mutable(),
	db.Int64("interchange_returned", func(p *pay) *int64 { return (*int64)(&p.InterchangeReturned) }).Mutable(),
	db.Int64("version", func(p *pay) *int64 { return &p.Version }),
)

// Payment gives a payment.
func (s *sqlStore) Payment(ctx context.Context, name id.ID) (payment.Payment, error) {
	return one(paymentTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// PaymentsByID gives those that exist.
func (s *sqlStore) PaymentsByID(ctx context.Context, names []id.ID) ([]payment.Payment, error) {
	return paymentTable.Find(ctx, s.d, "WHERE t.id = ANY($1) ORDER BY t.id", texts(names))
}

// Payments lists the payments of a merchant or of a PSP, newest first.
func (s *sqlStore) Payments(ctx context.Context, f PaymentFilter) ([]payment.Payment, error) {
	var c filter
	c.when("t.merchant = $", string(f.Merchant)).
		when("t.psp = $", string(f.PSP)).
		when("t.request = $", string(f.Request)).
		when("t.store = $", string(f.Store)).
		when("t.till = $", string(f.Till)).
		when("t.id < $", string(f.Before)).
		created(id.Payment, f.From, f.To)
	if f.Status != 0 {
		c.where("t.status = $", int64(f.Status))
	}
	if err := c.owned(); err != nil {
		return nil, err
	}
	tail, args := c.tail("t.id DESC", f.Limit)
	return paymentTable.Find(ctx, s.d, tail, args...)
}

// texts are ids as an argument.
func texts(names []id.ID) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = string(name)
	}
	return out
}
