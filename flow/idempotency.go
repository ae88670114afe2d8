package flow

import (
	"context"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// Idempotency is the caller's key of a POST and the digest of what came with it.
type Idempotency struct{ Key, Fingerprint string }

// The scopes of claims: whose name it is.
func idemScope(merchant id.ID) string  { return IdempotencyScope + string(merchant) }
func orderScope(merchant id.ID) string { return "order:" + string(merchant) }
func pspScope(psp id.ID) string        { return "psp_payment:" + string(psp) }
func refundScope(pay id.ID) string     { return "refund:" + string(pay) }

// IdempotencyScope begins the scope of every idempotency key; they are kept for
// thirty days, all other claims for ever.
const IdempotencyScope = "idem:"

// claims gives the claim on the key, first in the list of a command's claims.
func (k Idempotency) claims(merchant, object id.ID) []store.Claim {
	if k.Key == "" || flaw.Has(flaw.KeyForgotten) {
		return nil
	}
	return []store.Claim{claim(idemScope(merchant), k.Key, k.Fingerprint, object)}
}

// replay judges an earlier use of a key: another body is refused, a kept
// refusal is given again, a success names its object.
func (k Idempotency) replay(merchant id.ID, t taken) (store.Claim, error) {
	c, ok := t.in(idemScope(merchant))
	switch {
	case !ok:
		return c, fault.New(fault.InternalError).Because("a name was taken that the command did not expect")
	case c.Fingerprint != k.Fingerprint && !flaw.Has(flaw.KeyReused):
		return c, fault.New(fault.IdempotencyReused).On("Idempotency-Key").Because("use a new key for another request")
	case c.Outcome != "":
		return c, refusalOf(c.Outcome)
	}
	return c, nil
}

// outcomeOf writes a refusal so that it can be given again word for word: its
// code, field and sentence, a line each.
func outcomeOf(refusal *fault.Error) string {
	return strings.Join([]string{string(refusal.Code), refusal.Param, refusal.Detail}, "\n")
}

// refusalOf reads a refusal back.
func refusalOf(outcome string) *fault.Error {
	code, rest, _ := strings.Cut(outcome, "\n")
	param, detail, _ := strings.Cut(rest, "\n")
	return fault.New(fault.Code(code)).On(param).Because(detail)
}

// kept gives the claim of the scope with a refusal that is to be remembered.
// Refusals that may pass by trying again are not: the name is free again.
func kept(claims []store.Claim, scope string, refusal *fault.Error) []store.Claim {
	if refusal == nil || refusal.Retryable() || flaw.Has(flaw.RefusalForgotten) {
		return nil
	}
	for _, c := range claims {
		if c.Scope == scope {
			c.Outcome = outcomeOf(refusal)
			return []store.Claim{c}
		}
	}
	return nil
}

// replayRequest gives the answer of an earlier call again.
func (p *Platform) replayRequest(ctx context.Context, who access.Merchant, key Idempotency, t taken, as func(payment.Request) payment.Request) (payment.Request, bool, error) {
	c, err := key.replay(who.ID, t)
	if err != nil {
		return payment.Request{}, c.Fingerprint == key.Fingerprint, err
	}
	r, err := p.read.Request(ctx, c.Object)
	if err != nil {
		return r, false, missing(err)
	}
	if !who.Reaches(r.Merchant, r.Store, r.Till) {
		return payment.Request{}, false, fault.New(fault.IdempotencyReused).On("Idempotency-Key").Because("use a new key for another request")
	}
	return as(r), true, nil
}

// asCreated gives a request as it was when it was made.
func asCreated(r payment.Request) payment.Request {
	r.Status, r.PaidAmount, r.PaymentsCount = payment.RequestActive, 0, 0
	r.ScannedAt, r.EndedAt = time.Time{}, time.Time{}
	return r
}

// asChanged gives a request as a change of its state left it.
func asChanged(r payment.Request, to payment.RequestStatus) payment.Request {
	if r.Status = to; !to.Final() {
		r.EndedAt = time.Time{}
	}
	return r
}

// asRequested gives a refund as it was when it was asked for.
func asRequested(r payment.Refund) payment.Refund {
	r.Status, r.Code, r.PSPRefundID, r.FeeReturned, r.InterchangeReturned = payment.RefundRequested, "", "", 0, 0
	r.EndedAt = time.Time{}
	return r
}
