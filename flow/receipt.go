package flow

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/seal"
)

// ReceiptVerdict is what the platform says of a receipt that somebody shows.
type ReceiptVerdict string

// The verdicts.
const (
	ReceiptReal       ReceiptVerdict = "real"       // the payment succeeded as the receipt says; it may have been refunded since
	ReceiptUnpaid     ReceiptVerdict = "unpaid"     // there is such a payment and it did not succeed, or not yet
	ReceiptAltered    ReceiptVerdict = "altered"    // it says another thing than what was paid, or was never signed
	ReceiptUnknown    ReceiptVerdict = "unknown"    // there is no such payment
	ReceiptUnreadable ReceiptVerdict = "unreadable" // it is no receipt
)

// CheckReceipt judges what somebody scanned, pasted or typed: a signed receipt, the address of a receipt's page, or the
// operator's transaction id. What is known of the payment comes with the verdicts real and unpaid, from what the
// platform keeps and never from the text.
func (p *Platform) CheckReceipt(ctx context.Context, text string, keys []seal.PublicKey) (ReceiptVerdict, PublicReceipt, error) {
	claim, err := seal.ReadReceipt(text, keys)
	name := claim.Payment
	switch {
	case errors.Is(err, seal.ErrReceiptForged):
		return ReceiptAltered, PublicReceipt{}, nil
	case errors.Is(err, seal.ErrReceipt):
		claim.Payment = ""
		if name = receiptName(text); name == "" {
			return ReceiptUnreadable, PublicReceipt{}, nil
		}
	}
	// A key that is published no more may have signed it: then what the platform keeps decides.
	got, err := p.Receipt(ctx, name)
	switch {
	case err != nil && fault.From(err).Code == fault.NotFound:
		return ReceiptUnknown, PublicReceipt{}, nil
	case err != nil:
		return "", PublicReceipt{}, err
	case claim.Payment != "" && !tellsOf(claim, got.Payment):
		return ReceiptAltered, PublicReceipt{}, nil
	case got.Payment.Status != payment.Succeeded:
		return ReceiptUnpaid, got, nil
	}
	return ReceiptReal, got, nil
}

// SignedReceipt says what is signed of a payment that succeeded. The name is the registered one.
func SignedReceipt(got PublicReceipt) seal.Receipt {
	pay := got.Payment
	return seal.Receipt{
		Payment: string(pay.ID), Amount: int64(pay.Amount), Currency: pay.Currency, PaidAt: pay.EndedAt, Merchant: got.Merchant.Name, Store: got.Store.Name,
	}
}

// tellsOf says whether a receipt tells of the payment as it is kept. A merchant may have another name by now.
func tellsOf(claim seal.Receipt, pay payment.Payment) bool {
	return claim.Payment == string(pay.ID) && claim.Amount == int64(pay.Amount) && claim.Currency == pay.Currency && claim.PaidAt.Equal(pay.EndedAt)
}

// receiptAddress is the end of the address of a receipt's page.
var receiptAddress = regexp.MustCompile(`/r/([0-9a-z]{26})(?:[?#].*)?$`)

// receiptName finds the payment that an address or a typed id names; "" when there is none.
func receiptName(text string) string {
	text = strings.TrimSpace(text)
	if found := receiptAddress.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	if _, err := id.Parse(id.Payment, text); err == nil {
		return text
	}
	return ""
}
