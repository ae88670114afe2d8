package payment_test

import (
	"strings"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// The cast of every test in this room. Ids are short here: no rule reads them.
const (
	shop  = id.ID("mer_shop")
	lunch = id.ID("pr_lunch")
	blue  = id.ID("psp_blue")
	green = id.ID("psp_green")
	pay1  = id.ID("pay_1")
	pay2  = id.ID("pay_2")
	back1 = id.ID("re_1")
)

// noon is when requests are made; their first payment is created with them.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// life is how long a request of these tests lives.
const life = 15 * time.Minute

// price is what a request of these tests asks for.
const price money.Amount = 15_000

func request(k payment.Kind) payment.Request {
	return payment.Request{ID: lunch, Merchant: shop, Kind: k, Status: payment.RequestActive, Amount: price, Currency: money.KGS,
		Metadata: map[string]string{"table": "7"}, Extra: []payment.Extra{{Key: "waiter", Value: "3"}}, CreatedAt: noon, ExpiresAt: noon.Add(life)}
}

// draftOf is a payment as a create brings it: half a percent of fee, two fifths of it for the PSP.
func draftOf(pay, psp id.ID, payer string, amount money.Amount) payment.Payment {
	fee := amount / 200
	return payment.Payment{ID: pay, Request: lunch, Merchant: shop, PSP: psp, PSPPaymentID: "own-" + string(pay), Amount: amount,
		Currency: money.KGS, Fee: fee, Interchange: fee * 2 / 5, FeeRefundable: true, Payer: payment.Payer{Key: payer}}
}

// created is a payment that waits for its execute since noon.
func created(pay, psp id.ID, payer string) payment.Payment {
	p := draftOf(pay, psp, payer, price)
	p.Status, p.CreatedAt, p.ExpiresAt = payment.Created, noon, noon.Add(payment.ExecuteWithin)
	return p
}

// succeeded is a payment that was executed at noon.
func succeeded(pay, psp id.ID) payment.Payment {
	p := created(pay, psp, "payer")
	p.Status, p.EndedAt = payment.Succeeded, noon
	return p
}

// refundOf is a refund of pay1 as a merchant asks for it.
func refundOf(name id.ID, amount money.Amount) payment.Refund {
	return payment.Refund{ID: name, Payment: pay1, Merchant: shop, Amount: amount, Currency: money.KGS}
}

// apply gives the state after a decision, as a store would load it again.
func apply(s payment.State, d payment.Decision) payment.State {
	out := payment.State{Request: s.Request}
	if d.Request != nil {
		out.Request = *d.Request
	}
	out.Payments = replaced(s.Payments, d.Payments, func(p payment.Payment) id.ID { return p.ID })
	out.Refunds = replaced(s.Refunds, d.Refunds, func(r payment.Refund) id.ID { return r.ID })
	return out
}

func replaced[T any](rows, changed []T, name func(T) id.ID) []T {
	out := append([]T(nil), rows...)
next:
	for _, c := range changed {
		for i := range out {
			if name(out[i]) == name(c) {
				out[i] = c
				continue next
			}
		}
		out = append(out, c)
	}
	return out
}

// then decides, fails the test when the refusal is not the wanted one ("" for none), and gives the next state.
func then(t *testing.T, s payment.State, c payment.Command, at time.Time, want fault.Code) (payment.State, payment.Decision) {
	t.Helper()
	d := payment.Decide(s, c, at)
	if got := codeOf(d.Refusal); got != want {
		t.Fatalf("%T at %s: refused with %q, want %q", c, at.Format(time.TimeOnly), got, want)
	}
	return apply(s, d), d
}

func codeOf(refusal *fault.Error) fault.Code {
	if refusal == nil {
		return ""
	}
	return refusal.Code
}

// standing gives how a payment of the state stands, "canceled (lost_race)".
func standing(s payment.State, pay id.ID) string {
	for _, p := range s.Payments {
		if p.ID == pay {
			return status(p)
		}
	}
	return "none"
}

func status(p payment.Payment) string {
	if p.Reason == "" {
		return p.Status.String()
	}
	return p.Status.String() + " (" + string(p.Reason) + ")"
}

// told gives the facts of a decision in order.
func told(d payment.Decision) string {
	var out []string
	for _, f := range d.Facts {
		out = append(out, string(f.Type))
	}
	return strings.Join(out, " ")
}
