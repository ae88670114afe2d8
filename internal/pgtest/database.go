package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable names the environment variable with the address of a running server to use instead of a cluster of
// our own. Its user must be allowed to create databases; databases other than our own are not touched.
const Variable = "TOLOM_TEST_PG"

// patience bounds every single wait for the server. It is generous because `go test ./...` keeps every core busy.
const patience = 60 * time.Second

// shared is the cluster of this test process, started by the first test that needs it.
var shared struct {
	sync.Mutex
	cluster *Cluster
	failed  error
}

// New creates an empty database for this test and returns its address (postgres://…). It is dropped when the
// test ends, whoever is still connected. The test fails at once if there is no PostgreSQL.
func New(t testing.TB) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, server, "")
}

// Database creates an empty database for this test on this cluster, like New does on the shared one.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	return create(t, c.DSN("postgres"), "")
}

// DatabaseIn is Database with all tables in a folder, such as that of a small disk, while the server's log stays
// where the server is.
func (c *Cluster) DatabaseIn(t testing.TB, folder string) string {
	t.Helper()
	tables := filepath.Join(folder, "tables")
	if err := os.Mkdir(tables, 0o700); err != nil {
		t.Fatal(err)
	}
	if c.owner != nil {
		if err := os.Chown(tables, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if err := execute(c.DSN("postgres"), "CREATE TABLESPACE elsewhere LOCATION '"+tables+"'"); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return create(t, c.DSN("postgres"), " TABLESPACE elsewhere")
}

// Main runs a package's tests and stops the cluster they shared. Call it from TestMain; it does not return.
func Main(m *testing.M) {
	code := m.Run()
	if err := closeShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// server returns the address of a database through which others can be created.
func server() (string, error) {
	if address := os.Getenv(Variable); address != "" {
		return address, nil
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil && shared.failed == nil {
		shared.cluster, shared.failed = Open()
	}
	if shared.failed != nil {
		return "", shared.failed
	}
	return shared.cluster.DSN("postgres"), nil
}

func closeShared() error {
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil {
		return nil
	}
	err := shared.cluster.Close()
	shared.cluster = nil
	return err
}

// create makes a database from the pristine template, with byte order as its collation so that results do not
// depend on the machine's locale.
func create(t testing.TB, server, where string) string {
	t.Helper()
	name := "tolom_test_" + rand.Text()[:16]
	quoted := pgx.Identifier{name}.Sanitize()
	err := execute(server, "CREATE DATABASE "+quoted+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"+where)
	if err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+quoted+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: drop %s: %v", name, err)
		}
	})
	address, err := within(server, name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// execute runs one statement on a connection of its own.
func execute(server, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// within turns the address of a server into the address of one database on it.
func within(server, database string) (string, error) {
	address, err := url.Parse(server)
	if err != nil || (address.Scheme != "postgres" && address.Scheme != "postgresql") {
		return "", fmt.Errorf("pgtest: %s must be an address like postgres://user@host/database", Variable)
	}
	address.Path = "/" + database
	return address.String(), nil
}
