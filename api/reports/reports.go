// Package reports is the part of the three APIs that orders, lists and hands out reports. Merchants, PSPs and staff of
// the centre have the same operations at their own doors; what each may order is decided in flow.
package reports

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
)

// Desk is where one kind of reader asks for reports.
type Desk struct {
	Reports *flow.Reports
	Base    string // path of the API, "/v1"
	Site    string // where the API is, for links
	Prefix  string // of the operations' ids
	Example string // type of a report in examples
	Places  bool   // reports may be of one store or till
	Right   access.Right
	// Who says for whom a call asks.
	Who func(context.Context) flow.Reader
	// Key gives the idempotency key of a call; nil at doors without keys.
	Key func(context.Context) string
	// MostAtOnce bounds the part of a file that one answer holds; 0: any. Answers that are signed are kept in memory whole.
	MostAtOnce int64
}

type page struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
	After string `query:"after" doc:"Cursor of the page before: its after"`
}

// Named is the input of operations on one object.
type Named struct {
	ID string `path:"id"`
}

type answer[T any] struct{ Body T }

type once[T any] struct {
	Replayed string `header:"Idempotent-Replayed"`
	Body     T
}

// placed is what a merchant orders, whole what is of everything of its reader.
type (
	placedReport   struct{ Body wire.NewReport }
	wholeReport    struct{ Body wire.NewWholeReport }
	placedSchedule struct{ Body wire.NewReportSchedule }
	wholeSchedule  struct{ Body wire.NewWholeReportSchedule }
)

// ReportFile is a report in JSON: what it is of, its rows by the keys of their columns, and what they sum to. Sums are tyiyn.
type ReportFile struct {
	Title string           `json:"title"`
	Head  map[string]any   `json:"head"`
	Rows  []map[string]any `json:"rows"`
	Foot  map[string]any   `json:"foot"`
}

// Mount adds the operations to a door.
func (k *Desk) Mount(d *gate.Door) {
	body := `{"type": "` + k.Example + `", "from": "2026-11-01", "to": "2026-11-30", "format": "xlsx", "language": "ky"}`
	order := gate.Route{
		Method: http.MethodPost, Path: k.Base + "/reports", ID: k.Prefix + "order-report", Scope: access.Report, Right: k.Right, Status: http.StatusCreated, Summary: "Order a report",
		Text: "It is made of the facts up to one position of the feed, which it names: the same order at the same position gives the same bytes. Ask for it until it is ready, then fetch its content. " +
			"A key of one store or till orders what is of that store or till. At most ten reports of an owner wait at once.",
		Codes: []fault.Code{fault.NotFound, fault.Forbidden, fault.IdempotencyReused}, Body: body, Shows: k.shows("queued"),
	}
	if k.Places {
		gate.Add(d, order, func(ctx context.Context, in *placedReport) (*once[wire.Report], error) { return k.order(ctx, in.Body) })
	} else {
		gate.Add(d, order, func(ctx context.Context, in *wholeReport) (*once[wire.Report], error) {
			return k.order(ctx, in.Body.Order())
		})
	}
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: k.Base + "/reports", ID: k.Prefix + "list-reports", Scope: access.Report, Right: k.Right, Summary: "List reports", Text: "Newest first.",
	}, k.list)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: k.Base + "/reports/{id}", ID: k.Prefix + "get-report", Scope: access.Report, Right: k.Right, Summary: "Read how far a report is",
		Shows: k.shows("ready"),
	}, k.get)
	k.mountContent(d)
	k.mountSchedules(d)
}

func (k *Desk) shows(status string) gate.Shown {
	return gate.Shown{"id": "rep_01kar9gfc0c4r5s6t7v8w9xyzb", "type": k.Example, "status": status, "format": "xlsx", "language": "ky", "position": int64(4711)}
}

func (k *Desk) mountContent(d *gate.Door) {
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	schema := d.API.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ReportFile](), true, "ReportFile")
	path := k.Base + "/reports/{id}/content"
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: path, ID: k.Prefix + "get-report-content", Scope: access.Report, Right: k.Right, Summary: "Fetch the file of a report",
		Text:  "It can be fetched in parts and resumed: send Range, and If-Range with the ETag, which is the SHA-256 of the file. It is kept for thirty days.",
		Codes: []fault.Code{fault.NoSuchRange},
		Answers: map[string]*huma.MediaType{
			"application/json": {Schema: schema}, "text/csv": binary, "application/pdf": binary,
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": binary,
		},
	}, k.content)
	answers := d.API.OpenAPI().Paths[path].Get.Responses
	part := map[string]*huma.MediaType{}
	for media := range answers["200"].Content {
		part[media] = binary // Also a part of a JSON text is only bytes.
	}
	answers["206"] = &huma.Response{Description: "The part of the file that Range asked for", Content: part}
	answers["304"] = &huma.Response{Description: "The file that you have is the file"}
}

func (k *Desk) mountSchedules(d *gate.Door) {
	shows := gate.Shown{"id": "rs_01kar9gfc0c4r5s6t7v8w9xyzb", "type": k.Example, "every": "month", "format": "xlsx", "language": "ky"}
	plan := gate.Route{
		Method: http.MethodPost, Path: k.Base + "/report-schedules", ID: k.Prefix + "create-report-schedule", Scope: access.Report, Right: k.Right, Status: http.StatusCreated,
		Summary: "Have a report ordered by itself",
		Text:    "Ten minutes after the end of each day, week (of Monday) or month in Bishkek. At most twenty an owner. A repeated call makes another one.",
		Codes:   []fault.Code{fault.NotFound, fault.Forbidden},
		Body:    `{"every": "month", "type": "` + k.Example + `", "format": "xlsx", "language": "ky"}`, Shows: shows,
	}
	if k.Places {
		gate.Add(d, plan, func(ctx context.Context, in *placedSchedule) (*answer[wire.ReportSchedule], error) {
			return k.schedule(ctx, in.Body)
		})
	} else {
		gate.Add(d, plan, func(ctx context.Context, in *wholeSchedule) (*answer[wire.ReportSchedule], error) {
			return k.schedule(ctx, in.Body.Order())
		})
	}
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: k.Base + "/report-schedules", ID: k.Prefix + "list-report-schedules", Scope: access.Report, Right: k.Right, Summary: "List schedules of reports", Text: "Oldest first.",
	}, k.schedules)
	gate.Add(d, gate.Route{
		Method: http.MethodDelete, Path: k.Base + "/report-schedules/{id}", ID: k.Prefix + "end-report-schedule", Scope: access.Report, Right: k.Right, Status: http.StatusNoContent,
		Summary: "End a schedule of reports", Text: "It stays in lists as ended; what it has ordered stays too.",
	}, k.end)
}

func (k *Desk) order(ctx context.Context, in wire.NewReport) (*once[wire.Report], error) {
	key := ""
	if k.Key != nil {
		key = k.Key(ctx)
	}
	r, replayed, err := k.Reports.Order(ctx, k.Who(ctx), key, in)
	if err != nil {
		return nil, err
	}
	out := &once[wire.Report]{Body: k.report(r)}
	if replayed {
		out.Replayed = "true"
	}
	return out, nil
}

func (k *Desk) report(r store.Report) wire.Report { return flow.WireReport(r, k.Site+k.Base) }

func (k *Desk) get(ctx context.Context, in *Named) (*answer[wire.Report], error) {
	r, err := k.Reports.Report(ctx, k.Who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Report]{k.report(r)}, nil
}

func (k *Desk) list(ctx context.Context, in *page) (*answer[wire.List[wire.Report]], error) {
	before, err := cursor("reports", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := k.Reports.List(ctx, k.Who(ctx), before, in.Limit)
	if err != nil {
		return nil, err
	}
	return listed("reports", rows, more, k.report, func(r store.Report) id.ID { return r.ID }), nil
}

func (k *Desk) schedule(ctx context.Context, in wire.NewReportSchedule) (*answer[wire.ReportSchedule], error) {
	s, err := k.Reports.Schedule(ctx, k.Who(ctx), in)
	if err != nil {
		return nil, err
	}
	return &answer[wire.ReportSchedule]{flow.WireSchedule(s)}, nil
}

func (k *Desk) schedules(ctx context.Context, in *page) (*answer[wire.List[wire.ReportSchedule]], error) {
	after, err := cursor("report-schedules", in.After)
	if err != nil {
		return nil, err
	}
	rows, more, err := k.Reports.Schedules(ctx, k.Who(ctx), after, in.Limit)
	if err != nil {
		return nil, err
	}
	return listed("report-schedules", rows, more, flow.WireSchedule, func(s store.ReportSchedule) id.ID { return s.ID }), nil
}

func (k *Desk) end(ctx context.Context, in *Named) (*struct{}, error) {
	_, err := k.Reports.EndSchedule(ctx, k.Who(ctx), in.ID)
	return nil, err
}

// cursor reads where a page begins.
func cursor(list, text string) (id.ID, error) {
	if text == "" {
		return "", nil
	}
	at, err := seal.ParseCursor(list, text)
	if err != nil {
		return "", fault.New(fault.InvalidRequest).On("after").Because(err.Error())
	}
	return id.ID(at), nil
}

func listed[In, Out any](list string, rows []In, more bool, render func(In) Out, idOf func(In) id.ID) *answer[wire.List[Out]] {
	out := wire.List[Out]{Data: []Out{}, HasMore: more}
	for _, row := range rows {
		out.Data = append(out.Data, render(row))
	}
	if more && len(rows) > 0 {
		out.After = seal.Cursor(list, string(idOf(rows[len(rows)-1])))
	}
	return &answer[wire.List[Out]]{out}
}
