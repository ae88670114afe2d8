package store

import (
	"context"

	"tolom/id"
	"tolom/payment"
	"tolom/store/internal/db"
)

func (a sqlArchive) PaymentsOf(ctx context.Context, names []id.ID) ([]payment.Payment, error) {
	return paymentTable.Find(ctx, a.q, "WHERE t.id = ANY($1)", texts(names))
}

func (a sqlArchive) RequestsOf(ctx context.Context, names []id.ID) ([]payment.Request, error) {
	return requestTable.Find(ctx, a.q, "WHERE t.id = ANY($1)", texts(names))
}

func (a sqlArchive) RefundsOf(ctx context.Context, names []id.ID) ([]payment.Refund, error) {
	return refundTable.Find(ctx, a.q, "WHERE t.id = ANY($1)", texts(names))
}

func (a sqlArchive) FactsOf(ctx context.Context, names []id.ID) ([]payment.Fact, error) {
	return factTable.Find(ctx, a.q, "WHERE t.id = ANY($1)", texts(names))
}

func (a sqlArchive) ClaimPage(ctx context.Context, after Claim, limit int) (out []Claim, err error) {
	err = a.q.Query(ctx, "SELECT "+claimColumns+" FROM claim AS t WHERE (t.bucket, t.scope, t.key) > ($1, $2, $3)"+
		" ORDER BY t.bucket, t.scope, t.key LIMIT $4", func(scan db.Scan) error {
		c, err := scanClaim(scan)
		out = append(out, c)
		return err
	}, int64(after.Bucket), after.Scope, after.Key, int64(limit))
	return out, err
}

func (a sqlArchive) Bounds(ctx context.Context) (bounds []payment.Limits, participants map[id.ID]id.ID, err error) {
	if bounds, err = limitTable.Find(ctx, a.q, "ORDER BY t.id"); err != nil {
		return nil, nil, err
	}
	psps, err := pspTable.Find(ctx, a.q, "ORDER BY t.id")
	participants = make(map[id.ID]id.ID, len(psps))
	for _, p := range psps {
		participants[p.ID] = p.Participant
	}
	return bounds, participants, err
}

func (a sqlArchive) EndpointPage(ctx context.Context, after id.ID, limit int) ([]Offered, error) {
	endpoints, err := endpointTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
	if err != nil || len(endpoints) == 0 {
		return nil, err
	}
	names := make([]id.ID, len(endpoints))
	for i, e := range endpoints {
		names[i] = e.ID
	}
	var name string
	var sequence int64
	cursors := make(map[string]int64, len(names))
	err = a.q.Query(ctx, "SELECT t.endpoint, t.sequence FROM endpoint_cursor AS t WHERE t.endpoint = ANY($1)", func(scan db.Scan) error {
		err := scan(&name, &sequence)
		cursors[name] = sequence
		return err
	}, texts(names))
	out := make([]Offered, len(endpoints))
	for i, e := range endpoints {
		out[i] = Offered{e, cursors[string(e.ID)]}
	}
	return out, err
}

func (a sqlArchive) DeliveryPage(ctx context.Context, after id.ID, limit int) ([]Delivery, error) {
	return deliveryTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}
