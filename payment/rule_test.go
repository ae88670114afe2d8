package payment_test

import (
	"fmt"
	"testing"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

func execute(pay, psp id.ID) payment.Command { return payment.Execute{Payment: pay, PSP: psp} }

func create(pay, psp id.ID, payer string, amount money.Amount) payment.Command {
	return payment.Create{Payment: draftOf(pay, psp, payer, amount)}
}

// expect fails the test unless two payments stand as written.
func expect(t *testing.T, s payment.State, first, second string) {
	t.Helper()
	if got1, got2 := standing(s, pay1), standing(s, pay2); got1 != first || got2 != second {
		t.Fatalf("the payments are %q and %q, want %q and %q", got1, got2, first, second)
	}
}

func TestTheFirstExecuteWinsAndTheOthersLoseInTheSameDecision(t *testing.T) {
	s := payment.State{Request: request(payment.Dynamic)}
	s, _ = then(t, s, create(pay1, blue, "payer", price), noon, "")
	s, _ = then(t, s, create(pay2, green, "payer", price), noon, "")
	s, d := then(t, s, execute(pay2, green), noon, "")
	expect(t, s, "canceled (lost_race)", "success")
	if told(d) != "payment.succeeded request.paid payment.canceled" || s.Request.PaidAmount != price || s.Request.PaymentsCount != 1 {
		t.Errorf("told %q; the request has %d of %d payments", told(d), s.Request.PaidAmount, s.Request.PaymentsCount)
	}
	s, _ = then(t, s, execute(pay1, blue), noon, "payment_canceled")
	s, _ = then(t, s, execute(pay2, green), noon.Add(time.Hour), "") // again, however late
	expect(t, s, "canceled (lost_race)", "success")
}

func TestOnePayerHasOneOpenPaymentWithinItsPSP(t *testing.T) {
	for _, c := range []struct {
		name         string
		psp          id.ID
		payer, first string
	}{
		{"the same payer again", blue, "payer", "canceled (superseded)"},
		{"another payer of the same PSP", blue, "other", "created"},
		{"the same key at another PSP is another person", green, "payer", "created"},
		{"a payer without a key supersedes nobody", blue, "", "created"},
	} {
		for _, kind := range []payment.Kind{payment.Dynamic, payment.Static} {
			s := payment.State{Request: request(kind), Payments: []payment.Payment{created(pay1, blue, "payer")}}
			s, _ = then(t, s, create(pay2, c.psp, c.payer, price), noon, "")
			if got := standing(s, pay1); got != c.first {
				t.Errorf("%s, %s: the first payment is %s, want %s", c.name, kind, got, c.first)
			}
		}
	}
	s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{created(pay1, blue, "")}}
	s, _ = then(t, s, create(pay2, blue, "", price), noon, "")
	expect(t, s, "created", "created")
}

// crowd is a request with so many payments open, of payers p0, p1, …
func crowd(kind payment.Kind, n int) payment.State {
	s := payment.State{Request: request(kind)}
	for i := range n {
		s.Payments = append(s.Payments, created(id.ID(fmt.Sprintf("pay_c%d", i)), blue, fmt.Sprintf("p%d", i)))
	}
	return s
}

func TestARequestIsBusyOnlyAboveTwentyOpenPayments(t *testing.T) {
	then(t, crowd(payment.Dynamic, 19), create(pay1, green, "x", price), noon, "")
	then(t, crowd(payment.Dynamic, 20), create(pay1, green, "x", price), noon, "request_busy")
	then(t, crowd(payment.Static, 20), create(pay1, green, "x", price), noon, "")
	// A payer who comes again takes his own place.
	s, _ := then(t, crowd(payment.Dynamic, 20), create(pay1, blue, "p7", price), noon, "")
	if got := standing(s, "pay_c7"); got != "canceled (superseded)" {
		t.Errorf("the older payment is %s", got)
	}
	// Places of payments whose time is over are free.
	then(t, crowd(payment.Dynamic, 20), create(pay1, green, "x", price), noon.Add(payment.ExecuteWithin), "")
	// A create that is refused supersedes nothing.
	s, _ = then(t, crowd(payment.Dynamic, 22), create(pay1, blue, "p7", price), noon, "request_busy")
	if got := standing(s, "pay_c7"); got != "created" {
		t.Errorf("a refused create left the older payment %s", got)
	}
}

func TestAPaymentLivesSixtySecondsOrUntilItsRequestEnds(t *testing.T) {
	for _, c := range []struct {
		name     string
		ends     time.Time
		at, want time.Time
	}{
		{"early", noon.Add(life), noon, noon.Add(time.Minute)},
		{"twenty seconds before the request's end", noon.Add(life), noon.Add(life - 20*time.Second), noon.Add(life)},
		{"a request without end", time.Time{}, noon, noon.Add(time.Minute)},
	} {
		s := payment.State{Request: request(payment.Static)}
		s.Request.ExpiresAt = c.ends
		s, _ = then(t, s, create(pay1, blue, "payer", price), c.at, "")
		if got := s.Payments[0]; !got.ExpiresAt.Equal(c.want) || !got.CreatedAt.Equal(c.at) || got.Status != payment.Created {
			t.Errorf("%s: %s until %s, want until %s", c.name, got.Status, got.ExpiresAt, c.want)
		}
	}
}

func TestExecuteMustComeBeforeExpiresAt(t *testing.T) {
	s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{created(pay1, blue, "payer")}}
	end := s.Payments[0].ExpiresAt
	then(t, s, execute(pay1, blue), end.Add(-time.Millisecond), "")
	late, d := then(t, s, execute(pay1, blue), end, "payment_expired")
	expect(t, late, "canceled (expired)", "none")
	if told(d) != "payment.canceled" || late.Request.Status != payment.RequestActive {
		t.Errorf("told %q, the request is %s", told(d), late.Request.Status)
	}
	// It never revives, not even when the clock is put back.
	late, _ = then(t, late, execute(pay1, blue), noon, "payment_expired")
	expect(t, late, "canceled (expired)", "none")
}

func TestPaymentsEndBeforeTheirRequest(t *testing.T) {
	s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{created(pay1, blue, "a"), created(pay2, green, "b")}}
	s.Payments[1].ExpiresAt = s.Request.ExpiresAt
	s, d := then(t, s, payment.Expire{}, s.Request.ExpiresAt, "")
	if told(d) != "payment.canceled payment.canceled request.expired" || s.Request.Status != payment.RequestExpired {
		t.Errorf("told %q, the request is %s", told(d), s.Request.Status)
	}
	expect(t, s, "canceled (expired)", "canceled (expired)")
}

func TestAPaymentThatOutlivesItsRequestIsNotPaid(t *testing.T) {
	// The request expired while this payment was not looked at; then the clock was put back.
	s := payment.State{Request: request(payment.Static), Payments: []payment.Payment{created(pay1, blue, "payer")}}
	s.Request.Status, s.Request.EndedAt = payment.RequestExpired, noon
	s, d := then(t, s, execute(pay1, blue), noon, "payment_expired")
	expect(t, s, "canceled (expired)", "none")
	if d.Paid != 0 {
		t.Errorf("it was paid %d", d.Paid)
	}
}

func TestAStaticRequestTakesPaymentsAndCountsThem(t *testing.T) {
	s := payment.State{Request: request(payment.Static), Payments: []payment.Payment{created(pay1, blue, "a"), created(pay2, green, "b")}}
	for _, pay := range []struct{ id, psp id.ID }{{pay1, blue}, {pay2, green}} {
		var d payment.Decision
		s, d = then(t, s, execute(pay.id, pay.psp), noon, "")
		if d.Paid != price || d.Request != nil || told(d) != "payment.succeeded" {
			t.Errorf("the total rises by %d, told %q, the request's own row changed: %v", d.Paid, told(d), d.Request != nil)
		}
	}
	expect(t, s, "success", "success")
	if _, d := then(t, s, execute(pay1, blue), noon, ""); d.Paid != 0 {
		t.Errorf("a repeated execute counts %d again", d.Paid)
	}
}

func TestAPausedRequestTakesNoNewPaymentsButThoseCreatedGoOn(t *testing.T) {
	s := payment.State{Request: request(payment.Static), Payments: []payment.Payment{created(pay1, blue, "a")}}
	s, d := then(t, s, payment.Pause{}, noon, "")
	if told(d) != "request.paused" {
		t.Errorf("told %q", told(d))
	}
	_, d = then(t, s, payment.Pause{}, noon, "")
	if told(d) != "" {
		t.Errorf("a repeated pause told %q", told(d))
	}
	s, _ = then(t, s, create(pay2, green, "b", price), noon, "request_paused")
	s, _ = then(t, s, payment.Scan{}, noon, "request_paused")
	s, _ = then(t, s, execute(pay1, blue), noon, "")
	s, d = then(t, s, payment.Resume{}, noon, "")
	if told(d) != "request.resumed" {
		t.Errorf("told %q", told(d))
	}
	s, _ = then(t, s, create(pay2, green, "b", price), noon, "")
	expect(t, s, "success", "created")
}

func TestACanceledRequestTakesItsOpenPaymentsWithIt(t *testing.T) {
	for _, kind := range []payment.Kind{payment.Dynamic, payment.Static} {
		s := payment.State{Request: request(kind), Payments: []payment.Payment{created(pay1, blue, "a"), created(pay2, green, "b")}}
		s, d := then(t, s, payment.CancelRequest{}, noon, "")
		expect(t, s, "canceled (merchant)", "canceled (merchant)")
		if told(d) != "payment.canceled payment.canceled request.canceled" {
			t.Errorf("%s: told %q", kind, told(d))
		}
		s, _ = then(t, s, execute(pay1, blue), noon, "payment_canceled")
		s, d = then(t, s, payment.CancelRequest{}, noon, "")
		if told(d) != "" || s.Request.Status != payment.RequestCanceled {
			t.Errorf("%s: a repeated cancel told %q", kind, told(d))
		}
	}
}

func TestOnlyTheFirstCheckOfADynamicRequestIsNoted(t *testing.T) {
	s := payment.State{Request: request(payment.Dynamic)}
	s, d := then(t, s, payment.Scan{}, noon.Add(time.Second), "")
	if told(d) != "request.scanned" {
		t.Errorf("told %q", told(d))
	}
	s, d = then(t, s, payment.Scan{}, noon.Add(time.Minute), "")
	if told(d) != "" || !s.Request.ScannedAt.Equal(noon.Add(time.Second)) {
		t.Errorf("told %q, scanned at %s", told(d), s.Request.ScannedAt)
	}
	if s, d = then(t, payment.State{Request: request(payment.Static)}, payment.Scan{}, noon, ""); told(d) != "" || !s.Request.ScannedAt.IsZero() {
		t.Errorf("a static request told %q", told(d))
	}
}

func TestWhatAmountsARequestTakes(t *testing.T) {
	dynamic, static := payment.Dynamic, payment.Static
	for _, c := range []struct {
		name     string
		kind     payment.Kind
		asked    money.Amount
		editable bool
		paid     money.Amount
		refused  string
	}{
		{"a fixed amount", dynamic, 15000, false, 15000, ""},
		{"a fixed amount, one tyiyn less", dynamic, 15000, false, 14999, "amount_mismatch"},
		{"a fixed amount, one tyiyn more", dynamic, 15000, false, 15001, "amount_mismatch"},
		{"a tip", dynamic, 15000, true, 16500, ""},
		{"no tip", dynamic, 15000, true, 15000, ""},
		{"a tip below zero", dynamic, 15000, true, 14999, "amount_too_small"},
		{"a tip above all bounds", dynamic, 15000, true, payment.MaxPayment + 1, "amount_too_large"},
		{"the largest payment", dynamic, 15000, true, payment.MaxPayment, ""},
		{"a fixed price list", static, 5000, false, 5000, ""},
		{"not on the price list", static, 5000, false, 5001, "amount_mismatch"},
		{"a suggestion", static, 5000, true, 1, ""},
		{"an open amount", static, 0, true, 1, ""},
		{"an open amount left out", static, 0, true, 0, "amount_required"},
		{"an open amount below zero", static, 0, true, -1, "amount_too_small"},
	} {
		s := payment.State{Request: request(c.kind)}
		s.Request.Amount, s.Request.AmountEditable = c.asked, c.editable
		d := payment.Decide(s, create(pay1, blue, "payer", c.paid), noon)
		if got := string(codeOf(d.Refusal)); got != c.refused {
			t.Errorf("%s: %d of %d refused with %q, want %q", c.name, c.paid, c.asked, got, c.refused)
		}
	}
}

func TestAPaymentOfASuspendedMerchantFails(t *testing.T) {
	s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{created(pay1, blue, "a"), created(pay2, green, "b")}}
	s, d := then(t, s, payment.Execute{Payment: pay1, PSP: blue, Suspended: true}, noon, "")
	expect(t, s, "error (merchant_suspended)", "created")
	if told(d) != "payment.failed" || s.Request.Status != payment.RequestActive {
		t.Errorf("told %q, the request is %s", told(d), s.Request.Status)
	}
	s, _ = then(t, s, execute(pay1, blue), noon, "") // the caller reads the status
	s, _ = then(t, s, payment.Cancel{Payment: pay1, PSP: blue}, noon, "payment_failed")
	s, _ = then(t, s, execute(pay2, green), noon, "")
	expect(t, s, "error (merchant_suspended)", "success")
}

func TestAPSPCancelsOnlyWhatHasNotSucceeded(t *testing.T) {
	cancel := payment.Cancel{Payment: pay1, PSP: blue}
	s := payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{created(pay1, blue, "a")}}
	s, d := then(t, s, cancel, noon, "")
	expect(t, s, "canceled (psp)", "none")
	if told(d) != "payment.canceled" {
		t.Errorf("told %q", told(d))
	}
	if _, d = then(t, s, cancel, noon, ""); told(d) != "" {
		t.Errorf("a repeated cancel told %q", told(d))
	}
	s = payment.State{Request: request(payment.Dynamic), Payments: []payment.Payment{created(pay1, blue, "a")}}
	s, _ = then(t, s, execute(pay1, blue), noon, "")
	s, _ = then(t, s, cancel, noon, "payment_already_succeeded")
	expect(t, s, "success", "none")
}
