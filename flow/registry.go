package flow

import (
	"context"
	"sync"
	"time"

	"tolom/access"
	"tolom/elqr"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/tariff"
	"tolom/world"
)

// believe is how long a merchant's or PSP's record is used without looking again.
// It bounds how long a suspension takes to work on every node.
const believe = 2 * time.Second

// Registry keeps who there is: participants, merchants, their places and tills,
// PSPs, keys, operators. Reads of merchants, places, tills and PSPs are remembered briefly.
type Registry struct {
	desk  store.Desk
	gate  *access.Gate
	world world.World

	mu     sync.Mutex
	cached map[id.ID]cached
}

type cached struct {
	record any
	until  time.Time
}

// NewRegistry makes a registry; the gate forgets keys that the registry revokes.
func NewRegistry(desk store.Desk, gate *access.Gate, w world.World) *Registry {
	return &Registry{desk: desk, gate: gate, world: w, cached: map[id.ID]cached{}}
}

// remembered reads a record through the memory.
func remembered[T any](ctx context.Context, r *Registry, shelf store.Shelf[T], want id.ID) (T, error) {
	now := r.world.Clock.Now()
	r.mu.Lock()
	c, ok := r.cached[want]
	r.mu.Unlock()
	if ok && now.Before(c.until) {
		return c.record.(T), nil
	}
	record, err := shelf.Get(ctx, want)
	if err != nil {
		return record, missing(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cached) > 100_000 {
		clear(r.cached)
	}
	r.cached[want] = cached{record, now.Add(believe)}
	return record, nil
}

// put writes a record and forgets the remembered one.
func put[T any](ctx context.Context, r *Registry, shelf store.Shelf[T], of id.ID, record T) error {
	if err := shelf.Put(ctx, record); err != nil {
		return written(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.cached, of)
	return nil
}

func written(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(fault.OutOfService, err)
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

// bucket picks a random shard for a new owner.
func (r *Registry) bucket() uint16 {
	return world.NewID(r.world, id.Batch, 0).RandomBucket()
}

func (r *Registry) newID(k id.Kind, bucket uint16) id.ID { return world.NewID(r.world, k, bucket) }

func (r *Registry) random32() (out [32]byte, err error) {
	_, err = r.world.Entropy.Read(out[:])
	return out, err
}

// AddParticipant registers a bank or another institution that settles.
func (r *Registry) AddParticipant(ctx context.Context, p store.Participant) (store.Participant, error) {
	if err := named("name", p.Name, 100); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt = r.newID(id.Participant, r.bucket()), r.world.Clock.Now()
	return p, put(ctx, r, r.desk.Participants(), p.ID, p)
}

// AddMerchant registers a merchant. NameLatin is made from Name when it is empty.
func (r *Registry) AddMerchant(ctx context.Context, m store.Merchant) (store.Merchant, error) {
	if err := named("name", m.Name, 100); err != nil {
		return m, err
	}
	if len(m.MCC) != 4 || !digits(m.MCC) {
		return m, fault.New(fault.InvalidRequest).On("mcc").Because("mcc is the four digits of ISO 18245")
	}
	if err := m.Tariff.Check(); err != nil {
		return m, fault.Wrap(fault.InvalidRequest, err).On("tariff").Because(err.Error())
	}
	if m.NameLatin == "" {
		m.NameLatin = elqr.Transliterate(m.Name)
	}
	if _, err := payload(m, id.New(id.Request, r.world.Clock.Now(), 0, id.Random{}), "probe.example", draftOf(m)); err != nil {
		return m, fault.Wrap(fault.InvalidRequest, err).On("name").Because("the name cannot be written into a QR code: " + err.Error())
	}
	m.ID, m.CreatedAt = r.newID(id.Merchant, r.bucket()), r.world.Clock.Now()
	return m, put(ctx, r, r.desk.Merchants(), m.ID, m)
}

// AddStore registers a place of a merchant.
func (r *Registry) AddStore(ctx context.Context, s store.Place) (store.Place, error) {
	if err := named("name", s.Name, 100); err != nil {
		return s, err
	}
	if _, err := r.Merchant(ctx, s.Merchant); err != nil {
		return s, err
	}
	s.ID, s.CreatedAt = r.newID(id.Store, s.Merchant.Bucket()), r.world.Clock.Now()
	return s, put(ctx, r, r.desk.Stores(), s.ID, s)
}

// AddTill registers a till in a store of the same merchant.
func (r *Registry) AddTill(ctx context.Context, t store.Till) (store.Till, error) {
	if err := named("name", t.Name, 100); err != nil {
		return t, err
	}
	place, err := r.Store(ctx, t.Store)
	if err != nil || place.Merchant != t.Merchant {
		return t, fault.New(fault.NotFound).On("store_id")
	}
	t.ID, t.CreatedAt = r.newID(id.Till, t.Merchant.Bucket()), r.world.Clock.Now()
	return t, put(ctx, r, r.desk.Tills(), t.ID, t)
}

// AddPSP registers a payment solution.
func (r *Registry) AddPSP(ctx context.Context, p store.PSP) (store.PSP, error) {
	if err := named("name", p.Name, 100); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt = r.newID(id.PSP, r.bucket()), r.world.Clock.Now()
	return p, put(ctx, r, r.desk.PSPs(), p.ID, p)
}

// IssueKey makes a key of a merchant or a PSP. The secret is shown once: only
// its digest is kept. A till narrows a merchant's key to that till.
func (r *Registry) IssueKey(ctx context.Context, owner, till id.ID, name string) (store.Key, string, error) {
	prefix, err := r.prefixOf(ctx, owner, till)
	if err != nil {
		return store.Key{}, "", err
	}
	random, err := r.random32()
	if err != nil {
		return store.Key{}, "", fault.Wrap(fault.InternalError, err)
	}
	secret := seal.NewKey(prefix, random)
	k := store.Key{ID: r.newID(id.Key, owner.Bucket()), Owner: owner, Till: till, Hash: seal.HashKey(secret),
		Hint: secret[len(secret)-4:], Name: name, CreatedAt: r.world.Clock.Now()}
	return k, secret, put(ctx, r, r.desk.Keys(), k.ID, k)
}

func (r *Registry) prefixOf(ctx context.Context, owner, till id.ID) (string, error) {
	switch owner.Kind() {
	case id.Merchant:
		if _, err := r.Merchant(ctx, owner); err != nil {
			return "", err
		}
		if t, err := r.Till(ctx, till); till != "" && (err != nil || t.Merchant != owner) {
			return "", fault.New(fault.NotFound).On("till_id")
		}
		return seal.MerchantKey, nil
	case id.PSP:
		_, err := r.PSP(ctx, owner)
		return seal.PSPKey, err
	}
	return "", fault.New(fault.NotFound).On("owner_id").Because("keys are issued to merchants and PSPs")
}

// RevokeKey ends a key: at once on this node, within seconds on the others.
func (r *Registry) RevokeKey(ctx context.Context, key id.ID) (store.Key, error) {
	k, err := r.desk.Keys().Get(ctx, key)
	if err != nil {
		return k, missing(err)
	}
	if k.RevokedAt.IsZero() {
		k.RevokedAt = r.world.Clock.Now()
		if err := put(ctx, r, r.desk.Keys(), k.ID, k); err != nil {
			return k, err
		}
	}
	r.gate.Forget()
	return k, nil
}

// SuspendMerchant stops a merchant from being paid, or lets it be paid again.
func (r *Registry) SuspendMerchant(ctx context.Context, merchant id.ID, suspended bool) (store.Merchant, error) {
	return r.changeMerchant(ctx, merchant, func(m *store.Merchant) { m.Suspended = suspended })
}

// SetTariff gives a merchant another tariff, for payments created from now on.
func (r *Registry) SetTariff(ctx context.Context, merchant id.ID, t tariff.Tariff) (store.Merchant, error) {
	if err := t.Check(); err != nil {
		return store.Merchant{}, fault.Wrap(fault.InvalidRequest, err).On("tariff").Because(err.Error())
	}
	return r.changeMerchant(ctx, merchant, func(m *store.Merchant) { m.Tariff = t })
}

func (r *Registry) changeMerchant(ctx context.Context, merchant id.ID, change func(*store.Merchant)) (store.Merchant, error) {
	m, err := r.desk.Merchants().Get(ctx, merchant)
	if err != nil {
		return m, missing(err)
	}
	change(&m)
	return m, put(ctx, r, r.desk.Merchants(), m.ID, m)
}

// SuspendPSP stops a payment solution from starting payments, or lets it again.
func (r *Registry) SuspendPSP(ctx context.Context, psp id.ID, suspended bool) (store.PSP, error) {
	p, err := r.desk.PSPs().Get(ctx, psp)
	if err != nil {
		return p, missing(err)
	}
	p.Suspended = suspended
	return p, put(ctx, r, r.desk.PSPs(), p.ID, p)
}

// AddOperator registers staff of the centre; the password needs twelve characters.
func (r *Registry) AddOperator(ctx context.Context, login, password string) (store.Operator, error) {
	if err := named("login", login, 64); err != nil {
		return store.Operator{}, err
	}
	if len([]rune(password)) < 12 {
		return store.Operator{}, fault.New(fault.InvalidRequest).On("password").Because("a password has at least 12 characters")
	}
	random, err := r.random32()
	if err != nil {
		return store.Operator{}, fault.Wrap(fault.InternalError, err)
	}
	o := store.Operator{ID: r.newID(id.Operator, 0), Login: login, PasswordHash: access.HashPassword(password, [16]byte(random[:16])), CreatedAt: r.world.Clock.Now()}
	return o, put(ctx, r, r.desk.Operators(), o.ID, o)
}

// Desk gives the lists behind the registry, for the operator's pages.
func (r *Registry) Desk() store.Desk { return r.desk }
