package flow

import (
	"context"
	"errors"
	"strconv"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/report"
	"tolom/store"
	"tolom/wire"
)

// mostSchedules is how many schedules an owner may have that have not ended.
const mostSchedules = 20

// Schedule has a report ordered by itself. Refused: as Order; invalid_request for one schedule more than an owner may have.
func (r *Reports) Schedule(ctx context.Context, who Reader, in wire.NewReportSchedule) (store.ReportSchedule, error) {
	every, now := report.Every(in.Every), r.world.Clock.Now()
	if !every.Known() {
		return store.ReportSchedule{}, fault.New(fault.InvalidRequest).On("every").Because("every is day, week or month")
	}
	o, err := r.shape(ctx, who, wire.NewReport{Type: in.Type, StoreID: in.StoreID, TillID: in.TillID, Cashier: in.Cashier, Format: in.Format, BOM: in.BOM, Language: in.Language})
	if err != nil {
		return store.ReportSchedule{}, err
	}
	tried := o
	tried.From, tried.To = every.Period(now)
	if field, problem := tried.Check(who.Kind); problem != "" {
		return store.ReportSchedule{}, fault.New(fault.InvalidRequest).On(field).Because(problem)
	}
	if err := r.roomForSchedule(ctx, who.Owner); err != nil {
		return store.ReportSchedule{}, err
	}
	s := store.ReportSchedule{ID: r.registry.newID(id.ReportPlan, who.Owner.Bucket()), Owner: who.Owner, Order: o, Every: in.Every, NextAt: every.Next(now), CreatedAt: now}
	return s, missing(r.kept.ReportSchedules().Put(ctx, s))
}

// roomForSchedule refuses a schedule too many.
func (r *Reports) roomForSchedule(ctx context.Context, owner id.ID) error {
	open := 0
	for after := id.ID(""); ; {
		rows, err := r.kept.ReportSchedules().List(ctx, owner, after, 100)
		if err != nil {
			return missing(err)
		}
		for _, s := range rows {
			if after = s.ID; s.EndedAt.IsZero() {
				open++
			}
		}
		if open >= mostSchedules {
			return fault.New(fault.InvalidRequest).On("every").Because("there are 20 schedules already: end one that is not needed")
		}
		if len(rows) < 100 {
			return nil
		}
	}
}

// Schedules gives a page of the reader's schedules, oldest first.
func (r *Reports) Schedules(ctx context.Context, who Reader, after id.ID, limit int) (page []store.ReportSchedule, more bool, err error) {
	for len(page) <= limit {
		rows, err := r.kept.ReportSchedules().List(ctx, who.Owner, after, limit+1)
		if err != nil {
			return nil, false, missing(err)
		}
		for _, row := range rows {
			if after = row.ID; who.sees(row.Owner, row.Order) {
				page = append(page, row)
			}
		}
		if len(rows) <= limit {
			break
		}
	}
	more = len(page) > limit
	return page[:min(len(page), limit)], more, nil
}

// EndSchedule ends a schedule; again is harmless. Refused: not_found.
func (r *Reports) EndSchedule(ctx context.Context, who Reader, name string) (store.ReportSchedule, error) {
	i, err := id.Parse(id.ReportPlan, name)
	if err != nil {
		return store.ReportSchedule{}, fault.New(fault.NotFound)
	}
	s, err := r.kept.ReportSchedules().Get(ctx, i)
	if err != nil || !who.sees(s.Owner, s.Order) {
		if err == nil {
			err = store.ErrNotFound
		}
		return store.ReportSchedule{}, missing(err)
	}
	if !s.EndedAt.IsZero() {
		return s, nil
	}
	s.NextAt, s.EndedAt = time.Time{}, r.world.Clock.Now()
	return s, missing(r.kept.ReportSchedules().Put(ctx, s))
}

// OrderDue orders what schedules are due for and says how many that were. Each node may: an order is named after its
// schedule and time, so it is one report however often it is ordered. What was missed while no node ran is ordered
// one after another.
func (r *Reports) OrderDue(ctx context.Context, limit int) (did int, err error) {
	due, err := r.kept.DueSchedules(ctx, r.world.Clock.Now(), limit)
	if err != nil {
		return 0, err
	}
	for _, s := range due {
		ordered, failed := r.orderDue(ctx, s)
		if ordered {
			did++
		}
		err = errors.Join(err, failed)
	}
	return did, err
}

func (r *Reports) orderDue(ctx context.Context, s store.ReportSchedule) (ordered bool, err error) {
	position, err := r.primary.Head(ctx)
	if err != nil {
		return false, err
	}
	o, every := s.Order, report.Every(s.Every)
	o.From, o.To = every.Period(s.NextAt)
	want := store.Report{ID: r.registry.newID(id.Report, s.Owner.Bucket()), Owner: s.Owner, Origin: ScheduledBy(s.ID) + ":" + strconv.FormatInt(s.NextAt.UnixMilli(), 10),
		Order: o, Position: position, Status: store.ReportQueued, CreatedAt: r.world.Clock.Now()}
	if _, err := r.kept.OrderReport(ctx, want, mostWaiting+mostSchedules); err != nil {
		if errors.Is(err, store.ErrTaken) {
			return false, nil // They wait already; it is ordered when they are made.
		}
		return false, err
	}
	return true, r.kept.MoveSchedule(ctx, s.ID, s.NextAt, every.Next(s.NextAt))
}

// ScheduledBy is what the origin of a scheduled report begins with.
func ScheduledBy(schedule id.ID) string { return "schedule:" + string(schedule) }
