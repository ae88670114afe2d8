package flow

import (
	"context"
	"slices"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// mostOverlap is how long a key may go on working after it was rolled.
const mostOverlap = 90 * 24 * time.Hour

// IssueKey makes a key of a merchant or a PSP that may do everything. The secret is shown once: only
// its digest is kept. A till narrows a merchant's key to that till.
func (r *Registry) IssueKey(ctx context.Context, owner, till id.ID, name string) (store.Key, string, error) {
	return r.Issue(ctx, store.Key{Owner: owner, Till: till, Name: name})
}

// Issue makes a key as the record describes it: of Owner, Till, Store, Name, Scopes, Networks and ExpiresAt. A
// merchant's key without scopes gets all of them. Refused: invalid_request, not_found.
func (r *Registry) Issue(ctx context.Context, k store.Key) (store.Key, string, error) {
	prefix, err := r.prefixOf(ctx, k.Owner, k.Till)
	if err != nil {
		return store.Key{}, "", err
	}
	secret, err := r.newSecret(prefix)
	if err != nil {
		return store.Key{}, "", err
	}
	k.Hash, k.Hint = seal.HashKey(secret), hintOf(secret)
	k, err = r.issue(ctx, k)
	return k, secret, err
}

func (r *Registry) newSecret(prefix string) (string, error) {
	random, err := r.random32()
	if err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	return seal.NewKey(prefix, random), nil
}

// issue makes a key whose secret somebody has: Hash and Hint are of it.
func (r *Registry) issue(ctx context.Context, k store.Key) (store.Key, error) {
	if err := r.narrow(ctx, &k, true); err != nil {
		return store.Key{}, err
	}
	k.ID, k.CreatedAt = r.newID(id.Key, k.Owner.Bucket()), r.world.Clock.Now()
	return k, put(ctx, r, r.desk.Keys(), k.ID, k)
}

// narrow checks what a new key is held to, and writes it in one way. whole says that a key without scopes has all.
func (r *Registry) narrow(ctx context.Context, k *store.Key, whole bool) error {
	if !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(r.world.Clock.Now()) {
		return fault.New(fault.InvalidRequest).On("expires_at").Because("expires_at must lie ahead")
	}
	if k.Owner.Kind() == id.PSP {
		if k.Scopes+k.Networks+string(k.Store) != "" {
			return fault.New(fault.InvalidRequest).On("owner_id").Because("scopes, networks and stores are of merchants' keys")
		}
		k.Scopes = access.AllScopes.String() // As the keys of before have; PSPs are not asked for them.
		return nil
	}
	if k.Store != "" {
		place, err := r.Store(ctx, k.Store)
		if err := whose(err, place.Merchant, k.Owner, "store_id"); err != nil {
			return err
		}
		if k.Till != "" {
			return fault.New(fault.InvalidRequest).On("store_id").Because("a key of a till needs no store")
		}
	}
	list, err := access.ParseNetworks(strings.Fields(k.Networks))
	if err != nil {
		return fault.Wrap(fault.InvalidRequest, err).On("networks").Because(err.Error())
	}
	var texts []string
	for _, p := range list {
		texts = append(texts, p.String())
	}
	k.Networks = strings.Join(texts, " ")
	return scoped(k, whole)
}

// scoped checks the scopes of a merchant's key; none are all, of a whole one.
func scoped(k *store.Key, whole bool) error {
	for word := range strings.FieldsSeq(k.Scopes) {
		if !slices.Contains(access.Given, access.Scope(word)) {
			return fault.New(fault.InvalidRequest).On("scopes").Because("scopes are read, request, refund and report")
		}
	}
	if k.Scopes = access.ParseScopes(k.Scopes).String(); k.Scopes == "" && whole {
		k.Scopes = access.AllScopes.String()
	}
	return nil
}

// RollKey gives a key a successor that may do the same, and lets the old one work for the overlap. A key is rolled
// once, so two work at a time. owner narrows it to that owner's keys; empty: anybody's. Refused: not_found,
// invalid_request.
func (r *Registry) RollKey(ctx context.Context, owner, key id.ID, overlap time.Duration) (store.Key, string, error) {
	old, err := r.keyOf(ctx, owner, key)
	if err != nil {
		return old, "", err
	}
	prefix, err := r.prefixOf(ctx, old.Owner, old.Till)
	if err != nil {
		return old, "", err
	}
	secret, err := r.newSecret(prefix)
	if err != nil {
		return old, "", err
	}
	var made store.Key
	err = r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) (err error) {
		made, err = in.roll(ctx, key, overlap, store.Key{Hash: seal.HashKey(secret), Hint: hintOf(secret)})
		return err
	}, old.Owner)
	return made, secret, err
}

// rollable refuses to roll a key that has ended or was rolled.
func (r *Registry) rollable(old store.Key, overlap time.Duration) error {
	switch {
	case overlap < 0 || overlap > mostOverlap:
		return fault.New(fault.InvalidRequest).On("overlap_seconds").Because("overlap_seconds is 0 to 7776000, ninety days")
	case !old.RevokedAt.IsZero() || !old.ExpiresAt.IsZero() && !r.world.Clock.Now().Before(old.ExpiresAt):
		return fault.New(fault.InvalidRequest).Because("the key has ended: make another one")
	case old.ReplacedBy != "":
		return fault.New(fault.InvalidRequest).Because("the key was rolled already: roll its successor " + string(old.ReplacedBy))
	}
	return nil
}

// roll gives a key a successor whose secret somebody has: with Hash, Hint and MadeBy of next.
func (r *Registry) roll(ctx context.Context, key id.ID, overlap time.Duration, next store.Key) (store.Key, error) {
	old, err := r.keyOf(ctx, "", key)
	if err != nil {
		return old, err
	}
	if err := r.rollable(old, overlap); err != nil {
		return old, err
	}
	if old.Owner.Kind() == id.PSP {
		old.Scopes = "" // They are not asked for, and given anew.
	}
	made, err := r.issue(ctx, store.Key{Owner: old.Owner, Store: old.Store, Till: old.Till, Name: old.Name, Scopes: old.Scopes, Networks: old.Networks,
		ExpiresAt: old.ExpiresAt, Hash: next.Hash, Hint: next.Hint, MadeBy: next.MadeBy})
	if err != nil {
		return made, err
	}
	old.ReplacedBy, old.Scopes = made.ID, made.Scopes
	if end := r.world.Clock.Now().Add(overlap); old.ExpiresAt.IsZero() || end.Before(old.ExpiresAt) {
		old.ExpiresAt = end
	}
	return made, put(ctx, r, r.desk.Keys(), old.ID, old)
}

// keyOf reads a key of an owner, or of anybody when the owner is empty; another's is not found.
func (r *Registry) keyOf(ctx context.Context, owner, key id.ID) (store.Key, error) {
	k, err := r.desk.Keys().Get(ctx, key)
	if err == nil && owner != "" && k.Owner != owner {
		err = store.ErrNotFound
	}
	return k, missing(err)
}

// Keys lists an owner's keys by id, when they were last used, and whether there are more.
func (r *Registry) Keys(ctx context.Context, owner, after id.ID, limit int) (rows []store.Key, used map[id.ID]time.Time, more bool, err error) {
	if rows, err = r.desk.Keys().List(ctx, owner, after, limit+1); err != nil {
		return nil, nil, false, missing(err)
	}
	rows, more = page(rows, limit)
	var ids []id.ID
	for _, k := range rows {
		ids = append(ids, k.ID)
	}
	used, err = r.desk.Uses(ctx, ids)
	return rows, used, more, missing(err)
}

func (r *Registry) prefixOf(ctx context.Context, owner, till id.ID) (string, error) {
	switch owner.Kind() {
	case id.Merchant:
		if _, err := r.Merchant(ctx, owner); err != nil {
			return "", err
		}
		if till == "" {
			return seal.MerchantKey, nil
		}
		t, err := r.Till(ctx, till)
		return seal.MerchantKey, whose(err, t.Merchant, owner, "till_id")
	case id.PSP:
		_, err := r.PSP(ctx, owner)
		return seal.PSPKey, err
	}
	return "", fault.New(fault.NotFound).On("owner_id").Because("keys are issued to merchants and PSPs")
}

// RevokeKey ends a key: at once on this node, within seconds on the others.
func (r *Registry) RevokeKey(ctx context.Context, key id.ID) (store.Key, error) {
	k, err := r.keyOf(ctx, "", key)
	if err != nil {
		return k, err
	}
	err = r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) (err error) {
		if k, err = in.keyOf(ctx, "", key); err != nil || !k.RevokedAt.IsZero() {
			return err
		}
		return in.revoke(ctx, &k, reach{})
	}, k.Owner)
	return k, err
}

// revoke ends a key that was read alone, and writes it down.
func (r *Registry) revoke(ctx context.Context, k *store.Key, by reach) error {
	k.RevokedAt = r.world.Clock.Now()
	if err := put(ctx, r, r.desk.Keys(), k.ID, *k); err != nil {
		return err
	}
	return r.noteKey(ctx, EventKeyEnded, *k, by)
}
