// Package report folds facts and entries into what people read: a merchant's
// statement now, day close and reconciliation later. It is pure arithmetic over
// rows that a store gave.
package report

import (
	"cmp"
	"slices"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
)

// Kind says what moved a merchant's balance.
type Kind string

// The kinds of statement lines.
const (
	Paid           Kind = "payment"
	Refunded       Kind = "refund"
	RefundRejected Kind = "refund_rejected"
	FeeReturned    Kind = "fee_returned"
	RefundCharged  Kind = "refund_fee" // positive when a rejected refund gives it back
	PaidOut        Kind = "payout"
	PayoutReturned Kind = "payout_returned"
)

// Line is one movement of a merchant's payable balance, in tyiyn.
type Line struct {
	At                    time.Time
	Kind                  Kind
	Payment, Refund, Till id.ID
	Request, Payout       id.ID
	Gross                 money.Amount // negative when it leaves the merchant
	Fee                   money.Amount // taken from a payment
	PayerFee              money.Amount // paid on top of a payment by its payer; no part of the balance
	Change                money.Amount // of the balance
	Balance               money.Amount // after the line
}

// Totals sums lines by kind; all are positive. RefundFees is what refunds cost, less those
// that came back.
type Totals struct {
	Payments, Fees, Refunds, RefundsRejected, FeesReturned money.Amount
	RefundFees, PayerFees, Payouts, PayoutsReturned        money.Amount
	PaymentsCount, RefundsCount                            int64
}

// Statement is a merchant's account for the times [From, To).
type Statement struct {
	Merchant         id.ID
	From, To         time.Time
	Opening, Closing money.Amount
	Totals           Totals
	Lines            []Line
}

// Rows is one snapshot of a merchant's money: the payable balance now, what
// facts at or after the end changed of it, and the payments and refunds between.
type Rows struct {
	Balance, Later money.Amount
	Payments       []payment.Payment   // succeeded in the time
	Refunds        []payment.Refund    // requested or ended in the time
	Payouts        []settlement.Payout // made or returned in the time
}

// Fold makes the statement. It works back from the ledger's balance now, so
// that the closing balance is the ledger's at the end of the time, to the tyiyn,
// and the opening balance is what the lines leave.
func Fold(merchant id.ID, from, to time.Time, rows Rows) Statement {
	s := Statement{Merchant: merchant, From: from, To: to, Closing: rows.Balance - rows.Later, Opening: rows.Balance - rows.Later}
	for _, p := range rows.Payments {
		s.Lines = append(s.Lines, Line{At: p.EndedAt, Kind: Paid, Payment: p.ID, Request: p.Request, Till: p.Till,
			Gross: p.Amount, Fee: p.Fee, PayerFee: p.Surcharge, Change: p.Amount - p.Fee})
	}
	for _, r := range rows.Refunds {
		s.Lines = append(s.Lines, refundLines(r, from, to)...)
	}
	for _, p := range rows.Payouts {
		s.Lines = append(s.Lines, payoutLines(p, from, to)...)
	}
	slices.SortStableFunc(s.Lines, func(a, b Line) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Payment, b.Payment), cmp.Compare(a.Refund, b.Refund), cmp.Compare(a.Payout, b.Payout))
	})
	for _, l := range s.Lines {
		s.Opening -= l.Change
		s.Totals.add(l)
	}
	running := s.Opening
	for i := range s.Lines {
		running += s.Lines[i].Change
		s.Lines[i].Balance = running
	}
	return s
}

// refundLines gives the movements of a refund that fall into the time: the
// request takes the amount and the charge, a rejection gives both back, a success
// returns the fee.
func refundLines(r payment.Refund, from, to time.Time) (out []Line) {
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	line := func(at time.Time, k Kind, change money.Amount) {
		if change != 0 && within(at) {
			out = append(out, Line{At: at, Kind: k, Payment: r.Payment, Refund: r.ID, Request: r.Request, Gross: change, Change: change})
		}
	}
	line(r.CreatedAt, Refunded, -r.Amount)
	line(r.CreatedAt, RefundCharged, -r.Charge)
	switch r.Status {
	case payment.RefundRejected:
		line(r.EndedAt, RefundRejected, r.Amount)
		line(r.EndedAt, RefundCharged, r.Charge)
	case payment.RefundSucceeded:
		line(r.EndedAt, FeeReturned, r.FeeReturned)
	}
	return out
}

// payoutLines gives the movements of a payout that fall into the time.
func payoutLines(p settlement.Payout, from, to time.Time) (out []Line) {
	line := func(at time.Time, k Kind, change money.Amount) {
		if !at.Before(from) && at.Before(to) {
			out = append(out, Line{At: at, Kind: k, Payout: p.ID, Gross: change, Change: change})
		}
	}
	line(p.CreatedAt, PaidOut, -p.Amount)
	if p.Status == settlement.PayoutReturned {
		line(p.EndedAt, PayoutReturned, p.Amount)
	}
	return out
}

func (t *Totals) add(l Line) {
	switch l.Kind {
	case PaidOut:
		t.Payouts -= l.Gross
	case PayoutReturned:
		t.PayoutsReturned += l.Gross
	case Paid:
		t.Payments += l.Gross
		t.Fees += l.Fee
		t.PayerFees += l.PayerFee
		t.PaymentsCount++
	case Refunded:
		t.Refunds -= l.Gross
		t.RefundsCount++
	case RefundRejected:
		t.RefundsRejected += l.Gross
	case FeeReturned:
		t.FeesReturned += l.Gross
	case RefundCharged:
		t.RefundFees -= l.Gross
	}
}
