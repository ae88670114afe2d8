package access

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// PlatformKeys are the platform's own keys at a moment.
type PlatformKeys struct {
	Signing   seal.PrivateKey
	Published []seal.PublicKey // with the signing one
}

// Ring gives the platform's own keys and signs with them. Where they are kept is the source's business.
type Ring struct {
	source func(context.Context) (PlatformKeys, error)
	clock  world.Clock

	mu    sync.Mutex
	keys  PlatformKeys
	until time.Time
}

// NewRing makes a ring over a source, such as StoredKeys.
func NewRing(source func(context.Context) (PlatformKeys, error), clock world.Clock) *Ring {
	return &Ring{source: source, clock: clock}
}

// Keys gives the keys as they were seconds ago at most. When the source fails, those seen last are still used.
func (r *Ring) Keys(ctx context.Context) (PlatformKeys, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if now.Before(r.until) {
		return r.keys, nil
	}
	keys, err := r.source(ctx)
	if err != nil && len(r.keys.Published) == 0 {
		return keys, err
	}
	if err == nil {
		r.keys = keys
	}
	r.until = now.Add(remember)
	return r.keys, nil
}

// Sign signs an answer with the key that signs now.
func (r *Ring) Sign(ctx context.Context, a seal.Answer) (input, signature string, err error) {
	keys, err := r.Keys(ctx)
	if err != nil {
		return "", "", err
	}
	return seal.SignAnswer(keys.Signing, a, seal.Terms{Created: r.clock.Now(), KeyID: keys.Signing.Public().ID()})
}

// ErrNoPlatformKey says that there is no key to sign answers with.
var ErrNoPlatformKey = errors.New("access: the platform has no key to sign its answers with")

// StoredKeys is the source of keys that are kept in the database: of those whose time has come the youngest signs.
func StoredKeys(desk store.Desk, clock world.Clock) func(context.Context) (PlatformKeys, error) {
	return func(ctx context.Context) (out PlatformKeys, err error) {
		records, err := Published(ctx, desk)
		if err != nil {
			return out, err
		}
		signing := SigningOf(records, clock.Now())
		for _, record := range records {
			key, err := OpenKeys([]byte(record.Private))
			if err != nil {
				return out, fmt.Errorf("access: the platform's key %s: %w", record.ID, err)
			}
			out.Published = append(out.Published, key[0].Public())
			if record.ID == signing {
				out.Signing = key[0]
			}
		}
		if signing == "" {
			return out, ErrNoPlatformKey
		}
		return out, nil
	}
}

// Published gives the platform's keys that are not retired.
func Published(ctx context.Context, desk store.Desk) (out []store.PlatformKey, err error) {
	for after := id.ID(""); ; {
		page, err := desk.PlatformKeys().List(ctx, "", after, 100)
		if err != nil || len(page) == 0 {
			return out, err
		}
		after = page[len(page)-1].ID
		out = append(out, slices.DeleteFunc(page, func(k store.PlatformKey) bool { return !k.RetiredAt.IsZero() })...)
	}
}

// SigningOf says which of the keys signs at a moment; "" when none does.
func SigningOf(keys []store.PlatformKey, now time.Time) (signing id.ID) {
	var best store.PlatformKey
	for _, k := range keys {
		younger := cmp.Or(k.SignsFrom.Compare(best.SignsFrom), cmp.Compare(k.ID, best.ID)) > 0
		if k.RetiredAt.IsZero() && !now.Before(k.SignsFrom) && (best.ID == "" || younger) {
			best = k
		}
	}
	return best.ID
}

// FileKeys reads the keys of a file's text: the first signs, all are published.
func FileKeys(text []byte) (out PlatformKeys, err error) {
	keys, err := OpenKeys(text)
	if err != nil {
		return out, err
	}
	for _, k := range keys {
		out.Published = append(out.Published, k.Public())
	}
	out.Signing = keys[0]
	return out, nil
}

// OpenKeys reads private keys as they are kept at rest, in a file or in the database. It is the only place that does:
// what protects keys at rest belongs here and into KeepKey.
func OpenKeys(kept []byte) ([]seal.PrivateKey, error) {
	if bytes.HasPrefix(kept, []byte(sealedPrefix)) {
		return nil, ErrSealed // By whoever reads past the vault.
	}
	return seal.ParsePrivateKeys(kept)
}

// KeepKey writes a private key as it is kept at rest.
func KeepKey(k seal.PrivateKey) (kept string, err error) { return k.PEM() }
