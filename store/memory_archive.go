package store

import (
	"cmp"
	"context"
	"slices"

	"tolom/id"
	"tolom/payment"
)

// addRest copies what is not of payments themselves.
func (a *memoryArchive) addRest(t *tables) {
	a.named = make([]Claim, 0, len(t.claims))
	for _, c := range t.claims {
		a.named = append(a.named, c)
	}
	slices.SortFunc(a.named, compareClaims)
	a.participants = make(map[id.ID]id.ID, len(t.desk.psps.rows))
	for _, p := range t.desk.psps.rows {
		a.participants[p.ID] = p.Participant
	}
	a.tariffs, a.merchants = sortedRows(t.desk.tariffs.rows), sortedRows(t.desk.merchants.rows)
	a.cases = sortedRows(t.recon.cases)
	a.bounds, a.deliveries = sortedRows(t.limits), sortedRows(t.deliveries)
	for _, e := range sortedRows(t.desk.endpoints.rows) {
		a.endpoints = append(a.endpoints, Offered{e, t.cursors[e.ID]})
	}
}

func compareClaims(a, b Claim) int {
	return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
}

// some gives the rows of sorted ones that have the names.
func some[T any](rows []T, names []id.ID, name func(T) id.ID) (out []T, err error) {
	for _, n := range names {
		at, found := slices.BinarySearchFunc(rows, n, func(row T, n id.ID) int { return cmp.Compare(name(row), n) })
		if found {
			out = append(out, rows[at])
		}
	}
	return out, nil
}

func (a *memoryArchive) PaymentsOf(_ context.Context, names []id.ID) ([]payment.Payment, error) {
	return some(a.payments, names, idOfPayment)
}

func (a *memoryArchive) RequestsOf(_ context.Context, names []id.ID) ([]payment.Request, error) {
	return some(a.requests, names, idOfRequest)
}

func (a *memoryArchive) RefundsOf(_ context.Context, names []id.ID) ([]payment.Refund, error) {
	return some(a.refunds, names, idOfRefund)
}

func (a *memoryArchive) FactsOf(_ context.Context, names []id.ID) ([]payment.Fact, error) {
	return some(a.facts, names, idOfFact)
}

func (a *memoryArchive) ClaimPage(_ context.Context, after Claim, limit int) ([]Claim, error) {
	return page(a.named, limit, func(c Claim) int { return compareClaims(c, after) }), nil
}

func (a *memoryArchive) Bounds(context.Context) ([]payment.Limits, map[id.ID]id.ID, error) {
	return a.bounds, a.participants, nil
}

func (a *memoryArchive) EndpointPage(_ context.Context, after id.ID, limit int) ([]Offered, error) {
	return page(a.endpoints, limit, func(o Offered) int { return cmp.Compare(o.Endpoint.ID, after) }), nil
}

func (a *memoryArchive) DeliveryPage(_ context.Context, after id.ID, limit int) ([]Delivery, error) {
	return page(a.deliveries, limit, func(d Delivery) int { return cmp.Compare(d.ID, after) }), nil
}
