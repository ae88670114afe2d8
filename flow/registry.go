package flow

import (
	"context"
	"errors"
	"sync"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
	"tolom/world"
)

// believe is how long a merchant's or PSP's record is used without looking again.
// It bounds how long a suspension takes to work on every node.
const believe = 2 * time.Second

// Registry keeps who there is: participants, merchants, their places and tills,
// PSPs, keys, operators. Reads of merchants, places, tills and PSPs are remembered briefly.
type Registry struct {
	desk      store.Desk
	revisions *store.Revisions
	gate      *access.Gate
	world     world.World

	mu     sync.Mutex
	cached map[id.ID]cached
}

type cached struct {
	record   any
	until    time.Time // believed without a question
	revision int64     // of the desk before the record was read; unknown: none
}

// unknown is no revision of a desk.
const unknown = -1

// NewRegistry makes a registry; the gate forgets keys that the registry revokes.
func NewRegistry(desk store.Desk, gate *access.Gate, w world.World) *Registry {
	return &Registry{desk: desk, revisions: store.NewRevisions(desk), gate: gate, world: w, cached: map[id.ID]cached{}}
}

// remembered reads a record through the memory.
func remembered[T any](ctx context.Context, r *Registry, shelf store.Shelf[T], want id.ID) (T, error) {
	return recalled(ctx, r, want, func(ctx context.Context) (T, error) { return shelf.Get(ctx, want) })
}

// recalled reads through the memory what goes under a name. What is older than
// believe still holds while nothing at all has changed in the desk; changes are
// rare, and payments of many merchants would else read each of them all the time.
func recalled[T any](ctx context.Context, r *Registry, want id.ID, get func(context.Context) (T, error)) (T, error) {
	now := r.world.Clock.Now()
	r.mu.Lock()
	c, ok := r.cached[want]
	r.mu.Unlock()
	// An id of another kind, as a caller may send it, is remembered as another record.
	record, fits := c.record.(T)
	if ok = ok && fits; ok && now.Before(c.until) {
		return record, nil
	}
	revision, known := r.revisions.Known(ctx, now, believe)
	if ok && known && revision == c.revision {
		return record, nil
	}
	if !known {
		revision = unknown
	}
	record, err := get(ctx)
	if err != nil {
		return record, missing(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cached) > 100_000 {
		clear(r.cached)
	}
	r.cached[want] = cached{record, now.Add(believe), revision}
	return record, nil
}

// put writes a record and forgets the remembered one.
func put[T any](ctx context.Context, r *Registry, shelf store.Shelf[T], of id.ID, record T) error {
	if err := shelf.Put(ctx, record); err != nil {
		return written(err)
	}
	r.forget(of)
	return nil
}

func (r *Registry) forget(name id.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.cached, name)
}

func (r *Registry) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.cached)
	r.revisions.Forget()
}

// written makes a taken name the caller's mistake, and any other failure of a
// write an unavailable service, worth trying again.
func written(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrTaken):
		return fault.Wrap(fault.InvalidRequest, err).Because("the name is taken")
	}
	return fault.Wrap(fault.OutOfService, err)
}

// whose makes a record of another owner as absent as one that does not exist,
// and names the field that asked for it.
func whose(err error, owner, want id.ID, param string) error {
	if err == nil && owner != want {
		err = fault.New(fault.NotFound)
	}
	if fault.Has(err, fault.NotFound) {
		return fault.New(fault.NotFound).On(param)
	}
	return err
}

// Merchant gives a merchant; not_found.
func (r *Registry) Merchant(ctx context.Context, merchant id.ID) (store.Merchant, error) {
	return remembered(ctx, r, r.desk.Merchants(), merchant)
}

// Store gives a merchant's place; not_found.
func (r *Registry) Store(ctx context.Context, place id.ID) (store.Place, error) {
	return remembered(ctx, r, r.desk.Stores(), place)
}

// Till gives a till; not_found.
func (r *Registry) Till(ctx context.Context, till id.ID) (store.Till, error) {
	return remembered(ctx, r, r.desk.Tills(), till)
}

// PSP gives a payment solution; not_found.
func (r *Registry) PSP(ctx context.Context, psp id.ID) (store.PSP, error) {
	return remembered(ctx, r, r.desk.PSPs(), psp)
}

// Desk gives the lists behind the registry, for the operator's pages.
func (r *Registry) Desk() store.Desk { return r.desk }

// bucket picks a random shard for a new owner.
func (r *Registry) bucket() uint16 {
	return world.NewID(r.world, id.Batch, 0).RandomBucket()
}

func (r *Registry) newID(k id.Kind, bucket uint16) id.ID { return world.NewID(r.world, k, bucket) }

func (r *Registry) random32() (out [32]byte, err error) {
	_, err = r.world.Entropy.Read(out[:])
	return out, err
}
