package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tolom/client"
)

// proposalsCmd proposes, reads and decides over the operator API.
type proposalsCmd struct {
	URL   string `name:"url" env:"TOLOM_URL" default:"http://127.0.0.1:8080" help:"Address of the platform."`
	Token string `env:"TOLOM_TOKEN" help:"Token of your session, as POST /operator/v1/session gives it; better in the environment than on the command line."`

	List     proposalListCmd     `cmd:"" help:"List proposals, the newest first."`
	Show     proposalShowCmd     `cmd:"" help:"Show a proposal, what it changes and its digest."`
	Ask      proposalAskCmd      `cmd:"" help:"Send a call of the operator API that changes something; it waits for a second person where four eyes are on."`
	Approve  proposalApproveCmd  `cmd:"" help:"Approve what another person has proposed."`
	Reject   proposalRejectCmd   `cmd:"" help:"Reject what another person has proposed."`
	Withdraw proposalWithdrawCmd `cmd:"" help:"Take your own proposal back."`
}

// desk speaks for who has the token.
func (c *proposalsCmd) desk() (*client.Operator, error) {
	if c.Token == "" {
		return nil, errors.New("give the token of your session in TOLOM_TOKEN: POST /operator/v1/session gives one for login, password and code")
	}
	return client.New(c.URL, c.Token).Operator(), nil
}

type proposalListCmd struct {
	Status string `enum:",proposed,approved,done,failed,rejected,withdrawn,expired" default:"" help:"Of one status."`
	Limit  int    `default:"20" help:"How many at most, up to 100."`
}

// Run prints a line for each.
func (c *proposalListCmd) Run(ctx context.Context, all *commands, std *stdio) error {
	desk, err := all.Proposals.desk()
	if err != nil {
		return err
	}
	list, err := desk.Proposals(ctx, c.Status, "", c.Limit)
	for _, p := range list.Data {
		fmt.Fprintf(std.Out, "%s  %-9s  %s  %s  by %s\n", p.ID, p.Status, p.Action, p.Target, p.ProposedBy.Name)
	}
	return err
}

type proposalShowCmd struct {
	ID string `arg:"" help:"prop_…"`
}

// Run prints what it changes.
func (c *proposalShowCmd) Run(ctx context.Context, all *commands, std *stdio) error {
	desk, err := all.Proposals.desk()
	if err != nil {
		return err
	}
	p, err := desk.Proposal(ctx, c.ID)
	return showProposal(std.Out, p, err)
}

type proposalAskCmd struct {
	Method string `arg:"" enum:"POST,PUT" help:"POST or PUT."`
	Path   string `arg:"" help:"Such as /operator/v1/merchants/mer_…/limits."`
	Body   string `arg:"" optional:"" help:"JSON."`
}

// Run sends it, and prints the proposal or the answer.
func (c *proposalAskCmd) Run(ctx context.Context, all *commands, std *stdio) error {
	desk, err := all.Proposals.desk()
	if err != nil {
		return err
	}
	var body any
	if c.Body != "" {
		if !json.Valid([]byte(c.Body)) {
			return errors.New("the body is not JSON")
		}
		body = json.RawMessage(c.Body)
	}
	asked, err := desk.Ask(ctx, c.Method, c.Path, body)
	if err != nil {
		return err
	}
	if asked.Waits != nil {
		return showProposal(std.Out, *asked.Waits, nil)
	}
	_, err = fmt.Fprintf(std.Out, "%s\n", asked.Done)
	return err
}

type proposalApproveCmd struct {
	ID     string `arg:"" help:"prop_…"`
	Digest string `arg:"" help:"The digest that show printed: exactly that is approved."`
}

// Run approves.
func (c *proposalApproveCmd) Run(ctx context.Context, all *commands, std *stdio) error {
	desk, err := all.Proposals.desk()
	if err != nil {
		return err
	}
	p, err := desk.Approve(ctx, c.ID, c.Digest)
	return showProposal(std.Out, p, err)
}

type proposalRejectCmd struct {
	ID     string `arg:"" help:"prop_…"`
	Reason string `help:"Why."`
}

// Run rejects.
func (c *proposalRejectCmd) Run(ctx context.Context, all *commands, std *stdio) error {
	desk, err := all.Proposals.desk()
	if err != nil {
		return err
	}
	p, err := desk.Reject(ctx, c.ID, c.Reason)
	return showProposal(std.Out, p, err)
}

type proposalWithdrawCmd struct {
	ID     string `arg:"" help:"prop_…"`
	Reason string `help:"Why."`
}

// Run takes it back.
func (c *proposalWithdrawCmd) Run(ctx context.Context, all *commands, std *stdio) error {
	desk, err := all.Proposals.desk()
	if err != nil {
		return err
	}
	p, err := desk.Withdraw(ctx, c.ID, c.Reason)
	return showProposal(std.Out, p, err)
}

// showProposal prints a proposal for people.
func showProposal(out io.Writer, p client.Proposal, err error) error {
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s  %s\n%s %s, by %s\n", p.ID, p.Status, p.Action, p.Target, p.ProposedBy.Name)
	for _, l := range p.Summary {
		fmt.Fprintf(out, "  %s: %q -> %q\n", l.Name, l.Before, l.After)
	}
	for name, text := range map[string]string{"reason": p.Reason, "decided by": p.DecidedBy.Name, "outcome": p.Outcome, "secret, shown once": p.Secret, "code, shown once": p.Code} {
		if text != "" {
			fmt.Fprintf(out, "%s: %s\n", name, text)
		}
	}
	_, err = fmt.Fprintf(out, "digest: %s\n", p.Digest)
	return err
}
