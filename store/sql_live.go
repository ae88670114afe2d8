package store

import (
	"slices"

	"tolom/payment"
	"tolom/store/internal/db"
)

// The table live holds the payments that wait for their execute.
var (
	liveInsert = db.Insertion("live", "", liveVectors(nil)...)
	liveDelete = db.Deletion("live", liveVectors(nil)[:4]...)
)

func liveVectors(rows []payment.Payment) []db.Vector {
	n := len(rows)
	requests, names, psps, payers := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	buckets, amounts, surcharges, times := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, p := range rows {
		requests[i], names[i], psps[i], payers[i] = string(p.Request), string(p.ID), string(p.PSP), p.Payer.Key
		buckets[i], amounts[i], surcharges[i], times[i] = int64(p.Request.Bucket()), int64(p.Amount), int64(p.Surcharge), db.Millis(p.ExpiresAt)
	}
	return []db.Vector{
		db.Texts("request", requests), db.Texts("payer_key", payers), db.Ints("bucket", buckets), db.Texts("payment", names),
		db.Texts("psp", psps), db.Ints("amount", amounts), db.Ints("surcharge", surcharges), db.Ints("expires_at", times),
	}
}

// liveSteps adds what changes of the payments that wait: new ones come, those
// that have ended go. A refund changes a payment that ended long ago and finds
// nothing to take away.
func (c *Changes) liveSteps(add func(int, func() (db.Step, error))) {
	waits := func(p payment.Payment) bool { return p.Status == payment.Created }
	come := slices.DeleteFunc(slices.Clone(c.NewPayments), func(p payment.Payment) bool { return !waits(p) })
	gone := slices.DeleteFunc(slices.Clone(c.Payments), waits)
	add(len(come), func() (db.Step, error) {
		return db.Step{Many: liveInsert, Rows: liveVectors(come), Want: int64(len(come))}, nil
	})
	add(len(gone), func() (db.Step, error) { return db.Step{Many: liveDelete, Rows: liveVectors(gone)[:4], Want: -1}, nil })
}
