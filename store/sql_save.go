package store

import (
	"cmp"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/money"
	"tolom/store/internal/db"
)

// steps lays the changes out as statements. The balances come last: they are
// the rows that transactions wait for each other for.
func (c *Changes) steps() (steps []db.Step, err error) {
	add := func(rows int, make func() (db.Step, error)) {
		if rows == 0 || err != nil {
			return
		}
		var step db.Step
		step, err = make()
		steps = append(steps, step)
	}
	plain := func(step db.Step) func() (db.Step, error) {
		return func() (db.Step, error) { return step, nil }
	}
	c.objectSteps(add)
	add(len(c.Facts), func() (db.Step, error) { return insertFacts(c.ownFacts()) })
	add(len(c.Entries), func() (db.Step, error) { return insertEntries(c.Entries), nil })
	add(len(c.Dropped), func() (db.Step, error) { return dropClaims(c.Dropped), nil })
	add(len(c.Outcomes), func() (db.Step, error) { return keepClaims(c.Outcomes), nil })
	add(1, plain(fillBatch(*c)))
	add(len(c.Totals), func() (db.Step, error) { return addTotals(c.Totals) })
	add(len(c.Deltas), func() (db.Step, error) { return addDeltas(c.Deltas) })
	return steps, err
}

// objectSteps adds what changes requests, payments and refunds.
func (c *Changes) objectSteps(add func(int, func() (db.Step, error))) {
	add(len(c.NewRequests), func() (db.Step, error) { return requestTable.Insert(c.NewRequests) })
	add(len(c.Requests), func() (db.Step, error) { return requestTable.Update(c.Requests, stale("request")) })
	add(len(c.NewPayments), func() (db.Step, error) { return paymentTable.Insert(c.NewPayments) })
	add(len(c.Payments), func() (db.Step, error) { return paymentTable.Update(c.Payments, stale("payment")) })
	c.liveSteps(add)
	add(len(c.NewRefunds), func() (db.Step, error) { return refundTable.Insert(c.NewRefunds) })
	add(len(c.Refunds), func() (db.Step, error) { return refundTable.Update(c.Refunds, stale("refund")) })
	c.payoutSteps(add)
}

func stale(table string) error {
	return fmt.Errorf("%w: a %s is not there in the version that was loaded", ErrStale, table)
}

// ownFacts gives the facts under this batch, by which the sequencer finds them.
func (c *Changes) ownFacts() []fact {
	own := slices.Clone(c.Facts)
	for i := range own {
		own[i].Batch = c.Batch.ID
	}
	return own
}

var totalAdd = db.Insertion("request_total", "ON CONFLICT (request, bucket, slice) DO UPDATE SET"+
	" amount = request_total.amount + excluded.amount, payments = request_total.payments + excluded.payments", totalVectors(nil)...)

func totalVectors(totals []Total) []db.Vector {
	n := len(totals)
	requests := make([]string, n)
	buckets, slices, amounts, counts := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, t := range totals {
		requests[i], buckets[i] = string(t.Request), int64(t.Request.Bucket())
		slices[i], amounts[i], counts[i] = int64(t.Slice), int64(t.Amount), t.Count
	}
	return []db.Vector{
		db.Texts("request", requests), db.Ints("bucket", buckets), db.Ints("slice", slices),
		db.Ints("amount", amounts), db.Ints("payments", counts),
	}
}

// addTotals is the step that adds to running totals, one row each, in key order.
func addTotals(totals []Total) (db.Step, error) {
	type key struct {
		request id.ID
		slice   int
	}
	sums := make(map[key]Total, len(totals))
	for _, t := range totals {
		sum, err := money.Add(sums[key{t.Request, t.Slice}].Amount, t.Amount)
		if err != nil {
			return db.Step{}, err
		}
		t.Amount, t.Count = sum, sums[key{t.Request, t.Slice}].Count+t.Count
		sums[key{t.Request, t.Slice}] = t
	}
	folded := make([]Total, 0, len(sums))
	for _, t := range sums {
		folded = append(folded, t)
	}
	slices.SortFunc(folded, func(a, b Total) int { return cmp.Or(cmp.Compare(a.Request, b.Request), cmp.Compare(a.Slice, b.Slice)) })
	return db.Step{Many: totalAdd, Rows: totalVectors(folded), Want: int64(len(folded))}, nil
}
