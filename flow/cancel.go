package flow

import (
	"context"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// CancelByPSPID cancels by the PSP's own id, for a PSP that does not know
// whether its create arrived. An unknown id becomes a tombstone: a create that
// comes later is refused. The payment then has no id and is canceled. Refused as
// CancelPayment is.
func (p *Platform) CancelByPSPID(ctx context.Context, who access.PSP, pspID string) (payment.Payment, error) {
	if !isPSPPaymentID(pspID) {
		return payment.Payment{}, badPSPPaymentID()
	}
	grave := claim(pspScope(who.ID), pspID, "", "")
	grave.Outcome = store.Tombstone
	result, err := p.engine.Do(ctx, &bury{claim: grave})
	if err != nil {
		return payment.Payment{}, err
	}
	t, known := result.(taken)
	if !known {
		return tombstone(pspID), nil
	}
	c, _ := t.in(pspScope(who.ID))
	if c.Outcome == store.Tombstone {
		if flaw.Has(flaw.TombstoneUnknown) {
			return payment.Payment{}, fault.New(fault.NotFound)
		}
		return tombstone(pspID), nil
	}
	return p.CancelPayment(ctx, who, string(c.Object))
}

// bury is the command that takes a name so that nothing can ever be created under it.
type bury struct{ claim store.Claim }

func (b *bury) Bucket() uint16      { return id.BucketOf(b.claim.Scope, b.claim.Key) }
func (b *bury) Class() engine.Class { return engine.Finish }
func (b *bury) Claims() []store.Claim {
	if flaw.Has(flaw.NoTombstone) {
		return nil
	}
	return []store.Claim{b.claim}
}
func (b *bury) Need() store.Need { return store.Need{} }

func (b *bury) Decide(s engine.Sight) engine.Outcome {
	if len(s.Taken) > 0 {
		return engine.Outcome{Result: taken{s.Taken}, GiveBack: true}
	}
	return engine.Outcome{}
}
