package sandbox

import (
	"errors"
	"time"

	"tolom/money"
	"tolom/wire"
)

// Why the bank itself refuses. The platform's refusals are *client.Problem.
var (
	ErrPayer    = errors.New("sandbox: the bank has no such payer")
	ErrPurchase = errors.New("sandbox: the bank has no such purchase")
	ErrFunds    = errors.New("sandbox: the payer's available balance is too low")
	ErrAmount   = errors.New("sandbox: the amount is not one that the offer allows")
	ErrTooLate  = errors.New("sandbox: the purchase has gone too far for that")
	ErrDeclined = errors.New("sandbox: the bank declined the purchase")
)

// event names what an entry of the journal says. Names are never changed: old journals are read again.
type event string

const (
	payerJoined       event = "payer"     // a payer with an initial balance
	purchaseOffered   event = "offered"   // the platform said what a code is about
	purchaseHeld      event = "held"      // money set aside
	purchaseConfirmed event = "confirmed" // the payer said yes
	purchaseCreated   event = "created"   // the platform has the payment
	purchaseExecuting event = "executing" // from here on execute may have been sent
	purchaseCaptured  event = "captured"  // success: the held money is spent
	purchaseReleased  event = "released"  // canceled or failed: the held money is free
	purchaseWithdrawn event = "withdrawn" // released by the bank, before it executed; the platform is to be told
	withdrawalTold    event = "told"      // the platform knows of the withdrawal
	refundCredited    event = "credited"  // money came back
	refundRejected    event = "rejected"  // money cannot be given back
)

// entry is a line of the journal.
type entry struct {
	N         int64         `json:"n"` // counts from 1 without gaps
	At        time.Time     `json:"at"`
	Event     event         `json:"event"`
	Payer     *Payer        `json:"payer,omitempty"`
	Purchase  string        `json:"purchase,omitempty"`
	Of        string        `json:"of,omitempty"` // the payer of a new purchase
	Text      string        `json:"text,omitempty"`
	Offer     *wire.Checked `json:"offer,omitempty"`
	Amount    money.Amount  `json:"amount,omitempty"`
	Fee       money.Amount  `json:"fee,omitempty"`
	Confirmed bool          `json:"confirmed,omitempty"`
	Payment   string        `json:"payment,omitempty"`
	ExpiresAt time.Time     `json:"expires_at,omitzero"`
	Outcome   Stage         `json:"outcome,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Receipt   string        `json:"receipt,omitempty"`
	EndedAt   time.Time     `json:"ended_at,omitzero"` // of a success, by the platform
	ReceiptID string        `json:"receipt_id,omitempty"`
	Refund    string        `json:"refund,omitempty"`
}
