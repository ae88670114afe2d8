package api

import (
	"context"

	"tolom/access"
	"tolom/api/gate"
	"tolom/api/reports"
	"tolom/flow"
)

// mostSigned is how much of a file one signed answer holds: it is kept in memory until its digest is known.
const mostSigned = 8 << 20

// The desks for reports at the three doors.
func (d Deps) merchantReports() *reports.Desk {
	return &reports.Desk{
		Reports: d.Reports, Base: "/v1", Site: d.Platform.Site().Base, Example: "statement", Places: true,
		Who: func(ctx context.Context) flow.Reader { return flow.MerchantReader(gate.Who[access.Merchant](ctx)) },
		Key: func(ctx context.Context) string { return gate.KeyOf(ctx).Key },
	}
}

func (d Deps) pspReports() *reports.Desk {
	return &reports.Desk{
		Reports: d.Reports, Base: "/psp/v1", Site: d.PSP.Base, Prefix: "psp-", Example: "psp_reconciliation", MostAtOnce: mostSigned,
		Who: func(ctx context.Context) flow.Reader { return flow.PSPReader(gate.Who[access.PSP](ctx).ID) },
	}
}

func (d Deps) centreReports() *reports.Desk {
	return &reports.Desk{
		Reports: d.Reports, Base: "/operator/v1", Site: d.Platform.Site().Base, Prefix: "centre-", Example: "overview", Right: access.SeePlatform,
		Who: func(context.Context) flow.Reader { return flow.CentreReader() },
	}
}
