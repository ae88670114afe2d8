package operator

import (
	"tolom/fault"
	"tolom/money"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
)

// Participant is a bank or another institution that settles through the centre.
type Participant struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	BIC       string    `json:"bic"`
	CreatedAt wire.Time `json:"created_at"`
}

// NewParticipant is the body of POST /operator/v1/participants.
type NewParticipant struct {
	Name string `json:"name"`
	BIC  string `json:"bic,omitempty" pattern:"^([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?|[0-9]{6})?$" doc:"The bank's code by ISO 9362, 8 or 11 characters, or the 6 digits of a national code"`
}

// Tariff says what accepting payments costs a merchant. Rates are in hundredths of a percent (50 = 0.50 %), sums in tyiyn.
type Tariff struct {
	Rate            int64 `json:"rate,omitempty" doc:"Of the payment, in hundredths of a percent"`
	Fixed           int64 `json:"fixed,omitempty" doc:"Added to each fee, tyiyn"`
	Min             int64 `json:"min,omitempty" doc:"The least fee, tyiyn"`
	Max             int64 `json:"max,omitempty" doc:"The greatest fee, tyiyn; 0: none"`
	InterchangeRate int64 `json:"interchange_rate,omitempty" doc:"The PSP's part of the payment, in hundredths of a percent"`
	RefundsFee      bool  `json:"refunds_fee,omitempty" doc:"The fee goes back in proportion with a refund"`
	PayerBears      bool  `json:"payer_bears,omitempty" doc:"The payer bears the fee, on top of the amount"`
	RefundCharge    int64 `json:"refund_charge,omitempty" doc:"What a refund costs the merchant, tyiyn; at most its amount"`
}

// NewTariff is the body of PUT …/tariff. Nothing that was there from the beginning may be left out: whoever changes one number says what the others are, and
// an empty body is not taken for a tariff of nothing.
type NewTariff struct {
	Rate            *int64 `json:"rate" nullable:"false" doc:"Of the payment, in hundredths of a percent"`
	Fixed           *int64 `json:"fixed" nullable:"false" doc:"Added to each fee, tyiyn"`
	Min             *int64 `json:"min" nullable:"false" doc:"The least fee, tyiyn"`
	Max             *int64 `json:"max" nullable:"false" doc:"The greatest fee, tyiyn; 0: none"`
	InterchangeRate *int64 `json:"interchange_rate" nullable:"false" doc:"The PSP's part of the payment, in hundredths of a percent"`
	RefundsFee      *bool  `json:"refunds_fee" nullable:"false" doc:"The fee goes back in proportion with a refund"`

	PayerBears   bool  `json:"payer_bears,omitempty" doc:"The payer bears the fee, on top of the amount; absent: the merchant"`
	RefundCharge int64 `json:"refund_charge,omitempty" doc:"What a refund costs the merchant, tyiyn; absent: nothing"`
}

// whole gives the tariff, or refuses it for the first field that was left out.
func (t NewTariff) whole() (Tariff, error) {
	for _, x := range []struct {
		name  string
		given bool
	}{
		{"rate", t.Rate != nil}, {"fixed", t.Fixed != nil}, {"min", t.Min != nil}, {"max", t.Max != nil},
		{"interchange_rate", t.InterchangeRate != nil}, {"refunds_fee", t.RefundsFee != nil},
	} {
		if !x.given {
			return Tariff{}, fault.New(fault.InvalidRequest).On(x.name).Because("give the whole tariff, " + x.name + " too; it replaces the one before")
		}
	}
	return Tariff{*t.Rate, *t.Fixed, *t.Min, *t.Max, *t.InterchangeRate, *t.RefundsFee, t.PayerBears, t.RefundCharge}, nil
}

func tariffIn(t Tariff) tariff.Tariff {
	return tariff.Tariff{Rate: t.Rate, Fixed: money.Amount(t.Fixed), Min: money.Amount(t.Min), Max: money.Amount(t.Max),
		InterchangeRate: t.InterchangeRate, RefundsFee: t.RefundsFee, PayerBears: t.PayerBears, RefundCharge: money.Amount(t.RefundCharge)}
}

func tariffOut(t tariff.Tariff) Tariff {
	return Tariff{Rate: t.Rate, Fixed: int64(t.Fixed), Min: int64(t.Min), Max: int64(t.Max), InterchangeRate: t.InterchangeRate, RefundsFee: t.RefundsFee,
		PayerBears: t.PayerBears, RefundCharge: int64(t.RefundCharge)}
}

// Merchant is who sells.
type Merchant struct {
	ID              string    `json:"id"`
	ParticipantID   string    `json:"participant_id" doc:"The bank that holds its account"`
	Name            string    `json:"name"`
	NameLatin       string    `json:"name_latin" doc:"As QR codes show it"`
	MCC             string    `json:"mcc" doc:"Category, four digits of ISO 18245"`
	TaxID           string    `json:"tax_id"`
	BankAccount     string    `json:"bank_account"`
	Suspended       bool      `json:"suspended"`
	Tariff          Tariff    `json:"tariff" doc:"That holds now, whoever's it is"`
	RefundOverdraft int64     `json:"refund_overdraft" doc:"How far refunds may take the balance below zero, tyiyn"`
	CreatedAt       wire.Time `json:"created_at"`
}

// NewMerchant is the body of POST /operator/v1/merchants.
type NewMerchant struct {
	ParticipantID   string `json:"participant_id"`
	Name            string `json:"name"`
	NameLatin       string `json:"name_latin,omitempty" doc:"At most 25 letters; made from name when absent"`
	MCC             string `json:"mcc"`
	TaxID           string `json:"tax_id,omitempty"`
	BankAccount     string `json:"bank_account,omitempty"`
	Tariff          Tariff `json:"tariff,omitempty" doc:"Its own from the beginning; absent or of zeros: its category's or the centre's holds"`
	RefundOverdraft int64  `json:"refund_overdraft,omitempty"`
}

// NewBankAccount is the body of PUT …/bank-account.
type NewBankAccount struct {
	BankAccount *string `json:"bank_account" maxLength:"34" nullable:"false" doc:"Empty: none"`
}

// NewOverdraft is the body of PUT …/refund-overdraft.
type NewOverdraft struct {
	RefundOverdraft *int64 `json:"refund_overdraft" nullable:"false" doc:"Tyiyn; 0: refunds never take the balance below zero"`
}

func merchantOut(m store.Merchant) Merchant {
	return Merchant{ID: string(m.ID), ParticipantID: string(m.Participant), Name: m.Name, NameLatin: m.NameLatin, MCC: m.MCC, TaxID: m.TaxID,
		BankAccount: m.BankAccount, Suspended: m.Suspended, Tariff: tariffOut(m.Tariff), RefundOverdraft: int64(m.RefundOverdraft), CreatedAt: wire.At(m.CreatedAt)}
}

// Store is a merchant's place.
type Store struct {
	ID         string    `json:"id"`
	MerchantID string    `json:"merchant_id"`
	Name       string    `json:"name"`
	Address    string    `json:"address"`
	CreatedAt  wire.Time `json:"created_at"`
}

// NewStore is the body of POST /operator/v1/stores.
type NewStore struct {
	MerchantID string `json:"merchant_id"`
	Name       string `json:"name"`
	Address    string `json:"address,omitempty"`
}

// Till is a cash desk or web shop in a store.
type Till struct {
	ID         string    `json:"id"`
	MerchantID string    `json:"merchant_id"`
	StoreID    string    `json:"store_id"`
	Name       string    `json:"name"`
	CreatedAt  wire.Time `json:"created_at"`
}

// NewTill is the body of POST /operator/v1/tills.
type NewTill struct {
	MerchantID string `json:"merchant_id"`
	StoreID    string `json:"store_id"`
	Name       string `json:"name"`
}

// PSP is a payment solution.
type PSP struct {
	ID            string    `json:"id"`
	ParticipantID string    `json:"participant_id"`
	Name          string    `json:"name"`
	BIC           string    `json:"bic"`
	Suspended     bool      `json:"suspended"`
	CreatedAt     wire.Time `json:"created_at"`
}

// NewPSP is the body of POST /operator/v1/psps.
type NewPSP struct {
	ParticipantID string `json:"participant_id"`
	Name          string `json:"name"`
	BIC           string `json:"bic,omitempty" pattern:"^([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?|[0-9]{6})?$" doc:"The bank's code by ISO 9362, 8 or 11 characters, or the 6 digits of a national code"`
}

// Key is a key of a merchant or a PSP.
type Key struct {
	ID         string    `json:"id"`
	OwnerID    string    `json:"owner_id" doc:"A merchant or a PSP"`
	TillID     string    `json:"till_id" doc:"The till that the key is limited to"`
	StoreID    string    `json:"store_id" doc:"The store that the key is limited to"`
	Name       string    `json:"name"`
	Scopes     []string  `json:"scopes" doc:"What a merchant's key may do: read, request, refund, report"`
	Networks   []string  `json:"networks" doc:"Where it may come from; empty: anywhere"`
	Secret     string    `json:"secret,omitempty" doc:"Shown once, when made; only its digest is kept"`
	Hint       string    `json:"hint" doc:"Its last four characters"`
	ReplacedBy string    `json:"replaced_by" doc:"The key that it was rolled to"`
	CreatedAt  wire.Time `json:"created_at"`
	ExpiresAt  wire.Time `json:"expires_at"`
	LastUsedAt wire.Time `json:"last_used_at" doc:"To the minute"`
	RevokedAt  wire.Time `json:"revoked_at"`
}

// NewKey is the body of POST /operator/v1/keys.
type NewKey struct {
	OwnerID   string   `json:"owner_id"`
	TillID    string   `json:"till_id,omitempty" doc:"Limits a merchant's key to a till"`
	StoreID   string   `json:"store_id,omitempty" doc:"Limits a merchant's key to a store"`
	Name      string   `json:"name,omitempty"`
	Scopes    []string `json:"scopes,omitempty" enum:"read,request,refund,report" doc:"Of read, request, refund, report; absent: all"`
	Networks  []string `json:"networks,omitempty" doc:"Networks it may come from, as 192.0.2.0/24; absent: anywhere"`
	ExpiresAt string   `json:"expires_at,omitempty" format:"date-time" doc:"Until when; no end when absent"`
}

// Roll is the body of POST …/roll.
type Roll struct {
	OverlapSeconds *int64 `json:"overlap_seconds" nullable:"false" minimum:"0" maximum:"7776000" doc:"How long the old key goes on working, at most ninety days"`
}

// Pairing is a code by which a till is paired.
type Pairing struct {
	ID        string    `json:"id"`
	TillID    string    `json:"till_id"`
	Code      string    `json:"code" doc:"Shown once. Eight letters and digits to type into the point of sale, good for one till once"`
	ExpiresAt wire.Time `json:"expires_at"`
}

// Session is a browser that is signed in to the point of sale.
type Session struct {
	ID         string    `json:"id"`
	MerchantID string    `json:"merchant_id"`
	TillID     string    `json:"till_id"`
	KeyID      string    `json:"key_id" doc:"The key whose power it has; revoking it ends the session too"`
	CreatedAt  wire.Time `json:"created_at"`
	ExpiresAt  wire.Time `json:"expires_at"`
	LastUsedAt wire.Time `json:"last_used_at" doc:"To the minute"`
	EndedAt    wire.Time `json:"ended_at"`
}
