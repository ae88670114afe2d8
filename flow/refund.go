package flow

import (
	"context"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// CreateRefund asks for money back from a payment; an absent amount means all
// that is left. A refund_ref is unique per payment for ever: the same again with
// the same amount gives the same refund, with another refund_ref_reused. Refused:
// not_found, payment_not_refundable, refund_exceeds_payment, insufficient_balance.
func (p *Platform) CreateRefund(ctx context.Context, who access.Merchant, key Idempotency, pay string, in wire.NewRefund) (payment.Refund, bool, error) {
	own, err := p.Payment(ctx, who, pay)
	if err != nil {
		return payment.Refund{}, false, err
	}
	m, err := p.registry.Merchant(ctx, who.ID)
	if err != nil {
		return payment.Refund{}, false, err
	}
	if err := checkRefund(in); err != nil {
		return payment.Refund{}, false, err
	}
	r := payment.Refund{ID: p.newID(id.Refund, own.Request.Bucket()), Payment: own.ID, Merchant: who.ID, Amount: money.Amount(in.Amount), Currency: money.KGS, Reason: in.Reason, Ref: in.RefundRef}
	priced, err := p.registry.TariffOf(ctx, m, own.Tariff)
	if err != nil {
		return payment.Refund{}, false, err
	}
	result, err := p.engine.Do(ctx, p.refundCommand(who, key, own, payment.RequestRefund{Refund: r, Tariff: priced}, m))
	if t, again := result.(taken); again {
		return p.replayRefund(ctx, who, key, t, in, own)
	}
	if err != nil {
		return payment.Refund{}, false, err
	}
	return result.(payment.Refund), false, nil
}

// checkRefund checks the input; how much the payment has left is decided under its lock.
func checkRefund(in wire.NewRefund) error {
	if in.Amount != 0 {
		if err := sum("amount", in.Amount); err != nil {
			return err
		}
	}
	return first(short("reason", in.Reason, 140), short("refund_ref", in.RefundRef, 64))
}

func (p *Platform) refundCommand(who access.Merchant, key Idempotency, own payment.Payment, act payment.RequestRefund, m store.Merchant) *command {
	r := act.Refund
	c := &command{
		class: engine.Open,
		need:  store.Need{Request: own.Request, Payment: own.ID}, act: act, pick: pickRefund(r.ID),
		claims: key.claims(who.ID, r.ID), keep: idemScope(who.ID),
		guard: &engine.Guard{
			Account: ledger.Of(who.ID, ledger.Payable), Floor: -m.RefundOverdraft,
			Refusal: fault.New(fault.InsufficientFunds).On("amount").Because("the merchant's balance and its refund overdraft are below the refund and its charge; try again when more was paid"),
		},
	}
	if flaw.Has(flaw.FloorForgotten) {
		c.guard = nil
	}
	if r.Ref != "" && !flaw.Has(flaw.RefundRefUnclaimed) {
		c.claims = append(c.claims, claim(refundScope(own.ID), r.Ref, key.Fingerprint, r.ID))
	}
	return c
}

// replayRefund answers a repeated key, or a repeated refund_ref under a new key:
// a name stands for a refund and its amount.
func (p *Platform) replayRefund(ctx context.Context, who access.Merchant, key Idempotency, t taken, in wire.NewRefund, own payment.Payment) (payment.Refund, bool, error) {
	c, byRef := t.in(refundScope(own.ID))
	if _, byKey := t.in(idemScope(who.ID)); byKey || !byRef {
		earlier, err := key.replay(who.ID, t)
		if err != nil {
			return payment.Refund{}, earlier.Fingerprint == key.Fingerprint, err
		}
		c = earlier
	}
	r, err := p.read.Refund(ctx, c.Object)
	if err != nil {
		return payment.Refund{}, false, missing(err)
	}
	if in.Amount != 0 && money.Amount(in.Amount) != r.Amount {
		return payment.Refund{}, false, fault.New(fault.RefundRefReused).On("refund_ref").Because("the refund of this name has another amount")
	}
	return asRequested(r), true, nil
}

// Refund reads a refund of the merchant. Refused: not_found.
func (p *Platform) Refund(ctx context.Context, who access.Merchant, refund string) (payment.Refund, error) {
	i, err := id.Parse(id.Refund, refund)
	if err != nil {
		return payment.Refund{}, fault.New(fault.NotFound)
	}
	r, err := p.read.Refund(ctx, i)
	if err == nil && r.Merchant != who.ID {
		err = store.ErrNotFound
	}
	if err != nil || who.Whole() {
		return r, missing(err)
	}
	_, err = p.Payment(ctx, who, string(r.Payment)) // A refund is where its payment is.
	return r, err
}

// Refunds lists refunds of the merchant, newest first, and says whether there are more.
func (p *Platform) Refunds(ctx context.Context, who access.Merchant, f store.RefundFilter) ([]payment.Refund, bool, error) {
	f.Merchant, f.PSP, f.Ascending, f.Store, f.Till = who.ID, "", false, who.Store, who.Till
	limit := f.Limit
	f.Limit++
	rows, err := p.read.Refunds(ctx, f)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// RefundsToGive lists, oldest first, the refunds that the PSP has not yet
// acknowledged. They are offered without end.
func (p *Platform) RefundsToGive(ctx context.Context, who access.PSP, after string, limit int) ([]payment.Refund, bool, error) {
	f := store.RefundFilter{PSP: who.ID, Status: payment.RefundRequested, Ascending: true, Limit: limit + 1}
	if after != "" {
		i, err := id.Parse(id.Refund, after)
		if err != nil {
			return nil, false, fault.New(fault.InvalidRequest).On("after").Because("after is the id of a refund")
		}
		f.After = i
	}
	rows, err := p.read.Refunds(ctx, f)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// AckRefund takes the PSP's word that a refund was given or cannot be. Refused:
// not_found, refund_already_final.
func (p *Platform) AckRefund(ctx context.Context, who access.PSP, refund string, in wire.RefundAck) (payment.Refund, error) {
	credited, err := outcome(in)
	if err != nil {
		return payment.Refund{}, err
	}
	i, err := id.Parse(id.Refund, refund)
	if err != nil {
		return payment.Refund{}, fault.New(fault.NotFound)
	}
	r, err := p.read.Refund(ctx, i)
	if err == nil && r.PSP != who.ID {
		err = store.ErrNotFound
	}
	if err != nil {
		return payment.Refund{}, missing(err)
	}
	result, err := p.engine.Do(ctx, &command{
		need: store.Need{Request: r.Request, Payment: r.Payment, Refund: r.ID}, pick: pickRefund(r.ID),
		act: payment.AckRefund{Refund: r.ID, PSP: who.ID, Credited: credited, Code: in.Code, PSPRefundID: in.PSPRefundID},
	})
	if err != nil {
		return payment.Refund{}, err
	}
	return result.(payment.Refund), nil
}

func outcome(in wire.RefundAck) (credited bool, err error) {
	switch in.Outcome {
	case "credited", "success":
		credited = true
	case "rejected", "error":
	default:
		return false, fault.New(fault.InvalidRequest).On("outcome").Because("outcome is credited or rejected")
	}
	return credited, first(short("code", in.Code, 64), short("psp_refund_id", in.PSPRefundID, 50))
}
