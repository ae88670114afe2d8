package wire_test

import (
	"testing"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/report"
	"tolom/wire"
)

var (
	site = wire.Site{Base: "https://pay.example.kg", LinkBase: "https://pay.payqr.kg/"}
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

func name(k id.Kind, n byte) id.ID { return id.New(k, noon, 7, id.Random{8: n}) }

func request() payment.Request {
	return payment.Request{
		ID: name(id.Request, 1), Merchant: name(id.Merchant, 1), Store: name(id.Store, 1), Till: name(id.Till, 1), Kind: payment.Dynamic,
		Status: payment.RequestPaid, Amount: 15_000, Currency: money.KGS, Description: "Lunch", OrderID: "A-17",
		Extra:      []payment.Extra{{Key: "table", Label: "Table", Value: "7", Visible: true}, {Key: "shift", Value: "2"}},
		SuccessURL: "https://shop.example/thanks", Metadata: map[string]string{"waiter": "3"}, Payload: "000201…6304ABCD",
		CreatedAt: noon, ExpiresAt: noon.Add(15 * time.Minute), ScannedAt: noon.Add(time.Second), EndedAt: noon.Add(2 * time.Second),
		PaidAmount: 15_000, PaymentsCount: 1,
	}
}

func success() payment.Payment {
	return payment.Payment{
		ID: name(id.Payment, 1), Request: name(id.Request, 1), Merchant: name(id.Merchant, 1), Store: name(id.Store, 1), Till: name(id.Till, 1),
		PSP: name(id.PSP, 1), PSPPaymentID: "B-1", Status: payment.Succeeded, Amount: 15_000, Currency: money.KGS, Fee: 75, Interchange: 30,
		Payer: payment.Payer{Key: "secret-key", NameMasked: "P. A.", Kind: "person", BIC: "BANKKG22"}, ReceiptID: "R-1",
		CreatedAt: noon, ExpiresAt: noon.Add(time.Minute), EndedAt: noon.Add(2 * time.Second), Refunding: 1_000, Refunded: 2_000,
	}
}

func lost() payment.Payment {
	p := success()
	p.Status, p.Reason, p.Refunding, p.Refunded = payment.Canceled, payment.ReasonLostRace, 0, 0
	return p
}

func refund(s payment.RefundStatus) payment.Refund {
	r := payment.Refund{
		ID: name(id.Refund, 1), Payment: name(id.Payment, 1), Request: name(id.Request, 1), Merchant: name(id.Merchant, 1), PSP: name(id.PSP, 1),
		PSPPaymentID: "B-1", Amount: 1_000, Currency: money.KGS, Status: s, Reason: "cold soup", Ref: "R-9", CreatedAt: noon.Add(time.Hour),
	}
	if s == payment.RefundSucceeded {
		r.PSPRefundID, r.FeeReturned, r.InterchangeReturned, r.EndedAt = "BR-1", 5, 2, noon.Add(2*time.Hour)
	}
	return r
}

func statement() report.Statement {
	day := noon.Truncate(24 * time.Hour)
	return report.Fold(name(id.Merchant, 1), day, day.Add(24*time.Hour), report.Rows{
		Balance: 14_930, Payments: []payment.Payment{success()}, Refunds: []payment.Refund{refund(payment.RefundSucceeded)},
	})
}

// rendered are examples of what callers see, each a golden file.
var rendered = map[string]any{
	"example_request_paid":       site.Request(request()),
	"example_request_bare":       site.Request(payment.Request{ID: name(id.Request, 2), Kind: payment.Static, Status: payment.RequestActive, AmountEditable: true, Currency: money.KGS, CreatedAt: noon}),
	"example_extras_for_payer":   wire.Extras(request().Extra, true),
	"example_payment_success":    site.Payment(success()),
	"example_payment_lost":       site.Payment(lost()),
	"example_refund_requested":   site.Refund(refund(payment.RefundRequested)),
	"example_refund_success":     site.Refund(refund(payment.RefundSucceeded)),
	"example_psp_payment":        site.PSPPayment(success(), "Kafe Ala-Too"),
	"example_psp_payment_lost":   site.PSPPayment(lost(), "Kafe Ala-Too"),
	"example_psp_tombstone":      site.PSPPayment(payment.Payment{PSPPaymentID: "B-2", Status: payment.Canceled, Reason: payment.ReasonPSP}, ""),
	"example_psp_refund":         site.PSPRefund(refund(payment.RefundRequested)),
	"example_statement":          wire.StatementOf(statement(), "Kafe Ala-Too"),
	"example_statement_of_quiet": wire.StatementOf(report.Fold(name(id.Merchant, 1), noon, noon.Add(time.Hour), report.Rows{Balance: 5}), "Kafe Ala-Too"),
}

func TestWhatCallersSee(t *testing.T) {
	for name, example := range rendered {
		golden(t, name, indent(t, example))
	}
}

func TestAMerchantNeverSeesWhoThePayerIs(t *testing.T) {
	text := indent(t, site.Payment(success()))
	for _, secret := range []string{"secret-key", "BANKKG22"} {
		if contains(text, secret) {
			t.Errorf("the merchant sees %s", secret)
		}
	}
}
