package notify

import (
	"context"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// TestType is the type of the event that tries an endpoint out. It is no fact:
// it is not in the feed and never tried again.
const TestType payment.FactType = "webhook.test"

// Deliveries lists an endpoint's deliveries, newest first, older than the
// cursor, and says whether there are more. Refused: not_found.
func (e *Endpoints) Deliveries(ctx context.Context, merchant id.ID, endpoint string, before id.ID, limit int) ([]store.Delivery, bool, error) {
	own, err := e.Get(ctx, merchant, endpoint)
	if err != nil {
		return nil, false, err
	}
	rows, err := e.post.Deliveries(ctx, own.ID, before, limit+1)
	if err != nil {
		return nil, false, refused(err, fault.NotFound)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// Redeliver has a delivery tried again at once, whatever came of it before.
// Within three days of the first try the usual further ones follow, later there
// is this one only. Refused: not_found; invalid_request for a test event or a
// disabled endpoint.
func (e *Endpoints) Redeliver(ctx context.Context, merchant id.ID, delivery string) (store.Delivery, error) {
	i, err := id.Parse(id.Delivery, delivery)
	if err != nil {
		return store.Delivery{}, fault.New(fault.NotFound)
	}
	d, err := e.post.Delivery(ctx, i)
	if err != nil {
		return d, refused(err, fault.NotFound)
	}
	if d.Merchant != merchant {
		return store.Delivery{}, fault.New(fault.NotFound)
	}
	if d.Sequence == 0 && d.EventType != string(ReportType) {
		return d, fault.New(fault.InvalidRequest).Because("a test event or notice is not delivered again; send another test")
	}
	own, err := e.Get(ctx, merchant, string(d.Endpoint))
	if err != nil {
		return d, err
	}
	if err := mayResend(own); err != nil {
		return d, err
	}
	d.Status, d.NextAt = store.DeliveryPending, e.world.Clock.Now()
	return d, refused(e.post.PutDelivery(ctx, d), fault.NotFound)
}

// Test sends a test event to an endpoint and waits for its answer, ten seconds
// at most; how it went is in the delivery, not in the error. Refused: not_found;
// invalid_request for a disabled endpoint.
func (e *Endpoints) Test(ctx context.Context, merchant id.ID, endpoint string) (store.Delivery, error) {
	own, err := e.Get(ctx, merchant, endpoint)
	if err != nil {
		return store.Delivery{}, err
	}
	if own.Disabled {
		return store.Delivery{}, fault.New(fault.InvalidRequest).Because("the endpoint is disabled; make a new one")
	}
	event := noticeOf(e.world, own, TestType)
	d := newDelivery(e.world, own, event)
	a, err := e.sender.send(ctx, own, event)
	if err != nil {
		return d, refused(err, fault.NotFound)
	}
	d = spent(a, d)
	return d, refused(e.post.PutDelivery(ctx, d), fault.NotFound)
}

// newDelivery is an event at the start of its way to an endpoint.
func newDelivery(w world.World, e store.Endpoint, event wire.Event) store.Delivery {
	return store.Delivery{
		ID: world.NewID(w, id.Delivery, e.Merchant.Bucket()), Endpoint: e.ID, Merchant: e.Merchant, Fact: id.ID(event.ID),
		Sequence: event.Sequence, EventType: event.Type, Status: store.DeliveryPending, CreatedAt: w.Clock.Now(),
	}
}

// disable writes an endpoint that was ended and gives up what it had pending.
func disable(ctx context.Context, shelf store.Shelf[store.Endpoint], post store.Post, e store.Endpoint) error {
	e.Disabled = true
	if err := shelf.Put(ctx, e); err != nil {
		return err
	}
	for {
		rest, err := post.Due(ctx, e.ID, endOfTime, scan)
		if err != nil {
			return err
		}
		for _, d := range rest {
			d.Status, d.NextAt, d.Error = store.DeliveryFailed, time.Time{}, "the endpoint was disabled"
			if err := post.PutDelivery(ctx, d); err != nil {
				return err
			}
		}
		if len(rest) < scan {
			return nil
		}
	}
}

// endOfTime is later than any planned try.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// EndpointOf renders an endpoint; its newest secret only where it is shown once,
// to whoever made or rotated it.
func EndpointOf(e store.Endpoint, withSecret bool) wire.WebhookEndpoint {
	out := wire.WebhookEndpoint{
		ID: string(e.ID), URL: e.URL, Types: append([]string{}, e.Types...), PublicKeys: publicKeys(e), Disabled: e.Disabled,
		PausedAt: wire.At(e.PausedAt), PausedFor: e.PausedFor, CreatedAt: wire.At(e.CreatedAt),
	}
	if withSecret && len(e.Secrets) > 0 {
		out.Secret = e.Secrets[0]
	}
	return out
}

// publicKeys are the halves of an endpoint's keys that anyone may have, newest first.
func publicKeys(e store.Endpoint) []string {
	out := []string{}
	for _, private := range e.Keys {
		if public, err := seal.WebhookPublic(private); err == nil {
			out = append(out, public)
		}
	}
	return out
}

// DeliveryOf renders a delivery.
func DeliveryOf(d store.Delivery) wire.Delivery {
	return wire.Delivery{
		ID: string(d.ID), EndpointID: string(d.Endpoint), EventID: string(d.Fact), EventType: d.EventType, Sequence: d.Sequence,
		Status: string(d.Status), Attempts: d.Attempts, HTTPStatus: d.HTTPStatus, Error: d.Error, Request: d.Request, ReplyHeaders: d.ReplyHeaders,
		Reply: d.Reply, DurationMS: d.DurationMS,
		CreatedAt: wire.At(d.CreatedAt), LastAt: wire.At(d.LastAt), NextAt: wire.At(d.NextAt),
	}
}
