// Package tariff says what a payment costs, who bears the fee and who gets it, and
// which version of a tariff holds at a moment.
//
// Everything is in whole tyiyn. The rate's part of a fee is rounded down, per
// payment; then the fixed part is added, then the bounds are applied. The PSP's part
// is rounded down too, and the centre has what is left, so that the parts of every
// payment add up to the fee.
package tariff

import (
	"errors"

	"tolom/money"
)

// Tariff is the price of accepting payments. Rates are in hundredths of a percent
// (50 = 0.50 %), amounts in tyiyn. The merchant bears the fee unless PayerBears.
type Tariff struct {
	Rate            int64        // of the payment's amount
	Fixed           money.Amount // added to the rate's part
	Min, Max        money.Amount // bounds of the fee; Max 0 means none
	InterchangeRate int64        // the PSP's part, of the payment's amount
	RefundsFee      bool         // the fee goes back, to whoever bore it, in proportion when the payment is refunded

	// PayerBears says that the fee is paid on top of the amount, by the payer.
	PayerBears bool `json:",omitempty"`
	// RefundCharge is what the merchant pays for each refund that is given, at most
	// the refund's amount.
	RefundCharge money.Amount `json:",omitempty"`
}

// whole is 100 % in hundredths of a percent.
const whole = 10_000

// ErrTariff says that a tariff cannot be used.
var ErrTariff = errors.New("tariff: rates are 0 to 10000 hundredths of a percent, amounts ≥ 0, Min ≤ Max, the PSP's rate at most the merchant's")

// Check refuses tariffs with negative parts or bounds that cross.
func (t Tariff) Check() error {
	switch {
	case t.Rate < 0 || t.Rate > whole || t.InterchangeRate < 0 || t.InterchangeRate > t.Rate,
		t.Fixed < 0 || t.Min < 0 || t.Max < 0 || t.Max > 0 && t.Min > t.Max, t.RefundCharge < 0,
		max(t.Fixed, t.Min, t.Max, t.RefundCharge) > money.Max:
		return ErrTariff
	}
	return nil
}

// Price gives the fee of a payment of amount > 0 and the part of it that goes
// to the PSP. Both are rounded down to a whole tyiyn; the fee is at most the
// amount, the PSP's part at most the fee.
func (t Tariff) Price(amount money.Amount) (fee, interchange money.Amount) {
	return t.price(amount, t.InterchangeRate)
}

func (t Tariff) price(amount money.Amount, interchangeRate int64) (fee, interchange money.Amount) {
	fee, _ = money.MulDiv(amount, t.Rate, whole)
	fee = max(fee+t.Fixed, t.Min)
	if t.Max > 0 {
		fee = min(fee, t.Max)
	}
	fee = min(fee, amount)
	interchange, _ = money.MulDiv(amount, interchangeRate, whole)
	return fee, min(interchange, fee)
}

// Charge gives what the merchant pays for a refund of amount tyiyn.
func (t Tariff) Charge(amount money.Amount) money.Amount { return min(t.RefundCharge, amount) }

// Returned gives how much of a fee, and of the PSP's part of it, has gone back
// once refunded of amount tyiyn are refunded in all: floor(fee × refunded ÷
// amount), and the PSP's part in the same proportion of that. Counted in all,
// not per refund, the parts of many refunds never add up to more than the fee,
// and the PSP's step is never larger than the step of the whole.
func Returned(fee, interchange, refunded, amount money.Amount) (feeBack, interchangeBack money.Amount) {
	if fee == 0 {
		return 0, 0
	}
	feeBack, _ = money.MulDiv(fee, int64(refunded), int64(amount))
	interchangeBack, _ = money.MulDiv(interchange, int64(feeBack), int64(fee))
	return feeBack, interchangeBack
}
