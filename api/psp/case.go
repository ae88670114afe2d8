package psp

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/flow"
	"tolom/id"
	"tolom/recon"
	"tolom/store"
	"tolom/wire"
)

type casesInput struct {
	Run    string `query:"run_id" doc:"Cases that this comparison was the last to show"`
	Status string `query:"status" enum:"open,explained,proposed,fixed,closed"`
	Class  string `query:"class" enum:"expected,mismatched,agreed"`
	After  string `query:"after" doc:"The after of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
}

type commentInput struct {
	Named
	Body wire.NewComment
}

func (c *Counter) mountCases(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/cases", ID: "list-cases", Summary: "List differences between the books",
		Text: "Newest first, without their history.", Query: "status=open&limit=50",
	}, c.cases)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/cases/{id}", ID: "get-case", Summary: "Read a difference with its history",
	}, c.caseOf)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/cases/{id}/comments", ID: "comment-case", Summary: "Say something to a difference",
		Text: "The operator sees it. Nothing that was said is ever changed. The same words again, while nothing else happened, change nothing.",
		Body: `{"comment": "Our batch of that night ran twice; we give the second one back today."}`,
	}, c.comment)
}

func (c *Counter) cases(ctx context.Context, in *casesInput) (*answer[wire.List[wire.ReconCase]], error) {
	f := store.CaseFilter{Run: id.ID(in.Run), Status: store.CaseStatus(in.Status), Class: recon.Class(in.Class), Limit: in.Limit}
	list, err := c.Recon.CaseList(ctx, flow.OfPSP(who(ctx)), f, in.After)
	return &answer[wire.List[wire.ReconCase]]{list}, err
}

func shownCase(x store.ReconCase, notes []store.CaseNote, err error) (*answer[wire.ReconCase], error) {
	if err != nil {
		return nil, err
	}
	return &answer[wire.ReconCase]{flow.WireCase(x, notes)}, nil
}

func (c *Counter) caseOf(ctx context.Context, in *Named) (*answer[wire.ReconCase], error) {
	return shownCase(c.Recon.Case(ctx, flow.OfPSP(who(ctx)), in.ID))
}

func (c *Counter) comment(ctx context.Context, in *commentInput) (*answer[wire.ReconCase], error) {
	return shownCase(c.Recon.Comment(ctx, flow.OfPSP(who(ctx)), in.ID, in.Body.Comment))
}
