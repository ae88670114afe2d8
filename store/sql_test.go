package store_test

import (
	"path/filepath"
	"testing"

	"tolom/internal/pgtest"
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

func TestPostgreSQLKeepsTheContract(t *testing.T) {
	cluster, watch := cluster(t, pgtest.Fast), store.NewWatch()
	storetest.Run(t, func(t *testing.T, _ world.Clock) store.Store {
		return watch.Over(open(t, cluster.Database(t), store.Options{}))
	})
	t.Run("Plans", func(t *testing.T) { watch.Check(t, cluster.Database(t)) })
}

// cluster starts a server of its own; the settings end with the test.
func cluster(t *testing.T, options ...pgtest.Option) *pgtest.Cluster {
	t.Helper()
	c, err := pgtest.Open(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
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
