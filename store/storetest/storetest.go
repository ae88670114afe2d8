// Package storetest holds every store to one behaviour: what memory, SQLite and
// PostgreSQL must all do, told as a list of sentences with a test behind each.
package storetest

import (
	"testing"
	"time"

	"tolom/store"
	"tolom/world"
)

// Open opens an empty store that ends with the test. The clock is the database's
// clock where the database has none of its own.
type Open func(t *testing.T, clock world.Clock) store.Store

// chapter is one part of the contract. Its sentences share a store and keep
// apart by naming their own merchants, unless they count everything there is.
type chapter struct {
	name      string
	apart     bool // a store for each sentence
	sentences []sentence
}

type sentence struct {
	text string
	test func(*kit)
}

// epoch is when the suite's clock starts, a plain working day.
var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Run holds the stores that open gives to the contract.
func Run(t *testing.T, open func(t *testing.T, clock world.Clock) store.Store) {
	for _, c := range []chapter{
		claims, loading, saving, guards, whole, limits, outcomes, closing, settling, days, lists, texts,
		statements, overdue, feed, deliveries, sealing, deeds, pruning, desk, proposals, secrets, tills, people, signing, reports, reconciling, files, races, models,
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open) })
	}
}

func (c chapter) run(t *testing.T, open Open) {
	var shared *kit
	for _, s := range c.sentences {
		if c.apart {
			t.Run(s.text, func(t *testing.T) { s.test(newKit(t, open)) })
			continue
		}
		if shared == nil {
			shared = newKit(t, open)
		}
		t.Run(s.text, func(t *testing.T) { s.test(shared.in(t)) })
	}
}
