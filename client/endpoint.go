package client

import (
	"context"
	"net/http"
	"time"

	"tolom/wire"
)

// CreateEndpoint has the merchant's events sent to an address. The secret of its signatures is in this answer only.
func (m *Merchant) CreateEndpoint(ctx context.Context, in wire.NewWebhookEndpoint, options ...CallOption) (wire.WebhookEndpoint, error) {
	return create[wire.WebhookEndpoint](ctx, m.client, post("/v1/webhook-endpoints", in), options)
}

// Endpoints lists the addresses.
func (m *Merchant) Endpoints(ctx context.Context) (wire.List[wire.WebhookEndpoint], error) {
	return patient[wire.List[wire.WebhookEndpoint]](ctx, m.client, get("/v1/webhook-endpoints"))
}

// Endpoint reads one address.
func (m *Merchant) Endpoint(ctx context.Context, id string) (wire.WebhookEndpoint, error) {
	return patient[wire.WebhookEndpoint](ctx, m.client, get(path("/v1/webhook-endpoints/%s", id)))
}

// DeleteEndpoint stops sending to an address.
func (m *Merchant) DeleteEndpoint(ctx context.Context, id string) error {
	return m.client.settle(ctx, call{method: http.MethodDelete, path: path("/v1/webhook-endpoints/%s", id)})
}

// RotateEndpoint gives an address a new secret, which is in this answer only.
func (m *Merchant) RotateEndpoint(ctx context.Context, id string, options ...CallOption) (wire.WebhookEndpoint, error) {
	return create[wire.WebhookEndpoint](ctx, m.client, post(path("/v1/webhook-endpoints/%s/rotate", id), nil), options)
}

// TestEndpoint sends a test event to an address and tells how that went.
func (m *Merchant) TestEndpoint(ctx context.Context, id string, options ...CallOption) (wire.Delivery, error) {
	return create[wire.Delivery](ctx, m.client, post(path("/v1/webhook-endpoints/%s/test", id), nil), options)
}

// Deliveries lists what was sent to an address, newest first. Of the filter, Limit and After are used.
func (m *Merchant) Deliveries(ctx context.Context, endpoint string, f Filter) (wire.List[wire.Delivery], error) {
	what := get(path("/v1/webhook-endpoints/%s/deliveries", endpoint), "limit", count(f.Limit), "after", f.After)
	return patient[wire.List[wire.Delivery]](ctx, m.client, what)
}

// Redeliver sends a delivery once more.
func (m *Merchant) Redeliver(ctx context.Context, delivery string, options ...CallOption) (wire.Delivery, error) {
	return create[wire.Delivery](ctx, m.client, post(path("/v1/deliveries/%s/redeliver", delivery), nil), options)
}

// ResumeEndpoint has events sent to a paused address again.
func (m *Merchant) ResumeEndpoint(ctx context.Context, id string, options ...CallOption) (wire.WebhookEndpoint, error) {
	return create[wire.WebhookEndpoint](ctx, m.client, post(path("/v1/webhook-endpoints/%s/resume", id), nil), options)
}

// RecoverEndpoint sends everything again that an address has not taken since a time.
func (m *Merchant) RecoverEndpoint(ctx context.Context, id string, since time.Time, options ...CallOption) (wire.Recovered, error) {
	body := wire.Recover{Since: since.UTC().Format(time.RFC3339Nano)}
	return create[wire.Recovered](ctx, m.client, post(path("/v1/webhook-endpoints/%s/recover", id), body), options)
}

// AckThrough acknowledges all events up to a sequence, a bounded number a call.
func (m *Merchant) AckThrough(ctx context.Context, sequence int64, options ...CallOption) (wire.AckedThrough, error) {
	return create[wire.AckedThrough](ctx, m.client, post("/v1/events/ack", wire.AckThrough{Through: sequence}), options)
}
