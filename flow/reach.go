package flow

import (
	"context"
	"slices"
	"time"

	"tolom/access"
	"tolom/id"
	"tolom/payment"
	"tolom/report"
	"tolom/store"
)

// nothing is an id that nothing has: a list of it is empty.
const nothing id.ID = "-"

// narrowed gives what a list is filtered by when the caller asks for one place and its key reaches one: that place
// when they are the same, nothing when they differ.
func narrowed(asked, reached id.ID) id.ID {
	switch {
	case reached == "" || asked == reached:
		return asked
	case asked == "":
		return reached
	}
	return nothing
}

// rowsOf keeps the rows of a statement that are of the caller's store or till. A refund is where its payment is.
func (p *Platform) rowsOf(ctx context.Context, who access.Merchant, from, to time.Time, rows store.StatementRows) (store.StatementRows, error) {
	out := store.StatementRows{Payments: slices.DeleteFunc(rows.Payments, func(x payment.Payment) bool {
		return !who.Reaches(x.Merchant, x.Store, x.Till)
	})}
	reached := map[id.ID]bool{}
	for part := range slices.Chunk(rows.Refunds, MostStates) {
		var ids []id.ID
		for _, r := range part {
			ids = append(ids, r.Payment)
		}
		of, err := p.read.PaymentsByID(ctx, ids)
		if err != nil {
			return out, missing(err)
		}
		for _, x := range of {
			reached[x.ID] = who.Reaches(x.Merchant, x.Store, x.Till)
		}
	}
	out.Refunds = slices.DeleteFunc(rows.Refunds, func(r payment.Refund) bool { return !reached[r.Payment] })
	s := report.Fold(who.ID, from, to, report.Rows{Payments: out.Payments, Refunds: out.Refunds})
	out.Balance = -s.Opening // What the lines add up to, so that the statement begins at nothing.
	return out, nil
}
