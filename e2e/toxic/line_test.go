package toxic

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tolom/client"
	"tolom/flow"
	"tolom/internal/traffic"
	"tolom/invariant"
	"tolom/notify"
	"tolom/sandbox"
	"tolom/wire"
	"tolom/world"
)

const (
	// pace is the time between two payments of one customer.
	pace = 250 * time.Millisecond
	// callTime is how long bank and shop wait for an answer.
	callTime = 3 * time.Second
	payer    = "payer-1"
)

// line is what one cell of the matrix is tried on: a shop with its webhooks and a
// bank, of which one reaches the platform, or is reached, over the cell's own link.
type line struct {
	cell
	platform *platform
	link     link
	people   traffic.People
	shop     *client.Merchant
	direct   *client.Merchant // the shop's second way, for counting
	bank     *sandbox.Bank
	receiver *receiver

	leave     context.CancelFunc
	customers sync.WaitGroup

	begun, paid, failed atomic.Int64
	result              result
}

// result is what was measured, from the end of the toxic.
type result struct {
	first time.Duration // to the end of the first payment that began after it
	rest  time.Duration // until nothing was on its way any more
}

// newLine sets up a cell. Its link lies where the cell says, everything else is near.
func (p *platform) newLine(c cell) *line {
	p.t.Helper()
	l := &line{cell: c, platform: p}
	var err error
	l.people, err = traffic.Settle(p.ctx, p.store, 1)
	must(p.t, err)
	l.receiver = newReceiver(p.t, p.witness, l.people.Merchants[0])
	shopBase, bankBase, hook := p.node.URL(), p.node.URL(), l.receiver.server.Listener.Addr().String()
	switch c.place {
	case "database":
		l.link = p.database
	case "shop":
		l.link = newLink(p.t, p.node.Address)
		shopBase = "http://" + l.link.address()
	case "bank":
		l.link = newLink(p.t, p.node.Address)
		bankBase = "http://" + l.link.address()
	case "webhook":
		l.link = newLink(p.t, hook)
		hook = l.link.address()
	}
	l.shop = client.New(shopBase, l.people.Keys[0], client.WithHTTP(l.caller(nil))).Merchant()
	l.direct = client.New(p.node.URL(), l.people.Keys[0], client.WithAttempts(8)).Merchant()
	l.openBank(bankBase)
	system := world.System()
	endpoint, _, err := notify.NewEndpoints(p.store.Endpoints(), p.store, p.store, nil, system, notify.Config{AllowPrivate: true}).
		Create(p.ctx, l.people.Merchants[0], flow.Idempotency{Key: "one"}, wire.NewWebhookEndpoint{URL: "http://" + hook})
	must(p.t, err)
	l.receiver.endpoint = endpoint.ID
	p.witness.Listens(l.receiver.endpoint, l.people.Merchants[0], 0)
	p.lines = append(p.lines, l)
	return l
}

// caller has connections of its own, so that a toxic of one cell is none of another's.
func (l *line) caller(by func(http.RoundTripper) http.RoundTripper) *http.Client {
	way := http.RoundTripper(&http.Transport{MaxIdleConnsPerHost: 4})
	if by != nil {
		way = by(way)
	}
	return &http.Client{Timeout: callTime, Transport: way}
}

func (l *line) openBank(base string) {
	hears := func(way http.RoundTripper) http.RoundTripper { return overheard{l.people.PSP, l.platform.witness, way} }
	psp := client.New(base, l.people.PSPKey, client.WithHTTP(l.caller(hears))).PSP()
	var err error
	l.bank, err = sandbox.New(sandbox.Config{
		PSP: psp, Journal: sandbox.NewMemory(), Payers: []sandbox.Payer{{ID: payer, Name: "Payer A", Initial: 1_000_000_000_00}},
		CallTime: callTime, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	must(l.platform.t, err)
}

// run drives the bank until ctx ends.
func (l *line) run(ctx context.Context) {
	if err := l.bank.Run(ctx); err != nil {
		l.platform.t.Errorf("%v: the bank stopped: %v", l.cell, err)
	}
}

// open has customers pay until close.
func (l *line) open(ctx context.Context, customers int) {
	ctx, l.leave = context.WithCancel(ctx)
	for range customers {
		l.customers.Go(func() {
			for ctx.Err() == nil {
				l.pay(l.platform.ctx)
				sleep(ctx, pace)
			}
		})
	}
}

// close lets no new payment begin and waits for the calls under way.
func (l *line) close() {
	l.leave()
	l.customers.Wait()
}

// pay makes one whole payment, or as much of it as the network lets. done says that
// it went through at once; the bank goes on with what did not.
func (l *line) pay(ctx context.Context) (done bool) {
	n := l.begun.Add(1)
	key := fmt.Sprint("deal-", n)
	merchant, amount := l.people.Merchants[0], 1000+n*37%100_000
	l.platform.witness.Asks(merchant, invariant.AskRequest, key)
	request, err := l.shop.CreateRequest(ctx, wire.NewPaymentRequest{Kind: "dynamic", Amount: amount, Description: "deal"}, client.IdempotencyKey(key))
	if err == nil {
		l.platform.witness.Request(merchant, request)
		done, err = l.payAt(ctx, request.Payload)
	}
	if done {
		l.paid.Add(1)
	} else {
		l.failed.Add(1)
	}
	return done && err == nil
}

func (l *line) payAt(ctx context.Context, payload string) (bool, error) {
	offer, err := l.bank.Scan(ctx, payer, payload, 0)
	if err != nil {
		return false, err
	}
	p, err := l.bank.Pay(ctx, offer.ID, 0)
	return err == nil && p.Stage == sandbox.Succeeded, err
}

// books are the bank's lines about money that it held.
func (l *line) books() iter.Seq[invariant.Line] {
	return func(yield func(invariant.Line) bool) {
		for _, p := range l.bank.History(payer) {
			state := invariant.Held
			switch {
			case p.Stage == sandbox.Succeeded:
				state = invariant.Captured
			case p.Stage.Final():
				state = invariant.Released
			}
			if !yield(invariant.Line{Name: p.ID, State: state, Amount: p.Amount, Refunded: p.Refunded}) {
				return
			}
		}
	}
}

// atRest says that nothing is on its way: neither at the bank nor to the receiver.
func (l *line) atRest(ctx context.Context) (bool, error) {
	if l.bank.Totals().Open > 0 {
		return false, nil
	}
	feed, err := l.feed(ctx)
	if err != nil {
		return false, err
	}
	told := 0
	for _, e := range feed {
		if e.Type == "payment.succeeded" {
			told++
		}
	}
	return told == l.bank.Totals().Payments && l.receiver.missing(feed) == 0, nil
}

// feed reads all events of the merchant, which have no gaps.
func (l *line) feed(ctx context.Context) (all []wire.Event, err error) {
	for more := true; more; {
		list, err := l.direct.Events(ctx, client.EventFilter{After: int64(len(all)), Limit: 100})
		if err != nil {
			return nil, err
		}
		for _, e := range list.Data {
			if e.Sequence != int64(len(all)+1) {
				return nil, fmt.Errorf("after the event %d comes %d", len(all), e.Sequence)
			}
			all = append(all, e)
		}
		more = list.HasMore
	}
	return all, nil
}

func sleep(ctx context.Context, wait time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}
