package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tolom/client"
	"tolom/id"
	"tolom/money"
	"tolom/wire"
	"tolom/world"
)

// shop is a merchant with a till, a sticker, and perhaps an address for webhooks.
type shop struct {
	w        *World
	index    int
	merchant id.ID
	key      string
	api      *client.Merchant // of its till
	books    *client.Merchant // of its bookkeeping, with a key of the whole shop
	receiver *receiver        // nil when it has no address
	sticker  string           // link of its static request
	orders   int
	cursor   int64 // of its feed
}

func (w *World) newShop(index int, merchant id.ID, till, whole string) *shop {
	return &shop{w: w, index: index, merchant: merchant, key: till, api: w.merchantClient(till), books: w.merchantClient(whole)}
}

func (w *World) merchantClient(key string) *client.Merchant {
	entropy := world.Seeded(w.random.Uint64())
	return client.New(base, key, client.WithHTTP(&http.Client{Transport: w.shopLink}), client.WithWorld(world.World{Clock: w.clock, Entropy: entropy}),
		client.WithSleep(func(_ context.Context, wait time.Duration) error { w.sleep(wait); return nil })).Merchant()
}

// sell is one sale at the till: a request of its own, paid by one payer or by two
// who race, taken back now and then.
func (s *shop) sell() {
	w := s.w
	s.orders++
	order := fmt.Sprintf("order-%d", s.orders)
	ask := wire.NewPaymentRequest{Amount: 100 + w.random.Int64N(1_000_00), OrderID: order, ExpiresIn: 20 + w.random.Int64N(100), Description: "Sale " + order}
	racers := 1
	if w.chance(.1) {
		racers = 2
	}
	withdraws := w.chance(.08)
	w.begin(0, nil, func() {
		r, err := s.api.CreateRequest(context.Background(), ask, client.IdempotencyKey(fmt.Sprintf("sale-%d-%s", s.index, order)))
		if err != nil {
			w.started += racers
			return
		}
		for range racers {
			w.someBank().pay(r.Link, 0)
		}
		if withdraws {
			w.sleep(w.within(3 * time.Second))
			_, _ = s.api.CancelRequest(context.Background(), r.ID) // too late is an answer as well
			return
		}
		if w.chance(.4) {
			s.look(r.ID)
		}
	})
}

// look asks how a request stands until it has ended or the cashier has enough.
func (s *shop) look(request string) {
	for range 2 {
		s.w.sleep(s.w.within(4 * time.Second))
		r, err := s.api.Request(context.Background(), request)
		if err == nil && r.Status != "active" {
			return
		}
	}
}

// stick makes the shop's static code.
func (s *shop) stick() {
	s.w.begin(0, nil, func() {
		for s.sticker == "" {
			r, err := s.api.CreateRequest(context.Background(), wire.NewPaymentRequest{Kind: "static"}, client.IdempotencyKey(fmt.Sprintf("sticker-%d", s.index)))
			if err == nil {
				s.sticker = r.Link
			}
			s.w.sleep(time.Second)
		}
	})
}

// read follows the feed, and gives money back from payments it finds there.
func (s *shop) read() {
	for wait := time.Second; ; {
		s.w.sleep(wait + s.w.within(4*time.Second))
		page, err := s.books.Events(context.Background(), client.EventFilter{After: s.cursor, Limit: 100})
		if wait = time.Second; err != nil {
			if codeOf(err) == "forbidden" {
				s.w.violated("the books can be read", string(s.merchant), "%v", err)
			}
			continue
		}
		if len(page.Data) == 0 {
			wait = s.w.idly(wait)
		}
		for _, e := range page.Data {
			if e.Sequence != s.cursor+1 {
				break // a damaged answer, or one that came for another question: read again
			}
			s.cursor = e.Sequence
			if e.Type == "payment.succeeded" && s.w.chance(.06) {
				s.giveBack(e)
			}
		}
	}
}

// giveBack refunds a payment, in part or whole, perhaps twice at once.
func (s *shop) giveBack(e wire.Event) {
	w := s.w
	p, err := client.Object[wire.Payment](e)
	if err != nil || p.Amount <= 0 {
		return
	}
	in := wire.NewRefund{Amount: 1 + w.random.Int64N(p.Amount), Reason: "returned", RefundRef: fmt.Sprint("ref-", w.random.IntN(3))}
	if w.chance(.3) {
		in.Amount = 0
	}
	times := 1 + w.random.IntN(2)
	for n := range times {
		w.begin(w.within(time.Second), nil, func() {
			_, err := s.api.CreateRefund(context.Background(), p.ID, in, client.IdempotencyKey(fmt.Sprintf("refund-%s-%d-%d", p.ID, in.Amount, n%2)))
			var problem *client.Problem
			if err != nil && !errors.As(err, &problem) {
				w.violated("clients tell failures as problems", p.ID, "%v", err)
			}
		})
	}
}

// someAmount is what a payer pays at a sticker.
func (w *World) someAmount() money.Amount { return money.Amount(100 + w.random.Int64N(500_00)) }
