package store_test

import (
	"path/filepath"
	"testing"

	"tolom/store"
	"tolom/store/storetest"
	"tolom/world"
)

func TestSQLiteKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, clock world.Clock) store.Store {
		return open(t, "sqlite:"+filepath.Join(t.TempDir(), "tolom.db"), store.Options{Clock: clock})
	})
}

func TestSQLiteInMemoryKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, clock world.Clock) store.Store {
		return open(t, "sqlite::memory:", store.Options{Clock: clock})
	})
}

// open opens a store that ends with the test.
func open(t *testing.T, dsn string, o store.Options) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
