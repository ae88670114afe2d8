package notify

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
)

// tester is the part of a test, or of a trial of rapid, that the tests use.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// epoch is when the tests' clock starts. The receivers' library compares with the
// machine's clock, so it is today.
var epoch = time.Now().UTC().Truncate(time.Second)

var site = wire.Site{Base: "https://pay.example", LinkBase: "https://pay.payqr.kg/"}

// town is a whole platform in memory: a shop, a bank app, and everything that tells.
type town struct {
	tester
	ctx       context.Context
	clock     *world.Manual
	world     world.World
	store     store.Store
	memory    *store.Memory // the same, to strike it with faults
	registry  *flow.Registry
	platform  *flow.Platform
	merchant  access.Merchant
	psp       access.PSP
	teller    *Teller
	sequencer *Sequencer
	hub       *Hub
	endpoints *Endpoints
	courier   *Courier
	keys      int // counts idempotency keys and ids of payments
}

func newTown(t tester) *town {
	t.Helper()
	w, clock := world.Simulated(epoch, 1)
	memory := store.NewMemory(clock)
	c := newTownOn(t, memory, w, clock)
	c.memory = memory
	return c
}

// newTownOn builds the town on a store of its own.
func newTownOn(t tester, s store.Store, w world.World, clock *world.Manual) *town {
	t.Helper()
	c := &town{tester: t, ctx: context.Background(), clock: clock, world: w, store: s}
	gate := access.New(s, clock)
	c.registry = flow.NewRegistry(s, gate, w)
	c.platform = flow.New(s, engine.New(s, w, engine.Config{Inline: true}), c.registry, w, flow.Config{Provider: "tolom.example", Site: site})
	c.merchant, c.psp = c.newMerchant("Shop A"), c.newPSP("Bank A")
	c.open(world.Dialer{AllowPrivate: true}.Transport())
	return c
}

// open starts the telling rooms afresh over the same database, as after a restart.
func (c *town) open(transport http.RoundTripper) {
	sender := NewSender(transport, c.clock)
	c.teller = NewTeller(c.store, c.store, site, c.clock)
	c.sequencer, c.hub = NewSequencer(c.store), NewHub(c.store)
	c.endpoints = NewEndpoints(c.store.Endpoints(), c.store, c.store, sender, c.world, Config{AllowPrivate: true})
	c.courier = NewCourier(c.store.Endpoints(), c.store, c.store, sender, site, c.world)
}

// ok ends the test on an error.
func (c *town) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *town) newMerchant(name string) access.Merchant {
	c.Helper()
	m, err := c.registry.AddMerchant(c.ctx, store.Merchant{Name: name, MCC: "5411", Tariff: tariff.Tariff{Rate: 100, InterchangeRate: 40, RefundsFee: true}})
	c.ok(err)
	return access.Merchant{ID: m.ID}
}

func (c *town) newPSP(name string) access.PSP {
	c.Helper()
	p, err := c.registry.AddPSP(c.ctx, store.PSP{Name: name})
	c.ok(err)
	return access.PSP{ID: p.ID}
}

// tick moves the clock before a command: the order of two commits is that of
// their times.
func (c *town) tick() { c.clock.Advance(time.Millisecond) }

func (c *town) key() flow.Idempotency {
	c.tick()
	c.keys++
	return flow.Idempotency{Key: fmt.Sprint("key-", c.keys), Fingerprint: "digest"}
}

// ask makes a dynamic request of the shop, askStatic one for many payments.
func (c *town) ask(amount int64) payment.Request {
	c.Helper()
	return c.askFor(c.merchant, wire.NewPaymentRequest{Amount: amount, Description: "Bread"})
}

func (c *town) askStatic() payment.Request {
	c.Helper()
	return c.askFor(c.merchant, wire.NewPaymentRequest{Kind: "static"})
}

func (c *town) askFor(who access.Merchant, in wire.NewPaymentRequest) payment.Request {
	c.Helper()
	r, _, err := c.platform.CreateRequest(c.ctx, who, c.key(), in)
	c.ok(err)
	return r
}

// begin opens a payment of a request; pay executes it, too.
func (c *town) begin(r payment.Request, amount int64) payment.Payment {
	c.Helper()
	c.tick()
	c.keys++
	p, _, err := c.platform.CreatePayment(c.ctx, c.psp, wire.NewPSPPayment{
		PSPPaymentID: fmt.Sprint("p-", c.keys), Payload: r.Payload, Amount: amount, Payer: wire.Payer{NameMasked: "Payer A***"},
	}, "digest")
	c.ok(err)
	return p
}

func (c *town) pay(r payment.Request, amount int64) payment.Payment {
	c.Helper()
	return c.execute(c.begin(r, amount))
}

func (c *town) execute(p payment.Payment) payment.Payment {
	c.Helper()
	c.tick()
	p, err := c.platform.Execute(c.ctx, c.psp, string(p.ID))
	c.ok(err)
	return p
}

func (c *town) scan(r payment.Request) {
	c.Helper()
	c.tick()
	_, err := c.platform.Check(c.ctx, c.psp, wire.Check{Payload: r.Payload})
	c.ok(err)
}

func (c *town) refund(p payment.Payment, amount int64) payment.Refund {
	c.Helper()
	r, _, err := c.platform.CreateRefund(c.ctx, c.merchant, c.key(), string(p.ID), wire.NewRefund{Amount: amount})
	c.ok(err)
	return r
}

func (c *town) ack(r payment.Refund, outcome, code string) {
	c.Helper()
	c.tick()
	_, err := c.platform.AckRefund(c.ctx, c.psp, string(r.ID), wire.RefundAck{Outcome: outcome, Code: code})
	c.ok(err)
}

// number gives every fact its place.
func (c *town) number() {
	c.Helper()
	for {
		n, err := c.sequencer.Step(c.ctx)
		c.ok(err)
		if n == 0 {
			return
		}
	}
}

// feed is the shop's whole list of events.
func (c *town) feed() []wire.Event {
	c.Helper()
	c.number()
	events, more, err := c.teller.Events(c.ctx, c.merchant.ID, 0, false, 10_000)
	c.ok(err)
	if more {
		c.Fatal("the feed is longer than the tests expect")
	}
	return events
}

// types are the types of events, in order, parted by spaces.
func types(events []wire.Event) string {
	text := ""
	for i, e := range events {
		if i > 0 {
			text += " "
		}
		text += e.Type
	}
	return text
}

// listen makes an endpoint of the shop.
func (c *town) listen(url string, kinds ...string) store.Endpoint {
	c.Helper()
	e, _, err := c.endpoints.Create(c.ctx, c.merchant.ID, c.key(), wire.NewWebhookEndpoint{URL: url, Types: kinds})
	c.ok(err)
	return e
}

// pass numbers what happened and makes one pass over an endpoint.
func (c *town) pass(e store.Endpoint) Pass {
	c.Helper()
	c.number()
	p, err := c.courier.Step(c.ctx, e.ID)
	c.ok(err)
	return p
}

// log is what an endpoint's deliveries say, oldest first.
func (c *town) log(e store.Endpoint) []store.Delivery {
	c.Helper()
	rows, _, err := c.endpoints.Deliveries(c.ctx, c.merchant.ID, string(e.ID), "", 1000)
	c.ok(err)
	out := make([]store.Delivery, 0, len(rows))
	for i := range rows {
		out = append(out, rows[len(rows)-1-i])
	}
	return out
}

func (c *town) delivery(i id.ID) store.Delivery {
	c.Helper()
	d, err := c.store.Delivery(c.ctx, i)
	c.ok(err)
	return d
}

var _ tester = (*testing.T)(nil)

// change applies one of the merchant's commands about a request.
func (c *town) change(command func(context.Context, access.Merchant, flow.Idempotency, string) (payment.Request, bool, error), r payment.Request) {
	c.Helper()
	_, _, err := command(c.ctx, c.merchant, c.key(), string(r.ID))
	c.ok(err)
}

// succeeded finds the payment that a request was paid with.
func (c *town) succeeded(r payment.Request) payment.Payment {
	c.Helper()
	rows, _, err := c.platform.Payments(c.ctx, c.merchant, store.PaymentFilter{Request: r.ID, Status: payment.Succeeded, Limit: 1})
	c.ok(err)
	return rows[0]
}
