package merchant

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tolom/access"
	"tolom/api/gate"
	"tolom/flow"
	"tolom/money"
	"tolom/report"
	"tolom/sheet"
	"tolom/wire"
)

type statementQuery struct {
	From   string `query:"from" doc:"Beginning: a date in Bishkek, or RFC 3339. Without from and to: today"`
	To     string `query:"to" doc:"End: a date, which counts whole, or RFC 3339, which is not part of it. Without it: the day of from"`
	Format string `query:"format" enum:"json,csv,xlsx,pdf,camt053" default:"json"`
	BOM    bool   `query:"bom" doc:"Begin a CSV with a byte order mark, which some spreadsheets need for Cyrillic letters"`
	Lang   string `query:"language" enum:"ky,ru,en" default:"ky" doc:"Of an XLSX or PDF"`
}

// file is an answer that is not JSON of the framework's making.
type file struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        []byte
}

func (s *Shop) mountMoney(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/balance", ID: "get-balance", Scope: access.Report, Whole: true, Summary: "Read your balance",
		Text: "What successful payments have credited and refunds have taken, and what has not been paid out to your bank yet.",
	}, s.balance)
	schema := d.API.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[wire.Statement](), true, "Statement")
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/statements", ID: "get-statement", Scope: access.Report, Summary: "Read a statement",
		Text: "Your account for a time of at most 92 days, equal to the ledger to the tyiyn: opening balance, every payment with its fee, every refund, closing balance. " +
			"CSV gives each sum in som with a point and in tyiyn, and times as in Bishkek. camt053 is the ISO 20022 statement of one day. " +
			"XLSX and PDF are the report of type statement, made at once; longer ones are ordered with POST /v1/reports.",
		Query: "from=2026-11-24&format=csv",
		Answers: map[string]*huma.MediaType{
			"application/json":             {Schema: schema},
			"text/csv":                     {Schema: &huma.Schema{Type: huma.TypeString}},
			"application/pdf":              {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			string(sheet.XLSX.MediaType()): {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			"application/xml":              {Schema: &huma.Schema{Type: huma.TypeString}},
		},
	}, s.statement)
}

func (s *Shop) balance(ctx context.Context, _ *struct{}) (*answer[wire.Balance], error) {
	payable, at, err := s.Platform.Balance(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return &answer[wire.Balance]{wire.Balance{Payable: int64(payable), Currency: money.KGS, AsOf: wire.At(at)}}, nil
}

func (s *Shop) statement(ctx context.Context, in *statementQuery) (*file, error) {
	from, to, err := period(in.From, in.To, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	if in.Format == string(sheet.XLSX) || in.Format == string(sheet.PDF) {
		return s.printed(ctx, in, from, to)
	}
	st, err := s.Platform.Statement(ctx, who(ctx), from, to)
	if err != nil {
		return nil, err
	}
	out := &file{ContentType: "application/json"}
	if in.Format == "csv" {
		out.ContentType = "text/csv; charset=utf-8; header=present"
		out.Disposition = `attachment; filename="statement-` + from.In(bishkek).Format(time.DateOnly) + `.csv"`
		out.Body, err = statementCSV(st)
		if in.BOM {
			out.Body = append([]byte("\ufeff"), out.Body...)
		}
		return out, err
	}
	if in.Format == "camt053" {
		return s.camt(ctx, st, from)
	}
	out.Body, err = json.Marshal(st)
	return out, err
}

// printed is a statement for people, made while they wait.
func (s *Shop) printed(ctx context.Context, in *statementQuery, from, to time.Time) (*file, error) {
	r, body, err := s.Reports.Now(ctx, flow.MerchantReader(who(ctx)), wire.NewReport{
		Type: string(report.OfStatement), From: from.Format(time.RFC3339Nano), To: to.Format(time.RFC3339Nano), Format: in.Format, Language: in.Lang,
	})
	if err != nil {
		return nil, err
	}
	return &file{ContentType: r.Order.Format.MediaType(), Disposition: `attachment; filename="` + flow.ReportFileName(r) + `"`, Body: body}, nil
}
