package crash

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tolom/client"
	"tolom/internal/traffic"
	"tolom/invariant"
	"tolom/store"
	"tolom/wire"
)

// agrees compares what the platform says with what both sides were told: of these
// deals, and of what each merchant is owed after all of them. It is cheap enough
// for every cycle: an acknowledged payment that is lost, or done twice, is missed
// in a balance at once.
func (p *place) agrees(deals []traffic.Deal) (all error) {
	bank := p.people.Bank(p.node.URL(), p.calls)
	for some := range slices.Chunk(deals, client.MaxStates) {
		ids, told := make([]string, len(some)), map[string]string{}
		for i, d := range some {
			ids[i], told[d.Payment] = d.Payment, d.Status
		}
		answer, err := bank.States(p.ctx, ids)
		if err != nil {
			return err
		}
		if len(answer.Data) != len(some) {
			all = errors.Join(all, fmt.Errorf("the platform knows %d of %d payments", len(answer.Data), len(some)))
		}
		for _, is := range answer.Data {
			if is.Status != told[*is.ID] {
				all = errors.Join(all, fmt.Errorf("payment %s is %s; its PSP was told %s", *is.ID, is.Status, told[*is.ID]))
			}
		}
	}
	return errors.Join(all, p.balanced())
}

// balanced compares what each merchant is owed with the shops' own count.
func (p *place) balanced() (all error) {
	for n := range shops {
		balance, err := p.shop(n).Balance(p.ctx)
		if err != nil {
			return err
		}
		if balance.Payable != p.owed[n] {
			all = errors.Join(all, fmt.Errorf("shop %d is owed %d tyiyn by its own count and %d by its balance", n, p.owed[n], balance.Payable))
		}
	}
	return all
}

func (p *place) shop(n int) *client.Merchant { return p.people.Shop(n, p.node.URL(), p.calls) }

// sample picks some of all deals so far, so that each cycle also looks at what
// was acknowledged long before it.
func (p *place) sample(n int) []traffic.Deal {
	if len(p.deals) <= n {
		return p.deals
	}
	from := p.random.IntN(len(p.deals) - n)
	return p.deals[from : from+n]
}

// audited checks all rules over all that is stored, and that there is exactly one
// payment for each deal.
func (p *place) audited() {
	p.t.Helper()
	var report invariant.Report
	p.withStore(func(s store.Store) (err error) {
		report, err = invariant.Check(p.ctx, s)
		return err
	})
	must(p.t, report.Err())
	succeeded := int64(0)
	for _, d := range p.deals {
		if d.Status == traffic.Success {
			succeeded++
		}
	}
	if report.Payments != int64(len(p.deals)) || report.Succeeded[p.people.PSP] != succeeded {
		p.t.Errorf("%d payments are stored, %d of them successes; %d and %d were made",
			report.Payments, report.Succeeded[p.people.PSP], len(p.deals), succeeded)
	}
}

// told reads every merchant's feed: without gaps, one success for each payment
// that succeeded and one refund for each that was given back.
func (p *place) told() {
	p.t.Helper()
	for n := range shops {
		want := map[string]int{}
		for _, d := range p.deals {
			if d.Shop == n && d.Status == traffic.Success {
				want["payment.succeeded"]++
				if d.Refund != "" {
					want["refund.succeeded"]++
				}
			}
		}
		var got map[string]int
		p.eventually("the feed tells of all payments", func() bool {
			got = p.feed(n)
			return got["payment.succeeded"] >= want["payment.succeeded"] && got["refund.succeeded"] >= want["refund.succeeded"]
		})
		for kind, count := range want {
			if got[kind] != count {
				p.t.Errorf("shop %d was told %d times of %s, want %d", n, got[kind], kind, count)
			}
		}
	}
}

// feed counts a merchant's events by their type, and each of them once.
func (p *place) feed(n int) map[string]int {
	p.t.Helper()
	counts, shop := map[string]int{}, p.shop(n)
	for after, more := int64(0), true; more; {
		list, err := shop.Events(p.ctx, client.EventFilter{After: after, Limit: 100})
		must(p.t, err)
		more = list.HasMore
		for _, e := range list.Data {
			if e.Sequence != after+1 {
				p.t.Fatalf("shop %d: after the event %d comes %d", n, after, e.Sequence)
			}
			after = e.Sequence
			counts[e.Type]++
		}
	}
	return counts
}

// eventually waits until something is so, and fails when it never is.
func (p *place) eventually(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("after a minute it was not so that %s", what)
		}
	}
}

// refunded asks for each refund what became of it.
func (p *place) refunded(deals []traffic.Deal) {
	p.t.Helper()
	for _, d := range deals {
		if d.Refund == "" {
			continue
		}
		back, err := p.shop(d.Shop).Refund(p.ctx, d.Refund)
		must(p.t, err)
		if back != (wire.Refund{}) && back.Status != "success" {
			p.t.Errorf("refund %s is %s; its PSP acknowledged it", d.Refund, back.Status)
		}
	}
}
