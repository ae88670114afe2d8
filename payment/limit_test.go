package payment_test

import (
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

func TestWhatLimitsLeaveOfAnAmount(t *testing.T) {
	dynamic, open, tip := request(payment.Dynamic), request(payment.Static), request(payment.Dynamic)
	open.Amount, open.AmountEditable = 0, true
	tip.AmountEditable = true
	for _, c := range []struct {
		name        string
		request     payment.Request
		least, most money.Amount
		amount      money.Amount
		low, high   money.Amount
		want        fault.Code
	}{
		{"a fixed amount within", dynamic, 100, 20_000, price, price, price, ""},
		{"a fixed amount at the least", dynamic, price, 0, price, price, price, ""},
		{"a fixed amount at the most", dynamic, 0, price, price, price, price, ""},
		{"a fixed amount a tyiyn below the least", dynamic, price + 1, 0, price, price + 1, price, fault.AmountTooSmall},
		{"a fixed amount a tyiyn above the most", dynamic, 0, price - 1, price, price, price - 1, fault.AmountTooLarge},
		{"another amount is a mismatch first", dynamic, price + 1, 0, price + 1, price + 1, price, fault.AmountMismatch},
		{"an open amount at the least", open, 100, 20_000, 100, 100, 20_000, ""},
		{"an open amount below the least", open, 100, 20_000, 99, 100, 20_000, fault.AmountTooSmall},
		{"an open amount above the most", open, 100, 20_000, 20_001, 100, 20_000, fault.AmountTooLarge},
		{"an open amount is required first", open, 100, 20_000, 0, 100, 20_000, fault.AmountRequired},
		{"a tip up to the most", tip, 0, 20_000, 20_000, price, 20_000, ""},
		{"a tip above the most", tip, 0, 20_000, 20_001, price, 20_000, fault.AmountTooLarge},
		{"a least amount above what is asked", tip, price + 5, 0, price, price + 5, payment.MaxPayment, fault.AmountTooSmall},
		{"no limits", tip, 0, 0, payment.MaxPayment, price, payment.MaxPayment, ""},
	} {
		within := payment.Range{Least: c.least, Most: c.most}
		if low, high := c.request.Bounds(within); low != c.low || high != c.high {
			t.Errorf("%s: the bounds are %d and %d, want %d and %d", c.name, low, high, c.low, c.high)
		}
		if got := codeOf(c.request.Accepts(c.amount, within)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestACreateKeepsTheLimitsOfOnePayment(t *testing.T) {
	s := payment.State{Request: request(payment.Dynamic)}
	small := payment.Create{Payment: draftOf(pay1, blue, "payer", price), Within: payment.Range{Least: price + 1}}
	then(t, s, small, noon, fault.AmountTooSmall)
	small.Within = payment.Range{Least: price, Most: price}
	then(t, s, small, noon, "")
}

func TestRangesOnlyEverNarrow(t *testing.T) {
	r := payment.Range{}.Narrowed(payment.Limits{Least: 5, Most: 100}).Narrowed(payment.Limits{Most: 70}).Narrowed(payment.Limits{Least: 3, Most: 90})
	if r != (payment.Range{Least: 5, Most: 70}) {
		t.Errorf("got %+v", r)
	}
}

func TestTheLimitsThatAPaymentMeets(t *testing.T) {
	const bank = id.ID("par_bank")
	caps := payment.Caps{
		Limits:       map[id.ID]payment.Limits{shop: {Owner: shop, Daily: 1, Most: 9}, blue: {Owner: blue, Daily: 2, Most: 7}, bank: {Owner: bank, Daily: 3}},
		Participants: map[id.ID]id.ID{blue: bank},
	}
	for _, c := range []struct {
		merchant, psp id.ID
		want          []id.ID
		most          money.Amount
	}{
		{shop, blue, []id.ID{shop, blue, bank}, 7},
		{shop, green, []id.ID{shop}, 9},
		{"mer_other", blue, []id.ID{blue, bank}, 7},
		{"mer_other", green, nil, 0},
	} {
		got := caps.Of(c.merchant, c.psp)
		if len(got) != len(c.want) || caps.Range(c.merchant, c.psp).Most != c.most {
			t.Errorf("%s through %s meets %v", c.merchant, c.psp, got)
			continue
		}
		for i, l := range got {
			if l.Owner != c.want[i] {
				t.Errorf("%s through %s meets %s at %d, want %s", c.merchant, c.psp, l.Owner, i, c.want[i])
			}
		}
	}
}

func TestADayIsBishkeks(t *testing.T) {
	midnight := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want string
	}{{midnight.Add(-time.Millisecond), "2026-11-23"}, {midnight, "2026-11-24"}, {midnight.Add(24*time.Hour - time.Millisecond), "2026-11-24"}} {
		from, to := payment.DayBounds(c.at)
		if got := payment.DayOf(c.at); got != c.want || c.at.Before(from) || !c.at.Before(to) || to.Sub(from) != 24*time.Hour {
			t.Errorf("%v is in %s, from %v to %v", c.at, got, from, to)
		}
	}
}
