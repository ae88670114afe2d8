package merchant

import (
	"context"
	"net/http"
	"time"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/id"
	"tolom/notify"
	"tolom/store"
	"tolom/wire"
)

type newEndpoint struct{ Body wire.NewWebhookEndpoint }

type deliveryQuery struct {
	Named
	Page
}

func (s *Shop) mountWebhooks(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/webhook-endpoints", ID: "create-webhook-endpoint", Scope: access.Owner, Status: http.StatusCreated,
		Summary: "Have events sent to an address",
		Text:    "From now on. The answer shows the secret of the signatures v1; keep it. public_keys check the signatures v1a and are shown whenever you ask. The same key and body give the same endpoint, so a lost answer makes no second one.",
		Codes:   []fault.Code{fault.DeliveryNotAllowed, fault.IdempotencyReused},
		Body:    `{"url": "https://shop.example/webhooks", "types": ["payment.succeeded", "refund.succeeded"]}`,
		Shows:   gate.Shown{"types": []string{"payment.succeeded", "refund.succeeded"}, "secret": "whsec_SHOWN-ONCE"},
	}, s.createEndpoint)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/webhook-endpoints", ID: "list-webhook-endpoints", Scope: access.Read, Whole: true, Summary: "List webhook endpoints",
	}, s.listEndpoints)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/webhook-endpoints/{id}", ID: "get-webhook-endpoint", Scope: access.Read, Whole: true, Summary: "Read a webhook endpoint",
	}, s.getEndpoint)
	gate.Add(d, gate.Route{
		Method: http.MethodDelete, Path: "/v1/webhook-endpoints/{id}", ID: "delete-webhook-endpoint", Scope: access.Owner, Status: http.StatusNoContent,
		Summary: "Stop sending to an address", Text: "It stays in lists as disabled.",
	}, s.deleteEndpoint)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/webhook-endpoints/{id}/rotate", ID: "rotate-webhook-endpoint", Scope: access.Owner, Summary: "Give a webhook endpoint a new secret and key",
		Text:  "The answer shows the new secret and the public keys. Until the next rotation webhooks carry signatures of both the new and the old ones.",
		Shows: gate.Shown{"secret": "whsec_SHOWN-ONCE"},
	}, s.rotateEndpoint)
}

func (s *Shop) mountDeliveries(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/webhook-endpoints/{id}/test", ID: "test-webhook-endpoint", Scope: access.Owner, Summary: "Send a test event to an address",
		Text: "Waits for the answer of the address, ten seconds at most, and says how it went. The event has the type webhook.test and is not in the feed.",
	}, s.testEndpoint)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/webhook-endpoints/{id}/deliveries", ID: "list-deliveries", Scope: access.Read, Whole: true, Summary: "List what was sent to an address",
		Text: "Newest first, each with its last attempt: what was sent, what came back, how long it took.",
	}, s.deliveries)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/deliveries/{id}/redeliver", ID: "redeliver", Scope: access.Owner, Summary: "Send a delivery once more",
		Text: "It is sent within a second; ask for the list to see how it went.",
	}, s.redeliver)
}

func (s *Shop) mountRecovery(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/webhook-endpoints/{id}/resume", ID: "resume-webhook-endpoint", Scope: access.Owner, Summary: "Resume a paused endpoint",
		Text: "An endpoint that took nothing for three days is paused. Resumed, it gets what happened meanwhile, in order. Again is harmless.",
	}, s.resumeEndpoint)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/webhook-endpoints/{id}/recover", ID: "recover-webhook-endpoint", Scope: access.Owner, Summary: "Send again what was not taken",
		Text: "Every delivery begun since a time that the address has not taken is tried again, at most 1,000 a call. Repeats have the same webhook-id.",
		Body: `{"since": "2026-11-24T05:40:00.000Z"}`,
	}, s.recoverEndpoint)
}

type recovery struct {
	Named
	Body wire.Recover
}

func (s *Shop) resumeEndpoint(ctx context.Context, in *Named) (*answer[wire.WebhookEndpoint], error) {
	e, err := s.Endpoints.Resume(ctx, who(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.WebhookEndpoint]{concealed(e)}, nil
}

func (s *Shop) recoverEndpoint(ctx context.Context, in *recovery) (*answer[wire.Recovered], error) {
	since, err := time.Parse(time.RFC3339Nano, in.Body.Since)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest).On("since").Because(`since is RFC 3339, such as "2026-11-24T05:40:00.000Z"`)
	}
	found, more, err := s.Endpoints.Recover(ctx, who(ctx).ID, in.ID, since)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Recovered]{wire.Recovered{Deliveries: found, HasMore: more}}, nil
}

func (s *Shop) createEndpoint(ctx context.Context, in *newEndpoint) (*once[wire.WebhookEndpoint], error) {
	e, replayed, err := s.Endpoints.Create(ctx, who(ctx).ID, key(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return onceOf(notify.EndpointOf(e, true), replayed), nil
}

func (s *Shop) listEndpoints(ctx context.Context, in *Page) (*answer[wire.List[wire.WebhookEndpoint]], error) {
	after, err := position("endpoints", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Endpoints.List(ctx, who(ctx).ID, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return listOf("endpoints", rows, more, concealed, func(e store.Endpoint) id.ID { return e.ID }), nil
}

// concealed renders an endpoint without its secret.
func concealed(e store.Endpoint) wire.WebhookEndpoint { return notify.EndpointOf(e, false) }

func (s *Shop) getEndpoint(ctx context.Context, in *Named) (*answer[wire.WebhookEndpoint], error) {
	e, err := s.Endpoints.Get(ctx, who(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.WebhookEndpoint]{concealed(e)}, nil
}

func (s *Shop) deleteEndpoint(ctx context.Context, in *Named) (*struct{}, error) {
	_, err := s.Endpoints.Disable(ctx, who(ctx).ID, in.ID)
	return nil, err
}

func (s *Shop) rotateEndpoint(ctx context.Context, in *Named) (*once[wire.WebhookEndpoint], error) {
	e, replayed, err := s.Endpoints.Rotate(ctx, who(ctx).ID, key(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return onceOf(notify.EndpointOf(e, true), replayed), nil
}

func (s *Shop) testEndpoint(ctx context.Context, in *Named) (*answer[wire.Delivery], error) {
	d, err := s.Endpoints.Test(ctx, who(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Delivery]{notify.DeliveryOf(d)}, nil
}

func (s *Shop) deliveries(ctx context.Context, in *deliveryQuery) (*answer[wire.List[wire.Delivery]], error) {
	before, err := position("deliveries", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Endpoints.Deliveries(ctx, who(ctx).ID, in.ID, before, in.Limit)
	if err != nil {
		return nil, err
	}
	return listOf("deliveries", rows, more, notify.DeliveryOf, func(d store.Delivery) id.ID { return d.ID }), nil
}

func (s *Shop) redeliver(ctx context.Context, in *Named) (*answer[wire.Delivery], error) {
	d, err := s.Endpoints.Redeliver(ctx, who(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Delivery]{notify.DeliveryOf(d)}, nil
}
