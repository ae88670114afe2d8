package flow_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"tolom/clearing"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/wire"
)

// every says that the long form of a test is wanted; see the Makefile.
func every() bool { return os.Getenv("TOLOM_DAYS") == "all" }

func TestNodesThatCloseAtOnceCloseOnce(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		p.nodes = 3
		t.Run(p.name, func(t *testing.T) {
			w := newTown(t, p, true)
			for round := range 3 {
				w.aDaysWork(round)
				w.pays("red", "shop", 777)
				w.steps(w.days)
				date := w.next()
				if w.clock != nil {
					cut, err := settlement.Timetable{}.CutOf(date)
					w.must(err)
					w.clock.Advance(cut.Sub(w.clock.Now()))
				}
				paying := w.paysMeanwhile()
				w.atOnce(date, settlement.Closed)
				paying()
				_, err := w.days.MarkSubmitted(w.ctx, date, "file", "digest")
				w.must(err)
				w.atOnce(date, settlement.Settled)
				for _, name := range []string{"shop", "bazaar"} {
					if owed := w.bank(name); owed != 0 {
						t.Errorf("%s is owed %s after the settlement", name, owed.Plain())
					}
				}
			}
			w.conserved()
			if days, err := w.days.List(w.ctx, "", 10); err != nil || len(days) != 3 {
				t.Errorf("there are %d days, %v", len(days), err)
			}
			w.sound()
		})
	}
}

// paysMeanwhile has payers pay through all nodes until it is stopped.
func (w *town) paysMeanwhile() (stop func()) {
	done := make(chan struct{})
	var group sync.WaitGroup
	for n := range w.platforms {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					w.buys(n, fmt.Sprintf("%d-%d-%d", n, i, w.names))
				}
			}
		})
	}
	return func() {
		close(done)
		group.Wait()
		w.names++
	}
}

// buys has a payer of PSP red pay the shop through one of the nodes.
func (w *town) buys(node int, name string) {
	p := w.platforms[node]
	in := wire.NewPaymentRequest{Amount: 150, Description: "tea"}
	r, _, err := p.CreateRequest(w.ctx, w.shops["shop"], key(name, "create", in), in)
	if err != nil {
		w.t.Error(err)
		return
	}
	body := newPayment(r, name, name)
	pay, _, err := p.CreatePayment(w.ctx, w.psps["red"], body, print("payments", body))
	if err == nil {
		_, err = p.Execute(w.ctx, w.psps["red"], string(pay.ID))
	}
	if err != nil {
		w.t.Error(err)
	}
}

// atOnce has three nodes bring a day to a state, all at the same time.
func (w *town) atOnce(date string, want settlement.Status) {
	w.t.Helper()
	var group sync.WaitGroup
	failures := make([]error, len(w.engines))
	for n, e := range w.engines {
		days, err := flow.NewDays(w.store, e, w.registry, w.world, flow.DaysConfig{Page: 2, Facts: 2})
		w.must(err)
		group.Go(func() {
			for range 1000 {
				d, err := w.bring(days, date, want)
				if d.Status == want || err != nil {
					failures[n] = err
					return
				}
			}
			failures[n] = errors.New("the node gives up")
		})
	}
	group.Wait()
	w.must(errors.Join(failures...))
	if d, err := w.days.Get(w.ctx, date); err != nil || d.Status != want {
		w.t.Fatalf("%s is %s, %v", date, d.Status, err)
	}
}

func (w *town) bring(days *flow.BusinessDays, date string, want settlement.Status) (settlement.Day, error) {
	if want == settlement.Settled {
		return days.Answer(w.ctx, date, flow.DayAnswer{Message: "file", Accepted: true})
	}
	if w.clock == nil {
		return days.End(w.ctx, date)
	}
	if _, err := days.Step(w.ctx); err != nil {
		return settlement.Day{}, err
	}
	d, err := w.store.Day(w.ctx, date)
	if errors.Is(err, store.ErrNotFound) {
		return d, nil
	}
	return d, err
}

// TestHistoriesSettle draws histories of payments, refunds, ends of days and answers, and
// holds after each day: positions sum to zero, each tyiyn that a merchant earned is on its
// balance or was paid out exactly once, and every rule of an audit.
func TestHistoriesSettle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(t, memory(t), false)
		earned := map[string]money.Amount{}
		for n := rapid.IntRange(5, 60).Draw(rt, "steps"); n > 0; n-- {
			w.anything(rt, earned)
		}
		w.pays("blue", "shop", 100)
		w.ends()
		w.conserved()
		w.askedOnce()
		w.sound()
	})
}

// askedOnce sees that no bank is asked for a payout that had come back before its file lay there, and none twice.
func (w *town) askedOnce() {
	w.t.Helper()
	w.asksBanks()
	files := flow.NewFiles(w.days, w.store, w.store, w.world, clearingConfig)
	delivered, err := files.List(w.ctx, store.FileFilter{Kind: flow.FileCredits, Status: store.FileDelivered, Limit: 1000})
	w.must(err)
	asked := map[string]bool{}
	for _, f := range delivered {
		var content bytes.Buffer
		w.must(files.Content(w.ctx, f, &content))
		credits, err := clearing.ReadCredits(&content)
		w.must(err)
		for _, c := range credits.Items {
			p, err := w.days.Payout(w.ctx, id.ID(c.ID))
			w.must(err)
			if asked[c.ID] || p.Status == settlement.PayoutReturned && p.EndedAt.Before(f.EndedAt) {
				w.t.Fatalf("the payout %s is asked for though it had come back, or twice (%t)", c.ID, asked[c.ID])
			}
			asked[c.ID] = true
		}
	}
}

var (
	drawPSP  = rapid.SampledFrom([]string{"blue", "red", "green"})
	drawShop = rapid.SampledFrom([]string{"shop", "bazaar", "stall"})
)

// anything is one step of a history.
func (w *town) anything(rt *rapid.T, earned map[string]money.Amount) {
	switch rapid.SampledFrom([]string{"pay", "pay", "pay", "refund", "refund", "ack", "count", "end", "settle", "refuse", "ask", "return"}).Draw(rt, "what") {
	case "pay":
		w.pays(drawPSP.Draw(rt, "psp"), drawShop.Draw(rt, "shop"), rapid.Int64Range(1, 30_000).Draw(rt, "amount"))
	case "refund":
		if len(w.paid) > 0 {
			p := rapid.SampledFrom(w.paid).Draw(rt, "payment")
			w.wants(p, rapid.Int64Range(1, int64(p.Amount)).Draw(rt, "refund"))
		}
	case "ack":
		w.gives(drawPSP.Draw(rt, "psp"), rapid.Bool().Draw(rt, "given"))
	case "count":
		w.steps(w.days)
	case "end":
		if len(w.paid) > 0 {
			w.ends()
			w.conserved()
		}
	case "settle", "refuse":
		w.answerSome(rt)
	case "ask":
		w.asksBanks()
	case "return":
		w.returnSome(rt)
	}
}

// answerSome has the central bank answer the oldest day that is not settled.
func (w *town) answerSome(rt *rapid.T) {
	days, err := w.days.List(w.ctx, "", 1000)
	w.must(err)
	for _, d := range days {
		if d.Status == settlement.Settled || d.Status == settlement.Open {
			continue
		}
		if d.Status != settlement.Submitted {
			d, err = w.days.MarkSubmitted(w.ctx, d.Date, w.name("file"), "digest")
			w.must(err)
		}
		_, err = w.days.Answer(w.ctx, d.Date, flow.DayAnswer{Message: d.Message, Accepted: rapid.Bool().Draw(rt, "accepted"), Reason: "AM04"})
		w.must(err)
		return
	}
}

// returnSome enters by hand that a payout came back, whether its bank was asked for it or not.
func (w *town) returnSome(rt *rapid.T) {
	list := w.payouts(drawShop.Draw(rt, "shop"))
	if len(list) == 0 {
		return
	}
	_, err := w.days.AnswerPayout(w.ctx, rapid.SampledFrom(list).Draw(rt, "payout").ID, flow.PayoutAnswer{Reason: "AC04"})
	w.code(err)
}

// conserved compares each merchant's balance with what its payments, its refunds and its
// payouts come to, read from their own rows.
func (w *town) conserved() {
	w.t.Helper()
	for name, shop := range w.shops {
		var sum money.Amount
		for _, p := range w.rowsOf(shop.ID) {
			sum += p.Amount - p.Fee - p.Refunded - p.Refunding + p.FeeReturned
		}
		for _, p := range w.payouts(name) {
			if p.Status != settlement.PayoutReturned {
				sum -= p.Amount
			}
		}
		if owed := w.payable(name); owed != sum {
			w.t.Fatalf("%s is owed %s, its payments less its payouts come to %s", name, owed.Plain(), sum.Plain())
		}
	}
	days, err := w.days.List(w.ctx, "", 1)
	w.must(err)
	positions, err := w.days.Positions(w.ctx, days[0].Date)
	w.must(err)
	var net money.Amount
	for _, p := range positions {
		net += p.Net
	}
	if net != 0 || len(positions) < 3 {
		w.t.Fatalf("the %d positions of %s sum to %s", len(positions), days[0].Date, net.Plain())
	}
}

// rowsOf gives all successful payments of a merchant.
func (w *town) rowsOf(merchant id.ID) []payment.Payment {
	w.t.Helper()
	out, err := w.store.Payments(w.ctx, store.PaymentFilter{Merchant: merchant, Status: payment.Succeeded, Limit: 10_000})
	w.must(err)
	return out
}
