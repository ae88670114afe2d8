package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

func sessionOut(s store.TillSession) Session {
	return Session{ID: string(s.ID), MerchantID: string(s.Merchant), TillID: string(s.Till), KeyID: string(s.Key),
		CreatedAt: wire.At(s.CreatedAt), ExpiresAt: wire.At(s.ExpiresAt), EndedAt: wire.At(s.EndedAt)}
}

func (k *Desk) mountTillAccess(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/tills/{id}/pairings", ID: "pair-till", Status: http.StatusCreated, Summary: "Make a code that pairs a till",
		Text:  "Whoever types it at the point of sale within ten minutes opens the till with a key of its own, which can be revoked alone. A code works once.",
		Shows: gate.Shown{"code": "SHOWN8ED"}, Waits: waitsWith("code", "SHOWN8ED"),
	}, k.pairTill)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/till-sessions", ID: "list-till-sessions", Summary: "List who is signed in to points of sale",
		Text: "Those that have ended too.",
	}, func(ctx context.Context, in *owned) (*answer[List[Session]], error) {
		desk := k.Registry.Desk()
		page, err := listed(ctx, desk.TillSessions(), in.Owner, in.Page, sessionOut, func(s store.TillSession) id.ID { return s.ID })
		return used(ctx, desk, page, err, func(s *Session) (string, *wire.Time) { return s.ID, &s.LastUsedAt })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/till-sessions/{id}/end", ID: "end-till-session", Summary: "Sign a point of sale out",
		Text:  "At once on this node and within seconds on all. Revoke its key to keep the till from coming back.",
		Shows: gate.Shown{"ended_at": gate.SampleEnd},
	}, k.endSession)
}

func (k *Desk) pairTill(ctx context.Context, in *about) (*answer[Pairing], error) {
	i, err := identify(id.Till, in.ID)
	if err != nil {
		return nil, err
	}
	asked, code, err := k.Proposals.AskPairing(ctx, Who(ctx), i, in.Reason)
	if err := askedWith(asked, err, func(out *Proposal) { out.Code = code }); err != nil {
		return nil, err
	}
	p, err := k.Registry.Desk().Pairings().Get(ctx, id.ID(asked.Outcome))
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	return &answer[Pairing]{Pairing{ID: string(p.ID), TillID: string(p.Till), Code: code, ExpiresAt: wire.At(p.ExpiresAt)}}, nil
}

func (k *Desk) endSession(ctx context.Context, in *about) (*answer[Session], error) {
	i, err := identify(id.TillSession, in.ID)
	if err != nil {
		return nil, err
	}
	if err := k.ask(ctx, flow.ActEndSession, i, flow.NoBody{}, in.Reason); err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().TillSessions(), i, sessionOut)
}
