package client

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tolom/wire"
)

// Operator speaks the operator API for a member of staff. The client's key is the token of a session, which
// POST /operator/v1/session gives. Each method sends its call once.
type Operator struct{ client *Client }

// Operator gives the operator API.
func (c *Client) Operator() *Operator { return &Operator{c} }

// Actor is who did something, with the name they had then.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Change is one line of what a proposal changes. As says how to read both values: "" for text, amount (tyiyn), rate
// (hundredths of a percent), time, truth.
type Change struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
	As     string `json:"as"`
}

// ProposalEvent is one thing that happened to a proposal.
type ProposalEvent struct {
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	By     Actor     `json:"by"`
	Note   string    `json:"note"`
	Digest string    `json:"digest"`
}

// Proposal is what one person wants done and another approves. Status is proposed, approved (and not carried out yet),
// done, rejected, withdrawn, expired or failed. Secret and Code are in the answer to who asked, once.
type Proposal struct {
	ID         string          `json:"id"`
	Action     string          `json:"action"`
	Target     string          `json:"target"`
	Body       string          `json:"body"`
	Summary    []Change        `json:"summary"`
	Reason     string          `json:"reason"`
	Status     string          `json:"status"`
	Digest     string          `json:"digest"`
	ProposedBy Actor           `json:"proposed_by"`
	ExpiresAt  time.Time       `json:"expires_at"`
	DecidedBy  Actor           `json:"decided_by"`
	Outcome    string          `json:"outcome"`
	Secret     string          `json:"secret"`
	Code       string          `json:"code"`
	Events     []ProposalEvent `json:"events"`
}

// Asked is what became of a call that may have to wait for a second person: either Waits, or Done with the answer.
type Asked struct {
	Waits *Proposal
	Done  json.RawMessage
}

// Ask sends any call of the operator API that changes something, such as PUT /operator/v1/merchants/{id}/limits. With
// four eyes on it comes back as a proposal that waits.
func (o *Operator) Ask(ctx context.Context, method, path string, body any) (Asked, error) {
	what := call{method: method, path: path, body: body}
	got, err := single[json.RawMessage](ctx, o.client, what)
	if err != nil {
		return Asked{}, err
	}
	var p Proposal
	if json.Unmarshal(got, &p) == nil && p.Digest != "" && p.Action != "" {
		return Asked{Waits: &p}, nil
	}
	return Asked{Done: got}, nil
}

// Proposals lists proposals, the newest first; status and after may be "".
func (o *Operator) Proposals(ctx context.Context, status, after string, limit int) (wire.List[Proposal], error) {
	return single[wire.List[Proposal]](ctx, o.client, get("/operator/v1/proposals", "status", status, "after", after, "limit", strconv.Itoa(limit)))
}

// Proposal reads one proposal with what happened to it.
func (o *Operator) Proposal(ctx context.Context, name string) (Proposal, error) {
	return single[Proposal](ctx, o.client, get(path("/operator/v1/proposals/%s", name)))
}

// Approve approves what another person has proposed. digest is of the proposal that was read: nothing else is approved.
func (o *Operator) Approve(ctx context.Context, name, digest string) (Proposal, error) {
	return single[Proposal](ctx, o.client, post(path("/operator/v1/proposals/%s/approve", name), map[string]string{"digest": digest}))
}

// Reject ends what another person has proposed.
func (o *Operator) Reject(ctx context.Context, name, reason string) (Proposal, error) {
	return single[Proposal](ctx, o.client, post(path("/operator/v1/proposals/%s/reject", name), map[string]string{"reason": reason}))
}

// Withdraw takes one's own proposal back.
func (o *Operator) Withdraw(ctx context.Context, name, reason string) (Proposal, error) {
	return single[Proposal](ctx, o.client, post(path("/operator/v1/proposals/%s/withdraw", name), map[string]string{"reason": reason}))
}
