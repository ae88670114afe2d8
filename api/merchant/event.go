package merchant

import (
	"context"
	"net/http"
	"strconv"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/wire"
)

type eventQuery struct {
	Limit   int   `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
	After   int64 `query:"after" minimum:"0" doc:"Sequence of the last event that you have; 0: from the beginning"`
	Unacked bool  `query:"unacked" doc:"Only those that you have not acknowledged"`
}

func (s *Shop) mountEvents(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/events", ID: "list-events", Scope: access.Read, Whole: true, Summary: "Read your feed",
		Text: "Everything that happened to your payment requests, payments and refunds, oldest first, for shops without a public address. " +
			"sequence counts from 1 without gaps, so asking after the last one that you have skips nothing.",
		Query: "after=16",
	}, s.events)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/events/{id}/ack", ID: "ack-event", Scope: access.Read, Whole: true, Summary: "Acknowledge an event",
		Text:  "It no longer appears under ?unacked=true. Acknowledging twice is harmless with any key.",
		Codes: []fault.Code{fault.EventNotFound},
	}, s.ack)
}

// mostAcked is how many events one call acknowledges together.
const mostAcked = 500

type ackThrough struct{ Body wire.AckThrough }

func (s *Shop) mountAckThrough(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/events/ack", ID: "ack-events", Scope: access.Read, Whole: true, Summary: "Acknowledge events up to a position",
		Text: "All events up to a sequence, for a shop that works through the list in order: 500 a call.",
		Body: `{"through": 16}`,
	}, s.ackThrough)
}

func (s *Shop) ackThrough(ctx context.Context, in *ackThrough) (*answer[wire.AckedThrough], error) {
	if in.Body.Through < 1 {
		return nil, fault.New(fault.InvalidRequest).On("through").Because("through is the sequence of an event, 1 or more")
	}
	acked, more, err := s.Teller.AckThrough(ctx, who(ctx).ID, in.Body.Through, mostAcked)
	if err != nil {
		return nil, err
	}
	return &answer[wire.AckedThrough]{wire.AckedThrough{Acked: acked, HasMore: more}}, nil
}

func (s *Shop) events(ctx context.Context, in *eventQuery) (*answer[wire.List[wire.Event]], error) {
	rows, more, err := s.Teller.Events(ctx, who(ctx).ID, in.After, in.Unacked, in.Limit)
	if err != nil {
		return nil, err
	}
	out := wire.List[wire.Event]{Data: append([]wire.Event{}, rows...), HasMore: more}
	if len(rows) > 0 {
		out.After = strconv.FormatInt(rows[len(rows)-1].Sequence, 10)
	}
	return &answer[wire.List[wire.Event]]{out}, nil
}

func (s *Shop) ack(ctx context.Context, in *Named) (*answer[wire.Event], error) {
	if err := s.Teller.Ack(ctx, who(ctx).ID, in.ID); err != nil {
		return nil, err
	}
	e, err := s.Teller.Event(ctx, who(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Event]{e}, nil
}
