package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"tolom/internal/pgtest"
)

func TestMain(m *testing.M) {
	if what := os.Getenv(haltVariable); what != "" {
		os.Exit(migrateAndDie(what))
	}
	pgtest.Main(m)
}

// dialect is a database with the migrations of the store.
type dialect struct {
	folder string
	driver string
	schema []string // questions whose answers are the whole schema
	fresh  func(t *testing.T) string
	// sample is every how manieth boundary is tried by `make test`.
	sample int
}

var dialects = map[string]dialect{
	"sqlite": {
		folder: "sqlite", driver: "sqlite", sample: 1,
		schema: []string{"SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1"},
		fresh:  func(t *testing.T) string { return filepath.Join(t.TempDir(), "tolom.db") },
	},
	"postgres": {
		folder: "postgres", driver: "pgx", sample: 20,
		schema: []string{
			"SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(collation_name, '') || ' ' || coalesce(column_default, '')" +
				" FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1",
			"SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
			"SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
			"SELECT relname || ' ' || coalesce(reloptions::text, '') FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
			"SELECT udt_name || '.' || attribute_name || ' ' || data_type FROM information_schema.attributes WHERE udt_schema = 'public' ORDER BY 1",
		},
		fresh: func(t *testing.T) string { return pgtest.New(t) },
	},
}

// open opens and migrates as the store does.
func (d dialect) open(ctx context.Context, address string) (Database, error) {
	c := Config{Causes: causes, Now: time.Now, MaxConns: 2, Migrate: true, Migrations: os.DirFS(filepath.Join("..", "..", "migrations", d.folder))}
	if d.driver == "sqlite" {
		return OpenSQLite(ctx, address, c)
	}
	return OpenPostgres(ctx, address, c)
}

// plain opens a database to look at it.
func (d dialect) plain(t *testing.T, address string) *sql.DB {
	t.Helper()
	_ = stdlib.GetDefaultDriver() // registers pgx
	db, err := sql.Open(d.driver, address)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// picture is the whole schema as text, with the versions that were applied and what
// migrations wrote into tables.
func (d dialect) picture(t *testing.T, address string) string {
	t.Helper()
	db := d.plain(t, address)
	defer db.Close()
	var b strings.Builder
	questions := append([]string{"SELECT 'version ' || version_id || ' ' || is_applied FROM tolom_schema ORDER BY id",
		"SELECT 'feed_head ' || reader || ' ' || last FROM feed_head ORDER BY 1"}, d.schema...)
	for _, q := range questions {
		rows, err := db.Query(q)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, line)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// die runs a migration in a process of its own that is killed at a boundary, and
// says whether it came so far.
func (d dialect) die(t *testing.T, boundary int, moment, lease time.Duration, address string) (killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d %d %s", haltVariable, d.folder, boundary, moment.Microseconds(), lease.Milliseconds(), address))
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		return true
	}
	t.Fatalf("boundary %d: the migration ended by itself: %v\n%s", boundary, err, said)
	return false
}

// resume migrates again, in little time.
func (d dialect) resume(t *testing.T, address string) {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	db, err := d.open(ctx, address)
	if err != nil {
		t.Fatalf("the next migration: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > lease {
		t.Errorf("the next migration took %v", took)
	}
}

// stride is TOLOM_HALT_EVERY, or the dialect's own.
func (d dialect) stride(t *testing.T) int {
	text := os.Getenv("TOLOM_HALT_EVERY")
	if text == "" {
		return d.sample
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("TOLOM_HALT_EVERY=%s: give a number", text)
	}
	return n
}

// TestAMigrationThatIsKilledResumes kills the process that migrates an empty
// database at each boundary between two statements, and (in the long form) while
// one runs. The next migration finishes, and the schema is that of one that was
// never killed.
func TestAMigrationThatIsKilledResumes(t *testing.T) {
	for name, d := range dialects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean := d.fresh(t)
			d.resume(t, clean)
			want := d.picture(t, clean)
			kills := 0
			for boundary := 1; ; boundary += d.stride(t) {
				address := d.fresh(t)
				moment := time.Duration(0)
				if os.Getenv("TOLOM_HALT_EVERY") != "" && boundary%2 == 0 {
					moment = 300 * time.Microsecond
				}
				// A short lease, so that nobody has to wait for it here.
				killed := d.die(t, boundary, moment, 200*time.Millisecond, address)
				if !killed && moment == 0 {
					break
				}
				if killed {
					kills++
				}
				d.resume(t, address)
				if got := d.picture(t, address); got != want {
					t.Fatalf("killed at boundary %d, the next migration led to\n%s\nwant\n%s", boundary, got, want)
				}
			}
			if kills < 5 {
				t.Errorf("%d kills are too few to say anything", kills)
			}
			t.Logf("%d kills, each resumed to the same schema", kills)
		})
	}
}

// TestAKilledMigrationHoldsItsLockForItsLeaseOnly leaves the lock of a migration
// behind: the next one waits until the lease is over and no longer.
func TestAKilledMigrationHoldsItsLockForItsLeaseOnly(t *testing.T) {
	t.Parallel()
	d := dialects["postgres"]
	address := d.fresh(t)
	const held = 3 * time.Second
	if !d.die(t, 25, 0, held, address) {
		t.Fatal("the migration was not killed")
	}
	began := time.Now()
	d.resume(t, address)
	if waited := time.Since(began); waited < held/3 || waited > held+5*time.Second {
		t.Errorf("the next migration took %v, the lease was %v", waited, held)
	}
}
