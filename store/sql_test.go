package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	database, watch := databases(t), store.NewWatch()
	storetest.Run(t, func(t *testing.T, _ world.Clock) store.Store {
		return watch.Over(open(t, database(t), store.Options{}))
	})
	if os.Getenv("TOLOM_TEST_DSN") != "" {
		return // another engine plans in other words
	}
	t.Run("Plans", func(t *testing.T) { watch.CheckPlans(t, database(t)) })
	t.Run("Shards", watch.CheckShards)
}

// databases makes empty databases: on a server of its own, or schemas in the
// database that TOLOM_TEST_DSN names, which may be of any engine that speaks
// PostgreSQL's language.
func databases(t *testing.T) func(testing.TB) string {
	dsn := os.Getenv("TOLOM_TEST_DSN")
	if dsn == "" {
		return cluster(t, pgtest.Fast).Database
	}
	return func(t testing.TB) string { return schema(t, dsn) }
}

// schema makes a schema that ends with the test.
func schema(t testing.TB, dsn string) string {
	t.Helper()
	name := "tolom_test_" + strings.ToLower(rand.Text()[:12])
	execute := func(statement string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		c, err := pgx.Connect(ctx, dsn)
		if err == nil {
			_, err = c.Exec(ctx, statement)
			err = errors.Join(err, c.Close(ctx))
		}
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	execute("CREATE SCHEMA " + name)
	t.Cleanup(func() { execute("DROP SCHEMA " + name + " CASCADE") })
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	query.Set("search_path", name)
	address.RawQuery = query.Encode()
	return address.String()
}

func TestASchemaOfADatabaseIsEnough(t *testing.T) {
	s := open(t, schema(t, pgtest.New(t)), store.Options{})
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if head, err := s.Head(t.Context()); err != nil || head != 0 {
		t.Fatalf("the feed of a new schema ends at %d: %v", head, err)
	}
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
