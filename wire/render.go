package wire

import (
	"tolom/elqr"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/report"
)

// Site says where the platform's pages and links are.
type Site struct {
	Base     string // "https://pay.example.kg", without a slash at the end
	LinkBase string // what comes before # in a link, "https://pay.payqr.kg/"
}

// PageOf is the address of a request's page.
func (s Site) PageOf(request id.ID) string { return s.Base + "/p/" + request.Token() }

// ReceiptOf is the address of a payment's receipt.
func (s Site) ReceiptOf(pay id.ID) string { return s.Base + "/r/" + pay.Token() }

// LinkOf is the link of a payload.
func (s Site) LinkOf(payload string) string { return elqr.Link(s.LinkBase, payload) }

// Request renders a request for its merchant.
func (s Site) Request(r payment.Request) PaymentRequest {
	return PaymentRequest{
		ID: string(r.ID), Kind: string(r.Kind), Status: string(r.Status), Amount: int64(r.Amount), Currency: r.Currency,
		AmountEditable: r.AmountEditable, Description: r.Description, OrderID: r.OrderID,
		StoreID: string(r.Store), TillID: string(r.Till), Extra: Extras(r.Extra, false), SuccessURL: r.SuccessURL,
		Metadata: texts(r.Metadata), Payload: r.Payload, Link: s.LinkOf(r.Payload), Page: s.PageOf(r.ID),
		PaidAmount: int64(r.PaidAmount), PaymentsCount: r.PaymentsCount,
		CreatedAt: At(r.CreatedAt), ExpiresAt: At(r.ExpiresAt), ScannedAt: At(r.ScannedAt), EndedAt: At(r.EndedAt),
	}
}

// texts makes an absent map an empty object, so that readers need no null check.
func texts(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// Extras renders extra fields; to a payer only the visible ones.
func Extras(in []payment.Extra, payer bool) []Extra {
	out := []Extra{}
	for _, x := range in {
		if visible := x.Visible; visible || !payer {
			out = append(out, Extra{Key: x.Key, Label: x.Label, Value: x.Value, Title: x.Title, Visible: &visible})
		}
	}
	return out
}

// Payment renders a payment for its merchant.
func (s Site) Payment(p payment.Payment) Payment {
	out := Payment{
		ID: string(p.ID), RequestID: string(p.Request), Status: p.Status.String(), StatusCode: int(p.Status),
		Amount: int64(p.Amount), Currency: p.Currency, Fee: int64(p.Fee), PayerFee: int64(p.Surcharge), Net: int64(p.Amount - p.Fee),
		RefundedAmount: int64(p.Refunded + p.Refunding), StoreID: string(p.Store), TillID: string(p.Till),
		PSPID: string(p.PSP), PayerName: p.Payer.NameMasked, Reason: string(p.Reason),
		CreatedAt: At(p.CreatedAt), EndedAt: At(p.EndedAt),
	}
	if p.Status == payment.Succeeded {
		out.Receipt = s.ReceiptOf(p.ID)
	}
	return out
}

// Refund renders a refund for its merchant.
func (s Site) Refund(r payment.Refund) Refund {
	out := Refund{
		ID: string(r.ID), PaymentID: string(r.Payment), RequestID: string(r.Request), Amount: int64(r.Amount),
		Currency: r.Currency, Status: string(r.Status), Reason: r.Reason, RefundRef: r.Ref,
		FeeReturned: int64(r.FeeReturned), PayerFee: int64(r.SurchargeReturned), Charge: int64(r.Charge),
		Code: r.Code, CreatedAt: At(r.CreatedAt), EndedAt: At(r.EndedAt),
	}
	if r.Status == payment.RefundRejected {
		out.PayerFee, out.Charge = 0, 0
	}
	return out
}

// PSPPayment renders a payment for its PSP. A payment without an id is a
// psp_payment_id that was canceled before any create.
func (s Site) PSPPayment(p payment.Payment, merchant string) PSPPayment {
	out := PSPPayment{
		PSPPaymentID: p.PSPPaymentID, RequestID: string(p.Request), Status: p.Status.String(), StatusCode: int(p.Status),
		Amount: int64(p.Amount), Currency: p.Currency, Fee: int64(p.Surcharge), Merchant: merchant, Reason: string(p.Reason), ReceiptID: p.ReceiptID,
		CreatedAt: At(p.CreatedAt), ExpiresAt: At(p.ExpiresAt), EndedAt: At(p.EndedAt),
	}
	if p.ID != "" {
		own := string(p.ID)
		out.ID = &own
	}
	if p.Status == payment.Succeeded {
		out.Receipt = s.ReceiptOf(p.ID)
	}
	return out
}

// PSPRefund renders a refund for the PSP that is to give it back.
func (s Site) PSPRefund(r payment.Refund) PSPRefund {
	return PSPRefund{
		ID: string(r.ID), PaymentID: string(r.Payment), PSPPaymentID: r.PSPPaymentID, Amount: int64(r.Amount), Fee: int64(r.SurchargeReturned),
		Currency: r.Currency, Status: string(r.Status), Reason: r.Reason, PSPRefundID: r.PSPRefundID, Code: r.Code,
		CreatedAt: At(r.CreatedAt), EndedAt: At(r.EndedAt),
	}
}

// StatementOf renders a statement.
func StatementOf(s report.Statement, merchant string) Statement {
	t := s.Totals
	out := Statement{
		MerchantID: string(s.Merchant), Merchant: merchant, From: At(s.From), To: At(s.To), Currency: money.KGS,
		Opening: int64(s.Opening), Closing: int64(s.Closing), Lines: []StatementLine{},
		Totals: StatementTotals{Payments: int64(t.Payments), PaymentsCount: t.PaymentsCount, Fees: int64(t.Fees), Refunds: int64(t.Refunds),
			RefundsCount: t.RefundsCount, RefundsRejected: int64(t.RefundsRejected), FeesReturned: int64(t.FeesReturned),
			RefundFees: int64(t.RefundFees), Payouts: int64(t.Payouts), PayoutsReturned: int64(t.PayoutsReturned), PayerFees: int64(t.PayerFees)},
	}
	for _, l := range s.Lines {
		out.Lines = append(out.Lines, StatementLine{
			At: At(l.At), Type: string(l.Kind), PaymentID: string(l.Payment), RefundID: string(l.Refund), RequestID: string(l.Request), PayoutID: string(l.Payout), TillID: string(l.Till),
			Amount: int64(l.Gross), Fee: int64(l.Fee), PayerFee: int64(l.PayerFee), Change: int64(l.Change), Balance: int64(l.Balance),
		})
	}
	return out
}
