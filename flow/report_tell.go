package flow

import (
	"context"
	"errors"

	"tolom/fault"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

// TellReady has merchants told which of their reports are ready, and says how many that were. PSPs and the centre have no
// addresses for it: they ask.
func (r *Reports) TellReady(ctx context.Context, limit int, tell func(ctx context.Context, merchant, report id.ID, shown wire.Report) error) (did int, err error) {
	ready, err := r.kept.UntoldReports(ctx, limit)
	if err != nil {
		return 0, err
	}
	for _, row := range ready {
		if row.Owner.Kind() == id.Merchant {
			if failed := tell(ctx, row.Owner, row.ID, WireReport(row, r.base+"/v1")); failed != nil {
				err = errors.Join(err, failed)
				continue
			}
		}
		if failed := r.kept.ToldReport(ctx, row.ID, r.world.Clock.Now()); failed != nil {
			return did, errors.Join(err, failed)
		}
		did++
	}
	return did, err
}

// Told shows a merchant's report as the event that it is ready tells of it. Refused: not_found, once its file is deleted too.
func (r *Reports) Told(ctx context.Context, merchant, report id.ID) (wire.Report, error) {
	row, err := r.kept.Report(ctx, report)
	if err != nil {
		return wire.Report{}, missing(err)
	}
	if row.Owner != merchant || row.Status != store.ReportReady {
		return wire.Report{}, fault.New(fault.NotFound)
	}
	return WireReport(row, r.base+"/v1"), nil
}
