package notify

import (
	"context"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// ReportType is the type of the event that a report is ready. It moves no money, so it is no fact and in no feed: the
// report itself is what it was told from, and shows the same to whoever asks.
const ReportType payment.FactType = "report.ready"

// TellReport sends a merchant's addresses that want to know it the event that a report is ready. What fails is tried again as
// any other event. The event has the same id whenever it is sent, so a repeat after a crash is seen as one.
func (e *Endpoints) TellReport(ctx context.Context, merchant, report id.ID, shown wire.Report) error {
	var wanting []store.Endpoint
	err := each(ctx, e.shelf, merchant, func(row store.Endpoint) {
		if !resting(row) && wantsType(row, ReportType) {
			wanting = append(wanting, row)
		}
	})
	if err != nil {
		return refused(err, fault.NotFound)
	}
	event := reportReady(report, shown)
	for _, row := range wanting {
		d := newDelivery(e.world, row, event)
		a, err := e.sender.send(ctx, row, event)
		if err != nil {
			return refused(err, fault.NotFound)
		}
		if err := e.post.PutDelivery(context.WithoutCancel(ctx), judge(a.note(d), a, e.world.Entropy)); err != nil {
			return refused(err, fault.NotFound)
		}
	}
	return nil
}

// reportReady is the event of a report: its id is made of the report's.
func reportReady(report id.ID, shown wire.Report) wire.Event {
	return wire.Event{ID: string(id.Event) + report.Token(), Type: string(ReportType), CreatedAt: shown.EndedAt, Data: wire.EventData{Object: shown}}
}

// reportEvent makes the event of a delivery again. What is shown of the report is what it says now.
func (c *Courier) reportEvent(ctx context.Context, e store.Endpoint, d store.Delivery) (wire.Event, error) {
	report := id.ID(string(id.Report) + d.Fact.Token())
	if c.Reports == nil {
		return wire.Event{}, fault.New(fault.NotFound)
	}
	shown, err := c.Reports(ctx, e.Merchant, report)
	return reportReady(report, shown), err
}
