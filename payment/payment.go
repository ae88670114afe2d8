// Package payment holds the rules of a payment: what a request, a payment and a
// refund are, which states they go through, and the one pure decision that moves
// them. It reads no clock and writes nothing; whoever calls Decide does.
package payment

import (
	"time"

	"tolom/id"
	"tolom/money"
)

// Kind says how many payments a request takes.
type Kind string

// The kinds of requests.
const (
	Dynamic Kind = "dynamic" // one payment
	Static  Kind = "static"  // many
)

// RequestStatus is where a request stands. Paid, expired and canceled are final.
type RequestStatus string

// The states of a request. Only a static one can be paused.
const (
	RequestActive   RequestStatus = "active"
	RequestPaused   RequestStatus = "paused"
	RequestPaid     RequestStatus = "paid"
	RequestExpired  RequestStatus = "expired"
	RequestCanceled RequestStatus = "canceled"
)

// Final says that the status never changes again.
func (s RequestStatus) Final() bool { return s != RequestActive && s != RequestPaused }

// Extra is one of up to five further fields that the payer sees.
type Extra struct {
	Key, Label, Value, Title string
	Visible                  bool
}

// Request is what a merchant asks for. Times are UTC; a zero time means never.
type Request struct {
	ID                    id.ID
	Merchant, Store, Till id.ID
	Kind                  Kind
	Status                RequestStatus
	Amount                money.Amount // 0: the payer enters it
	Currency              string
	AmountEditable        bool
	Description           string
	OrderID               string
	Extra                 []Extra
	SuccessURL            string
	Metadata              map[string]string
	Payload               string // the national payload, as issued
	CreatedAt             time.Time
	ExpiresAt             time.Time // zero: it does not expire
	ScannedAt             time.Time // the first check; dynamic only
	EndedAt               time.Time // when it became final
	// PaidAmount and PaymentsCount count successful payments. Of a dynamic
	// request they live here; of a static one in rows of deltas, and a reader adds them.
	PaidAmount    money.Amount
	PaymentsCount int64
	Version       int64 // rises by one with each saved change
}

// Status is where a payment stands, by its national code.
type Status int

// The states of a payment. The last three are final.
const (
	Created   Status = 10
	InProcess Status = 20
	Failed    Status = 30
	Canceled  Status = 40
	Succeeded Status = 50
)

// Final says that the status never changes again.
func (s Status) Final() bool { return s >= Failed }

// String gives the national name of the status.
func (s Status) String() string {
	switch s {
	case Created:
		return "created"
	case InProcess:
		return "in_process"
	case Failed:
		return "error"
	case Canceled:
		return "canceled"
	case Succeeded:
		return "success"
	}
	return "unknown"
}

// Reason says why a payment was canceled or failed.
type Reason string

// The reasons.
const (
	ReasonNone       Reason = ""
	ReasonExpired    Reason = "expired"
	ReasonPSP        Reason = "psp"
	ReasonMerchant   Reason = "merchant"
	ReasonLostRace   Reason = "lost_race"
	ReasonSuperseded Reason = "superseded"
	ReasonSuspended  Reason = "merchant_suspended"
)

// Payer is what a PSP tells of its customer. Key is the PSP's own stable,
// opaque name for the payer, so that one payer has one live payment of a request.
type Payer struct {
	Key        string
	NameMasked string
	Kind       string // "person" or "company"
	BIC        string
}

// Erased stands in place of personal data that was deleted after its time: a payer's
// masked name, a request's description, a refund's reason.
const Erased = "—"

// Payment is one payer's payment of a request.
type Payment struct {
	ID                    id.ID
	Request               id.ID
	Merchant, Store, Till id.ID
	PSP                   id.ID
	PSPPaymentID          string
	Status                Status
	Amount                money.Amount
	Currency              string
	Fee                   money.Amount // borne by the merchant
	Surcharge             money.Amount // the fee where the payer bears it, paid on top of Amount
	Interchange           money.Amount // the part of Fee or Surcharge that goes to the PSP
	FeeRefundable         bool         // the fee goes back in proportion when refunded
	Tariff                id.ID        // the version that it was priced by; empty before there were versions
	Payer                 Payer
	ReceiptID             string // the PSP's receipt number
	Reason                Reason
	CreatedAt             time.Time
	ExpiresAt             time.Time    // execute must be decided before it
	EndedAt               time.Time    // when it became final
	Refunding             money.Amount // asked for, not yet given to the payer
	Refunded              money.Amount // given to the payer
	FeeReturned           money.Amount
	SurchargeReturning    money.Amount // goes with refunds that were asked for
	SurchargeReturned     money.Amount // went to the payer with refunds that were given
	InterchangeReturned   money.Amount
	Version               int64
}

// RefundStatus is where a refund stands. Succeeded and rejected are final.
type RefundStatus string

// The states of a refund.
const (
	RefundRequested RefundStatus = "requested"
	RefundSucceeded RefundStatus = "success"
	RefundRejected  RefundStatus = "rejected"
)

// Refund is money going back from a payment to its payer. It is a child of the
// payment and never changes the payment's status.
type Refund struct {
	ID                  id.ID
	Payment             id.ID
	Request             id.ID
	Merchant            id.ID
	PSP                 id.ID
	PSPPaymentID        string
	Amount              money.Amount
	Currency            string
	Status              RefundStatus
	Reason              string // the merchant's words
	Ref                 string // the merchant's own name for it, unique per payment for ever
	PSPRefundID         string
	Code                string       // the PSP's word for why it could not
	Charge              money.Amount // what the merchant pays for it; comes back if it is rejected
	FeeReturned         money.Amount
	SurchargeReturned   money.Amount // given to the payer on top of Amount; known from the beginning
	InterchangeReturned money.Amount
	CreatedAt           time.Time
	EndedAt             time.Time
	Version             int64
}

// MaxLive is how many payments of one dynamic request may be open at once.
// Below it nobody can block a shop by scanning; above it creates are refused.
const MaxLive = 20

// ExecuteWithin is how long a created payment waits for its execute.
const ExecuteWithin = 60 * time.Second

// FactType names what happened. It is also the type of the event told to the merchant.
type FactType string

// The facts. A creation is no fact: the row that was created says it.
const (
	RequestWasScanned  FactType = "request.scanned"
	RequestWasPaid     FactType = "request.paid"
	RequestWasExpired  FactType = "request.expired"
	RequestWasCanceled FactType = "request.canceled"
	RequestWasPaused   FactType = "request.paused"
	RequestWasResumed  FactType = "request.resumed"
	PaymentSucceeded   FactType = "payment.succeeded"
	PaymentFailed      FactType = "payment.failed"
	PaymentCanceled    FactType = "payment.canceled"
	RefundWasRequested FactType = "refund.requested"
	RefundDidSucceed   FactType = "refund.succeeded"
	RefundWasRejected  FactType = "refund.rejected"
	PayoutWasMade      FactType = "payout.made"
	PayoutWasPaid      FactType = "payout.paid"
	PayoutWasReturned  FactType = "payout.returned"
)

// The facts of settlement that merchants are not told of: they are about a PSP or a
// participant. They are numbered and written down like all others.
const (
	PositionWasClosed  FactType = "position.closed"  // what a PSP owes for a day is its participant's to settle
	PositionWasSettled FactType = "position.settled" // what a participant owes or is owed has moved at the central bank
	// BooksWereCorrected moves a difference between a PSP and suspense; its reason is the id of the case.
	BooksWereCorrected  FactType = "reconciliation.corrected"
	PositionWasReleased FactType = "position.released" // what a PSP owed for a day weighs in no limit any more
)

// FactTypes lists those that merchants are told of, for subscriptions and documents.
var FactTypes = []FactType{
	RequestWasScanned, RequestWasPaid, RequestWasExpired, RequestWasCanceled, RequestWasPaused, RequestWasResumed,
	PaymentSucceeded, PaymentFailed, PaymentCanceled, RefundWasRequested, RefundDidSucceed, RefundWasRejected,
	PayoutWasMade, PayoutWasPaid, PayoutWasReturned,
}

// Fact is one line of what happened. Ledger, notifications and reports are
// three readings of facts. ID, Batch and Ordinal are given when it is written.
type Fact struct {
	ID       id.ID
	Batch    id.ID
	Ordinal  int // its place in the batch
	Type     FactType
	At       time.Time // the database's clock
	Merchant id.ID
	PSP      id.ID // empty for facts of a request alone
	Request  id.ID
	Payment  id.ID
	Refund   id.ID
	Amount   money.Amount
	// Fee is what the merchant bears of a payment. Of a refund that was asked for it is
	// the charge, of a rejected one the same again, of one that was given the fee returned.
	Fee         money.Amount
	Surcharge   money.Amount // borne by the payer; of a refund, given back to the payer
	Interchange money.Amount
	Reason      Reason
	// These are set by settlement alone.
	Participant id.ID // whose position it moves
	Payout      id.ID
	Day         string // the business day that it settles, "2026-11-24"
}

// Reader is whose feed the fact is told in: the merchant's, or that of the PSP or the
// participant that it is about when it concerns no merchant.
func (f Fact) Reader() id.ID {
	switch {
	case f.Merchant != "":
		return f.Merchant
	case f.PSP != "":
		return f.PSP
	}
	return f.Participant
}

// Raises is by how much the fact makes the position of its PSP larger although no cap bounds it:
// a correction, or the settlement of a day on which more was given back than paid. Not above zero
// for all others.
func (f Fact) Raises() money.Amount {
	switch f.Type {
	case BooksWereCorrected:
		return f.Amount
	case PositionWasReleased:
		return -f.Amount
	}
	return 0
}
