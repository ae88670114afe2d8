package client

import (
	"context"
	"strconv"

	"tolom/wire"
)

// PSP speaks the PSP API. Each method sends its call once and never again by itself: a PSP repeats by a plan that it
// has written down, and only it knows whether its payer's money is held. Repeating create (with the same
// psp_payment_id and body), execute, cancel, state and ack is always safe.
type PSP struct{ client *Client }

// Check asks what a link or payload is about, before anything is held.
func (p *PSP) Check(ctx context.Context, in wire.Check) (wire.Checked, error) {
	return single[wire.Checked](ctx, p.client, post("/psp/v1/check", in))
}

// Create opens a payment under the PSP's own psp_payment_id. The same id and body again give the current payment.
func (p *PSP) Create(ctx context.Context, in wire.NewPSPPayment) (wire.PSPPayment, error) {
	return single[wire.PSPPayment](ctx, p.client, post("/psp/v1/payments", in))
}

// Execute confirms a payment. If it fails, ask the [Problem]: unless it shows a payment in a final status, the
// outcome is unknown and the payer's money stays held.
func (p *PSP) Execute(ctx context.Context, payment string) (wire.PSPPayment, error) {
	what := post(path("/psp/v1/payments/%s/execute", payment), nil)
	what.execute = true
	return single[wire.PSPPayment](ctx, p.client, what)
}

// Cancel takes a payment back that was not executed. After a success it is refused with the payment.
func (p *PSP) Cancel(ctx context.Context, payment string) (wire.PSPPayment, error) {
	return single[wire.PSPPayment](ctx, p.client, post(path("/psp/v1/payments/%s/cancel", payment), nil))
}

// CancelByPSPID cancels by the PSP's own id, also one that the platform has never seen: then no create under it can
// succeed any more, and the answer has no id.
func (p *PSP) CancelByPSPID(ctx context.Context, pspPaymentID string) (wire.PSPPayment, error) {
	return single[wire.PSPPayment](ctx, p.client, post("/psp/v1/cancel", wire.CancelByPSPID{PSPPaymentID: pspPaymentID}))
}

// State reads a payment. A not_found is not final.
func (p *PSP) State(ctx context.Context, payment string) (wire.PSPPayment, error) {
	return single[wire.PSPPayment](ctx, p.client, get(path("/psp/v1/payments/%s", payment)))
}

// StateByPSPID reads a payment by the PSP's own id. A not_found is not final.
func (p *PSP) StateByPSPID(ctx context.Context, pspPaymentID string) (wire.PSPPayment, error) {
	return single[wire.PSPPayment](ctx, p.client, get("/psp/v1/payments", "psp_payment_id", pspPaymentID))
}

// MaxStates is how many payments one States call may ask for.
const MaxStates = 1000

// States reads up to [MaxStates] payments by the platform's ids or the PSP's own.
func (p *PSP) States(ctx context.Context, ids []string) (wire.StatusAnswer, error) {
	return single[wire.StatusAnswer](ctx, p.client, post("/psp/v1/payments/status", wire.StatusQuery{IDs: ids}))
}

// Refunds lists refunds that wait to be given to payers, oldest first. after is the cursor of the page before, ""
// for the first; limit 0 leaves the size to the platform.
func (p *PSP) Refunds(ctx context.Context, after string, limit int) (wire.List[wire.PSPRefund], error) {
	return single[wire.List[wire.PSPRefund]](ctx, p.client, get("/psp/v1/refunds", "after", after, "limit", count(limit)))
}

// AckRefund tells whether the payer has the money back. The same word again changes nothing.
func (p *PSP) AckRefund(ctx context.Context, refund string, in wire.RefundAck) (wire.PSPRefund, error) {
	return single[wire.PSPRefund](ctx, p.client, post(path("/psp/v1/refunds/%s/ack", refund), in))
}

func count(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}
