package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver
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
	folder  string // to be removed with everything in it
	pragmas string // of the writer
	closed  bool
}

// writing are the settings of the writing connection, beside how durable it is.
// What a statement may have to take back is kept in memory and not in a file made
// for each; a batch and the pages it touches find room in the cache; and the log
// is folded into the file every 32 MB, so that a page that many batches change is
// written back once.
const writing = "&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate" +
	"&_pragma=temp_store(memory)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(8000)"

// sqliteDriver is by whom files are opened; tests have one that stops midway.
var sqliteDriver = "sqlite"

// busyMS is how long a connection waits for a lock that another process holds.
const busyMS = 2000

// OpenSQLite opens a file, made when missing. ":memory:" is a file in a folder of
// its own that goes when the store is closed: of SQLite's own ways to keep a
// database in memory none lets readers go on while a transaction is open.
func OpenSQLite(ctx context.Context, path string, c Config) (Database, error) {
	d := &sqliteDB{config: c, writing: make(chan struct{}, 1), pragmas: "&_pragma=synchronous(FULL)"}
	err := d.locate(path)
	if err == nil {
		err = d.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite database %s: %w", path, err), d.Close())
	}
	return d, nil
}

// locate names the database for the driver.
func (d *sqliteDB) locate(path string) (err error) {
	if path == ":memory:" {
		if d.folder, err = os.MkdirTemp("", "tolom-memory-"); err != nil {
			return err
		}
		path, d.pragmas = filepath.Join(d.folder, "tolom.db"), "&_pragma=synchronous(OFF)"
	}
	if path == "" {
		return errors.New("the path is empty: write sqlite:PATH, or sqlite::memory: for none")
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s: make it first", filepath.Dir(path))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errors.New("this is a folder: name a file in it")
	}
	d.source = "file:" + (&url.URL{Path: path}).EscapedPath()
	return nil
}

// prepare looks before it changes anything: a file of somebody else stays as it is.
func (d *sqliteDB) prepare(ctx context.Context) (err error) {
	looking, err := d.connect("")
	if err != nil {
		return err
	}
	defer looking.Close()
	schema := &schema{dialect: sqliteSchema, db: looking, config: d.config}
	if err := schema.inspect(ctx); err != nil {
		return d.explain(err)
	}
	if d.pool, err = d.connect(d.pragmas + writing); err != nil {
		return err
	}
	schema.db = d.pool
	if err := schema.raise(ctx); err != nil {
		return d.explain(err)
	}
	if d.readers, err = d.connect("&_pragma=query_only(1)"); err != nil {
		return err
	}
	d.reads.prepare = d.readers.PrepareContext
	n := d.config.MaxConns
	if n == 0 {
		n = 2 + 2*runtime.GOMAXPROCS(0)
	}
	d.readers.SetMaxOpenConns(n)
	d.readers.SetMaxIdleConns(n)
	return nil
}

func (d *sqliteDB) connect(pragmas string) (*sql.DB, error) {
	return sql.Open(sqliteDriver, fmt.Sprintf("%s?_pragma=busy_timeout(%d)%s", d.source, busyMS, pragmas))
}

// Exec is refused: what writes needs a transaction.
func (d *sqliteDB) Exec(context.Context, string, ...any) (int64, error) {
	return 0, errReadOnly
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
	defer func() { <-d.writing }()
	if d.closed {
		return nil
	}
	d.closed = true
	var all error
	if d.readers != nil {
		all = errors.Join(d.reads.Close(), d.readers.Close())
	}
	if d.writer != nil {
		all = errors.Join(all, d.writer.close())
	}
	if d.pool != nil {
		all = errors.Join(all, d.pool.Close())
	}
	if d.folder != "" {
		all = errors.Join(all, os.RemoveAll(d.folder))
	}
	return d.explain(all)
}
