package jobs

import (
	"context"
	"time"

	"tolom/flow"
	"tolom/id"
	"tolom/notify"
	"tolom/world"
)

// makeReports makes what was ordered, one at a time on each node.
type makeReports struct {
	reports *flow.Reports
	holder  string
}

// MakeReports is the pass that makes reports. Nodes make different ones; when a node dies, another makes its report.
func MakeReports(reports *flow.Reports, w world.World) Pass {
	return &makeReports{reports, string(world.NewID(w, id.Report, 0))}
}

func (p *makeReports) Name() string         { return "reports" }
func (p *makeReports) Every() time.Duration { return time.Second }

func (p *makeReports) Step(ctx context.Context) (did int, err error) {
	return p.reports.MakeNext(ctx, p.holder)
}

// mostOrdered is how many schedules are looked at in one step.
const mostOrdered = 100

type orderReports struct{ reports *flow.Reports }

// OrderReports is the pass that orders what schedules are due for.
func OrderReports(reports *flow.Reports) Pass { return &orderReports{reports} }

func (p *orderReports) Name() string         { return "schedules" }
func (p *orderReports) Every() time.Duration { return 20 * time.Second }

func (p *orderReports) Step(ctx context.Context) (did int, err error) {
	return p.reports.OrderDue(ctx, mostOrdered)
}

// mostDeleted is how many files are deleted in one step.
const mostDeleted = 20

type expireReports struct{ reports *flow.Reports }

// ExpireReports is the pass that deletes the files of old reports.
func ExpireReports(reports *flow.Reports) Pass { return &expireReports{reports} }

func (p *expireReports) Name() string         { return "report files" }
func (p *expireReports) Every() time.Duration { return 10 * time.Minute }

func (p *expireReports) Step(ctx context.Context) (did int, err error) {
	return p.reports.Expire(ctx, mostDeleted)
}

type eraseReports struct {
	reports *flow.Reports
	days    int
	clock   world.Clock
}

// EraseReports is the pass that deletes the files of reports about a time of which what is personal of payers was deleted,
// after so many days; 0 is never.
func EraseReports(reports *flow.Reports, days int, clock world.Clock) Pass {
	return &eraseReports{reports, days, clock}
}

func (p *eraseReports) Name() string         { return "erase reports" }
func (p *eraseReports) Every() time.Duration { return time.Hour }

func (p *eraseReports) Step(ctx context.Context) (did int, err error) {
	if p.days == 0 {
		return 0, nil
	}
	return p.reports.ExpireAbout(ctx, p.clock.Now().Add(-time.Duration(p.days)*24*time.Hour))
}

// mostTold is how many reports are told of in one step.
const mostTold = 20

type tellReports struct {
	reports *flow.Reports
	tell    *notify.Endpoints
}

// TellReports is the pass that tells merchants which of their reports are ready. A report is its own outbox: it is told
// of after the commit that made it ready, again if the node died before it had noted that it was.
func TellReports(reports *flow.Reports, tell *notify.Endpoints) Pass {
	return &tellReports{reports, tell}
}

func (p *tellReports) Name() string         { return "report events" }
func (p *tellReports) Every() time.Duration { return 2 * time.Second }

func (p *tellReports) Step(ctx context.Context) (did int, err error) {
	return p.reports.TellReady(ctx, mostTold, p.tell.TellReport)
}
