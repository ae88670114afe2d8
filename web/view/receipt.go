package view

import (
	"time"

	"tolom/money"
)

// Receipt is the page of one payment, for its payer and its merchant.
type Receipt struct {
	Frame
	Outcome                  Outcome
	Why                      string // what happened, for a payment that did not succeed
	Amount                   money.Amount
	At                       time.Time
	Merchant, Store, Address string
	Description              string
	Operation                string // the operator's transaction id
	PSP, Payer               string
	PSPReceipt               string       // the number that the PSP gave
	Fee                      money.Amount // what the payer paid on top
	Refunds                  []RefundLine
	Signed                   string // the receipt as a signed text; "" when nothing is signed
	QR                       string // picture of a link here that carries it, SVG
	Proof                    string // address of the proof that the payment stands in the log; "" for none
}

// RefundLine is a refund as receipts and lists show it.
type RefundLine struct {
	Amount money.Amount
	Fee    money.Amount // given back too, of what the payer paid on top
	At     time.Time
	Status string
	Tone   Tone
	Reason string
}

// Outcome is one of the three words that the national QR regulation has for a receipt.
type Outcome string

// The outcomes. A canceled payment is a Failure too: no money left the payer.
const (
	Processing Outcome = "processing"
	Success    Outcome = "success"
	Failure    Outcome = "failure"
)

func (r Receipt) word() (string, Tone) {
	switch r.Outcome {
	case Success:
		return r.Say("receipt_success"), Good
	case Processing:
		return r.Say("receipt_processing"), Warn
	}
	return r.Say("receipt_failure"), Danger
}

// total is what the payer was debited; 0 when that is the amount itself.
func (r Receipt) total() money.Amount {
	if r.Fee == 0 {
		return 0
	}
	return r.Amount + r.Fee
}

// sum writes an amount; nothing for 0.
func (r Receipt) sum(a money.Amount) string {
	if a == 0 {
		return ""
	}
	return r.Money(a)
}

// lines lists what is known, in the order people look for it.
func (r Receipt) lines() []Field {
	all := []Field{
		{r.Say("field_merchant"), r.Merchant}, {r.Say("field_store"), r.Store}, {r.Say("field_address"), r.Address},
		{r.Say("field_description"), r.Description},
		{r.Say("field_date"), r.Day(r.At) + ", " + r.Second(r.At)},
		{r.Say("field_operation"), r.Operation}, {r.Say("field_psp"), r.PSP}, {r.Say("field_payer"), r.Payer},
		{r.Say("field_psp_receipt"), r.PSPReceipt}, {r.Say("field_fee"), r.Money(r.Fee)}, {r.Say("field_total"), r.sum(r.total())},
	}
	known := all[:0]
	for _, f := range all {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}
