package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"

	"modernc.org/sqlite" // also registers the driver
)

// sqliteDB is one file with one writing connection, which is what SQLite allows,
// and a pool of connections that only read and never wait for the writer.
type sqliteDB struct {
	config  Config
	source  string
	writing chan struct{} // holds one token while a transaction is open
	writer  *session      // nil until used, and after an error that leaves it in doubt
	pool    *sql.DB       // for writing; at most one connection is taken from it
	readers *sql.DB
	reads   statements
	keep    *sql.Conn // keeps a database in memory alive
}

// busyMS is how long a connection waits for a lock that another process holds.
const busyMS = 5000

// memories numbers the databases in memory, so that each is its own.
var memories atomic.Int64

// OpenSQLite opens a file, made when missing, or ":memory:".
func OpenSQLite(ctx context.Context, path string, c Config) (Database, error) {
	source, err := sqliteSource(path)
	if err != nil {
		return nil, err
	}
	d := &sqliteDB{config: c, source: source, writing: make(chan struct{}, 1)}
	if err := d.prepare(ctx, path); err != nil {
		d.Close()
		return nil, fmt.Errorf("open SQLite database %s: %w", path, err)
	}
	return d, nil
}

// sqliteSource names the database for the driver.
func sqliteSource(path string) (string, error) {
	if path == ":memory:" {
		// The memdb file system shares a name that begins with a slash between connections.
		return "file:/tolom-" + strconv.FormatInt(memories.Add(1), 10) + "?vfs=memdb", nil
	}
	if path == "" {
		return "", fmt.Errorf("open SQLite database: the path is empty: write sqlite:PATH or sqlite::memory:")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(filepath.Dir(full)); err != nil || !info.IsDir() {
		return "", fmt.Errorf("open SQLite database %s: its folder does not exist: make it first", path)
	}
	return "file:" + (&url.URL{Path: full}).EscapedPath() + "?", nil
}

// prepare looks before it changes anything: a file of somebody else stays as it is.
func (d *sqliteDB) prepare(ctx context.Context, path string) error {
	if path == ":memory:" {
		if err := d.hold(ctx); err != nil {
			return err
		}
	}
	looking := d.connect("")
	defer looking.Close()
	schema := &schema{dialect: sqliteSchema, db: looking, config: d.config}
	if err := schema.inspect(ctx); err != nil {
		return d.explain(err)
	}
	d.pool = d.connect("&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate")
	schema.db = d.pool
	if err := schema.raise(ctx); err != nil {
		return d.explain(err)
	}
	d.readers = d.connect("&_pragma=query_only(1)")
	n := d.config.MaxConns
	if n == 0 {
		n = 2 + 2*runtime.GOMAXPROCS(0)
	}
	d.readers.SetMaxOpenConns(n)
	d.readers.SetMaxIdleConns(n)
	d.reads.prepare = d.readers.PrepareContext
	return nil
}

// hold opens the connection that lives as long as a database in memory must.
func (d *sqliteDB) hold(ctx context.Context) (err error) {
	d.keep, err = d.connect("").Conn(ctx)
	return err
}

func (d *sqliteDB) connect(pragmas string) *sql.DB {
	busy := fmt.Sprintf("&_pragma=busy_timeout(%d)", busyMS)
	connector, err := sqlite.NewConnector(d.source + busy + pragmas)
	if err != nil {
		// The source is built above and cannot be malformed.
		panic("db: " + err.Error())
	}
	return sql.OpenDB(connector)
}

// Exec is refused: what writes needs a transaction.
func (d *sqliteDB) Exec(context.Context, string, ...any) (int64, error) {
	return 0, fmt.Errorf("db: write in a transaction")
}

// Query reads what is committed.
func (d *sqliteDB) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	return d.explain(d.reads.query(ctx, text, each, args))
}

// QueryMany reads row by row.
func (d *sqliteDB) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return d.explain(d.reads.queryMany(ctx, m, rows, each))
}

// Snapshot reads in one transaction, whose first read fixes the moment.
func (d *sqliteDB) Snapshot(ctx context.Context, do func(Querier) error) error {
	tx, err := d.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return d.explain(err)
	}
	// A read leaves nothing to undo, so how the rollback ends is no news.
	defer func() { _ = tx.Rollback() }()
	return do(&snapshot{d, &statements{prepare: tx.PrepareContext}})
}

// snapshot is the Querier inside of Snapshot; its statements end with it.
type snapshot struct {
	*sqliteDB
	s *statements
}

func (s *snapshot) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	return s.explain(s.s.query(ctx, text, each, args))
}

func (s *snapshot) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return s.explain(s.s.queryMany(ctx, m, rows, each))
}

// Ping takes the lock for writing and gives it back.
func (d *sqliteDB) Ping(ctx context.Context) error {
	tx, err := d.Begin(ctx)
	if err != nil {
		return err
	}
	tx.Rollback()
	return nil
}

// Close waits for the open transaction, then closes everything. The last
// connection folds the write-ahead log into the file.
func (d *sqliteDB) Close() error {
	d.writing <- struct{}{}
	var first error
	for _, close := range d.closers() {
		if err := close(); err != nil && first == nil {
			first = err
		}
	}
	d.pool, d.readers, d.keep = nil, nil, nil
	<-d.writing
	return d.explain(first)
}

func (d *sqliteDB) closers() (out []func() error) {
	if d.readers != nil {
		out = append(out, d.reads.Close, d.readers.Close)
	}
	if d.writer != nil {
		out = append(out, d.writer.close)
	}
	if d.pool != nil {
		out = append(out, d.pool.Close)
	}
	if d.keep != nil {
		out = append(out, d.keep.Close)
	}
	return out
}
