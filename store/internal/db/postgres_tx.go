package db

import (
	"context"
	"errors"
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
	batch := x.batch()
	fill(batch)
	return x.d.within(ctx, func(ctx context.Context) error { return x.conn.SendBatch(ctx, batch).Close() })
}

// batch is statements to be sent, the transaction's begin among them when it has
// not begun.
func (x *pgTx) batch() *pgx.Batch {
	batch := &pgx.Batch{}
	if !x.begun {
		batch.Queue(begin)
		x.begun = true
	}
	return batch
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
			case q.KeepPlans:
				text, args, each = keepPlans, nil, nil
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

// Commit ends the transaction, whatever it answers.
func (x *pgTx) Commit(ctx context.Context) error {
	if x.ended {
		return errEnded
	}
	if !x.begun {
		x.Rollback()
		return nil
	}
	return x.end(ctx, func(ctx context.Context) (string, error) {
		tag, err := x.conn.Exec(ctx, "COMMIT")
		return tag.String(), err
	})
}

// Finish sends the steps and the commit at once. The server does not come to the
// commit when a statement before it fails, so what must be judged is judged there:
// see Many.exact. From the moment of sending only the server's word counts, as
// with a commit alone.
func (x *pgTx) Finish(ctx context.Context, steps ...Step) error {
	if x.ended {
		return errEnded
	}
	batch, wrong := x.batch(), error(nil)
	for _, step := range steps {
		step.queue(batch, &wrong)
	}
	err := x.end(ctx, func(ctx context.Context) (tag string, err error) {
		batch.Queue("COMMIT").Exec(func(t pgconn.CommandTag) error {
			tag = t.String()
			return nil
		})
		err = x.conn.SendBatch(ctx, batch).Close()
		return tag, err
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// divisionByZero is how an exact statement fails.
const divisionByZero = "22012"

// queue adds a step; when the server finds that it touches the wrong number of
// rows, that is noted as what went wrong.
func (s Step) queue(batch *pgx.Batch, wrong *error) {
	if s.Want < 0 || s.Many.exact == "" {
		batch.Queue(s.Many.All, Cells(s.Rows))
		return
	}
	batch.Queue(s.Many.exact, Cells(s.Rows), s.Want).Fn = func(results pgx.BatchResults) error {
		_, err := results.Exec()
		var e *pgconn.PgError
		if errors.As(err, &e) && e.Code == divisionByZero {
			*wrong = s.missed()
		}
		return err
	}
}

// end commits, and never cancels: when the server does not answer in time the
// connection is cut from this side. A transaction in which something failed is
// rolled back by the server instead, which then says so.
func (x *pgTx) end(ctx context.Context, commit func(context.Context) (tag string, err error)) error {
	cut := time.AfterFunc(x.d.patience, func() { _ = x.conn.Conn().PgConn().Conn().Close() })
	defer cut.Stop()
	server := x.conn.Conn().PgConn()
	_ = warned(server) // by an earlier statement
	tag, err := commit(context.WithoutCancel(ctx))
	switch {
	case err == nil && tag != "COMMIT":
		err = pgx.ErrTxCommitRollback
	case err == nil:
		err = warned(server)
	default:
		x.Rollback() // what failed may have been a statement before the commit
	}
	if !x.ended {
		x.ended = true
		x.conn.Release()
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
