// Package flow holds the use cases, a file each: make a request, check, create,
// execute, cancel, refund. A use case resolves what never changes, hands one
// command to the engine, and says what came of it. Every error it returns is a
// *fault.Error.
package flow

import (
	"context"
	"errors"
	"time"

	"tolom/engine"
	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// Config is what a platform is told about itself.
type Config struct {
	// Provider is our routing key, tag 32.00 of the payloads we issue and accept.
	Provider string
	Site     wire.Site
	// Remember is how many requests, and as many payments, are remembered so that
	// their next step reads less; 40,000 when 0, a few kilobytes each.
	Remember int
}

// Platform is all use cases over one database.
type Platform struct {
	read     store.Reader
	engine   *engine.Engine
	registry *Registry
	world    world.World
	config   Config

	requests recent[payment.Request]
	payments recent[payment.Payment]
}

// New makes a platform. The registry must be over the same database as read.
func New(read store.Reader, e *engine.Engine, r *Registry, w world.World, c Config) *Platform {
	p := &Platform{read: read, engine: e, registry: r, world: w, config: c}
	p.requests.most, p.payments.most = c.Remember/2, c.Remember/2
	return p
}

// Forget drops what the platform and its registry only remember, as the end of
// their process would.
func (p *Platform) Forget() {
	p.requests.forget()
	p.payments.forget()
	p.registry.forgetAll()
}

// Registry gives the reference data behind the platform.
func (p *Platform) Registry() *Registry { return p.registry }

// Site says where the platform's pages are.
func (p *Platform) Site() wire.Site { return p.config.Site }

// Room says whether a command of the class would be let in now. A door that asks
// before it does anything refuses an overload cheaply.
func (p *Platform) Room(c engine.Class) bool { return p.engine.Room(c) }

func (p *Platform) newID(k id.Kind, bucket uint16) id.ID { return world.NewID(p.world, k, bucket) }

// missing makes a store's "not found" the refusal of the same name, and any
// other failure of a read an unavailable service, worth trying again.
func missing(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return fault.New(fault.NotFound)
	}
	return fault.Wrap(fault.OutOfService, err)
}

// lead is how much earlier than its own clock a read asks whether something is
// overdue: only the database's clock decides, and it may be ahead of this node's.
const lead = 2 * time.Second

func (p *Platform) due(at time.Time) bool {
	return !at.IsZero() && !p.world.Clock.Now().Add(lead).Before(at)
}

// freshRequest gives a request as it is now: when it may be overdue, its end is
// committed before it is shown, so a read never guesses.
func (p *Platform) freshRequest(ctx context.Context, r payment.Request) (payment.Request, error) {
	if r.Status.Final() || !p.due(r.ExpiresAt) {
		return r, nil
	}
	if err := p.expire(ctx, r.ID, ""); err != nil {
		return r, err
	}
	fresh, err := p.read.Request(ctx, r.ID)
	return fresh, missing(err)
}

// freshPayment does the same for a payment.
func (p *Platform) freshPayment(ctx context.Context, pay payment.Payment) (payment.Payment, error) {
	if pay.Status.Final() || !p.due(pay.ExpiresAt) {
		return pay, nil
	}
	if err := p.expire(ctx, pay.Request, pay.ID); err != nil {
		return pay, err
	}
	fresh, err := p.read.Payment(ctx, pay.ID)
	return fresh, missing(err)
}

// expire ends what is overdue of a request; a payment that is named is looked at too.
func (p *Platform) expire(ctx context.Context, request, pay id.ID) error {
	_, err := p.engine.Do(ctx, &command{
		need: store.Need{Request: request, Payment: pay, Live: true},
		act:  payment.Expire{},
	})
	return err
}

// Expire ends what is overdue of a request, for the job that watches the clock.
func (p *Platform) Expire(ctx context.Context, request id.ID) error {
	return p.expire(ctx, request, "")
}
