package engine_test

import (
	"context"
	"testing"

	"tolom/engine"
	"tolom/fault"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// spend is a command that counts in two memo accounts, each with a floor.
type spend struct {
	b      *bench
	amount money.Amount
	floors [2]money.Amount
}

func (c spend) Bucket() uint16        { return c.b.shop.Bucket() }
func (c spend) Class() engine.Class   { return engine.Open }
func (c spend) Need() store.Need      { return store.Need{} }
func (c spend) Claims() []store.Claim { return nil }

func (c spend) accounts() [2]ledger.Account {
	return [2]ledger.Account{ledger.OfDay(c.b.shop, "2026-03-01"), ledger.Of(c.b.psp, ledger.Position)}
}

func (c spend) Decide(s engine.Sight) engine.Outcome {
	fact := payment.Fact{Type: payment.PaymentCanceled, At: s.View.Now, Merchant: c.b.shop, PSP: c.b.psp}
	out := engine.Outcome{Result: "done", Lines: []engine.Line{{Fact: fact}}}
	codes := [2]fault.Code{fault.LimitMerchantDaily, fault.LimitPSPPosition}
	for i, a := range c.accounts() {
		out.Counters = append(out.Counters, ledger.Delta{Account: a, Amount: -c.amount})
		if c.amount > 0 {
			out.Guards = append(out.Guards, engine.Guard{Account: a, Floor: c.floors[i], Refusal: fault.New(codes[i])})
		}
	}
	return out
}

func TestTheFirstGuardThatDoesNotHoldIsTheRefusal(t *testing.T) {
	for _, c := range []struct {
		floors [2]money.Amount
		want   fault.Code
	}{
		{[2]money.Amount{-10, -10}, ""},
		{[2]money.Amount{-9, -10}, fault.LimitMerchantDaily},
		{[2]money.Amount{-10, -9}, fault.LimitPSPPosition},
		{[2]money.Amount{-9, -9}, fault.LimitMerchantDaily},
	} {
		b := newBench(t, engine.Config{Inline: true})
		_, err := b.do(spend{b, 10, c.floors})
		if got := fault.From(err); got == nil && c.want != "" || got != nil && got.Code != c.want {
			t.Errorf("floors %v: %v, want %q", c.floors, err, c.want)
		}
		for _, a := range (spend{b: b}).accounts() {
			left, err := b.store.Balance(context.Background(), a)
			if err != nil || (left == -10) != (c.want == "") {
				t.Errorf("floors %v: %s stands at %d, %v", c.floors, a.Code, left, err)
			}
		}
	}
}

// TestWhatIsGivenBackMakesRoomInTheSameBatch for the commands behind it.
func TestWhatIsGivenBackMakesRoomInTheSameBatch(t *testing.T) {
	b := newBench(t, engine.Config{})
	floors := [2]money.Amount{-100, -100}
	b.engineOnce(t, []engine.Command{spend{b, 100, floors}}, nil)
	done := 0
	b.engineOnce(t, []engine.Command{spend{b, -30, floors}, spend{b, 20, floors}, spend{b, 20, floors}, spend{b, 10, floors}}, func(_ any, err error) {
		if err == nil {
			done++
		} else if !fault.Has(err, fault.LimitMerchantDaily) {
			t.Error(err)
		}
	})
	left, err := b.store.Balance(context.Background(), spend{b: b}.accounts()[0])
	if err != nil || left != -100 || done != 3 {
		t.Errorf("%d of four were done, the counter stands at %d, %v", done, left, err)
	}
}
