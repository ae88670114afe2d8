package flow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tolom/books"
	"tolom/fault"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// besieged runs a test on every store, on PostgreSQL from three nodes at once.
func besieged(t *testing.T, test func(*testing.T, *kit)) {
	for _, open := range everywhere {
		p := open(t)
		if p.nodes > 1 {
			p.nodes = 3
		}
		t.Run(p.name, func(t *testing.T) { test(t, newKit(t, p, true)) })
	}
}

// watch reads a counter again and again until stop, and says how often it was
// above the cap, and how often it looked.
func (k *kit) watch(a ledger.Account, cap money.Amount) (stop func() (above, looks int)) {
	ctx, cancel := context.WithCancel(k.ctx)
	var above, looks int
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if used, err := k.store.Balance(k.ctx, a); err == nil {
				looks++
				if -used > cap {
					above++
				}
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return func() (int, int) {
		cancel()
		<-done
		return above, looks
	}
}

// weight is what the payments of a PSP come to, in days and in the position.
func (k *kit) weight(psps ...string) (taken, exposed money.Amount) {
	k.t.Helper()
	for _, name := range psps {
		rows, err := k.store.Payments(k.ctx, store.PaymentFilter{PSP: k.psps[name].ID, Limit: 100_000})
		k.must(err)
		for _, p := range rows {
			taken, exposed = taken+books.Taken(p), exposed+books.Exposed(p)
		}
	}
	return taken, exposed
}

// attempt creates a payment of a new request, on the i-th node.
func (k *kit) attempt(i int, psp, name string, amount int64) (payment.Payment, fault.Code) {
	r := k.asked(name, amount)
	in := newPayment(r, name, name)
	p, _, err := k.node(i).CreatePayment(k.ctx, k.psps[psp], in, print("payments", in))
	return p, k.code(err)
}

// crowd is how many callers come at once.
const crowd = 24

// each runs do for n things from a crowd of callers.
func each(n int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range crowd {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}

// TestACapIsFullyUsedAndNeverPassed for each kind of cap alone: of many who
// come at once exactly as many succeed as fit.
func TestACapIsFullyUsedAndNeverPassed(t *testing.T) {
	const amount, fit, demand = 700, 60, 150
	const cap = amount*fit + amount - 1
	besieged(t, func(t *testing.T, k *kit) {
		for n, c := range []struct {
			owner func() id.ID
			limit payment.Limits
			psps  []string
			code  fault.Code
		}{
			{func() id.ID { return k.shops["shop"].ID }, payment.Limits{Daily: cap}, []string{"green"}, fault.LimitMerchantDaily},
			{func() id.ID { return k.psps["green"].ID }, payment.Limits{NetDebit: cap}, []string{"green"}, fault.LimitPSPPosition},
			{func() id.ID { return k.banks["bluebank"] }, payment.Limits{Daily: cap}, []string{"blue", "azure"}, fault.LimitParticipantDaily},
		} {
			k.people()
			owner := c.owner()
			c.limit.Owner = owner
			_, err := k.platform.SetLimits(k.ctx, c.limit)
			k.must(err)
			account := ledger.Of(owner, ledger.Position)
			if c.limit.Daily > 0 {
				account = ledger.OfDay(owner, payment.DayOf(k.world.Clock.Now()))
			}
			stop := k.watch(account, cap)
			var made, refused atomic.Int64
			each(demand, func(i int) {
				switch _, code := k.attempt(i, c.psps[i%len(c.psps)], fmt.Sprintf("siege%d-%d", n, i), amount); code {
				case "":
					made.Add(1)
				case c.code:
					refused.Add(1)
				default:
					t.Errorf("refused with %s", code)
				}
			})
			above, looks := stop()
			taken, _ := k.weight(c.psps...)
			if used := -k.balance(account); made.Load() != fit || refused.Load() != demand-fit || above > 0 || looks == 0 || used != amount*fit || taken != used {
				t.Errorf("%s: %d made, %d refused; above the cap in %d of %d looks; %d used, the payments make %d", c.code, made.Load(), refused.Load(), above, looks, used, taken)
			}
		}
	})
}

// TestLimitsHoldInTheThickOfThings: payments begin, succeed, end and are given
// back at once while all limits are near their caps. The counters are at every
// moment within the caps and in the end what the payments make.
func TestLimitsHoldInTheThickOfThings(t *testing.T) {
	const cap = 20_000
	besieged(t, func(t *testing.T, k *kit) {
		day := payment.DayOf(k.world.Clock.Now())
		accounts := map[ledger.Account]money.Amount{}
		for _, l := range []payment.Limits{
			{Owner: k.shops["shop"].ID, Daily: 2 * cap}, {Owner: k.psps["blue"].ID, Daily: 2 * cap, NetDebit: cap}, {Owner: k.banks["bluebank"], Daily: 3 * cap, NetDebit: cap + cap/2},
		} {
			_, err := k.platform.SetLimits(k.ctx, l)
			k.must(err)
			accounts[ledger.OfDay(l.Owner, day)] = l.Daily
			if l.NetDebit > 0 {
				accounts[ledger.Of(l.Owner, ledger.Position)] = l.NetDebit
			}
		}
		var stops []func() (int, int)
		for account, cap := range accounts {
			stops = append(stops, k.watch(account, cap))
		}
		var made, refused atomic.Int64
		each(300, func(i int) {
			if k.venture(i, []string{"blue", "azure", "blue"}[i%3], fmt.Sprint("deed", i)) {
				made.Add(1)
			} else {
				refused.Add(1)
			}
		})
		for _, stop := range stops {
			if above, looks := stop(); above > 0 || looks == 0 {
				t.Errorf("a counter was above its cap in %d of %d looks", above, looks)
			}
		}
		if made.Load() < 20 || refused.Load() < 20 {
			t.Errorf("%d made and %d refused: nothing was near the caps", made.Load(), refused.Load())
		}
		k.counted(day)
	})
}

// counted compares the counters with the payments.
func (k *kit) counted(day string) {
	k.t.Helper()
	blue, owed := k.weight("blue")
	all, owes := k.weight("blue", "azure")
	for account, want := range map[ledger.Account]money.Amount{
		ledger.OfDay(k.shops["shop"].ID, day): all,
		ledger.OfDay(k.psps["blue"].ID, day):  blue, ledger.Of(k.psps["blue"].ID, ledger.Position): owed,
		ledger.OfDay(k.banks["bluebank"], day): all, ledger.Of(k.banks["bluebank"], ledger.Position): owes,
	} {
		if used := -k.balance(account); used != want {
			k.t.Errorf("%s counts %d, the payments make %d", account.Code, used, want)
		}
	}
}

// venture begins a payment and lets chance decide how it goes on; false when it was refused.
func (k *kit) venture(i int, psp, name string) bool {
	p, code := k.attempt(i, psp, name, 500+rand.Int64N(1000))
	if code != "" {
		return false
	}
	switch rand.IntN(4) {
	case 0: // stays open
	case 1:
		_, err := k.node(i+1).CancelPayment(k.ctx, k.psps[psp], string(p.ID))
		k.code(err)
	case 2:
		_, err := k.node(i+1).Execute(k.ctx, k.psps[psp], string(p.ID))
		k.code(err)
	case 3:
		_, err := k.node(i+1).Execute(k.ctx, k.psps[psp], string(p.ID))
		k.code(err)
		in := wire.NewRefund{Amount: int64(p.Amount / 2)}
		r, _, err := k.node(i+2).CreateRefund(k.ctx, k.shops["shop"], key(name+"-back", "refund", in), string(p.ID), in)
		k.code(err)
		_, err = k.node(i).AckRefund(k.ctx, k.psps[psp], string(r.ID), wire.RefundAck{Outcome: "credited"})
		k.code(err)
	}
	return true
}

// TestALimitThatComesInTheMiddleOfThings is exact from its first moment: the
// counter knows all that was before, and all that comes after knows the limit.
func TestALimitThatComesInTheMiddleOfThings(t *testing.T) {
	const amount, fit, demand = 700, 120, 200
	besieged(t, func(t *testing.T, k *kit) {
		for run := range 3 {
			k.people()
			var made atomic.Int64
			begun := make(chan struct{})
			set := make(chan struct{})
			go func() {
				defer close(set)
				<-begun
				for _, l := range []payment.Limits{
					{Owner: k.psps["blue"].ID, NetDebit: amount * fit}, {Owner: k.banks["bluebank"], Daily: amount * fit * 2, NetDebit: amount * fit * 2},
				} {
					if _, err := k.platform.SetLimits(k.ctx, l); err != nil {
						t.Error(err)
					}
				}
			}()
			each(demand, func(i int) {
				if i >= fit/2 {
					<-set // so many race with the limit, the others come after it, however long it takes
				}
				if _, code := k.attempt(i, "blue", fmt.Sprintf("rush%d-%d", run, i), amount); code == "" && made.Add(1) == 5 {
					close(begun)
				}
			})
			<-set
			taken, exposed := k.weight("blue")
			position, daily := -k.balance(ledger.Of(k.psps["blue"].ID, ledger.Position)), -k.balance(ledger.OfDay(k.banks["bluebank"], payment.DayOf(k.world.Clock.Now())))
			if made.Load() != fit || position != exposed || daily != taken || taken != amount*fit {
				t.Errorf("%d made instead of %d; the counters say %d and %d, the payments %d and %d", made.Load(), fit, position, daily, exposed, taken)
			}
		}
	})
}
