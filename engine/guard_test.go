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
	back   money.Amount // given back by the same command
	free   bool         // no floor bounds it
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
		out.Counters = append(out.Counters, ledger.Delta{Account: a, Amount: c.back - c.amount})
		if c.amount > 0 && !c.free {
			out.Guards = append(out.Guards, engine.Guard{Account: a, Floor: c.floors[i], Takes: true, Refusal: fault.New(codes[i])})
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
		_, err := b.do(spend{b: b, amount: 10, floors: c.floors})
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
	b.engineOnce(t, []engine.Command{spend{b: b, amount: 100, floors: floors}}, nil)
	done := 0
	b.engineOnce(t, []engine.Command{spend{b: b, amount: -30, floors: floors}, spend{b: b, amount: 20, floors: floors}, spend{b: b, amount: 20, floors: floors}, spend{b: b, amount: 10, floors: floors}}, func(_ any, err error) {
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

// TestAFloorBoundsWhatIsTakenAndNothingElse, whatever else is in the batch or in the command: nothing is taken below the floor because
// more is given back beside it, and what no floor bounds neither stops those before it nor the lane.
func TestAFloorBoundsWhatIsTakenAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		batch      []spend
		done, left money.Amount
	}{
		"what no floor bounds, after what fits":        {[]spend{{amount: 100}, {amount: 30, free: true}}, 2, -130},
		"what fits, after what no floor bounds":        {[]spend{{amount: 130, free: true}, {amount: 1}}, 1, -130},
		"a command that gives back more than it takes": {[]spend{{amount: 130, free: true}, {amount: 5, back: 20}}, 1, -130},
		"one that does so and fits":                    {[]spend{{amount: 130, free: true}, {amount: 5, back: 35}}, 2, -100},
		"one that takes before another gives back":     {[]spend{{amount: 130, free: true}, {amount: 30}, {amount: -30}}, 2, -100},
		"one that takes what another gives back":       {[]spend{{amount: 130, free: true}, {amount: -30}, {amount: 30}}, 2, -100},
	} {
		b := newBench(t, engine.Config{})
		cmds, done := []engine.Command(nil), money.Amount(0)
		for _, x := range c.batch {
			x.b, x.floors = b, [2]money.Amount{-100, -100}
			cmds = append(cmds, x)
		}
		b.engineOnce(t, cmds, func(_ any, err error) {
			if err == nil {
				done++
			}
		})
		left, err := b.store.Balance(context.Background(), spend{b: b}.accounts()[1])
		if err != nil || left != c.left || done != c.done {
			t.Errorf("%s: %d were done, want %d; the counter stands at %d, want %d, %v", name, done, c.done, left, c.left, err)
		}
	}
}
