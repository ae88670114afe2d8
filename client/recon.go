package client

import (
	"context"

	"tolom/wire"
)

// CompareDigests begins a comparison of the PSP's book with the platform's, or goes on with the one of its name.
func (p *PSP) CompareDigests(ctx context.Context, in wire.ReconDigests) (wire.ReconRun, error) {
	return single[wire.ReconRun](ctx, p.client, post("/psp/v1/reconciliation/digests", in))
}

// CompareLines gives the lines of minutes that a comparison asked for. The same again changes nothing.
func (p *PSP) CompareLines(ctx context.Context, in wire.ReconLines) (wire.ReconRun, error) {
	return single[wire.ReconRun](ctx, p.client, post("/psp/v1/reconciliation/lines", in))
}

// Comparison reads a comparison by its id.
func (p *PSP) Comparison(ctx context.Context, run string) (wire.ReconRun, error) {
	return single[wire.ReconRun](ctx, p.client, get(path("/psp/v1/reconciliation/runs/%s", run)))
}

// PlatformDigests reads the platform's own digests of a period; unit is "minute", "hour" or "day".
func (p *PSP) PlatformDigests(ctx context.Context, period wire.ReconRange, unit string) (wire.List[wire.ReconDigest], error) {
	return single[wire.List[wire.ReconDigest]](ctx, p.client, get("/psp/v1/reconciliation/digests", "from", period.From, "to", period.To, "unit", unit))
}

// Cases lists differences, newest first; an empty status means all. after is the cursor of the page before.
func (p *PSP) Cases(ctx context.Context, status, after string, limit int) (wire.List[wire.ReconCase], error) {
	return single[wire.List[wire.ReconCase]](ctx, p.client, get("/psp/v1/cases", "status", status, "after", after, "limit", count(limit)))
}

// Case reads a difference with its history.
func (p *PSP) Case(ctx context.Context, name string) (wire.ReconCase, error) {
	return single[wire.ReconCase](ctx, p.client, get(path("/psp/v1/cases/%s", name)))
}

// CommentCase says something to a difference.
func (p *PSP) CommentCase(ctx context.Context, name, comment string) (wire.ReconCase, error) {
	return single[wire.ReconCase](ctx, p.client, post(path("/psp/v1/cases/%s/comments", name), wire.NewComment{Comment: comment}))
}
