package sandbox

import (
	"fmt"

	"tolom/flaw"
	"tolom/money"
)

// move takes a purchase and its payer's account from one stage to the next. Whatever is not listed here cannot
// happen to a purchase.
func move(e entry, p *Purchase, a *Account) error {
	switch e.Event {
	case purchaseHeld:
		return hold(e, p, a)
	case purchaseConfirmed:
		return advanceTo(p.Stage, p, e.Event, Held, Created)
	case purchaseCreated:
		p.Payment, p.ExpiresAt = e.Payment, e.ExpiresAt
		return advanceTo(Created, p, e.Event, Held)
	case purchaseExecuting:
		p.ExecutingAt = e.At
		if !p.Confirmed {
			return fmt.Errorf("%w: the payer of %s has not confirmed", ErrTooLate, p.ID)
		}
		return advanceTo(Executing, p, e.Event, Created)
	case withdrawalTold:
		if !p.Telling {
			return fmt.Errorf("%w: nobody withdrew %s", ErrTooLate, p.ID)
		}
		p.Telling, p.Contradicted = false, e.Outcome == Succeeded
		return nil
	}
	return end(e, p, a)
}

func hold(e entry, p *Purchase, a *Account) error {
	if err := advanceTo(Held, p, e.Event, Offered); err != nil {
		return err
	}
	if e.Amount <= 0 || e.Fee < 0 || e.Amount > money.Max || e.Fee > money.Max {
		return ErrAmount
	}
	p.Amount, p.Fee, p.Confirmed, p.ReceiptID, p.HeldAt = e.Amount, e.Fee, e.Confirmed, e.ReceiptID, e.At
	if a.Available < p.Debit() {
		return ErrFunds
	}
	a.Available -= p.Debit()
	a.Held += p.Debit()
	return nil
}

// end closes a purchase and lets go of what it held: to the merchant after a success, else back to the payer.
func end(e entry, p *Purchase, a *Account) error {
	held := money.Amount(0)
	if p.Stage.holding() {
		held = p.Debit()
	}
	a.Held -= held
	p.Reason, p.EndedAt = e.Reason, e.At
	switch e.Event {
	case purchaseCaptured:
		a.Captured += held
		p.Receipt, p.BookedAt = e.Receipt, e.EndedAt
		return advanceTo(Succeeded, p, e.Event, Executing)
	case purchaseReleased:
		a.Available += held
		return advanceTo(failure(e.Outcome), p, e.Event, Offered, Held, Created, Executing)
	case purchaseWithdrawn:
		a.Available += held
		p.Telling = true
		return advanceTo(failure(e.Outcome), p, e.Event, Held, Created)
	}
	return fmt.Errorf("sandbox: the journal has an entry of the unknown kind %q; it was written by a newer version", e.Event)
}

func failure(outcome Stage) Stage {
	if outcome == Failed {
		return Failed
	}
	return Canceled
}

// advanceTo moves the stage if the purchase is in one of those it may come from.
func advanceTo(to Stage, p *Purchase, why event, from ...Stage) error {
	for _, stage := range from {
		if p.Stage == stage {
			p.Stage, p.Confirmed = to, p.Confirmed || why == purchaseConfirmed
			return nil
		}
	}
	return fmt.Errorf("%w: %s is %s, so it cannot be %s", ErrTooLate, p.ID, p.Stage, why)
}

// refund books money that comes back, or that it cannot. Each refund is booked once, by its id.
func (b *book) refund(e entry, p Purchase) (change, error) {
	if _, twice := b.refunds[e.Refund]; twice && !flaw.Has(flaw.RefundTwice) || e.Refund == "" {
		return change{}, fmt.Errorf("sandbox: refund %q was booked already", e.Refund)
	}
	r := Refund{ID: e.Refund, Purchase: e.Purchase, Payer: p.Payer, Amount: e.Amount, Fee: e.Fee, Reason: e.Reason, At: e.At}
	a := b.accounts[p.Payer]
	if e.Event == refundRejected {
		return change{account: a, refund: &r}, nil
	}
	if p.Stage != Succeeded || !p.covers(e.Amount, e.Fee) {
		return change{}, fmt.Errorf("%w: refund %s of %d", ErrAmount, e.Refund, e.Amount)
	}
	r.Credited = true
	p.Refunded += e.Amount
	p.FeeRefunded += e.Fee
	a.Available += r.Credit()
	a.Refunded += r.Credit()
	return change{account: a, purchase: &p, refund: &r}, nil
}
