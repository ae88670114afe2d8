package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
)

// Limits is what the payments of a merchant, a PSP or a participant may come to, and what of it is used. Tyiyn.
type Limits struct {
	OwnerID string `json:"owner_id" doc:"A merchant, a PSP or a participant"`
	NewLimits
	Day          string `json:"day" doc:"The business day in Bishkek that daily_used is of"`
	DailyUsed    *int64 `json:"daily_used,omitempty" doc:"Reserved and paid today; absent without a daily limit, as nothing is counted then"`
	NetDebitUsed *int64 `json:"net_debit_used,omitempty" doc:"The position: reserved and paid less refunded, until settlement confirms; absent without a cap"`
}

// NewLimits is the body of PUT /operator/v1/…/limits. What is absent or 0 has no limit.
type NewLimits struct {
	MinAmount int64 `json:"min_amount,omitempty" doc:"The least amount of one payment; of merchants"`
	MaxAmount int64 `json:"max_amount,omitempty" doc:"The greatest amount of one payment; of merchants and PSPs"`
	Daily     int64 `json:"daily,omitempty" doc:"What the payments created in one business day come to, reserved and paid"`
	NetDebit  int64 `json:"net_debit,omitempty" doc:"The net debit cap of the position; of PSPs and participants"`
}

type newLimits struct {
	Named
	Because
	Body NewLimits
}

func limitsOut(u flow.Usage) Limits {
	out := Limits{OwnerID: string(u.Owner), Day: u.Day, NewLimits: NewLimits{MinAmount: int64(u.Least), MaxAmount: int64(u.Most),
		Daily: int64(u.Daily), NetDebit: int64(u.NetDebit)}}
	if u.Daily > 0 {
		out.DailyUsed = (*int64)(&u.DailyUsed)
	}
	if u.NetDebit > 0 {
		out.NetDebitUsed = (*int64)(&u.NetDebitUsed)
	}
	return out
}

const aboutLimits = "They hold for every payment created after this answer, on every node; never a tyiyn more fits. Reserved payments count. " +
	"What is counted already may be above a new limit: nothing is taken back then, and nothing more fits. The body replaces all limits of the owner."

func (k *Desk) mountLimits(d *gate.Door) {
	for _, x := range []struct {
		kind               id.Kind
		path, name, sample string
	}{
		{id.Merchant, "merchants", "merchant", `{"min_amount": 1000, "max_amount": 5000000, "daily": 100000000}`},
		{id.PSP, "psps", "psp", `{"max_amount": 10000000, "daily": 5000000000, "net_debit": 2000000000}`},
		{id.Participant, "participants", "participant", `{"daily": 9000000000, "net_debit": 3000000000}`},
	} {
		gate.Add(d, gate.Route{
			Method: http.MethodPut, Path: "/operator/v1/" + x.path + "/{id}/limits", ID: "set-" + x.name + "-limits",
			Summary: "Set the limits of a " + x.name, Text: aboutLimits, Codes: []fault.Code{fault.AmountInvalid}, Body: x.sample, Waits: Waits,
		}, func(ctx context.Context, in *newLimits) (*answer[Limits], error) { return k.setLimits(ctx, x.kind, in) })
		gate.Add(d, gate.Route{
			Method: http.MethodGet, Path: "/operator/v1/" + x.path + "/{id}/limits", ID: "get-" + x.name + "-limits",
			Summary: "Show the limits of a " + x.name + " and what is used of them",
		}, func(ctx context.Context, in *Named) (*answer[Limits], error) {
			i, err := identify(x.kind, in.ID)
			if err != nil {
				return nil, err
			}
			u, err := k.Platform.Usage(ctx, i)
			return shown(u, err, limitsOut)
		})
	}
}

func (k *Desk) setLimits(ctx context.Context, kind id.Kind, in *newLimits) (*answer[Limits], error) {
	i, err := identify(kind, in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	body := flow.LimitsBody{Least: money.Amount(b.MinAmount), Most: money.Amount(b.MaxAmount), Daily: money.Amount(b.Daily), NetDebit: money.Amount(b.NetDebit)}
	if err := k.ask(ctx, flow.ActSetLimits, i, body, in.Reason); err != nil {
		return nil, err
	}
	u, err := k.Platform.Usage(ctx, i)
	return shown(u, err, limitsOut)
}
