package operator

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/proposal"
	"tolom/store"
	"tolom/wire"
)

type newKey struct {
	Because
	Body NewKey
}

type keyFilter struct {
	Page
	Owner string `query:"owner_id" doc:"Of one merchant or PSP"`
}

// keyOut shows a key without its secret, which nobody has.
func keyOut(s store.Key) Key {
	out := Key{ID: string(s.ID), OwnerID: string(s.Owner), TillID: string(s.Till), StoreID: string(s.Store), Name: s.Name, Hint: s.Hint,
		Scopes: []string{}, Networks: append([]string{}, strings.Fields(s.Networks)...), ReplacedBy: string(s.ReplacedBy),
		CreatedAt: wire.At(s.CreatedAt), ExpiresAt: wire.At(s.ExpiresAt), RevokedAt: wire.At(s.RevokedAt)}
	if s.Owner.Kind() == id.Merchant {
		out.Scopes = access.ParseScopes(s.Scopes).List()
	}
	return out
}

// used adds to a page when each of its records was last used.
func used[T any](ctx context.Context, desk store.Desk, page *answer[List[T]], err error, of func(*T) (string, *wire.Time)) (*answer[List[T]], error) {
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for i := range page.Body.Data {
		name, _ := of(&page.Body.Data[i])
		ids = append(ids, id.ID(name))
	}
	at, err := desk.Uses(ctx, ids)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	for i := range page.Body.Data {
		name, field := of(&page.Body.Data[i])
		*field = wire.At(at[id.ID(name)])
	}
	return page, nil
}

func (k *Desk) mountKeys(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/keys", ID: "create-key", Status: http.StatusCreated, Summary: "Give a key to a merchant or a PSP",
		Text:  "The secret is in this answer only.",
		Codes: []fault.Code{fault.NotFound},
		Body:  `{"owner_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "name": "Web shop", "scopes": ["read", "request"], "networks": ["192.0.2.0/24"]}`,
		Shows: gate.Shown{"name": "Web shop", "secret": "sk_SHOWN-ONCE", "scopes": []string{"read", "request"}, "networks": []string{"192.0.2.0/24"}},
		Waits: waitsWith("secret", "sk_SHOWN-ONCE"),
	}, k.createKey)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/keys", ID: "list-keys", Summary: "List keys", Text: "Without their secrets.",
	}, func(ctx context.Context, in *keyFilter) (*answer[List[Key]], error) {
		desk := k.Registry.Desk()
		page, err := listed(ctx, desk.Keys(), in.Owner, in.Page, keyOut, func(s store.Key) id.ID { return s.ID })
		return used(ctx, desk, page, err, func(k *Key) (string, *wire.Time) { return k.ID, &k.LastUsedAt })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/keys/{id}/revoke", ID: "revoke-key", Summary: "End a key",
		Text:  "It stops working at once on this node and within seconds on all.",
		Shows: gate.Shown{"revoked_at": gate.SampleEnd},
	}, k.revokeKey)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/keys/{id}/roll", ID: "roll-key", Status: http.StatusCreated, Summary: "Replace a key",
		Text: "Makes a key that may do the same, and lets the old one work for the overlap. The secret is in this answer only. A key is rolled once.",
		Body: `{"overlap_seconds": 86400}`, Shows: gate.Shown{"secret": "sk_SHOWN-ONCE"},
		Waits: waitsWith("secret", "sk_SHOWN-ONCE"),
	}, k.rollKey)
}

type roll struct {
	Named
	Because
	Body Roll
}

func (k *Desk) rollKey(ctx context.Context, in *roll) (*answer[Key], error) {
	i, err := identify(id.Key, in.ID)
	if err != nil {
		return nil, err
	}
	seconds := in.Body.OverlapSeconds
	if seconds == nil { // A slip of the hand does not stop a shop at once.
		return nil, fault.New(fault.InvalidRequest).On("overlap_seconds").Because("give the seconds for which the old key goes on working, or 0")
	}
	overlap := time.Duration(min(max(*seconds, -1), 1<<31)) * time.Second
	p, secret, err := k.Proposals.AskRoll(ctx, Who(ctx), i, overlap, in.Reason)
	return k.newSecret(ctx, p, secret, err)
}

// newSecret answers with the key that a proposal has made, or with the proposal that waits; with the secret in both.
func (k *Desk) newSecret(ctx context.Context, p proposal.Proposal, secret string, err error) (*answer[Key], error) {
	if err := askedWith(p, err, func(out *Proposal) { out.Secret = secret }); err != nil {
		return nil, err
	}
	made, err := k.Registry.Desk().Keys().Get(ctx, id.ID(p.Outcome))
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	out := keyOut(made)
	out.Secret = secret
	return &answer[Key]{out}, nil
}

func (k *Desk) createKey(ctx context.Context, in *newKey) (*answer[Key], error) {
	b, ends := in.Body, time.Time{}
	if b.ExpiresAt != "" {
		var err error
		if ends, err = time.Parse(time.RFC3339, b.ExpiresAt); err != nil {
			return nil, fault.New(fault.InvalidRequest).On("expires_at").Because("expires_at is a time as in 2027-01-31T00:00:00Z")
		}
	}
	p, secret, err := k.Proposals.AskKey(ctx, Who(ctx), store.Key{Owner: id.ID(b.OwnerID), Till: id.ID(b.TillID), Store: id.ID(b.StoreID), Name: b.Name,
		Scopes: strings.Join(b.Scopes, " "), Networks: strings.Join(b.Networks, " "), ExpiresAt: ends}, in.Reason)
	return k.newSecret(ctx, p, secret, err)
}

func (k *Desk) revokeKey(ctx context.Context, in *about) (*answer[Key], error) {
	i, err := identify(id.Key, in.ID)
	if err != nil {
		return nil, err
	}
	if err := k.ask(ctx, flow.ActRevokeKey, i, flow.NoBody{}, in.Reason); err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().Keys(), i, keyOut)
}
