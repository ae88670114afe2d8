package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"tolom/money"
	"tolom/store/internal/db"
	"tolom/world"
)

// The errors of opening a database.
var (
	// ErrForeign says that the database holds something else, which stays as it is.
	ErrForeign = errors.New("store: the database is not Tölöm's")
	// ErrNewer says that a newer program has changed the schema.
	ErrNewer = errors.New("store: the database is newer than this program")
	// ErrOlder says that the schema must be brought up to date first; see Migrate.
	ErrOlder = errors.New("store: the database is older than this program")
	// ErrDSN says that the name of a database cannot be read.
	ErrDSN = errors.New("store: name the database as sqlite:PATH, sqlite::memory: or postgres://USER@HOST/NAME")
)

// Options say how a database is opened.
type Options struct {
	// Clock is the database's clock on SQLite, which has none of its own that a
	// simulation could set; nil is the system's. PostgreSQL uses its own.
	Clock world.Clock
	// MaxConns bounds the connections; 0 follows the number of processors. On
	// SQLite it bounds those that read, there is always one that writes.
	MaxConns int
	// Migrate brings an older schema up to date. An empty database is always set up.
	Migrate bool
}

//go:embed migrations
var migrations embed.FS

// sqlStore is a Store on either database.
type sqlStore struct{ d db.Database }

var _ Store = (*sqlStore)(nil)

// Open opens a database by its name: "sqlite:PATH", "sqlite::memory:" or a
// "postgres://" address. ErrDSN, ErrForeign, ErrNewer, ErrOlder.
func Open(ctx context.Context, dsn string, o Options) (Store, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return OpenSQLite(ctx, path, o)
	}
	if isPostgres(dsn) {
		return OpenPostgres(ctx, dsn, o)
	}
	return nil, ErrDSN
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// OpenSQLite opens a file, made when missing, or ":memory:".
func OpenSQLite(ctx context.Context, path string, o Options) (Store, error) {
	c, err := o.config("sqlite")
	if err != nil {
		return nil, err
	}
	return opened(db.OpenSQLite(ctx, path, c))
}

// OpenPostgres opens a database on a server.
func OpenPostgres(ctx context.Context, dsn string, o Options) (Store, error) {
	c, err := o.config("postgres")
	if err != nil {
		return nil, err
	}
	return opened(db.OpenPostgres(ctx, dsn, c))
}

func opened(d db.Database, err error) (Store, error) {
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &sqlStore{d}, nil
}

func (o Options) config(dialect string) (db.Config, error) {
	clock := o.Clock
	if clock == nil {
		clock = world.System().Clock
	}
	folder, err := fs.Sub(migrations, "migrations/"+dialect)
	return db.Config{
		Causes: db.Causes{
			Retry: ErrRetry, Unknown: ErrUnknown, Taken: ErrTaken, Overflow: money.ErrOverflow,
			Foreign: ErrForeign, Newer: ErrNewer, Older: ErrOlder,
		},
		Now: clock.Now, MaxConns: o.MaxConns, Migrate: o.Migrate, Migrations: folder,
	}, err
}

// Migrate brings a database up to date and closes it again. An empty one is set up.
func Migrate(ctx context.Context, dsn string) error {
	s, err := Open(ctx, dsn, Options{Migrate: true, MaxConns: 2})
	if err != nil {
		return err
	}
	return s.Close()
}

// Version is the version of the schema that this program works with: the number
// of its last migration.
const Version = 30

// Ping says whether the database answers and can be written to; it writes nothing.
func (s *sqlStore) Ping(ctx context.Context) error { return s.d.Ping(ctx) }

// Close waits for what is open and closes all connections.
func (s *sqlStore) Close() error { return s.d.Close() }

// one gives the only row of an answer; ErrNotFound when there is none.
func one[T any](rows []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(rows) == 0 {
		return none, ErrNotFound
	}
	return rows[0], nil
}

// number reads the one number that a question asks for; 0 when no row answers.
func number(ctx context.Context, q db.Querier, text string, args ...any) (n int64, err error) {
	err = q.Query(ctx, text, func(scan db.Scan) error { return scan(&n) }, args...)
	return n, err
}

// skew is how far the clock of a node, which an id carries, may be from the
// database's, which rows carry. Ranges of time become ranges of ids with it.
const skew = 10 * time.Minute
