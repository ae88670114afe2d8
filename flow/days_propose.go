package flow

import (
	"context"
	"errors"

	"tolom/clearing"
	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/settlement"
	"tolom/store"
)

// The actions on business days that a second person approves. Their target is the date, or the payout.
const (
	CloseDayAction     = "day.close"
	AnswerDayAction    = "day.answer"
	AnswerPayoutAction = "payout.answer"
	PutHolidayAction   = "calendar.put"
	DropHolidayAction  = "calendar.drop"
)

// HolidayBody is the body of calendar.put; its target is the date.
type HolidayBody struct {
	Name    string `json:"name"`
	Banking bool   `json:"banking"`
}

// registerCalendar makes changes of the calendar known to four eyes: they move the days on which money is settled.
func (b *BusinessDays) registerCalendar(s *Proposals) {
	Register(s, Kind[HolidayBody]{
		Name: PutHolidayAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, body *HolidayBody) ([]proposal.Line, error) {
			before, err := b.exception(ctx, string(target))
			after := settlement.Holiday{Date: string(target), Name: body.Name, Banking: body.Banking}
			return []proposal.Line{newLine("day", string(target)), {Name: "name", Before: before.Name, After: after.Name}, truthLine("banking", before.Banking, after.Banking)},
				first(err, b.soundHoliday(after))
		},
		Apply: func(ctx context.Context, p proposal.Proposal, body HolidayBody) (string, error) {
			_, err := b.PutHoliday(ctx, settlement.Holiday{Date: string(p.Target), Name: body.Name, Banking: body.Banking})
			return string(p.Target), err
		},
	})
	Register(s, Kind[NoBody]{
		Name: DropHolidayAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, _ *NoBody) ([]proposal.Line, error) {
			before, err := b.exception(ctx, string(target))
			return []proposal.Line{newLine("day", string(target)), {Name: "name", Before: before.Name}}, first(err, b.checkHoliday(string(target)))
		},
		Apply: func(ctx context.Context, p proposal.Proposal, _ NoBody) (string, error) {
			return string(p.Target), b.DropHoliday(ctx, string(p.Target))
		},
	})
}

// exception is what the calendar says of a date, without a name where it says nothing.
func (b *BusinessDays) exception(ctx context.Context, date string) (settlement.Holiday, error) {
	all, err := b.Holidays(ctx)
	for _, h := range all {
		if h.Date == date {
			return h, err
		}
	}
	return settlement.Holiday{}, err
}

// CloseDayBody is the body of a proposal to end a day before its time. It says nothing further.
type CloseDayBody struct{}

// AnswerDayBody is what the central bank said to a submitted file, read by a person.
type AnswerDayBody struct {
	Message string `json:"message" doc:"The name of the file that was answered"`
	Outcome string `json:"outcome" enum:"accepted,rejected"`
	Reason  string `json:"reason,omitempty" maxLength:"500" doc:"Why it was rejected, in the central bank's words"`
}

// AnswerPayoutBody is what a merchant's bank said of a payout, read by a person.
type AnswerPayoutBody struct {
	Outcome string `json:"outcome" enum:"paid,returned"`
	Reason  string `json:"reason,omitempty" maxLength:"500" doc:"Why it came back, in the bank's words"`
}

// Register makes what people do to business days known to four eyes. It is called once, when the program starts.
func (b *BusinessDays) Register(s *Proposals) {
	b.registerCalendar(s)
	Register(s, Kind[CloseDayBody]{
		Name: CloseDayAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, _ *CloseDayBody) ([]proposal.Line, error) {
			return []proposal.Line{newLine("day", string(target))}, b.endable(ctx, string(target))
		},
		Apply: func(ctx context.Context, p proposal.Proposal, _ CloseDayBody) (string, error) {
			_, err := b.End(ctx, string(p.Target))
			return string(p.Target), err
		},
	})
	Register(s, Kind[AnswerDayBody]{
		Name: AnswerDayAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, body *AnswerDayBody) ([]proposal.Line, error) {
			d, err := b.Get(ctx, string(target))
			if err != nil {
				return nil, err
			}
			if body.Outcome != "accepted" && body.Outcome != "rejected" {
				return nil, fault.New(fault.InvalidRequest).On("outcome").Because("outcome is accepted or rejected")
			}
			_, refusal := settlement.Decide(d, body.answer().command(), b.world.Clock.Now())
			if refusal != nil {
				return nil, refusal
			}
			return []proposal.Line{newLine("day", d.Date), newLine("message", body.Message), newLine("outcome", body.Outcome)}, nil
		},
		Apply: func(ctx context.Context, p proposal.Proposal, body AnswerDayBody) (string, error) {
			_, err := b.Answer(ctx, string(p.Target), body.answer())
			return string(p.Target), err
		},
	})
	b.registerPayouts(s)
}

func (b *BusinessDays) registerPayouts(s *Proposals) {
	Register(s, Kind[AnswerPayoutBody]{
		Name: AnswerPayoutAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, body *AnswerPayoutBody) ([]proposal.Line, error) {
			p, err := b.Payout(ctx, target)
			if err != nil {
				return nil, err
			}
			if body.Outcome != "paid" && body.Outcome != "returned" {
				return nil, fault.New(fault.InvalidRequest).On("outcome").Because("outcome is paid or returned")
			}
			if err := b.Answerable(ctx, p); err != nil {
				return nil, err
			}
			return []proposal.Line{newLine("merchant", p.MerchantName), amountLine("amount", 0, p.Amount), newLine("outcome", body.Outcome)}, nil
		},
		Apply: func(ctx context.Context, p proposal.Proposal, body AnswerPayoutBody) (string, error) {
			_, err := b.AnswerPayout(ctx, p.Target, PayoutAnswer{Paid: body.Outcome == "paid", Reason: body.Reason})
			return string(p.Target), err
		},
	})
}

func (a AnswerDayBody) answer() DayAnswer {
	return DayAnswer{Message: a.Message, Accepted: a.Outcome == "accepted", Reason: a.Reason}
}

// endable refuses to end a day that is not the one that is going on; one that was cut may be closed again.
func (b *BusinessDays) endable(ctx context.Context, date string) error {
	if _, err := b.kept.Day(ctx, date); err == nil {
		return nil
	}
	g, begun, err := b.going(ctx)
	switch {
	case err != nil:
		return missing(err)
	case !begun:
		return fault.New(fault.NotFound)
	case g.date != date:
		return fault.New(fault.InvalidRequest).On("id").Because("the day that is going on ends on " + g.date)
	}
	return nil
}

// Answerable says whether an answer to a payout would be taken now. Refused: payout_already_final; payout_not_sent.
func (b *BusinessDays) Answerable(ctx context.Context, p settlement.Payout) error {
	if p.Status == settlement.PayoutReturned {
		return fault.New(fault.PayoutFinal)
	}
	message := clearing.CreditsID(p.Day, p.Participant)
	file, err := b.kept.FileOfMessage(ctx, message)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return missing(err)
	}
	if refusal := unsent(file, message); refusal != nil {
		return refusal
	}
	return nil
}
