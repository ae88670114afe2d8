package flow

import (
	"context"
	"errors"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// CreatePayment opens a payment of a scanned code, after the PSP has held its
// payer's money. A psp_payment_id that is known is answered before anything else
// is judged: with the same fingerprint the payment as it is now (repeated), with
// another psp_payment_id_reused, after a cancel psp_payment_id_canceled. Refused
// otherwise, in this order: what validation finds; forbidden for a suspended PSP;
// what resolve refuses; what payment.Create refuses, fee_changed among it; limit_merchant_daily,
// limit_psp_daily, limit_participant_daily, limit_psp_position,
// limit_participant_position. A refusal is not kept.
func (p *Platform) CreatePayment(ctx context.Context, who access.PSP, in wire.NewPSPPayment, fingerprint string) (payment.Payment, bool, error) {
	if !isPSPPaymentID(in.PSPPaymentID) {
		return payment.Payment{}, false, badPSPPaymentID()
	}
	c, err := p.createCommand(ctx, who, in, fingerprint)
	if err != nil {
		return p.knownOr(ctx, who, in.PSPPaymentID, fingerprint, err)
	}
	result, err := p.engine.Do(ctx, c)
	if t, again := result.(taken); again {
		return p.repeated(ctx, who, t, fingerprint)
	}
	if err != nil {
		return payment.Payment{}, false, err
	}
	pay := result.(payment.Payment)
	p.payments.put(pay.ID, pay)
	return pay, false, nil
}

func badPSPPaymentID() error {
	return fault.New(fault.InvalidRequest).On("psp_payment_id").Because("psp_payment_id is 1 to 50 of A-Z a-z 0-9 . _ -")
}

// createCommand checks the input and resolves what never changes.
func (p *Platform) createCommand(ctx context.Context, who access.PSP, in wire.NewPSPPayment, fingerprint string) (*command, error) {
	if err := first(checkCreate(in), p.activePSP(ctx, who)); err != nil {
		return nil, err
	}
	text, err := codeOf(in.Link, in.Payload)
	if err != nil {
		return nil, err
	}
	r, err := p.resolveFixed(ctx, text)
	if err != nil {
		return nil, err
	}
	m, err := p.registry.Merchant(ctx, r.Merchant)
	if err != nil {
		return nil, err
	}
	book, err := p.registry.TariffBook(ctx, m)
	if err != nil {
		return nil, err
	}
	pay := p.draftPayment(who, in, r)
	return &command{
		class:  engine.Open,
		need:   need(r, pay.Payer.Key, who.ID),
		claims: []store.Claim{claim(pspScope(who.ID), in.PSPPaymentID, fingerprint, pay.ID)},
		act:    payment.Create{Payment: pay, Suspended: m.Suspended, Prices: &book, Told: told(in.Fee)}, pick: pickPayment(pay.ID),
	}, nil
}

// need asks for all live payments of a dynamic request, because the decision
// counts them; of a static one only for the payer's own.
func need(r payment.Request, payer string, psp id.ID) store.Need {
	if r.Kind == payment.Dynamic {
		return store.Need{Request: r.ID, Live: true, PSP: psp, Merchant: r.Merchant}
	}
	return store.Need{Request: r.ID, PayerKey: payer, PSP: psp, Merchant: r.Merchant}
}

func checkCreate(in wire.NewPSPPayment) error {
	if in.Fee != nil && (*in.Fee < 0 || *in.Fee > int64(money.Max)) {
		return fault.New(fault.AmountInvalid).On("fee").Because("fee is a whole number of tyiyn, 0 to 9007199254740991")
	}
	return first(sum("amount", in.Amount), currency(in.Currency), payerKind(in.Payer.Kind), short("receipt_id", in.ReceiptID, 20), short("payer.key", in.Payer.Key, 64),
		short("payer.name_masked", in.Payer.NameMasked, 100), bankCode("payer.bic", in.Payer.BIC))
}

func payerKind(kind string) error {
	if kind != "" && kind != "person" && kind != "company" {
		return fault.New(fault.InvalidRequest).On("payer.kind").Because("kind is person or company")
	}
	return nil
}

// told is the fee that the PSP has told its payer; nil when it does not say.
func told(fee *int64) *money.Amount {
	if fee == nil {
		return nil
	}
	amount := money.Amount(*fee)
	return &amount
}

// draftPayment fills a payment, all but its status, times and price, which are decided.
func (p *Platform) draftPayment(who access.PSP, in wire.NewPSPPayment, r payment.Request) payment.Payment {
	return payment.Payment{
		ID: p.newID(id.Payment, r.Merchant.Bucket()), Request: r.ID, Merchant: r.Merchant, Store: r.Store, Till: r.Till,
		PSP: who.ID, PSPPaymentID: in.PSPPaymentID, Amount: money.Amount(in.Amount), Currency: money.KGS, ReceiptID: in.ReceiptID,
		Payer: payment.Payer{Key: in.Payer.Key, NameMasked: in.Payer.NameMasked, Kind: in.Payer.Kind, BIC: in.Payer.BIC},
	}
}

// repeated answers a create whose psp_payment_id was known.
func (p *Platform) repeated(ctx context.Context, who access.PSP, t taken, fingerprint string) (payment.Payment, bool, error) {
	c, ok := t.in(pspScope(who.ID))
	if !ok {
		return payment.Payment{}, false, fault.New(fault.InternalError)
	}
	if c.Outcome == store.Tombstone {
		return tombstone(c.Key), false, fault.New(fault.PSPPaymentCanceled).On("psp_payment_id").Because("it was cancelled before this create came; release the payer's money")
	}
	pay, err := p.read.Payment(ctx, c.Object)
	if err != nil {
		return payment.Payment{}, false, missing(err)
	}
	if pay, err = p.freshPayment(ctx, pay); err != nil {
		return payment.Payment{}, false, err
	}
	if c.Fingerprint != fingerprint && !flaw.Has(flaw.NameReused) {
		return pay, false, fault.New(fault.PSPPaymentReused).On("psp_payment_id").Because("the same psp_payment_id came with another body")
	}
	return pay, true, nil
}

// knownOr answers from a known psp_payment_id, or else with the refusal.
func (p *Platform) knownOr(ctx context.Context, who access.PSP, pspID, fingerprint string, refusal error) (payment.Payment, bool, error) {
	c, err := p.read.Claim(ctx, store.Name{Scope: pspScope(who.ID), Key: pspID})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return payment.Payment{}, false, refusal
	case err != nil:
		return payment.Payment{}, false, missing(err)
	}
	return p.repeated(ctx, who, taken{[]store.Claim{c}}, fingerprint)
}

// tombstone is the payment of a psp_payment_id that can never be created.
func tombstone(pspID string) payment.Payment {
	return payment.Payment{PSPPaymentID: pspID, Status: payment.Canceled, Reason: payment.ReasonPSP}
}
