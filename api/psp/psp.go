// Package psp is the PSP API, /psp/v1: what banks' and wallets' servers call when their customer scans a code. It
// only translates: every rule is decided behind it, in flow.
package psp

import (
	"context"
	"crypto/x509"
	"net/http"

	"tolom/access"
	"tolom/api/gate"
	"tolom/api/problem"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/wire"
)

// Counter is what the operations work with.
type Counter struct {
	Platform *flow.Platform
	Recon    *flow.Reconciler
	Days     *flow.BusinessDays
	Files    *flow.Files
}

// Mount adds the operations to the door.
func (c *Counter) Mount(d *gate.Door) {
	c.mountStart(d)
	c.mountEnd(d)
	c.mountState(d)
	c.mountRefunds(d)
	c.mountSettlements(d)
	c.mountRecon(d)
	c.mountCases(d)
	c.mountFiles(d)
}

// Policy is how PSPs must prove who they are.
type Policy struct {
	// Base is scheme and host by which PSPs address the platform, as their signatures cover it.
	Base string
	// SignedOnly refuses bearer keys: the live platform takes signed requests alone.
	SignedOnly bool
	// CertificatesOnly wants a registered client certificate of every PSP; otherwise of those that have registered one.
	CertificatesOnly bool
}

// Verifier takes signed requests and, where they are allowed, bearer keys. Whoever has registered client
// certificates must come with one of them as well.
func Verifier(g *access.Gate, policy Policy) gate.Verifier {
	signed := gate.Signature(policy.Base, func(ctx context.Context, r access.SignedRequest) (gate.Principal, error) {
		return principal(g.SignedPSP(ctx, r))
	})
	bearer := gate.Bearer(func(ctx context.Context, key string) (gate.Principal, error) {
		return principal(g.PSP(ctx, key))
	})
	return gate.VerifierFunc(func(r *http.Request, body []byte) (caller gate.Principal, err error) {
		switch {
		case gate.Signed(r):
			caller, err = signed.Verify(r, body)
		case policy.SignedOnly:
			err = fault.New(fault.SignatureRequired).Because("on the live platform PSPs sign their requests (RFC 9421), see docs/psp-signing.md; keys psk_… are for the sandbox and the demo")
		default:
			caller, err = bearer.Verify(r, body)
		}
		if err != nil {
			return gate.Principal{}, err
		}
		return caller, g.Certified(r.Context(), id.ID(caller.ID), certificate(r), policy.CertificatesOnly)
	})
}

func principal(p access.PSP, err error) (gate.Principal, error) {
	return gate.Principal{ID: string(p.ID), Who: p, Key: string(p.Key)}, err
}

// certificate is the caller's, when the connection came with one.
func certificate(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	return r.TLS.PeerCertificates[0]
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
