package merchant

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/engine"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"

	"tolom/access"
)

type newRequest struct{ Body wire.NewPaymentRequest }

type requestFilter struct {
	Page
	Created
	OrderID string `query:"order_id" doc:"Your own name for the order"`
	Status  string `query:"status" enum:"active,paused,paid,expired,canceled"`
	Kind    string `query:"kind" enum:"dynamic,static"`
	Store   string `query:"store_id"`
	Till    string `query:"till_id"`
}

func (s *Shop) mountRequests(d *gate.Door) {
	gate.AddDirect(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/payment-requests", ID: "create-payment-request", Scope: access.Request, Status: http.StatusCreated,
		Summary: "Make a payment request",
		Room:    func() bool { return s.Platform.Room(engine.Ask) },
		Text:    "Gives the payload of a QR code, a link that opens a bank app, and a page to show to the payer. A dynamic request takes one payment, a static one many.",
		Codes: []fault.Code{fault.AmountInvalid, fault.AmountRequired, fault.AmountTooLarge, fault.CurrencyUnknown, fault.NotFound, fault.Forbidden,
			fault.OrderTaken, fault.MerchantSuspended, fault.IdempotencyReused, fault.OutcomeUnknown},
		Body: `{"amount": 150000, "currency": "KGS", "description": "Coffee and cake", "order_id": "1042", "expires_in": 900}`,
	}, directRequest, s.createRequest)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payment-requests", ID: "list-payment-requests", Scope: access.Read,
		Summary: "List payment requests", Text: "Newest first.", Query: "status=active&limit=50",
	}, s.listRequests)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payment-requests/{id}", ID: "get-payment-request", Scope: access.Read, Summary: "Read a payment request",
	}, s.getRequest)
	s.mountRequestChanges(d)
}

func (s *Shop) mountRequestChanges(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/payment-requests/{id}/cancel", ID: "cancel-payment-request", Scope: access.Request,
		Summary: "Take a payment request back",
		Text:    "Payments of it that have not been confirmed are canceled in the same moment: after this answer nobody can pay it, so a cashier may take cash.",
		Codes:   []fault.Code{fault.AlreadyPaid, fault.RequestExpired, fault.IdempotencyReused, fault.OutcomeUnknown},
		Shows:   gate.Ended("canceled"),
	}, changed(s, (*flow.Platform).CancelRequest))
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/payment-requests/{id}/pause", ID: "pause-payment-request", Scope: access.Request,
		Summary: "Stop a static payment request for a while", Text: "Payments that have begun may still be confirmed.",
		Codes: []fault.Code{fault.RequestNotFixed, fault.RequestExpired, fault.RequestCanceled, fault.IdempotencyReused, fault.OutcomeUnknown},
		Shows: gate.Static("paused"),
	}, changed(s, (*flow.Platform).PauseRequest))
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/payment-requests/{id}/resume", ID: "resume-payment-request", Scope: access.Request,
		Summary: "Let a paused payment request take payments again",
		Codes:   []fault.Code{fault.RequestNotFixed, fault.RequestExpired, fault.RequestCanceled, fault.IdempotencyReused, fault.OutcomeUnknown},
		Shows:   gate.Static("active"),
	}, changed(s, (*flow.Platform).ResumeRequest))
}

// directRequest is how a request is made without the framework.
var directRequest = gate.Direct[newRequest, once[wire.PaymentRequest]]{
	Read: func(raw []byte, in *newRequest) bool { return in.Body.ReadPlain(raw) },
	Write: func(out *once[wire.PaymentRequest], h http.Header, dst []byte) (int, []byte) {
		if out.Replayed != "" {
			h.Set(gate.ReplayedHeader, out.Replayed)
		}
		return http.StatusCreated, out.Body.AppendJSON(dst)
	},
}

func (s *Shop) createRequest(ctx context.Context, in *newRequest) (*once[wire.PaymentRequest], error) {
	r, replayed, err := s.Platform.CreateRequest(ctx, who(ctx), key(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return onceOf(s.site().Request(r), replayed), nil
}

// change is what cancel, pause and resume have in common.
type change func(*flow.Platform, context.Context, access.Merchant, flow.Idempotency, string) (payment.Request, bool, error)

func changed(s *Shop, do change) func(context.Context, *Named) (*once[wire.PaymentRequest], error) {
	return func(ctx context.Context, in *Named) (*once[wire.PaymentRequest], error) {
		r, replayed, err := do(s.Platform, ctx, who(ctx), key(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		return onceOf(s.site().Request(r), replayed), nil
	}
}

func (s *Shop) getRequest(ctx context.Context, in *Named) (*answer[wire.PaymentRequest], error) {
	r, err := s.Platform.Request(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.PaymentRequest]{s.site().Request(r)}, nil
}

func (s *Shop) listRequests(ctx context.Context, in *requestFilter) (*answer[wire.List[wire.PaymentRequest]], error) {
	from, to, err := in.span()
	if err != nil {
		return nil, err
	}
	before, err := position("requests", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Platform.Requests(ctx, who(ctx), store.RequestFilter{
		OrderID: in.OrderID, Status: payment.RequestStatus(in.Status), Kind: payment.Kind(in.Kind), Store: id.ID(in.Store), Till: id.ID(in.Till),
		From: from, To: to, Before: before, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return listOf("requests", rows, more, s.site().Request, func(r payment.Request) id.ID { return r.ID }), nil
}
