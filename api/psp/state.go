package psp

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/wire"
)

type stateQuery struct {
	PSPPaymentID string `query:"psp_payment_id" required:"true" doc:"Your own id of the payment"`
}

type statesInput struct{ Body wire.StatusQuery }

func (c *Counter) mountState(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/payments/{id}", ID: "get-payment-state", Summary: "Ask how a payment stands",
		Text: "A 404 is not final: only a final status is.",
	}, c.state)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/payments", ID: "find-payment-state", Summary: "Ask how a payment stands by your own id",
		Text:  "A 404 is not final: a create of yours may still be on its way. To make it final, cancel by your id.",
		Codes: []fault.Code{fault.NotFound}, Query: "psp_payment_id=demo-000017",
	}, c.stateByPSPID)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/payments/status", ID: "list-payment-states", Summary: "Ask how up to 1,000 payments stand",
		Text: "By our ids or yours. Ids that are not known come in not_found, which is not final.",
		Body: `{"ids": ["demo-000017", "pay_01kar9gfc0c4r5s6t7v8w9xyzb"]}`,
	}, c.states)
}

func (c *Counter) state(ctx context.Context, in *Named) (*answer[wire.PSPPayment], error) {
	p, err := c.Platform.PaymentState(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return c.outcome(ctx, p, nil)
}

func (c *Counter) stateByPSPID(ctx context.Context, in *stateQuery) (*answer[wire.PSPPayment], error) {
	p, err := c.Platform.PaymentByPSPID(ctx, who(ctx), in.PSPPaymentID)
	if err != nil {
		return nil, err
	}
	return c.outcome(ctx, p, nil)
}

func (c *Counter) states(ctx context.Context, in *statesInput) (*answer[wire.StatusAnswer], error) {
	found, missing, err := c.Platform.PaymentStates(ctx, who(ctx), in.Body.IDs)
	if err != nil {
		return nil, err
	}
	out := wire.StatusAnswer{Data: []wire.PSPPayment{}, NotFound: append([]string{}, missing...)}
	for _, p := range found {
		shown, err := c.render(ctx, p)
		if err != nil {
			return nil, err
		}
		out.Data = append(out.Data, shown)
	}
	return &answer[wire.StatusAnswer]{out}, nil
}
