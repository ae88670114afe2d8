package psp

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/wire"
)

type refundQuery struct {
	After string `query:"after" doc:"The after of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
}

type ackInput struct {
	Named
	Body wire.RefundAck
}

func (c *Counter) mountRefunds(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/refunds", ID: "list-refunds-to-give", Summary: "List refunds to give back to your customers",
		Text:  "Oldest first, all that you have not acknowledged. They are offered until you do.",
		Query: "limit=50",
	}, c.refunds)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/refunds/{id}/ack", ID: "ack-refund", Summary: "Say that a refund was given, or cannot be",
		Text:  "The same word again changes nothing.",
		Codes: []fault.Code{fault.RefundFinal, fault.OutcomeUnknown},
		Body:  `{"outcome": "credited", "psp_refund_id": "refund-000003"}`,
		Shows: gate.Ended("success").With("psp_refund_id", "refund-000003"),
	}, c.ackRefund)
}

func (c *Counter) refunds(ctx context.Context, in *refundQuery) (*answer[wire.List[wire.PSPRefund]], error) {
	rows, more, err := c.Platform.RefundsToGive(ctx, who(ctx), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := wire.List[wire.PSPRefund]{Data: []wire.PSPRefund{}, HasMore: more}
	for _, r := range rows {
		out.Data = append(out.Data, c.Platform.Site().PSPRefund(r))
	}
	if more && len(rows) > 0 {
		out.After = string(rows[len(rows)-1].ID)
	}
	return &answer[wire.List[wire.PSPRefund]]{out}, nil
}

func (c *Counter) ackRefund(ctx context.Context, in *ackInput) (*answer[wire.PSPRefund], error) {
	r, err := c.Platform.AckRefund(ctx, who(ctx), in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	return &answer[wire.PSPRefund]{c.Platform.Site().PSPRefund(r)}, nil
}
