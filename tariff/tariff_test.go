package tariff

import (
	"testing"

	"pgregory.net/rapid"

	"tolom/money"
)

func TestPrices(t *testing.T) {
	for _, c := range []struct {
		name             string
		t                Tariff
		amount, fee, psp money.Amount
	}{
		{"nothing costs nothing", Tariff{}, 10000, 0, 0},
		{"half a percent, rounded down", Tariff{Rate: 50, InterchangeRate: 20}, 10199, 50, 20},
		{"percent plus fixed", Tariff{Rate: 100, Fixed: 300}, 10000, 400, 0},
		{"least fee", Tariff{Rate: 50, Min: 200}, 1000, 200, 0},
		{"greatest fee", Tariff{Rate: 50, Max: 10000}, 10_000_000, 10000, 0},
		{"the fee never exceeds the payment", Tariff{Fixed: 500}, 100, 100, 0},
		{"the PSP's part never exceeds the fee", Tariff{Rate: 100, InterchangeRate: 100, Max: 5}, 10000, 5, 5},
		{"the largest amount does not overflow", Tariff{Rate: 10000, InterchangeRate: 10000}, money.Max, money.Max, money.Max},
	} {
		if fee, psp := c.t.Price(c.amount); fee != c.fee || psp != c.psp {
			t.Errorf("%s: fee %d, PSP %d; want %d, %d", c.name, fee, psp, c.fee, c.psp)
		}
	}
}

func TestTariffsThatCannotBeUsed(t *testing.T) {
	for _, bad := range []Tariff{{Rate: -1}, {Rate: 10001}, {Rate: 10, InterchangeRate: 11}, {Fixed: -1}, {Min: 5, Max: 4}, {Max: money.Max + 1}} {
		if bad.Check() == nil {
			t.Errorf("accepted %+v", bad)
		}
	}
}

func TestManyRefundsReturnExactlyTheFee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "amount"))
		fee := money.Amount(rapid.Int64Range(0, int64(amount)).Draw(t, "fee"))
		psp := money.Amount(rapid.Int64Range(0, int64(fee)).Draw(t, "psp"))
		var refunded, feeBefore, pspBefore money.Amount
		for refunded < amount {
			refunded += money.Amount(rapid.Int64Range(1, int64(amount-refunded)).Draw(t, "refund"))
			if rapid.Bool().Draw(t, "rest at once") {
				refunded = amount
			}
			f, p := Returned(fee, psp, refunded, amount)
			if df, dp := f-feeBefore, p-pspBefore; df < 0 || dp < 0 || dp > df {
				t.Fatalf("at %d of %d a step returned %d, of which the PSP %d", refunded, amount, df, dp)
			}
			feeBefore, pspBefore = f, p
		}
		if feeBefore != fee || pspBefore != psp {
			t.Fatalf("returned %d and %d of %d and %d", feeBefore, pspBefore, fee, psp)
		}
	})
}
