package store

import (
	"slices"
	"time"

	"tolom/payment"
	"tolom/store/internal/db"
)

type fact = payment.Fact

// plainFacts has the columns of the facts of payments, of which there are many: these are
// not slowed by columns that they leave empty.
var (
	plainColumns = []db.Column[fact]{
		db.String("id", func(f *fact) *string { return (*string)(&f.ID) }),
		db.Derived("bucket", func(f *fact) int64 { return int64(f.ID.Bucket()) }),
		db.String("batch", func(f *fact) *string { return (*string)(&f.Batch) }),
		db.Int("ordinal", func(f *fact) *int { return &f.Ordinal }),
		db.String("type", func(f *fact) *string { return (*string)(&f.Type) }),
		db.Time("happened_at", func(f *fact) *time.Time { return &f.At }),
		db.String("merchant", func(f *fact) *string { return (*string)(&f.Merchant) }),
		db.String("psp", func(f *fact) *string { return (*string)(&f.PSP) }),
		db.String("request", func(f *fact) *string { return (*string)(&f.Request) }),
		db.String("payment", func(f *fact) *string { return (*string)(&f.Payment) }),
		db.String("refund", func(f *fact) *string { return (*string)(&f.Refund) }),
		db.Int64("amount", func(f *fact) *int64 { return (*int64)(&f.Amount) }),
		db.Int64("fee", func(f *fact) *int64 { return (*int64)(&f.Fee) }),
		db.Int64("surcharge", func(f *fact) *int64 { return (*int64)(&f.Surcharge) }),
		db.Int64("interchange", func(f *fact) *int64 { return (*int64)(&f.Interchange) }),
		db.String("reason", func(f *fact) *string { return (*string)(&f.Reason) }),
	}
	plainFacts = db.NewTable("fact", plainColumns...)
	factTable  = db.NewTable("fact", append(plainColumns,
		db.String("participant", func(f *fact) *string { return (*string)(&f.Participant) }),
		db.String("payout", func(f *fact) *string { return (*string)(&f.Payout) }),
		db.String("day", func(f *fact) *string { return &f.Day }),
	)...)
)

// insertFacts is the step that writes facts.
func insertFacts(facts []fact) (db.Step, error) {
	settles := func(f fact) bool { return f.Participant != "" || f.Payout != "" || f.Day != "" }
	if slices.ContainsFunc(facts, settles) {
		return factTable.Insert(facts)
	}
	return plainFacts.Insert(facts)
}

var (
	entryInsert = db.Insertion("entry", "", entryVectors(nil)...)
	batchFill   = db.Change("batch", "", 2, batchVectors(Changes{})...)
)

func entryVectors(entries []Entry) []db.Vector {
	n := len(entries)
	facts, debits, credits := make([]string, n), make([]string, n), make([]string, n)
	buckets, legs, amounts, times := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, e := range entries {
		facts[i], debits[i], credits[i] = string(e.Fact), e.Debit.Code, e.Credit.Code
		buckets[i], legs[i], amounts[i], times[i] = int64(e.Fact.Bucket()), int64(e.Leg), int64(e.Amount), db.Millis(e.At)
	}
	return []db.Vector{
		db.Texts("fact", facts), db.Ints("bucket", buckets), db.Ints("leg", legs), db.Texts("debit", debits),
		db.Texts("credit", credits), db.Ints("amount", amounts), db.Ints("happened_at", times),
	}
}

// insertEntries is the step that writes the ledger.
func insertEntries(entries []Entry) db.Step {
	return db.Step{Many: entryInsert, Rows: entryVectors(entries), Want: int64(len(entries))}
}

// batchVectors is the row of a batch: its key, its time, and where its facts lie.
func batchVectors(c Changes) []db.Vector {
	var first, last string
	for _, f := range c.Facts {
		if name := string(f.ID); first == "" || name < first {
			first = name
		}
		last = max(last, string(f.ID))
	}
	return []db.Vector{
		db.Texts("id", []string{string(c.Batch.ID)}), db.Ints("bucket", []int64{int64(c.Batch.Bucket)}),
		db.Ints("happened_at", []int64{db.Millis(c.Now)}), db.Ints("facts", []int64{int64(len(c.Facts))}),
		db.Texts("first_fact", []string{first}), db.Texts("last_fact", []string{last}),
	}
}

// fillBatch is the step that tells the sequencer of the batch's facts.
func fillBatch(c Changes) db.Step {
	return db.Step{Many: batchFill, Rows: batchVectors(c), Want: 1}
}
