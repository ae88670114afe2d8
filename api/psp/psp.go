// Package psp is the PSP API, /psp/v1: what banks' and wallets' servers call when their customer scans a code. It
// only translates: every rule is decided behind it, in flow.
package psp

import (
	"context"

	"tolom/access"
	"tolom/api/gate"
	"tolom/api/problem"
	"tolom/flow"
	"tolom/payment"
	"tolom/wire"
)

// Counter is what the operations work with.
type Counter struct{ Platform *flow.Platform }

// Mount adds the operations to the door.
func (c *Counter) Mount(d *gate.Door) {
	c.mountStart(d)
	c.mountEnd(d)
	c.mountState(d)
	c.mountRefunds(d)
}

// Verifier takes PSPs' keys. Signatures of requests will join it.
func Verifier(g *access.Gate) gate.Verifier {
	return gate.Bearer(func(ctx context.Context, key string) (gate.Principal, error) {
		p, err := g.PSP(ctx, key)
		return gate.Principal{ID: string(p.ID), Who: p}, err
	})
}

func who(ctx context.Context) access.PSP { return gate.Who[access.PSP](ctx) }

// Named is the input of operations on one object.
type Named struct {
	ID string `path:"id"`
}

type answer[T any] struct{ Body T }

// render shows a payment to its PSP, with the name of who is paid.
func (c *Counter) render(ctx context.Context, p payment.Payment) (wire.PSPPayment, error) {
	if p.Merchant == "" {
		return c.Platform.Site().PSPPayment(p, ""), nil
	}
	m, err := c.Platform.Registry().Merchant(ctx, p.Merchant)
	if err != nil {
		return wire.PSPPayment{}, err
	}
	return c.Platform.Site().PSPPayment(p, m.Name), nil
}

// outcome answers with a payment. A refusal that comes with one shows it: after an execute only that tells the PSP
// what to do with its payer's money.
func (c *Counter) outcome(ctx context.Context, p payment.Payment, refusal error) (*answer[wire.PSPPayment], error) {
	if refusal != nil && p.ID == "" && p.PSPPaymentID == "" {
		return nil, refusal
	}
	shown, err := c.render(ctx, p)
	switch {
	case refusal != nil && err != nil:
		return nil, refusal
	case refusal != nil:
		return nil, problem.With(refusal, shown)
	case err != nil:
		return nil, err
	}
	return &answer[wire.PSPPayment]{shown}, nil
}
