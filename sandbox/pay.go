package sandbox

import (
	"context"
	"fmt"

	"tolom/money"
)

// Pay is the payer's yes to an offer: it holds the money, and creates and executes the payment as far as that goes
// at once; [Bank.Step] does the rest. amount 0 means the offer's own. Called again for the same purchase it changes
// nothing and returns where it stands. Refused: ErrPurchase, ErrAmount, ErrFunds, ErrDeclined, ErrTooLate.
func (b *Bank) Pay(ctx context.Context, purchase string, amount money.Amount) (Purchase, error) {
	if err := b.hold(purchase, amount, true); err != nil {
		return Purchase{}, err
	}
	return b.drive(ctx, purchase)
}

// Hold does the first half of Pay: it holds the money and creates the payment, and then waits for Confirm until the
// platform's time for it is over.
func (b *Bank) Hold(ctx context.Context, purchase string, amount money.Amount) (Purchase, error) {
	if err := b.hold(purchase, amount, false); err != nil {
		return Purchase{}, err
	}
	return b.drive(ctx, purchase)
}

// Confirm does the second half: the payer's yes, after which the payment is executed.
func (b *Bank) Confirm(ctx context.Context, purchase string) (Purchase, error) {
	p, err := b.Purchase(purchase)
	if err != nil {
		return Purchase{}, err
	}
	if !p.Confirmed {
		if err := b.note(entry{Event: purchaseConfirmed, Purchase: purchase}); err != nil {
			return Purchase{}, err
		}
	}
	return b.drive(ctx, purchase)
}

// Decline is the payer's no. It frees the money at once and tells the platform; once execute may have been sent it
// is refused with ErrTooLate.
func (b *Bank) Decline(ctx context.Context, purchase string) (Purchase, error) {
	if err := b.decline(purchase); err != nil {
		return Purchase{}, err
	}
	return b.drive(ctx, purchase)
}

func (b *Bank) decline(purchase string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, known := b.book.purchases[purchase]
	switch {
	case !known:
		return ErrPurchase
	case p.Stage == Canceled:
		return nil
	case p.Stage == Offered:
		return b.write(entry{Event: purchaseReleased, Purchase: purchase, Outcome: Canceled, Reason: "payer"})
	}
	return b.write(entry{Event: purchaseWithdrawn, Purchase: purchase, Outcome: Canceled, Reason: "payer"})
}

// hold sets the money aside. It is durable before the platform hears of the payment.
func (b *Bank) hold(purchase string, amount money.Amount, confirmed bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, known := b.book.purchases[purchase]
	switch {
	case !known:
		return ErrPurchase
	case p.Stage != Offered:
		return nil
	}
	amount, err := p.due(amount)
	if err != nil {
		return err
	}
	if b.Faults.declines() {
		return ErrDeclined
	}
	return b.write(entry{Event: purchaseHeld, Purchase: purchase, Amount: amount, Fee: p.feeOf(amount),
		Confirmed: confirmed, ReceiptID: fmt.Sprintf("DB%010d", b.book.entries+1)})
}

// due is what is to be paid: the amount given, where the offer lets the payer choose, or the offer's.
func (p Purchase) due(amount money.Amount) (money.Amount, error) {
	if amount == 0 && p.Amount != 0 {
		amount = p.Amount
	}
	if amount == 0 {
		amount = money.Amount(p.Offer.Amount)
	}
	low, high := money.Amount(p.Offer.MinAmount), money.Amount(p.Offer.MaxAmount)
	switch {
	case amount <= 0 || amount > money.Max:
		return 0, fmt.Errorf("%w: give an amount", ErrAmount)
	case !p.Offer.AmountEditable && p.Offer.Amount != 0 && amount != money.Amount(p.Offer.Amount):
		return 0, fmt.Errorf("%w: exactly %d tyiyn are asked for", ErrAmount, p.Offer.Amount)
	case amount < low || high > 0 && amount > high:
		return 0, fmt.Errorf("%w: between %d and %d tyiyn", ErrAmount, low, high)
	}
	return amount, nil
}

// drive advances one purchase until there is nothing to do at once.
func (b *Bank) drive(ctx context.Context, purchase string) (Purchase, error) {
	for ctx.Err() == nil {
		moved, err := b.advance(ctx, purchase)
		if err != nil {
			return Purchase{}, err
		}
		if !moved {
			break
		}
	}
	return b.Purchase(purchase)
}
