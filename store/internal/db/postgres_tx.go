package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgTx is a transaction on a connection of its own. It begins with its first
// statement, in the same round trip.
type pgTx struct {
	d     *postgresDB
	conn  *pgxpool.Conn
	begun bool
	ended bool
}

// begin opens a transaction at READ COMMITTED, whatever the server's default is:
// what a statement sees after it waited for a lock is what was committed meanwhile.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

// Begin takes a connection.
func (d *postgresDB) Begin(ctx context.Context) (Tx, error) {
	timed, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	conn, err := d.pool.Acquire(timed)
	if err != nil {
		return nil, fmt.Errorf("%w: no connection: %w", d.config.Causes.Retry, err)
	}
	return &pgTx{d: d, conn: conn}, nil
}

// send sends statements in one round trip and reads their answers in order. An
// answer that is not right is an error like one of the server's.
func (x *pgTx) send(ctx context.Context, fill func(*pgx.Batch)) error {
	if x.ended {
		return errEnded
	}
	batch := &pgx.Batch{}
	if !x.begun {
		batch.Queue(begin)
		x.begun = true
	}
	fill(batch)
	return x.d.within(ctx, func(ctx context.Context) error { return x.conn.SendBatch(ctx, batch).Close() })
}

func (x *pgTx) Exec(ctx context.Context, text string, args ...any) (touched int64, err error) {
	err = x.send(ctx, func(b *pgx.Batch) {
		b.Queue(text, args...).Exec(func(tag pgconn.CommandTag) error {
			touched = tag.RowsAffected()
			return nil
		})
	})
	return touched, err
}

func (x *pgTx) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	return x.Ask(ctx, Question{Text: text, Args: args, Each: each})
}

func (x *pgTx) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return x.Ask(ctx, Question{Many: m, Rows: rows, Each: each})
}

// Ask sends all questions at once and then reads their answers.
func (x *pgTx) Ask(ctx context.Context, questions ...Question) error {
	if len(questions) == 0 {
		return nil
	}
	return x.send(ctx, func(b *pgx.Batch) {
		for _, q := range questions {
			text, args, each := q.Text, q.Args, q.Each
			switch {
			case q.Clock != nil:
				text, args, each = clock, nil, setClock(q.Clock)
			case len(q.Rows) > 0:
				text, args = q.Many.All, []any{Cells(q.Rows)}
			}
			b.Queue(text, args...).Query(func(rows pgx.Rows) error { return readAll(rows, each) })
		}
	})
}

// Run sends all steps at once and then reads their answers.
func (x *pgTx) Run(ctx context.Context, steps ...Step) error {
	if len(steps) == 0 {
		return nil
	}
	return x.send(ctx, func(b *pgx.Batch) {
		for _, step := range steps {
			b.Queue(step.Many.All, Cells(step.Rows)).Exec(func(tag pgconn.CommandTag) error { return step.judge(tag.RowsAffected()) })
		}
	})
}

// clock reads the server's clock at this moment, not at the transaction's begin.
const clock = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)"

func setClock(now *time.Time) func(Scan) error {
	return func(scan Scan) error {
		var ms int64
		err := scan(&ms)
		*now = Moment(ms)
		return err
	}
}

// Now reads the server's clock.
func (x *pgTx) Now(ctx context.Context) (now time.Time, err error) {
	err = x.Ask(ctx, Question{Clock: &now})
	return now, err
}

// Commit ends the transaction, whatever it answers. It is never cancelled: when
// the server does not answer in time the connection is cut from this side. A
// transaction in which something failed is rolled back by the server instead,
// which then says so.
func (x *pgTx) Commit(ctx context.Context) error {
	if x.ended {
		return errEnded
	}
	x.ended = true
	defer x.conn.Release()
	if !x.begun {
		return nil
	}
	cut := time.AfterFunc(x.d.patience, func() { _ = x.conn.Conn().PgConn().Conn().Close() })
	defer cut.Stop()
	server := x.conn.Conn().PgConn()
	_ = warned(server) // by an earlier statement
	tag, err := x.conn.Exec(context.WithoutCancel(ctx), "COMMIT")
	switch {
	case err == nil && tag.String() != "COMMIT":
		err = pgx.ErrTxCommitRollback
	case err == nil:
		err = warned(server)
	}
	return x.d.explainCommit(err)
}

// Rollback undoes everything. A connection that cannot be cleaned is thrown away
// when it is released.
func (x *pgTx) Rollback() {
	if x.ended {
		return
	}
	x.ended = true
	defer x.conn.Release()
	if !x.begun {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := x.conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = x.conn.Conn().Close(ctx)
	}
}
