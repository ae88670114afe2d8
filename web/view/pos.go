package view

import (
	"time"

	"tolom/money"
)

// Enter is the door of the point of sale.
type Enter struct {
	Frame
	Error string
	Demo  bool // a till of the demo can be opened without a key
}

// Entry is the page where a sale begins. The fields hold what was typed, so that
// a refusal loses nothing.
type Entry struct {
	Frame
	Key         string // makes pressing twice one request
	Amount      string
	Description string
	Error       string
	Recent      []PaymentRow
	Now         time.Time
}

// PaymentRow is a payment in a list.
type PaymentRow struct {
	Link       string
	At         time.Time
	Amount     money.Amount
	Refunded   money.Amount // given back, or on its way
	Payer      string
	Status     string
	Tone       Tone
	Refundable bool
}

// Sale is the screen that a cashier turns to the payer.
type Sale struct {
	Frame
	Merchant    string
	Amount      money.Amount // 0 on a static request
	Description string
	QR          string
	Stream      string
	Cancel      string // address to post to; "" when the sale cannot be canceled
	Live        Live
}

// Payments is the list of last payments.
type Payments struct {
	Frame
	Rows []PaymentRow
	Now  time.Time
	Next string // address of older ones; "" at the end
}

// PaymentDetail is one payment with its refunds and, while something is left of
// it, the form to refund.
type PaymentDetail struct {
	Frame
	Row     PaymentRow
	Details []Field
	Refunds []RefundLine
	Receipt string
	Form    *RefundForm
	Now     time.Time
	Back    string // address of the list; that of the point of sale when empty
}

// back is where the list of payments is.
func (p PaymentDetail) back() string {
	if p.Back != "" {
		return p.Back
	}
	return string(AtPayments)
}

// RefundForm asks how much to give back. The fields hold what was typed.
type RefundForm struct {
	Action string
	Key    string
	Left   money.Amount
	Amount string
	Reason string
	Error  string
}

// Sticker is the static code that stands on the counter.
type Sticker struct {
	Frame
	Merchant, Store, Name string
	QR                    string // "" when there is no sticker yet
	State                 State
	Page, Link            string
	PDF                   string
	Key                   string
	Error                 string
}

// Statement is a merchant's day.
type Statement struct {
	Frame
	Merchant string
	Day      time.Time
	Last     time.Time // the latest day that can be asked for
	CSV      string
	Action   string // of the form that chooses the day; that of the point of sale when empty
	Opening  money.Amount
	Sums     []Sum
	Closing  money.Amount
	Lines    []StatementLine

	PayerFees money.Amount // paid on top by payers; no part of the account
}

// Sum is one total of a statement, with its sign.
type Sum struct {
	Name   string
	Amount money.Amount
}

// StatementLine is one movement of the balance.
type StatementLine struct {
	At      time.Time
	Name    string
	Link    string
	Amount  money.Amount
	Fee     money.Amount
	Balance money.Amount
}

// signed writes an amount with its sign, as statements do.
func (f Frame) signed(a money.Amount) string {
	if a > 0 {
		return "+" + a.String()
	}
	return a.String()
}

// caption says when and by whom, in one small line.
func (r PaymentRow) caption(f Frame, now time.Time) string {
	text := f.When(r.At, now)
	if r.Payer != "" {
		text += " · " + r.Payer
	}
	if r.Refunded > 0 {
		text += " · " + f.Say("refunded_sum", "Sum", f.Money(r.Refunded))
	}
	return text
}
