package psp

import (
	"context"
	"errors"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/recon"
	"tolom/store"
	"tolom/wire"
)

// The bounds of what a comparison is told in one call.
const (
	maxDigests = 512 << 10 // bytes of JSON
	maxLines   = 2 << 20
)

type digestsInput struct{ Body wire.ReconDigests }

type linesInput struct{ Body wire.ReconLines }

type fileInput struct {
	Name    string `query:"name" pattern:"^[A-Za-z0-9._-]{1,50}$" doc:"Your own for this comparison; absent: made of the file's SHA-256"`
	Book    string `query:"book" enum:"payments,payouts" doc:"payments when absent"`
	From    string `query:"from" required:"true" doc:"The first minute of the period, UTC, as 2026-11-24T05:40Z"`
	To      string `query:"to" required:"true" doc:"The first minute after the period"`
	RawBody []byte
}

type oursInput struct {
	From string `query:"from" required:"true" doc:"The first minute, UTC, as 2026-11-24T05:40Z"`
	To   string `query:"to" required:"true" doc:"The first minute after the period"`
	Unit string `query:"unit" enum:"minute,hour,day" doc:"minute when absent: of all minutes that have lines, at most a day"`
	Book string `query:"book" enum:"payments,payouts" doc:"payments when absent"`
}

type runsInput struct {
	After string `query:"after" doc:"The after of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
}

const aboutRuns = "The answer says what is wanted next: ask_digests, ask_lines, or nothing when state is done. docs/reconciliation.md has the form of lines, the digest with test vectors, and what each difference means."

func (c *Counter) mountRecon(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/reconciliation/digests", ID: "compare-digests", Summary: "Compare your book with ours by digests",
		Text: "Begins a comparison, or goes on with the one of the name. " + aboutRuns, Codes: []fault.Code{fault.IdempotencyReused}, Most: maxDigests,
		Body: `{"name": "day-2026-11-24", "from": "2026-11-23T03:05Z", "to": "2026-11-24T03:05Z", "digests": [{"from": "2026-11-23T03:05Z", "to": "2026-11-24T03:05Z", "count": 0, "sha256": "` + recon.Empty + `"}]}`,
	}, c.compareDigests)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/reconciliation/lines", ID: "compare-lines", Summary: "Give the lines of minutes that differ",
		Text: "All of your lines in each of the ranges. Minutes that are not asked for are passed over, so the same call may be repeated. " + aboutRuns, Codes: []fault.Code{fault.NotFound}, Most: maxLines,
		Body: `{"name": "day-2026-11-24", "ranges": [{"from": "2026-11-23T04:17Z", "to": "2026-11-23T04:18Z"}], "lines": [{"minute": "2026-11-23T04:17Z", "kind": "payment", "id": "demo-000017", "amount": 150000, "status": "success"}]}`,
	}, c.compareLines)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/reconciliation/files", ID: "compare-file", Summary: "Compare your book with ours by a file",
		Text:  "JSON lines, a table, or the clearing file of the day, at most 8 MiB. A file with a wrong row is refused whole, with the number of the row. " + aboutRuns,
		Codes: []fault.Code{fault.IdempotencyReused}, Most: recon.MaxFileBytes, Files: []string{"text/csv", "application/x-ndjson", "application/json"},
		Body: "minute,kind,id,amount,status\n2026-11-23T04:17Z,payment,demo-000017,150000,success\n2026-11-23T04:18Z,payment,demo-000018,9900,success\n" +
			"2026-11-23T05:02Z,payment,demo-000021,2500,success\n2026-11-23T05:02Z,payment,demo-000022,70000,success\n2026-11-23T06:40Z,payment,demo-000030,100,success\n", Query: "from=2026-11-23T03:05Z&to=2026-11-24T03:05Z",
	}, c.compareFile)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/reconciliation/digests", ID: "list-our-digests", Summary: "Read the digests of our book",
		Text: "To compare on your side.", Query: "from=2026-11-23T03:05Z&to=2026-11-24T03:05Z&unit=hour",
	}, c.ourDigests)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/reconciliation/runs", ID: "list-comparisons", Summary: "List comparisons", Text: "Newest first.", Query: "limit=50",
	}, c.runs)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/psp/v1/reconciliation/runs/{id}", ID: "get-comparison", Summary: "Read a comparison and what it found",
	}, c.run)
}

// shownRun answers with a comparison and the cases that it shows.
func (c *Counter) shownRun(ctx context.Context, run store.ReconRun, err error) (*answer[wire.ReconRun], error) {
	if err != nil {
		return nil, err
	}
	var cases []store.ReconCase
	if run.Expected+run.Mismatched > 0 {
		if cases, _, err = c.Recon.Cases(ctx, flow.OfPSP(who(ctx)), store.CaseFilter{Run: run.ID, Limit: 100}); err != nil {
			return nil, err
		}
	}
	return &answer[wire.ReconRun]{flow.WireRun(run, cases)}, nil
}

func (c *Counter) compareDigests(ctx context.Context, in *digestsInput) (*answer[wire.ReconRun], error) {
	period, err := flow.ReadRange("from", in.Body.From, in.Body.To)
	if err != nil {
		return nil, err
	}
	digests, err := flow.ReadDigests(in.Body.Digests)
	if err != nil {
		return nil, err
	}
	if in.Body.Each != "" && in.Body.Each != "minute" {
		return nil, fault.New(fault.InvalidRequest).On("each").Because("each is minute, or absent")
	}
	run, err := c.Recon.Digests(ctx, who(ctx), flow.Comparison{Name: in.Body.Name, Book: in.Body.Book, Period: period}, digests, in.Body.Each == "minute")
	return c.shownRun(ctx, run, err)
}

func (c *Counter) compareLines(ctx context.Context, in *linesInput) (*answer[wire.ReconRun], error) {
	of, err := flow.ReadRanges(in.Body.Ranges)
	if err != nil {
		return nil, err
	}
	lines, err := flow.ReadLines(in.Body.Lines)
	if err != nil {
		return nil, err
	}
	run, err := c.Recon.Lines(ctx, who(ctx), in.Body.Name, of, lines)
	return c.shownRun(ctx, run, err)
}

func (c *Counter) compareFile(ctx context.Context, in *fileInput) (*answer[wire.ReconRun], error) {
	period, err := flow.ReadRange("from", in.From, in.To)
	if err != nil {
		return nil, err
	}
	compare := c.Recon.File
	read := map[string]func([]byte) ([]recon.Line, error){"text/csv": recon.ReadCSV, "application/x-ndjson": recon.ReadJSONL, "application/json": func(raw []byte) ([]recon.Line, error) {
		compare = c.Recon.Clearing
		return recon.ReadClearing(raw, who(ctx).ID)
	}}
	lines, err := read[gate.MediaOf(ctx)](in.RawBody)
	var wrong *recon.FileError
	if errors.As(err, &wrong) {
		return nil, fault.New(fault.InvalidRequest).On(wrong.Field).Because(err.Error())
	}
	if err != nil {
		return nil, err
	}
	if in.Name == "" {
		in.Name = flow.BookFileName(in.RawBody)
	}
	run, err := compare(ctx, who(ctx), flow.Comparison{Name: in.Name, Book: in.Book, Period: period}, lines)
	return c.shownRun(ctx, run, err)
}

func (c *Counter) ourDigests(ctx context.Context, in *oursInput) (*answer[wire.List[wire.ReconDigest]], error) {
	period, err := flow.ReadRange("from", in.From, in.To)
	if err != nil {
		return nil, err
	}
	digests, err := c.Recon.Ours(ctx, who(ctx), in.Book, period, in.Unit)
	if err != nil {
		return nil, err
	}
	return &answer[wire.List[wire.ReconDigest]]{wire.List[wire.ReconDigest]{Data: flow.WireDigests(digests)}}, nil
}

func (c *Counter) runs(ctx context.Context, in *runsInput) (*answer[wire.List[wire.ReconRun]], error) {
	list, err := c.Recon.RunList(ctx, who(ctx).ID, in.After, in.Limit)
	return &answer[wire.List[wire.ReconRun]]{list}, err
}

func (c *Counter) run(ctx context.Context, in *Named) (*answer[wire.ReconRun], error) {
	run, err := c.Recon.Run(ctx, who(ctx), in.ID)
	return c.shownRun(ctx, run, err)
}
