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

// TellReport sends a merchant's addresses that want to know it the event that a report is ready. Each is tried once, as
// with all that is outside of the feed. The event has the same id whenever it is sent, so a repeat after a crash is seen as one.
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
	event := wire.Event{
		ID: string(id.Event) + report.Token(), Type: string(ReportType), CreatedAt: shown.EndedAt, Data: wire.EventData{Object: shown},
	}
	for _, row := range wanting {
		d := newDelivery(e.world, row, event)
		a, err := e.sender.send(ctx, row, event)
		if err != nil {
			return refused(err, fault.NotFound)
		}
		if err := e.post.PutDelivery(context.WithoutCancel(ctx), spent(a, d)); err != nil {
			return refused(err, fault.NotFound)
		}
	}
	return nil
}
