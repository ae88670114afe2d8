package payment

import (
	"fmt"
	"time"

	"tolom/fault"
	"tolom/flaw"
	"tolom/money"
	"tolom/tariff"
)

// Create opens a payment of the request. Payment comes filled but for status and
// times. Refusals, in this order: merchant_suspended; request_canceled,
// already_paid, request_expired, request_paused; amount_required,
// amount_mismatch, amount_too_small, amount_too_large; fee_changed; request_busy. The
// limits of days and positions are judged after all of these, by guarded accounts.
type Create struct {
	Payment   Payment
	Suspended bool  // the merchant takes no payments now
	Within    Range // what the limits of merchant and PSP leave of one payment's amount
	// Prices are the tariffs that the payment is priced by, at the database's clock;
	// nil for one that is priced already.
	Prices *tariff.Book
	// Told is the surcharge that the payer has agreed to; nil when the PSP does not say.
	Told *money.Amount
}

func (c Create) decide(d *draft) *fault.Error {
	if c.Suspended {
		return fault.New(fault.MerchantSuspended)
	}
	if refusal := d.open(); refusal != nil {
		return refusal
	}
	if refusal := d.request.Accepts(c.Payment.Amount, c.Within); refusal != nil {
		return refusal
	}
	if c.price(d.now); c.Told != nil && *c.Told != c.Payment.Surcharge {
		return fault.New(fault.FeeChanged).On("fee").Because(fmt.Sprintf("the payer pays %d tyiyn on top of the amount now; check again and ask the payer", c.Payment.Surcharge))
	}
	older := d.olderOf(c.Payment)
	if d.request.Kind == Dynamic && d.live()-len(older) >= MaxLive {
		return fault.New(fault.RequestBusy).Because(fmt.Sprintf("%d payments of this request are open; try again when one has ended", MaxLive))
	}
	for _, i := range older {
		if flaw.Has(flaw.SupersededStays) {
			break
		}
		d.cancelPayment(i, ReasonSuperseded)
	}
	p := c.Payment
	p.Status, p.CreatedAt = Created, d.now
	if p.ExpiresAt = earlier(d.now.Add(ExecuteWithin), d.request.ExpiresAt); flaw.Has(flaw.PaymentOutlives) {
		p.ExpiresAt = d.now.Add(ExecuteWithin)
	}
	d.payments = append(d.payments, p)
	d.touchPayment(len(d.payments) - 1)
	return nil
}

// price gives the payment the price of the version that holds at its creation. It is
// never priced again, so a version that comes later touches later payments only.
func (c *Create) price(now time.Time) {
	if c.Prices == nil {
		return
	}
	p := &c.Payment
	v, price := c.Prices.Price(now, p.Amount, p.PSP)
	p.Tariff, p.Fee, p.Surcharge, p.Interchange, p.FeeRefundable = v.ID, price.Fee, price.Surcharge, price.Interchange, v.Tariff.RefundsFee
}

// olderOf finds the payer's older live payments of the same request, which the
// newer one supersedes: a payer who goes back in the app and pays again means the
// newer one. A payer is a key within its PSP.
func (d *draft) olderOf(newer Payment) (older []int) {
	for i := range d.payments {
		p := &d.payments[i]
		if p.Status == Created && newer.Payer.Key != "" && p.Payer.Key == newer.Payer.Key && p.PSP == newer.PSP {
			older = append(older, i)
		}
	}
	return older
}

func (d *draft) live() (n int) {
	for i := range d.payments {
		if d.payments[i].Status == Created {
			n++
		}
	}
	return n
}

// Accepts judges an amount against what the request asks for: a fixed amount
// must be met, a dynamic editable one may only be raised (a tip), an open one
// must be given, and the limits on one payment must be kept.
func (r *Request) Accepts(amount money.Amount, within Range) *fault.Error {
	low, high := r.Bounds(within)
	switch {
	case flaw.Has(flaw.WrongAmount) && amount > 0:
	case amount == 0:
		return fault.New(fault.AmountRequired).On("amount")
	case !r.AmountEditable && amount != r.Amount:
		return fault.New(fault.AmountMismatch).On("amount").Because(fmt.Sprintf("the request asks for exactly %d tyiyn", r.Amount))
	case amount < low:
		return fault.New(fault.AmountTooSmall).On("amount").Because(fmt.Sprintf("the least amount is %d tyiyn", low))
	case amount > high:
		return fault.New(fault.AmountTooLarge).On("amount").Because(fmt.Sprintf("the greatest amount is %d tyiyn", high))
	}
	return nil
}

// Bounds gives the least and the greatest amount that may be paid. With the least
// above the greatest nothing may.
func (r *Request) Bounds(within Range) (low, high money.Amount) {
	low, high = 1, MaxPayment
	switch {
	case !r.AmountEditable:
		low, high = r.Amount, r.Amount
	case r.Kind == Dynamic:
		low = max(r.Amount, 1)
	}
	if within.Most > 0 {
		high = min(high, within.Most)
	}
	return max(low, within.Least), high
}

// MaxPayment is the largest payment that the platform takes: the 13 digits of tag 54.
const MaxPayment money.Amount = 9_999_999_999_999

func earlier(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}
