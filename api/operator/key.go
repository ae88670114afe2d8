package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

type newKey struct{ Body NewKey }

type keyFilter struct {
	Page
	Owner string `query:"owner_id" doc:"Of one merchant or PSP"`
}

// keyOut shows a key without its secret, which nobody has.
func keyOut(s store.Key) Key {
	return Key{ID: string(s.ID), OwnerID: string(s.Owner), TillID: string(s.Till), Name: s.Name, Hint: s.Hint,
		CreatedAt: wire.At(s.CreatedAt), RevokedAt: wire.At(s.RevokedAt)}
}

func (k *Desk) mountKeys(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/keys", ID: "create-key", Status: http.StatusCreated, Summary: "Give a key to a merchant or a PSP",
		Text:  "The secret is in this answer only.",
		Codes: []fault.Code{fault.NotFound}, Body: `{"owner_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "name": "Web shop"}`,
		Shows: gate.Shown{"name": "Web shop", "secret": "sk_SHOWN-ONCE"},
	}, k.createKey)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/keys", ID: "list-keys", Summary: "List keys", Text: "Without their secrets.",
	}, func(ctx context.Context, in *keyFilter) (*answer[List[Key]], error) {
		return listed(ctx, k.Registry.Desk().Keys(), in.Owner, in.Page, keyOut, func(s store.Key) id.ID { return s.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/keys/{id}/revoke", ID: "revoke-key", Summary: "End a key",
		Text:  "It stops working at once on this node and within seconds on all.",
		Shows: gate.Shown{"revoked_at": gate.SampleEnd},
	}, k.revokeKey)
}

func (k *Desk) createKey(ctx context.Context, in *newKey) (*answer[Key], error) {
	issued, secret, err := k.Registry.IssueKey(ctx, id.ID(in.Body.OwnerID), id.ID(in.Body.TillID), in.Body.Name)
	if err != nil {
		return nil, err
	}
	out := keyOut(issued)
	out.Secret = secret
	return &answer[Key]{out}, nil
}

func (k *Desk) revokeKey(ctx context.Context, in *Named) (*answer[Key], error) {
	i, err := identify(id.Key, in.ID)
	if err != nil {
		return nil, err
	}
	revoked, err := k.Registry.RevokeKey(ctx, i)
	return shown(revoked, err, keyOut)
}
