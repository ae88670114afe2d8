package notify

import (
	"context"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// Teller tells a merchant's feed. Every error it returns is a *fault.Error.
type Teller struct {
	renderer
	post  store.Post
	clock world.Clock
}

// NewTeller makes a teller over one database.
func NewTeller(read store.Reader, post store.Post, site wire.Site, clock world.Clock) *Teller {
	return &Teller{renderer: renderer{read, site}, post: post, clock: clock}
}

// Events lists a merchant's events after a sequence, oldest first, at most limit,
// and says whether there are more; unacked leaves out those it has acknowledged.
func (t *Teller) Events(ctx context.Context, merchant id.ID, after int64, unacked bool, limit int) ([]wire.Event, bool, error) {
	read := t.read.Feed
	if unacked {
		read = t.read.Unacked
	}
	items, err := read(ctx, merchant, after, limit+1)
	if err != nil {
		return nil, false, refused(err, fault.NotFound)
	}
	items, more := page(items, limit)
	events, err := t.events(ctx, items)
	return events, more, refused(err, fault.InternalError)
}

// Event tells one event of the merchant. Refused: event_not_found, also for
// another merchant's event and for one that is not numbered yet.
func (t *Teller) Event(ctx context.Context, merchant id.ID, event string) (wire.Event, error) {
	item, err := t.item(ctx, merchant, event)
	if err != nil {
		return wire.Event{}, err
	}
	events, err := t.events(ctx, []store.FeedItem{item})
	if err != nil {
		return wire.Event{}, refused(err, fault.InternalError)
	}
	return events[0], nil
}

func (t *Teller) item(ctx context.Context, merchant id.ID, event string) (store.FeedItem, error) {
	fact, err := id.Parse(id.Event, event)
	if err != nil {
		return store.FeedItem{}, fault.New(fault.EventNotFound)
	}
	item, err := t.read.FeedItem(ctx, merchant, fact)
	return item, refused(err, fault.EventNotFound)
}

// Ack notes that the merchant has taken an event; again is harmless. Refused: event_not_found.
func (t *Teller) Ack(ctx context.Context, merchant id.ID, event string) error {
	item, err := t.item(ctx, merchant, event)
	if err != nil || item.Acked {
		return err
	}
	return refused(t.post.Ack(ctx, merchant, item.Fact.ID, t.clock.Now()), fault.EventNotFound)
}

// AckThrough notes that the merchant has taken every event up to a sequence, at most
// limit of those that it had not; it returns how many, and whether there are more.
func (t *Teller) AckThrough(ctx context.Context, merchant id.ID, through int64, limit int) (acked int, more bool, err error) {
	items, err := t.read.Unacked(ctx, merchant, 0, limit+1)
	if err != nil {
		return 0, false, refused(err, fault.NotFound)
	}
	for _, item := range items {
		if item.Sequence > through {
			break
		}
		if acked == limit {
			return acked, true, nil
		}
		if err := t.post.Ack(ctx, merchant, item.Fact.ID, t.clock.Now()); err != nil {
			return acked, true, refused(err, fault.NotFound)
		}
		acked++
	}
	return acked, false, nil
}

// RequestEvents tells the events of one request and its payments and refunds
// after a sequence of the merchant's feed, oldest first, at most limit. through
// is the sequence up to which the feed has been looked at: going on from there
// leaves nothing out and repeats nothing, even when no event was found.
func (t *Teller) RequestEvents(ctx context.Context, request payment.Request, after int64, limit int) (events []wire.Event, through int64, err error) {
	items, through, err := t.requestItems(ctx, request, after, limit)
	if err != nil {
		return nil, after, refused(err, fault.NotFound)
	}
	if events, err = t.events(ctx, items); err != nil {
		return nil, after, refused(err, fault.InternalError)
	}
	return events, through, nil
}

// scan is how many facts are looked at in one read.
const scan = 500

func (t *Teller) requestItems(ctx context.Context, request payment.Request, after int64, limit int) (found []store.FeedItem, through int64, err error) {
	if through, err = t.skip(ctx, request, after); err != nil {
		return nil, after, err
	}
	for {
		items, err := t.read.Feed(ctx, request.Merchant, through, scan)
		if err != nil {
			return nil, after, err
		}
		for _, item := range items {
			if item.Fact.Request == request.ID {
				found = append(found, item)
			}
			through = item.Sequence
			if len(found) == limit {
				return found, through, nil
			}
		}
		if len(items) < scan {
			return found, through, nil
		}
	}
}

// disorder is by how much facts in the feed may stand out of the order of their
// times: a commit may be numbered after others that read the clock later, but
// none takes as long as this.
const disorder = 5 * time.Minute

// skip passes over what is older than the request, by halving, because a shop's
// feed may be long and its newest requests are what streams are about.
func (t *Teller) skip(ctx context.Context, request payment.Request, after int64) (int64, error) {
	head, err := t.read.ReaderHead(ctx, request.Merchant)
	if err != nil {
		return after, err
	}
	born := request.CreatedAt.Add(-disorder)
	for head-after > scan {
		middle := after + (head-after)/2
		items, err := t.read.Feed(ctx, request.Merchant, middle-1, 1)
		if err != nil {
			return after, err
		}
		if len(items) == 0 || !items[0].Fact.At.Before(born) {
			head = middle - 1
		} else {
			after = middle
		}
	}
	return after, nil
}
