package notify

import (
	"context"
	"fmt"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// The types of the notices that tell a merchant's other endpoints what became of
// one. They are no facts: they are not in the feed, and sent once.
const (
	PausedType   payment.FactType = "webhook_endpoint.paused"
	DisabledType payment.FactType = "webhook_endpoint.disabled"
)

// outside lists the types of events that are not in the feed.
var outside = []payment.FactType{TestType, PausedType, DisabledType, ReportType}

// resting says that an endpoint is offered nothing.
func resting(e store.Endpoint) bool { return e.Disabled || !e.PausedAt.IsZero() }

// lateBy is how long after keepTrying the last try of a delivery may come. One that
// is given up later was asked for by hand and says nothing of the days before.
const lateBy = time.Hour

// pauseIfDead pauses an endpoint that took nothing for as long as one event was
// tried. Its cursor stays where it is, so what happens meanwhile is not lost but
// offered in order once its owner resumes it.
func (c *Courier) pauseIfDead(ctx context.Context, e store.Endpoint, p Pass) (paused bool, err error) {
	d := p.givenUp
	if d.ID == "" || p.Delivered > 0 || c.world.Clock.Now().After(d.CreatedAt.Add(keepTrying+lateBy)) {
		return false, nil
	}
	if alive, err := c.tookSince(ctx, e.ID, d.ID); err != nil || alive {
		return false, err
	}
	return true, c.pause(ctx, e.ID, d)
}

// tookSince says whether an endpoint took anything that was begun after a delivery.
func (c *Courier) tookSince(ctx context.Context, endpoint, since id.ID) (bool, error) {
	for before := id.ID(""); ; {
		rows, err := c.post.Deliveries(ctx, endpoint, before, scan)
		if err != nil {
			return false, err
		}
		for _, d := range rows {
			if d.ID == since {
				return false, nil
			}
			if d.Status == store.DeliveryDelivered {
				return true, nil
			}
			before = d.ID
		}
		if len(rows) < scan {
			return false, nil
		}
	}
}

// pause writes that an endpoint is paused and tells its owner. It is read again,
// because its owner may have changed it meanwhile.
func (c *Courier) pause(ctx context.Context, endpoint id.ID, last store.Delivery) error {
	e, err := c.shelf.Get(ctx, endpoint)
	if err != nil || resting(e) {
		return err
	}
	if e.PausedAt, e.PausedFor = c.world.Clock.Now(), last.Error; e.PausedFor == "" {
		e.PausedFor = fmt.Sprintf("the answer was HTTP %d", last.HTTPStatus)
	}
	if err := c.shelf.Put(ctx, e); err != nil {
		return err
	}
	c.Figures.Paused.Add(1)
	return c.notice(ctx, e, PausedType)
}

// notice tells the owner's other endpoints that one was paused or disabled. Each is
// tried once: the state itself is shown with the endpoint for as long as it lasts.
func (c *Courier) notice(ctx context.Context, about store.Endpoint, kind payment.FactType) error {
	var others []store.Endpoint
	err := each(ctx, c.shelf, about.Merchant, func(e store.Endpoint) {
		if e.ID != about.ID && !resting(e) && wantsType(e, kind) {
			others = append(others, e)
		}
	})
	if err != nil {
		return err
	}
	event := noticeOf(c.world, about, kind)
	for _, e := range others {
		d := newDelivery(c.world, e, event)
		a, err := c.sender.send(ctx, e, event)
		if err != nil {
			return err
		}
		if err := c.post.PutDelivery(context.WithoutCancel(ctx), spent(a, d)); err != nil {
			return err
		}
	}
	return nil
}

// noticeOf is an event about an endpoint, outside of the feed.
func noticeOf(w world.World, about store.Endpoint, kind payment.FactType) wire.Event {
	return wire.Event{
		ID: string(world.NewID(w, id.Event, about.Merchant.Bucket())), Type: string(kind), CreatedAt: wire.At(w.Clock.Now()),
		Data: wire.EventData{Object: EndpointOf(about, false)},
	}
}

// spent notes the only attempt of a delivery in it.
func spent(a answer, d store.Delivery) store.Delivery {
	d = a.note(d)
	d.Status, d.NextAt = store.DeliveryFailed, time.Time{}
	if a.taken() {
		d.Status = store.DeliveryDelivered
	}
	return d
}

// Resume has events sent to a paused endpoint again: first what it was not offered
// while it was paused, in order. What was given up before needs Recover. An
// endpoint that is not paused stays as it is. Refused: not_found; invalid_request
// for a disabled one.
func (e *Endpoints) Resume(ctx context.Context, merchant id.ID, endpoint string) (store.Endpoint, error) {
	e.making.Lock()
	defer e.making.Unlock()
	row, err := e.Get(ctx, merchant, endpoint)
	if err != nil || row.PausedAt.IsZero() && !row.Disabled {
		return row, err
	}
	if row.Disabled {
		return row, fault.New(fault.InvalidRequest).Because("the endpoint is disabled; make a new one and read what it missed from /v1/events")
	}
	row.PausedAt, row.PausedFor = time.Time{}, ""
	return row, refused(e.shelf.Put(ctx, row), fault.NotFound)
}

// mostRecovered is how many deliveries one Recover has tried again.
const mostRecovered = 1000

// Recover has every delivery tried again at once that was begun since a time and
// not taken: the newest mostRecovered of them. It returns how many there are, and
// whether there are more. Asking again is harmless, and asks for those that were
// not taken meanwhile. Refused: not_found; invalid_request for an endpoint that is
// disabled or paused.
func (e *Endpoints) Recover(ctx context.Context, merchant id.ID, endpoint string, since time.Time) (found int, more bool, err error) {
	own, err := e.Get(ctx, merchant, endpoint)
	if err != nil {
		return 0, false, err
	}
	if err := mayResend(own); err != nil {
		return 0, false, err
	}
	lost, more, err := e.lost(ctx, own.ID, since)
	if err != nil {
		return 0, false, refused(err, fault.NotFound)
	}
	for _, d := range lost {
		d.Status, d.NextAt = store.DeliveryPending, e.world.Clock.Now()
		if err := e.post.PutDelivery(ctx, d); err != nil {
			return 0, false, refused(err, fault.NotFound)
		}
	}
	return len(lost), more, nil
}

// lost lists deliveries of events of the feed that an endpoint has not taken, back to a time.
func (e *Endpoints) lost(ctx context.Context, endpoint id.ID, since time.Time) (out []store.Delivery, more bool, err error) {
	for before := id.ID(""); ; {
		rows, err := e.post.Deliveries(ctx, endpoint, before, scan)
		if err != nil {
			return nil, false, err
		}
		for _, d := range rows {
			if before = d.ID; d.CreatedAt.Before(since) {
				return out, false, nil
			}
			if d.Status == store.DeliveryDelivered || d.Sequence == 0 {
				continue
			}
			if len(out) == mostRecovered {
				return out, true, nil
			}
			out = append(out, d)
		}
		if len(rows) < scan {
			return out, false, nil
		}
	}
}

// mayResend refuses to have anything sent to an endpoint that is offered nothing.
func mayResend(e store.Endpoint) error {
	switch {
	case e.Disabled:
		return fault.New(fault.InvalidRequest).Because("the endpoint is disabled; make a new one and read what it missed from /v1/events")
	case !e.PausedAt.IsZero():
		return fault.New(fault.InvalidRequest).Because("the endpoint is paused; resume it first")
	}
	return nil
}
