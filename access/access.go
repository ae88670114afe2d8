// Package access says who is calling and whether the caller may. Programs come
// with keys, PSPs with signatures and certificates, staff with a password. It
// also holds the keys by which the platform itself proves who it is.
package access

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// Merchant is a caller on behalf of a merchant. A Till or a Store is set when the key reaches no further; May is what
// it may do there, which doors ask before they let it act.
type Merchant struct {
	ID, Till, Key id.ID
	Store         id.ID
	May           Scopes
}

// PSP is a caller on behalf of a payment solution.
type PSP struct{ ID, Key id.ID }

// remember is how long an answer of the database about a key is believed. It
// bounds how long a revoked key works on other nodes.
const remember = 5 * time.Second

// most keys are remembered at once; beyond it the memory starts afresh.
const most = 100_000

// Gate recognises callers.
type Gate struct {
	desk      store.Desk
	revisions *store.Revisions
	clock     world.Clock

	mu   sync.Mutex
	keys map[string]known

	signers recent[signer]
	pinned  recent[[]store.Certificate]
	nonces  spender

	sessions recent[tillSession]
	staff    recent[staffSession]
	hashing  chan struct{}
	// demanding says that staff must sign in with a second factor.
	demanding bool
	uses      uses
	guesses   guesses
	misses    misses
}

type known struct {
	key      store.Key
	until    time.Time // believed without a question
	revision int64     // of the desk before the key was read; -1 when it was not known
}

// New makes a gate over the reference data.
func New(desk store.Desk, clock world.Clock) *Gate {
	return &Gate{desk: desk, revisions: store.NewRevisions(desk), clock: clock, keys: map[string]known{}, nonces: spender{desk: desk},
		hashing: make(chan struct{}, mostHashing)}
}

// Merchant recognises a merchant's key, sk_…, of a caller whose address is not known; unauthorized otherwise.
func (g *Gate) Merchant(ctx context.Context, key string) (Merchant, error) {
	return g.MerchantFrom(ctx, key, netip.Addr{})
}

// MerchantFrom recognises a merchant's key, sk_…; unauthorized otherwise, and forbidden from a network that the key
// may not come from.
func (g *Gate) MerchantFrom(ctx context.Context, key string, from netip.Addr) (Merchant, error) {
	k, err := g.key(ctx, key, seal.MerchantKey)
	if err != nil || k.Owner.Kind() != id.Merchant {
		return Merchant{}, refused(err)
	}
	return g.welcome(k, from)
}

// welcome makes the caller of a key that works, notes the use, and holds it to the key's networks.
func (g *Gate) welcome(k store.Key, from netip.Addr) (Merchant, error) {
	if !comesFrom(k.Networks, from) {
		return Merchant{}, fault.New(fault.Forbidden).Because("the key may not be used from this network")
	}
	g.uses.note(k.ID, g.clock.Now())
	return Merchant{ID: k.Owner, Till: k.Till, Key: k.ID, Store: k.Store, May: ParseScopes(k.Scopes)}, nil
}

// PSP recognises a PSP's key, psk_…; unauthorized otherwise.
func (g *Gate) PSP(ctx context.Context, key string) (PSP, error) {
	k, err := g.key(ctx, key, seal.PSPKey)
	if err != nil || k.Owner.Kind() != id.PSP {
		return PSP{}, refused(err)
	}
	return PSP{ID: k.Owner, Key: k.ID}, nil
}

// Still says that the key with which a caller came works now, for what lasts longer than a call; unauthorized when it was
// revoked or has expired. It asks the database.
func (g *Gate) Still(ctx context.Context, who Merchant) error {
	k, err := g.desk.Keys().Get(ctx, who.Key)
	if err == nil && !works(k, g.clock.Now()) {
		err = store.ErrNotFound
	}
	if err != nil {
		return refused(err)
	}
	return nil
}

// refused makes any failure to recognise a caller the same refusal, except that
// a database that does not answer is not the caller's mistake.
func refused(err error) error {
	if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, seal.ErrKey) {
		return fault.Wrap(fault.OutOfService, err)
	}
	return fault.New(fault.Unauthorized).Because("send a key that works as Authorization: Bearer …")
}

// key finds a key that has not been revoked, from memory when it was seen lately.
func (g *Gate) key(ctx context.Context, text, prefix string) (store.Key, error) {
	if _, err := seal.ParseKey(text, prefix); err != nil {
		return store.Key{}, seal.ErrKey
	}
	hash, now := seal.HashKey(text), g.clock.Now()
	k, ok := g.recall(ctx, hash, now)
	if !ok {
		revision, sure := g.revisions.Known(ctx, now, remember)
		if !sure {
			revision = -1
		}
		var err error
		if k, err = g.desk.KeyByHash(ctx, hash); err != nil {
			return store.Key{}, err
		}
		g.keep(hash, known{k, now.Add(remember), revision})
	}
	if !works(k, now) {
		return store.Key{}, store.ErrNotFound
	}
	return k, nil
}

// Works says that a key is neither revoked nor expired at a moment.
func Works(k store.Key, now time.Time) bool { return works(k, now) }

func works(k store.Key, now time.Time) bool {
	return (k.RevokedAt.IsZero() || now.Before(k.RevokedAt)) && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// recall gives a key that was seen lately, or before and nothing has changed in the
// desk since.
func (g *Gate) recall(ctx context.Context, hash string, now time.Time) (store.Key, bool) {
	g.mu.Lock()
	k, ok := g.keys[hash]
	g.mu.Unlock()
	if !ok || now.Before(k.until) {
		return k.key, ok
	}
	revision, sure := g.revisions.Known(ctx, now, remember)
	return k.key, sure && revision == k.revision
}

func (g *Gate) keep(hash string, k known) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.keys) >= most {
		clear(g.keys)
	}
	g.keys[hash] = k
}

// Forget drops what is remembered, so that a revocation works on this node at once.
func (g *Gate) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.keys)
	g.revisions.Forget()
	g.signers.clear()
	g.pinned.clear()
	g.sessions.clear()
	g.staff.clear()
}
