package wire

import "tolom/tariff"

// TariffVersion is what payments cost from a moment on. Rates are in hundredths of a
// percent (50 = 0.50 %), sums in tyiyn. The rate's part is rounded down to a whole
// tyiyn per payment, then fixed is added, then min and max are applied; a fee is at
// most the payment.
type TariffVersion struct {
	ID           string `json:"id"`
	Of           string `json:"of" enum:"merchant,category,centre" doc:"Whose it is: your own, your category's, or the centre's default"`
	MCC          string `json:"mcc,omitempty" doc:"The category"`
	MerchantID   string `json:"merchant_id,omitempty"`
	Rate         int64  `json:"rate" doc:"Of the payment, in hundredths of a percent"`
	Fixed        int64  `json:"fixed"`
	Min          int64  `json:"min"`
	Max          int64  `json:"max" doc:"0: none"`
	Bearer       string `json:"bearer" enum:"merchant,payer" doc:"Who bears the fee; a payer pays it on top of the amount"`
	RefundPolicy string `json:"refund_policy" enum:"returned,kept" doc:"Whether the fee goes back, in proportion, to whoever bore it"`
	RefundFee    int64  `json:"refund_fee" doc:"What a refund costs the merchant, at most its amount"`
	Ends         bool   `json:"ends" doc:"From then on there is no tariff of this owner: the category's or the centre's holds"`
	ValidFrom    Time   `json:"valid_from" doc:"null: from the beginning"`
	CreatedAt    Time   `json:"created_at"`
}

// TariffOf renders a version.
func TariffOf(v tariff.Version) TariffVersion {
	t := v.Tariff
	out := TariffVersion{
		ID: string(v.ID), Of: "merchant", MerchantID: string(v.Owner), Rate: t.Rate, Fixed: int64(t.Fixed), Min: int64(t.Min), Max: int64(t.Max),
		Bearer: "merchant", RefundPolicy: "kept", RefundFee: int64(t.RefundCharge), Ends: v.Ends, ValidFrom: At(v.ValidFrom), CreatedAt: At(v.CreatedAt),
	}
	if t.PayerBears {
		out.Bearer = "payer"
	}
	if t.RefundsFee {
		out.RefundPolicy = "returned"
	}
	if mcc, ok := tariff.MCC(v.Owner); ok {
		out.Of, out.MerchantID, out.MCC = "category", "", mcc
	} else if v.Owner == tariff.Centre {
		out.Of, out.MerchantID = "centre", ""
	}
	return out
}

// TariffsOf renders a list.
func TariffsOf(versions []tariff.Version) []TariffVersion {
	out := make([]TariffVersion, len(versions))
	for i, v := range versions {
		out[i] = TariffOf(v)
	}
	return out
}

// MerchantTariff is what payments cost a merchant now, what will change, and what an
// amount would cost.
type MerchantTariff struct {
	Now   TariffVersion   `json:"now"`
	Next  []TariffVersion `json:"next" doc:"What is known to begin later, soonest first"`
	Price *Price          `json:"price,omitempty" doc:"Of the amount that was asked for"`
}

// Price is what one payment would cost.
type Price struct {
	Amount   int64 `json:"amount"`
	Fee      int64 `json:"fee" doc:"Borne by the merchant"`
	PayerFee int64 `json:"payer_fee" doc:"Borne by the payer, on top"`
	Net      int64 `json:"net" doc:"What the merchant is credited: amount − fee"`
	Total    int64 `json:"total" doc:"What the payer is debited: amount + payer_fee"`
}
