package flow

import (
	"context"
	"errors"

	"tolom/elqr"
	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/report"
	"tolom/store"
	"tolom/wire"

	"time"
	"tolom/access"
)

// PublicRequest is a request with what its page shows. Whoever knows the token may see it.
type PublicRequest struct {
	Request  payment.Request
	Merchant store.Merchant
	Store    store.Place // empty when the request names none
	Till     store.Till
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

// Decode says what a link or payload holds and whether it could be paid here.
func (p *Platform) Decode(ctx context.Context, in wire.Decode) (wire.Decoded, error) {
	text, err := codeOf(in.Link, in.Payload)
	if err != nil {
		return wire.Decoded{}, err
	}
	d := elqr.Describe(text)
	out := wire.Decoded{Valid: d.Valid, Dialect: string(d.Dialect), Amount: d.Amount, Checksum: string(d.Checksum), Error: d.Error, Message: d.Message, Verdict: wire.Verdict{Notes: []string{}}}
	if d.At != nil {
		out.At = *d.At
	}
	if len(d.Fields) > 0 {
		out.Fields = d.Fields
	}
	out.Verdict.Code, err = p.verdict(ctx, text)
	out.Verdict.Payable = out.Verdict.Code == ""
	if code, bad := elqr.Read(text); bad == nil {
		out.Verdict.Provider, _ = code.Sub("32", "00")
		for _, problem := range code.Problems() {
			out.Verdict.Notes = append(out.Verdict.Notes, problem.Tag+": "+problem.Message)
		}
	}
	return out, err
}

// verdict gives the code that a check would refuse the text with, "" for none.
func (p *Platform) verdict(ctx context.Context, text string) (string, error) {
	pub, err := p.Landing(ctx, text)
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal) && refusal.Kind() == fault.Unavailable:
		return "", err
	case err != nil:
		return string(fault.From(err).Code), nil
	case pub.Merchant.Suspended:
		return string(fault.MerchantSuspended), nil
	}
	if closed := pub.Request.Open(); closed != nil {
		return string(closed.Code), nil
	}
	return "", nil
}

// Statement is the merchant's account for the times [from, to), equal to the
// ledger. Refused: invalid_request for times that do not follow each other or
// lie more than 92 days apart.
func (p *Platform) Statement(ctx context.Context, who access.Merchant, from, to time.Time) (wire.Statement, error) {
	if !from.Before(to) || to.Sub(from) > 92*24*time.Hour {
		return wire.Statement{}, fault.New(fault.InvalidRequest).On("from").Because("from is before to, by at most 92 days")
	}
	m, err := p.registry.Merchant(ctx, who.ID)
	if err != nil {
		return wire.Statement{}, err
	}
	rows, err := p.read.Statement(ctx, who.ID, from, to)
	if err != nil {
		return wire.Statement{}, missing(err)
	}
	s := report.Fold(who.ID, from, to, report.Rows{Balance: rows.Balance, Later: rows.Later, Payments: rows.Payments, Refunds: rows.Refunds})
	return wire.StatementOf(s, m.Name), nil
}
