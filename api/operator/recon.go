package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/recon"
	"tolom/store"
	"tolom/wire"
)

type runFilter struct {
	Page
	PSP string `query:"psp_id" doc:"Of one PSP"`
}

type caseFilter struct {
	Page
	PSP    string `query:"psp_id" doc:"Of one PSP"`
	Status string `query:"status" enum:"open,explained,proposed,fixed,closed"`
	Class  string `query:"class" enum:"expected,mismatched,agreed"`
}

type newComment struct {
	Named
	Body wire.NewComment
}

type newFix struct {
	Named
	Body NewFix
}

// NewFix is the body of POST /operator/v1/cases/{id}/fix.
type NewFix struct {
	Amount int64  `json:"amount" doc:"Tyiyn. Above zero the PSP owes more after it and suspense holds it; below zero the other way round"`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

func (k *Desk) mountRecon(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/reconciliations", ID: "list-reconciliations", Summary: "List comparisons of books with PSPs", Text: "Newest first.",
	}, k.listRuns)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/cases", ID: "list-operator-cases", Summary: "List differences between the books", Text: "Newest first, without their history.",
		Query: "status=open&class=mismatched",
	}, k.listCases)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/cases/{id}", ID: "get-operator-case", Summary: "Read a difference with its history",
	}, k.getCase)
	talk := func(path, name, summary, text string, say func(context.Context, *newComment) (store.ReconCase, []store.CaseNote, error), codes ...fault.Code) {
		gate.Add(d, gate.Route{
			Method: http.MethodPost, Path: "/operator/v1/cases/{id}/" + path, ID: name, Summary: summary, Text: text, Codes: codes,
			Body: `{"comment": "The bank's batch of that night ran twice."}`,
		}, func(ctx context.Context, in *newComment) (*answer[wire.ReconCase], error) {
			c, notes, err := say(ctx, in)
			if err != nil {
				return nil, err
			}
			return &answer[wire.ReconCase]{flow.WireCase(c, notes)}, nil
		})
	}
	talk("comments", "comment-operator-case", "Say something to a difference", "The PSP sees it.", func(ctx context.Context, in *newComment) (store.ReconCase, []store.CaseNote, error) {
		return k.Recon.Comment(ctx, flow.CaseSide{Person: Who(ctx)}, in.ID, in.Body.Comment)
	})
	talk("explain", "explain-case", "Write why a difference is so", "It stays until a comparison no longer shows it. The PSP sees the words.",
		func(ctx context.Context, in *newComment) (store.ReconCase, []store.CaseNote, error) {
			return k.Recon.Explain(ctx, Who(ctx), in.ID, in.Body.Comment)
		}, fault.CaseNotOpen)
	talk("close", "close-case", "Close a difference by hand", "It moves no money. The PSP sees the words.",
		func(ctx context.Context, in *newComment) (store.ReconCase, []store.CaseNote, error) {
			return k.Recon.CloseCase(ctx, Who(ctx), in.ID, in.Body.Comment)
		}, fault.CaseNotOpen)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/cases/{id}/fix", ID: "fix-case", Summary: "Move a difference into suspense, or out of it",
		Text:  "One ledger entry between the PSP's clearing account and suspense, once, after a second person has approved it. Suspense never holds more of a case than its shift.",
		Codes: []fault.Code{fault.CaseNotOpen, fault.AmountInvalid}, Body: `{"amount": 150000, "reason": "Booked by the bank alone; it looks for the payer"}`,
		Waits: waitsWith("action", flow.FixAction),
	}, k.fixCase)
}

func (k *Desk) listRuns(ctx context.Context, in *runFilter) (*answer[wire.List[wire.ReconRun]], error) {
	list, err := k.Recon.RunList(ctx, id.ID(in.PSP), in.After, in.Limit)
	return &answer[wire.List[wire.ReconRun]]{list}, err
}

func (k *Desk) listCases(ctx context.Context, in *caseFilter) (*answer[wire.List[wire.ReconCase]], error) {
	f := store.CaseFilter{Owner: id.ID(in.PSP), Status: store.CaseStatus(in.Status), Class: recon.Class(in.Class), Limit: in.Limit}
	list, err := k.Recon.CaseList(ctx, flow.CaseSide{}, f, in.After)
	return &answer[wire.List[wire.ReconCase]]{list}, err
}

func (k *Desk) getCase(ctx context.Context, in *Named) (*answer[wire.ReconCase], error) {
	c, notes, err := k.Recon.Case(ctx, flow.CaseSide{}, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.ReconCase]{flow.WireCase(c, notes)}, nil
}

func (k *Desk) fixCase(ctx context.Context, in *newFix) (*answer[wire.ReconCase], error) {
	p, err := k.Recon.ProposeFix(ctx, k.Proposals, Who(ctx), in.ID, money.Amount(in.Body.Amount), in.Body.Reason)
	if err := Asked(p, err); err != nil {
		return nil, err
	}
	return k.getCase(ctx, &in.Named)
}
