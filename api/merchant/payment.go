package merchant

import (
	"context"
	"net/http"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

type paymentFilter struct {
	Page
	Created
	Request string `query:"payment_request_id" doc:"Of one payment request"`
	Status  string `query:"status" enum:"created,in_process,error,canceled,success"`
	Till    string `query:"till_id"`
}

type refundFilter struct {
	Page
	Payment string `query:"payment_id" doc:"Of one payment"`
	Status  string `query:"status" enum:"requested,success,rejected"`
}

type newRefund struct {
	Named
	Body wire.NewRefund
}

func (s *Shop) mountPayments(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payments", ID: "list-payments", Scope: access.Read, Summary: "List payments", Text: "Newest first.",
		Query: "status=success&created_from=2026-11-24",
	}, s.listPayments)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payments/{id}", ID: "get-payment", Scope: access.Read, Summary: "Read a payment",
		Text: "Only status success means that you were paid. error, canceled and success never change again.",
	}, s.getPayment)
}

func (s *Shop) mountRefunds(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/payments/{id}/refunds", ID: "create-refund", Scope: access.Refund, Status: http.StatusCreated,
		Summary: "Give money back from a payment",
		Text:    "The amount leaves your balance at once and is on its way until the payer's bank says that it was credited. Several refunds of one payment never exceed it.",
		Codes: []fault.Code{fault.AmountInvalid, fault.AmountTooLarge, fault.NotRefundable, fault.RefundTooLarge, fault.RefundRefReused, fault.InsufficientFunds,
			fault.IdempotencyReused, fault.OutcomeUnknown},
		Body: `{"amount": 50000, "reason": "One cake was returned", "refund_ref": "return-7"}`,
	}, s.createRefund)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/refunds", ID: "list-refunds", Scope: access.Read, Summary: "List refunds", Text: "Newest first.", Query: "status=requested",
	}, s.listRefunds)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/refunds/{id}", ID: "get-refund", Scope: access.Read, Summary: "Read a refund",
	}, s.getRefund)
}

func (s *Shop) getPayment(ctx context.Context, in *Named) (*answer[wire.Payment], error) {
	p, err := s.Platform.Payment(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Payment]{s.site().Payment(p)}, nil
}

// statuses names the states of payments as the wire does.
var statuses = map[string]payment.Status{
	"created": payment.Created, "in_process": payment.InProcess, "error": payment.Failed, "canceled": payment.Canceled, "success": payment.Succeeded,
}

func (s *Shop) listPayments(ctx context.Context, in *paymentFilter) (*answer[wire.List[wire.Payment]], error) {
	from, to, err := in.span()
	if err != nil {
		return nil, err
	}
	before, err := position("payments", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Platform.Payments(ctx, who(ctx), store.PaymentFilter{
		Request: id.ID(in.Request), Status: statuses[in.Status], Till: id.ID(in.Till), From: from, To: to, Before: before, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return listOf("payments", rows, more, s.site().Payment, func(p payment.Payment) id.ID { return p.ID }), nil
}

func (s *Shop) createRefund(ctx context.Context, in *newRefund) (*once[wire.Refund], error) {
	r, replayed, err := s.Platform.CreateRefund(ctx, who(ctx), key(ctx), in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	return onceOf(s.site().Refund(r), replayed), nil
}

func (s *Shop) getRefund(ctx context.Context, in *Named) (*answer[wire.Refund], error) {
	r, err := s.Platform.Refund(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Refund]{s.site().Refund(r)}, nil
}

func (s *Shop) listRefunds(ctx context.Context, in *refundFilter) (*answer[wire.List[wire.Refund]], error) {
	before, err := position("refunds", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Platform.Refunds(ctx, who(ctx), store.RefundFilter{
		Payment: id.ID(in.Payment), Status: payment.RefundStatus(in.Status), Before: before, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return listOf("refunds", rows, more, s.site().Refund, func(r payment.Refund) id.ID { return r.ID }), nil
}
