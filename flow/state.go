package flow

import (
	"context"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// PaymentState reads a payment of the PSP from the primary. not_found is not final.
func (p *Platform) PaymentState(ctx context.Context, who access.PSP, pay string) (payment.Payment, error) {
	own, err := p.pspPayment(ctx, who, pay)
	if err != nil {
		return own, err
	}
	return p.freshPayment(ctx, own)
}

// PaymentByPSPID reads a payment by the PSP's own id; a tombstone is a canceled
// payment without an id. not_found is not final: a create may still be on its way.
func (p *Platform) PaymentByPSPID(ctx context.Context, who access.PSP, pspID string) (payment.Payment, error) {
	c, err := p.read.Claim(ctx, store.Name{Scope: pspScope(who.ID), Key: pspID})
	if err != nil {
		return payment.Payment{}, missing(err)
	}
	if c.Outcome == store.Tombstone {
		return tombstone(pspID), nil
	}
	return p.PaymentState(ctx, who, string(c.Object))
}

// MostStates is how many payments one question about states may name.
const MostStates = 1000

// PaymentStates reads many payments by our ids or the PSP's, and says which are
// not known. Refused: invalid_request for none or too many.
func (p *Platform) PaymentStates(ctx context.Context, who access.PSP, ids []string) (found []payment.Payment, absent []string, err error) {
	if len(ids) == 0 || len(ids) > MostStates {
		return nil, nil, fault.New(fault.InvalidRequest).On("ids").Because("send 1 to 1000 ids")
	}
	named, buried, err := p.resolveNames(ctx, who, ids)
	if err != nil {
		return nil, nil, err
	}
	rows, err := p.read.PaymentsByID(ctx, named.ids())
	if err != nil {
		return nil, nil, missing(err)
	}
	seen := map[id.ID]payment.Payment{}
	for _, pay := range rows {
		if pay.PSP != who.ID {
			continue
		}
		if seen[pay.ID], err = p.freshPayment(ctx, pay); err != nil {
			return nil, nil, err
		}
	}
	for _, text := range ids {
		switch pay, ok := seen[named[text]]; {
		case ok:
			found = append(found, pay)
		case buried[text]:
			found = append(found, tombstone(text))
		default:
			absent = append(absent, text)
		}
	}
	return found, absent, nil
}

// names maps what the PSP wrote to our ids.
type names map[string]id.ID

func (n names) ids() []id.ID {
	seen := map[id.ID]bool{}
	out := make([]id.ID, 0, len(n))
	for _, i := range n {
		if i != "" && !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}

// resolveNames finds our ids for what the PSP wrote, and which of them are tombstones.
func (p *Platform) resolveNames(ctx context.Context, who access.PSP, ids []string) (names, map[string]bool, error) {
	out, buried := names{}, map[string]bool{}
	for _, text := range ids {
		if i, err := id.Parse(id.Payment, text); err == nil {
			out[text] = i
			continue
		}
		if !isPSPPaymentID(text) || strings.TrimSpace(text) == "" {
			continue
		}
		c, err := p.read.Claim(ctx, store.Name{Scope: pspScope(who.ID), Key: text})
		switch {
		case err == nil && c.Outcome == store.Tombstone:
			buried[text] = true
		case err == nil:
			out[text] = c.Object
		case !fault.Has(missing(err), fault.NotFound):
			return nil, nil, missing(err)
		}
	}
	return out, buried, nil
}

// Payment reads a payment of the merchant. Refused: not_found.
func (p *Platform) Payment(ctx context.Context, who access.Merchant, pay string) (payment.Payment, error) {
	i, err := id.Parse(id.Payment, pay)
	if err != nil {
		return payment.Payment{}, fault.New(fault.NotFound)
	}
	own, err := p.read.Payment(ctx, i)
	if err != nil {
		return own, missing(err)
	}
	if !who.Reaches(own.Merchant, own.Store, own.Till) {
		return payment.Payment{}, fault.New(fault.NotFound)
	}
	return p.freshPayment(ctx, own)
}

// Payments lists payments of the merchant, newest first, and says whether there are more.
func (p *Platform) Payments(ctx context.Context, who access.Merchant, f store.PaymentFilter) ([]payment.Payment, bool, error) {
	f.Merchant, f.PSP = who.ID, ""
	if f.Store, f.Till = narrowed(f.Store, who.Store), narrowed(f.Till, who.Till); f.Store == nothing || f.Till == nothing {
		return nil, false, nil
	}
	limit := f.Limit
	f.Limit++
	rows, err := p.read.Payments(ctx, f)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	for i := range rows {
		if rows[i], err = p.freshPayment(ctx, rows[i]); err != nil {
			return nil, false, err
		}
	}
	return rows, more, nil
}
