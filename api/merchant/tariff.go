package merchant

import (
	"context"
	"net/http"
	"time"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/wire"
)

type tariffQuery struct {
	Amount int64 `query:"amount" minimum:"1" doc:"Price a payment of this amount, tyiyn"`
}

func (s *Shop) mountTariff(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/v1/tariff", ID: "get-tariff", Scope: access.Report, Whole: true, Summary: "Read what payments cost you",
		Text: "The tariff that holds now, what is known to change, and the price of an amount. A payment keeps the price of the moment in which it was created. " +
			"Where the payer bears the fee, the payer's bank debits amount + payer_fee and you are credited the whole amount.",
		Query: "amount=15000",
		Codes: []fault.Code{fault.AmountInvalid, fault.AmountTooLarge},
	}, s.tariff)
}

func (s *Shop) tariff(ctx context.Context, in *tariffQuery) (*answer[wire.MerchantTariff], error) {
	q, err := s.Platform.Registry().Quote(ctx, who(ctx).ID, "", in.Amount, time.Time{})
	if err != nil {
		return nil, err
	}
	out := wire.MerchantTariff{Now: wire.TariffOf(q.Version), Next: wire.TariffsOf(q.Next)}
	if q.Amount > 0 {
		out.Price = &wire.Price{Amount: int64(q.Amount), Fee: int64(q.Price.Fee), PayerFee: int64(q.Price.Surcharge),
			Net: int64(q.Amount - q.Price.Fee), Total: int64(q.Amount + q.Price.Surcharge)}
	}
	return &answer[wire.MerchantTariff]{out}, nil
}
