package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresDB is a pool of connections to a server.
type postgresDB struct {
	config   Config
	pool     *pgxpool.Pool
	patience time.Duration // see within
}

// The settings of every connection that the address does not set itself.
var sessionSettings = map[string]string{
	"application_name": "tolom",
	// Every statement is answered by an index. Without this a plan that was made
	// while a table was small, and is kept, would read it whole when it is large.
	"enable_seqscan": "off",
	// The same for joins: few rows, each looked up, whatever the statistics say. A
	// question that would gain by hashing a table, or by several processes, reads too much.
	"enable_hashjoin":                 "off",
	"enable_mergejoin":                "off",
	"max_parallel_workers_per_gather": "0",
	// A transaction that waits longer for a lock gives up and runs again.
	"lock_timeout": "10s",
	"jit":          "off",
	// A node that stopped in the middle of a transaction does not hold its locks for ever.
	"idle_in_transaction_session_timeout": "20s",
	// The server looks whether this node is still there, as the node does for the
	// server: the connections of a machine that is gone would fill its places for hours.
	"tcp_keepalives_idle":     "30s",
	"tcp_keepalives_interval": "10s",
}

// OpenPostgres opens a database on a server.
func OpenPostgres(ctx context.Context, dsn string, c Config) (Database, error) {
	settings, err := poolSettings(dsn, c)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL database: the address cannot be read: %w", err)
	}
	d := &postgresDB{config: c, patience: patience}
	if err := d.prepare(ctx, *settings.ConnConfig); err != nil {
		return nil, fmt.Errorf("open PostgreSQL database %s: %w", settings.ConnConfig.Database, d.explain(err))
	}
	if d.pool, err = pgxpool.NewWithConfig(ctx, settings); err != nil {
		return nil, fmt.Errorf("open PostgreSQL database %s: %w", settings.ConnConfig.Database, err)
	}
	return d, nil
}

func poolSettings(dsn string, c Config) (*pgxpool.Config, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	settings.MaxConns = int32(c.MaxConns)
	if c.MaxConns == 0 {
		settings.MaxConns = int32(4 + 4*runtime.GOMAXPROCS(0))
	}
	if settings.ConnConfig.ConnectTimeout == 0 {
		settings.ConnConfig.ConnectTimeout = connectWithin
	}
	if settings.PingTimeout == 0 {
		settings.PingTimeout = connectWithin
	}
	for name, value := range sessionSettings {
		if _, set := settings.ConnConfig.RuntimeParams[name]; !set {
			settings.ConnConfig.RuntimeParams[name] = value
		}
	}
	settings.AfterConnect = knowCells
	settings.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		neverCancel(&c.Config)
		return nil
	}
	believeReplicated(settings)
	return settings, nil
}

// postgresDriver is what migrations connect by; tests have one that stops midway.
var postgresDriver = func(c driver.Connector) driver.Connector { return c }

// errNoCancel is what a connection that wants to cancel its statement meets.
var errNoCancel = errors.New("db: statements are not cancelled on the server")

// neverCancel keeps a connection from asking the server to cancel what it does.
// The driver would do so when a connection breaks, even during a commit, and a
// server with synchronous replication that is cancelled there reports a success
// that a failover can lose. Once connected, the only further call that a
// connection dials is such a request.
func neverCancel(c *pgconn.Config) {
	var connected atomic.Bool
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if connected.Load() {
			return nil, errNoCancel
		}
		return dialer.DialContext(ctx, network, address)
	}
	before := c.AfterConnect
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		connected.Store(true)
		if before != nil {
			return before(ctx, conn)
		}
		return nil
	}
}

// prepare looks before it changes anything: a database of somebody else stays as
// it is. Migrations have connections of their own, because their lock needs two.
func (d *postgresDB) prepare(ctx context.Context, settings pgx.ConnConfig) error {
	plain := sql.OpenDB(postgresDriver(stdlib.GetConnector(settings)))
	defer plain.Close()
	s := &schema{dialect: postgresSchema, db: plain, config: d.config}
	looking, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	if err := s.inspect(looking); err != nil {
		return d.silent(ctx, looking, err)
	}
	return s.raise(ctx)
}

// Exec is refused: what writes needs a transaction.
func (d *postgresDB) Exec(context.Context, string, ...any) (int64, error) { return 0, errReadOnly }

// Query reads what is committed.
func (d *postgresDB) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	return d.within(ctx, func(ctx context.Context) error { return pgQuery(ctx, d.pool, text, each, args) })
}

// QueryMany reads all rows at once.
func (d *postgresDB) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return d.within(ctx, func(ctx context.Context) error { return pgQuery(ctx, d.pool, m.All, each, []any{Cells(rows)}) })
}

// pgQuerier is what a pool and a transaction of pgx have in common.
type pgQuerier interface {
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
}

func pgQuery(ctx context.Context, q pgQuerier, text string, each func(Scan) error, args []any) error {
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	return readAll(rows, each)
}

// readAll gives every row of an answer.
func readAll(rows pgx.Rows, each func(Scan) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Snapshot reads in one transaction that sees one moment.
func (d *postgresDB) Snapshot(ctx context.Context, do func(Querier) error) error {
	err := pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return do(&pgSnapshot{d, tx})
	})
	return d.explain(err)
}

// pgSnapshot is the Querier inside of Snapshot.
type pgSnapshot struct {
	*postgresDB
	tx pgx.Tx
}

func (s *pgSnapshot) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	return pgQuery(ctx, s.tx, text, each, args)
}

func (s *pgSnapshot) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return pgQuery(ctx, s.tx, m.All, each, []any{Cells(rows)})
}

// Ping asks whether the server would take writes: a standby, or a server that was
// set to read only, answers and does not.
func (d *postgresDB) Ping(ctx context.Context) error {
	var readOnly string
	if err := d.pool.QueryRow(ctx, "SELECT current_setting('transaction_read_only')").Scan(&readOnly); err != nil {
		return d.explain(err)
	}
	if readOnly != "off" {
		return errors.New("db: the server is read only")
	}
	return nil
}

// Close waits for what is in use and closes all connections. It does not wait long
// for servers that do not take leave: what was acknowledged is theirs to keep.
func (d *postgresDB) Close() error {
	closed := make(chan struct{})
	go func() {
		d.pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(d.patience / 3):
	}
	return nil
}
