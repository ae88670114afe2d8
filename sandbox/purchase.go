package sandbox

import (
	"time"

	"tolom/money"
	"tolom/tariff"
	"tolom/wire"
)

// Stage is where a purchase stands in the bank.
type Stage string

// The stages. The last three are final and named as the platform names a payment's.
const (
	Offered   Stage = "offered"   // shown to the payer, nothing held
	Held      Stage = "held"      // money held; the platform may know of it or not
	Created   Stage = "created"   // the platform has the payment, execute was not sent
	Executing Stage = "executing" // execute may have been sent: only the platform's final status counts
	Succeeded Stage = "success"
	Canceled  Stage = "canceled"
	Failed    Stage = "error"
)

// Final says that the stage never changes again.
func (s Stage) Final() bool { return s == Succeeded || s == Canceled || s == Failed }

// holding says that the payer's money is on hold in this stage.
func (s Stage) holding() bool { return s == Held || s == Created || s == Executing }

// Purchase is one payer's purchase. Its ID is the psp_payment_id, the same in every repetition of every call.
type Purchase struct {
	ID        string       `json:"id"`
	Payer     string       `json:"payer"`
	Text      string       `json:"text"` // the link or payload as it was scanned
	Offer     wire.Checked `json:"offer"`
	Stage     Stage        `json:"stage"`
	Amount    money.Amount `json:"amount"`    // tyiyn; 0 until it is held
	Fee       money.Amount `json:"fee"`       // what the payer pays on top
	Confirmed bool         `json:"confirmed"` // the payer said yes
	// Telling is set while the platform has to be told that the bank withdrew; the money is free already.
	Telling bool `json:"telling"`
	// Contradicted is set if the platform claims a success of a payment that was never executed.
	Contradicted bool         `json:"contradicted,omitempty"`
	Payment      string       `json:"payment"` // the platform's id
	Reason       string       `json:"reason"`  // why it was canceled or failed: a code
	ReceiptID    string       `json:"receipt_id"`
	Receipt      string       `json:"receipt"` // address of the platform's receipt
	Refunded     money.Amount `json:"refunded"`
	FeeRefunded  money.Amount `json:"fee_refunded,omitempty"` // of what was paid on top
	CreatedAt    time.Time    `json:"created_at"`
	HeldAt       time.Time    `json:"held_at"`
	ExpiresAt    time.Time    `json:"expires_at"` // execute must be decided before it
	ExecutingAt  time.Time    `json:"executing_at"`
	EndedAt      time.Time    `json:"ended_at"`
	BookedAt     time.Time    `json:"booked_at,omitzero"` // when it ended by the platform, which is what both books are compared by
}

// Debit is what the purchase takes from the payer.
func (p Purchase) Debit() money.Amount { return p.Amount + p.Fee }

// covers says whether a further refund of an amount and of what was paid on top still fits.
func (p Purchase) covers(amount, fee money.Amount) bool {
	return amount > 0 && amount <= p.Amount-p.Refunded && fee >= 0 && fee <= p.Fee-p.FeeRefunded
}

// feeOf gives what the payer pays on top of an amount, as the platform said at the check.
func (p Purchase) feeOf(amount money.Amount) money.Amount {
	terms := p.Offer.FeeTerms
	if terms == nil {
		return money.Amount(p.Offer.Fee)
	}
	t := tariff.Tariff{Rate: terms.Rate, Fixed: money.Amount(terms.Fixed), Min: money.Amount(terms.Min), Max: money.Amount(terms.Max)}
	fee, _ := t.Price(amount)
	return fee
}

// open says that the bank still has something to do, or waits for the payer with the money on hold.
func (p Purchase) open() bool { return p.Stage.holding() || p.Telling }

// Refund is money that the platform asked the bank to give back.
type Refund struct {
	ID       string       `json:"id"`
	Purchase string       `json:"purchase"`
	Payer    string       `json:"payer"`
	Amount   money.Amount `json:"amount"`
	Fee      money.Amount `json:"fee,omitempty"` // given back too, of what was paid on top
	Credited bool         `json:"credited"`      // false: it cannot be given back, for the reason
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// Credit is what the refund gives to the payer.
func (r Refund) Credit() money.Amount { return r.Amount + r.Fee }

// Payer is a customer of the bank.
type Payer struct {
	ID      string       `json:"id"`   // in addresses and in the books; letters, digits, "-"
	Name    string       `json:"name"` // shown on the phone
	Initial money.Amount `json:"initial"`
	Company bool         `json:"company"`
}

// Account is the books of one payer.
type Account struct {
	Payer
	Available money.Amount `json:"available"` // can be spent
	Held      money.Amount `json:"held"`      // set aside for purchases that are not final
	Captured  money.Amount `json:"captured"`  // paid, all time
	Refunded  money.Amount `json:"refunded"`  // came back, all time
}

// DemoPayers are the customers of the demo: usual, nearly poor, rich, and without any money.
func DemoPayers() []Payer {
	return []Payer{
		{ID: "payer-1", Name: "Demo payer 1", Initial: 10_000_00},
		{ID: "payer-2", Name: "Demo payer 2", Initial: 500_00},
		{ID: "payer-3", Name: "Demo payer 3", Initial: 1_000_000_00},
		{ID: "payer-4", Name: "Demo payer 4", Initial: 0},
	}
}
