package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"tolom/internal/pgtest"
	"tolom/store"
)

// place is an empty database with a way to do something to it from outside.
type place struct {
	name string
	dsn  string
	do   func(t *testing.T, statement string)
}

func places(t *testing.T) []place {
	file := filepath.Join(t.TempDir(), "tolom.db")
	dsn := pgtest.New(t)
	return []place{
		{"SQLite", "sqlite:" + file, func(t *testing.T, statement string) { doSQLite(t, file, statement) }},
		{"PostgreSQL", dsn, func(t *testing.T, statement string) { doPostgres(t, dsn, statement) }},
	}
}

func doSQLite(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func doPostgres(t *testing.T, dsn, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestDatabasesThatAreNotOpened(t *testing.T) {
	for _, c := range []struct {
		name   string
		before string // what somebody does to the database
		ours   bool   // after this program has set it up
		want   error
		says   string
	}{
		{"of another program", "CREATE TABLE invoices (id text)", false, store.ErrForeign, "invoices"},
		{"of another program that also uses goose", "CREATE TABLE goose_db_version (id integer, version_id bigint)", false, store.ErrForeign, "goose_db_version"},
		{"of a newer program", "INSERT INTO tolom_schema (version_id, is_applied) VALUES (9001, true)", true, store.ErrNewer, "9001"},
	} {
		for _, p := range places(t) {
			t.Run(c.name+" on "+p.name, func(t *testing.T) {
				if c.ours {
					setUp(t, p.dsn)
				}
				p.do(t, c.before)
				_, err := store.Open(t.Context(), p.dsn, store.Options{Migrate: true})
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("the error is %v, want %v that names %s", err, c.want, c.says)
				}
			})
		}
	}
}

func setUp(t *testing.T, dsn string) {
	t.Helper()
	if err := store.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreNotOpened(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "shopping.txt")
	const list = "bread, tea, and so much more that this cannot be the header of a database file at all, whatever one does"
	if err := os.WriteFile(text, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dsn  string
		want error
		says string
	}{
		{"sqlite:" + text, store.ErrForeign, "not a SQLite database"},
		{"sqlite:" + dir, nil, "a folder"},
		{"sqlite:" + filepath.Join(dir, "missing", "tolom.db"), nil, "make it first"},
		{"sqlite:", nil, "sqlite:PATH"},
		{"mysql://somewhere", store.ErrDSN, "postgres://"},
		{"", store.ErrDSN, "sqlite:PATH"},
		{"postgres://127.0.0.1:1/nowhere", store.ErrRetry, "nowhere"},
	} {
		_, err := store.Open(t.Context(), c.dsn, store.Options{})
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v, want %v that says %q", c.dsn, err, c.want, c.says)
		}
	}
	if kept, err := os.ReadFile(text); err != nil || string(kept) != list {
		t.Errorf("the file of somebody else now holds %q, %v", kept, err)
	}
}

func TestPathsMayHoldAnyLetters(t *testing.T) {
	file := filepath.Join(t.TempDir(), "төлөм 100% ?a=b#c.db")
	open(t, "sqlite:"+file, store.Options{})
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestMemoryLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := open(t, "sqlite::memory:", store.Options{})
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDataSurvivesARestart(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			first := open(t, p.dsn, store.Options{})
			operator := store.Operator{ID: "op_restart", Login: "operator", PasswordHash: "secret"}
			if err := first.Operators().Put(t.Context(), operator); err != nil {
				t.Fatal(err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			again := open(t, p.dsn, store.Options{})
			if got, err := again.OperatorByLogin(t.Context(), "operator"); err != nil || got != operator {
				t.Errorf("after the restart: %+v, %v", got, err)
			}
		})
	}
}

func TestManyMayStartAtOnce(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 6 {
				all.Go(func() {
					if err := store.Migrate(t.Context(), p.dsn); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}

func TestBothDialectsHaveTheSameVersion(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		files, err := filepath.Glob(filepath.Join("migrations", dialect, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no migrations: %v", dialect, err)
		}
		if last := filepath.Base(files[len(files)-1]); !strings.HasPrefix(last, fmt.Sprintf("%04d_", store.Version)) {
			t.Errorf("%s ends with the migration %s; the version is %d", dialect, last, store.Version)
		}
	}
}
