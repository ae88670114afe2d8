package psp

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/wire"
)

type fileQuery struct {
	After string `query:"after" doc:"The after of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
}

// fileBytes is an answer that is a file.
type fileBytes struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        []byte
}

func (c *Counter) mountFiles(d *gate.Door) {
	if c.Files == nil {
		return
	}
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/files", ID: "list-clearing-files", Summary: "List your clearing files",
		Text: "One for each closed day, newest first: all payments and refunds of the day that touch your institution, on the payers' or the merchants' side.", Query: "limit=50",
	}, c.files)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/files/{id}/content", ID: "get-clearing-file", Summary: "Fetch a clearing file",
		Text:    "A JSON array of the national clearing records, amounts in tyiyn. The same file is the same byte by byte whenever it is fetched.",
		Answers: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeObject}}}},
	}, c.fileContent)
}

func (c *Counter) files(ctx context.Context, in *fileQuery) (*answer[wire.List[wire.File]], error) {
	rows, err := c.Files.ForPSP(ctx, who(ctx).ID, id.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := wire.List[wire.File]{Data: []wire.File{}, HasMore: len(rows) > in.Limit}
	if out.HasMore {
		rows = rows[:in.Limit]
		out.After = string(rows[len(rows)-1].ID)
	}
	for _, f := range rows {
		out.Data = append(out.Data, flow.WireFile(f))
	}
	return &answer[wire.List[wire.File]]{out}, nil
}

func (c *Counter) fileContent(ctx context.Context, in *Named) (*fileBytes, error) {
	name, err := id.Parse(id.File, in.ID)
	if err != nil {
		return nil, fault.New(fault.NotFound)
	}
	f, content, err := c.Files.FetchForPSP(ctx, who(ctx).ID, name)
	if err != nil {
		return nil, err
	}
	return &fileBytes{"application/json", `attachment; filename="` + f.Name + `"`, content}, nil
}
