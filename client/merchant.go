package client

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tolom/wire"
)

// Merchant speaks the merchant API. Its calls are repeated when the network or the platform fails for a moment;
// creating calls carry an Idempotency-Key, so the platform does each of them once.
type Merchant struct{ client *Client }

// CreateRequest makes a payment request: a payload, a link and a page to show to the payer.
func (m *Merchant) CreateRequest(ctx context.Context, in wire.NewPaymentRequest, options ...CallOption) (wire.PaymentRequest, error) {
	return create[wire.PaymentRequest](ctx, m.client, post("/v1/payment-requests", in), options)
}

// Request reads a payment request.
func (m *Merchant) Request(ctx context.Context, id string) (wire.PaymentRequest, error) {
	return patient[wire.PaymentRequest](ctx, m.client, get(path("/v1/payment-requests/%s", id)))
}

// Requests lists payment requests, newest first.
func (m *Merchant) Requests(ctx context.Context, f Filter) (wire.List[wire.PaymentRequest], error) {
	return patient[wire.List[wire.PaymentRequest]](ctx, m.client, f.call("/v1/payment-requests"))
}

// CancelRequest takes a payment request back. After a success it is refused with already_paid.
func (m *Merchant) CancelRequest(ctx context.Context, id string, options ...CallOption) (wire.PaymentRequest, error) {
	return create[wire.PaymentRequest](ctx, m.client, post(path("/v1/payment-requests/%s/cancel", id), nil), options)
}

// PauseRequest stops a static request from taking payments until it is resumed.
func (m *Merchant) PauseRequest(ctx context.Context, id string, options ...CallOption) (wire.PaymentRequest, error) {
	return create[wire.PaymentRequest](ctx, m.client, post(path("/v1/payment-requests/%s/pause", id), nil), options)
}

// ResumeRequest ends a pause.
func (m *Merchant) ResumeRequest(ctx context.Context, id string, options ...CallOption) (wire.PaymentRequest, error) {
	return create[wire.PaymentRequest](ctx, m.client, post(path("/v1/payment-requests/%s/resume", id), nil), options)
}

// Payment reads a payment.
func (m *Merchant) Payment(ctx context.Context, id string) (wire.Payment, error) {
	return patient[wire.Payment](ctx, m.client, get(path("/v1/payments/%s", id)))
}

// Payments lists payments, newest first.
func (m *Merchant) Payments(ctx context.Context, f Filter) (wire.List[wire.Payment], error) {
	return patient[wire.List[wire.Payment]](ctx, m.client, f.call("/v1/payments"))
}

// CreateRefund gives money back from a payment; amount 0 means all that is left.
func (m *Merchant) CreateRefund(ctx context.Context, payment string, in wire.NewRefund, options ...CallOption) (wire.Refund, error) {
	return create[wire.Refund](ctx, m.client, post(path("/v1/payments/%s/refunds", payment), in), options)
}

// Refund reads a refund.
func (m *Merchant) Refund(ctx context.Context, id string) (wire.Refund, error) {
	return patient[wire.Refund](ctx, m.client, get(path("/v1/refunds/%s", id)))
}

// Refunds lists refunds, newest first.
func (m *Merchant) Refunds(ctx context.Context, f Filter) (wire.List[wire.Refund], error) {
	return patient[wire.List[wire.Refund]](ctx, m.client, f.call("/v1/refunds"))
}

// EventFilter says where to read on in the feed.
type EventFilter struct {
	After   int64 // events with a greater sequence; 0 from the beginning
	Unacked bool  // only those not acknowledged yet
	Limit   int   // size of a page, 1 to 100; the platform's default is 20
}

// Events reads the merchant's feed, oldest first.
func (m *Merchant) Events(ctx context.Context, f EventFilter) (wire.List[wire.Event], error) {
	what := get("/v1/events", "limit", count(f.Limit))
	if f.After > 0 {
		what.query.Set("after", strconv.FormatInt(f.After, 10))
	}
	if f.Unacked {
		what.query.Set("unacked", "true")
	}
	return patient[wire.List[wire.Event]](ctx, m.client, what)
}

// AckEvent notes that an event was dealt with.
func (m *Merchant) AckEvent(ctx context.Context, id string, options ...CallOption) error {
	what, err := m.client.named(post(path("/v1/events/%s/ack", id), nil), options)
	if err != nil {
		return err
	}
	return m.client.settle(ctx, what)
}

// Object reads the object of an event as the type that the event is about: wire.PaymentRequest, wire.Payment or
// wire.Refund.
func Object[T any](e wire.Event) (out T, err error) {
	text, err := json.Marshal(e.Data.Object)
	if err != nil {
		return out, err
	}
	reader := json.NewDecoder(bytes.NewReader(text))
	reader.UseNumber()
	return out, reader.Decode(&out)
}

// Decode reads a payload or link and says what paying it would come to.
func (m *Merchant) Decode(ctx context.Context, in wire.Decode, options ...CallOption) (wire.Decoded, error) {
	return create[wire.Decoded](ctx, m.client, post("/v1/decode", in), options)
}

// Tariff reads what payments cost now, what will change, and what an amount above 0 would cost.
func (m *Merchant) Tariff(ctx context.Context, amount int64) (wire.MerchantTariff, error) {
	path := "/v1/tariff"
	if amount != 0 {
		path += "?amount=" + strconv.FormatInt(amount, 10)
	}
	return patient[wire.MerchantTariff](ctx, m.client, get(path))
}

// Balance reads what the platform owes the merchant.
func (m *Merchant) Balance(ctx context.Context) (wire.Balance, error) {
	return patient[wire.Balance](ctx, m.client, get("/v1/balance"))
}

// Statement reads the merchant's account from a time until before another.
func (m *Merchant) Statement(ctx context.Context, from, to time.Time) (wire.Statement, error) {
	return patient[wire.Statement](ctx, m.client, statement(from, to, "json"))
}

// StatementFile reads the statement as a file: format is "csv", "xlsx" or "pdf".
func (m *Merchant) StatementFile(ctx context.Context, from, to time.Time, format string) ([]byte, error) {
	return m.client.file(ctx, statement(from, to, format))
}

func statement(from, to time.Time, format string) call {
	what := get("/v1/statements", "format", format)
	setTime(what.query, "from", from)
	setTime(what.query, "to", to)
	if format != "json" {
		what.accept = "*/*"
	}
	return what
}
