package store

import (
	"maps"
	"slices"
	"time"

	"tolom/payment"
)

// This file copies rows on their way in and out, so that a caller who changes
// what it holds changes nothing here. Texts need no copy. Like the databases, a
// row keeps whole milliseconds of UTC and does not tell an empty list from none.

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func list[T any](in []T) []T {
	if len(in) == 0 {
		return nil
	}
	return slices.Clone(in)
}

// each copies a list of rows.
func each[T any](in []T, one func(T) T) []T {
	out := make([]T, len(in))
	for i, row := range in {
		out[i] = one(row)
	}
	return out
}

func copyRequest(r payment.Request) payment.Request {
	r.Extra = list(r.Extra)
	if r.Metadata = maps.Clone(r.Metadata); len(r.Metadata) == 0 {
		r.Metadata = nil
	}
	r.CreatedAt, r.ExpiresAt, r.ScannedAt, r.EndedAt = whole(r.CreatedAt), whole(r.ExpiresAt), whole(r.ScannedAt), whole(r.EndedAt)
	return r
}

func copyPayment(p payment.Payment) payment.Payment {
	p.CreatedAt, p.ExpiresAt, p.EndedAt = whole(p.CreatedAt), whole(p.ExpiresAt), whole(p.EndedAt)
	return p
}

func copyRefund(r payment.Refund) payment.Refund {
	r.CreatedAt, r.EndedAt = whole(r.CreatedAt), whole(r.EndedAt)
	return r
}

func copyFact(f payment.Fact) payment.Fact { f.At = whole(f.At); return f }

func copyEntry(e Entry) Entry { e.At = whole(e.At); return e }

func copyClaim(c Claim) Claim { c.CreatedAt = whole(c.CreatedAt); return c }

func copyChanges(c Changes) Changes {
	c.Now = whole(c.Now)
	c.NewRequests, c.Requests = each(c.NewRequests, copyRequest), each(c.Requests, copyRequest)
	c.NewPayments, c.Payments = each(c.NewPayments, copyPayment), each(c.Payments, copyPayment)
	c.NewRefunds, c.Refunds = each(c.NewRefunds, copyRefund), each(c.Refunds, copyRefund)
	c.Facts, c.Entries = each(c.Facts, copyFact), each(c.Entries, copyEntry)
	c.NewPayouts, c.Payouts = each(c.NewPayouts, copyPayout), each(c.Payouts, copyPayout)
	c.Totals, c.Deltas = list(c.Totals), list(c.Deltas)
	c.Dropped, c.Outcomes = list(c.Dropped), each(c.Outcomes, copyClaim)
	return c
}

func copyDelivery(d Delivery) Delivery {
	d.CreatedAt, d.LastAt, d.NextAt = whole(d.CreatedAt), whole(d.LastAt), whole(d.NextAt)
	return d
}

func copyParticipant(p Participant) Participant { p.CreatedAt = whole(p.CreatedAt); return p }

func copyMerchant(m Merchant) Merchant { m.CreatedAt = whole(m.CreatedAt); return m }

func copyPlace(p Place) Place { p.CreatedAt = whole(p.CreatedAt); return p }

func copyTill(t Till) Till { t.CreatedAt = whole(t.CreatedAt); return t }

func copyPSP(p PSP) PSP { p.CreatedAt = whole(p.CreatedAt); return p }

func copyKey(k Key) Key {
	k.CreatedAt, k.ExpiresAt, k.RevokedAt = whole(k.CreatedAt), whole(k.ExpiresAt), whole(k.RevokedAt)
	return k
}

func copyOperator(o Operator) Operator { o.CreatedAt = whole(o.CreatedAt); return o }

func copyEndpoint(e Endpoint) Endpoint {
	e.Secrets, e.Types, e.CreatedAt = list(e.Secrets), list(e.Types), whole(e.CreatedAt)
	e.Keys, e.PausedAt = list(e.Keys), whole(e.PausedAt)
	return e
}
