package report

import (
	"time"

	"tolom/books"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// Move is a numbered fact that moves money, with what never changes of the objects that it is about. Reports are folds
// of moves in the order of the feed, up to a position: two reports of the same position are of the same moves.
type Move struct {
	Position     int64 // in the feed of the platform
	Fact         payment.Fact
	Store, Till  id.ID  // of the payment
	PSPPaymentID string // the PSP's name for the payment
	PSPRefundID  string // its name for the refund, once it was given
	OrderID      string // the merchant's, of the request
	Cashier      string // of the request, where the merchant's program named one in its metadata
	RefundRef    string // the merchant's name for the refund
	RefundReason string // the merchant's words
}

// MovingFacts are the types of facts that reports are made of.
var MovingFacts = []payment.FactType{
	payment.PaymentSucceeded, payment.RefundWasRequested, payment.RefundDidSucceed, payment.RefundWasRejected, payment.PayoutWasMade, payment.PayoutWasReturned,
	payment.BooksWereCorrected,
}

// CashierKey is the name under which a merchant's program may keep in the metadata of a request who stood at the till.
const CashierKey = "cashier"

// Gross is what the move adds to the merchant's account before fees, below zero when it leaves it.
func (m Move) Gross() money.Amount {
	switch m.Fact.Type {
	case payment.PaymentSucceeded, payment.RefundWasRejected:
		return m.Fact.Amount
	case payment.RefundWasRequested:
		return -m.Fact.Amount
	case payment.RefundDidSucceed:
		return 0
	}
	return m.Change()
}

// Payout says that the move is one of the whole balance to the merchant's bank, or back from there: it belongs to no
// payment, store or till.
func (m Move) Payout() bool {
	return m.Fact.Type == payment.PayoutWasMade || m.Fact.Type == payment.PayoutWasReturned
}

// Fee is what the merchant bears of it: above zero when it was taken, below when it was given back.
func (m Move) Fee() money.Amount { return m.Gross() - m.Change() }

// Change is what the move changes of the merchant's payable balance, as the books have it.
func (m Move) Change() money.Amount { return books.Payable(m.Fact) }

// Kind is the kind of statement line that the move makes.
func (m Move) Kind() Kind {
	switch m.Fact.Type {
	case payment.PaymentSucceeded:
		return Paid
	case payment.RefundWasRequested:
		return Refunded
	case payment.RefundWasRejected:
		return RefundRejected
	case payment.RefundDidSucceed:
		return RefundGiven
	}
	return Kind(m.Fact.Type)
}

// RefundGiven is the kind of a refund that its PSP has given to the payer.
const RefundGiven Kind = "refund_given"

// Corrected is the kind of a correction of the books between a PSP and the centre, which reconciliation has led to.
const Corrected Kind = "reconciliation.corrected"

// Interchange is what the move owes to the PSP for bringing the payer, below zero when it takes some back.
func (m Move) Interchange() money.Amount {
	switch m.Fact.Type {
	case payment.PaymentSucceeded:
		return m.Fact.Interchange
	case payment.RefundDidSucceed:
		return -m.Fact.Interchange
	}
	return 0
}

// Surcharge is what the payer bore on top, below zero when it was given back.
func (m Move) Surcharge() money.Amount {
	switch m.Fact.Type {
	case payment.PaymentSucceeded:
		return m.Fact.Surcharge
	case payment.RefundDidSucceed:
		return -m.Fact.Surcharge
	}
	return 0
}

// Centre is what the move earns for the processing centre, below zero when it gives some back.
func (m Move) Centre() money.Amount { return m.Fee() + m.Surcharge() - m.Interchange() }

// At is when it happened, by the clock of the database.
func (m Move) At() time.Time { return m.Fact.At }
