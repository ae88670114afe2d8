package notify

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// Courier delivers webhooks, one pass over one endpoint at a time. An endpoint
// has a cursor into its owner's feed; what lies behind it was tried once, in
// order, and what failed is a row that says when it is tried again. The cursor
// moves after the sending, so a crash repeats deliveries and loses none; the
// receiver tells repeats by webhook-id. Two nodes at one endpoint are harmless for
// the same reason; the dispatch lets in one at a time.
type Courier struct {
	Figures CourierFigures
	renderer
	// Reports shows a merchant's report once more, for the event that it is ready; fault.NotFound when it is gone.
	Reports func(ctx context.Context, merchant, report id.ID) (wire.Report, error)
	post    store.Post
	shelf   store.Shelf[store.Endpoint]
	sender  *Sender
	world   world.World
	wake    bell
}

// CourierFigures count since the start of the process.
type CourierFigures struct {
	Delivered atomic.Int64 // attempts that the receiver took
	Failed    atomic.Int64 // attempts that it did not
	GivenUp   atomic.Int64 // deliveries that are not tried again by themselves
	Disabled  atomic.Int64 // endpoints that were gone
	Paused    atomic.Int64 // endpoints that nothing reached for days
}

// NewCourier makes a courier over one database. The site must be the Teller's,
// so that a webhook tells what the list of events tells.
func NewCourier(shelf store.Shelf[store.Endpoint], read store.Reader, post store.Post, sender *Sender, site wire.Site, w world.World) *Courier {
	return &Courier{renderer: renderer{read, site}, post: post, shelf: shelf, sender: sender, world: w, wake: newBell()}
}

// Nudge says that the feed may have grown; it never blocks.
func (c *Courier) Nudge() { c.wake.ring() }

// The bounds of a pass, so that it ends and writes down what it did.
const (
	mostOffered = 100
	mostRetried = 20
	longestPass = 5 * time.Second // after it no further event is begun
)

// Pass is what a step did.
type Pass struct {
	Delivered, Failed int
	More              bool          // there may be more to do at once
	Rest              time.Duration // the receiver asked to be left alone for so long

	Ended bool // it was paused or retired in this pass: nothing is sent to it any more

	givenUp store.Delivery // the last one that was tried for as long as we try
}

// Step makes one pass over an endpoint: new events of the feed, in order, then
// those that are due again. Each of the two ends at its first failure, because
// what follows would most likely fail as well; both always get their turn, so an
// event that the receiver never takes holds up no other.
func (c *Courier) Step(ctx context.Context, endpoint id.ID) (Pass, error) {
	var p Pass
	e, err := c.shelf.Get(ctx, endpoint)
	if err != nil || resting(e) {
		return p, ignore(err, store.ErrNotFound)
	}
	gone, err := c.offer(ctx, e, &p)
	if err == nil && !gone {
		gone, err = c.retry(ctx, e, &p)
	}
	switch {
	case err != nil:
	case gone:
		p.Ended, err = true, c.retire(ctx, e.ID)
	default:
		p.Ended, err = c.pauseIfDead(ctx, e, p)
	}
	return p, err
}

func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

// offer tries what is new in the feed and moves the cursor behind it.
func (c *Courier) offer(ctx context.Context, e store.Endpoint, p *Pass) (gone bool, err error) {
	from, err := c.post.Cursor(ctx, e.ID)
	if err != nil {
		return false, err
	}
	items, err := c.read.Feed(ctx, e.Merchant, from, mostOffered)
	if flaw.Has(flaw.EventToAnother) {
		items, err = c.stray(ctx, from)
	}
	if err != nil || len(items) == 0 {
		return false, err
	}
	events, err := c.events(ctx, slices.DeleteFunc(slices.Clone(items), func(i store.FeedItem) bool { return !wants(e, i) }))
	if err != nil {
		return false, err
	}
	if flaw.Has(flaw.CursorFirst) {
		if last := items[len(items)-1].Sequence; c.post.Advance(ctx, e.ID, from, last, nil) == nil {
			from = last
		}
	}
	to, log, gone, failure := c.offerEach(ctx, e, items, events, p)
	p.More = len(items) == mostOffered || to < items[len(items)-1].Sequence
	if to == from {
		return gone, failure
	}
	// What was sent is written down even when the process is asked to end meanwhile.
	err = c.post.Advance(context.WithoutCancel(ctx), e.ID, from, to, log)
	return gone, errors.Join(failure, ignore(err, store.ErrRetry))
}

// wants says whether the endpoint asked for events of this type.
func wants(e store.Endpoint, item store.FeedItem) bool {
	return wantsType(e, item.Fact.Type)
}

func wantsType(e store.Endpoint, kind payment.FactType) bool {
	return len(e.Types) == 0 || slices.Contains(e.Types, string(kind))
}

// offerEach tries events one after another until one fails, time is up, or ctx
// ends. It returns the sequence up to which all were tried or not wanted, and the log.
func (c *Courier) offerEach(ctx context.Context, e store.Endpoint, items []store.FeedItem, events []wire.Event, p *Pass) (to int64, log []store.Delivery, gone bool, err error) {
	to = items[0].Sequence - 1
	end := c.world.Clock.Now().Add(longestPass)
	for _, item := range items {
		if !wants(e, item) {
			to = item.Sequence
			continue
		}
		if ctx.Err() != nil || !c.world.Clock.Now().Before(end) {
			return to, log, false, ctx.Err()
		}
		d, a, err := c.attempt(ctx, e, newDelivery(c.world, e, events[0]), events[0], p)
		if err != nil {
			return to, log, false, err
		}
		log, to, events = append(log, d), item.Sequence, events[1:]
		if flaw.Has(flaw.FailureForgotten) && !a.taken() {
			log = log[:len(log)-1]
		}
		if !a.taken() {
			return to, log, a.gone(), nil
		}
	}
	return to, log, false, nil
}

// attempt sends an event once and judges the delivery by the answer.
func (c *Courier) attempt(ctx context.Context, e store.Endpoint, d store.Delivery, event wire.Event, p *Pass) (store.Delivery, answer, error) {
	a, err := c.sender.send(ctx, e, event)
	if err != nil {
		return d, a, err
	}
	d = judge(a.note(d), a, c.world.Entropy)
	if a.taken() {
		p.Delivered++
		c.Figures.Delivered.Add(1)
		return d, a, nil
	}
	p.Failed++
	p.Rest = max(p.Rest, a.retryAfter)
	c.Figures.Failed.Add(1)
	if d.Status == store.DeliveryFailed {
		c.Figures.GivenUp.Add(1)
		p.givenUp = d
	}
	return d, a, nil
}

// retry tries what is due again, each written down before the next is begun.
func (c *Courier) retry(ctx context.Context, e store.Endpoint, p *Pass) (gone bool, err error) {
	due, err := c.post.Due(ctx, e.ID, c.world.Clock.Now(), mostRetried)
	if err != nil {
		return false, err
	}
	p.More = p.More || len(due) == mostRetried
	end := c.world.Clock.Now().Add(longestPass)
	for _, d := range due {
		if ctx.Err() != nil || !c.world.Clock.Now().Before(end) {
			p.More = true
			return false, ctx.Err()
		}
		a, err := c.again(ctx, e, d, p)
		if err != nil || !a.taken() {
			return a.gone(), err
		}
	}
	return false, nil
}

func (c *Courier) again(ctx context.Context, e store.Endpoint, d store.Delivery, p *Pass) (answer, error) {
	event, err := c.eventOf(ctx, e, d)
	if fault.Has(err, fault.NotFound) {
		d.Status, d.NextAt, d.Error = store.DeliveryFailed, time.Time{}, "what it tells of is there no more"
		return passedOver, c.post.PutDelivery(context.WithoutCancel(ctx), d)
	}
	if err != nil {
		return answer{}, err
	}
	d, a, err := c.attempt(ctx, e, d, event, p)
	if err != nil {
		return a, err
	}
	return a, c.post.PutDelivery(context.WithoutCancel(ctx), d)
}

// passedOver stands for the answer to what is not sent any more: the next delivery has its turn.
var passedOver = answer{status: http.StatusNoContent}

// eventOf makes the event of a delivery again.
func (c *Courier) eventOf(ctx context.Context, e store.Endpoint, d store.Delivery) (wire.Event, error) {
	if d.EventType == string(ReportType) {
		return c.reportEvent(ctx, e, d)
	}
	item, err := c.read.FeedItem(ctx, e.Merchant, d.Fact)
	if err != nil {
		return wire.Event{}, err
	}
	events, err := c.events(ctx, []store.FeedItem{item})
	if err != nil {
		return wire.Event{}, err
	}
	return events[0], nil
}

// retire disables an endpoint that answered 410. It is read again, because its
// owner may have changed it meanwhile.
func (c *Courier) retire(ctx context.Context, endpoint id.ID) error {
	e, err := c.shelf.Get(ctx, endpoint)
	if err != nil || e.Disabled {
		return err
	}
	c.Figures.Disabled.Add(1)
	if err := disable(ctx, c.shelf, c.post, e); err != nil {
		return err
	}
	e.Disabled = true
	return c.notice(ctx, e, DisabledType)
}
