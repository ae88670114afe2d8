package merchant

import (
	"context"
	"net/http"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/id"
	"tolom/settlement"
	"tolom/wire"
)

func (s *Shop) mountPayouts(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payouts", ID: "list-payouts", Scope: access.Report, Whole: true, Summary: "List what was paid out to your bank",
		Text: "Newest first: one payout for each business day that left you something, with how its amount comes about.",
	}, s.payouts)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/payouts/{id}", ID: "get-payout", Scope: access.Report, Whole: true, Summary: "Read a payout",
		Text: "made: it is on its way through the central bank. paid: your bank has it. returned: your bank could not put it on the account; it is on your balance again and in a later payout.",
	}, s.payout)
}

func (s *Shop) payouts(ctx context.Context, in *Page) (*answer[wire.List[wire.Payout]], error) {
	before, err := position("payouts", in.After)
	if err != nil {
		return nil, err
	}
	rows, err := s.Days.MerchantPayouts(ctx, who(ctx).ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	more := len(rows) > in.Limit
	return listOf("payouts", rows[:min(in.Limit, len(rows))], more, wire.PayoutOf, func(p settlement.Payout) id.ID { return p.ID }), nil
}

func (s *Shop) payout(ctx context.Context, in *Named) (*answer[wire.Payout], error) {
	i, err := id.Parse(id.Payout, in.ID)
	if err != nil {
		return nil, fault.New(fault.NotFound)
	}
	p, err := s.Days.Payout(ctx, i)
	if err == nil && p.Merchant != who(ctx).ID {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return nil, err
	}
	return &answer[wire.Payout]{wire.PayoutOf(p)}, nil
}
