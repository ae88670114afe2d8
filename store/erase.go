package store

import (
	"context"
	"time"
)

// Eraser takes personal data out of rows that stay where they are. No fact and no entry
// has any, so books, log and claims are as before.
type Eraser interface {
	// Erase goes on, in one commit, through the rows of a kind that were made before a moment,
	// at most limit of them, and empties what is personal of those that have ended. Others are
	// looked at again each time until they have. It says how many rows it went through: 0 when
	// there is nothing left to do. Several may call it at once.
	Erase(ctx context.Context, what Personal, before time.Time, limit int) (int, error)
}

// Personal is a kind of rows with personal data of payers.
type Personal string

// The kinds.
const (
	PersonalPayments   Personal = "payment"  // who the payer is, as the PSP said
	PersonalRequests   Personal = "request"  // what the merchant wrote about the purchase
	PersonalRefunds    Personal = "refund"   // why, in the merchant's words
	PersonalDeliveries Personal = "delivery" // what was sent to webhooks and came back
)

// Personals lists them.
var Personals = []Personal{PersonalPayments, PersonalRequests, PersonalRefunds, PersonalDeliveries}
