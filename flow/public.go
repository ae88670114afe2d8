package flow

import (
	"context"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
)

// PublicRequest is a request with what its page shows. Whoever knows the token may see it.
type PublicRequest struct {
	Request  payment.Request
	Merchant store.Merchant
	Store    store.Place // empty when the request names none
	Till     store.Till
	Tariff   tariff.Tariff // that a payment made now would be priced by
}

// PublicReceipt is a payment with what its receipt shows.
type PublicReceipt struct {
	Payment payment.Payment
	PublicRequest
	PSP     store.PSP
	Refunds []payment.Refund
}

// Public reads a request by its token or whole id. Refused: not_found.
func (p *Platform) Public(ctx context.Context, token string) (PublicRequest, error) {
	i, err := parse(id.Request, token)
	if err != nil {
		return PublicRequest{}, err
	}
	r, err := p.read.Request(ctx, i)
	if err != nil {
		return PublicRequest{}, missing(err)
	}
	return p.public(ctx, r)
}

// parse reads a whole id or its token.
func parse(k id.Kind, text string) (id.ID, error) {
	i, err := id.Parse(k, text)
	if err != nil {
		i, err = id.FromToken(k, text)
	}
	if err != nil {
		return "", fault.New(fault.NotFound)
	}
	return i, nil
}

func (p *Platform) public(ctx context.Context, r payment.Request) (out PublicRequest, err error) {
	if out.Request, err = p.freshRequest(ctx, r); err != nil {
		return out, err
	}
	if out.Merchant, err = p.registry.Merchant(ctx, r.Merchant); err != nil {
		return out, err
	}
	priced, err := p.registry.Priced(ctx, out.Merchant)
	if err != nil {
		return out, err
	}
	out.Tariff = priced.Tariff
	if r.Store != "" {
		if out.Store, err = p.registry.Store(ctx, r.Store); err != nil {
			return out, err
		}
	}
	if r.Till != "" {
		out.Till, err = p.registry.Till(ctx, r.Till)
	}
	return out, err
}

// Landing reads what a link or payload asks for. Refused as a check refuses, but
// for the request's end, which the page shows.
func (p *Platform) Landing(ctx context.Context, text string) (PublicRequest, error) {
	r, err := p.resolve(ctx, text)
	if err != nil {
		return PublicRequest{}, err
	}
	return p.public(ctx, r)
}

// Receipt reads a payment by its token or whole id. Refused: not_found.
func (p *Platform) Receipt(ctx context.Context, token string) (out PublicReceipt, err error) {
	i, err := parse(id.Payment, token)
	if err != nil {
		return out, err
	}
	pay, err := p.read.Payment(ctx, i)
	if err != nil {
		return out, missing(err)
	}
	if out.Payment, err = p.freshPayment(ctx, pay); err != nil {
		return out, err
	}
	r, err := p.read.Request(ctx, pay.Request)
	if err != nil {
		return out, missing(err)
	}
	if out.PublicRequest, err = p.public(ctx, r); err != nil {
		return out, err
	}
	if out.PSP, err = p.registry.PSP(ctx, pay.PSP); err != nil {
		return out, err
	}
	out.Refunds, err = p.read.Refunds(ctx, store.RefundFilter{Merchant: pay.Merchant, Payment: pay.ID, Limit: 100})
	return out, missing(err)
}
