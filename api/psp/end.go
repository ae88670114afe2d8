package psp

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/engine"
	"tolom/fault"
	"tolom/wire"
)

type cancelInput struct{ Body wire.CancelByPSPID }

// directExecute is how an execute is served without the framework.
var directExecute = gate.Direct[Named, answer[wire.PSPPayment]]{
	Name: func(in *Named, id string) { in.ID = id },
	Write: func(out *answer[wire.PSPPayment], _ http.Header, dst []byte) (int, []byte) {
		return http.StatusOK, out.Body.AppendJSON(dst)
	},
}

func (c *Counter) mountEnd(d *gate.Door) {
	gate.AddDirect(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/payments/{id}/execute", ID: "execute-payment", Summary: "Confirm a payment",
		Room: func() bool { return c.Platform.Room(engine.Finish) },
		Text: "Your customer has confirmed. From the moment that you send this, only a final status tells how it ended: success means take the held money, canceled or error means release it. " +
			"After a time-out, a 5xx or a refusal without payment the outcome is unknown: keep the hold and repeat the execute or ask for the state. Repeating is safe.",
		Codes: []fault.Code{fault.PaymentExpired, fault.PaymentCanceled, fault.OutcomeUnknown},
		Shows: gate.Ended("success").With("status_code", 50).With("receipt", "http://127.0.0.1:8080/r/01kar9gfc0c4r5s6t7v8w9xyzb"),
	}, directExecute, c.execute)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/payments/{id}/cancel", ID: "cancel-payment", Summary: "Take a payment back before its execute",
		Codes: []fault.Code{fault.PaymentSucceeded, fault.PaymentFailed, fault.OutcomeUnknown},
		Shows: gate.Ended("canceled").With("status_code", 40).With("reason", "psp"),
	}, c.cancel)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/cancel", ID: "cancel-by-psp-payment-id", Summary: "Take a payment back by your own id",
		Text:  "For when you do not know whether your create arrived. An id that we have never seen is closed for ever and answered with id null: a create that is still on its way will be refused.",
		Codes: []fault.Code{fault.PaymentSucceeded, fault.PaymentFailed, fault.OutcomeUnknown},
		Body:  `{"psp_payment_id": "demo-000017"}`,
		Shows: gate.Ended("canceled").With("status_code", 40).With("reason", "psp"),
	}, c.cancelByPSPID)
}

func (c *Counter) execute(ctx context.Context, in *Named) (*answer[wire.PSPPayment], error) {
	p, err := c.Platform.Execute(ctx, who(ctx), in.ID)
	return c.outcome(ctx, p, err)
}

func (c *Counter) cancel(ctx context.Context, in *Named) (*answer[wire.PSPPayment], error) {
	p, err := c.Platform.CancelPayment(ctx, who(ctx), in.ID)
	return c.outcome(ctx, p, err)
}

func (c *Counter) cancelByPSPID(ctx context.Context, in *cancelInput) (*answer[wire.PSPPayment], error) {
	p, err := c.Platform.CancelByPSPID(ctx, who(ctx), in.Body.PSPPaymentID)
	return c.outcome(ctx, p, err)
}
