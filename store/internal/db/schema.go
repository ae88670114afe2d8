package db

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// The tables of the schema's own. Their names are ours alone, so that another
// program's migrations in the same database are never taken for ours.
const (
	versionTable = "tolom_schema"
	lockTable    = "tolom_lock"
)

// lease is how long a migration that was killed keeps the next one waiting. One
// that runs extends it, however long it takes.
var lease = 10 * time.Second

// generation tells schemas apart between which programs cannot go: within one,
// migrations only add, so that a program works with every schema that is not older
// than itself. The first migration that takes something away is number 1001, the
// next such 2001; see docs/upgrade.md.
func generation(version int64) int64 { return version / 1000 }

// schema looks at what a database holds and brings it up to date.
type schema struct {
	dialect schemaDialect
	db      *sql.DB
	config  Config
	tables  []string
	version int64
}

// schemaDialect is how a database lists its tables, and who locks it for migrations.
type schemaDialect struct {
	goose  goose.Dialect
	tables string
	locker func() (lock.Locker, error)
}

var sqliteSchema = schemaDialect{
	goose:  goose.DialectSQLite3,
	tables: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
	// SQLite's own lock lets one migration in at a time; see raise.
	locker: func() (lock.Locker, error) { return nil, nil },
}

var postgresSchema = schemaDialect{
	goose:  goose.DialectPostgres,
	tables: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
	// A row is locked rather than an advisory lock, which a connection pooler would lose.
	locker: func() (lock.Locker, error) {
		return lock.NewPostgresTableLocker(lock.WithTableName(lockTable), lock.WithTableLockTimeout(200*time.Millisecond, 1500),
			lock.WithTableLeaseDuration(lease), lock.WithTableHeartbeatInterval(lease/5))
	},
}

// inspect reads tables and version, and refuses what this program must not touch.
func (s *schema) inspect(ctx context.Context) error {
	if err := s.look(ctx); err != nil {
		return err
	}
	latest, err := latest(s.config.Migrations)
	if err != nil {
		return err
	}
	switch {
	case len(s.tables) > 0 && !s.ours():
		return fmt.Errorf("%w: it has tables of another program (such as %s): give an empty database", s.config.Causes.Foreign, s.tables[0])
	case generation(s.version) > generation(latest):
		return fmt.Errorf("%w: it is at version %d, this program knows up to %d and what only adds to that: run a newer tolom", s.config.Causes.Newer, s.version, latest)
	case s.version > 0 && s.version < latest && !s.config.Migrate:
		return fmt.Errorf("%w: it is at version %d, this program needs %d: run tolom migrate", s.config.Causes.Older, s.version, latest)
	}
	return nil
}

func (s *schema) look(ctx context.Context) (err error) {
	if s.tables, err = listTables(ctx, s.db, s.dialect.tables); err != nil {
		return err
	}
	s.version = 0
	if !s.has(versionTable) {
		return nil
	}
	return s.db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable).Scan(&s.version)
}

func listTables(ctx context.Context, db *sql.DB, query string) (tables []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		tables = append(tables, name)
	}
	return tables, rows.Err()
}

func (s *schema) has(table string) bool {
	for _, name := range s.tables {
		if name == table {
			return true
		}
	}
	return false
}

// ours says whether this program has been here. The lock's table comes first,
// so after a migration that died at once it stands alone.
func (s *schema) ours() bool {
	return s.has(versionTable) || len(s.tables) == 1 && s.has(lockTable)
}

// raise migrates to the latest version. Two programs that start at once may both
// try on SQLite, step by step in turns; who loses a step goes on from where the
// other one is, as long as there is one who gets further.
func (s *schema) raise(ctx context.Context) error {
	latest, err := latest(s.config.Migrations)
	if err != nil {
		return err
	}
	for s.version < latest {
		version, tables := s.version, len(s.tables)
		failed := s.up(ctx)
		if failed == nil {
			return nil
		}
		if err := s.look(ctx); err != nil || s.version == version && len(s.tables) == tables {
			return fmt.Errorf("migrate: %w", failed)
		}
	}
	return nil
}

func (s *schema) up(ctx context.Context) error {
	options := []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true)}
	locker, err := s.dialect.locker()
	if err != nil {
		return err
	}
	if locker != nil {
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := goose.NewProvider(s.dialect.goose, s.db, s.config.Migrations, options...)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// latest is the version that the migrations lead to.
func latest(migrations fs.FS) (version int64, err error) {
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("db: migration %s: its name must begin with a number", name)
		}
		version = max(version, v)
	}
	return version, nil
}
