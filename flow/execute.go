package flow

import (
	"context"

	"tolom/access"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// Execute is the payer's confirmation. The payment that comes back says how it
// ended: success, or error when the merchant may not be paid now. Refused, with
// the payment: payment_expired, payment_canceled; without: not_found.
func (p *Platform) Execute(ctx context.Context, who access.PSP, pay string) (payment.Payment, error) {
	own, err := p.fixedPayment(ctx, who, pay)
	if err != nil {
		return payment.Payment{}, err
	}
	m, err := p.registry.Merchant(ctx, own.Merchant)
	if err != nil {
		return payment.Payment{}, err
	}
	return p.decide(ctx, own, payment.Execute{Payment: own.ID, PSP: who.ID, Suspended: m.Suspended})
}

// CancelPayment takes a payment back before its execute. Refused, with the
// payment: payment_already_succeeded, payment_failed; without: not_found.
func (p *Platform) CancelPayment(ctx context.Context, who access.PSP, pay string) (payment.Payment, error) {
	own, err := p.fixedPayment(ctx, who, pay)
	if err != nil {
		return payment.Payment{}, err
	}
	return p.decide(ctx, own, payment.Cancel{Payment: own.ID, PSP: who.ID})
}

// decide hands the engine a command about one payment of the caller.
func (p *Platform) decide(ctx context.Context, own payment.Payment, act payment.Command) (payment.Payment, error) {
	result, err := p.engine.Do(ctx, &command{
		need: store.Need{Request: own.Request, Payment: own.ID, Rivals: true, PSP: own.PSP, Merchant: own.Merchant}, act: act, pick: pickPayment(own.ID),
	})
	if result == nil {
		return payment.Payment{}, err
	}
	return result.(payment.Payment), err
}

// fixedPayment gives what never changes of a payment of the caller, from memory
// when this node made it lately; another's is not found.
func (p *Platform) fixedPayment(ctx context.Context, who access.PSP, pay string) (payment.Payment, error) {
	if own, ok := p.payments.get(id.ID(pay)); ok && own.PSP == who.ID {
		return own, nil
	}
	return p.pspPayment(ctx, who, pay)
}

// pspPayment reads a payment of the caller as it was last; another's is not found.
func (p *Platform) pspPayment(ctx context.Context, who access.PSP, pay string) (payment.Payment, error) {
	i, err := id.Parse(id.Payment, pay)
	if err != nil {
		return payment.Payment{}, fault.New(fault.NotFound)
	}
	own, err := p.read.Payment(ctx, i)
	if err != nil {
		return own, missing(err)
	}
	if own.PSP != who.ID && !flaw.Has(flaw.ForeignPayment) {
		return payment.Payment{}, fault.New(fault.NotFound)
	}
	return own, nil
}
