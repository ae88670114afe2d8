package merchant

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
	"tolom/store"
	"tolom/wire"
)

// KeyRoll is the body of POST /v1/keys/{id}/roll.
type KeyRoll struct {
	OverlapSeconds *int64 `json:"overlap_seconds" nullable:"false" minimum:"0" maximum:"7776000" doc:"How long the old key goes on working, at most ninety days"`
}

// RolledKey is the successor of a key.
type RolledKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret" doc:"Shown once; only its digest is kept"`
}

// NewOwnKey is the body of POST /v1/keys.
type NewOwnKey struct {
	Name      string   `json:"name" minLength:"1" maxLength:"100" doc:"To tell it from others"`
	Scopes    []string `json:"scopes" minItems:"1" enum:"read,request,refund,report" doc:"What it may do"`
	StoreID   string   `json:"store_id,omitempty" doc:"Of one store only"`
	TillID    string   `json:"till_id,omitempty" doc:"Of one till only"`
	Networks  []string `json:"networks,omitempty" doc:"Where it may come from, as 192.0.2.0/24; none: where the key that makes it may"`
	ExpiresAt string   `json:"expires_at,omitempty" format:"date-time" doc:"When it stops working; none: when the key that makes it does"`
}

// MadeOwnKey is a key that was just made.
type MadeOwnKey struct {
	OwnKey
	Secret string `json:"secret" doc:"Shown once; only its digest is kept"`
}

// EndedKey is a key that was revoked.
type EndedKey struct {
	ID        string    `json:"id"`
	RevokedAt wire.Time `json:"revoked_at"`
}

// TillPairing is a code by which a till is paired.
type TillPairing struct {
	ID        string    `json:"id"`
	TillID    string    `json:"till_id"`
	Code      string    `json:"code" doc:"Shown once. Eight letters and digits to type into the point of sale, good for one till once"`
	ExpiresAt wire.Time `json:"expires_at"`
}

// OwnKey is a key of the merchant, without its secret, which nobody has.
type OwnKey struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Hint       string    `json:"hint" doc:"Its last four characters"`
	StoreID    string    `json:"store_id" doc:"The store that the key is limited to"`
	TillID     string    `json:"till_id" doc:"The till that the key is limited to"`
	Scopes     []string  `json:"scopes"`
	Networks   []string  `json:"networks" doc:"Where it may come from; empty: anywhere"`
	ReplacedBy string    `json:"replaced_by" doc:"The key that it was rolled to"`
	MadeBy     string    `json:"made_by" doc:"The person or the key that made it"`
	CreatedAt  wire.Time `json:"created_at"`
	ExpiresAt  wire.Time `json:"expires_at"`
	LastUsedAt wire.Time `json:"last_used_at" doc:"To the minute"`
	RevokedAt  wire.Time `json:"revoked_at"`
}

func (s *Shop) listKeys(ctx context.Context, in *Page) (*answer[wire.List[OwnKey]], error) {
	after, err := position("keys", in.After)
	if err != nil {
		return nil, err
	}
	rows, used, more, err := s.Platform.Registry().Keys(ctx, who(ctx).ID, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return listOf("keys", rows, more, func(k store.Key) OwnKey { return keyOut(k, used[k.ID]) }, func(k store.Key) id.ID { return k.ID }), nil
}

func keyOut(k store.Key, used time.Time) OwnKey {
	return OwnKey{ID: string(k.ID), Name: k.Name, Hint: k.Hint, StoreID: string(k.Store), TillID: string(k.Till), Scopes: access.ParseScopes(k.Scopes).List(),
		Networks: append([]string{}, strings.Fields(k.Networks)...), ReplacedBy: string(k.ReplacedBy), MadeBy: string(k.MadeBy), CreatedAt: wire.At(k.CreatedAt),
		ExpiresAt: wire.At(k.ExpiresAt), LastUsedAt: wire.At(used), RevokedAt: wire.At(k.RevokedAt)}
}

type newKey struct{ Body NewOwnKey }

func (s *Shop) makeKey(ctx context.Context, in *newKey) (*answer[MadeOwnKey], error) {
	b, ends := in.Body, time.Time{}
	if b.ExpiresAt != "" {
		var err error
		if ends, err = time.Parse(time.RFC3339, b.ExpiresAt); err != nil {
			return nil, fault.New(fault.InvalidRequest).On("expires_at").Because("expires_at is a time as in 2027-01-31T00:00:00Z")
		}
	}
	if len(b.Scopes) == 0 { // A key is not given everything by a slip of the hand.
		return nil, fault.New(fault.InvalidRequest).On("scopes").Because("say what the key may do: read, request, refund, report")
	}
	made, secret, err := s.Platform.Registry().MakeOwnKey(ctx, flow.KeyByKey{Who: who(ctx)}, store.Key{Name: b.Name, Store: id.ID(b.StoreID), Till: id.ID(b.TillID),
		Scopes: strings.Join(b.Scopes, " "), Networks: strings.Join(b.Networks, " "), ExpiresAt: ends})
	if err != nil {
		return nil, err
	}
	return &answer[MadeOwnKey]{MadeOwnKey{keyOut(made, time.Time{}), secret}}, nil
}

type roll struct {
	Named
	Body KeyRoll
}

func (s *Shop) mountTills(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/keys", ID: "list-own-keys", Scope: access.Owner, Summary: "List your keys", Text: "Oldest first, without their secrets.",
	}, s.listKeys)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/keys", ID: "make-own-key", Scope: access.Owner, Status: http.StatusCreated, Summary: "Make a key",
		Text: "A key gets no more than the one that makes it has: no other scopes, networks or stores, and no later end. The secret is in this answer only; " +
			"a repeated call makes another key. The owner is told of it in the list of what happened to access.",
		Codes: []fault.Code{fault.Forbidden, fault.NotFound},
		Body:  `{"name": "Web shop", "scopes": ["read", "request"], "networks": ["192.0.2.0/24"]}`,
		Shows: gate.Shown{"name": "Web shop", "secret": "sk_SHOWN-ONCE", "scopes": []string{"read", "request"}, "networks": []string{"192.0.2.0/24"}},
	}, s.makeKey)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/tills/{id}/pairings", ID: "make-till-pairing", Scope: access.Owner, Status: http.StatusCreated,
		Summary: "Make a code that pairs a till",
		Text: "Whoever types it at the point of sale within ten minutes opens the till with a key of its own, which can be revoked alone. " +
			"A code works once; a repeated call makes another one.",
		Shows: gate.Shown{"code": "SHOWN8ED"},
	}, s.pairTill)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/keys/{id}/roll", ID: "roll-own-key", Scope: access.Owner, Status: http.StatusCreated, Summary: "Replace a key of yours",
		Text: "Makes a key that may do the same, and lets the old one work for the overlap. The secret is in this answer only. A key is rolled once.",
		Body: `{"overlap_seconds": 86400}`, Shows: gate.Shown{"secret": "sk_SHOWN-ONCE"},
	}, s.rollKey)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/keys/{id}/revoke", ID: "revoke-own-key", Scope: access.Owner, Summary: "End a key of yours",
		Text: "It stops working at once on this node and within seconds on all, and what is signed in with it is signed out.", Shows: gate.Shown{"revoked_at": gate.SampleEnd},
	}, s.revokeKey)
}

// named reads the id of a path; text of another shape names nothing.
func named(k id.Kind, text string) (id.ID, error) {
	i, err := id.Parse(k, text)
	if err != nil {
		return "", fault.New(fault.NotFound)
	}
	return i, nil
}

func (s *Shop) pairTill(ctx context.Context, in *Named) (*answer[TillPairing], error) {
	i, err := named(id.Till, in.ID)
	if err != nil {
		return nil, err
	}
	p, code, err := s.Platform.Registry().AddPairing(ctx, who(ctx).ID, i)
	if err != nil {
		return nil, err
	}
	return &answer[TillPairing]{TillPairing{ID: string(p.ID), TillID: string(p.Till), Code: code, ExpiresAt: wire.At(p.ExpiresAt)}}, nil
}

func (s *Shop) rollKey(ctx context.Context, in *roll) (*answer[RolledKey], error) {
	i, err := named(id.Key, in.ID)
	if err != nil {
		return nil, err
	}
	seconds := in.Body.OverlapSeconds
	if seconds == nil { // A slip of the hand does not stop a till at once.
		return nil, fault.New(fault.InvalidRequest).On("overlap_seconds").Because("give the seconds for which the old key goes on working, or 0")
	}
	overlap := time.Duration(min(max(*seconds, -1), 1<<31)) * time.Second
	made, secret, err := s.Platform.Registry().RollOwnKey(ctx, flow.KeyByKey{Who: who(ctx)}, i, overlap)
	if err != nil {
		return nil, err
	}
	return &answer[RolledKey]{RolledKey{ID: string(made.ID), Secret: secret}}, nil
}

func (s *Shop) revokeKey(ctx context.Context, in *Named) (*answer[EndedKey], error) {
	i, err := named(id.Key, in.ID)
	if err != nil {
		return nil, err
	}
	k, err := s.Platform.Registry().EndOwnKey(ctx, flow.KeyByKey{Who: who(ctx)}, i)
	if err != nil {
		return nil, err
	}
	return &answer[EndedKey]{EndedKey{ID: string(k.ID), RevokedAt: wire.At(k.RevokedAt)}}, nil
}
