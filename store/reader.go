package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
)

// Reader answers questions and changes nothing. It reads the primary, so what a
// caller was told is there. Lists are newest first unless they say otherwise, and
// give at most Limit rows; the caller asks for one more than it shows.
type Reader interface {
	// Request gives a request with its running totals; ErrNotFound.
	Request(ctx context.Context, request id.ID) (payment.Request, error)
	Requests(ctx context.Context, f RequestFilter) ([]payment.Request, error)
	// RequestsByID gives those that exist, in no order; at most 1,000 ids.
	RequestsByID(ctx context.Context, ids []id.ID) ([]payment.Request, error)
	// Payment gives a payment; ErrNotFound.
	Payment(ctx context.Context, pay id.ID) (payment.Payment, error)
	Payments(ctx context.Context, f PaymentFilter) ([]payment.Payment, error)
	// PaymentsByID gives those that exist, in no order; at most 1,000 ids.
	PaymentsByID(ctx context.Context, ids []id.ID) ([]payment.Payment, error)
	Refund(ctx context.Context, refund id.ID) (payment.Refund, error)
	Refunds(ctx context.Context, f RefundFilter) ([]payment.Refund, error)
	// Payout gives a payout; ErrNotFound.
	Payout(ctx context.Context, payout id.ID) (settlement.Payout, error)
	// Claim gives a claim; ErrNotFound when the name is free.
	Claim(ctx context.Context, name Name) (Claim, error)
	// Balance gives the sum of an account's slices, 0 for an account never used.
	Balance(ctx context.Context, a ledger.Account) (money.Amount, error)
	// Statement reads, in one snapshot, what a merchant's statement is made of.
	Statement(ctx context.Context, merchant id.ID, from, to time.Time) (StatementRows, error)
	// Overdue gives ids of requests that are due to end by themselves or that hold
	// a created payment past its time, at the given moment; oldest first.
	Overdue(ctx context.Context, now time.Time, limit int) ([]id.ID, error)
	// Feed gives a reader's facts after a sequence, in order, acknowledged or not.
	Feed(ctx context.Context, reader id.ID, after int64, limit int) ([]FeedItem, error)
	// Unacked gives a reader's facts after a sequence that it has not acknowledged.
	Unacked(ctx context.Context, reader id.ID, after int64, limit int) ([]FeedItem, error)
	// FeedItem finds one fact in a reader's feed by the fact's id; ErrNotFound.
	FeedItem(ctx context.Context, reader, fact id.ID) (FeedItem, error)
	// SuccessOf finds the fact that a payment succeeded, at its place; ErrNotFound while it has none.
	SuccessOf(ctx context.Context, pay payment.Payment) (FeedItem, error)
	// Tail gives facts of all readers after a global position, in order, for live streams.
	Tail(ctx context.Context, after int64, limit int) ([]FeedItem, error)
	// Heads gives the last global position, and a reader's last sequence (0 when none).
	Head(ctx context.Context) (position int64, err error)
	ReaderHead(ctx context.Context, reader id.ID) (sequence int64, err error)
}

// RequestFilter picks requests of one merchant. Zero fields do not filter.
type RequestFilter struct {
	Merchant id.ID // required
	OrderID  string
	Store    id.ID
	Till     id.ID
	Status   payment.RequestStatus
	Kind     payment.Kind
	From, To time.Time // of creation, [From, To)
	Before   id.ID     // the cursor: rows older than this id
	Limit    int
}

// PaymentFilter picks payments of one merchant or of one PSP.
type PaymentFilter struct {
	Merchant, PSP id.ID // exactly one
	Request       id.ID
	Store         id.ID
	Till          id.ID
	Status        payment.Status
	From, To      time.Time // of creation
	Before        id.ID
	Limit         int
}

// RefundFilter picks refunds of one merchant or of one PSP. Ascending lists run
// oldest first and take After; others run newest first and take Before.
type RefundFilter struct {
	Merchant, PSP id.ID // exactly one
	Payment       id.ID
	Store, Till   id.ID // of the payment
	Status        payment.RefundStatus
	Ascending     bool
	After         id.ID
	Before        id.ID
	Limit         int
}

// FeedItem is a fact with its place. Sequence counts a reader's facts from 1
// without gaps; Position counts all facts of the platform, also without gaps.
type FeedItem struct {
	Reader   id.ID
	Position int64
	Sequence int64
	Acked    bool
	Fact     payment.Fact
}

// StatementRows is one snapshot of a merchant's money for the times [from, to).
type StatementRows struct {
	Balance money.Amount // the payable balance now
	// Later is what facts at or after `to` changed of the payable balance, so
	// that closing = Balance − Later.
	Later    money.Amount
	Payments []payment.Payment   // that succeeded in [from, to), by that time
	Refunds  []payment.Refund    // requested, or ended, in [from, to)
	Payouts  []settlement.Payout // made, or returned, in [from, to)
}
