package main

import (
	"context"
	"errors"
	"fmt"

	"tolom/flow"
	"tolom/jobs"
	"tolom/store"
)

// reporting says where reports are read.
type reporting struct {
	ReportsDB string `name:"reports-db" env:"TOLOM_REPORTS_DB" help:"A replica of the database, postgres://…, to read the facts of reports from; a report waits until the replica has what it must know. Default: the database itself." json:"reports_db"`
}

// openReports makes the use cases of reports, over the database or a replica of it. A replica that is away holds up nothing
// but reports, which wait for it.
func (a *app) openReports(ctx context.Context) error {
	source := store.Moves(a.store)
	if dsn := a.settings.ReportsDB; dsn != "" {
		replica, away, err := store.OpenReplica(ctx, dsn, store.Options{Clock: a.world.Clock, MaxConns: 4})
		if err != nil {
			return fmt.Errorf("--reports-db: %w", err)
		}
		if away != nil {
			a.log.Warn("the replica of --reports-db is away: reports wait for it, all else goes on", "error", away)
		}
		a.replica, source = replica, replica
	}
	a.reports = flow.NewReports(a.store, source, a.registry, a.world, a.settings.BaseURL)
	a.telling.Courier.Reports = a.reports.Told
	return nil
}

// reportPasses are what the clock has to do for reports.
func (a *app) reportPasses() []jobs.Pass {
	return []jobs.Pass{jobs.MakeReports(a.reports, a.world), jobs.OrderReports(a.reports), jobs.TellReports(a.reports, a.webhooks), jobs.ExpireReports(a.reports), jobs.EraseReports(a.reports, a.settings.PersonalDataDays, a.world.Clock)}
}

// closeStores closes the database and its replica.
func (a *app) closeStores() error {
	if a.replica == nil {
		return a.store.Close()
	}
	return errors.Join(a.replica.Close(), a.store.Close())
}
