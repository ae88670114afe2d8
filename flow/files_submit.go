package flow

import (
	"context"

	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/settlement"
	"tolom/store"
)

// SubmitDayAction is the action of four eyes that asks the central bank once more to move the money of a day that it has
// refused. Its target is the date.
const SubmitDayAction = "day.submit"

// SubmitDayBody is the body of a proposal to submit a day again. It says nothing further.
type SubmitDayBody struct{}

func (f *Files) registerSubmit(s *Proposals) {
	Register(s, Kind[SubmitDayBody]{
		Name: SubmitDayAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, _ *SubmitDayBody) ([]proposal.Line, error) {
			d, err := f.refused(ctx, string(target))
			if err != nil {
				return nil, err
			}
			return []proposal.Line{newLine("day", d.Date), newLine("reason", d.Reason), {Name: "message", Before: d.Message, After: messageOf(d.Date, d.Attempt+1)}}, nil
		},
		Apply: func(ctx context.Context, p proposal.Proposal, _ SubmitDayBody) (string, error) {
			_, err := f.Submit(ctx, string(p.Target))
			return string(p.Target), err
		},
	})
}

// Submit plans a new file for a day that the central bank has refused, and gives it; twice it is the same file. The courier
// carries it. Refused: not_found; day_not_closed and day_submitted while the day is on its way without that, day_settled.
func (f *Files) Submit(ctx context.Context, date string) (store.File, error) {
	d, err := f.refused(ctx, date)
	if err != nil {
		return store.File{}, err
	}
	next := f.transfers(d, d.Attempt+1)
	if next.Settings, err = f.settle(ctx, next); err != nil {
		return next, err
	}
	kept, _, err := f.kept.AddFile(ctx, next)
	if err != nil {
		err = fault.Wrap(fault.OutOfService, err)
	}
	return kept, err
}

// refused gives a day that the central bank has refused.
func (f *Files) refused(ctx context.Context, date string) (settlement.Day, error) {
	d, err := f.days.Get(ctx, date)
	if err != nil || d.Status == settlement.Returned {
		return d, err
	}
	return d, fault.New(map[settlement.Status]fault.Code{
		settlement.Open: fault.DayNotClosed, settlement.Closed: fault.DaySubmitted, settlement.Submitted: fault.DaySubmitted, settlement.Settled: fault.DaySettled,
	}[d.Status]).Because("only a day that the central bank has refused is submitted again; this one is " + string(d.Status))
}

// mayGo refuses a file to the central bank that the day is not waiting for: a day that was refused goes with a new file,
// and one that has a newer one, not with an older.
func (f *Files) mayGo(ctx context.Context, file store.File) error {
	d, err := f.days.Get(ctx, file.Day)
	if err != nil {
		return err
	}
	last := file.Message == d.Message
	switch {
	case d.Status == settlement.Settled || !d.AcceptedAt.IsZero():
		return fault.New(fault.DaySettled)
	case d.Status == settlement.Returned && last:
		return fault.New(fault.DayMessage).Because("the central bank has refused this file: submit the day again, which makes a new one")
	case d.Status == settlement.Submitted && !last:
		return fault.New(fault.DaySubmitted).Because("the central bank has " + d.Message + ", not this file")
	case !last && file.Message != messageOf(d.Date, d.Attempt+1):
		return fault.New(fault.DayMessage).Because("the central bank has refused this file, and a later one")
	}
	return nil
}
