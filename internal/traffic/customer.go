package traffic

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"tolom/client"
	"tolom/wire"
)

// Success and Canceled are how a deal ends.
const (
	Success  = "success"
	Canceled = "canceled"
)

// Deal is one payment as its two sides remember it.
type Deal struct {
	Shop    int
	Request string
	Payment string
	Amount  int64
	Net     int64  // what the merchant gets and keeps
	Status  string // the final status that the PSP was told
	Refund  string // "" unless all of it was given back
}

// Customer makes whole payments as a merchant's shop and a PSP do, and follows
// the protocol when an answer is lost.
type Customer struct {
	Shops   []*client.Merchant
	Bank    *client.PSP
	Unknown *atomic.Int64 // calls of the PSP whose outcome had to be found out
}

// Pay asks, checks, creates and executes. n picks the shop and the amount and
// names the payment. The deal's status is final whenever the error is nil.
func (c Customer) Pay(ctx context.Context, n int) (Deal, error) {
	d, err := c.open(ctx, n)
	if err != nil {
		return d, err
	}
	done, err := c.Execute(ctx, d.Payment)
	return d.ended(done, err)
}

// Withdraw does as Pay does until the payment is created, and then takes it back.
func (c Customer) Withdraw(ctx context.Context, n int) (Deal, error) {
	d, err := c.open(ctx, n)
	if err != nil {
		return d, err
	}
	done, err := certain(ctx, c, func() (wire.PSPPayment, error) { return c.Bank.Cancel(ctx, d.Payment) })
	return d.ended(done, err)
}

// PayBack does as Pay does and then gives the whole amount back, which the shop
// may be refused while it has not earned as much as that.
func (c Customer) PayBack(ctx context.Context, n int) (Deal, error) {
	d, err := c.Pay(ctx, n)
	if err != nil || d.Status != Success {
		return d, err
	}
	back, err := c.Shops[d.Shop].CreateRefund(ctx, d.Payment, wire.NewRefund{RefundRef: "all"})
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Code == "insufficient_balance" {
		return d, nil
	}
	if err != nil {
		return d, fmt.Errorf("refund: %w", err)
	}
	if _, err := certain(ctx, c, func() (wire.PSPRefund, error) {
		return c.Bank.AckRefund(ctx, back.ID, wire.RefundAck{Outcome: "credited"})
	}); err != nil {
		return d, fmt.Errorf("acknowledge the refund: %w", err)
	}
	d.Refund, d.Net = back.ID, d.Net-d.Amount
	return d, nil
}

// open asks, checks and creates.
func (c Customer) open(ctx context.Context, n int) (Deal, error) {
	d := Deal{Shop: n % len(c.Shops), Amount: int64(1000 + n*37%100_000)}
	request, err := c.Shops[d.Shop].CreateRequest(ctx, wire.NewPaymentRequest{Kind: "dynamic", Amount: d.Amount, Description: fmt.Sprint("deal ", n)})
	if err != nil {
		return d, fmt.Errorf("request: %w", err)
	}
	d.Request = request.ID
	if _, err := certain(ctx, c, func() (wire.Checked, error) { return c.Bank.Check(ctx, wire.Check{Payload: request.Payload}) }); err != nil {
		return d, fmt.Errorf("check: %w", err)
	}
	name := fmt.Sprintf("%s-%d", request.ID[3:], n)
	in := wire.NewPSPPayment{
		PSPPaymentID: name, Payload: request.Payload, Amount: d.Amount, Currency: "KGS",
		Payer: wire.Payer{Key: name, NameMasked: "P*** A", Kind: "person"},
	}
	created, err := certain(ctx, c, func() (wire.PSPPayment, error) { return c.Bank.Create(ctx, in) })
	if err != nil {
		return d, fmt.Errorf("create: %w", err)
	}
	d.Payment = *created.ID
	return d, nil
}

// ended notes a final status, which a refusal shows as well as an answer.
func (d Deal) ended(done wire.PSPPayment, err error) (Deal, error) {
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Payment != nil {
		done, err = *problem.Payment, nil
	}
	if err != nil {
		return d, fmt.Errorf("payment %s: %w", d.Payment, err)
	}
	if !client.Final(done) {
		return d, fmt.Errorf("payment %s is %s, which is not final", d.Payment, done.Status)
	}
	if d.Status = done.Status; d.Status == Success {
		d.Net = d.Amount - d.Amount/200
	}
	return d, nil
}

// Execute confirms a payment. When the outcome is unknown it asks for the state
// and, while that is not final, executes again: the money stays held until then.
func (c Customer) Execute(ctx context.Context, payment string) (wire.PSPPayment, error) {
	done, err := c.Bank.Execute(ctx, payment)
	for unknown(err) && ctx.Err() == nil {
		c.Unknown.Add(1)
		_ = briefly(ctx, pause) // when ctx ends, so does the loop
		if done, err = c.Bank.State(ctx, payment); err == nil && !client.Final(done) {
			done, err = c.Bank.Execute(ctx, payment)
		}
	}
	return done, err
}

// certain repeats a call that may be repeated until its outcome is known.
func certain[T any](ctx context.Context, c Customer, call func() (T, error)) (out T, err error) {
	for out, err = call(); unknown(err) && ctx.Err() == nil; out, err = call() {
		c.Unknown.Add(1)
		_ = briefly(ctx, pause) // when ctx ends, so does the loop
	}
	return out, err
}

func unknown(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && problem.Unknown()
}
