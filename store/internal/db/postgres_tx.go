package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// patience is how long a commit may take before its connection is given up. The
// connection is then cut, which leaves the server to finish by itself.
const patience = 30 * time.Second

// pgTx is a transaction on a connection of its own.
type pgTx struct {
	d     *postgresDB
	conn  *pgxpool.Conn
	tx    pgx.Tx
	ended bool
}

// Begin takes a connection and begins, at READ COMMITTED: what a statement sees
// after it waited for a lock is what was committed meanwhile.
func (d *postgresDB) Begin(ctx context.Context) (Tx, error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: no connection: %w", d.config.Causes.Retry, err)
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite})
	if err != nil {
		conn.Release()
		return nil, fmt.Errorf("%w: no transaction: %w", d.config.Causes.Retry, err)
	}
	return &pgTx{d: d, conn: conn, tx: tx}, nil
}

func (x *pgTx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	if x.ended {
		return 0, errEnded
	}
	tag, err := x.tx.Exec(ctx, text, args...)
	return tag.RowsAffected(), x.d.explain(err)
}

func (x *pgTx) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	if x.ended {
		return errEnded
	}
	return x.d.explain(pgQuery(ctx, x.tx, text, each, args))
}

func (x *pgTx) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	if x.ended {
		return errEnded
	}
	return x.d.explain(pgQuery(ctx, x.tx, m.All, each, whole(rows)))
}

// Run sends all steps at once and then reads their answers.
func (x *pgTx) Run(ctx context.Context, steps ...Step) error {
	if x.ended {
		return errEnded
	}
	if len(steps) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, step := range steps {
		batch.Queue(step.Many.All, whole(step.Rows)...)
	}
	answers := x.tx.SendBatch(ctx, batch)
	for _, step := range steps {
		tag, err := answers.Exec()
		if err == nil {
			err = step.judge(tag.RowsAffected())
		}
		if err != nil {
			// Closing only tells the same error again.
			_ = answers.Close()
			return x.d.explain(err)
		}
	}
	return x.d.explain(answers.Close())
}

// Now reads the server's clock at this moment, not at the transaction's begin.
func (x *pgTx) Now(ctx context.Context) (now time.Time, err error) {
	err = x.Query(ctx, "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)", func(scan Scan) error {
		var ms int64
		err := scan(&ms)
		now = Moment(ms)
		return err
	})
	return now, err
}

// Commit ends the transaction, whatever it answers. It is never cancelled: when
// the server does not answer in time the connection is cut from this side.
func (x *pgTx) Commit(ctx context.Context) error {
	if x.ended {
		return errEnded
	}
	x.ended = true
	defer x.conn.Release()
	cut := time.AfterFunc(patience, func() { _ = x.conn.Conn().PgConn().Conn().Close() })
	defer cut.Stop()
	return x.d.explainCommit(x.tx.Commit(context.WithoutCancel(ctx)))
}

// Rollback undoes everything. A connection that cannot be cleaned is thrown away
// when it is released.
func (x *pgTx) Rollback() {
	if x.ended {
		return
	}
	x.ended = true
	defer x.conn.Release()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = x.tx.Rollback(ctx)
}
