package nodes

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tolom/client"
	"tolom/wire"
)

// deal is one payment as its two sides remember it. Both were told "success".
type deal struct {
	shop    int
	request string
	payment string
	net     int64 // what the merchant gets
}

// customer makes whole payments as a merchant's shop and a PSP do, and follows
// the protocol when an answer is lost.
type customer struct {
	shops   []*client.Merchant
	psp     *client.PSP
	unknown *atomic.Int64 // calls of the PSP whose outcome had to be found out
}

// pay asks, checks, creates and executes.
func (c customer) pay(ctx context.Context, n int) (deal, error) {
	d := deal{shop: n % len(c.shops)}
	amount := int64(1000 + n*37%100_000)
	request, err := c.shops[d.shop].CreateRequest(ctx, wire.NewPaymentRequest{Kind: "dynamic", Amount: amount, Description: fmt.Sprint("deal ", n)})
	if err != nil {
		return d, fmt.Errorf("request: %w", err)
	}
	d.request = request.ID
	if _, err := certain(ctx, c, func() (wire.Checked, error) { return c.psp.Check(ctx, wire.Check{Payload: request.Payload}) }); err != nil {
		return d, fmt.Errorf("check: %w", err)
	}
	name := fmt.Sprintf("%s-%d", request.ID[3:], n)
	in := wire.NewPSPPayment{
		PSPPaymentID: name, Payload: request.Payload, Amount: amount, Currency: "KGS",
		Payer: wire.Payer{Key: name, NameMasked: "P*** A", Kind: "person"},
	}
	created, err := certain(ctx, c, func() (wire.PSPPayment, error) { return c.psp.Create(ctx, in) })
	if err != nil {
		return d, fmt.Errorf("create: %w", err)
	}
	d.payment = *created.ID
	done, err := c.execute(ctx, d.payment)
	if err == nil && done.Status != "success" {
		err = fmt.Errorf("payment %s ended as %s", d.payment, done.Status)
	}
	d.net = amount - amount/200 // the tariff is half a percent, rounded down
	return d, err
}

// execute confirms a payment. When the outcome is unknown it asks for the state
// and, while that is not final, executes again: the money stays held until then.
func (c customer) execute(ctx context.Context, payment string) (wire.PSPPayment, error) {
	done, err := c.psp.Execute(ctx, payment)
	for unknown(err) && ctx.Err() == nil {
		c.unknown.Add(1)
		time.Sleep(50 * time.Millisecond)
		if done, err = c.psp.State(ctx, payment); err == nil && !client.Final(done) {
			done, err = c.psp.Execute(ctx, payment)
		}
	}
	return done, err
}

// certain repeats a call that may be repeated until its outcome is known.
func certain[T any](ctx context.Context, c customer, call func() (T, error)) (out T, err error) {
	for out, err = call(); unknown(err) && ctx.Err() == nil; out, err = call() {
		c.unknown.Add(1)
		time.Sleep(50 * time.Millisecond)
	}
	return out, err
}

func unknown(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && problem.Unknown()
}
