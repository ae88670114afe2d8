package payment_test

import (
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

func ask(name id.ID, amount money.Amount) payment.Command {
	return payment.RequestRefund{Refund: refundOf(name, amount)}
}

func ack(name id.ID, credited bool) payment.Command {
	return payment.AckRefund{Refund: name, PSP: blue, Credited: credited, Code: "account_closed", PSPRefundID: "own-" + string(name)}
}

// paid is a dynamic request that one payment has paid.
func paid() payment.State {
	s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{succeeded(pay1, blue)}}
	s.Request.Status, s.Request.PaidAmount, s.Request.PaymentsCount, s.Request.EndedAt = payment.RequestPaid, price, 1, noon
	return s
}

func TestRefundsNeverExceedThePayment(t *testing.T) {
	type step struct {
		command payment.Command
		refused fault.Code
	}
	for name, steps := range map[string][]step{
		"asked for counts like given back": {
			{ask("re_1", 10_000), ""}, {ask("re_2", 5_001), "refund_exceeds_payment"}, {ask("re_2", 5_000), ""}, {ask("re_3", 1), "refund_exceeds_payment"},
		},
		"given back counts for ever": {
			{ask("re_1", 10_000), ""}, {ack("re_1", true), ""}, {ask("re_2", 5_001), "refund_exceeds_payment"}, {ask("re_2", 5_000), ""},
		},
		"rejected counts no more": {
			{ask("re_1", 10_000), ""}, {ack("re_1", false), ""}, {ask("re_2", 15_000), ""}, {ask("re_3", 1), "refund_exceeds_payment"},
		},
		"absent is all that is left": {
			{ask("re_1", 4_000), ""}, {ask("re_2", 0), ""}, {ask("re_3", 0), "refund_exceeds_payment"},
		},
		"less than nothing": {
			{ask("re_1", -1), "amount_invalid"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := paid()
			for _, step := range steps {
				s, _ = then(t, s, step.command, noon, step.refused)
			}
			if p := s.Payments[0]; p.Refunded+p.Refunding > p.Amount || p.Status != payment.Succeeded {
				t.Errorf("%d given back and %d on its way of %d, the payment is %s", p.Refunded, p.Refunding, p.Amount, p.Status)
			}
		})
	}
}

func TestARefundKnowsItsPayment(t *testing.T) {
	s, d := then(t, paid(), ask("re_1", 0), noon.Add(time.Hour), "")
	want := payment.Refund{ID: "re_1", Payment: pay1, Request: lunch, Merchant: shop, PSP: blue, PSPPaymentID: "own-pay_1", Amount: price,
		Currency: money.KGS, Status: payment.RefundRequested, CreatedAt: noon.Add(time.Hour)}
	if s.Refunds[0] != want || told(d) != "refund.requested" {
		t.Errorf("got %+v, told %q", s.Refunds[0], told(d))
	}
}

func TestAnAckIsFinalAndMayBeRepeated(t *testing.T) {
	for _, credited := range []bool{true, false} {
		s, _ := then(t, paid(), ask("re_1", 6_000), noon, "")
		s, d := then(t, s, ack("re_1", credited), noon.Add(time.Hour), "")
		first := s.Refunds[0]
		if !first.EndedAt.Equal(noon.Add(time.Hour)) || first.PSPRefundID != "own-re_1" || len(d.Facts) != 1 {
			t.Errorf("credited %v: %+v, told %q", credited, first, told(d))
		}
		s, d = then(t, s, ack("re_1", credited), noon.Add(2*time.Hour), "")
		if s.Refunds[0] != first || told(d) != "" || d.Payments != nil {
			t.Errorf("credited %v: the same word again changed %+v to %+v", credited, first, s.Refunds[0])
		}
		s, d = then(t, s, ack("re_1", !credited), noon.Add(3*time.Hour), "refund_already_final")
		if s.Refunds[0] != first || told(d) != "" {
			t.Errorf("credited %v: the opposite word changed %+v to %+v", credited, first, s.Refunds[0])
		}
	}
}

func TestARefundReturnsTheFeeInProportion(t *testing.T) {
	// 150.00 som cost 0.75, of which the PSP has 0.30.
	s := paid()
	for _, step := range []struct {
		refund           id.ID
		amount           money.Amount
		credited         bool
		fee, interchange money.Amount
	}{
		{"re_1", 5_000, true, 25, 10},
		{"re_2", 1, true, 0, 0},                // 75 × 5001 ÷ 15000 = 25.005
		{"re_3", 5_000, false, 0, 0},           // nothing came back, so no fee does
		{"re_4", 199, true, 1, 0},              // 75 × 5200 ÷ 15000 = 26
		{"re_5", 15_000 - 5_200, true, 49, 20}, // the rest, to the tyiyn
	} {
		s, _ = then(t, s, ask(step.refund, step.amount), noon, "")
		var d payment.Decision
		s, d = then(t, s, ack(step.refund, step.credited), noon, "")
		if r := d.Refunds[0]; r.FeeReturned != step.fee || r.InterchangeReturned != step.interchange || d.Facts[0].Fee != step.fee || d.Facts[0].Interchange != step.interchange {
			t.Errorf("%s of %d returned %d of the fee, of which the PSP's %d; want %d and %d", step.refund, step.amount, r.FeeReturned, r.InterchangeReturned, step.fee, step.interchange)
		}
	}
	if p := s.Payments[0]; p.FeeReturned != p.Fee || p.InterchangeReturned != p.Interchange || p.Refunded != p.Amount || p.Refunding != 0 {
		t.Errorf("after all was given back: %+v", p)
	}
}

func TestATariffMayKeepTheFee(t *testing.T) {
	s := paid()
	s.Payments[0].FeeRefundable = false
	s, _ = then(t, s, ask("re_1", 0), noon, "")
	s, d := then(t, s, ack("re_1", true), noon, "")
	if d.Facts[0].Fee != 0 || s.Payments[0].FeeReturned != 0 {
		t.Errorf("returned %d", d.Facts[0].Fee)
	}
}
