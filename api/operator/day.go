package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/settlement"
	"tolom/wire"
)

// Day is a business day of the centre.
type Day struct {
	Date        string    `json:"date" doc:"The banking day on which it ended"`
	Status      string    `json:"status" enum:"open,closed,submitted,settled,returned"`
	From        int64     `json:"from_position" doc:"It has the facts of the feed after this position"`
	To          int64     `json:"to_position" doc:"and up to this one"`
	CutAt       wire.Time `json:"cut_at" doc:"When it ended"`
	TakenAt     wire.Time `json:"taken_at" doc:"When its end was written down"`
	ClosedAt    wire.Time `json:"closed_at"`
	Late        int64     `json:"late" doc:"Facts that happened before the end of an earlier day and were numbered after it"`
	Message     string    `json:"message" doc:"The file that the central bank has, or had last"`
	Attempt     int       `json:"attempt"`
	SubmittedAt wire.Time `json:"submitted_at"`
	AcceptedAt  wire.Time `json:"accepted_at"`
	SettledAt   wire.Time `json:"settled_at"`
	Reason      string    `json:"reason" doc:"Why the central bank returned it"`
	Stage       string    `json:"stage" doc:"What is being written down; empty when nothing is"`
}

// Holiday is an exception of the calendar of banking days.
type Holiday struct {
	Date    string `json:"date"`
	Name    string `json:"name"`
	Banking bool   `json:"banking" doc:"Banks settle on it although it is a weekend; false: they do not, although it is none"`
}

// NewHoliday is the body of PUT /operator/v1/holidays/{id}.
type NewHoliday struct {
	Name    string `json:"name"`
	Banking bool   `json:"banking,omitempty"`
}

func dayOut(d settlement.Day) Day {
	return Day{
		Date: d.Date, Status: string(d.Status), From: d.From, To: d.To, CutAt: wire.At(d.CutAt), TakenAt: wire.At(d.TakenAt), ClosedAt: wire.At(d.ClosedAt),
		Late: d.Late, Message: d.Message, Attempt: d.Attempt, SubmittedAt: wire.At(d.SubmittedAt), AcceptedAt: wire.At(d.AcceptedAt),
		SettledAt: wire.At(d.EndedAt), Reason: d.Reason, Stage: string(d.Stage),
	}
}

func holidayOut(h settlement.Holiday) Holiday {
	return Holiday{Date: h.Date, Name: h.Name, Banking: h.Banking}
}

type (
	dayList struct {
		Named
		Page
	}
	dayClosing struct {
		Named
		Because
	}
	dayAnswer struct {
		Named
		Body flow.AnswerDayBody
	}
	payoutAnswer struct {
		Named
		Body flow.AnswerPayoutBody
	}
	newHoliday struct {
		Named
		Because
		Body NewHoliday
	}
)

const aboutDates = "The id is the date of the day, as 2026-11-24. "

func (k *Desk) mountDays(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/days", ID: "list-days", Summary: "List business days",
		Text: "Newest first, those that have ended. A day ends on banking days at the centre's time, 09:05 in Bishkek unless it says otherwise; what happens from then on is in the next.",
	}, k.listDays)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/days/{id}", ID: "get-day", Summary: "Read a business day", Text: aboutDates,
	}, func(ctx context.Context, in *Named) (*answer[Day], error) {
		day, err := k.Days.Get(ctx, in.ID)
		return shown(day, err, dayOut)
	})
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/days/{id}/positions", ID: "list-positions", Summary: "Read what a closed day comes to for each participant",
		Text: aboutDates + "The centre's own position comes first. The nets sum to zero.", Codes: []fault.Code{fault.DayNotClosed},
	}, k.positions)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/days/{id}/payouts", ID: "list-day-payouts", Summary: "List the payouts of a closed day", Text: aboutDates,
		Codes: []fault.Code{fault.DayNotClosed},
	}, k.dayPayouts)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/days/{id}/close", ID: "close-day", Summary: "End a day before its time, or finish its close", Waits: Waits,
		Text: aboutDates + "Only the day that is going on can be ended. One that has ended is closed as far as it goes, so the call may be repeated.",
	}, k.closeDay)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/days/{id}/answer", ID: "answer-day", Summary: "Enter the central bank's answer by hand", Waits: Waits,
		Text:  aboutDates + "For answers that came in no file. Netting is of all or of none. Repeating an answer changes nothing.",
		Codes: []fault.Code{fault.DayMessage, fault.DaySettled}, Body: `{"message": "TOLOM-20261124-1", "outcome": "accepted"}`,
	}, k.answerDay)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/payouts/{id}/answer", ID: "answer-payout", Summary: "Enter a bank's answer to a payout by hand", Waits: Waits,
		Text:  "For answers that came in no file, once the file with the payout lies with its bank. What a bank sends back is owed to the merchant again and is in a payout of a later day.",
		Codes: []fault.Code{fault.PayoutUnsent, fault.PayoutFinal}, Body: `{"outcome": "returned", "reason": "The account is closed"}`,
	}, k.answerPayout)
	k.mountHolidays(d)
}

func (k *Desk) mountHolidays(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/holidays", ID: "list-holidays", Summary: "List the exceptions of the calendar of banking days",
		Text: "Saturdays and Sundays are no banking days, all others are, but for these.",
	}, k.listHolidays)
	gate.Add(d, gate.Route{
		Method: http.MethodPut, Path: "/operator/v1/holidays/{id}", ID: "put-holiday", Summary: "Change the calendar for a date to come",
		Text: aboutDates + "A business day that would end on it ends on the next banking day.", Body: `{"name": "Nooruz"}`, Waits: Waits,
	}, func(ctx context.Context, in *newHoliday) (*answer[Holiday], error) {
		err := k.ask(ctx, flow.PutHolidayAction, id.ID(in.ID), flow.HolidayBody{Name: in.Body.Name, Banking: in.Body.Banking}, in.Reason)
		return shown(settlement.Holiday{Date: in.ID, Name: in.Body.Name, Banking: in.Body.Banking}, err, holidayOut)
	})
	gate.Add(d, gate.Route{
		Method: http.MethodDelete, Path: "/operator/v1/holidays/{id}", ID: "drop-holiday", Summary: "Take a date out of the exceptions", Text: aboutDates, Status: http.StatusNoContent, Waits: Waits,
	}, func(ctx context.Context, in *about) (*struct{}, error) {
		return nil, k.ask(ctx, flow.DropHolidayAction, id.ID(in.ID), flow.NoBody{}, in.Reason)
	})
}

func (k *Desk) listDays(ctx context.Context, in *Page) (*answer[List[Day]], error) {
	rows, err := k.Days.List(ctx, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(rows, in.Limit, dayOut, func(d settlement.Day) string { return d.Date }), nil
}

// pageOf makes a page of rows, of which there is one more than is shown when there are more.
func pageOf[R, T any](rows []R, limit int, render func(R) T, name func(R) string) *answer[List[T]] {
	out := List[T]{Data: []T{}, HasMore: len(rows) > limit}
	if out.HasMore {
		rows = rows[:limit]
		out.After = name(rows[len(rows)-1])
	}
	for _, r := range rows {
		out.Data = append(out.Data, render(r))
	}
	return &answer[List[T]]{out}
}

func (k *Desk) positions(ctx context.Context, in *Named) (*answer[List[wire.Position]], error) {
	rows, err := k.Days.Positions(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return pageOf(rows, len(rows), wire.PositionOf, func(p settlement.Position) string { return string(p.Participant) }), nil
}

func (k *Desk) dayPayouts(ctx context.Context, in *dayList) (*answer[wire.List[wire.Payout]], error) {
	rows, err := k.Days.Payouts(ctx, in.ID, id.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := pageOf(rows, in.Limit, wire.PayoutOf, func(p settlement.Payout) string { return string(p.ID) })
	return &answer[wire.List[wire.Payout]]{wire.List[wire.Payout](page.Body)}, nil // of one name with the merchant's list
}

func (k *Desk) closeDay(ctx context.Context, in *dayClosing) (*answer[Day], error) {
	if err := k.ask(ctx, flow.CloseDayAction, id.ID(in.ID), flow.CloseDayBody{}, in.Reason); err != nil {
		return nil, err
	}
	d, err := k.Days.Get(ctx, in.ID)
	return shown(d, err, dayOut)
}

func (k *Desk) answerDay(ctx context.Context, in *dayAnswer) (*answer[Day], error) {
	if err := k.ask(ctx, flow.AnswerDayAction, id.ID(in.ID), in.Body, in.Body.Reason); err != nil {
		return nil, err
	}
	d, err := k.Days.Get(ctx, in.ID)
	return shown(d, err, dayOut)
}

func (k *Desk) answerPayout(ctx context.Context, in *payoutAnswer) (*answer[wire.Payout], error) {
	i, err := identify(id.Payout, in.ID)
	if err != nil {
		return nil, err
	}
	if err := k.ask(ctx, flow.AnswerPayoutAction, i, in.Body, in.Body.Reason); err != nil {
		return nil, err
	}
	p, err := k.Days.Payout(ctx, i)
	return shown(p, err, wire.PayoutOf)
}

func (k *Desk) listHolidays(ctx context.Context, _ *struct{}) (*answer[List[Holiday]], error) {
	rows, err := k.Days.Holidays(ctx)
	if err != nil {
		return nil, err
	}
	return pageOf(rows, len(rows), holidayOut, func(h settlement.Holiday) string { return h.Date }), nil
}
