package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// errEnded says that a transaction is used after its end.
var errEnded = errors.New("db: the transaction has ended")

// session is the writing connection with its prepared statements.
type session struct {
	conn *sql.Conn
	statements
}

func newSession(ctx context.Context, pool *sql.DB) (*session, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn}
	s.prepare = conn.PrepareContext
	return s, nil
}

// close gives the connection back to the pool.
func (s *session) close() error { return errors.Join(s.Close(), s.conn.Close()) }

// discard closes the connection for good, whatever state it is in.
func (s *session) discard() error {
	return errors.Join(s.Close(), s.conn.Raw(func(any) error { return driver.ErrBadConn }))
}

// sqliteTx is the one transaction that writes.
type sqliteTx struct {
	d     *sqliteDB
	s     *session
	ended bool
}

// Begin waits for the transaction before it in this process by the token, and
// for other processes by SQLite's lock. Once begun, statements are not cancelled:
// they are short, and watching a context costs more than they do.
func (d *sqliteDB) Begin(ctx context.Context) (Tx, error) {
	select {
	case d.writing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: another transaction is open: %w", d.config.Causes.Retry, ctx.Err())
	}
	tx, err := d.begin(ctx)
	if err != nil {
		<-d.writing
		return nil, d.explain(err)
	}
	return tx, nil
}

func (d *sqliteDB) begin(ctx context.Context) (*sqliteTx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.closed {
		return nil, errors.New("db: the database is closed")
	}
	ctx = context.WithoutCancel(ctx)
	if d.writer == nil {
		s, err := newSession(ctx, d.pool)
		if err != nil {
			return nil, err
		}
		d.writer = s
	}
	if _, err := d.writer.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return nil, err
	}
	return &sqliteTx{d: d, s: d.writer}, nil
}

func (x *sqliteTx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	if x.ended {
		return 0, errEnded
	}
	n, err := x.s.exec(context.WithoutCancel(ctx), text, args)
	return n, x.d.explain(err)
}

func (x *sqliteTx) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	if x.ended {
		return errEnded
	}
	return x.d.explain(x.s.query(context.WithoutCancel(ctx), text, each, args))
}

func (x *sqliteTx) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	if x.ended {
		return errEnded
	}
	return x.d.explain(x.s.queryMany(context.WithoutCancel(ctx), m, rows, each))
}

func (x *sqliteTx) Run(ctx context.Context, steps ...Step) error {
	if x.ended {
		return errEnded
	}
	ctx = context.WithoutCancel(ctx)
	for _, step := range steps {
		touched, err := x.s.execMany(ctx, step.Many, step.Rows)
		if err != nil {
			return x.d.explain(err)
		}
		if err := step.judge(touched); err != nil {
			return err
		}
	}
	return nil
}

// Ask asks one by one: a call costs little here.
func (x *sqliteTx) Ask(ctx context.Context, questions ...Question) (err error) {
	for _, q := range questions {
		switch {
		case q.Clock != nil:
			*q.Clock, err = x.Now(ctx)
		case q.KeepPlans: // a statement is planned once here, when it is prepared
		case len(q.Rows) > 0:
			err = x.QueryMany(ctx, q.Many, q.Rows, q.Each)
		default:
			err = x.Query(ctx, q.Text, q.Each, q.Args...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// judge compares the number of touched rows with what the step wants.
func (s Step) judge(touched int64) error {
	if s.Want < 0 || touched == s.Want {
		return nil
	}
	return s.missed()
}

// missed is the error of a step that touched another number of rows than it wants.
func (s Step) missed() error {
	if s.Otherwise != nil {
		return s.Otherwise
	}
	return fmt.Errorf("db: another number of rows than %d were touched by: %s", s.Want, s.Many.One)
}

// Now reads the clock that stands in for the database's.
func (x *sqliteTx) Now(context.Context) (time.Time, error) {
	return x.d.config.Now().UTC().Truncate(time.Millisecond), nil
}

// Commit ends the transaction, whatever it answers. A lock that another process
// holds means that nothing was written; after any other failure only the file
// knows, so the connection is given up and the outcome must be settled.
func (x *sqliteTx) Commit(ctx context.Context) error {
	if x.ended {
		return errEnded
	}
	_, err := x.s.exec(context.WithoutCancel(ctx), "COMMIT", nil)
	if err == nil {
		x.end()
		return nil
	}
	if isBusy(err) {
		x.Rollback()
		return fmt.Errorf("%w: %w", x.d.config.Causes.Retry, err)
	}
	x.abandon()
	return fmt.Errorf("%w: %w", x.d.config.Causes.Unknown, err)
}

// Finish runs the steps one by one: a call costs little here.
func (x *sqliteTx) Finish(ctx context.Context, steps ...Step) error {
	if err := x.Run(ctx, steps...); err != nil {
		return err
	}
	return x.Commit(ctx)
}

// Rollback undoes everything. A connection that cannot even do that is given up.
func (x *sqliteTx) Rollback() {
	if x.ended {
		return
	}
	if _, err := x.s.exec(context.Background(), "ROLLBACK", nil); err != nil && !inAutocommit(err) {
		x.abandon()
		return
	}
	x.end()
}

func (x *sqliteTx) end() {
	x.ended = true
	<-x.d.writing
}

// abandon closes the connection, which rolls back what is open on it.
func (x *sqliteTx) abandon() {
	x.d.writer = nil
	// Its errors say nothing that the failure before did not.
	_ = x.s.discard()
	x.end()
}
