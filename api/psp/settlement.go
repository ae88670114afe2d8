package psp

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/wire"
)

type settlementQuery struct {
	After string `query:"after" doc:"The after of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
}

func (c *Counter) mountSettlements(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/settlements", ID: "list-settlements", Summary: "List what business days come to for you",
		Text: "Newest first, days that are closed: your own part, and the position of the participant through which you settle.", Query: "limit=7",
	}, c.settlements)
}

func (c *Counter) settlements(ctx context.Context, in *settlementQuery) (*answer[wire.List[wire.PSPSettlement]], error) {
	rows, more, err := c.Days.Settlements(ctx, who(ctx), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := wire.List[wire.PSPSettlement]{Data: rows, HasMore: more}
	if more && len(rows) > 0 {
		out.After = rows[len(rows)-1].Day
	}
	return &answer[wire.List[wire.PSPSettlement]]{out}, nil
}
