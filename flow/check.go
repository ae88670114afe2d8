package flow

import (
	"context"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// The types of operations in the interaction protocol.
const (
	personToBusiness   = 20
	businessToBusiness = 50
)

// Check says what a scanned code asks for, to whom it goes and whether the
// amount may change. The first check of a dynamic request marks it scanned.
// Refused: forbidden for a suspended PSP; what resolve refuses; merchant_suspended;
// the request's own end; what Accepts refuses of an amount, which keeps the
// limits on one payment too.
func (p *Platform) Check(ctx context.Context, who access.PSP, in wire.Check) (wire.Checked, error) {
	if err := p.activePSP(ctx, who); err != nil {
		return wire.Checked{}, err
	}
	text, err := codeOf(in.Link, in.Payload)
	if err == nil && in.Payer != nil {
		err = payerKind(in.Payer.Kind)
	}
	if err != nil {
		return wire.Checked{}, err
	}
	r, err := p.resolveFrom(ctx, text, p.unscanned)
	if err != nil {
		return wire.Checked{}, err
	}
	m, err := p.registry.Merchant(ctx, r.Merchant)
	if err != nil {
		return wire.Checked{}, err
	}
	if m.Suspended {
		return wire.Checked{}, fault.New(fault.MerchantSuspended)
	}
	if r, err = p.scan(ctx, r); err != nil {
		return wire.Checked{}, err
	}
	within, err := p.within(ctx, r, who)
	if err == nil {
		err = accepts(r, in.Amount, within)
	}
	if err != nil {
		return wire.Checked{}, err
	}
	return p.checked(ctx, r, m, who.ID, in, within)
}

// within gives the amounts that the limits leave of one payment. It may be some
// seconds old; create looks again.
func (p *Platform) within(ctx context.Context, r payment.Request, who access.PSP) (out payment.Range, err error) {
	for _, owner := range []id.ID{r.Merchant, who.ID} {
		l, err := p.registry.Limits(ctx, owner)
		if err != nil {
			return out, err
		}
		out = out.Narrowed(l)
	}
	return out, nil
}

// accepts judges the amount that the payer has chosen, or else whether there is
// any that would be accepted.
func accepts(r payment.Request, amount int64, within payment.Range) error {
	if amount != 0 {
		if err := sum("amount", amount); err != nil {
			return err
		}
	} else if low, high := r.Bounds(within); low > high {
		amount = int64(r.Amount)
	} else {
		return nil
	}
	if refusal := r.Accepts(money.Amount(amount), within); refusal != nil {
		return refusal
	}
	return nil
}

// activePSP refuses a PSP that the operator has suspended.
func (p *Platform) activePSP(ctx context.Context, who access.PSP) error {
	psp, err := p.registry.PSP(ctx, who.ID)
	if err != nil {
		return err
	}
	if psp.Suspended {
		return fault.New(fault.Forbidden).Because("the operator has suspended this payment solution; payments under way can still be executed, cancelled and asked for")
	}
	return nil
}

// unscanned gives a request for a check: one that is about to be marked as scanned
// may come from memory, since the mark is decided under its lock and answers with
// how it stands; any other is read.
func (p *Platform) unscanned(ctx context.Context, request id.ID) (payment.Request, error) {
	if r, ok := p.requests.get(request); ok && r.Kind == payment.Dynamic && r.ScannedAt.IsZero() {
		return r, nil
	}
	return p.readRequest(ctx, request)
}

// scan marks a dynamic request as scanned; of others it only looks whether they
// can be paid. Nothing is written when nothing changes.
func (p *Platform) scan(ctx context.Context, r payment.Request) (payment.Request, error) {
	if r.Kind == payment.Static || !r.ScannedAt.IsZero() {
		fresh, err := p.freshRequest(ctx, r)
		if err != nil {
			return r, err
		}
		if refusal := fresh.Open(); refusal != nil {
			return fresh, refusal
		}
		return fresh, nil
	}
	result, err := p.engine.Do(ctx, &command{class: engine.Ask, need: store.Need{Request: r.ID, Live: true}, act: payment.Scan{}, pick: pickRequest})
	if err != nil {
		return r, err
	}
	r = result.(payment.Request)
	p.requests.put(r.ID, r)
	return r, nil
}

// checked renders the answer.
func (p *Platform) checked(ctx context.Context, r payment.Request, m store.Merchant, psp id.ID, in wire.Check, within payment.Range) (wire.Checked, error) {
	out := wire.Checked{
		RequestID: string(r.ID), Merchant: wire.CheckedMerchant{Name: m.Name, MCC: m.MCC}, Amount: int64(r.Amount),
		AmountEditable: r.AmountEditable, Currency: r.Currency, Type: "C2B", TypeCode: personToBusiness, Kind: string(r.Kind),
		Description: r.Description, Extra: wire.Extras(r.Extra, true), ExpiresAt: wire.At(r.ExpiresAt),
	}
	if in.Amount != 0 {
		out.Amount = in.Amount
	}
	if in.Payer != nil && in.Payer.Kind == "company" {
		out.Type, out.TypeCode = "B2B", businessToBusiness
	}
	low, high := r.Bounds(within)
	out.MinAmount, out.MaxAmount = int64(low), int64(high)
	if err := p.addFee(ctx, &out, m, psp); err != nil {
		return out, err
	}
	if r.Store != "" {
		s, err := p.registry.Store(ctx, r.Store)
		if err != nil {
			return out, err
		}
		out.Merchant.Store = s.Name
	}
	return out, nil
}

// addFee says what the payer pays on top, where the merchant's tariff puts the fee on
// the payer. Create prices again, at its own moment: a PSP that sends the fee it was
// told is refused when another one holds by then.
func (p *Platform) addFee(ctx context.Context, out *wire.Checked, m store.Merchant, psp id.ID) error {
	book, err := p.registry.TariffBook(ctx, m)
	if err != nil {
		return err
	}
	v := book.At(p.world.Clock.Now())
	if !v.Tariff.PayerBears {
		return nil
	}
	t := v.Tariff
	out.FeeTerms = &wire.FeeTerms{Rate: t.Rate, Fixed: int64(t.Fixed), Min: int64(t.Min), Max: int64(t.Max)}
	if out.Amount > 0 {
		out.Fee = int64(v.Price(money.Amount(out.Amount), psp).Surcharge)
	}
	return nil
}
