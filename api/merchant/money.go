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
	"tolom/money"
	"tolom/wire"
)

type statementQuery struct {
	From   string `query:"from" doc:"Beginning: a date in Bishkek, or RFC 3339. Without from and to: today"`
	To     string `query:"to" doc:"End: a date, which counts whole, or RFC 3339, which is not part of it. Without it: the day of from"`
	Format string `query:"format" enum:"json,csv" default:"json"`
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
			"CSV gives each sum in som with a point and in tyiyn, and times as in Bishkek.",
		Query: "from=2026-11-24&format=csv",
		Answers: map[string]*huma.MediaType{
			"application/json": {Schema: schema},
			"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}},
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
	st, err := s.Platform.Statement(ctx, who(ctx), from, to)
	if err != nil {
		return nil, err
	}
	out := &file{ContentType: "application/json"}
	if in.Format == "csv" {
		out.ContentType = "text/csv; charset=utf-8; header=present"
		out.Disposition = `attachment; filename="statement-` + from.In(bishkek).Format(time.DateOnly) + `.csv"`
		out.Body, err = statementCSV(st)
		return out, err
	}
	out.Body, err = json.Marshal(st)
	return out, err
}
