package payment_test

import (
	"testing"

	"tolom/fault"
	"tolom/money"
	"tolom/payment"
)

// When several refusals apply, callers get the first in the documented order.
// Each case breaks everything from its own refusal on, so the order of the
// cases is the order of the refusals.

func TestRefusalsOfACreateComeInTheirOrder(t *testing.T) {
	for _, c := range []struct {
		want      fault.Code
		suspended bool
		status    payment.RequestStatus
		asked     money.Amount
		editable  bool
		paid      money.Amount
	}{
		{"merchant_suspended", true, payment.RequestCanceled, 100, false, 0},
		{"request_canceled", false, payment.RequestCanceled, 100, false, 0},
		{"already_paid", false, payment.RequestPaid, 100, false, 0},
		{"request_expired", false, payment.RequestExpired, 100, false, 0},
		{"request_paused", false, payment.RequestPaused, 100, false, 0},
		{"amount_required", false, payment.RequestActive, 100, false, 0},
		{"amount_mismatch", false, payment.RequestActive, 100, false, 99},
		{"amount_too_small", false, payment.RequestActive, 100, true, 99},
		{"amount_too_large", false, payment.RequestActive, 100, true, payment.MaxPayment + 1},
		{"request_busy", false, payment.RequestActive, 100, true, 100},
	} {
		s := crowd(payment.Dynamic, payment.MaxLive)
		s.Request.Status, s.Request.Amount, s.Request.AmountEditable = c.status, c.asked, c.editable
		if c.status.Final() {
			s.Payments = nil
		}
		command := payment.Create{Payment: draftOf(pay1, green, "x", c.paid), Suspended: c.suspended}
		if got := codeOf(payment.Decide(s, command, noon).Refusal); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		// What the clock ends counts as ended, though it was loaded as open.
		if c.status == payment.RequestActive && c.want != "request_busy" {
			if got := codeOf(payment.Decide(s, command, noon.Add(life)).Refusal); got != "request_expired" {
				t.Errorf("%s at the request's end: got %s", c.want, got)
			}
		}
	}
}

func TestRefusalsOfARefundComeInTheirOrder(t *testing.T) {
	for _, c := range []struct {
		want     fault.Code
		merchant bool // the payment's own
		status   payment.Status
		amount   money.Amount
	}{
		{"not_found", false, payment.Created, -1},
		{"amount_invalid", true, payment.Created, -1},
		{"payment_not_refundable", true, payment.Created, price + 1},
		{"refund_exceeds_payment", true, payment.Succeeded, price + 1},
		{"", true, payment.Succeeded, price},
	} {
		s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{paymentIn(c.status)}}
		r := refundOf(back1, c.amount)
		if !c.merchant {
			r.Merchant = "mer_other"
		}
		if got := codeOf(payment.Decide(s, payment.RequestRefund{Refund: r}, noon).Refusal); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAnothersPaymentIsNotFoundWhateverItsState(t *testing.T) {
	for _, status := range []payment.Status{payment.Created, payment.InProcess, payment.Failed, payment.Canceled, payment.Succeeded} {
		s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{paymentIn(status)}}
		for _, c := range []payment.Command{
			payment.Execute{Payment: pay1, PSP: green, Suspended: true}, payment.Cancel{Payment: pay1, PSP: green},
			payment.Execute{Payment: pay2, PSP: blue}, payment.Cancel{Payment: pay2, PSP: blue},
			payment.AckRefund{Refund: back1, PSP: blue},
		} {
			if got := codeOf(payment.Decide(s, c, noon).Refusal); got != fault.NotFound {
				t.Errorf("%s, %+v: got %q", status, c, got)
			}
		}
	}
}

func TestEveryRefusalIsInTheCatalogue(t *testing.T) {
	for _, s := range states() {
		for _, a := range acts {
			refusal := payment.Decide(s, a.command, noon).Refusal
			if refusal == nil {
				continue
			}
			if _, known := fault.Lookup(refusal.Code); !known {
				t.Errorf("%s, %s: %q is not in the catalogue", describe(s), a.name, refusal.Code)
			}
		}
	}
}
