package money

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestSumsThatDoNotFitAreRefused(t *testing.T) {
	for _, c := range []struct{ a, b Amount }{
		{math.MaxInt64, 1}, {1, math.MaxInt64}, {math.MinInt64, -1},
	} {
		if _, err := Add(c.a, c.b); !errors.Is(err, ErrOverflow) {
			t.Errorf("Add(%d, %d): %v", c.a, c.b, err)
		}
	}
	if _, err := Sub(math.MinInt64, 1); !errors.Is(err, ErrOverflow) {
		t.Error("Sub below the smallest int64 was accepted")
	}
}

func TestArithmeticAgreesWithBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := Amount(rapid.Int64().Draw(t, "a")), Amount(rapid.Int64().Draw(t, "b"))
		agree := func(name string, got Amount, err error, want *big.Int) {
			if err == nil != want.IsInt64() || err == nil && want.Int64() != int64(got) {
				t.Fatalf("%s(%d, %d) = %d, %v, want %v", name, a, b, got, err, want)
			}
		}
		x, y := big.NewInt(int64(a)), big.NewInt(int64(b))
		s, err := Add(a, b)
		agree("Add", s, err, new(big.Int).Add(x, y))
		d, err := Sub(a, b)
		agree("Sub", d, err, new(big.Int).Sub(x, y))
	})
}

func TestMulDivRoundsDownExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Min(0).Draw(t, "a")
		n, d := rapid.Int64Min(0).Draw(t, "n"), rapid.Int64Min(1).Draw(t, "d")
		got, err := MulDiv(Amount(a), n, d)
		want := new(big.Int).Mul(big.NewInt(a), big.NewInt(n))
		want.Div(want, big.NewInt(d))
		if err == nil != want.IsInt64() || err == nil && want.Int64() != int64(got) {
			t.Fatalf("MulDiv(%d, %d, %d) = %d, %v, want %v", a, n, d, got, err, want)
		}
	})
}

func TestSplitGivesEveryTyiynAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := Amount(rapid.Int64Range(0, int64(Max)).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 9).Draw(t, "weights")
		weights[0]++
		parts, err := Split(total, weights)
		if err != nil {
			t.Fatal(err)
		}
		var sum Amount
		for i, p := range parts {
			if sum += p; weights[i] == 0 && p != 0 {
				t.Fatalf("a part of weight 0 got %d", p)
			}
		}
		if sum != total {
			t.Fatalf("parts %v sum to %d, not %d", parts, sum, total)
		}
	})
}

func TestAmountsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]Amount{"150": 15000, "1 234,5": 123450, "99.50": 9950, "0.01": 1, "90071992547409.91": Max} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1e3", "1.", ".5", "1.234", "1,2,3", "٣", "99999999999999999999", "12a"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) was accepted as %d", text, got)
		}
	}
	for a, want := range map[Amount]string{0: "0,00", 5: "0,05", 123456789: "1\u00a0234\u00a0567,89", -7: "−0,07", math.MinInt64: "−92\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,08"} {
		if got := a.String(); got != want {
			t.Errorf("String(%d) = %q, want %q", int64(a), got, want)
		}
	}
}

func TestWhatIsPrintedPlainReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(0, int64(Max)).Draw(t, "a"))
		for _, text := range []string{a.Plain(), a.String()} {
			if back, err := Parse(text); err != nil || back != a {
				t.Fatalf("%q read back as %d, %v", text, back, err)
			}
		}
	})
}
