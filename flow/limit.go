package flow

import (
	"context"
	"errors"
	"slices"

	"tolom/fault"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// Usage is an owner's limits and how much of them is used. Counters exist only
// where a limit is set, so without one nothing is said of its use.
type Usage struct {
	payment.Limits
	Day          string // the business day that DailyUsed is of, "2026-11-24"
	DailyUsed    money.Amount
	NetDebitUsed money.Amount
}

// Limits gives the limits of an owner, which may be some seconds old.
func (r *Registry) Limits(ctx context.Context, owner id.ID) (payment.Limits, error) {
	return recalled(ctx, r, "limits of "+owner, func(ctx context.Context) (payment.Limits, error) { return r.desk.Limits(ctx, owner) })
}

// SetLimits bounds what the payments of a merchant, a PSP or a participant may
// come to; all zero takes the bounds away. It holds for every payment created
// after it returns, on every node. What is reserved and paid already counts, and
// may be more than the new cap: then nothing is taken back, and nothing more fits.
// Refused: not_found; amount_invalid; invalid_request for a kind of limit that the
// owner cannot have, or a least above the most.
func (p *Platform) SetLimits(ctx context.Context, l payment.Limits) (Usage, error) {
	if err := first(p.registry.exists(ctx, l.Owner), checkLimits(l)); err != nil {
		return Usage{}, err
	}
	if err := p.engine.SetLimits(ctx, l); err != nil {
		return Usage{}, err
	}
	p.registry.forget("limits of " + l.Owner)
	return p.Usage(ctx, l.Owner)
}

// Usage reads the limits of an owner and what is used of them. Refused: not_found.
func (p *Platform) Usage(ctx context.Context, owner id.ID) (Usage, error) {
	if err := p.registry.exists(ctx, owner); err != nil {
		return Usage{}, err
	}
	l, err := p.registry.desk.Limits(ctx, owner)
	if err != nil {
		return Usage{}, missing(err)
	}
	u := Usage{Limits: l, Day: payment.DayOf(p.world.Clock.Now())}
	daily, err := p.read.Balance(ctx, ledger.OfDay(owner, u.Day))
	if err == nil && l.Daily > 0 {
		u.DailyUsed = -daily
	}
	position, also := p.read.Balance(ctx, ledger.Of(owner, ledger.Position))
	if also == nil && l.NetDebit > 0 {
		u.NetDebitUsed = -position
	}
	return u, missing(errors.Join(err, also))
}

// exists refuses owners that are not there; not_found.
func (r *Registry) exists(ctx context.Context, owner id.ID) (err error) {
	switch owner.Kind() {
	case id.Merchant:
		_, err = r.desk.Merchants().Get(ctx, owner)
	case id.PSP:
		_, err = r.desk.PSPs().Get(ctx, owner)
	case id.Participant:
		_, err = r.desk.Participants().Get(ctx, owner)
	default:
		err = store.ErrNotFound
	}
	return missing(err)
}

// checkLimits refuses limits that cannot be kept or that nobody asked to keep.
func checkLimits(l payment.Limits) error {
	for _, x := range []struct {
		param string
		value money.Amount
		kinds []id.Kind
	}{
		{"min_amount", l.Least, []id.Kind{id.Merchant}},
		{"max_amount", l.Most, []id.Kind{id.Merchant, id.PSP}},
		{"daily", l.Daily, []id.Kind{id.Merchant, id.PSP, id.Participant}},
		{"net_debit", l.NetDebit, []id.Kind{id.PSP, id.Participant}},
	} {
		if x.value < 0 || x.value > money.Max {
			return fault.New(fault.AmountInvalid).On(x.param).Because(x.param + " is a whole number of tyiyn, 0 (no limit) to 9007199254740991")
		}
		if x.value > 0 && !slices.Contains(x.kinds, l.Owner.Kind()) {
			return fault.New(fault.InvalidRequest).On(x.param).Because("min_amount is of merchants, max_amount of merchants and PSPs, net_debit of PSPs and participants")
		}
	}
	if l.Most > 0 && l.Least > l.Most {
		return fault.New(fault.InvalidRequest).On("min_amount").Because("min_amount is above max_amount: no payment could be made")
	}
	return nil
}
