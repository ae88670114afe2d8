package flow

import (
	"context"
	"strconv"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
)

// The actions on keys of merchants, PSPs and tills.
const (
	ActIssueKey   = "key.issue"
	ActRollKey    = "key.roll"
	ActRevokeKey  = "key.revoke"
	ActPairTill   = "till.pair"
	ActEndSession = "till_session.end"
)

// KeyBody is the body of key.issue. The secret was made when it was proposed and shown to the proposer alone; it works
// from the approval on.
type KeyBody struct {
	Owner     id.ID     `json:"owner"`
	Till      id.ID     `json:"till,omitempty"`
	Store     id.ID     `json:"store,omitempty"`
	Name      string    `json:"name"`
	Scopes    string    `json:"scopes"`
	Networks  string    `json:"networks"`
	ExpiresAt wire.Time `json:"expires_at"`
	Hash      string    `json:"hash"`
	Hint      string    `json:"hint"`
}

// RollBody is the body of key.roll, whose target is the old key.
type RollBody struct {
	OverlapSeconds int64  `json:"overlap_seconds"`
	Hash           string `json:"hash"`
	Hint           string `json:"hint"`
}

// PairBody is the body of till.pair: the digest of the code.
type PairBody struct {
	Hash string `json:"hash"`
}

func (s *Proposals) registerKeys() {
	Register(s, Kind[KeyBody]{Name: ActIssueKey, Plan: planKey, Write: writeKey})
	Register(s, Kind[RollBody]{Name: ActRollKey, Plan: planRoll, Write: writeRoll})
	Register(s, Kind[NoBody]{Name: ActRevokeKey, AtOnce: true, Plan: planEnd(keyEnded, "revoked_at"), Write: writeEnd((*Registry).RevokeKey)})
	Register(s, Kind[PairBody]{Name: ActPairTill, Plan: planPair, Write: writePair})
	Register(s, Kind[NoBody]{Name: ActEndSession, AtOnce: true, Plan: planEnd(sessionEnded, "ended_at"), Write: writeEndSession})
}

// AskKey asks for a key. The secret is shown now and works when the proposal is done.
func (s *Proposals) AskKey(ctx context.Context, by proposal.Person, k store.Key, reason string) (p proposal.Proposal, secret string, err error) {
	prefix, err := s.registry.prefixOf(ctx, k.Owner, k.Till)
	if err != nil {
		return p, "", err
	}
	if secret, err = s.registry.newSecret(prefix); err != nil {
		return p, "", err
	}
	body := KeyBody{k.Owner, k.Till, k.Store, k.Name, k.Scopes, k.Networks, wire.At(k.ExpiresAt), seal.HashKey(secret), hintOf(secret)}
	p, err = s.Ask(ctx, Ask{By: by, Action: ActIssueKey, Target: k.Owner, Body: body, Reason: reason})
	return p, secret, err
}

// AskRoll asks for a successor of a key, whose secret is shown now and works when the proposal is done.
func (s *Proposals) AskRoll(ctx context.Context, by proposal.Person, key id.ID, overlap time.Duration, reason string) (p proposal.Proposal, secret string, err error) {
	old, err := s.registry.keyOf(ctx, "", key)
	if err != nil {
		return p, "", err
	}
	prefix, err := s.registry.prefixOf(ctx, old.Owner, old.Till)
	if err != nil {
		return p, "", err
	}
	if secret, err = s.registry.newSecret(prefix); err != nil {
		return p, "", err
	}
	body := RollBody{int64(overlap / time.Second), seal.HashKey(secret), hintOf(secret)}
	p, err = s.Ask(ctx, Ask{By: by, Action: ActRollKey, Target: key, Body: body, Reason: reason})
	return p, secret, err
}

// AskPairing asks for a code that pairs a till. The code is shown now and works for ten minutes from when the proposal is done.
func (s *Proposals) AskPairing(ctx context.Context, by proposal.Person, till id.ID, reason string) (p proposal.Proposal, code string, err error) {
	if code, err = s.registry.newCode(); err != nil {
		return p, "", err
	}
	p, err = s.Ask(ctx, Ask{By: by, Action: ActPairTill, Target: till, Body: PairBody{hashCode(code)}, Reason: reason})
	return p, code, err
}

func hintOf(secret string) string { return secret[len(secret)-4:] }

func (b KeyBody) key() store.Key {
	return store.Key{Owner: b.Owner, Till: b.Till, Store: b.Store, Name: b.Name, Scopes: b.Scopes, Networks: b.Networks, ExpiresAt: b.ExpiresAt.Time, Hash: b.Hash, Hint: b.Hint}
}

func planKey(ctx context.Context, r *Registry, target id.ID, b *KeyBody) ([]proposal.Line, error) {
	k := b.key()
	if _, err := r.prefixOf(ctx, k.Owner, k.Till); err != nil {
		return nil, err
	}
	if err := r.narrow(ctx, &k, true); err != nil {
		return nil, err
	}
	if b.Networks = k.Networks; k.Owner.Kind() == id.Merchant {
		b.Scopes = k.Scopes // Those of PSPs are not asked for; narrow writes them and takes none.
	}
	return keyLines(k), nil
}

// keyLines describe a new key.
func keyLines(k store.Key) []proposal.Line {
	lines := []proposal.Line{newLine("owner", string(k.Owner)), newLine("name", k.Name), newLine("hint", "…"+k.Hint), newLine("till", string(k.Till)),
		newLine("store", string(k.Store)), newLine("networks", k.Networks), {Name: "expires_at", After: timeText(k.ExpiresAt), As: proposal.Moment}}
	if k.Owner.Kind() == id.Merchant {
		lines = append(lines, newLine("scopes", k.Scopes))
	}
	return filled(lines)
}

// filled leaves out lines that say nothing.
func filled(lines []proposal.Line) (out []proposal.Line) {
	for _, l := range lines {
		if l.Before != "" || l.After != "" {
			out = append(out, l)
		}
	}
	return out
}

// timeText writes a time for a line; none is "".
func timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func writeKey(ctx context.Context, r *Registry, p proposal.Proposal, b KeyBody) (string, error) {
	k := b.key()
	k.MadeBy = p.ProposedBy.ID
	made, err := r.issue(ctx, k)
	if err != nil {
		return "", err
	}
	return string(made.ID), r.noteKey(ctx, EventKeyMade, made, reach{})
}

func planRoll(ctx context.Context, r *Registry, target id.ID, b *RollBody) ([]proposal.Line, error) {
	old, err := r.keyOf(ctx, "", target)
	if err != nil {
		return nil, err
	}
	if err := r.rollable(old, time.Duration(b.OverlapSeconds)*time.Second); err != nil {
		return nil, err
	}
	return []proposal.Line{newLine("owner", string(old.Owner)), newLine("name", old.Name), {Name: "hint", Before: "…" + old.Hint, After: "…" + b.Hint},
		newLine("overlap_seconds", strconv.FormatInt(b.OverlapSeconds, 10))}, nil
}

func writeRoll(ctx context.Context, r *Registry, p proposal.Proposal, b RollBody) (string, error) {
	old, err := r.keyOf(ctx, "", p.Target)
	if err != nil {
		return "", err
	}
	var made store.Key
	err = r.alone(ctx, func(ctx context.Context, in *Registry) (err error) {
		made, err = in.roll(ctx, p.Target, time.Duration(b.OverlapSeconds)*time.Second, store.Key{Hash: b.Hash, Hint: b.Hint, MadeBy: p.ProposedBy.ID})
		if err != nil {
			return err
		}
		return in.noteKey(ctx, EventKeyRolled, made, reach{})
	}, old.Owner)
	return string(made.ID), err
}

// planEnd is the plan of ending something: of what it was, and that it worked until now.
func planEnd(look func(context.Context, *Registry, id.ID) (owner, name string, ended time.Time, err error), word string) func(context.Context, *Registry, id.ID, *NoBody) ([]proposal.Line, error) {
	return func(ctx context.Context, r *Registry, target id.ID, _ *NoBody) ([]proposal.Line, error) {
		owner, name, at, err := look(ctx, r, target)
		if err != nil {
			return nil, missing(err)
		}
		after := timeText(at)
		if at.IsZero() {
			after = timeText(r.world.Clock.Now())
		}
		return filled([]proposal.Line{newLine("owner", owner), newLine("name", name), {Name: word, Before: timeText(at), After: after, As: proposal.Moment}}), nil
	}
}

func keyEnded(ctx context.Context, r *Registry, target id.ID) (string, string, time.Time, error) {
	k, err := r.desk.Keys().Get(ctx, target)
	return string(k.Owner), k.Name + " …" + k.Hint, k.RevokedAt, err
}

func sessionEnded(ctx context.Context, r *Registry, target id.ID) (string, string, time.Time, error) {
	t, err := r.desk.TillSessions().Get(ctx, target)
	return string(t.Merchant), string(t.Till), t.EndedAt, err
}

// writeEnd makes a write of a method of the registry that ends something.
func writeEnd[T any](end func(*Registry, context.Context, id.ID) (T, error)) writeNothingMore {
	return func(ctx context.Context, r *Registry, p proposal.Proposal, _ NoBody) (string, error) {
		_, err := end(r, ctx, p.Target)
		return "", err
	}
}

func writeEndSession(ctx context.Context, r *Registry, p proposal.Proposal, _ NoBody) (string, error) {
	_, err := r.EndSession(ctx, "", p.Target)
	return "", err
}

func planPair(ctx context.Context, r *Registry, target id.ID, _ *PairBody) ([]proposal.Line, error) {
	t, err := r.Till(ctx, target)
	if err != nil {
		return nil, err
	}
	return []proposal.Line{newLine("owner", string(t.Merchant)), newLine("till", string(t.ID)), newLine("name", t.Name)}, nil
}

func writePair(ctx context.Context, r *Registry, p proposal.Proposal, b PairBody) (string, error) {
	t, err := r.Till(ctx, p.Target)
	if err != nil {
		return "", err
	}
	if b.Hash == "" {
		return "", fault.New(fault.InternalError)
	}
	made, err := r.addPairing(ctx, t, b.Hash)
	return string(made.ID), err
}
