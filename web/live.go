package web

import (
	"context"

	"tolom/access"
	"tolom/flow"
	"tolom/payment"
	"tolom/store"
	"tolom/web/locale"
	"tolom/web/view"
)

// live says where a request stands, with the payment that says so. What only the
// merchant may see is in it too; the template of the payer leaves it out.
func (p *pages) live(ctx context.Context, t locale.Text, pub flow.PublicRequest) (view.Live, error) {
	r := pub.Request
	l := view.Live{Text: t, State: stateOf(pub), Now: p.World.Clock.Now(), ExpiresAt: r.ExpiresAt, Amount: r.PaidAmount}
	if l.State != view.Paid && l.State != view.Ready {
		return l, nil
	}
	last, found, err := p.lastPayment(ctx, r)
	if err != nil || !found {
		return l, err
	}
	l.PaidAt = last.EndedAt
	if l.State == view.Paid {
		l.Amount, l.Payer, l.Receipt, l.Return = last.Amount, last.Payer.NameMasked, "/r/"+last.ID.Token(), r.SuccessURL
	}
	return l, nil
}

// lastPayment finds the newest success of a request. A page speaks here for the
// merchant of the request that it shows.
func (p *pages) lastPayment(ctx context.Context, r payment.Request) (payment.Payment, bool, error) {
	rows, _, err := p.Platform.Payments(ctx, access.Merchant{ID: r.Merchant}, store.PaymentFilter{Request: r.ID, Status: payment.Succeeded, Limit: 1})
	if err != nil || len(rows) == 0 {
		return payment.Payment{}, false, err
	}
	return rows[0], true, nil
}

func stateOf(pub flow.PublicRequest) view.State {
	r := pub.Request
	switch r.Status {
	case payment.RequestPaid:
		return view.Paid
	case payment.RequestExpired:
		return view.Expired
	case payment.RequestCanceled:
		return view.Canceled
	case payment.RequestPaused:
		return view.Paused
	}
	switch {
	case pub.Merchant.Suspended:
		return view.Paused
	case r.Kind == payment.Static:
		return view.Ready
	case !r.ScannedAt.IsZero():
		return view.Scanned
	}
	return view.Waiting
}
