package operator

import (
	"cmp"
	"context"
	"net/http"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/proposal"
	"tolom/store"
	"tolom/wire"
)

// Actor is who did something, with the name they had then.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Change is one line of what a proposal changes.
type Change struct {
	Name   string `json:"name" doc:"What changes, such as daily"`
	Before string `json:"before" doc:"As it was when it was proposed"`
	After  string `json:"after"`
	As     string `json:"as" doc:"How to read both: empty for text, amount (tyiyn), rate (hundredths of a percent), time, truth"`
}

// ProposalEvent is one thing that happened to a proposal.
type ProposalEvent struct {
	Number int64     `json:"number" doc:"From 1, without gaps"`
	At     wire.Time `json:"at"`
	Kind   string    `json:"kind" doc:"proposed, approved, rejected, withdrawn, expired, done or failed"`
	By     Actor     `json:"by" doc:"Empty for what the platform does by itself"`
	Note   string    `json:"note"`
	Digest string    `json:"digest" doc:"Of the proposal at that time"`
}

// Proposal is what one person wants done and another approves.
type Proposal struct {
	ID         string    `json:"id"`
	Action     string    `json:"action" doc:"What kind of thing is done, such as limits.set"`
	Target     string    `json:"target" doc:"Whom or what it concerns"`
	Body       string    `json:"body" doc:"What exactly is done, as canonical JSON"`
	Summary    []Change  `json:"summary"`
	Reason     string    `json:"reason"`
	Status     string    `json:"status" doc:"proposed, approved (and not carried out yet), done, rejected, withdrawn, expired or failed"`
	AtOnce     bool      `json:"at_once" doc:"One person was enough"`
	Digest     string    `json:"digest" doc:"Of all that an approver decides on; give it back to approve exactly this"`
	ProposedBy Actor     `json:"proposed_by"`
	ProposedAt wire.Time `json:"proposed_at"`
	ExpiresAt  wire.Time `json:"expires_at"`
	DecidedBy  Actor     `json:"decided_by"`
	DecidedAt  wire.Time `json:"decided_at"`
	EndedAt    wire.Time `json:"ended_at"`
	Outcome    string    `json:"outcome" doc:"The id of what was made, or why it failed"`

	Secret string          `json:"secret,omitempty" doc:"Of a key that was asked for: shown once, to who asked; works when the proposal is done"`
	Code   string          `json:"code,omitempty" doc:"Of a pairing that was asked for: shown once, to who asked; works for ten minutes from when the proposal is done"`
	Events []ProposalEvent `json:"events,omitempty" doc:"What happened to it, in order; in the answer about one proposal"`
}

func actorOut(p proposal.Person) Actor { return Actor{string(p.ID), p.Name} }

// ProposalOut is a proposal as the API shows it.
func ProposalOut(p proposal.Proposal) Proposal {
	out := Proposal{ID: string(p.ID), Action: p.Action, Target: string(p.Target), Body: p.Body, Summary: []Change{}, Reason: p.Reason, Status: string(p.Status),
		AtOnce: p.AtOnce, Digest: p.Digest(), ProposedBy: actorOut(p.ProposedBy), ProposedAt: wire.At(p.ProposedAt), ExpiresAt: wire.At(p.ExpiresAt),
		DecidedBy: actorOut(p.DecidedBy), DecidedAt: wire.At(p.DecidedAt), EndedAt: wire.At(p.EndedAt), Outcome: p.Outcome}
	for _, l := range p.Summary {
		out.Summary = append(out.Summary, Change{l.Name, l.Before, l.After, string(l.As)})
	}
	return out
}

// Because is why somebody asks for something, for who approves it.
type Because struct {
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the second person and the records"`
}

// Waits is the 202 of operations that a second person must approve, for their descriptions.
var Waits = &gate.Waiting{Body: Proposal{}, Shows: gate.Shown{"status": "proposed"}}

// waitsWith is Waits with what the proposer is shown once.
func waitsWith(name, value string) *gate.Waiting {
	return &gate.Waiting{Body: Proposal{}, Shows: gate.Shown{"status": "proposed", "action": "key.issue", name: value}}
}

// about is the input of actions on one object that need no body.
type about struct {
	Named
	Because
}

// read answers with a record as it is now.
func read[R, T any](ctx context.Context, shelf store.Shelf[R], name id.ID, render func(R) T) (*answer[T], error) {
	record, err := shelf.Get(ctx, name)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	return &answer[T]{render(record)}, nil
}

// Who gives the person that calls, for the records.
func Who(ctx context.Context) proposal.Person {
	p := gate.Who[access.Person](ctx)
	return proposal.Person{ID: p.ID, Name: cmp.Or(p.Name, p.Login)}
}

// Asked gives nil when what was asked for is done, so that the caller can be shown its result, and otherwise what to
// answer: a refusal, or the proposal that waits.
func Asked(p proposal.Proposal, err error) error {
	return askedWith(p, err, func(*Proposal) {})
}

// askedWith is Asked for what shows something once.
func askedWith(p proposal.Proposal, err error, show func(*Proposal)) error {
	if err != nil || p.Status == proposal.Done {
		return err
	}
	out := ProposalOut(p)
	show(&out)
	return &gate.Accepted{Body: out}
}

// ask has something done to an object, or proposes it.
func (k *Desk) ask(ctx context.Context, action string, target id.ID, body any, why string) error {
	return Asked(k.Proposals.Ask(ctx, flow.Ask{By: Who(ctx), Action: action, Target: target, Body: body, Reason: why}))
}

type proposalFilter struct {
	Page
	Status string `query:"status" enum:"proposed,approved,done,failed,rejected,withdrawn,expired" doc:"Of one status"`
	Target string `query:"target" doc:"About one merchant, PSP, key or other object"`
}

type approval struct {
	Named
	Body Approval
}

// Approval is the body of POST …/approve.
type Approval struct {
	Digest string `json:"digest" doc:"The digest of the proposal as you have read it"`
}

type closing struct {
	Named
	Body Closing
}

// Closing is the body of POST …/reject and …/withdraw.
type Closing struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

var proposalCodes = []fault.Code{fault.ProposalEnded, fault.ProposalOwn}

func (k *Desk) mountProposals(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/proposals", ID: "list-proposals", Summary: "List proposals, the newest first",
		Text: "Also what one person was enough for: all that was done to money, keys and limits, and by whom.",
	}, k.listProposals)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/proposals/{id}", ID: "get-proposal", Summary: "Show a proposal and what happened to it",
	}, k.getProposal)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/proposals/{id}/approve", ID: "approve-proposal", Summary: "Approve what another person has proposed",
		Text: "It is carried out at once. The answer says what came of it: done, failed with the reason in outcome, or approved when it could not be carried out now; " +
			"then it is tried again. Repeating the call does nothing more. Nobody approves their own.",
		Right: access.Approve,
		Codes: append([]fault.Code{fault.ProposalStale, fault.ProposalChanged}, proposalCodes...),
		Body:  `{"digest": "9b86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}`,
		Shows: gate.Shown{"status": "done", "decided_at": gate.SampleEnd, "ended_at": gate.SampleEnd},
	}, func(ctx context.Context, in *approval) (*answer[Proposal], error) {
		return decided(in.ID, func(i id.ID) (proposal.Proposal, error) { return k.Proposals.Approve(ctx, Who(ctx), i, in.Body.Digest) })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/proposals/{id}/reject", ID: "reject-proposal", Summary: "Reject what another person has proposed", Right: access.Approve,
		Codes: proposalCodes, Body: `{"reason": "The limit is too high"}`, Shows: gate.Shown{"status": "rejected", "decided_at": gate.SampleEnd, "ended_at": gate.SampleEnd},
	}, func(ctx context.Context, in *closing) (*answer[Proposal], error) {
		return decided(in.ID, func(i id.ID) (proposal.Proposal, error) { return k.Proposals.Reject(ctx, Who(ctx), i, in.Body.Reason) })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/proposals/{id}/withdraw", ID: "withdraw-proposal", Summary: "Take your own proposal back",
		Codes: proposalCodes, Body: `{"reason": "A slip of the hand"}`, Shows: gate.Shown{"status": "withdrawn", "decided_at": gate.SampleEnd, "ended_at": gate.SampleEnd},
	}, func(ctx context.Context, in *closing) (*answer[Proposal], error) {
		return decided(in.ID, func(i id.ID) (proposal.Proposal, error) {
			return k.Proposals.Withdraw(ctx, Who(ctx), i, in.Body.Reason)
		})
	})
}

func (k *Desk) listProposals(ctx context.Context, in *proposalFilter) (*answer[List[Proposal]], error) {
	rows, more, err := k.Proposals.List(ctx, store.ProposalFilter{Status: proposal.Status(in.Status), Target: id.ID(in.Target), Before: id.ID(in.After), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := List[Proposal]{Data: []Proposal{}, HasMore: more}
	for _, p := range rows {
		out.Data = append(out.Data, ProposalOut(p))
	}
	if more {
		out.After = out.Data[len(out.Data)-1].ID
	}
	return &answer[List[Proposal]]{out}, nil
}

func (k *Desk) getProposal(ctx context.Context, in *Named) (*answer[Proposal], error) {
	i, err := identify(id.Proposal, in.ID)
	if err != nil {
		return nil, err
	}
	p, events, err := k.Proposals.Proposal(ctx, i)
	if err != nil {
		return nil, err
	}
	out := ProposalOut(p)
	for _, e := range events {
		out.Events = append(out.Events, ProposalEvent{e.Number, wire.At(e.At), e.Kind, actorOut(e.By), e.Note, e.Digest})
	}
	return &answer[Proposal]{out}, nil
}

// decided answers with a proposal after a decision.
func decided(name string, decide func(id.ID) (proposal.Proposal, error)) (*answer[Proposal], error) {
	i, err := identify(id.Proposal, name)
	if err != nil {
		return nil, err
	}
	p, err := decide(i)
	return shown(p, err, ProposalOut)
}
