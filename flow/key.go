package flow

import (
	"context"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

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
