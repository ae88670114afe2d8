package operator

import (
	"context"
	"net/http"
	"time"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/tariff"
	"tolom/wire"
)

// DatedTariff is a tariff from a moment on.
type DatedTariff struct {
	ID          string    `json:"id"`
	Of          string    `json:"of" enum:"merchant,category,centre"`
	MerchantID  string    `json:"merchant_id,omitempty"`
	MCC         string    `json:"mcc,omitempty"`
	Tariff      Tariff    `json:"tariff"`
	PSPs        []PSPRate `json:"psps" doc:"Interchange rates of certain PSPs, in place of the tariff's"`
	Ends        bool      `json:"ends"`
	ValidFrom   wire.Time `json:"valid_from" doc:"null: from the beginning"`
	CreatedAt   wire.Time `json:"created_at"`
	By          string    `json:"by" doc:"Who put it"`
	WithdrawnAt wire.Time `json:"withdrawn_at"`
}

// PSPRate is the interchange rate of one PSP.
type PSPRate struct {
	PSPID string `json:"psp_id"`
	Rate  int64  `json:"rate" doc:"Of the payment, in hundredths of a percent; at most the tariff's rate"`
}

// NewDatedTariff is the body of POST /operator/v1/tariffs.
type NewDatedTariff struct {
	MerchantID string    `json:"merchant_id,omitempty" doc:"Whose it is; without it and mcc the centre's, which holds where nobody has another"`
	MCC        string    `json:"mcc,omitempty" doc:"Of all merchants of a category, ISO 18245"`
	ValidFrom  string    `json:"valid_from,omitempty" doc:"A date, which begins at midnight in Bishkek, or RFC 3339; absent: now. Never in the past"`
	Tariff     *Tariff   `json:"tariff,omitempty" doc:"Needed unless ends"`
	PSPs       []PSPRate `json:"psps,omitempty"`
	Ends       bool      `json:"ends,omitempty" doc:"From then on the owner has no tariff of its own"`
}

// Quote is what a payment would cost.
type Quote struct {
	At       wire.Time   `json:"at"`
	Version  DatedTariff `json:"version"`
	Amount   int64       `json:"amount"`
	Fee      int64       `json:"fee" doc:"Borne by the merchant"`
	PayerFee int64       `json:"payer_fee" doc:"Borne by the payer, on top"`
	PSPPart  int64       `json:"interchange" doc:"Of the fee, to the PSP"`
	Net      int64       `json:"net" doc:"What the merchant is credited"`
	Total    int64       `json:"total" doc:"What the payer is debited"`
}

// MerchantTariffs are a merchant's own versions, and what holds now.
type MerchantTariffs struct {
	Now  DatedTariff   `json:"now" doc:"Of whoever's it is that holds"`
	Data []DatedTariff `json:"data" doc:"The merchant's own, in the order in which they begin, withdrawn ones too"`
}

type newDatedTariff struct {
	Because
	Body NewDatedTariff
}

type tariffOwner struct {
	Page
	MerchantID string `query:"merchant_id" doc:"Of one merchant"`
	MCC        string `query:"mcc" doc:"Of one category"`
	Centre     bool   `query:"centre" doc:"Of the centre"`
}

type quoteQuery struct {
	Named
	Amount int64  `query:"amount" required:"true" minimum:"1" doc:"Tyiyn"`
	PSPID  string `query:"psp_id" doc:"Through this PSP"`
	At     string `query:"at" doc:"A date, its midnight in Bishkek, or RFC 3339; absent: now"`
}

func (k *Desk) mountTariffs(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/tariffs", ID: "create-tariff", Status: http.StatusCreated, Summary: "Put a version of a tariff",
		Text: "A merchant's own version holds before its category's, and that before the centre's. A payment has the price of the version that holds when it is created, and keeps it. " +
			"Nodes hear of a new version within seconds. What has begun is never changed: a later version follows it.",
		Body: `{"mcc": "5411", "valid_from": "2026-12-01", "tariff": {"rate": 90, "min": 100, "interchange_rate": 40, "refunds_fee": true}}`, Waits: Waits,
	}, k.createTariff)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/tariffs", ID: "list-tariffs", Summary: "List versions of tariffs",
		Text: "All that were put, or those of one owner. What a merchant was registered with is in its own list.", Query: "mcc=5411",
	}, k.listTariffs)
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/tariffs/{id}/withdraw", ID: "withdraw-tariff", Summary: "Withdraw a version that has not begun",
		Text: "At the latest a minute before it begins.", Waits: Waits,
	}, k.withdrawTariff)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/merchants/{id}/tariffs", ID: "get-merchant-tariffs", Summary: "Show a merchant's tariffs of all times",
	}, k.merchantTariffs)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/merchants/{id}/tariffs/preview", ID: "preview-tariff", Summary: "Price a payment that was not made",
		Query: "amount=15000&at=2026-12-01", Codes: []fault.Code{fault.AmountInvalid, fault.AmountTooLarge},
	}, k.previewTariff)
}

func versionOut(v tariff.Version) DatedTariff {
	w := wire.TariffOf(v)
	out := DatedTariff{ID: w.ID, Of: w.Of, MerchantID: w.MerchantID, MCC: w.MCC, Tariff: tariffOut(v.Tariff), PSPs: []PSPRate{}, Ends: v.Ends,
		ValidFrom: w.ValidFrom, CreatedAt: w.CreatedAt, By: v.By, WithdrawnAt: wire.At(v.WithdrawnAt)}
	for _, s := range v.Shares {
		out.PSPs = append(out.PSPs, PSPRate{string(s.PSP), s.Rate})
	}
	return out
}

func versionsOut(versions []tariff.Version) []DatedTariff {
	out := make([]DatedTariff, len(versions))
	for i, v := range versions {
		out[i] = versionOut(v)
	}
	return out
}

func (k *Desk) createTariff(ctx context.Context, in *newDatedTariff) (*answer[DatedTariff], error) {
	b := in.Body
	owner, err := tariffOwnerOf(b.MerchantID, b.MCC)
	if err != nil {
		return nil, err
	}
	v := tariff.Version{Owner: owner, Ends: b.Ends, By: Who(ctx).Name}
	if v.ValidFrom, err = momentOf("valid_from", b.ValidFrom); err != nil {
		return nil, err
	}
	switch {
	case b.Tariff != nil:
		v.Tariff = tariffIn(*b.Tariff)
	case !b.Ends:
		return nil, fault.New(fault.InvalidRequest).On("tariff").Because("give the tariff, or ends")
	}
	for _, p := range b.PSPs {
		psp, err := reference(id.PSP, "psps", p.PSPID)
		if err != nil {
			return nil, err
		}
		v.Shares = append(v.Shares, tariff.Share{PSP: psp, Rate: p.Rate})
	}
	p, err := k.Proposals.Ask(ctx, flow.Ask{By: Who(ctx), Action: flow.ActSetTariff, Target: owner, Body: v, Reason: in.Reason})
	if err := Asked(p, err); err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().Tariffs(), id.ID(p.Outcome), versionOut)
}

// tariffOwnerOf reads whose a version is.
func tariffOwnerOf(merchant, mcc string) (id.ID, error) {
	switch {
	case merchant != "" && mcc != "":
		return "", fault.New(fault.InvalidRequest).On("mcc").Because("a tariff is a merchant's or a category's, not both")
	case merchant != "":
		return reference(id.Merchant, "merchant_id", merchant)
	case mcc != "":
		return tariff.Category(mcc), nil
	}
	return tariff.Centre, nil
}

func (k *Desk) listTariffs(ctx context.Context, in *tariffOwner) (*answer[List[DatedTariff]], error) {
	owner, err := tariffOwnerOf(in.MerchantID, in.MCC)
	if err != nil {
		return nil, err
	}
	if owner == tariff.Centre && !in.Centre {
		owner = ""
	}
	return listed(ctx, k.Registry.Desk().Tariffs(), string(owner), in.Page, versionOut, func(v tariff.Version) id.ID { return v.ID })
}

func (k *Desk) withdrawTariff(ctx context.Context, in *about) (*answer[DatedTariff], error) {
	i, err := identify(id.Tariff, in.ID)
	if err != nil {
		return nil, err
	}
	if err := k.ask(ctx, flow.ActWithdrawTariff, i, flow.NoBody{}, in.Reason); err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().Tariffs(), i, versionOut)
}

func (k *Desk) merchantTariffs(ctx context.Context, in *Named) (*answer[MerchantTariffs], error) {
	i, err := identify(id.Merchant, in.ID)
	if err != nil {
		return nil, err
	}
	all, err := k.Registry.Tariffs(ctx, i)
	if err != nil {
		return nil, err
	}
	q, err := k.Registry.Quote(ctx, i, "", 0, time.Time{})
	return shown(q, err, func(q flow.Quote) MerchantTariffs {
		return MerchantTariffs{Now: versionOut(q.Version), Data: versionsOut(all)}
	})
}

func (k *Desk) previewTariff(ctx context.Context, in *quoteQuery) (*answer[Quote], error) {
	i, err := identify(id.Merchant, in.ID)
	if err != nil {
		return nil, err
	}
	psp := id.ID("")
	if in.PSPID != "" {
		if psp, err = reference(id.PSP, "psp_id", in.PSPID); err != nil {
			return nil, err
		}
	}
	at, err := momentOf("at", in.At)
	if err != nil {
		return nil, err
	}
	q, err := k.Registry.Quote(ctx, i, psp, in.Amount, at)
	return shown(q, err, quoteOut)
}

func quoteOut(q flow.Quote) Quote {
	return Quote{At: wire.At(q.At), Version: versionOut(q.Version), Amount: int64(q.Amount), Fee: int64(q.Price.Fee), PayerFee: int64(q.Price.Surcharge),
		PSPPart: int64(q.Price.Interchange), Net: int64(q.Amount - q.Price.Fee), Total: int64(q.Amount + q.Price.Surcharge)}
}

// bishkek has no summer time, and has had none since 2005.
var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// momentOf reads a moment: a date, which is its midnight in Bishkek, or RFC 3339; zero for none.
func momentOf(param, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, bishkek); err == nil {
		return day.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 {
		return at, fault.New(fault.InvalidRequest).On(param).Because("write a date such as 2026-12-01, its midnight in Bishkek, or RFC 3339 such as 2026-12-01T06:00:00Z (and + as %2B)")
	}
	return at.UTC(), nil
}
