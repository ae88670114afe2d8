package nodes

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tolom/internal/traffic"
	"tolom/invariant"
	"tolom/wire"
)

const (
	nodeCount = 3
	clients   = 32
	// shortForm is how many payments `make test` makes; `make nodes` makes more.
	shortForm = 1500
	// overdue requests are looked at by nobody; the jobs of all nodes race to end them.
	overdue = 40
)

func TestAKilledNodeLosesNothing(t *testing.T) {
	w := newTown(t, nodeCount)
	receiver := traffic.NewReceiver(t)
	for n := range shops {
		_, err := w.shop(n, w.nodes[0].URL()).CreateEndpoint(t.Context(), wire.NewWebhookEndpoint{URL: receiver.URL()})
		must(t, err)
	}
	w.leaveOverdue()
	began := time.Now()
	deals := w.trade(traffic.Number(t, "TOLOM_NODES_PAYMENTS", shortForm))
	took := time.Since(began)
	if t.Failed() {
		return
	}
	w.allSucceeded(deals)
	w.booksAreRight(deals)
	told := w.feedsAreOne(deals)
	w.eventually("every event came to the webhook", func() bool { return receiver.Missing(told) == 0 })
	if receiver.Calls() > 2*len(told) {
		t.Errorf("%d webhook calls for %d events: the nodes do not keep off each other's endpoints", receiver.Calls(), len(told))
	}
	t.Logf("%d payments in %v (%.0f/s) over %d nodes; %d calls broke off, %d outcomes had to be asked for, %d times a dead node was passed over; %d webhook calls for %d events",
		len(deals), took.Round(time.Millisecond), float64(len(deals))/took.Seconds(), nodeCount,
		w.balancer.Broken.Load(), w.unknown.Load(), w.balancer.Passed.Load(), receiver.Calls(), len(told))
}

// leaveOverdue makes requests that end while the test runs.
func (w *town) leaveOverdue() {
	for n := range overdue {
		_, err := w.shop(n%shops, w.balancer.URL()).CreateRequest(w.ctx, wire.NewPaymentRequest{Kind: "dynamic", Amount: 500, ExpiresIn: 2, Description: "left"})
		must(w.t, err)
	}
}

// trade has all clients pay while nodes are killed, one after another, and
// started again. Whoever is told "success" is in the list.
func (w *town) trade(count int) []traffic.Deal {
	var mu sync.Mutex
	var deals []traffic.Deal
	var next, ended atomic.Int64
	var group sync.WaitGroup
	group.Go(func() { w.killInTurn(&ended, int64(count)) })
	for range clients {
		c := w.customer()
		group.Go(func() {
			for n := next.Add(1); n <= int64(count) && !w.t.Failed(); n = next.Add(1) {
				d, err := w.success(c.Pay(w.ctx, int(n)))
				ended.Add(1)
				if err != nil {
					w.t.Errorf("deal %d: %v", n, err)
					continue
				}
				mu.Lock()
				deals = append(deals, d)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return deals
}

// success makes an error of a payment that ended in another way: a node that dies
// is back long before a payment's time is up.
func (w *town) success(d traffic.Deal, err error) (traffic.Deal, error) {
	if err == nil && d.Status != traffic.Success {
		err = fmt.Errorf("payment %s ended as %s", d.Payment, d.Status)
	}
	return d, err
}

// rounds is how many times a node dies: once for each 5,000 payments, at least once.
func rounds(count int64) int64 { return max(1, count/5000) }

// killInTurn kills a node in the middle of each round and starts it again soon after.
func (w *town) killInTurn(ended *atomic.Int64, count int64) {
	all := rounds(count)
	for round := range all {
		victim := w.nodes[round%nodeCount]
		w.reached(ended, (2*round+1)*count/(2*all))
		if err := victim.Kill(); err != nil {
			w.t.Error(err)
		}
		w.reached(ended, (2*round+1)*count/(2*all)+count/(8*all))
		if err := victim.Start(); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *town) reached(ended *atomic.Int64, want int64) {
	for ended.Load() < want && !w.t.Failed() {
		time.Sleep(time.Millisecond)
	}
}

// allSucceeded asks every node for every payment.
func (w *town) allSucceeded(deals []traffic.Deal) {
	w.t.Helper()
	for _, n := range w.nodes {
		c := w.pspAt(n)
		for some := range slices.Chunk(deals, 500) {
			ids := make([]string, len(some))
			for i, d := range some {
				ids[i] = d.Payment
			}
			answer, err := c.States(w.ctx, ids)
			must(w.t, err)
			if len(answer.Data) != len(some) {
				w.t.Errorf("%s knows %d of %d payments", n.Address, len(answer.Data), len(some))
			}
			for _, p := range answer.Data {
				if p.Status != "success" {
					w.t.Errorf("%s says that %s is %s; its PSP was told success", n.Address, *p.ID, p.Status)
				}
			}
		}
	}
}

// booksAreRight audits the database and compares the balances with what the
// merchants remember and with their statements.
func (w *town) booksAreRight(deals []traffic.Deal) {
	w.t.Helper()
	report, err := invariant.Check(w.ctx, w.store)
	must(w.t, err)
	must(w.t, report.Err())
	if n := report.Succeeded[w.people.PSP]; n != int64(len(deals)) {
		w.t.Errorf("%d payments succeeded, the PSP was told of %d", n, len(deals))
	}
	owed := make([]int64, shops)
	for _, d := range deals {
		owed[d.Shop] += d.Net
	}
	for n := range shops {
		m := w.shop(n, w.nodes[n%nodeCount].URL())
		balance, err := m.Balance(w.ctx)
		must(w.t, err)
		s, err := m.Statement(w.ctx, time.Now().Add(-time.Hour), time.Now().Add(time.Minute))
		must(w.t, err)
		if balance.Payable != owed[n] || s.Closing != owed[n] || s.Totals.Payments-s.Totals.Fees != owed[n] {
			w.t.Errorf("shop %d is owed %d tyiyn by its own count, %d by its balance, %d by its statement", n, owed[n], balance.Payable, s.Closing)
		}
	}
}

// feedsAreOne reads every merchant's feed from every node: without gaps, the same
// everywhere, one success for each deal, one end for each request that was left.
func (w *town) feedsAreOne(deals []traffic.Deal) (ids []string) {
	w.t.Helper()
	expired, successes := 0, map[string]int{}
	for n := range shops {
		var feed []wire.Event
		w.eventually("overdue requests have ended and all was told", func() bool {
			feed = w.events(n, w.nodes[0])
			return count(feed, "request.expired") == overdue/shops && count(feed, "request.paid") == sold(deals, n)
		})
		for i, e := range feed {
			if e.Sequence != int64(i+1) {
				w.t.Fatalf("shop %d: event %d has the sequence %d", n, i, e.Sequence)
			}
			ids = append(ids, e.ID)
			if e.Type == "payment.succeeded" {
				successes[objectID(w.t, e)]++
			}
		}
		expired += count(feed, "request.expired")
		for _, other := range w.nodes[1:] {
			if !slices.EqualFunc(feed, w.events(n, other), func(a, b wire.Event) bool { return a.ID == b.ID && a.Sequence == b.Sequence }) {
				w.t.Errorf("%s tells another feed of shop %d", other.Address, n)
			}
		}
	}
	for _, d := range deals {
		if successes[d.Payment] != 1 {
			w.t.Errorf("the success of %s was told %d times", d.Payment, successes[d.Payment])
		}
	}
	if expired != overdue {
		w.t.Errorf("%d requests were left, %d were told as expired", overdue, expired)
	}
	return ids
}

func count(feed []wire.Event, kind string) (n int) {
	for _, e := range feed {
		if e.Type == kind {
			n++
		}
	}
	return n
}

func sold(deals []traffic.Deal, shop int) (n int) {
	for _, d := range deals {
		if d.Shop == shop {
			n++
		}
	}
	return n
}
