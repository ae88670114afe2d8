// Package notify tells what happened. It numbers the facts that the engine
// wrote into one feed, and reads the feed in three ways: as the merchant's list
// of events, as hints for live streams, and as signed webhooks.
//
// Nothing here can lose an event: facts are written in the commit of the money,
// the feed has no gaps, and every reader is a cursor into it. What is kept only
// in this process (hints, pauses of failing receivers) may be lost at any moment.
//
// Sequencer, Hub and Courier are steps without goroutines or timers; Runner
// drives them in production.
package notify

import (
	"errors"

	"tolom/fault"
	"tolom/store"
)

// refused makes a store's "not found" the refusal of the given code, and any
// other failure an unavailable service, worth trying again.
func refused(err error, absent fault.Code) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return fault.New(absent)
	}
	return fault.Wrap(fault.OutOfService, err)
}

// page cuts the extra row that tells whether there are more.
func page[T any](rows []T, limit int) ([]T, bool) {
	if len(rows) > limit {
		return rows[:limit], true
	}
	return rows, false
}
