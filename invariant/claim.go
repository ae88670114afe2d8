package invariant

import (
	"strings"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// checkClaims walks through the names that are taken: each belongs to the thing
// that it was taken for, or is a tombstone or a kept refusal and belongs to nothing.
// So whoever comes with the name again gets the answer of the first.
func (a *audit) checkClaims() error {
	last := store.Claim{}
	for {
		page, err := a.archive.ClaimPage(a.ctx, last, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1]
		if err := a.claims(page); err != nil {
			return err
		}
	}
}

// objects are the things that a page of names was taken for.
type objects struct {
	requests map[id.ID]payment.Request
	payments map[id.ID]payment.Payment
	refunds  map[id.ID]payment.Refund
}

func (a *audit) claims(page []store.Claim) error {
	names := map[id.Kind][]id.ID{}
	for _, c := range page {
		if c.Object != "" && c.Outcome == "" {
			names[c.Object.Kind()] = append(names[c.Object.Kind()], c.Object)
		}
	}
	requests, err := a.archive.RequestsOf(a.ctx, names[id.Request])
	if err != nil {
		return err
	}
	payments, err := a.archive.PaymentsOf(a.ctx, names[id.Payment])
	if err != nil {
		return err
	}
	refunds, err := a.archive.RefundsOf(a.ctx, names[id.Refund])
	if err != nil {
		return err
	}
	o := objects{
		byName(requests, func(r payment.Request) id.ID { return r.ID }),
		byName(payments, func(p payment.Payment) id.ID { return p.ID }),
		byName(refunds, func(r payment.Refund) id.ID { return r.ID }),
	}
	for _, c := range page {
		a.report.look(Taken, 1)
		if c.Outcome == "" && !o.has(c) {
			a.broken(Taken, string(c.Object), "the name %q in %q was taken for it, and it does not have it", c.Key, c.Scope)
		}
	}
	return nil
}

func byName[T any](rows []T, name func(T) id.ID) map[id.ID]T {
	out := make(map[id.ID]T, len(rows))
	for _, row := range rows {
		out[name(row)] = row
	}
	return out
}

// has says whether what a name was taken for is there and has it. Scopes that are
// not known here are left to those who make them.
func (o objects) has(c store.Claim) bool {
	kind, owner, _ := strings.Cut(c.Scope, ":")
	of := id.ID(owner)
	switch kind {
	case "psp_payment":
		p, there := o.payments[c.Object]
		return there && p.PSP == of && p.PSPPaymentID == c.Key
	case "order":
		r, there := o.requests[c.Object]
		return there && r.Merchant == of && r.OrderID == c.Key
	case "refund":
		r, there := o.refunds[c.Object]
		return there && r.Payment == of && r.Ref == c.Key
	case "idem":
		return o.belongs(c.Object, of)
	}
	return true
}

// belongs says whether a thing is a merchant's.
func (o objects) belongs(object, merchant id.ID) bool {
	switch object.Kind() {
	case id.Request:
		r, there := o.requests[object]
		return there && r.Merchant == merchant
	case id.Refund:
		r, there := o.refunds[object]
		return there && r.Merchant == merchant
	}
	return true
}
