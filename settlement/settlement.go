// Package settlement holds what a business day comes to once it is closed: the
// range of the feed that is in it, what each participant owes or is owed, and what
// each merchant is paid out. It is pure: who closes a day reads rows, asks here
// what they make, and writes it down.
package settlement

import (
	"time"

	"tolom/id"
	"tolom/money"
)

// Status is where a day stands.
type Status string

// The states of a day. Settled is final; a day that was returned is submitted again.
const (
	Open      Status = "open"      // the cut-off is taken, and not everything of the day is written down yet
	Closed    Status = "closed"    // positions and payouts are final
	Submitted Status = "submitted" // the file for the central bank was handed over
	Settled   Status = "settled"   // the central bank has moved the money
	Returned  Status = "returned"  // the central bank has refused it
)

// Day is one business day: the facts with positions in (From, To]. Days follow each
// other without gap or overlap, so each fact is in exactly one.
type Day struct {
	Date     string // "2026-11-24", by the calendar of the centre: the banking day that it ends on
	Number   int64  // days count from 1 without gaps
	From, To int64  // positions of the feed
	Status   Status
	CutAt    time.Time // when the day had to end by the timetable
	TakenAt  time.Time // when the cut-off was taken, by the database's clock
	ClosedAt time.Time
	// Late counts facts that happened before the cut-off of an earlier day and were
	// numbered after it was taken.
	Late int64
	// Message names the file that was submitted; Attempt counts submissions from 1.
	Message     string
	Digest      string // of the file, SHA-256 in hex
	Attempt     int
	SubmittedAt time.Time
	AcceptedAt  time.Time // when the central bank's yes was read; the day is settled once all is written down
	EndedAt     time.Time // when it was settled
	Reason      string    // why it was returned, in the central bank's words
	Stage       Stage     // what is to be written down next
	Cursor      id.ID     // up to whom this stage is done
	Version     int64
}

// Position is what one participant's day comes to, in tyiyn. All parts are counted
// so that Net = Refunded + Interchange + Payouts + Adjusted + Fees + Held − Paid − Returned;
// a participant with a Net above zero receives, below zero pays. The centre itself has
// a position too, without a participant; the Nets of a day sum to zero. A PSP that
// belongs to no participant settles for itself: Participant is its id then.
type Position struct {
	Day           string
	Participant   id.ID // empty: the centre
	Name, BIC     string
	Paid          money.Amount // by payers of its PSPs
	PaidCount     int64
	Refunded      money.Amount // given back to payers of its PSPs
	RefundedCount int64
	Interchange   money.Amount // for its PSPs, less what refunds took back
	Payouts       money.Amount // for its merchants
	PayoutsCount  int64
	Returned      money.Amount // payouts of earlier days that its merchants' accounts did not take
	Adjusted      money.Amount // differences that were corrected
	Fees          money.Amount // earned; of the centre only
	Held          money.Amount // of merchants and of refunds on their way; of the centre only
	Net           money.Amount
}

// PayoutStatus is where a payout stands.
type PayoutStatus string

// The states of a payout. Returned is final: the money is payable again and is in a
// payout of a later day. What was paid may still be returned, since the merchant's bank
// tries the account only when it has the money.
const (
	PayoutMade     PayoutStatus = "made"     // taken from what is owed to the merchant
	PayoutPaid     PayoutStatus = "paid"     // settled at the central bank
	PayoutReturned PayoutStatus = "returned" // the bank could not credit the account
)

// Payout is what a merchant is paid for one day on one bank account, and how it comes
// about: Amount = Opening + Payments − Fees − Refunds + Rejected + FeesReturned + Returned + Adjusted − Held.
type Payout struct {
	ID           id.ID // po_…
	Day          string
	Merchant     id.ID
	Participant  id.ID  // the bank that holds the account
	MerchantName string // registered name, as the bank is told
	BankAccount  string
	Currency     string
	Amount       money.Amount // above zero

	Opening      money.Amount // carried over from the days before
	Payments     money.Amount // gross
	Count        int64        // of payments
	Fees         money.Amount
	Refunds      money.Amount // asked for in the day
	Rejected     money.Amount // refunds that came back to the merchant
	FeesReturned money.Amount
	Returned     money.Amount // payouts of earlier days that came back
	Adjusted     money.Amount // differences that were corrected
	Held         money.Amount // needed for refunds after the cut-off; stays payable

	Status    PayoutStatus
	Reason    string // why it was returned
	CreatedAt time.Time
	PaidAt    time.Time // zero while it was never paid
	EndedAt   time.Time // when its status last changed
	Version   int64
}

// Explained is what the parts of a payout come to: Amount, when everything is right.
func (p Payout) Explained() money.Amount {
	return p.Opening + p.Payments - p.Fees - p.Refunds + p.Rejected + p.FeesReturned + p.Returned + p.Adjusted - p.Held
}

// Kind is the national type of a clearing record.
type Kind int

// The kinds of clearing records that the platform makes.
const (
	C2B Kind = 20 // a payment
	B2C Kind = 40 // a refund
)

// Record is one line of the clearing file: a payment or a refund of the day, as the
// national QR regulation lists it.
type Record struct {
	Transaction  id.ID
	Kind         Kind
	Amount       money.Amount // tyiyn, above zero
	Interchange  money.Amount // for the PSP; of a refund what it gives back
	PSP          id.ID
	PSPName      string
	AcquirerBIC  string // aqr_bic: the payer's bank
	IssuerBIC    string // iss_bic: the merchant's bank
	BIC          string // of the participant whose file it is in; the PSP's as it is read
	Acquirer     id.ID  // the participant on the payer's side
	Issuer       id.ID  // the participant on the merchant's side
	BankAccount  string // the merchant's
	AccountID    id.ID  // the merchant
	ExecutedTime time.Time
	Created      time.Time
}
