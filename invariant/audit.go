package invariant

import (
	"context"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// audit is one walk through an archive.
type audit struct {
	ctx     context.Context
	archive store.Archive
	report  Report

	requests stream[payment.Request]
	children stream[payment.Payment] // by request
	payments stream[payment.Payment]
	refunds  stream[payment.Refund]
	payouts  stream[settlement.Payout]

	open  map[happening]telling     // what only the row, or only the fact, has said so far
	waits map[id.ID]payment.Payment // created, with what is to be kept of them
	backs map[id.ID]back            // what is still to be found of the refunds of a payment
	sums  map[ledger.Account]money.Amount
	names []holder
	given []payment.Refund // still to be held beside their payments

	positions   positions
	limits      limits
	days        days
	corrections corrections
	prices      prices
	offers      map[id.ID]*offered   // by endpoint
	listening   map[id.ID][]*offered // by merchant
}

func newAudit(ctx context.Context, archive store.Archive) *audit {
	a := &audit{
		ctx: ctx, archive: archive, report: newReport(),
		open: map[happening]telling{}, waits: map[id.ID]payment.Payment{}, backs: map[id.ID]back{}, sums: map[ledger.Account]money.Amount{},
		positions: positions{}, corrections: corrections{},
	}
	a.requests.page = func(after payment.Request) ([]payment.Request, error) {
		return archive.RequestPage(ctx, after.ID, pageSize)
	}
	a.children.page = func(after payment.Payment) ([]payment.Payment, error) {
		return archive.ChildPage(ctx, after.Request, after.ID, pageSize)
	}
	a.payments.page = func(after payment.Payment) ([]payment.Payment, error) {
		return archive.PaymentPage(ctx, after.ID, pageSize)
	}
	a.refunds.page = func(after payment.Refund) ([]payment.Refund, error) {
		return archive.RefundPage(ctx, after.ID, pageSize)
	}
	a.payouts.page = func(after settlement.Payout) ([]settlement.Payout, error) {
		return archive.PayoutPage(ctx, after.ID, pageSize)
	}
	return a
}

// run walks along the facts, page by page; before each page it takes the rows
// that were born until then.
func (a *audit) run() error {
	var last id.ID
	if err := a.readLimits(); err != nil {
		return err
	}
	if err := a.readDays(); err != nil {
		return err
	}
	if err := a.readPrices(); err != nil {
		return err
	}
	for {
		facts, err := a.archive.FactPage(a.ctx, last, pageSize)
		if err != nil {
			return err
		}
		end := id.ID("")
		if len(facts) > 0 {
			end = facts[len(facts)-1].ID
		}
		if err := a.rowsUntil(end.Token()); err != nil {
			return err
		}
		if err := a.factsOf(last, end, facts); err != nil {
			return err
		}
		if end == "" {
			break
		}
		last = end
	}
	a.leftOpen()
	for _, check := range []func() error{
		a.checkNames, a.checkGiven, a.checkClaims, a.checkWaiting, a.checkPositions, a.readDeliveries, a.checkFeed, a.restOfDays, a.checkBalances, a.checkOffers, a.checkCases,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// rowsUntil takes the rows that are not younger than a fact; all for "".
func (a *audit) rowsUntil(token string) error {
	born := func(name id.ID) bool { return token == "" || name.Token() <= token }
	if err := a.requests.each(func(r *payment.Request) bool { return born(r.ID) }, a.request); err != nil {
		return err
	}
	if token == "" {
		a.childrenBefore("~")
	}
	if a.children.err != nil {
		return a.children.err
	}
	if err := a.payments.each(func(p *payment.Payment) bool { return born(p.ID) }, a.payment); err != nil {
		return err
	}
	if err := a.refunds.each(func(r *payment.Refund) bool { return born(r.ID) }, a.refund); err != nil {
		return err
	}
	if err := a.payouts.each(func(p *settlement.Payout) bool { return born(p.ID) }, a.payout); err != nil {
		return err
	}
	if err := a.checkGiven(); err != nil {
		return err
	}
	return a.checkNames()
}

// checkGiven holds refunds beside their payments.
func (a *audit) checkGiven() error {
	for len(a.given) > 0 {
		some := a.given[:min(len(a.given), nameBatch)]
		a.given = a.given[len(some):]
		names := make([]id.ID, len(some))
		for i, r := range some {
			names[i] = r.Payment
		}
		payments, err := a.archive.PaymentsOf(a.ctx, names)
		if err != nil {
			return err
		}
		of := byName(payments, func(p payment.Payment) id.ID { return p.ID })
		for _, r := range some {
			a.report.look(Owners, 1)
			if p := of[r.Payment]; p.Merchant != r.Merchant || p.PSP != r.PSP || p.Request != r.Request {
				a.broken(Owners, string(r.ID), "it is of %s, %s and %s, its payment of %q, %q and %q", r.Merchant, r.PSP, r.Request, p.Merchant, p.PSP, p.Request)
			}
		}
	}
	return nil
}
