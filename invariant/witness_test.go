package invariant_test

import (
	"iter"
	"slices"
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// scene is a paid request in a memory store, and a witness who knows what was asked for.
type scene struct {
	s        store.Store
	w        *invariant.Witness
	sale     *sale
	paid     wire.PSPPayment
	shop     id.ID
	psp      id.ID
	endpoint id.ID
	event    wire.Event
}

func newScene(t *testing.T) *scene {
	s := store.NewMemory(system.Clock)
	sale := sold()
	sale.keep(t, s)
	sequence(t, s)
	p := sale.NewPayments[0]
	c := &scene{s: s, w: invariant.NewWitness(), sale: sale, shop: p.Merchant, psp: p.PSP, endpoint: world.NewID(system, id.Endpoint, 7)}
	c.w.Clock = system.Clock
	c.paid = wire.Site{}.PSPPayment(p, "Shop")
	c.event = wire.Event{ID: string(sale.Facts[0].ID), Type: string(sale.Facts[0].Type), Sequence: 1}
	c.w.Asks(p.PSP, invariant.AskPayment, p.PSPPaymentID)
	c.w.Asks(p.PSP, invariant.AskExecute, string(p.ID))
	return c
}

// tellAll tells everything that is true.
func (c *scene) tellAll() {
	created := c.paid
	created.Status, created.StatusCode = "created", 10
	c.w.PSPPayment(c.psp, c.paid)
	c.w.PSPPayment(c.psp, created) // late: it was sent before
	c.w.Payment(c.shop, wire.Site{}.Payment(c.sale.NewPayments[0]))
	c.w.Request(c.shop, wire.Site{}.Request(c.sale.NewRequests[0]))
	c.w.Answered(c.shop, "k", "body", "made it")
	c.w.Answered(c.shop, "k", "body", "made it")
	c.w.Answered(c.shop, "k", "other", "key reused")
	c.w.Listens(c.endpoint, c.shop, 0)
	c.w.Event(c.endpoint, c.shop, c.event, "{}")
	c.w.Event("", c.shop, c.event, "{}")
	second := wire.Event{ID: string(c.sale.Facts[1].ID), Type: string(c.sale.Facts[1].Type), Sequence: 2}
	c.w.Event(c.endpoint, c.shop, second, "{}")
}

func (c *scene) check(t *testing.T) (invariant.Report, map[invariant.Rule]int) {
	t.Helper()
	report, err := c.w.CheckAtRest(t.Context(), c.s)
	must(t, err)
	return report, report.Breaks
}

// untruths are things that a platform must not tell or do, each with the rule that notices.
var untruths = []struct {
	name string
	rule invariant.Rule
	tell func(*scene)
}{
	{"a payment is told that is not kept", invariant.Kept, func(c *scene) {
		p, other := c.paid, string(world.NewID(system, id.Payment, 7))
		p.ID = &other
		c.w.PSPPayment(c.psp, p)
	}},
	{"a success is told as canceled", invariant.Kept, func(c *scene) {
		p := c.paid
		p.Status = "canceled"
		c.w.PSPPayment(c.psp, p)
	}},
	{"another amount is told", invariant.Kept, func(c *scene) {
		p := c.paid
		p.Amount++
		c.w.PSPPayment(c.psp, p)
	}},
	{"a tombstone is told and the payment exists", invariant.Kept, func(c *scene) {
		c.w.PSPPayment(c.psp, wire.PSPPayment{PSPPaymentID: c.paid.PSPPaymentID, Status: "canceled"})
	}},
	{"a request is told as expired", invariant.Kept, func(c *scene) {
		r := wire.Site{}.Request(c.sale.NewRequests[0])
		r.Status = "expired"
		c.w.Request(c.shop, r)
	}},
	{"a payment ended later than the database's clock stands", invariant.OnTime, func(c *scene) {
		p := c.paid
		p.EndedAt = wire.At(system.Clock.Now().Add(time.Minute))
		c.w.PSPPayment(c.psp, p)
	}},
	{"a refund is told that is not kept", invariant.Kept, func(c *scene) {
		c.w.Refund(c.shop, wire.Refund{ID: string(world.NewID(system, id.Refund, 7)), Status: "requested", Amount: 5})
	}},
	{"a refund is told as given that is not kept", invariant.Kept, func(c *scene) {
		c.w.PSPRefund(c.psp, wire.PSPRefund{ID: string(world.NewID(system, id.Refund, 7)), Status: "success", Amount: 5})
	}},
	{"an event tells what is in no feed", invariant.Kept, func(c *scene) {
		c.w.Event(c.endpoint, c.shop, wire.Event{ID: string(world.NewID(system, id.Event, 7)), Type: "payment.succeeded"}, "{}")
	}},
	{"an event is told in other words", invariant.Kept, func(c *scene) { c.w.Event(c.endpoint, c.shop, c.event, "{other}") }},
	{"a PSP is told of another's payment", invariant.Tenants, func(c *scene) { c.w.PSPPayment(world.NewID(system, id.PSP, 7), c.paid) }},
	{"a shop is told of another's request", invariant.Tenants, func(c *scene) {
		c.w.Request(world.NewID(system, id.Merchant, 7), wire.Site{}.Request(c.sale.NewRequests[0]))
	}},
	{"an event reaches another shop", invariant.Tenants, func(c *scene) { c.w.Event("", world.NewID(system, id.Merchant, 7), c.event, "{}") }},
	{"a key gets another answer", invariant.SameAnswer, func(c *scene) { c.w.Answered(c.shop, "k", "body", "made another") }},
	{"another body gets the answer of the first", invariant.SameAnswer, func(c *scene) { c.w.Answered(c.shop, "k", "third", "made it") }},
}

func TestAWitnessNoticesWhatMustNotBeTold(t *testing.T) {
	honest := newScene(t)
	honest.tellAll()
	report, _ := honest.check(t)
	must(t, report.Err())
	for _, l := range untruths {
		c := newScene(t)
		c.tellAll()
		l.tell(c)
		if _, broken := c.check(t); broken[l.rule] == 0 {
			t.Errorf("%s: nothing of %q was reported", l.name, l.rule)
		}
	}
}

func TestNothingHappensThatNobodyAskedFor(t *testing.T) {
	c := newScene(t)
	c.w = invariant.NewWitness()
	c.w.Asks(c.psp, invariant.AskPayment, c.paid.PSPPaymentID)
	if _, broken := c.check(t); broken[invariant.Asked] != 1 {
		t.Errorf("an execute that nobody sent was not reported: %v", broken)
	}
}

func TestAtRestEveryEventHasArrived(t *testing.T) {
	c := newScene(t)
	c.w.Listens(c.endpoint, c.shop, 0)
	c.w.Event(c.endpoint, c.shop, c.event, "{}")
	if _, broken := c.check(t); broken[invariant.Arrived] != 1 {
		t.Errorf("the second of two events never arrived, reported: %v", broken)
	}
	report, err := c.w.Check(t.Context(), c.s)
	must(t, err)
	must(t, report.Err()) // it may still be on its way
}

func TestAtRestEveryPaymentHasEnded(t *testing.T) {
	s := store.NewMemory(system.Clock)
	w := newTown(t, s)
	pay, heard := w.create(w.ask("dynamic", "")), invariant.NewWitness()
	p, err := s.Payment(t.Context(), id.ID(pay))
	must(t, err)
	heard.Asks(p.PSP, invariant.AskPayment, p.PSPPaymentID)
	report, err := heard.Check(t.Context(), s)
	must(t, err)
	must(t, report.Err())
	report, err = heard.CheckAtRest(t.Context(), s)
	must(t, err)
	if report.Broken != 1 || report.Problems[0].Rule != invariant.Ended {
		t.Errorf("a payment waits at rest: %v", report.Err())
	}
}

// lines are ways in which a PSP's line of the paid payment can stand to it.
var lines = []struct {
	name        string
	spoil       func(*invariant.Line)
	busy, still int // problems while busy, and at rest
}{
	{"captured", func(*invariant.Line) {}, 0, 0},
	{"still held", func(l *invariant.Line) { l.State = invariant.Held }, 0, 1},
	{"released", func(l *invariant.Line) { l.State = invariant.Released }, 1, 1},
	{"another amount", func(l *invariant.Line) { l.Amount++ }, 1, 1},
	{"refunded without being asked", func(l *invariant.Line) { l.Refunded = 1 }, 1, 1},
	{"captured, but no such payment", func(l *invariant.Line) { l.Name = "other" }, 2, 2},
	{"held, but no such payment", func(l *invariant.Line) { l.Name, l.State = "other", invariant.Held }, 1, 2},
	{"released, and no such payment", func(l *invariant.Line) { l.Name, l.State = "other", invariant.Released }, 1, 1},
}

func TestTheBooksOfBothSidesAreCompared(t *testing.T) {
	for _, l := range lines {
		c := newScene(t)
		line := invariant.Line{Name: c.paid.PSPPaymentID, State: invariant.Captured, Amount: 1000}
		l.spoil(&line)
		books := map[id.ID]iter.Seq[invariant.Line]{c.psp: slices.Values([]invariant.Line{line})}
		for rest, want := range map[bool]int{false: l.busy, true: l.still} {
			report, err := invariant.CompareBooks(t.Context(), c.s, books, rest)
			must(t, err)
			if report.Broken != want {
				t.Errorf("%s, at rest %v: %d problems instead of %d: %v", l.name, rest, report.Broken, want, report.Err())
			}
		}
		strangers := map[id.ID]iter.Seq[invariant.Line]{"psp_other": slices.Values([]invariant.Line(nil))}
		report, err := invariant.CompareBooks(t.Context(), c.s, strangers, true)
		must(t, err)
		must(t, report.Err())
	}
}
