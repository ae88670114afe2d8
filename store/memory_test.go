package store_test

import (
	"testing"

	"tolom/store"
	"tolom/store/storetest"
	"tolom/world"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, clock world.Clock) store.Store { return store.NewMemory(clock) })
}
