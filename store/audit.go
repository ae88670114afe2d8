package store

import (
	"context"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/tariff"
)

// Auditor lets those who check that everything adds up read everything there is.
type Auditor interface {
	// Audit runs reads that all see the same moment, whatever is written meanwhile.
	Audit(ctx context.Context, do func(Archive) error) error
}

// Archive is everything of one moment, in pages: rows after a cursor in its
// order, at most limit of them. The zero cursor begins.
type Archive interface {
	DayArchive
	// RequestPage gives requests by id, with their running totals.
	RequestPage(ctx context.Context, after id.ID, limit int) ([]payment.Request, error)
	// PaymentPage gives payments by id.
	PaymentPage(ctx context.Context, after id.ID, limit int) ([]payment.Payment, error)
	// ChildPage gives payments by request and then by id, after the payment of that request.
	ChildPage(ctx context.Context, request, after id.ID, limit int) ([]payment.Payment, error)
	// WaitingPage gives the payments that are kept as waiting for their execute, by
	// request and then by id, with what is kept of them: ID, Request, PSP, the
	// payer's key, Amount and ExpiresAt.
	WaitingPage(ctx context.Context, request, after id.ID, limit int) ([]payment.Payment, error)
	// RefundPage gives refunds by id.
	RefundPage(ctx context.Context, after id.ID, limit int) ([]payment.Refund, error)
	// FactPage gives facts by id.
	FactPage(ctx context.Context, after id.ID, limit int) ([]payment.Fact, error)
	// EntriesOf gives the entries whose facts lie in (after, upTo], by fact and
	// leg; an empty upTo is no bound.
	EntriesOf(ctx context.Context, after, upTo id.ID) ([]Entry, error)
	// BalancePage gives rows of balances by account, shard and slice.
	BalancePage(ctx context.Context, after BalanceRow, limit int) ([]BalanceRow, error)
	// NumberedPage gives the feed by position.
	NumberedPage(ctx context.Context, after int64, limit int) ([]Numbered, error)
	// LogPage gives the feed by position as it is written, with places whose fact is not there.
	LogPage(ctx context.Context, after int64, limit int) ([]LogRow, error)
	// StrayPage reads facts by id and gives those that have no place although their batch was numbered or is not
	// there, and the last fact that it read; "" when there were none.
	StrayPage(ctx context.Context, after id.ID, limit int) (strays []id.ID, last id.ID, err error)
	// SealedPages are those of the log of facts.
	SealedPages
	// Deeds gives the log of what people did.
	Deeds() DeedArchive
	// BatchPage gives committed batches by id.
	BatchPage(ctx context.Context, after id.ID, limit int) ([]BatchRow, error)
	// ClaimsOf gives those of the names that are taken, in no order.
	ClaimsOf(ctx context.Context, names []Name) ([]Claim, error)
	// ClaimPage gives claims by bucket, scope and key.
	ClaimPage(ctx context.Context, after Claim, limit int) ([]Claim, error)
	// These give those of the ids that exist, in no order. RequestsOf leaves out
	// the running totals of static requests.
	PaymentsOf(ctx context.Context, names []id.ID) ([]payment.Payment, error)
	RequestsOf(ctx context.Context, names []id.ID) ([]payment.Request, error)
	RefundsOf(ctx context.Context, names []id.ID) ([]payment.Refund, error)
	FactsOf(ctx context.Context, names []id.ID) ([]payment.Fact, error)
	// Bounds gives all limits that there are, and the participants of the PSPs.
	Bounds(ctx context.Context) ([]payment.Limits, map[id.ID]id.ID, error)
	// TariffPage gives versions of tariffs by id, MerchantPage merchants by id.
	TariffPage(ctx context.Context, after id.ID, limit int) ([]tariff.Version, error)
	MerchantPage(ctx context.Context, after id.ID, limit int) ([]Merchant, error)
	// EndpointPage gives endpoints by id, each with its cursor.
	EndpointPage(ctx context.Context, after id.ID, limit int) ([]Offered, error)
	// CasePage gives cases of differences between books by id.
	CasePage(ctx context.Context, after id.ID, limit int) ([]ReconCase, error)
	// DeliveryPage gives deliveries by id.
	DeliveryPage(ctx context.Context, after id.ID, limit int) ([]Delivery, error)
}

// Offered is an endpoint, and up to which sequence of its owner's feed it was offered events.
type Offered struct {
	Endpoint Endpoint
	Cursor   int64
}

// BalanceRow is one slice of a balance.
type BalanceRow struct {
	Account ledger.Account
	Slice   int
	Amount  money.Amount
}

// BatchRow is a committed batch as the sequencer sees it.
type BatchRow struct {
	ID       id.ID
	Facts    int64 // how many it says that it wrote
	Position int64 // of its first fact; 0 until it is numbered
}

// Numbered is a fact's place in the feed, beside what its batch says of places.
type Numbered struct {
	FeedItem
	Batch BatchRow
}
